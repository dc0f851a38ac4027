package hdf5

// symbolTable lists the links of an old group: a B-tree of nodes of symbols, whose names
// are in a local heap.
func (h *header) symbolTable(m *message) ([]Link, error) {
	d := h.decode(m, "a symbol table message")
	root, heapAt := d.address(), d.address()
	if d.err != nil {
		return nil, d.err
	}
	heap, err := h.f.readLocalHeap(heapAt)
	if err != nil {
		return nil, err
	}
	var links []Link
	t := tree{f: h.f, kind: treeOfGroup, keyBytes: h.f.lengthBytes, visit: func(_ *decoder, child address) error {
		more, err := h.f.symbolNode(child, heap)
		links = append(links, more...)
		return err
	}}
	return links, t.walk(root)
}

// symbolNode reads one node of symbols.
func (f *File) symbolNode(a address, heap *localHeap) ([]Link, error) {
	d, err := f.block(a, 8, "a node of symbols")
	if err != nil {
		return nil, err
	}
	d.signature("SNOD")
	d.version(1, 1)
	d.skip(1)
	count := d.u16()
	if d.err != nil {
		return nil, d.err
	}
	entry := int64(2*f.addressBytes + 24)
	if d, err = f.block(a+8, int64(count)*entry, "the entries of a node of symbols"); err != nil {
		return nil, err
	}
	links := make([]Link, count)
	for i := range links {
		if links[i], err = f.symbol(d, heap); err != nil {
			return nil, err
		}
	}
	return links, nil
}

// cacheSoft is the type of a symbol that is a soft link.
const cacheSoft = 2

func (f *File) symbol(d *decoder, heap *localHeap) (Link, error) {
	l := Link{at: d.pos()}
	name := d.uint(f.addressBytes)
	l.header = d.address()
	cache := d.u32()
	d.skip(4)
	target := d.uint(4)
	d.skip(12)
	if d.err != nil {
		return l, d.err
	}
	var err error
	if l.Name, err = heap.text(name); err == nil && cache == cacheSoft {
		l.Kind = Soft
		l.Target, err = heap.text(target)
	}
	return l, err
}
