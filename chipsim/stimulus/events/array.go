package events

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"decc/compiler/model/weights"
)

// Arrays of NumPy (data.md 3.5): records with the fields t, x, y and p in microseconds, as
// tonic has them; plain rows x, y, p, t or x, p, t in milliseconds, as lava-dl has them; and
// the columns t, x, y and p as members of a npz, as SpikingJelly has them.

// The values of an event, in the order in which arrayEvent takes them.
const (
	valueT = iota
	valueX
	valueY
	valueP
	eventValues
)

var valueNames = [eventValues]string{"t", "x", "y", "p"}

// plainRows are the values of a plain row by its length.
var plainRows = map[int][]int{4: {valueX, valueY, valueP, valueT}, 3: {valueX, valueP, valueT}}

const (
	millisecond = 1000 // us
	plainNote   = "plain rows: times are in milliseconds, as lava-dl has them, and rounded to microseconds"
	fixArray    = "save records of the fields t, x, y, p, or plain rows x, y, p, t, with numpy.save; decc inspect shows other arrays"
)

// array decodes the records of a npy file.
type array struct {
	records
	left   int64
	fields [eventValues]*weights.NPYField // nil for one that is always 0
	micros float64                        // of a unit of time
}

func openNPY(s *source) (decoder, error) {
	layout, err := s.arrayHead()
	if err != nil {
		return nil, err
	}
	if layout.Fortran && s.whole != nil && len(layout.Shape) == 2 && plainRows[layout.Shape[1]] != nil {
		return s.openColumns(layout), nil
	}
	d := &array{micros: 1}
	if expected := d.columns(layout); expected != "" {
		return nil, s.errorf(codeUnsupported, "found an array of shape %v with %s, expected %s", layout.Shape, fieldText(layout), expected).WithFix(fixArray)
	}
	if d.micros > 1 {
		s.info.Notes = append(s.info.Notes, plainNote)
	}
	d.left = int64(layout.Shape[0])
	size := layout.Size
	if len(layout.Shape) > 1 {
		size *= layout.Shape[1]
	}
	d.records = records{s: s, size: size, what: "an event", event: d.record}
	return d, nil
}

// arrayHead takes the head of a npy file.
func (s *source) arrayHead() (weights.NPYRecords, error) {
	layout, err := weights.ParseNPYRecords(s.head(headBytes))
	if err != nil {
		return layout, s.errorf(codeHeader, "the head of the array cannot be read: %v", err).WithFix(fixArray)
	}
	s.discard(layout.Start)
	return layout, nil
}

func fieldText(layout weights.NPYRecords) string {
	if len(layout.Fields) == 1 && layout.Fields[0].Name == "" {
		return "one number an element"
	}
	names := make([]string, len(layout.Fields))
	for i, f := range layout.Fields {
		names[i] = f.Name
	}
	return fmt.Sprintf("the fields %q", names)
}

// columns finds the values of an event in an array; expected says what is missing.
func (d *array) columns(layout weights.NPYRecords) (expected string) {
	shape := layout.Shape
	if len(layout.Fields) == 1 && layout.Fields[0].Name == "" {
		if len(shape) != 2 || plainRows[shape[1]] == nil {
			return "rows x, y, p, t or x, p, t"
		}
		if layout.Fortran && shape[0] > 1 {
			return "rows one after the other, in a packed file (numpy.ascontiguousarray)"
		}
		for i, value := range plainRows[shape[1]] {
			f := layout.Fields[0]
			f.At = i * layout.Size
			d.fields[value] = &f
		}
		d.micros = millisecond
		return ""
	}
	if len(shape) != 1 {
		return "one row of records"
	}
	for value, name := range valueNames {
		i := slices.IndexFunc(layout.Fields, func(f weights.NPYField) bool { return f.Name == name })
		if i < 0 {
			return "the fields t, x, y and p"
		}
		d.fields[value] = &layout.Fields[i]
	}
	return ""
}

func (d *array) decode(q []Event) ([]Event, error) {
	if d.left == 0 {
		return q, d.s.over()
	}
	block, err := d.s.records(d.size, int(min(d.left, blockRecords)), d.what)
	if errors.Is(err, io.EOF) {
		return q, d.s.errorf(codeTruncated, "the file ends here, expected %d more events", d.left).WithFix(fixCopy)
	}
	if err != nil {
		return q, err
	}
	d.left -= int64(len(block) / d.size)
	return d.events(q, block)
}

