package stimulus

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// csvColumns lists the columns of a CSV file of spikes: the header words that name
// one, and whether it must be there.
var csvColumns = []struct {
	words    []string
	required bool
}{
	{[]string{"row", "step", "t"}, true},
	{[]string{"index", "neuron"}, true},
	{[]string{"payload"}, false},
}

// ReadCSV reads spikes from comma-separated text (RFC 4180) whose first line names the
// columns, in any order: row (or step, or t), index (or neuron) and, where spikes are
// graded, payload (default 1). Lines that begin with # are skipped. Lines may come in
// any order; the train is sorted. file names the input in errors, which are
// diagnostics at line:column.
func ReadCSV(r io.Reader, file string) (spikes.Train, error) {
	return readCSV(r, file, defaultTextLimits)
}

func readCSV(r io.Reader, file string, limits textLimits) (spikes.Train, error) {
	rows, err := newCSVRows(r, file, limits)
	if err != nil {
		return nil, err
	}
	var train spikes.Train
	for {
		e, line, err := rows.next()
		if errors.Is(err, io.EOF) {
			train.Sort()
			return train, nil
		}
		if err != nil {
			return nil, err
		}
		if train, err = addEvent(train, e, file, line, limits); err != nil {
			return nil, err
		}
	}
}

// csvRows reads the lines below the header.
type csvRows struct {
	file   string
	limits textLimits
	table  *csv.Reader
	column []int // of each row of csvColumns; -1 for absent
}

func newCSVRows(r io.Reader, file string, limits textLimits) (*csvRows, error) {
	c := &csvRows{file: file, limits: limits, table: csv.NewReader(&boundedReader{r: r, left: limits.bytes})}
	c.table.ReuseRecord, c.table.TrimLeadingSpace, c.table.Comment = true, true, '#'
	header, err := c.table.Read()
	if errors.Is(err, io.EOF) {
		return nil, diag.Errorf(diag.At(file, 1, 1), codeHeader, "the file is empty, expected a header such as row,index").
			WithFix("begin the file with a line that names the columns")
	}
	if err != nil {
		return nil, c.explain(err)
	}
	c.column, err = findColumns(file, header)
	return c, err
}

// next returns the spike of the next line and its line number, or io.EOF.
func (c *csvRows) next() (spikes.Event, int, error) {
	record, err := c.table.Read()
	if errors.Is(err, io.EOF) {
		return spikes.Event{}, 0, io.EOF
	}
	if err != nil {
		return spikes.Event{}, 0, c.explain(err)
	}
	cell := func(want int) field {
		at := c.column[want]
		if at < 0 {
			return plain
		}
		line, col := c.table.FieldPos(at)
		return field{text: record[at], line: line, col: col}
	}
	line, _ := c.table.FieldPos(0)
	e, err := readEvent(c.file, cell(0), cell(1), cell(2))
	return e, line, err
}

func (c *csvRows) explain(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return textError(err, c.file, 0, c.limits)
	}
	return diag.Errorf(diag.At(c.file, parse.Line, parse.Column), codeLine, "%v", parse.Err).
		WithFix("write as many fields on each line as the header has")
}

// findColumns places every known column in the header; no other word may stand there.
func findColumns(file string, header []string) ([]int, error) {
	column := make([]int, len(csvColumns))
	used := 0
	for c, want := range csvColumns {
		column[c] = slices.IndexFunc(header, func(word string) bool { return slices.Contains(want.words, word) })
		if column[c] >= 0 {
			used++
		} else if want.required {
			return nil, badHeader(file, header, "a column "+strings.Join(want.words, " or "))
		}
	}
	if used != len(header) {
		return nil, badHeader(file, header, "row, index and payload only, each once")
	}
	return column, nil
}

// badHeader shows the header, cut to a readable length.
func badHeader(file string, header []string, expected string) error {
	text := strings.Join(header, ",")
	return diag.Errorf(diag.At(file, 1, 1), codeHeader, "found the header %q, expected %s", text[:min(len(text), 80)], expected).
		WithFix("begin the file with a line such as row,index")
}
