package hdf5

import (
	"bytes"
	"math"
	"strconv"
)

// Floats reads all elements as float64. Integers and booleans are taken where a float64
// holds them without loss.
func (v *Values) Floats(limit int) ([]float64, error) { return v.floats(0, v.Rows(), limit) }

// Ints reads all elements as int64. Floats are taken where they are whole numbers, and
// booleans as 0 and 1.
func (v *Values) Ints(limit int) ([]int64, error) { return v.ints(0, v.Rows(), limit) }

// Strings reads all elements as strings, without their padding.
func (v *Values) Strings(limit int) ([]string, error) { return v.strings(0, v.Rows(), limit) }

// FloatsAt reads rows as Floats does.
func (v *Values) FloatsAt(first, count int) ([]float64, error) { return v.floats(first, count, 0) }

// IntsAt reads rows as Ints does.
func (v *Values) IntsAt(first, count int) ([]int64, error) { return v.ints(first, count, 0) }

// StringsAt reads rows as Strings does.
func (v *Values) StringsAt(first, count int) ([]string, error) { return v.strings(first, count, 0) }

// Float reads an array of exactly one element as Floats does.
func (v *Values) Float() (float64, error) { return single(v, v.Floats) }

// Int reads an array of exactly one element as Ints does.
func (v *Values) Int() (int64, error) { return single(v, v.Ints) }

// Text reads an array of exactly one element as Strings does.
func (v *Values) Text() (string, error) { return single(v, v.Strings) }

func single[T any](v *Values, read func(limit int) ([]T, error)) (T, error) {
	var none T
	if v.Len() != 1 {
		return none, v.errorf(codeType, "%s has %d elements, expected one", v.label, v.Len()).WithFix("write it as a scalar")
	}
	all, err := read(1)
	if err != nil {
		return none, err
	}
	return all[0], nil
}

func (v *Values) floats(first, count, limit int) ([]float64, error) {
	return numbers(v, first, count, limit, "float64", toFloat)
}

func (v *Values) ints(first, count, limit int) ([]int64, error) {
	return numbers(v, first, count, limit, "int64", toInt)
}

// numbers reads rows and converts each element by the kind of the array.
func numbers[T int64 | float64](v *Values, first, count, limit int, name string, table [len(kindNames)]func(uint64) (T, bool)) ([]T, error) {
	convert := table[v.typ.kind]
	if convert == nil {
		return nil, v.errorf(codeType, "%s holds elements of type %s, and numbers are needed", v.label, v.typ.name).WithFix("write it as int64 or float64")
	}
	raw, err := v.raw(first, count, limit)
	if err != nil {
		return nil, err
	}
	size := v.typ.base
	widen := widenings[v.typ.kind][size]
	all := make([]T, len(raw)/size)
	for i := range all {
		bits := widen(v.typ.bits(raw[i*size : (i+1)*size]))
		x, ok := convert(bits)
		if !ok {
			return nil, v.errorf(codeLoss, "element %d of %s is %s, which %s does not hold", i+first*(v.Len()/v.Rows()), v.label, v.typ.kind.print(bits), name).
				WithFix("write the dataset with whole numbers of at most 53 bits")
		}
		all[i] = x
	}
	return all, nil
}

// bits takes the bytes of an element as an unsigned integer.
func (t *datatype) bits(p []byte) uint64 {
	switch len(p) {
	case 1:
		return uint64(p[0])
	case 2:
		return uint64(t.order.Uint16(p))
	case 4:
		return uint64(t.order.Uint32(p))
	}
	return t.order.Uint64(p)
}

func same(bits uint64) uint64 { return bits }

// widenings turn the bits of an element of a kind and a size into those of its widest type:
// int64, uint64 or float64.
var widenings = [len(kindNames)]map[int]func(uint64) uint64{
	Int: {
		1: func(b uint64) uint64 { return uint64(int8(b)) },
		2: func(b uint64) uint64 { return uint64(int16(b)) },
		4: func(b uint64) uint64 { return uint64(int32(b)) },
		8: same,
	},
	Uint: {1: same, 2: same, 4: same, 8: same},
	Bool: {1: same},
	Float: {
		2: func(b uint64) uint64 { return math.Float64bits(halfFloat(uint16(b))) },
		4: func(b uint64) uint64 { return math.Float64bits(float64(math.Float32frombits(uint32(b)))) },
		8: same,
	},
}