// over is io.EOF where the file ends.
func (s *source) over() error {
	if _, err := s.take(1, "the end"); err != nil {
		return err
	}
	s.at--
	return s.errorf(codeHeader, "the file goes on after the last event of its header, expected its end").WithFix(fixCopy)
}

func (d *array) record(q []Event, record []byte) ([]Event, error) {
	var v [eventValues]float64
	for i, f := range d.fields {
		if f == nil {
			continue
		}
		exact := false
		if v[i], exact = f.Value(record); !exact {
			return q, d.s.errorf(codeEvent, "found %s beyond 2^53, expected a smaller number", valueNames[i]).WithFix(fixArray)
		}
	}
	e, wrong := arrayEvent(v, d.micros)
	if wrong != "" {
		return q, d.s.errorf(codeEvent, "found %s", wrong).WithFix(fixArray)
	}
	return append(q, e), nil
}

// arrayEvent makes an event of numbers; micros is the unit of the time.
func arrayEvent(v [eventValues]float64, micros float64) (e Event, wrong string) {
	t := math.RoundToEven(v[valueT] * micros)
	if !(math.Abs(t) <= MaxTime) {
		return e, fmt.Sprintf("t = %v, expected a time within 2^53 us", v[valueT])
	}
	for i, most := range [eventValues]float64{valueX: math.MaxInt32, valueY: math.MaxInt32, valueP: math.MaxUint8} {
		if i != valueT && (!(v[i] >= 0 && v[i] <= most) || v[i] != math.Trunc(v[i])) {
			return e, fmt.Sprintf("%s = %v, expected a whole number from 0 to %.0f", valueNames[i], v[i], most)
		}
	}
	return Event{T: int64(t), X: int32(v[valueX]), Y: int32(v[valueY]), P: uint8(v[valueP])}, ""
}

// written are the numbers of a written array, in the order of tonic's records. They hold every
// event.
var written = [eventValues]struct {
	name  string
	dtype weights.DType
	put   func(b []byte, e Event) []byte
}{
	{valueNames[valueX], weights.I32, func(b []byte, e Event) []byte { return binary.LittleEndian.AppendUint32(b, uint32(e.X)) }},
	{valueNames[valueY], weights.I32, func(b []byte, e Event) []byte { return binary.LittleEndian.AppendUint32(b, uint32(e.Y)) }},
	{valueNames[valueP], weights.U8, func(b []byte, e Event) []byte { return append(b, e.P) }},
	{valueNames[valueT], weights.I64, func(b []byte, e Event) []byte { return binary.LittleEndian.AppendUint64(b, uint64(e.T)) }},
}

func createNPY(_ Info, extent Extent) ([]byte, encoder) {
	var fields []weights.NPYField
	for _, f := range written {
		fields = append(fields, weights.NPYField{Name: f.name, DType: f.dtype})
	}
	return weights.FormatNPYRecords(fields, int(extent.Events)), fixed(func(b []byte, e Event) []byte {
		for _, f := range written {
			b = f.put(b, e)
		}
		return b
	})
}

// npzWriter writes a column in each pass over the events.
type npzWriter struct {
	out    gathered
	zip    *zip.Writer
	member io.Writer
	column int // the next one
	events int
	left   int // events of the column
	record []byte
}

// gathered are bytes that are still to be taken.
type gathered []byte

func (g *gathered) Write(p []byte) (int, error) {
	*g = append(*g, p...)
	return len(p), nil
}

func createNPZ(_ Info, extent Extent) ([]byte, encoder) {
	d := &npzWriter{events: int(extent.Events)}
	d.zip = zip.NewWriter(&d.out)
	return nil, d
}

// begin writes the head of the next column. Nothing fails that is written into memory.
func (d *npzWriter) begin() {
	f := written[d.column]
	d.member, _ = d.zip.CreateHeader(&zip.FileHeader{Name: f.name + ".npy", Method: zip.Deflate})
	_, _ = d.member.Write(weights.FormatNPYRecords([]weights.NPYField{{DType: f.dtype}}, d.events))
	d.column, d.left = d.column+1, d.events
}

func (d *npzWriter) encode(b []byte, e Event) ([]byte, string) {
	if d.left == 0 {
		d.begin()
	}
	d.left--
	d.record = written[d.column-1].put(d.record[:0], e)
	_, _ = d.member.Write(d.record)
	return d.take(b), ""
}

// take moves what was gathered behind b.
func (d *npzWriter) take(b []byte) []byte {
	b = append(b, d.out...)
	d.out = d.out[:0]
	return b
}

