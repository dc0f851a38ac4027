package ir

import (
	"encoding/binary"
	"fmt"

	"decc/ir/sem"
)

// Tensor is a typed block of integers, row-major. Data values lie within Type
// (Verify checks it).
type Tensor struct {
	Type  sem.Type
	Shape []int
	Data  []int32
}

// Scalar is a tensor of shape [1] of the smallest signed multiple of 8 bits that holds x.
func Scalar(x int64) *Tensor { return Vector([]int64{x}) }

// Vector is a tensor of shape [len(x)] of the smallest signed multiple of 8 bits
// (at most 32) that holds all x.
func Vector(x []int64) *Tensor { return NewTensor(x, len(x)) }

// NewTensor copies x into a tensor of the given shape and the smallest signed
// multiple of 8 bits (at most 32) that holds all values; a value beyond 32 bits is
// a bug of the caller.
func NewTensor(x []int64, shape ...int) *Tensor {
	t := &Tensor{Type: sem.Type{Bits: 8, Signed: true}, Shape: shape, Data: make([]int32, len(x))}
	for i, v := range x {
		if v != int64(int32(v)) {
			panic(fmt.Sprintf("BUG: tensor value %d does not fit 32 bits", v))
		}
		for !t.Type.Holds(v) {
			t.Type.Bits += 8
		}
		t.Data[i] = int32(v)
	}
	return t
}

// At is element i, or the only element of a tensor of length 1.
func (t *Tensor) At(i int) int64 {
	if len(t.Data) == 1 {
		return int64(t.Data[0])
	}
	return int64(t.Data[i])
}

// Len is the number of elements that the shape asks for.
func (t *Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Expand returns n values: the data, or the only element n times.
func (t *Tensor) Expand(n int) []int64 {
	x := make([]int64, n)
	for i := range x {
		x[i] = t.At(i)
	}
	return x
}

// elementBytes is the stored size of an element: 1, 2, 3 or 4.
func (t *Tensor) elementBytes() int { return min((int(t.Type.Bits)+7)/8, 4) }

// Bytes is the canonical form that digests and blobs use: elements row-major,
// little-endian two's complement, as many bytes each as the type needs.
func (t *Tensor) Bytes() []byte {
	w := t.elementBytes()
	b := make([]byte, 0, w*len(t.Data)+4)
	for _, v := range t.Data {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
		b = b[:len(b)-4+w]
	}
	return b
}

// SetBytes fills t.Data from its canonical form.
func (t *Tensor) SetBytes(b []byte) error {
	w, n := t.elementBytes(), t.Len()
	if len(b) != w*n {
		return fmt.Errorf("%d bytes, but shape %v of %s needs %d", len(b), t.Shape, t.Type, w*n)
	}
	t.Data = make([]int32, n)
	shift := uint(32 - 8*w)
	for i := range t.Data {
		var word [4]byte
		copy(word[:], b[i*w:(i+1)*w])
		v := binary.LittleEndian.Uint32(word[:]) << shift
		t.Data[i] = int32(v >> shift)
		if t.Type.Signed {
			t.Data[i] = int32(v) >> shift
		}
	}
	return nil
}
