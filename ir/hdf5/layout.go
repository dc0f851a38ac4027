package hdf5

import "bytes"

// The classes of layouts.
const (
	layoutCompact    = 0
	layoutContiguous = 1
	layoutChunked    = 2
	layoutVirtual    = 3
)

// compact is an array in the object header.
type compact struct {
	f    *File
	at   int64
	data []byte
}

func (c compact) check(from, n int) error {
	if from+n > len(c.data) {
		return c.f.errorf(c.at, codeDamaged, "an array of %d bytes in a header has only %d", from+n, len(c.data))
	}
	return nil
}

func (c compact) read(dst []byte, from int) error {
	copy(dst, c.data[from:])
	return nil
}

// contiguous is an array in one piece.
type contiguous struct {
	f  *File
	at int64
	n  uint64
}

func (c contiguous) check(from, n int) error {
	if end := from + n; uint64(end) > c.n {
		return c.f.errorf(c.at, codeDamaged, "an array needs %d bytes, and its storage has %d", end, c.n)
	}
	if !c.f.inFile(c.at, int64(from+n)) {
		return c.f.errorf(c.at, codeTruncated, "an array of %d bytes reaches beyond the end of the file at %d", from+n, c.f.size)
	}
	return nil
}

func (c contiguous) read(dst []byte, from int) error {
	return c.f.readAt(dst, c.at+int64(from), "an array")
}

// unallocated is an array of which nothing was written.
type unallocated struct{ fill []byte }

func (u unallocated) read(dst []byte, _ int) error {
	repeat(dst, u.fill)
	return nil
}

// repeat writes a pattern over and over; dst is whole multiples of it, and zero before.
func repeat(dst, pattern []byte) {
	if len(bytes.Trim(pattern, "\x00")) == 0 {
		return
	}
	for n := copy(dst, pattern); n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}

// openStorage reads the layout of a dataset, its fill value and its filters.
func openStorage(h *header, v *Values) (storage, error) {
	if m := h.find(messageExternal); m != nil {
		return nil, h.f.errorf(m.at, codeUnsupported, "%s is stored in external files", v.label).WithFix("copy it into the file with h5repack")
	}
	m := h.find(messageLayout)
	if m == nil {
		return nil, h.f.errorf(h.at, codeDamaged, "%s has no layout", v.label)
	}
	fill, err := h.fill(v)
	if err != nil {
		return nil, err
	}
	l := &layout{h: h, v: v, fill: fill}
	d := h.decode(m, "the layout of "+v.label)
	version := d.version(1, 4)
	if version < 3 {
		l.parseOld(d)
	} else {
		l.parse(d, version)
	}
	if d.err != nil {
		return nil, d.err
	}
	return l.store, nil
}

// layout is a layout message that is being read.
type layout struct {
	h     *header
	v     *Values
	fill  []byte
	store storage
}

func (l *layout) setContiguous(a address, n uint64) {
	f := l.h.f
	if a == undefined {
		l.store = unallocated{fill: l.fill}
		return
	}
	l.store = contiguous{f: f, at: f.base + int64(a), n: n}
}

// parseOld reads versions 1 and 2, which tell the shape again.
func (l *layout) parseOld(d *decoder) {
	rank, class := d.u8(), d.u8()
	d.skip(5)
	a := undefined
	if class != layoutCompact {
		a = d.address()
	}
	dims := make([]uint64, rank)
	for i := range dims {
		dims[i] = d.uint(4)
	}
	switch class {
	case layoutCompact:
		n := d.u32()
		l.store = compact{f: d.f, at: d.pos(), data: d.bytes(n)}
	case layoutContiguous:
		l.setContiguous(a, maxArrayBytes)
	case layoutChunked:
		l.setChunked(d, dims, chunkTree{root: a})
	default:
		d.refuse("a layout of class %d", class)
	}
}

// parse reads versions 3 and 4.
func (l *layout) parse(d *decoder, version int) {
	switch class := d.u8(); {
	case d.err != nil:
	case class == layoutCompact:
		n := d.u16()
		l.store = compact{f: d.f, at: d.pos(), data: d.bytes(n)}
	case class == layoutContiguous:
		a := d.address()
		l.setContiguous(a, d.length())
	case class == layoutChunked && version == 3:
		rank := d.u8()
		a := d.address()
		l.setChunked(d, d.chunkDims(rank, 4), chunkTree{root: a})
	case class == layoutChunked:
		l.parseChunked4(d)
	case class == layoutVirtual:
		d.refuse("%s is a virtual dataset", l.v.label)
	default:
		d.refuse("%s has a layout of class %d", l.v.label, class)
	}
}

// chunkDims reads the shape of a chunk: that in elements, and the bytes of an element.
func (d *decoder) chunkDims(rank, width int) []uint64 {
	dims := make([]uint64, rank)
	for i := range dims {
		dims[i] = d.uint(width)
	}
	return dims
}

// setChunked checks the shape of the chunks, whose last number is the bytes of an element,
// against that of the array.
func (l *layout) setChunked(d *decoder, dims []uint64, index chunkIndex) *chunked {
	space := l.v.space
	if d.err != nil {
		return nil
	}
	if len(dims) < 2 || len(dims)-1 != len(space.dims) || dims[len(dims)-1] != uint64(l.v.typ.size) {
		d.fail("chunks of shape and element size %d for an array of shape %d and elements of %d bytes", dims, space.dims, l.v.typ.size)
		return nil
	}
	c := &chunked{f: d.f, at: d.at, label: l.v.label, dims: space.dims, most: space.most, elem: l.v.typ.size, fill: l.fill, index: index, bytes: 1}
	for _, n := range dims {
		if n == 0 || n > maxChunkBytes/uint64(c.bytes) {
			d.fail("chunks of shape and element size %d: empty, or of more than %d bytes", dims, maxChunkBytes)
			return nil
		}
		c.bytes *= int(n)
		c.chunk = append(c.chunk, int(n))
	}
	c.chunk = c.chunk[:len(space.dims)]
	if m := l.h.find(messageFilters); m != nil {
		c.filters, d.err = parseFilters(l.h.decode(m, "the filters of "+l.v.label))
	}
	l.store = c
	return c
}

// fill reads the fill value of a dataset, nil for zeros.
func (h *header) fill(v *Values) ([]byte, error) {
	var value []byte
	for _, kind := range []int{messageOldFill, messageFill} {
		m := h.find(kind)
		if m == nil {
			continue
		}
		owner, m, err := h.resolve(m)
		if err != nil {
			return nil, err
		}
		d := owner.decode(m, "the fill value of "+v.label)
		if kind == messageOldFill {
			value = d.bytes(d.u32())
		} else {
			value = parseFill(d)
		}
		if d.err == nil && len(value) != 0 && len(value) != v.typ.size {
			d.fail("the fill value of %s has %d bytes, and an element has %d", v.label, len(value), v.typ.size)
		}
		if d.err != nil {
			return nil, d.err
		}
	}
	return value, nil
}

// parseFill reads the newer form of a fill value.
func parseFill(d *decoder) []byte {
	defined := true
	switch version := d.version(1, 3); {
	case version == 3:
		defined = d.u8()&(1<<5) != 0
	default:
		d.skip(2) // when it is written
		defined = d.u8() != 0 || version == 1
	}
	if !defined {
		return nil
	}
	return d.bytes(int(int32(d.u32())))
}
