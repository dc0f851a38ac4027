package stimulus

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"

	"decc/ir/diag"
)

// recordingSet is the name of the recordings' row in DataSets.
const recordingSet = "nmnist-small"

const (
	// maxRecordings bounds one part of a set: N-MNIST has 60000.
	maxRecordings = 1 << 17
	// maxRecordingBytes bounds the recordings of one part together.
	maxRecordingBytes = 1 << 30
)

func noUsualPlace() (string, error) {
	return "", diag.Errorf(diag.Pos{}, codeNotFound, "%s has no usual place", recordingSet).
		WithFix("name its folder: data.folder in the model, or --folder")
}

// listColumns are the columns of train.csv and test.csv, in this order. The third may
// also be called index.
var listColumns = []string{"file", "label", "mnist_index", "events"}

// recording is one line of a list of recordings.
type recording struct {
	path                 string // local to the folder of the list
	label, index, events int32
	line                 int
}

// OpenRecordings reads one part ("train" or "test") of a folder of recordings in the
// form of N-MNIST: train.csv and test.csv with the columns file, label, mnist_index (the
// position in MNIST, which becomes Images.Index) and events, and the files that they
// name. The set is named after the folder. Errors are diagnostics of codes data/*.
func OpenRecordings(dir, split string) (*Images, error) {
	list := filepath.Join(dir, split+".csv")
	f, err := openFile(list)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := readRecordingList(f, list)
	if err != nil {
		return nil, err
	}
	m := &Images{Name: filepath.Base(dir) + "/" + split, Rows: sensorSide, Cols: sensorSide, Ends: []int{}}
	for _, row := range rows {
		if err := m.addRecording(dir, list, row); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Images) addRecording(dir, list string, row recording) error {
	path := filepath.Join(dir, filepath.FromSlash(row.path))
	f, err := openFile(path)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := ReadEvents(f, path)
	if err != nil {
		return err
	}
	if found := len(data) / EventBytes; found != int(row.events) {
		return diag.Errorf(diag.Pos{File: path}, codeMismatch, "found %d events, expected %d", found, row.events).
			WithNote("the number is at %s", diag.At(list, row.line, 1)).WithFix("take the list and the recordings from the same set")
	}
	if len(m.Pixels)+len(data) > maxRecordingBytes {
		return diag.Errorf(diag.At(list, row.line, 1), codeTooLarge, "the recordings up to here have more than %d bytes", maxRecordingBytes).
			WithFix("shorten the list")
	}
	m.Pixels = append(m.Pixels, data...)
	m.Ends = append(m.Ends, len(m.Pixels))
	m.Labels = append(m.Labels, int(row.label))
	m.Index = append(m.Index, int(row.index))
	return nil
}

// readRecordingList reads a list of recordings; file names the input in errors.
func readRecordingList(r io.Reader, file string) ([]recording, error) {
	c := &csvRows{file: file, limits: defaultTextLimits, table: csv.NewReader(&boundedReader{r: r, left: defaultTextLimits.bytes})}
	c.table.ReuseRecord, c.table.TrimLeadingSpace, c.table.Comment = true, true, '#'
	if err := c.listHeader(); err != nil {
		return nil, err
	}
	var rows []recording
	lines := map[int32]int{} // by position
	for {
		row, err := c.nextRecording()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		at := diag.At(file, row.line, 1)
		if first, twice := lines[row.index]; twice {
			return nil, diag.Errorf(at, codeLine, "position %d is here for the second time, first in line %d", row.index, first).
				WithFix("list every recording once")
		}
		if len(rows) == maxRecordings {
			return nil, diag.Errorf(at, codeTooLarge, "the list holds more than %d recordings", maxRecordings).WithFix("split the list")
		}
		lines[row.index] = row.line
		rows = append(rows, row)
	}
}

func (c *csvRows) listHeader() error {
	header, err := c.table.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return c.explain(err)
	}
	names := slices.Clone(header)
	if i := slices.Index(names, "index"); i >= 0 {
		names[i] = "mnist_index"
	}
	if !slices.Equal(names, listColumns) {
		return badHeader(c.file, header, "file,label,mnist_index,events")
	}
	return nil
}

// nextRecording returns the next line, or io.EOF.
func (c *csvRows) nextRecording() (recording, error) {
	record, err := c.table.Read()
	if errors.Is(err, io.EOF) {
		return recording{}, io.EOF
	}
	if err != nil {
		return recording{}, c.explain(err)
	}
	line, col := c.table.FieldPos(0)
	row := recording{path: record[0], line: line}
	if !filepath.IsLocal(filepath.FromSlash(row.path)) {
		d := diag.Errorf(diag.At(c.file, line, col), codeField, "found the file %s, expected one in the folder of the list", strconv.Quote(shown(row.path)))
		return row, d.WithFix("write a relative path without ..")
	}
	for i, to := range []*int32{&row.label, &row.index, &row.events} {
		if *to, err = c.number(record, i+1); err != nil {
			return row, err
		}
	}
	if row.label > maxLabel {
		line, col := c.table.FieldPos(1)
		return row, diag.Errorf(diag.At(c.file, line, col), codeField, "found the label %d, expected 0..%d", row.label, maxLabel).
			WithFix("number the classes from 0")
	}
	return row, nil
}

// maxLabel is the largest label of a sample.
const maxLabel = 255

// number reads a column of whole numbers from 0.
func (c *csvRows) number(record []string, column int) (int32, error) {
	line, col := c.table.FieldPos(column)
	v, err := strconv.ParseInt(record[column], 10, 32)
	if err == nil && v >= 0 {
		return int32(v), nil
	}
	return 0, diag.Errorf(diag.At(c.file, line, col), codeField, "found %q, expected the %s: a whole number from 0", shown(record[column]), listColumns[column]).
		WithFix("write whole numbers")
}

// shown shortens a text of a file to a readable length.
func shown(text string) string { return fmt.Sprintf("%.80s", text) }
