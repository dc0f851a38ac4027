package hdf5

// denseLinks lists the links of a new group that has many: they lie in a fractal heap,
// under a B-tree by the hashes of their names.
func (h *header) denseLinks(m *message) ([]Link, error) {
	d := h.decode(m, "a link info message")
	d.version(0, 0)
	if flags := d.u8(); flags&1 != 0 {
		d.skip(8) // the largest number of creation
	}
	heap, index := d.address(), d.address()
	if d.err != nil || heap == undefined {
		return nil, d.err
	}
	var links []Link
	err := h.f.heapObjects(heap, index, tree2Links, func(_ int, object *decoder) error {
		l, err := parseLink(object)
		links = append(links, l)
		return err
	})
	return links, err
}

// heapObjects visits what the records of a B-tree refer to in a fractal heap, with the
// flags of the message where the type of tree has them.
func (f *File) heapObjects(heapAt, index address, kind int, visit func(flags int, object *decoder) error) error {
	heap, err := f.readFractalHeap(heapAt)
	if err != nil {
		return err
	}
	return f.walkTree2(index, kind, func(record *decoder) error {
		if kind == tree2Links {
			record.skip(4) // the hash stands first
		}
		id := &decoder{f: f, what: "an identifier in a fractal heap", at: record.pos(), b: record.bytes(heap.idBytes)}
		flags := 0
		if kind == tree2Attributes {
			flags = record.u8()
		}
		if record.err != nil {
			return record.err
		}
		object, err := heap.object(id)
		if err != nil {
			return err
		}
		return visit(flags, object)
	})
}
