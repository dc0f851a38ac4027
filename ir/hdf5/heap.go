package hdf5

import "bytes"

// localHeap holds the names of an old group.
type localHeap struct {
	f    *File
	at   int64
	data []byte
}

// readLocalHeap reads a local heap whole.
func (f *File) readLocalHeap(a address) (*localHeap, error) {
	d, err := f.block(a, int64(8+2*f.lengthBytes+f.addressBytes), "a local heap")
	if err != nil {
		return nil, err
	}
	d.signature("HEAP")
	d.version(0, 0)
	d.skip(3)
	n := d.length()
	d.length() // the first free block
	segment := d.address()
	if d.err != nil {
		return nil, d.err
	}
	data, err := f.block(segment, int64(min(n, 1<<62)), "the data of a local heap")
	if err != nil {
		return nil, err
	}
	return &localHeap{f: f, at: data.at, data: data.b}, nil
}

// text is the string that begins at an offset and ends with a zero.
func (h *localHeap) text(offset uint64) (string, error) {
	if offset >= uint64(len(h.data)) {
		return "", h.f.errorf(h.at, codeDamaged, "a name stands at byte %d of a heap of %d bytes", offset, len(h.data))
	}
	rest := h.data[offset:]
	n := bytes.IndexByte(rest[:min(len(rest), maxNameBytes)], 0)
	if n < 0 {
		return "", h.f.errorf(h.at+int64(offset), codeDamaged, "a name in a local heap has no end")
	}
	return string(rest[:n]), h.f.charge(h.at, int64(n))
}

// collection is a collection of the global heap: strings of variable length.
type collection struct {
	at      int64
	objects map[int][]byte
}

// maxCollectionBytes bounds the collections that a file keeps.
const maxCollectionBytes = 64 << 20

// globalObject is an object of the global heap.
func (f *File) globalObject(a address, index int) ([]byte, error) {
	c, err := f.collection(a)
	if err != nil {
		return nil, err
	}
	object, ok := c.objects[index]
	if !ok {
		return nil, f.errorf(c.at, codeDamaged, "a collection of the global heap has no object %d", index)
	}
	return object, nil
}

func (f *File) collection(a address) (*collection, error) {
	if c := f.collections[a]; c != nil {
		return c, nil
	}
	head := int64(8 + f.lengthBytes)
	d, err := f.block(a, head, "a collection of the global heap")
	if err != nil {
		return nil, err
	}
	d.signature("GCOL")
	d.version(1, 1)
	d.skip(3)
	n := d.length()
	if d.err == nil && n < uint64(head) {
		d.fail("a collection of the global heap has %d bytes", n)
	}
	if d.err != nil {
		return nil, d.err
	}
	d, err = f.block(a, int64(min(n, 1<<62)), "a collection of the global heap")
	if err != nil {
		return nil, err
	}
	c := &collection{at: d.at, objects: map[int][]byte{}}
	d.skip(int(head))
	if err := c.parse(d); err != nil {
		return nil, err
	}
	f.keep(a, c, int64(n))
	return c, nil
}

// parse finds the objects; the one of index 0 is the free space at the end.
func (c *collection) parse(d *decoder) error {
	for d.left() >= 8+d.f.lengthBytes {
		index := d.u16()
		d.skip(2 + 4) // references
		n := d.length()
		if index == 0 {
			break
		}
		if n > uint64(d.left()) {
			d.fail("an object of the global heap has %d bytes, and %d are left in its collection", n, d.left())
			return d.err
		}
		c.objects[index] = d.bytes(int(n))
		d.skip(min(d.left(), int(-n&7)))
	}
	return d.err
}

func (f *File) keep(a address, c *collection, n int64) {
	if f.collections == nil || f.collectionBytes+n > maxCollectionBytes {
		f.collections, f.collectionBytes = map[address]*collection{}, 0
	}
	f.collections[a] = c
	f.collectionBytes += n
}
