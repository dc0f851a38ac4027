package weights

import (
	"fmt"
	"slices"
)

// maxRank is the largest number of dimensions that numpy 2 and torch can make.
const maxRank = 64

// elements is the product of a shape, false where a size is negative, there are
// more than maxRank of them or the product leaves 48 bits.
func elements(shape []int) (int64, bool) {
	const limit = 1 << 48
	n := int64(1)
	for _, size := range shape {
		if size < 0 || int64(size) > limit {
			return 0, false
		}
		if size > 0 && n > limit/int64(size) {
			return 0, false
		}
		n *= int64(size)
	}
	return n, len(shape) <= maxRank
}

// view is an array laid over a run of stored elements. offset and stride count
// elements and are never negative.
type view struct {
	dtype  DType
	shape  []int
	stride []int
	offset int
}

// rowMajor lays an array over the elements from the first on, last index fastest.
func rowMajor(dtype DType, shape []int) view {
	stride := make([]int, len(shape))
	next := 1
	for axis := len(shape) - 1; axis >= 0; axis-- {
		stride[axis] = next
		next *= shape[axis]
	}
	return view{dtype: dtype, shape: shape, stride: stride}
}

// columnMajor is the Fortran order: first index fastest.
func columnMajor(dtype DType, shape []int) view {
	turned := slices.Clone(shape)
	slices.Reverse(turned)
	stride := rowMajor(dtype, turned).stride
	slices.Reverse(stride)
	return view{dtype: dtype, shape: shape, stride: stride}
}

// within reports whether every element lies in a store of count elements. The
// shape must have passed elements.
func (v view) within(count int64) bool {
	if n, _ := elements(v.shape); n == 0 {
		return true
	}
	last := int64(v.offset)
	for axis, size := range v.shape {
		if v.stride[axis] > 0 && int64(size-1) > count/int64(v.stride[axis]) {
			return false
		}
		last += int64(size-1) * int64(v.stride[axis])
	}
	return v.offset >= 0 && last >= 0 && last < count
}

// gather decodes the elements in row-major order. It fails on the first element
// that float64 cannot hold.
func (v view) gather(raw []byte) ([]float64, error) {
	n, _ := elements(v.shape)
	row := dtypes[v.dtype]
	out, index, at := make([]float64, n), make([]int, len(v.shape)), v.offset
	for i := range out {
		word := raw[at*row.size:][:row.size]
		value, exact := row.decode(word)
		if !exact {
			return nil, fmt.Errorf("element %v = %s", index, integerText(v.dtype, word))
		}
		out[i] = value
		at = v.next(index, at)
	}
	return out, nil
}

// next advances index by one element and gives its place in the store.
func (v view) next(index []int, at int) int {
	for axis := len(index) - 1; axis >= 0; axis-- {
		index[axis]++
		at += v.stride[axis]
		if index[axis] < v.shape[axis] {
			return at
		}
		at -= index[axis] * v.stride[axis]
		index[axis] = 0
	}
	return at
}

func integerText(d DType, word []byte) string {
	if d == I64 {
		return fmt.Sprint(loadSigned(word))
	}
	return fmt.Sprint(loadWord(word))
}

// swapped is raw with the bytes of each element reversed: big endian to little.
func swapped(raw []byte, size int) []byte {
	out := slices.Clone(raw)
	for i := 0; i+size <= len(out); i += size {
		slices.Reverse(out[i : i+size])
	}
	return out
}
