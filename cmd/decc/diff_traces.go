package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"decc/compiler/model/weights"
	"decc/ir"
	"decc/ir/diag"
)

// diffTensors compares files of tensors by name. Element types may differ: the
// values count.
func diffTensors(a, b inputFile) ([]ir.Difference, error) {
	x, err := weights.Decode(a.name, a.data, weights.DefaultLimits())
	if err != nil {
		return nil, err
	}
	y, err := weights.Decode(b.name, b.data, weights.DefaultLimits())
	if err != nil {
		return nil, err
	}
	var found []ir.Difference
	for i := range x.Tensors {
		t := &x.Tensors[i]
		other, ok := y.Get(t.Name)
		if !ok {
			found = append(found, ir.Difference{Object: t.Name, What: "only in one", A: shapeText(t.Shape)})
			continue
		}
		found = append(found, diffTensor(t, other)...)
	}
	for _, t := range y.Tensors {
		if _, ok := x.Get(t.Name); !ok {
			found = append(found, ir.Difference{Object: t.Name, What: "only in one", B: shapeText(t.Shape)})
		}
	}
	return found, nil
}

func diffTensor(a, b *weights.Tensor) []ir.Difference {
	if !slices.Equal(a.Shape, b.Shape) {
		return []ir.Difference{{Object: a.Name, What: "shape", A: shapeText(a.Shape), B: shapeText(b.Shape)}}
	}
	first, count := -1, 0
	for i := range a.Data {
		if !sameNumber(a.Data[i], b.Data[i]) {
			if count == 0 {
				first = i
			}
			count++
		}
	}
	if count == 0 {
		return nil
	}
	return []ir.Difference{{
		Object: a.Name, What: placeText(a.Shape, first), Count: count,
		A: fmt.Sprint(a.Data[first]), B: fmt.Sprint(b.Data[first]),
	}}
}

// sameNumber holds two NaNs for the same.
func sameNumber(a, b float64) bool { return a == b || a != a && b != b }

// placeText names element i of a row-major tensor: "row 3, index 7" of a recording
// [rows x members], [1 2 3] in higher dimensions.
func placeText(shape []int, i int) string {
	place := make([]int, len(shape))
	for d := len(shape) - 1; d >= 0; d-- {
		place[d], i = i%shape[d], i/shape[d]
	}
	switch len(place) {
	case 0:
		return "value"
	case 1:
		return fmt.Sprintf("index %d", place[0])
	case 2:
		return fmt.Sprintf("row %d, index %d", place[0], place[1])
	}
	return fmt.Sprint(place)
}

// isCSV reports whether the first line is text with a comma in it. A file that
// begins with a longer line than head shows is not one of a recording.
func isCSV(data []byte) bool {
	line, _, _ := bytes.Cut(head(data), []byte("\n"))
	return bytes.ContainsRune(line, ',') && utf8.Valid(line) && !bytes.ContainsRune(line, 0)
}

// diffCSV compares line by line; the first line names the columns.
func diffCSV(a, b inputFile) ([]ir.Difference, error) {
	x, y := newCSV(a), newCSV(b)
	columns, err := x.next()
	if err != nil {
		return nil, err
	}
	other, err := y.next()
	if err != nil {
		return nil, err
	}
	if !slices.Equal(columns, other) {
		return []ir.Difference{{Object: "line 1", What: "columns", A: strings.Join(columns, ","), B: strings.Join(other, ",")}}, nil
	}
	return diffRecords(x, y, columns)
}

func diffRecords(x, y *csvFile, columns []string) ([]ir.Difference, error) {
	var first *ir.Difference
	for {
		p, err := x.next()
		if err != nil {
			return nil, err
		}
		q, err := y.next()
		if err != nil {
			return nil, err
		}
		if p == nil && q == nil {
			break
		}
		if slices.Equal(p, q) {
			continue
		}
		if first == nil {
			first = diffRecord(x.line, columns, p, q)
		}
		first.Count++
	}
	if first == nil {
		return nil, nil
	}
	return []ir.Difference{*first}, nil
}

// diffRecord describes the first differing column of two lines, with the equal
// columns before it: in a recording they are the row and the index.
func diffRecord(line int, columns, p, q []string) *ir.Difference {
	d := &ir.Difference{Object: fmt.Sprintf("line %d", line)}
	if p == nil || q == nil {
		d.What, d.A, d.B = "only in one", strings.Join(p, ","), strings.Join(q, ",")
		return d
	}
	i := 0
	var before []string
	for p[i] == q[i] {
		before = append(before, columns[i]+" "+p[i])
		i++
	}
	d.What, d.A, d.B = strings.Join(append(before, columns[i]), ", "), p[i], q[i]
	return d
}

// csvFile reads the records of a CSV file; line is the number of the last one.
type csvFile struct {
	name   string
	reader *csv.Reader
	line   int
}

func newCSV(f inputFile) *csvFile {
	r := csv.NewReader(bytes.NewReader(f.data))
	r.Comment = '#'
	return &csvFile{name: f.name, reader: r}
}

// next is nil at the end of the file. All records have as many fields as the first.
func (c *csvFile) next() ([]string, error) {
	record, err := c.reader.Read()
	if errors.Is(err, io.EOF) {
		c.line++
		return nil, nil
	}
	if err != nil {
		return nil, csvError(c.name, err)
	}
	c.line, _ = c.reader.FieldPos(0)
	return record, nil
}

func csvError(name string, err error) error {
	pos := diag.Pos{File: name}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		pos, err = diag.At(name, parse.Line, parse.Column), parse.Err
	}
	return diag.Errorf(pos, codeCSV, "the line is no CSV record: %v", err).
		WithFix("write as many fields as the first line has, separated by commas")
}
