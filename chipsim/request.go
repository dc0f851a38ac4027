package chipsim

import (
	"math"
	"slices"

	"decc/chipsim/image"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// run is a request on its way.
type run struct {
	inputs []inputTrain
	taps   []*tap
	// learned are the probes of plastic synapses.
	learned []*plasticTap
	want    []bool // by group: record its spikes
	trains  []spikes.Train
	names   []image.Group
	meter   meter
}

// inputTrain is what is left of an input's events.
type inputTrain struct {
	fan    *image.Fanout
	source int // number of member 0 in a merged chip
	rest   spikes.Train
}

// maxProbed bounds the values that the probes of one request record: 2 GiB.
const maxProbed = 1 << 28

// prepare checks a request against the network and makes the blocks ready for it.
// Codes run/... are those that every engine reports.
func (s *Session) prepare(req spikes.Request) (*run, error) {
	var bad diag.List
	r := &run{want: make([]bool, len(s.chip.img.Groups)), trains: make([]spikes.Train, len(s.chip.img.Groups)), names: s.chip.img.Groups}
	if req.Rows < 0 || req.Rows > math.MaxInt32 {
		bad.Add(diag.Pos{}, "run/rows", "%d rows asked for", req.Rows)
	}
	s.chip.checkInputs(r, req, &bad)
	s.chip.checkSpikes(r, req, &bad)
	probed := 0
	for _, p := range req.Probes {
		probed += s.openTap(r, p, &bad)
	}
	s.chip.checkParams(req.Params, &bad)
	s.chip.checkHost(req, &bad)
	if probed > 0 && req.Rows > maxProbed/probed {
		bad.Add(diag.Pos{}, "chipsim/probe-memory", "%d rows of %d probed values are more than %d", req.Rows, probed, maxProbed).
			WithFix("probe fewer members, or run fewer rows at a time")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	s.seed, s.learning = sem.PresentationSeed(s.chip.img.Seed, req.Presentation), req.Learn
	s.setParams(req.Params)
	s.openHost(req.Host)
	s.connect(r, req.Rows)
	return r, nil
}

func (c *Chip) checkInputs(r *run, req spikes.Request, bad *diag.List) {
	names := make([]string, 0, len(req.Inputs))
	for name := range req.Inputs {
		names = append(names, name)
	}
	slices.Sort(names)
	r.inputs = c.trains()
	for _, name := range names {
		i, ok := c.inputs[name]
		if !ok {
			unknown(bad, "run/unknown-input", "input", name, c.inputNames())
			continue
		}
		train := req.Inputs[name]
		checkTrain(&c.img.Inputs[i], train, bad)
		r.inputs[i].rest = train
	}
}

// trains is where the events of each input go.
func (c *Chip) trains() []inputTrain {
	list, source := make([]inputTrain, len(c.img.Inputs)), 0
	for i := range list {
		in := &c.img.Inputs[i]
		list[i] = inputTrain{fan: &in.Fan, source: source}
		if c.inputFans != nil {
			list[i].fan = &c.inputFans[i]
		}
		source += in.N
	}
	return list
}

// checkTrain allows events of rows that the request does not reach.
func checkTrain(in *image.Input, train spikes.Train, bad *diag.List) {
	for i, e := range train {
		switch {
		case e.Index < 0 || int(e.Index) >= in.N:
			bad.Add(diag.Pos{}, "run/event-range", "input @%s has %d members, an event of row %d has index %d", in.Name, in.N, e.Row, e.Index)
		case e.Row < 0 || i > 0 && e.Row < train[i-1].Row:
			bad.Add(diag.Pos{}, "chipsim/event-order", "input @%s: event %d of row %d comes after one of row %d", in.Name, i, e.Row, train[max(i-1, 0)].Row).
				WithFix("sort the events by row; rows are counted from 0")
		default:
			continue
		}
		return
	}
}

func (c *Chip) checkSpikes(r *run, req spikes.Request, bad *diag.List) {
	for i := range r.want {
		r.want[i] = req.SpikesOf == nil
	}
	for _, name := range req.SpikesOf {
		if g, ok := c.groups[name]; ok {
			r.want[g] = true
			continue
		}
		unknown(bad, "run/unknown-group", "group", name, c.groupNames())
	}
}

func unknown(bad *diag.List, code, what, name string, known []string) {
	d := bad.Add(diag.Pos{}, code, "there is no %s %q", what, name)
	if near, ok := diag.Nearest(name, known); ok {
		d.WithFix("did you mean %q?", near)
	}
}

func (c *Chip) inputNames() []string {
	var names []string
	for _, in := range c.img.Inputs {
		names = append(names, in.Name)
	}
	return names
}

func (c *Chip) groupNames() []string {
	var names []string
	for _, g := range c.img.Groups {
		names = append(names, g.Name)
	}
	return names
}

// connect makes every block compute what the taps watch and finds their members.
func (s *Session) connect(r *run, rows int) {
	for _, k := range s.cores {
		for i := range k.blocks {
			group := k.blocks[i].group
			k.blocks[i].engage(append(r.watched(group), s.chip.plasticRefs(group)...))
		}
		k.beginRun(s.seed, s.replay)
	}
	for _, t := range r.taps {
		t.matrix = newMatrix(rows, len(t.members))
		t.cells = make([]*int64, len(t.members))
		for i, m := range t.members {
			b, lane := s.find(t.group, int(m))
			t.cells[i] = &b.watch(t.ref)[lane]
		}
	}
	for _, t := range r.learned {
		t.matrix = newMatrix(rows, len(t.cells))
	}
}

func newMatrix(rows, n int) spikes.Matrix[int64] {
	return spikes.Matrix[int64]{Rows: rows, N: n, Data: make([]int64, rows*n)}
}

// watched lists the values that taps read of a group.
func (r *run) watched(group int) []sem.Ref {
	var refs []sem.Ref
	for _, t := range r.taps {
		if t.group == group {
			refs = append(refs, t.ref)
		}
	}
	return refs
}

// find is the block and lane of a member of a group.
func (s *Session) find(group, member int) (*blockState, int) {
	runs := s.chip.runs[group]
	at, found := slices.BinarySearchFunc(runs, member, func(p place, m int) int {
		return s.chip.cores[p.core].blocks[p.block].first - m
	})
	if !found {
		at--
	}
	b := &s.cores[runs[at].core].blocks[runs[at].block]
	return b, member - b.first
}

// observe is phase 2: the host reads spikes and probes of the row.
func (s *Session) observe(r *run, k int32) {
	for g, runs := range s.chip.runs {
		if !r.want[g] {
			continue
		}
		for _, p := range runs {
			b := &s.cores[p.core].blocks[p.block]
			for _, f := range b.fired {
				r.trains[g] = append(r.trains[g], spikes.Event{Row: k, Index: int32(b.first) + f.lane, Payload: f.payload})
			}
		}
	}
	for _, t := range r.taps {
		row := t.matrix.Row(int(k))
		for i, cell := range t.cells {
			row[i] = *cell
		}
	}
}

// record is what the request gets.
func (r *run) record() spikes.Record[int64] {
	rec := spikes.Record[int64]{Spikes: map[string]spikes.Train{}, Values: map[string]spikes.Matrix[int64]{}, Busiest: r.meter.busiest}
	for g, want := range r.want {
		if want {
			rec.Spikes[r.names[g].Name] = r.trains[g]
		}
	}
	for _, t := range r.taps {
		rec.Values[t.key] = t.matrix
	}
	for _, t := range r.learned {
		rec.Values[t.key] = t.matrix
	}
	return rec
}
