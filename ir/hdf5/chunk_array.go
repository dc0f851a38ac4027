package hdf5

import "math/bits"

// fixedIndex is a fixed array: the chunks of an array of bounded shape.
type fixedIndex struct{ a address }

func (x fixedIndex) entries(c *chunked) ([]chunkEntry, error) {
	if x.a == undefined {
		return nil, nil
	}
	f := c.f
	d, err := f.block(x.a, int64(12+f.lengthBytes+f.addressBytes), "the header of a fixed array")
	if err != nil {
		return nil, err
	}
	d.signature("FAHD")
	d.version(0, 0)
	client, size, pageBits := d.u8(), d.u8(), d.u8()
	count := d.length()
	data := d.address()
	d.checksum()
	r := newElements(c, d, client, size, 0)
	if d.err == nil && (pageBits > 30 || count > uint64(f.size)) {
		d.fail("a fixed array of %d elements in pages of 2^%d", count, pageBits)
	}
	if d.err != nil || data == undefined {
		return nil, d.err
	}
	err = r.fixedData(data, int(count), 1<<pageBits)
	return r.list, err
}

// fixedData reads the data block of a fixed array, which is in pages where it is long.
func (r *elementReader) fixedData(a address, count, page int) error {
	f := r.c.f
	pages, n := 0, count*r.size
	if count > page {
		pages = (count + page - 1) / page
		n = (pages + 7) / 8
	}
	head := 6 + f.addressBytes + n + 4
	d, err := f.block(a, int64(head), "the data block of a fixed array")
	if err != nil {
		return err
	}
	d.signature("FADB")
	d.version(0, 0)
	d.skip(1 + f.addressBytes)
	var written []byte
	if pages == 0 {
		r.read(d, count)
	} else {
		written = d.bytes(n)
	}
	d.checksum()
	if d.err != nil {
		return d.err
	}
	for i := range pages {
		r.next = uint64(i) * uint64(page)
		if !bit(written, i) {
			continue
		}
		if err := r.readPage(a+address(head+i*(page*r.size+4)), min(page, count-i*page)); err != nil {
			return err
		}
	}
	return nil
}

// extensibleIndex is an extensible array: the chunks of an array with one axis without end.
type extensibleIndex struct{ a address }

// extensible is an extensible array that is being read. Its elements lie in the index
// block, then in data blocks, of which those of super block u are 2^(u/2) of
// least * 2^((u+1)/2) elements; the first super blocks are part of the index block.
type extensible struct {
	*elementReader
	offsetBytes int
	inIndex     int // elements in the index block
	least       int // elements of the smallest data block
	direct      int // super blocks that are part of the index block
	supers      int
	pageSize    int    // elements in a page of a large data block
	count       uint64 // elements up to the last that was ever set
}

func (x extensibleIndex) entries(c *chunked) ([]chunkEntry, error) {
	if x.a == undefined {
		return nil, nil
	}
	f := c.f
	d, err := f.block(x.a, int64(16+6*f.lengthBytes+f.addressBytes), "the header of an extensible array")
	if err != nil {
		return nil, err
	}
	d.signature("EAHD")
	d.version(0, 0)
	client, size, maxBits := d.u8(), d.u8(), d.u8()
	e := &extensible{inIndex: d.u8(), least: d.u8()}
	pointers, pageBits := d.u8(), d.u8()
	d.skip(4 * f.lengthBytes) // counts and sizes of blocks
	e.count = d.length()
	d.skip(f.lengthBytes)
	index := d.address()
	d.checksum()
	e.elementReader = newElements(c, d, client, size, c.endless())
	e.setForm(d, maxBits, pointers, pageBits)
	if d.err != nil || index == undefined {
		return nil, d.err
	}
	err = e.index(index)
	return e.list, err
}

// endless is the axis without end, the first where there is none.
func (c *chunked) endless() int {
	for axis, n := range c.most {
		if n == noBound {
			return axis
		}
	}
	return 0
}