// print shows a widened element in a message.
func (k Kind) print(bits uint64) string {
	switch k {
	case Float:
		return strconv.FormatFloat(math.Float64frombits(bits), 'g', -1, 64)
	case Int:
		return strconv.FormatInt(int64(bits), 10)
	}
	return strconv.FormatUint(bits, 10)
}

// halfFloat is the value of an IEEE 754 binary16.
func halfFloat(h uint16) float64 {
	sign, exponent, mantissa := 1.0, int(h>>10&31), float64(h&1023)
	if h>>15 != 0 {
		sign = -1
	}
	switch exponent {
	case 0:
		return math.Copysign(math.Ldexp(mantissa, -24), sign)
	case 31:
		if mantissa != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+mantissa, exponent-25)
}

// toFloat and toInt convert widened bits of each kind; they report whether the value is
// kept. A kind without an entry is no number.
var toFloat = [len(kindNames)]func(uint64) (float64, bool){
	Int: func(b uint64) (float64, bool) {
		x := float64(int64(b))
		return x, x < 1<<63 && int64(x) == int64(b)
	},
	Uint: uintToFloat,
	Bool: uintToFloat,
	Float: func(b uint64) (float64, bool) {
		return math.Float64frombits(b), true
	},
}

func uintToFloat(b uint64) (float64, bool) {
	x := float64(b)
	return x, x < 1<<64 && uint64(x) == b
}

var toInt = [len(kindNames)]func(uint64) (int64, bool){
	Int:  func(b uint64) (int64, bool) { return int64(b), true },
	Uint: func(b uint64) (int64, bool) { return int64(b), b < 1<<63 },
	Bool: func(b uint64) (int64, bool) { return int64(b), true },
	Float: func(b uint64) (int64, bool) {
		x := math.Float64frombits(b)
		if !(x >= -1<<63 && x < 1<<63) {
			return 0, false
		}
		return int64(x), float64(int64(x)) == x
	},
}

// strings reads rows of fixed or variable strings.
func (v *Values) strings(first, count, limit int) ([]string, error) {
	if v.typ.kind != String {
		return nil, v.errorf(codeType, "%s holds elements of type %s, and strings are needed", v.label, v.typ.name).WithFix("write it as strings")
	}
	defer v.f.operation()()
	raw, err := v.raw(first, count, limit)
	if err != nil {
		return nil, err
	}
	size := v.typ.base
	all := make([]string, len(raw)/size)
	for i := range all {
		if all[i], err = v.text(raw[i*size : (i+1)*size]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (v *Values) text(p []byte) (string, error) {
	if v.typ.variable {
		return v.variableText(p)
	}
	return string(trims[min(v.typ.padding, len(trims)-1)](p)), nil
}

// trims cut a fixed string by its padding.
var trims = [...]func(p []byte) []byte{
	func(p []byte) []byte { before, _, _ := bytes.Cut(p, []byte{0}); return before },
	func(p []byte) []byte { return bytes.TrimRight(p, "\x00") },
	func(p []byte) []byte { return bytes.TrimRight(p, " ") },
}

// variableText follows a reference of length, address and index into the global heap.
func (v *Values) variableText(p []byte) (string, error) {
	d := decoder{f: v.f, what: "a string of " + v.label, at: v.at, b: p}
	n := d.u32()
	if n == 0 {
		return "", nil
	}
	a, index := d.address(), d.u32()
	if d.err != nil {
		return "", d.err
	}
	object, err := v.f.globalObject(a, index)
	if err != nil {
		return "", err
	}
	if n > len(object) {
		return "", v.errorf(codeDamaged, "a string of %s has %d bytes, and %d are in the heap", v.label, n, len(object))
	}
	return string(object[:n]), v.f.charge(v.at, int64(n))
}
