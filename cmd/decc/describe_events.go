package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"decc/chipsim/stimulus/events"
)

// codeNoEvents is that of a file that no format of events fits.
const codeNoEvents = "events/unknown-format"

// describeEvents reads a recording to its end without holding it; known is false for a file
// that is none.
func describeEvents(path string) (d *description, known bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, true, openError(path, err)
	}
	defer f.Close()
	r, err := events.Open(bufio.NewReader(f), path)
	if isCode(err, codeNoEvents) {
		return nil, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	var seen eventFigures
	if err := seen.readAll(r); err != nil {
		return nil, true, err
	}
	return seen.description(r), true, nil
}

// eventFigures are what a recording's events have in common.
type eventFigures struct {
	n           int64
	first, last int64 // least and greatest time
	falls       int64 // events that are earlier than the one before
	x, y        int32 // greatest
	polarity    map[uint8]int64
	digest      string
}

func (g *eventFigures) readAll(r *events.Reader) error {
	g.polarity = map[uint8]int64{}
	digest, before := sha256.New(), int64(0)
	var line []byte
	buf := make([]events.Event, 4096)
	for {
		n, err := r.Next(buf)
		if errors.Is(err, io.EOF) {
			g.digest = hex.EncodeToString(digest.Sum(nil))
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range buf[:n] {
			if g.n == 0 || e.T < g.first {
				g.first = e.T
			}
			if g.n > 0 && e.T < before {
				g.falls++
			}
			g.n, before, g.last = g.n+1, e.T, max(g.last, e.T)
			g.x, g.y = max(g.x, e.X), max(g.y, e.Y)
			g.polarity[e.P]++
			line = strconv.AppendInt(line[:0], e.T, 10)
			for _, v := range []int64{int64(e.X), int64(e.Y), int64(e.P)} {
				line = strconv.AppendInt(append(line, ' '), v, 10)
			}
			digest.Write(append(line, '\n'))
		}
	}
}

func (g *eventFigures) description(r *events.Reader) *description {
	info := r.Info()
	d := &description{Kind: "recording of events"}
	d.add("format", info.Format)
	if info.Width > 0 {
		d.add("sensor", fmt.Sprintf("%dx%d", info.Width, info.Height))
	}
	d.add("events", g.n)
	d.add("skipped", r.Skipped())
	if g.n > 0 {
		d.add("from", fmt.Sprintf("%.6f s", float64(g.first)/1e6))
		d.add("to", fmt.Sprintf("%.6f s", float64(g.last)/1e6))
		d.add("earlier than the event before", g.falls)
		d.add("greatest x", g.x)
		d.add("greatest y", g.y)
	}
	d.add("digest", g.digest)
	var rows [][]any
	for p, n := range g.polarity {
		rows = append(rows, []any{p, n})
	}
	slices.SortFunc(rows, func(a, b []any) int { return int(a[0].(uint8)) - int(b[0].(uint8)) })
	d.addTable("polarities", []string{"polarity", "events"}, rows)
	var lines [][]any
	for _, l := range slices.Concat(info.Header, info.Notes) {
		lines = append(lines, []any{l})
	}
	d.addTable("header", []string{"line"}, lines)
	return d
}
