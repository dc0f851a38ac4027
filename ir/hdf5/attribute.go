package hdf5

import (
	"slices"
	"strings"
)

// Attribute is a small array with a name at an object.
type Attribute struct {
	*Values
	name string
}

// Name is the name of the attribute.
func (a *Attribute) Name() string { return a.name }

// attributes reads all attributes of an object, in the order of their names.
func (h *header) attributes(object string) ([]*Attribute, error) {
	defer h.f.operation()()
	var all []*Attribute
	for i := range h.messages {
		read := map[int]func(*message, string) ([]*Attribute, error){
			messageAttribute: h.compactAttribute, messageAttributeInfo: h.denseAttributes,
		}[h.messages[i].kind]
		if read == nil {
			continue
		}
		more, err := read(&h.messages[i], object)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	slices.SortStableFunc(all, func(a, b *Attribute) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

func (h *header) attribute(object, name string) (*Attribute, error) {
	all, err := h.attributes(object)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.name == name {
			return a, nil
		}
	}
	return nil, h.f.errorf(h.at, codeNotFound, "%s has no attribute %q", object, name).WithFix("use one of its %d attributes", len(all))
}

func (h *header) compactAttribute(m *message, object string) ([]*Attribute, error) {
	if m.flags&flagShared != 0 {
		return nil, h.f.errorf(m.at, codeUnsupported, "an attribute of %s lies in the heap of shared messages", object).WithFix("rewrite the file with h5repack")
	}
	a, err := h.parseAttribute(h.decode(m, "an attribute of "+object), object)
	return []*Attribute{a}, err
}

// parseAttribute reads an attribute message of version 1 to 3.
func (h *header) parseAttribute(d *decoder, object string) (*Attribute, error) {
	version := d.version(1, 3)
	flags := d.u8()
	nameBytes, typeBytes, spaceBytes := d.u16(), d.u16(), d.u16()
	if version == 3 {
		d.skip(1) // the set of characters
	}
	name, _, _ := strings.Cut(string(d.padded(nameBytes, version)), "\x00")
	typeMessage := message{kind: messageDatatype, at: d.pos(), data: d.padded(typeBytes, version)}
	spaceMessage := message{kind: messageDataspace, at: d.pos(), data: d.padded(spaceBytes, version)}
	if version > 1 {
		typeMessage.flags, spaceMessage.flags = flags&1*flagShared, flags>>1&1*flagShared
	}
	if d.err != nil {
		return nil, d.err
	}
	v, err := newValues(h, object+"@"+name, &typeMessage, &spaceMessage)
	if err != nil {
		return nil, err
	}
	data := compact{f: h.f, at: d.pos(), data: d.b[d.p:]}
	v.open = func() (storage, error) { return data, nil }
	return &Attribute{Values: v, name: name}, nil
}

// padded takes n bytes, and in version 1 the padding up to a multiple of 8.
func (d *decoder) padded(n, version int) []byte {
	b := d.bytes(n)
	if version == 1 {
		d.skip(-n & 7)
	}
	return b
}

// denseAttributes reads the attributes of an object that has many or large ones.
func (h *header) denseAttributes(m *message, o string) ([]*Attribute, error) {
	d := h.decode(m, "an attribute info message")
	d.version(0, 0)
	if flags := d.u8(); flags&1 != 0 {
		d.skip(2) // the largest number of creation
	}
	heap, index := d.address(), d.address()
	if d.err != nil || heap == undefined {
		return nil, d.err
	}
	var all []*Attribute
	err := h.f.heapObjects(heap, index, tree2Attributes, func(flags int, object *decoder) error {
		more, err := h.compactAttribute(&message{kind: messageAttribute, flags: flags, at: object.at, data: object.b}, o)
		all = append(all, more...)
		return err
	})
	return all, err
}
