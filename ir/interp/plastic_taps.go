package interp

import (
	"decc/ir/sem"
	"decc/ir/spikes"
)

// plasticTap records a variable of a plastic synapse object.
type plasticTap[V int64 | float64] struct {
	key    string
	from   []int64
	places []int // in from; -1 for the trace of a member without synapses
	matrix spikes.Matrix[V]
}

// read is where a variable of the object stands: a learned one by synapse, in the order of
// their numbers, a trace by member of its side.
func (p *plastic[V]) read(v sem.Variable) (from []int64, places []int) {
	if t, ok := v.Target(); ok {
		return p.unit.Values[t], p.order
	}
	from = p.unit.Trace[v.TraceIndex()]
	if p.learning.BySynapse {
		return from, p.order
	}
	places = make([]int, len(from))
	for i := range places {
		places[i] = -1
	}
	for _, c := range p.unit.Contacts {
		at := c.Pre
		if sem.Variables[v].Side == sem.PostSide {
			at = c.Post
		}
		places[at] = int(at)
	}
	return from, places
}

func (p *plastic[V]) tap(rec *recorder[V], probe spikes.Probe, rows int) {
	v, _ := sem.ProbeOfPlastic(probe.Variable)
	from, places := p.read(v)
	if probe.Members != nil {
		all := places
		places = nil
		for _, m := range probe.Members {
			places = append(places, all[m])
		}
	}
	rec.plasticTaps = append(rec.plasticTaps, plasticTap[V]{probe.Key(), from, places, spikes.Matrix[V]{Rows: rows, N: len(places)}})
}

// learned records the row's plastic values.
func (r *recorder[V]) learned() {
	for i := range r.plasticTaps {
		t := &r.plasticTaps[i]
		for _, at := range t.places {
			var x V
			if at >= 0 {
				x = V(t.from[at])
			}
			t.matrix.Data = append(t.matrix.Data, x)
		}
	}
}
