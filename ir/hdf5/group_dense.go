package hdf5

// denseLinks lists the links of a new group that has many: they lie in a fractal heap.
func (h *header) denseLinks(m *message) ([]Link, error) {
	d := h.decode(m, "a link info message")
	d.version(0, 0)
	if flags := d.u8(); flags&1 != 0 {
		d.skip(8) // the largest number of creation
	}
	heap := d.address()
	if d.err == nil && heap != undefined {
		d.refuse("dense links")
	}
	return nil, d.err
}