func (d *npzWriter) finish(b []byte) []byte {
	for d.column < len(written) { // where there are no events
		d.begin()
	}
	_ = d.zip.Close()
	return d.take(b)
}

// columns reads the arrays of a npz, or the columns of an array, side by side.
type columns struct {
	part   [eventValues]*column // nil for one that is always 0
	left   int64
	micros float64 // of a unit of time
}

// openColumns reads plain rows of which the file holds one column after the other.
func (s *source) openColumns(layout weights.NPYRecords) *columns {
	d := &columns{left: int64(layout.Shape[0]), micros: millisecond}
	s.info.Notes = append(s.info.Notes, plainNote)
	bytes := d.left * int64(layout.Size)
	values := plainRows[layout.Shape[1]]
	for i, value := range values {
		c := &source{file: s.file, at: int64(layout.Start) + int64(i)*bytes}
		end := bytes
		if i == len(values)-1 {
			end = math.MaxInt64 - c.at // what follows is found at the end
		}
		c.open(io.NewSectionReader(s.whole, c.at, end))
		d.part[value] = &column{c, layout.Size, layout.Fields[0]}
	}
	return d
}

// column is one array of a npz, or one column of an array.
type column struct {
	s    *source
	size int
	f    weights.NPYField
}

func openNPZ(s *source) (decoder, error) {
	if s.whole == nil {
		return nil, s.errorf(codeUnsupported, "found a npz that is no plain file, expected one that can be read at any place").
			WithFix("unpack the file first, and give its name")
	}
	size, err := s.size()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(s.whole, size)
	if err != nil {
		return nil, s.errorf(codePacket, "found a damaged ZIP archive (%v), expected a npz", err).WithFix(fixCopy)
	}
	d := &columns{left: -1, micros: 1}
	for value, name := range valueNames {
		i := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == name+".npy" })
		if i < 0 {
			return nil, s.errorf(codeUnsupported, "found no array %s in the npz, expected t, x, y and p", name).WithFix("save the four columns with numpy.savez, or give one of the files in the archive")
		}
		if err := d.open(value, s.file, z.File[i]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// open reads the head of a column; all have the same length.
func (d *columns) open(value int, file string, member *zip.File) error {
	s := &source{file: file + ":" + member.Name}
	r, err := member.Open()
	if err != nil {
		return s.errorf(codePacket, "cannot unpack the array: %v, expected a member that is stored or deflated", err).WithFix(fixCopy)
	}
	s.open(r)
	layout, err := s.arrayHead()
	if err != nil {
		return err
	}
	if len(layout.Shape) != 1 || len(layout.Fields) != 1 {
		return s.errorf(codeUnsupported, "found an array of shape %v with %s, expected one row of numbers", layout.Shape, fieldText(layout)).WithFix(fixArray)
	}
	n := int64(layout.Shape[0])
	if d.left < 0 {
		d.left = n
	}
	if n != d.left {
		return s.errorf(codeHeader, "found %d elements, expected %d as in t", n, d.left).WithFix("save columns of one length")
	}
	d.part[value] = &column{s, layout.Size, layout.Fields[0]}
	return nil
}

func (d *columns) decode(q []Event) ([]Event, error) {
	if d.left == 0 {
		return q, d.over()
	}
	for range min(d.left, blockRecords) {
		var v [eventValues]float64
		for i, c := range d.part {
			var err error
			if c == nil {
				continue
			}
			if v[i], err = c.next(); err != nil {
				return q, err
			}
		}
		e, wrong := arrayEvent(v, d.micros)
		if wrong != "" {
			return q, d.part[valueT].s.errorf(codeEvent, "the event that ends here has %s", wrong).WithFix(fixArray)
		}
		d.left--
		q = append(q, e)
	}
	return q, nil
}

// over is io.EOF where all columns end.
func (d *columns) over() error {
	for _, c := range d.part {
		if c == nil {
			continue
		}
		if err := c.s.over(); !errors.Is(err, io.EOF) {
			return err
		}
	}
	return io.EOF
}

func (c *column) next() (float64, error) {
	word, err := c.s.must(c.size, "an element")
	if err != nil {
		return 0, err
	}
	v, exact := c.f.Value(word)
	if !exact {
		return 0, c.s.errorf(codeEvent, "found a number beyond 2^53, expected a smaller one").WithFix(fixArray)
	}
	return v, nil
}
