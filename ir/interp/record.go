package interp

import (
	"decc/ir/diag"
	"decc/ir/spikes"
)

// recorder collects what a request asked for.
type recorder[V int64 | float64] struct {
	want   map[string]bool // groups whose spikes are recorded; nil means all
	taps   map[string][]*tap[V]
	trains map[string]spikes.Train
	counts spikes.Counts
	// plasticTaps are the probes of plastic synapses.
	plasticTaps []plasticTap[V]
}

// tap records one probe.
type tap[V int64 | float64] struct {
	key     string
	slot    []V
	members []int32
	matrix  spikes.Matrix[V]
}

func (x *Machine[V]) prepare(req spikes.Request) (*recorder[V], error) {
	if err := Check(x.module, req).Err(); err != nil {
		return nil, err
	}
	rec := &recorder[V]{taps: map[string][]*tap[V]{}, trains: map[string]spikes.Train{}}
	if req.SpikesOf != nil {
		rec.want = map[string]bool{}
	}
	for _, name := range req.SpikesOf {
		rec.want[name] = true
	}
	for _, p := range req.Probes {
		x.tap(rec, p, req.Rows)
	}
	return rec, nil
}

func (x *Machine[V]) tap(rec *recorder[V], p spikes.Probe, rows int) {
	g := x.byName[p.Group]
	if g == nil {
		x.plasticByName(p.Group).tap(rec, p, rows)
		return
	}
	members := p.Members
	if members == nil {
		members = everyone(g.N)
	}
	ref := g.Program.Observable(p.Variable)
	g.exec.Observe(ref)
	rec.taps[p.Group] = append(rec.taps[p.Group], &tap[V]{
		key: p.Key(), slot: g.exec.Slot(ref), members: members,
		matrix: spikes.Matrix[V]{Rows: rows, N: len(members), Data: make([]V, 0, rows*len(members))},
	})
}

func everyone(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

func (r *recorder[V]) values(_ int, g *group[V]) {
	r.counts.CompartmentUpdates += int64(g.N)
	for _, t := range r.taps[g.Name] {
		for _, m := range t.members {
			t.matrix.Data = append(t.matrix.Data, t.slot[m])
		}
	}
}

func (r *recorder[V]) spikes(g *group[V], fired spikes.Train) {
	r.counts.Spikes += int64(len(fired))
	if r.want == nil || r.want[g.Name] {
		r.trains[g.Name] = append(r.trains[g.Name], fired...)
	}
}

func (r *recorder[V]) done() spikes.Record[V] {
	rec := spikes.Record[V]{Spikes: r.trains, Values: map[string]spikes.Matrix[V]{}, Counts: r.counts}
	for _, taps := range r.taps {
		for _, t := range taps {
			rec.Values[t.key] = t.matrix
		}
	}
	for _, t := range r.plasticTaps {
		rec.Values[t.key] = t.matrix
	}
	return rec
}

// Codes explains the diagnostics that engines report for a request.
var Codes = []diag.CodeDoc{
	{Code: "run/rows", Meaning: "a run needs a number of rows from 0", Example: "decc run net.dcir --rows -1", Fix: "give --rows N with N >= 0"},
	{Code: "run/unknown-input", Meaning: "spikes were given for an input that the network does not have", Example: "--input inn=events.csv", Fix: "use a name that `decc inspect` lists"},
	{Code: "run/event-range", Meaning: "an input event has an index outside its input population", Example: "event 3,900 for an input of 784", Fix: "check the order of the columns: row, then index"},
	{Code: "run/event-order", Meaning: "input events must be sorted by row", Example: "events 5,0 then 3,0", Fix: "sort the events by row, then index"},
	{Code: "run/unknown-group", Meaning: "a probe names a group that the network does not have", Example: "--probe h9.v", Fix: "use a name that `decc inspect` lists"},
	{Code: "run/unknown-variable", Meaning: "a probe names a value that the group's program does not compute", Example: "--probe h1.w", Fix: "use a state or named value of the program (`decc inspect --programs`)"},
	{Code: "run/learned-values", Meaning: "learned values do not belong to the network that shall take them", Example: "weights of 784-512 for a network of 784-128", Fix: "use values that this module learned"},
	{Code: "run/unknown-param", Meaning: "a run sets a param that the group's program does not have", Example: "rates of @h1 with program @decolle", Fix: "name a param of the program"},
	{Code: "run/param-range", Meaning: "a run sets a param to a value that its type cannot hold", Example: "rate = 20000000 of a u24", Fix: "stay within the limits of the type"},
	{Code: "run/no-host", Meaning: "a run is to learn by a rule whose traces the host writes, and no host program runs beside it", Example: "a module with rule @soel given to decc run without --learn", Fix: "run it with decc run MODEL --learn"},
	{Code: "run/member-range", Meaning: "a probe names a member outside its group", Example: "--probe h1.v[200] of 128", Fix: "members are 0..n-1"},
}
