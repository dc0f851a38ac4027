package weights

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// NPYRecords says how the elements of a npy array lie in its file: records of one or more
// fields, all of one size, from Start on.
type NPYRecords struct {
	Fields  []NPYField // one without a name where the type is not structured
	Size    int        // bytes of an element
	Shape   []int      // sizes are not negative, their product is below 2^48
	Fortran bool       // the first index runs fastest
	Start   int        // offset of the first element
}

// NPYField is a number of a record.
type NPYField struct {
	Name  string
	DType DType
	Big   bool // big endian
	At    int  // offset in the record
}

// Value reads the field of a record of NPYRecords.Size bytes and tells whether a float64
// holds it exactly.
func (f NPYField) Value(record []byte) (v float64, exact bool) {
	word := record[f.At:][:f.DType.Size()]
	if f.Big {
		word = swapped(word, len(word))
	}
	return dtypes[f.DType].decode(word)
}

// structuredField is one field of a structured type: name and type. Padding has no name; bytes
// without a meaning that have one are data to numpy.
var structuredField = regexp.MustCompile(`^\s*\(\s*['"]([^'"]*)['"]\s*,\s*['"]([^'"]*)['"]\s*\)\s*(?:,|$)`)

// ParseNPYRecords reads the header at the front of a npy file, plain or structured; head
// need not be the whole file. Errors say what was found and expected; they have no place,
// which is the first byte.
func ParseNPYRecords(head []byte) (NPYRecords, error) {
	h, err := parseNPYHeader(head)
	if err != nil {
		return NPYRecords{}, err
	}
	r := NPYRecords{Shape: h.shape, Fortran: h.fortran, Start: h.end}
	if _, ok := elements(h.shape); !ok {
		return NPYRecords{}, fmt.Errorf("found the shape %v, expected sizes that are not negative and fewer than 2^48 elements", h.shape)
	}
	list, structured := strings.CutPrefix(h.descr, "[")
	if !structured {
		list = ""
		if err := r.add("", h.descr); err != nil {
			return NPYRecords{}, err
		}
	}
	list = strings.TrimSuffix(list, "]")
	for strings.TrimSpace(list) != "" {
		m := structuredField.FindStringSubmatch(list)
		if m == nil {
			return NPYRecords{}, fmt.Errorf("found the fields %s, expected (name, type) of numbers", quoted(list))
		}
		if err := r.add(m[1], m[2]); err != nil {
			return NPYRecords{}, err
		}
		list = list[len(m[0]):]
	}
	if len(r.Fields) == 0 {
		return NPYRecords{}, fmt.Errorf("found the type %s without fields, expected numbers", quoted(h.descr))
	}
	return r, nil
}

// maxRecord bounds the bytes of a record.
const maxRecord = 1 << 12

// add appends a field, or passes over padding.
func (r *NPYRecords) add(name, descr string) error {
	if width, void := strings.CutPrefix(descr, "|V"); void {
		if name != "" {
			return fmt.Errorf("found the field %s of the type %s, expected a number, or no name for padding", quoted(name), quoted(descr))
		}
		n, err := strconv.ParseUint(width, 10, 12)
		if err != nil || r.Size+int(n) > maxRecord {
			return fmt.Errorf("found the type %s, expected padding within %d bytes", quoted(descr), maxRecord)
		}
		r.Size += int(n)
		return nil
	}
	dtype, big, ok := parseDescr(descr)
	if !ok {
		return fmt.Errorf("found the type %s, expected a float, integer or bool", quoted(descr))
	}
	r.Fields = append(r.Fields, NPYField{name, dtype, big, r.Size})
	if r.Size += dtype.Size(); r.Size > maxRecord {
		return fmt.Errorf("found a record of more than %d bytes, expected fewer", maxRecord)
	}
	return nil
}

// FormatNPYRecords is the header of n records of fields, all little endian, that lie one
// after the other without padding; offsets are not looked at. One field without a name is a
// plain array.
func FormatNPYRecords(fields []NPYField, n int) []byte {
	if len(fields) == 1 && fields[0].Name == "" {
		return formatNPYHeader(fields[0].DType, []int{n})
	}
	items := make([]string, len(fields))
	for i, f := range fields {
		items[i] = fmt.Sprintf("('%s', '%s')", f.Name, numpyDescr(f.DType))
	}
	return npyHead("["+strings.Join(items, ", ")+"]", []int{n})
}
