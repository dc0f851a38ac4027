package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// Kind is what the elements of a dataset or an attribute are.
type Kind uint8

// Other is a type that is not read, such as a compound; Type names it.
const (
	Other Kind = iota
	Int
	Uint
	Float
	Bool // an enumeration of FALSE and TRUE, as h5py writes it
	String
)

var kindNames = [...]string{Other: "other", Int: "int", Uint: "uint", Float: "float", Bool: "bool", String: "string"}

func (k Kind) String() string { return kindNames[k] }

// The classes of datatypes.
const (
	classFixed    = 0
	classFloat    = 1
	classString   = 3
	classEnum     = 8
	classVariable = 9
	classArray    = 10
)

// classNames are for types of kind Other.
var classNames = [...]string{
	0: "integer", 1: "float", 2: "time", 3: "string", 4: "bit field", 5: "opaque",
	6: "compound", 7: "reference", 8: "enumeration", 9: "sequence of variable length", 10: "array", 11: "complex number",
}

// datatype is the type of an element.
type datatype struct {
	kind     Kind
	size     int // bytes of one element in the file, of a whole array for an array type
	order    binary.ByteOrder
	variable bool  // a string in the global heap
	padding  int   // of a fixed string: 0 ends at a zero, 1 padded with zeros, 2 with spaces
	dims     []int // of an array type
	base     int   // bytes of one element of the array; size without one
	name     string
}

// maxTypeDepth bounds types within types.
const maxTypeDepth = 8

// parseDatatype reads a datatype message. A type that is not read gives kind Other.
func parseDatatype(d *decoder, depth int) (*datatype, error) {
	at := d.pos()
	first := d.u8()
	bits := uint32(d.uint(3))
	t := &datatype{size: d.u32(), order: binary.LittleEndian}
	t.base = t.size
	class, version := first&15, first>>4
	if class >= len(classNames) || version < 1 || version > 5 || depth > maxTypeDepth || t.size == 0 {
		d.fail("a datatype has class %d, version %d and %d bytes at depth %d", class, version, t.size, depth)
	}
	if d.err != nil {
		return nil, d.err
	}
	t.name = fmt.Sprintf("%s of %d bytes", classNames[class], t.size)
	if parse := typeParsers[class]; parse != nil {
		parse(t, d, typeHead{bits: bits, version: version, depth: depth, at: at})
	}
	return t, d.err
}

// typeHead is what the head of a datatype says besides its class and size.
type typeHead struct {
	bits    uint32
	version int
	depth   int
	at      int64
}

// typeParsers read the properties of the classes; a class without one stays Other. It is
// filled in init because enumerations and arrays hold types themselves.
var typeParsers [len(classNames)]func(t *datatype, d *decoder, h typeHead)

func init() {
	typeParsers = [len(classNames)]func(*datatype, *decoder, typeHead){
		classFixed: parseFixed, classFloat: parseFloat, classString: parseFixedString,
		classEnum: parseEnum, classVariable: parseVariable, classArray: parseArray,
	}
}

func (t *datatype) setOrder(big bool) string {
	if big {
		t.order = binary.BigEndian
		return "big-endian"
	}
	return "little-endian"
}

func parseFixed(t *datatype, d *decoder, h typeHead) {
	order := t.setOrder(h.bits&1 != 0)
	offset, precision := d.u16(), d.u16()
	if offset != 0 || precision != 8*t.size || !slices.Contains([]int{1, 2, 4, 8}, t.size) {
		t.name = fmt.Sprintf("integer of %d bits at bit %d of %d bytes", precision, offset, t.size)
		return
	}
	t.kind = Uint
	if h.bits&8 != 0 {
		t.kind = Int
	}
	t.name = fmt.Sprintf("%s%d %s", kindNames[t.kind], precision, order)
}

// floatForms are the fields of the IEEE 754 formats by their size in bytes: the place and
// width of the exponent and of the mantissa, and the bias.
var floatForms = map[int][5]int{2: {10, 5, 0, 10, 15}, 4: {23, 8, 0, 23, 127}, 8: {52, 11, 0, 52, 1023}}

func parseFloat(t *datatype, d *decoder, h typeHead) {
	order := t.setOrder(h.bits&1 != 0)
	offset, precision := d.u16(), d.u16()
	form := [5]int{d.u8(), d.u8(), d.u8(), d.u8(), d.u32()}
	want, known := floatForms[t.size]
	if !known || form != want || offset != 0 || precision != 8*t.size || h.bits&(1<<6) != 0 {
		t.name = fmt.Sprintf("float of %d bits that is not IEEE 754", precision)
		return
	}
	t.kind = Float
	t.name = fmt.Sprintf("float%d %s", precision, order)
}

func parseFixedString(t *datatype, _ *decoder, h typeHead) {
	t.kind = String
	t.padding = int(h.bits & 15)
}

// parseEnum reads an enumeration as the integers that it stands on, or as booleans.
func parseEnum(t *datatype, d *decoder, h typeHead) {
	base, err := parseDatatype(d, h.depth+1)
	if err != nil {
		return
	}
	count := int(h.bits & 0xffff)
	names := make([]string, 0, min(count, d.left()))
	for range count {
		n := bytes.IndexByte(d.b[d.p:], 0)
		if n < 0 {
			d.fail("the name of a member of an enumeration has no end")
			return
		}
		names = append(names, string(d.bytes(n)))
		d.skip(1)
		if h.version < 3 {
			d.skip(7 - n&7) // names are padded to multiples of 8 with their zero
		}
	}
	values := d.bytes(count * base.size)
	if d.err != nil || (base.kind != Int && base.kind != Uint) || base.dims != nil {
		return
	}
	if base.size != t.size {
		d.fail("an enumeration of %d bytes stands on integers of %d", t.size, base.size)
		return
	}
	t.kind, t.order, t.name = base.kind, base.order, "enumeration of "+base.name
	if t.size == 1 && slices.Equal(names, []string{"FALSE", "TRUE"}) && bytes.Equal(values, []byte{0, 1}) {
		t.kind, t.name = Bool, "bool"
	}
}

// parseVariable reads a string of variable length; other sequences stay Other.
func parseVariable(t *datatype, d *decoder, h typeHead) {
	if h.bits&15 != 1 {
		return
	}
	if want := 4 + d.f.addressBytes + 4; t.size != want {
		d.fail("a string of variable length takes %d bytes, expected %d", t.size, want)
	}
	t.kind, t.variable, t.name = String, true, "string of variable length"
}

func parseArray(t *datatype, d *decoder, h typeHead) {
	rank := d.u8()
	if h.version < 3 {
		d.skip(3)
	}
	if rank > maxRank {
		d.fail("an array type has %d axes", rank)
		return
	}
	count := uint64(1)
	for range rank {
		n := d.uint(4)
		t.dims = append(t.dims, int(n))
		if count *= n; count > uint64(t.size) {
			d.fail("an array type of %d bytes has shape %d", t.size, t.dims)
			return
		}
	}
	if h.version < 3 {
		d.skip(4 * rank) // a permutation of the axes, never used
	}
	base, err := parseDatatype(d, h.depth+1)
	if err != nil {
		return
	}
	if uint64(base.size)*count != uint64(t.size) {
		d.fail("an array type of %d bytes has shape %d and elements of %d bytes", t.size, t.dims, base.size)
		return
	}
	dims, size := slices.Concat(t.dims, base.dims), t.size
	*t = *base
	t.dims, t.size = dims, size
}
