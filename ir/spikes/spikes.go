// Package spikes holds spike trains as the rooms of decc pass them on: sorted
// events of one population, each with the row (time step) it was emitted in.
package spikes

import (
	"fmt"
	"slices"
)

// Event is one spike: emitted in row Row (from 0) by member Index (from 0) of
// its population. Payload is 1 for a plain spike, the graded value otherwise.
type Event struct {
	Row     int32
	Index   int32
	Payload int32
}

// Train is a list of events sorted by row, then index. The zero value is silence.
type Train []Event

// Sort puts the train into its order; events that agree in row and index keep theirs.
func (t Train) Sort() { slices.SortStableFunc(t, compare) }

func compare(a, b Event) int {
	if a.Row != b.Row {
		return int(a.Row) - int(b.Row)
	}
	return int(a.Index) - int(b.Index)
}

// Check tells the first event that is out of order or outside rows [0, rows)
// and members [0, n).
func (t Train) Check(rows, n int) error {
	for i, e := range t {
		if e.Row < 0 || int(e.Row) >= rows || e.Index < 0 || int(e.Index) >= n {
			return fmt.Errorf("event %d (row %d, index %d) is outside %d rows of %d members", i, e.Row, e.Index, rows, n)
		}
		if i > 0 && compare(t[i-1], e) > 0 {
			return fmt.Errorf("event %d (row %d, index %d) comes after row %d, index %d", i, e.Row, e.Index, t[i-1].Row, t[i-1].Index)
		}
	}
	return nil
}

// Rows cuts the train into its rows: Rows(n)[k] are the events of row k. Events
// of rows n and later are left out. The parts share memory with t.
func (t Train) Rows(n int) []Train {
	rows := make([]Train, n)
	for start := 0; start < len(t); {
		end := start + 1
		for end < len(t) && t[end].Row == t[start].Row {
			end++
		}
		if k := int(t[start].Row); k >= 0 && k < n {
			rows[k] = t[start:end]
		}
		start = end
	}
	return rows
}

// Counts returns how often each of n members fired; members outside are ignored.
func (t Train) Counts(n int) []int {
	c := make([]int, n)
	for _, e := range t {
		if int(e.Index) < n && e.Index >= 0 {
			c[e.Index]++
		}
	}
	return c
}

// Shifted moves the train lag rows earlier and leaves out what comes before row 0 or after
// the rows.
func (t Train) Shifted(lag, rows int) Train {
	out := make(Train, 0, len(t))
	for _, e := range t {
		if e.Row -= int32(lag); e.Row >= 0 && int(e.Row) < rows {
			out = append(out, e)
		}
	}
	return out
}
