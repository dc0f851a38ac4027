package weights

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"decc/ir/diag"
)

// The npy format is that of numpy.lib.format: magic, version, header length, a
// Python dictionary of three keys padded with blanks, the elements.
const (
	npyMagic     = "\x93NUMPY"
	npyHeaderMax = 1 << 16
)

// npyHeader is the dictionary of a npy file.
type npyHeader struct {
	descr   string // byte order, kind and size: "<f4"; a structured type keeps its brackets
	fortran bool
	shape   []int
	end     int // offset of the first element
}

func readNPYFile(d *decoder) error { return d.readNPY(d.name, d.stem(), d.data) }

// readNPY decodes one array; file is the name for positions.
func (d *decoder) readNPY(file, name string, data []byte) error {
	h, err := parseNPYHeader(data)
	if err != nil {
		return diag.Errorf(diag.AtOffset(file, 0), codeNPY, "the npy header of %q is damaged: %v", name, err).
			WithFix("write the array again with numpy.save")
	}
	dtype, big, ok := parseDescr(h.descr)
	if !ok {
		return dtypeError(diag.AtOffset(file, 0), name, quoted(h.descr), byNumpy)
	}
	return d.addNPY(diag.AtOffset(file, int64(h.end)), name, h, dtype, big, data[h.end:])
}

func (d *decoder) addNPY(pos diag.Pos, name string, h npyHeader, dtype DType, big bool, raw []byte) error {
	n, ok := elements(h.shape)
	if !ok || n*int64(dtype.Size()) != int64(len(raw)) {
		return diag.Errorf(pos, codeNPY, "%q of shape %v and type %s is followed by %d bytes, expected %d bytes an element",
			name, h.shape, h.descr, len(raw), dtype.Size()).WithFix("write the array again with numpy.save; one file holds one array")
	}
	if big {
		raw = swapped(raw, dtype.Size())
	}
	layout := rowMajor
	if h.fortran {
		layout = columnMajor
	}
	return d.addView(pos, name, layout(dtype, h.shape), raw)
}

// parseDescr reads a byte order ("<", "=" and "|" are little) and a type.
func parseDescr(descr string) (dtype DType, big, ok bool) {
	if descr == "" || !strings.Contains("<>=|", descr[:1]) {
		return 0, false, false
	}
	dtype, ok = dtypeWhere(byNumpy, descr[1:])
	return dtype, descr[0] == '>', ok
}

func parseNPYHeader(data []byte) (npyHeader, error) {
	text, end, err := npyDictionary(data)
	if err != nil {
		return npyHeader{}, err
	}
	h := npyHeader{end: end}
	return h, h.parse(text)
}

// npyDictionary cuts the header's text out of a file. Versions 2 and 3 have a
// four-byte length; 3 allows UTF-8 in the names of fields.
func npyDictionary(data []byte) (string, int, error) {
	const fixed = len(npyMagic) + 2
	if len(data) < fixed || string(data[:len(npyMagic)]) != npyMagic {
		return "", 0, fmt.Errorf("found %q, expected %q and a version", data[:min(len(data), fixed)], npyMagic)
	}
	version := data[len(npyMagic)]
	if version < 1 || version > 3 {
		return "", 0, fmt.Errorf("found version %d, expected 1, 2 or 3", version)
	}
	width := 2
	if version > 1 {
		width = 4
	}
	start := fixed + width
	if len(data) < start {
		return "", 0, fmt.Errorf("the file ends at byte %d, inside the header's length", len(data))
	}
	length := int64(loadWord(data[fixed:start]))
	if length > npyHeaderMax || length > int64(len(data)-start) {
		return "", 0, fmt.Errorf("a length of %d bytes, expected at most %d", length, min(npyHeaderMax, len(data)-start))
	}
	end := start + int(length)
	return string(data[start:end]), end, nil
}

// npyItem is one key of the dictionary with its value: text, list, bool or tuple.
var npyItem = regexp.MustCompile(`^\s*['"](\w+)['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[.*\])|(True|False)|\(([\d\s,L]*)\))\s*(?:,|$)`)

func (h *npyHeader) parse(text string) error {
	text = strings.TrimSpace(text)
	inner, ok := strings.CutPrefix(text, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !ok || !closed {
		return fmt.Errorf("found %s, expected a dictionary", quoted(text))
	}
	seen := map[string]bool{}
	for strings.TrimSpace(inner) != "" {
		m := npyItem.FindStringSubmatch(inner)
		if m == nil || seen[m[1]] {
			return fmt.Errorf("found %s, expected descr, fortran_order and shape once each", quoted(inner))
		}
		seen[m[1]] = true
		if err := h.set(m[1], m[2:]); err != nil {
			return err
		}
		inner = inner[len(m[0]):]
	}
	if len(seen) != len(npyKeys) {
		return fmt.Errorf("found %d keys, expected descr, fortran_order and shape", len(seen))
	}
	return nil
}

// npyKeys stores the values of a key: text, list, bool, tuple.
var npyKeys = map[string]func(h *npyHeader, v []string) error{
	"descr":         func(h *npyHeader, v []string) error { h.descr = v[0] + v[1]; return nil },
	"fortran_order": func(h *npyHeader, v []string) error { h.fortran = v[2] == "True"; return nil },
	"shape":         (*npyHeader).setShape,
}

func (h *npyHeader) set(key string, values []string) error {
	store, known := npyKeys[key]
	if !known {
		return fmt.Errorf("found the key %q, expected descr, fortran_order or shape", key)
	}
	return store(h, values)
}

// setShape reads the sizes of a tuple; Python 2 wrote them as longs, "3L".
func (h *npyHeader) setShape(values []string) error {
	h.shape = []int{}
	for _, field := range strings.Split(values[3], ",") {
		field = strings.TrimSpace(field)
		if field == "" {
			continue
		}
		size, err := strconv.Atoi(strings.TrimSuffix(field, "L"))
		if err != nil {
			return fmt.Errorf("found the size %s in the shape, expected an integer", quoted(field))
		}
		h.shape = append(h.shape, size)
	}
	return nil
}

// formatNPYHeader is the header that numpy writes: version 1.0, padded with
// blanks so that the elements start at a multiple of 64 bytes.
func formatNPYHeader(dtype DType, shape []int) []byte {
	return npyHead("'"+numpyDescr(dtype)+"'", shape)
}

// numpyDescr is a type as numpy names it, such as <f4.
func numpyDescr(dtype DType) string {
	order := "<"
	if dtype.Size() == 1 {
		order = "|"
	}
	return order + dtypes[dtype].numpy
}

// npyHead is the header with a type as Python prints it.
func npyHead(descr string, shape []int) []byte {
	text := fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': %s, }", descr, tuple(shape))
	const fixed = len(npyMagic) + 4
	blanks := (64 - (fixed+len(text)+1)%64) % 64
	text += strings.Repeat(" ", blanks) + "\n"
	head := append([]byte(npyMagic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(text)))
	return append(head, text...)
}

// tuple is a shape as Python prints it: (), (3,), (3, 4).
func tuple(shape []int) string {
	fields := make([]string, len(shape))
	for i, size := range shape {
		fields[i] = strconv.Itoa(size)
	}
	if len(shape) == 1 {
		return "(" + fields[0] + ",)"
	}
	return "(" + strings.Join(fields, ", ") + ")"
}