func (e *extensible) setForm(d *decoder, maxBits, pointers, pageBits int) {
	if d.err != nil {
		return
	}
	if maxBits > 62 || pageBits > 30 || bits.OnesCount(uint(e.least)) != 1 || bits.OnesCount(uint(pointers)) != 1 || 1<<maxBits < e.least {
		d.fail("an extensible array of 2^%d elements has data blocks of %d, %d pointers and pages of 2^%d", maxBits, e.least, pointers, pageBits)
		return
	}
	e.offsetBytes = (maxBits + 7) / 8
	e.supers = 1 + maxBits - (bits.Len(uint(e.least)) - 1)
	e.direct = 2 * (bits.Len(uint(pointers)) - 1)
	e.pageSize = 1 << pageBits
	if e.direct > e.supers || e.least<<(e.direct/2) > e.pageSize {
		d.refuse("an extensible array with %d pointers and pages of 2^%d elements in its index", pointers, pageBits)
	}
}

// blocks are the number and the elements of the data blocks of a super block.
func (e *extensible) blocks(u int) (blocks, elements int) {
	return 1 << (u / 2), e.least << ((u + 1) / 2)
}

// index reads the index block and all below it.
func (e *extensible) index(a address) error {
	f := e.c.f
	inside := 0
	for u := range e.direct {
		n, _ := e.blocks(u)
		inside += n
	}
	n := 10 + f.addressBytes + e.inIndex*e.size + (inside+e.supers-e.direct)*f.addressBytes
	d, err := f.block(a, int64(n), "the index block of an extensible array")
	if err != nil {
		return err
	}
	d.signature("EAIB")
	d.version(0, 0)
	d.skip(1 + f.addressBytes)
	e.read(d, e.inIndex)
	for u := 0; u < e.supers && d.err == nil && e.next < e.count; u++ {
		blocks, elements := e.blocks(u)
		if u >= e.direct {
			d.err = e.superBlock(d.address(), blocks, elements)
			continue
		}
		for range blocks {
			if err := e.dataBlock(d.address(), elements, nil, 0); err != nil {
				return err
			}
		}
	}
	d.p = max(d.p, len(d.b)-4)
	d.checksum()
	return d.err
}

func (e *extensible) skip(elements int) error {
	e.next += uint64(elements)
	return nil
}

// superBlock reads a super block: the addresses of data blocks, and which of their pages
// were written.
func (e *extensible) superBlock(a address, blocks, elements int) error {
	if a == undefined {
		return e.skip(blocks * elements)
	}
	f := e.c.f
	pages := 0
	if elements > e.pageSize {
		pages = elements / e.pageSize
	}
	n := int64(10+f.addressBytes+e.offsetBytes) + int64(blocks)*int64((pages+7)/8+f.addressBytes)
	d, err := f.block(a, n, "a super block of an extensible array")
	if err != nil {
		return err
	}
	d.signature("EASB")
	d.version(0, 0)
	d.skip(1 + f.addressBytes + e.offsetBytes)
	written := d.bytes(blocks * ((pages + 7) / 8))
	for i := range blocks {
		if d.err == nil {
			d.err = e.dataBlock(d.address(), elements, written, i*pages)
		}
	}
	d.checksum()
	return d.err
}

// dataBlock reads a data block; bits from first in written tell which of its pages exist.
func (e *extensible) dataBlock(a address, elements int, written []byte, first int) error {
	if a == undefined {
		return e.skip(elements)
	}
	f := e.c.f
	paged := elements > e.pageSize
	n := int64(10 + f.addressBytes + e.offsetBytes)
	head := address(n)
	if !paged {
		n += int64(elements) * int64(e.size)
	}
	d, err := f.block(a, n, "a data block of an extensible array")
	if err != nil {
		return err
	}
	d.signature("EADB")
	d.version(0, 0)
	d.skip(1 + f.addressBytes + e.offsetBytes)
	if !paged {
		e.read(d, elements)
	}
	d.checksum()
	if d.err != nil || !paged {
		return d.err
	}
	begin := e.next
	for i := range elements / e.pageSize {
		e.next = begin + uint64(i*e.pageSize)
		if !bit(written, first+i) {
			continue
		}
		if err := e.readPage(a+head+address(i*(e.pageSize*e.size+4)), e.pageSize); err != nil {
			return err
		}
	}
	e.next = begin + uint64(elements)
	return nil
}
