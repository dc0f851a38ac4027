package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"

	"decc/chipsim/stimulus"
	"decc/chipsim/stimulus/events"
)

// codeNoEvents is that of a file that no format of events fits.
const codeNoEvents = "events/unknown-format"

// describeEvents reads a recording to its end without holding it; known is false for a file
// that is none.
func describeEvents(ctx context.Context, x stimulus.Recording) (d *description, known bool, err error) {
	seen := newEventFigures()
	r, err := pass(ctx, x, 0, func(list []events.Event) error { seen.add(list); return nil })
	if isCode(err, codeNoEvents) {
		return nil, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	return seen.description(r), true, nil
}

// eventFigures are what a recording's events have in common.
type eventFigures struct {
	events.Extent
	falls    int64 // events that are earlier than the one before
	before   int64 // time of the last event
	polarity map[uint8]int64
	digest   hash.Hash
	line     []byte
}

func newEventFigures() *eventFigures {
	return &eventFigures{polarity: map[uint8]int64{}, digest: sha256.New()}
}

func (g *eventFigures) add(list []events.Event) {
	for i, e := range list {
		if g.before > e.T && (g.Events > 0 || i > 0) {
			g.falls++
		}
		g.before = e.T
		g.polarity[e.P]++
		g.line = strconv.AppendInt(g.line[:0], e.T, 10)
		for _, v := range []int64{int64(e.X), int64(e.Y), int64(e.P)} {
			g.line = strconv.AppendInt(append(g.line, ' '), v, 10)
		}
		g.digest.Write(append(g.line, '\n'))
	}
	g.Add(list)
}

func (g *eventFigures) description(r *events.Reader) *description {
	info := r.Info()
	d := &description{Kind: "recording of events"}
	d.add("format", info.Format)
	if info.Width > 0 {
		d.add("sensor", fmt.Sprintf("%dx%d", info.Width, info.Height))
	}
	d.add("events", g.Events)
	d.add("skipped", r.Skipped())
	if g.Events > 0 {
		d.add("from", seconds(g.First))
		d.add("to", seconds(g.Last))
		d.add("earlier than the event before", g.falls)
		d.add("greatest x", g.X)
		d.add("greatest y", g.Y)
	}
	d.add("digest", hex.EncodeToString(g.digest.Sum(nil)))
	d.addTable("polarities", []string{"polarity", "events"}, g.polarities())
	var lines [][]any
	for _, l := range slices.Concat(info.Header, info.Notes) {
		lines = append(lines, []any{l})
	}
	d.addTable("header", []string{"line"}, lines)
	return d
}

func (g *eventFigures) polarities() [][]any {
	var rows [][]any
	for p, n := range g.polarity {
		rows = append(rows, []any{p, n})
	}
	slices.SortFunc(rows, func(a, b []any) int { return int(a[0].(uint8)) - int(b[0].(uint8)) })
	return rows
}
