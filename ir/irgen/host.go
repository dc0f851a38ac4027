package irgen

import (
	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// host makes a host program write some traces of the rules of one group.
func (w *maker) host() {
	var learning []*ir.Synapse
	for _, s := range w.m.Synapses {
		if s.Rule != "" {
			learning = append(learning, s)
		}
	}
	if w.m.Profile != sem.Silicon || len(learning) == 0 || !w.chance(25) {
		return
	}
	group := oneOf(w.dice, learning...).Post
	for _, s := range learning {
		if s.Post != group {
			continue
		}
		r := w.m.RuleByName(s.Rule)
		for _, v := range yTraces {
			if w.chance(50) {
				r.Traces[v.TraceIndex()] = sem.Trace{Host: oneOf(w.dice, sem.HostValue, sem.HostSigned)}
			}
		}
	}
}

var yTraces = [3]sem.Variable{sem.Y1, sem.Y2, sem.Y3}

// writer is a host program of no use: what it writes depends on the row, the member and
// the spikes that it has heard.
type writer struct {
	group  string
	lo     [3]int64
	wanted [3]bool
	heard  []uint64 // by member
	out    [3][]int64
}

// hostOf is a host for a module whose rules need one; nil for others.
func hostOf(m *ir.Module) spikes.Host {
	var h *writer
	for _, s := range m.Synapses {
		r := m.RuleByName(s.Rule)
		if r == nil || !r.HostWrites() {
			continue
		}
		if h == nil {
			h = &writer{group: s.Post, lo: [3]int64{-127, -127, -127}, heard: make([]uint64, m.GroupByName(s.Post).N)}
		}
		for i, v := range yTraces {
			t := r.Traces[v.TraceIndex()]
			h.wanted[i] = h.wanted[i] || t.Host != sem.HostNone
			if t.Host == sem.HostValue {
				h.lo[i] = 0
			}
		}
	}
	if h == nil {
		return nil
	}
	return h
}

// Group implements spikes.Host.
func (h *writer) Group() string { return h.group }

// Begin implements spikes.Host.
func (h *writer) Begin() {
	clear(h.heard)
	for i, wanted := range h.wanted {
		if wanted {
			h.out[i] = make([]int64, len(h.heard))
		}
	}
}

// Row implements spikes.Host: it writes in two rows of three.
func (h *writer) Row(k int, fired []int32) [3][]int64 {
	for _, i := range fired {
		h.heard[i]++
	}
	for y, out := range h.out {
		for i := range out {
			if k%3 != 1 {
				out[i] = h.lo[y] + int64(sem.SplitMix64(uint64(k)<<2+uint64(y), h.heard[i]<<16+uint64(i))%uint64(128-h.lo[y]))
			}
		}
	}
	return h.out
}
