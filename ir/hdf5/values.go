package hdf5

import (
	"slices"

	"decc/ir/diag"
)

// Values is the array of a dataset or an attribute. The methods that read take a limit of
// elements, 0 for DefaultLimit, and refuse a larger array; the methods that end in At read
// the rows first to first+count-1, which are what the first axis counts. Elements come in
// C order: the last axis is the fastest.
type Values struct {
	f     *File
	label string // for messages
	at    int64
	typ   *datatype
	space dataspace
	open  func() (storage, error)
	store storage
}

// storage is where the bytes of an array lie.
type storage interface {
	// read fills dst with whole rows, from a byte of the array.
	read(dst []byte, from int) error
}

// maxArrayBytes keeps offsets within an array far from the limit of an int.
const maxArrayBytes = 1 << 50

// newValues reads the type and the shape.
func newValues(h *header, label string, typeMessage, spaceMessage *message) (*Values, error) {
	v := &Values{f: h.f, label: label, at: typeMessage.at}
	owner, m, err := h.resolve(typeMessage)
	if err != nil {
		return nil, err
	}
	if v.typ, err = parseDatatype(owner.decode(m, "the datatype of "+label), 0); err != nil {
		return nil, err
	}
	if owner, m, err = h.resolve(spaceMessage); err != nil {
		return nil, err
	}
	if v.space, err = parseDataspace(owner.decode(m, "the dataspace of "+label)); err != nil {
		return nil, err
	}
	if v.space.elements() > maxArrayBytes/v.typ.size {
		return nil, v.errorf(codeTooLarge, "%s has %d elements of %d bytes", label, v.space.elements(), v.typ.size).WithFix(fixCopy)
	}
	return v, nil
}

func (v *Values) errorf(code, format string, args ...any) *diag.Diagnostic {
	return v.f.errorf(v.at, code, format, args...)
}

// Shape is the number of elements along each axis, the slowest first: none for a scalar,
// {0} for a null dataspace. The axes of an array type follow those of the dataspace.
func (v *Values) Shape() []int {
	if v.space.null {
		return []int{0}
	}
	return slices.Concat(v.space.dims, v.typ.dims)
}

// Kind is what the elements are.
func (v *Values) Kind() Kind { return v.typ.kind }

// Type names the type with its width and byte order.
func (v *Values) Type() string { return v.typ.name }

// ElementBytes is the number of bytes that one element takes in the file.
func (v *Values) ElementBytes() int { return v.typ.base }

// Len is the number of elements.
func (v *Values) Len() int { return v.space.elements() * (v.typ.size / v.typ.base) }

// Rows is the size of the first axis, 1 for a scalar.
func (v *Values) Rows() int {
	if shape := v.Shape(); len(shape) > 0 {
		return shape[0]
	}
	return 1
}

// raw reads rows as the bytes of the file, at most limit elements.
func (v *Values) raw(first, count, limit int) ([]byte, error) {
	defer v.f.operation()()
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit = min(limit, maxSpace)
	rows := v.Rows()
	if first < 0 || count < 0 || first > rows || count > rows-first {
		return nil, v.errorf(codeRange, "rows %d to %d of %s are asked for, and it has %d", first, first+count-1, v.label, rows).
			WithFix("ask for rows 0 to %d", rows-1)
	}
	if v.Len() == 0 || count == 0 {
		return nil, nil
	}
	perRow := v.Len() / rows
	if count > limit/perRow {
		return nil, v.errorf(codeTooLarge, "%d elements of %s are asked for, and %d are accepted", count*perRow, v.label, limit).
			WithFix("read ranges of rows, or raise the limit")
	}
	n := count * perRow * v.typ.base
	// An element of a sound file takes a few bytes, unless it is a text of the file.
	const wide = 64
	if int64(n) > max(v.f.size, int64(limit)*wide) {
		return nil, v.errorf(codeTooLarge, "%d bytes of %s are asked for, from a file of %d", n, v.label, v.f.size).WithFix("read ranges of rows")
	}
	return v.bytes(first*perRow*v.typ.base, n)
}

func (v *Values) bytes(from, n int) ([]byte, error) {
	if v.store == nil {
		store, err := v.open()
		if err != nil {
			return nil, err
		}
		v.store = store
	}
	if sized, ok := v.store.(interface{ check(from, n int) error }); ok {
		if err := sized.check(from, n); err != nil {
			return nil, err
		}
	}
	dst := make([]byte, n)
	return dst, v.store.read(dst, from)
}
