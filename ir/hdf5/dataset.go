package hdf5

// Dataset is an array of a file.
type Dataset struct {
	*Values
	name string
	head *header
}

// Name is the path from the root.
func (d *Dataset) Name() string { return d.name }

// Attributes lists the attributes in the order of their names.
func (d *Dataset) Attributes() ([]*Attribute, error) { return d.head.attributes(d.name) }

// Attribute finds an attribute by name.
func (d *Dataset) Attribute(name string) (*Attribute, error) { return d.head.attribute(d.name, name) }

// Filtered tells that the array is stored through filters, so that it may have more bytes than the
// file (MaxInflation).
func (d *Dataset) Filtered() bool { return d.head.find(messageFilters) != nil }

// openDataset reads what a header says of the type and the shape; the storage is looked
// at when values are read.
func openDataset(h *header, name string) (*Dataset, error) {
	t, s := h.find(messageDatatype), h.find(messageDataspace)
	if t == nil {
		return nil, h.f.errorf(h.at, codeDamaged, "dataset %s has no datatype", name)
	}
	v, err := newValues(h, name, t, s)
	if err != nil {
		return nil, err
	}
	v.open = func() (storage, error) { return openStorage(h, v) }
	return &Dataset{Values: v, name: name, head: h}, nil
}
