package hdf5

import (
	"math/bits"
	"slices"
)

// The indexes of chunks of layout 4.
const (
	indexSingle     = 1
	indexImplicit   = 2
	indexFixed      = 3
	indexExtensible = 4
	indexTree2      = 5
)

// The flags of a chunked layout of version 4.
const (
	flagWholeEdges     = 1
	flagFilteredSingle = 2
)

// parseChunked4 reads the chunked layout of version 4.
func (l *layout) parseChunked4(d *decoder) {
	flags, rank, width := d.u8(), d.u8(), d.u8()
	if width > 8 {
		d.fail("sizes of %d bytes", width)
	}
	dims := d.chunkDims(rank, min(width, 8))
	index := l.parseIndex(d, flags)
	if c := l.setChunked(d, dims, index); c != nil {
		c.wholeEdges = flags&flagWholeEdges != 0
	}
}

// parseIndex reads which index there is, its settings, and where it is.
func (l *layout) parseIndex(d *decoder, flags int) chunkIndex {
	switch kind := d.u8(); kind {
	case indexSingle:
		e := chunkEntry{}
		if flags&flagFilteredSingle != 0 {
			e.stored, e.mask = d.length(), uint32(d.uint(4))
		}
		e.a = d.address()
		return singleIndex{entry: e}
	case indexImplicit:
		return implicitIndex{a: d.address()}
	case indexFixed:
		d.skip(1) // the header of the array has the settings too
		return fixedIndex{a: d.address()}
	case indexExtensible:
		d.skip(5)
		return extensibleIndex{a: d.address()}
	case indexTree2:
		d.skip(6)
		return tree2Index{a: d.address()}
	default:
		d.refuse("%s has an index of chunks of type %d", l.v.label, kind)
		return nil
	}
}

// singleIndex is that of an array in one chunk.
type singleIndex struct{ entry chunkEntry }

func (s singleIndex) entries(*chunked) ([]chunkEntry, error) {
	if s.entry.a == undefined {
		return nil, nil
	}
	return []chunkEntry{s.entry}, nil
}

// implicitIndex is that of chunks that lie one behind the other.
type implicitIndex struct{ a address }

func (x implicitIndex) entries(c *chunked) ([]chunkEntry, error) {
	if x.a == undefined {
		return nil, nil
	}
	o := c.order(0)
	total := o.total()
	if fits := c.f.extent(x.a, c.f.size) / int64(c.bytes); total > uint64(fits) {
		return nil, c.f.errorf(c.f.base+int64(x.a), codeTruncated, "%d chunks of %s, of %d bytes each, reach beyond the end of the file", total, c.label, c.bytes).WithFix(fixCopy)
	}
	var list []chunkEntry
	for i := range int(total) {
		if n := o.number(uint64(i)); n >= 0 {
			list = append(list, chunkEntry{number: n, a: x.a + address(i*c.bytes)})
		}
	}
	return list, nil
}

// chunkOrder maps the place of a chunk in a linear index to that in the grid. Such indexes
// count over the largest shape that the array may have, an axis without end first.
type chunkOrder struct {
	c     *chunked
	axes  []int
	sizes []uint64 // by axis, in chunks
}

// order is that of an index; first is the axis that it counts slowest.
func (c *chunked) order(first int) chunkOrder {
	o := chunkOrder{c: c, axes: []int{first}}
	for axis, n := range c.most {
		if axis != first {
			o.axes = append(o.axes, axis)
		}
		size := uint64(c.chunk[axis])
		o.sizes = append(o.sizes, n/size+min(1, n%size))
	}
	return o
}

// number is the place in the grid, or -1 for a chunk outside of the array as it is.
func (o *chunkOrder) number(i uint64) int {
	at := make([]uint64, len(o.axes))
	for k, axis := range slices.Backward(o.axes) {
		if k == 0 {
			at[axis] = i
			break
		}
		size := max(1, o.sizes[axis])
		at[axis], i = i%size, i/size
	}
	return o.c.number(at)
}

// total is the number of chunks of the largest shape, or more than any file holds.
func (o *chunkOrder) total() uint64 {
	n := uint64(1)
	for _, size := range o.sizes {
		high, low := bits.Mul64(n, size)
		if n = low; high != 0 {
			return 1<<64 - 1
		}
	}
	return n
}

// elementReader reads the elements of an array of chunks, one after the other.
type elementReader struct {
	c     *chunked
	order chunkOrder
	size  int // of an element
	next  uint64
	list  []chunkEntry
}

// newElements checks the size of an element and whether chunks are filtered.
func newElements(c *chunked, d *decoder, client, size, first int) *elementReader {
	plain, most := d.f.addressBytes, d.f.addressBytes+8+4
	filtered := len(c.filters) > 0
	if d.err == nil && (client != 0 && client != 1 || (client == 1) != filtered || !filtered && size != plain || filtered && (size <= plain+4 || size > most)) {
		d.fail("an array of chunks of type %d has elements of %d bytes", client, size)
	}
	return &elementReader{c: c, order: c.order(first), size: size}
}

// read takes n elements of a block.
func (r *elementReader) read(d *decoder, n int) {
	for range n {
		e := r.c.element(d, r.size)
		if d.err != nil {
			return
		}
		if e.a != undefined {
			if e.number = r.order.number(r.next); e.number >= 0 {
				r.list = append(r.list, e)
			}
		}
		r.next++
	}
}

// element reads the address of a chunk, and of a filtered one its size and mask. What is
// not the address and the mask is the size.
func (c *chunked) element(d *decoder, bytes int) chunkEntry {
	e := chunkEntry{a: d.address()}
	if len(c.filters) > 0 {
		e.stored = d.uint(max(0, min(8, bytes-d.f.addressBytes-4)))
		e.mask = uint32(d.uint(4))
	}
	return e
}

// readPage reads n elements that have a checksum of their own.
func (r *elementReader) readPage(a address, n int) error {
	d, err := r.c.f.block(a, int64(n)*int64(r.size)+4, "a page of an array of chunks")
	if err != nil {
		return err
	}
	r.read(d, n)
	d.checksum()
	return d.err
}

// bit is one of a field of bits whose first is the highest of its byte.
func bit(field []byte, i int) bool { return field[i/8]&(0x80>>(i%8)) != 0 }

// tree2Index is a B-tree of version 2.
type tree2Index struct{ a address }

func (x tree2Index) entries(c *chunked) ([]chunkEntry, error) {
	if x.a == undefined {
		return nil, nil
	}
	kind := tree2Chunks
	if len(c.filters) > 0 {
		kind = tree2FilteredChunks
	}
	var list []chunkEntry
	err := c.f.walkTree2(x.a, kind, func(record *decoder) error {
		e := c.element(record, len(record.b)-8*len(c.dims))
		at := make([]uint64, len(c.dims))
		for i := range at {
			at[i] = record.uint(8)
		}
		if e.number = c.number(at); e.number >= 0 {
			list = append(list, e)
		}
		return record.err
	})
	return list, err
}
