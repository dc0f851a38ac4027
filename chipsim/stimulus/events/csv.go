package events

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"decc/ir/diag"
)

// CSV of events: a line that names the four columns, in any order, then a line an event;
// whole numbers, times in microseconds.

// columnWords are the names that a column may have, by value.
var columnWords = [eventValues][]string{
	valueT: {"t", "ts", "time", "timestamp"}, valueX: {"x"}, valueY: {"y"}, valueP: {"p", "pol", "polarity"},
}

// columnRanges are the values that an event can have.
var columnRanges = [eventValues][2]int64{
	valueT: {-MaxTime, MaxTime}, valueX: {0, math.MaxInt32}, valueY: {0, math.MaxInt32}, valueP: {0, math.MaxUint8},
}

// csvOrder is the value of each column, false for a line that names others.
func csvOrder(line string) (order [eventValues]int, ok bool) {
	words := strings.Split(strings.TrimSpace(line), ",")
	if len(words) != eventValues {
		return order, false
	}
	seen := [eventValues]bool{}
	for i, w := range words {
		value := slices.IndexFunc(columnWords[:], func(names []string) bool { return slices.Contains(names, strings.ToLower(strings.TrimSpace(w))) })
		if value < 0 || seen[value] {
			return order, false
		}
		order[i], seen[value] = value, true
	}
	return order, true
}

func isEventCSV(head []byte) bool {
	line, _, _ := bytes.Cut(head[:min(len(head), maxLineBytes)], []byte("\n"))
	_, ok := csvOrder(string(line))
	return ok
}

type csvDecoder struct {
	s     *source
	order [eventValues]int
	line  int
}

func openCSV(s *source) (decoder, error) {
	d := &csvDecoder{s: s}
	text, err := d.text()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	d.order, _ = csvOrder(text)
	return d, nil
}

// text takes a line without its end, which the last one may lack.
func (d *csvDecoder) text() (string, error) {
	d.line++
	line, err := d.s.r.ReadSlice('\n')
	d.s.at += int64(len(line))
	switch {
	case errors.Is(err, io.EOF) && len(line) == 0:
		return "", io.EOF
	case err != nil && !errors.Is(err, io.EOF) || len(line) > maxLineBytes:
		if len(line) > maxLineBytes {
			return "", diag.Errorf(diag.At(d.s.file, d.line, 1), codeTooLarge, "found a line of more than %d bytes, expected t,x,y,p", maxLineBytes).WithFix("write one event a line")
		}
		return "", d.s.explain(err, "a line")
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

func (d *csvDecoder) decode(q []Event) ([]Event, error) {
	for range blockRecords {
		text, err := d.text()
		if err != nil {
			return q, err
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		e, err := d.event(text)
		if err != nil {
			return q, err
		}
		q = append(q, e)
	}
	return q, nil
}

func (d *csvDecoder) event(text string) (Event, error) {
	var v [eventValues]int64
	fields := strings.Split(text, ",")
	if len(fields) != eventValues {
		return Event{}, diag.Errorf(diag.At(d.s.file, d.line, 1), codeEvent, "found %d fields, expected %d", len(fields), eventValues).WithFix("write a time, x, y and polarity on every line")
	}
	column := 1
	for i, f := range fields {
		value := d.order[i]
		n, err := strconv.ParseInt(strings.TrimSpace(f), 10, 64)
		if within := columnRanges[value]; err != nil || n < within[0] || n > within[1] {
			return Event{}, diag.Errorf(diag.At(d.s.file, d.line, column), codeEvent, "found %.40q, expected %s: a whole number from %d to %d", f, valueNames[value], within[0], within[1]).
				WithFix("write whole numbers, times in microseconds")
		}
		v[value], column = n, column+len(f)+1
	}
	return Event{T: v[valueT], X: int32(v[valueX]), Y: int32(v[valueY]), P: uint8(v[valueP])}, nil
}
