package stimulus

import (
	"encoding/binary"
	"fmt"
	"io"
)

const (
	// idxUint8 is the IDX type byte of unsigned 8-bit elements.
	idxUint8 = 0x08
	// maxIDXBytes bounds the elements of one file: the largest set in common use,
	// EMNIST by class, has 0.55e9.
	maxIDXBytes = 1 << 30
)

// IDX is the content of an IDX file of bytes.
type IDX struct {
	Shape []int  // size of each dimension, outermost first; all at least 1
	Data  []byte // the elements in C order
}

// ReadIDX reads an IDX file of unsigned bytes with the given number of dimensions
// (3 for images: sample, row, column; 1 for labels), plain or gzip. file names the
// input in errors, which are diagnostics at a byte offset of the unpacked data.
// The layout is that of the MNIST site (reference data.md 3.7): 0, 0, type, number of
// dimensions, one big-endian u32 a dimension, the elements.
func ReadIDX(r io.Reader, file string, dims int) (IDX, error) {
	s, err := newSource(r, file)
	if err != nil {
		return IDX{}, err
	}
	if err := readIDXMagic(s, dims); err != nil {
		return IDX{}, err
	}
	shape, total, err := readIDXShape(s, dims)
	if err != nil {
		return IDX{}, err
	}
	data, err := s.read(total, fmt.Sprintf("the %d elements that the header announces", total))
	if err != nil {
		return IDX{}, err
	}
	if err := s.end(); err != nil {
		return IDX{}, err
	}
	return IDX{Shape: shape, Data: data}, nil
}

func readIDXMagic(s *source, dims int) error {
	start := s.at
	magic, err := s.read(4, "the magic number")
	if err != nil {
		return err
	}
	want := uint32(idxUint8)<<8 | uint32(dims)
	if got := binary.BigEndian.Uint32(magic); got != want {
		s.at = start
		return s.errorf(codeHeader, "found the magic number %08x, expected %08x (unsigned bytes in %d dimensions)", got, want, dims).
			WithFix("images have the magic number 00000803, labels 00000801")
	}
	return nil
}

func readIDXShape(s *source, dims int) (shape []int, total int64, err error) {
	total = 1
	for d := range dims {
		start := s.at
		field, err := s.read(4, fmt.Sprintf("the size of dimension %d", d+1))
		if err != nil {
			return nil, 0, err
		}
		n := int64(binary.BigEndian.Uint32(field))
		if n == 0 || n > maxIDXBytes/total {
			s.at = start
			return nil, 0, badDimension(s, d+1, n)
		}
		shape, total = append(shape, int(n)), total*n
	}
	return shape, total, nil
}

func badDimension(s *source, d int, n int64) error {
	if n == 0 {
		return s.errorf(codeHeader, "dimension %d has size 0, expected at least 1", d)
	}
	return s.errorf(codeTooLarge, "dimension %d has size %d, which makes more than %d elements", d, n, maxIDXBytes).
		WithFix("split the file, or check that its header is not damaged")
}
