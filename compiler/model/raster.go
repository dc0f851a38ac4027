package model

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// readRaster reads spikes from comma-separated text with one line a row: columns
// [first, end) of cols, all where cols is nil, hold the members of an input of the given
// size. A value that is not 0 is a spike with that payload.
func readRaster(name string, text []byte, cols Span, size int) (spikes.Train, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.ReuseRecord = true
	r.Comment = '#'
	r.TrimLeadingSpace = true
	var train spikes.Train
	for row := int32(0); ; row++ {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return train, nil
		}
		if err != nil {
			return nil, csvError(name, err)
		}
		if train, err = rasterRow(train, rasterLine{r, name, cols, size}, fields, row); err != nil {
			return nil, err
		}
	}
}

// rasterLine is what the reading of one line needs to know.
type rasterLine struct {
	*csv.Reader
	name string
	cols Span
	size int
}

func rasterRow(train spikes.Train, l rasterLine, fields []string, row int32) (spikes.Train, error) {
	first, end := 0, len(fields)
	if l.cols != nil {
		first, end = l.cols[0], l.cols[1]
	}
	if end > len(fields) || end-first != l.size {
		line, _ := l.FieldPos(0)
		return nil, diag.Errorf(diag.Pos{File: l.name, Line: line}, codeRaster, "found %d columns, expected %d members from column %d", len(fields), l.size, first).
			WithFix("give one column a member, or choose them with cols")
	}
	for i, field := range fields[first:end] {
		payload, ok := wholeNumber(field)
		if !ok {
			line, col := l.FieldPos(first + i)
			return nil, diag.Errorf(diag.At(l.name, line, col), codeRaster, "found %q, expected a whole number of 32 bits", shortened(field)).
				WithFix("write 0 for no spike, 1 for a spike")
		}
		if payload != 0 {
			train = append(train, spikes.Event{Row: row, Index: int32(i), Payload: payload})
		}
	}
	return train, nil
}

// wholeNumber reads an integer that may be written as a decimal, such as 1.0.
func wholeNumber(field string) (int32, bool) {
	x, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
	if err != nil || x != math.Trunc(x) || math.Abs(x) > math.MaxInt32 {
		return 0, false
	}
	return int32(x), true
}

func csvError(name string, err error) error {
	pos := diag.Pos{File: name}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		pos.Line, pos.Col = parse.Line, parse.Column
		err = parse.Err
	}
	return diag.Errorf(pos, codeRaster, "%v", err).WithFix("write one line a row, numbers separated by commas")
}
