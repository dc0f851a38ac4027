package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"decc/ir/diag"
)

// A safetensors file is a little-endian 64-bit length, a JSON object of that
// length, and the bytes of all tensors without holes
// (github.com/huggingface/safetensors, README "Format").
const (
	safetensorsPrefix = 8
	safetensorsMeta   = "__metadata__"
	// safetensorsMax is the header size that the reference reader accepts.
	safetensorsMax = 100_000_000
)

// storedTensor is one entry of the header; Offsets count from the header's end.
type storedTensor struct {
	name    string
	at      int64   // byte of the file where the entry ends
	DType   string  `json:"dtype"`
	Shape   []int   `json:"shape"`
	Offsets []int64 `json:"data_offsets"`
}

// isSafetensors asks for a header that opens an object. Its length is far below
// 4 GiB, so the upper half of the length is zero, which no text has.
func isSafetensors(data []byte) bool {
	return len(data) > safetensorsPrefix && data[safetensorsPrefix] == '{' && loadWord(data[4:safetensorsPrefix]) == 0
}

func readSafetensors(d *decoder) error {
	length := int64(loadWord(d.data[:safetensorsPrefix]))
	rest := d.data[safetensorsPrefix:]
	if length > safetensorsMax || length > int64(len(rest)) {
		return d.badSafetensors(0, "a header of %d bytes, expected at most %d", length, min(safetensorsMax, len(rest)))
	}
	stored, err := d.safetensorsHeader(rest[:length])
	if err != nil {
		return err
	}
	return d.addStored(stored, rest[length:])
}

func (d *decoder) badSafetensors(at int64, format string, args ...any) *diag.Diagnostic {
	return d.errorf(at, codeSafetensors, "the safetensors file is damaged: "+format, args...).
		WithFix("write the file again with the safetensors library")
}

// safetensorsHeader reads the object key by key: a JSON decoder would silently
// keep the last of two equal names.
func (d *decoder) safetensorsHeader(header []byte) ([]storedTensor, error) {
	in := json.NewDecoder(bytes.NewReader(header))
	in.DisallowUnknownFields()
	at := func() int64 { return safetensorsPrefix + in.InputOffset() }
	if _, err := in.Token(); err != nil {
		return nil, d.badSafetensors(at(), "%v", err)
	}
	var stored []storedTensor
	for in.More() {
		s, err := d.headerEntry(in)
		if err != nil {
			return nil, d.badSafetensors(at(), "%v", err)
		}
		if s.at = at(); s.name != safetensorsMeta {
			stored = append(stored, s)
		}
	}
	if _, err := in.Token(); err != nil {
		return nil, d.badSafetensors(at(), "%v", err)
	}
	if tail := header[in.InputOffset():]; strings.Trim(string(tail), " ") != "" {
		return nil, d.badSafetensors(at(), "found %s after the header, expected blanks", quoted(string(tail)))
	}
	return stored, nil
}

func (d *decoder) headerEntry(in *json.Decoder) (storedTensor, error) {
	key, err := in.Token()
	if err != nil {
		return storedTensor{}, err
	}
	s := storedTensor{name: fmt.Sprint(key)}
	if s.name != safetensorsMeta {
		return s, in.Decode(&s)
	}
	if d.meta != nil {
		return s, fmt.Errorf("two objects %s", safetensorsMeta)
	}
	return s, in.Decode(&d.meta)
}

// addStored walks the tensors in order of their bytes, so that holes and
// overlaps show.
func (d *decoder) addStored(stored []storedTensor, data []byte) error {
	sort.SliceStable(stored, func(i, j int) bool { return stored[i].before(stored[j]) })
	var next int64
	for _, s := range stored {
		if len(s.Offsets) != 2 || s.Offsets[0] != next || s.Offsets[1] < next || s.Offsets[1] > int64(len(data)) {
			return d.badSafetensors(s.at, "tensor %q has bytes %v of %d, expected them to start at %d", s.name, s.Offsets, len(data), next)
		}
		if err := d.addStoredTensor(s, data[next:s.Offsets[1]]); err != nil {
			return err
		}
		next = s.Offsets[1]
	}
	if next != int64(len(data)) {
		return d.badSafetensors(safetensorsPrefix, "its tensors end at byte %d of %d", next, len(data))
	}
	return nil
}

func (s storedTensor) before(t storedTensor) bool {
	if len(s.Offsets) != 2 || len(t.Offsets) != 2 {
		return len(s.Offsets) < len(t.Offsets)
	}
	if s.Offsets[0] != t.Offsets[0] {
		return s.Offsets[0] < t.Offsets[0]
	}
	return s.Offsets[1] < t.Offsets[1]
}

func (d *decoder) addStoredTensor(s storedTensor, raw []byte) error {
	dtype, ok := dtypeWhere(byName, s.DType)
	if !ok {
		return dtypeError(diag.AtOffset(d.name, s.at), s.name, quoted(s.DType), byName)
	}
	n, ok := elements(s.Shape)
	if !ok || s.Shape == nil || n*int64(dtype.Size()) != int64(len(raw)) {
		return d.badSafetensors(s.at, "tensor %q of shape %v and type %s has %d bytes", s.name, s.Shape, dtype, len(raw))
	}
	return d.addView(diag.AtOffset(d.name, s.at), s.name, rowMajor(dtype, s.Shape), raw)
}

// appendHeader is the length and the JSON of a header, padded with blanks so
// that the data starts at a multiple of eight bytes.
func appendHeader(out []byte, text string) []byte {
	text += strings.Repeat(" ", (8-len(text)%8)%8)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(text)))
	return append(out, text...)
}
