package hdf5

import (
	"bytes"
	"math/bits"
)

// fractalHeap holds the links or attributes of an object that has many.
type fractalHeap struct {
	f           *File
	idBytes     int
	offsetBytes int
	lengthBytes int
	width       uint64 // blocks in a row
	start       uint64 // bytes of a block of the first row
	directRows  int
	root        address
	rows        int // of the root, 0 where that is a direct block
	checksums   bool

	direct   map[address]*decoder
	indirect map[address][]address
}

// readFractalHeap reads the header of a fractal heap.
func (f *File) readFractalHeap(a address) (*fractalHeap, error) {
	d, err := f.block(a, int64(26+12*f.lengthBytes+3*f.addressBytes), "the header of a fractal heap")
	if err != nil {
		return nil, err
	}
	h := &fractalHeap{f: f, direct: map[address]*decoder{}, indirect: map[address][]address{}}
	d.signature("FRHP")
	d.version(0, 0)
	h.idBytes = d.u16()
	if d.u16() != 0 {
		d.refuse("a fractal heap with filters")
	}
	h.checksums = d.u8()&2 != 0
	longest := d.uint(4)
	d.skip(10*f.lengthBytes + 2*f.addressBytes) // sizes and counts of the space, huge and tiny objects
	h.width = d.uint(2)
	h.start = d.length()
	largest := d.length()
	heapBits := d.u16()
	d.skip(2)
	h.root, h.rows = d.address(), d.u16()
	d.checksum()
	if d.err != nil {
		return nil, d.err
	}
	if bits.OnesCount64(h.width) != 1 || bits.OnesCount64(h.start) != 1 || bits.OnesCount64(largest) != 1 ||
		largest < h.start || largest > maxChunkBytes || heapBits > 64 || h.rows > 64 || longest == 0 {
		d.fail("a fractal heap has %d columns of blocks of %d to %d bytes, %d rows and %d bits", h.width, h.start, largest, h.rows, heapBits)
		return nil, d.err
	}
	h.directRows = bits.Len64(largest) - bits.Len64(h.start) + 2
	h.offsetBytes = (heapBits + 7) / 8
	h.lengthBytes = min((bits.Len64(largest)+6)/8, bytesFor(longest))
	return h, nil
}

// The kinds of objects, in the identifier.
const (
	heapManaged = 0
	heapTiny    = 2
)

// object finds an object by its identifier.
func (h *fractalHeap) object(id *decoder) (*decoder, error) {
	at := id.pos()
	kind := id.u8()
	switch kind >> 4 & 3 {
	case heapManaged:
		offset, n := id.uint(h.offsetBytes), id.uint(h.lengthBytes)
		if id.err != nil {
			return nil, id.err
		}
		return h.managed(offset, n)
	case heapTiny:
		n := kind&15 + 1
		if h.idBytes > 18 {
			n = (kind&15)<<8 + id.u8() + 1
		}
		return &decoder{f: h.f, what: "an object of a fractal heap", at: id.pos(), b: id.bytes(n)}, id.err
	}
	return nil, h.f.errorf(at, codeUnsupported, "a link or an attribute is so large that it lies outside of its fractal heap").
		WithFix("shorten it: at most 64 kB are read")
}

// managed finds an object by its place in the space of the heap: rows of blocks, of which
// those of rows 0 and 1 have one size and those of each row after it double it; above a
// size they are indirect, rows of blocks themselves.
func (h *fractalHeap) managed(offset, n uint64) (*decoder, error) {
	if h.rows == 0 {
		return h.within(h.root, h.start, offset, n)
	}
	a, rows := h.root, h.rows
	for {
		row, rowStart, block := h.row(offset)
		if row >= rows {
			return nil, h.f.errorf(h.f.base, codeDamaged, "an object lies in row %d of a fractal heap of %d rows", row, rows)
		}
		column := (offset - rowStart) / block
		offset = (offset - rowStart) % block
		children, err := h.children(a, rows)
		if err != nil {
			return nil, err
		}
		a = children[uint64(row)*h.width+column]
		if row < h.directRows {
			return h.within(a, block, offset, n)
		}
		// A block of this size in rows of its own; it is smaller than the one around it.
		rows = bits.Len64(block) - bits.Len64(h.start*h.width) + 1
	}
}

// row is the row that holds an offset, where it starts, and the size of its blocks.
func (h *fractalHeap) row(offset uint64) (row int, start, block uint64) {
	first := h.start * h.width
	if offset < first {
		return 0, 0, h.start
	}
	row = bits.Len64(offset / first)
	return row, first << (row - 1), h.start << (row - 1)
}

// children are the blocks of an indirect block, row by row.
func (h *fractalHeap) children(a address, rows int) ([]address, error) {
	f := h.f
	n := uint64(rows) * h.width
	if known := h.indirect[a]; known != nil {
		if uint64(len(known)) != n {
			return nil, f.errorf(f.base+int64(a), codeDamaged, "an indirect block of a fractal heap is used with %d and with %d blocks", len(known), n)
		}
		return known, nil
	}
	d, err := f.block(a, int64(5+f.addressBytes+h.offsetBytes+4)+int64(n)*int64(f.addressBytes), "an indirect block of a fractal heap")
	if err != nil {
		return nil, err
	}
	d.signature("FHIB")
	d.version(0, 0)
	d.skip(f.addressBytes + h.offsetBytes)
	all := make([]address, n)
	for i := range all {
		all[i] = d.address()
	}
	d.checksum()
	if d.err != nil {
		return nil, d.err
	}
	h.indirect[a] = all
	return all, nil
}

// within takes an object out of a direct block.
func (h *fractalHeap) within(a address, size, offset, n uint64) (*decoder, error) {
	b := h.direct[a]
	if b == nil {
		var err error
		if b, err = h.readDirect(a, size); err != nil {
			return nil, err
		}
		h.direct[a] = b
	}
	if offset > uint64(len(b.b)) || n > uint64(len(b.b))-offset {
		return nil, h.f.errorf(b.at, codeDamaged, "an object of %d bytes lies at %d of a block of %d", n, offset, len(b.b))
	}
	if err := h.f.charge(b.at, int64(n)); err != nil {
		return nil, err
	}
	return &decoder{f: h.f, what: "an object of a fractal heap", at: b.at + int64(offset), b: b.b[offset : offset+n]}, nil
}

func (h *fractalHeap) readDirect(a address, size uint64) (*decoder, error) {
	d, err := h.f.block(a, int64(size), "a direct block of a fractal heap")
	if err != nil {
		return nil, err
	}
	d.signature("FHDB")
	d.version(0, 0)
	d.skip(h.f.addressBytes + h.offsetBytes)
	if at := d.p; h.checksums && d.err == nil {
		stored := uint32(d.uint(4))
		body := bytes.Clone(d.b) // the checksum counts as zero in itself
		clear(body[min(at, len(body)):min(at+4, len(body))])
		if sum := lookup3(body); d.err == nil && stored != sum {
			d.err = h.f.errorf(d.at, codeChecksum, "%s has checksum %08x, and its bytes give %08x", d.what, stored, sum)
		}
	}
	return d, d.err
}
