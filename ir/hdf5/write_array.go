package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// array is the values of a dataset or an attribute that is to be written.
type array struct {
	shape   []int
	count   int
	form    *form
	data    []byte   // of numbers
	texts   []string // of strings
	deflate bool
	// refs are the references of texts into the global heap.
	refs []byte
}

// form is how a type of elements is written: its size and its datatype message.
type form struct {
	size    int
	message []byte
}

// bytes is how many the elements take.
func (a *array) bytes() int { return a.count * a.form.size }

// content is the elements as they stand in the file.
func (a *array) content() []byte {
	if a.texts != nil {
		return a.refs
	}
	return a.data
}

// scalar reports whether the array has no axes.
func (a *array) scalar() bool { return len(a.shape) == 0 }

func newArray[T Element](shape []int, values []T) *array {
	a := &array{shape: append([]int(nil), shape...), count: len(values), form: formOf[T]()}
	switch v := any(values).(type) {
	case []string:
		a.texts = append(make([]string, 0, len(v)), v...)
	default:
		var b bytes.Buffer
		b.Grow(a.bytes())
		// A bytes.Buffer takes all, and every Element but string has a fixed size.
		_ = binary.Write(&b, binary.LittleEndian, v)
		a.data = b.Bytes()
	}
	return a
}

func formOf[T Element]() *form { return forms[fmt.Sprintf("%T", *new(T))] }

var forms = map[string]*form{
	"int8": fixedForm(1, true), "int16": fixedForm(2, true), "int32": fixedForm(4, true), "int64": fixedForm(8, true),
	"uint8": fixedForm(1, false), "uint16": fixedForm(2, false), "uint32": fixedForm(4, false), "uint64": fixedForm(8, false),
	"float32": floatForm(4), "float64": floatForm(8), "bool": boolForm(), "string": textForm(),
}

// typeMessage makes a datatype message of version 1.
func typeMessage(class int, bits uint32, size int, properties []byte) *form {
	b := []byte{byte(1<<4 | class), byte(bits), byte(bits >> 8), byte(bits >> 16)}
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	return &form{size: size, message: append(b, properties...)}
}

func fixedForm(size int, signed bool) *form {
	bits := uint32(0)
	if signed {
		bits = 1 << 3
	}
	return typeMessage(classFixed, bits, size, []byte{0, 0, byte(8 * size), 0})
}

func floatForm(size int) *form {
	f := floatForms[size]
	p := []byte{0, 0, byte(8 * size), 0, byte(f[0]), byte(f[1]), byte(f[2]), byte(f[3])}
	// The mantissa has an implied first bit; the sign is the last bit.
	return typeMessage(classFloat, uint32(2<<4|(8*size-1)<<8), size, binary.LittleEndian.AppendUint32(p, uint32(f[4])))
}

// boolForm is the enumeration that h5py takes for a boolean, on int8.
func boolForm() *form {
	p := bytes.Clone(fixedForm(1, true).message)
	p = append(p, "FALSE\x00\x00\x00TRUE\x00\x00\x00\x00\x00\x01"...)
	return typeMessage(classEnum, 2, 1, p)
}

// textForm is a string of variable length, ended by a zero, in UTF-8.
func textForm() *form {
	return typeMessage(classVariable, 1|1<<8, 16, fixedForm(1, false).message)
}
