package interp

import "decc/ir/spikes"

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
