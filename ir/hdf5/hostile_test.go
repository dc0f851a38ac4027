package hdf5

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// small is an open file to decode pieces of.
func small(t *testing.T) *File {
	t.Helper()
	raw := sampleBytes(t)
	f, err := Open(bytes.NewReader(raw), int64(len(raw)), "small.h5")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestShapeAroundTheEnd: sizes whose product is 1 in 64 bits are no shape of one element.
func TestShapeAroundTheEnd(t *testing.T) {
	for _, sizes := range [][]uint64{{67280421310721, 274177}, {0, 1 << 46, 1 << 46}, {1 << 46, 1 << 46, 0}} {
		var s dataspace
		d := &decoder{f: small(t)}
		if s.setDims(d, sizes); code(d.err) != codeTooLarge {
			t.Errorf("%d: dims %d, %v", sizes, s.dims, d.err)
		}
	}
	var s dataspace
	d := &decoder{f: small(t)}
	if s.setDims(d, []uint64{maxSpace, 0, 1}); d.err != nil || !slices.Equal(s.dims, []int{maxSpace, 0, 1}) {
		t.Errorf("dims %d, %v", s.dims, d.err)
	}
}

// datatypeHead is the head of a datatype message of version 3.
func datatypeHead(class byte, bits byte, size uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte{3<<4 | class, bits, 0, 0}, size)
}

// TestEnumerationOfArrays: it is not read as integers of the array's size.
func TestEnumerationOfArrays(t *testing.T) {
	integer := append(datatypeHead(classFixed, 0, 1), 0, 0, 8, 0)
	array := slices.Concat(datatypeHead(classArray, 0, 3), []byte{1, 3, 0, 0, 0}, integer)
	enum := slices.Concat(datatypeHead(classEnum, 1, 3), array, []byte("A\x00"), []byte{1, 2, 3})
	typ, err := parseDatatype(&decoder{f: small(t), b: enum}, 0)
	if err != nil || typ.kind != Other {
		t.Errorf("%+v, %v", typ, err)
	}
}

// TestSharedIndirectBlock: a block is not used with another number of rows than it was read with.
func TestSharedIndirectBlock(t *testing.T) {
	h := &fractalHeap{f: small(t), width: 2, indirect: map[address][]address{7: make([]address, 2)}}
	if _, err := h.children(7, 1); err != nil {
		t.Error(err)
	}
	if _, err := h.children(7, 2); code(err) != codeDamaged {
		t.Errorf("%v", err)
	}
}
