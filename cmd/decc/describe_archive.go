package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"decc/chipsim/stimulus"
	"decc/chipsim/stimulus/events"
)

// archiveParts are the parts of a file of recordings.
var archiveParts = []string{"train", "test"}

// describeArchive reads all recordings of a HDF5 file, some events at a time.
func describeArchive(ctx context.Context, x stimulus.Recording) (*description, error) {
	a, f, err := stimulus.OpenArchive(x.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	g := archiveFigures{all: newEventFigures(), parts: map[string]*partFigures{}, axes: x.Axes}
	if g.axes == "" {
		if g.axes, err = a.Axes(); err != nil {
			return nil, err
		}
	}
	partOf, err := archivePartOf(a)
	if err != nil {
		return nil, err
	}
	if err := a.Each(g.axes, func(key string, r *events.Reader) error {
		if err := g.add(ctx, r, partOf[key]); err != nil {
			return err
		}
		return g.label(a, key, partOf[key])
	}); err != nil {
		return nil, err
	}
	return g.description(a.Keys()), nil
}

// archivePartOf tells the part of each recording that has one.
func archivePartOf(a *events.Archive) (map[string]string, error) {
	partOf := map[string]string{}
	for _, part := range archiveParts {
		keys, _, err := a.Part(part)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			partOf[key] = part
		}
	}
	return partOf, nil
}

// archiveFigures are what the recordings of a file have in common.
type archiveFigures struct {
	axes   events.Axes
	all    *eventFigures
	parts  map[string]*partFigures
	labels []int64 // of all recordings that have one
	empty  int
}

// partFigures are those of one part.
type partFigures struct {
	recordings        int
	events            int64
	shortest, longest int64 // us, from 0 to the last event
	labels            map[int64]bool
}

// add takes the events of a recording.
func (g *archiveFigures) add(ctx context.Context, r *events.Reader, part string) error {
	var own events.Extent
	g.all.before = 0 // times begin anew
	if err := r.Each(func(list []events.Event) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		g.all.add(list)
		own.Add(list)
		return nil
	}); err != nil {
		return err
	}
	p := g.parts[part]
	if p == nil {
		p = &partFigures{shortest: own.Last, labels: map[int64]bool{}}
		g.parts[part] = p
	}
	p.recordings++
	p.events += own.Events
	p.shortest, p.longest = min(p.shortest, own.Last), max(p.longest, own.Last)
	if own.Events == 0 {
		g.empty++
	}
	return nil
}

// label takes the label of a recording, where it has one.
func (g *archiveFigures) label(a *events.Archive, key, part string) error {
	label, labelled, err := a.Label(key)
	if labelled {
		g.parts[part].labels[label] = true
		g.labels = append(g.labels, label)
	}
	return err
}

func (g *archiveFigures) description(keys []string) *description {
	d := &description{Kind: "recordings of events"}
	d.add("format", "hdf5")
	d.add("addresses", fmt.Sprint(g.axes))
	d.add("recordings", len(keys))
	d.add("keys", keys[0]+" to "+keys[len(keys)-1])
	d.add("without events", g.empty)
	d.add("events", g.all.Events)
	if g.all.Events > 0 {
		d.add("to", seconds(g.all.Last))
		d.add("earlier than the event before", g.all.falls)
		d.add("greatest x", g.all.X)
		d.add("greatest y", g.all.Y)
	}
	d.add("digest", hex.EncodeToString(g.all.digest.Sum(nil)))
	var rows [][]any
	for _, name := range slices.Concat(archiveParts, []string{""}) {
		if p := g.parts[name]; p != nil {
			rows = append(rows, []any{orDefault(name, "neither"), p.recordings, len(p.labels), p.events, seconds(p.shortest), seconds(p.longest)})
		}
	}
	d.addTable("parts", []string{"part", "recordings", "classes", "events", "shortest", "longest"}, rows)
	d.addTable("polarities", []string{"polarity", "events"}, g.all.polarities())
	d.addTable("labels", []string{"label", "recordings"}, labelCounts(g.labels))
	return d
}

// labelCounts counts equal labels, in their order.
func labelCounts(labels []int64) [][]any {
	slices.Sort(labels)
	var rows [][]any
	for i, label := range labels {
		if i == 0 || labels[i-1] != label {
			rows = append(rows, []any{label, 0})
		}
		rows[len(rows)-1][1] = rows[len(rows)-1][1].(int) + 1
	}
	return rows
}
