package llvm

import (
	"cmp"
	"slices"

	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// layout is what a client has to know of a program: the numbers of what requests name.
type layout struct {
	digest []byte
	groups []groupLayout
	inputs []inputLayout
	// shown numbers what probes can name, params what the host can write, by group and name.
	shown  map[[2]string]int
	params map[[2]string]int
	limits map[[2]string]sem.Interval // of params
	// plastic are the synapses that learn, in their order.
	plastic []plasticLayout
}

// plasticLayout tells where a program keeps what plastic synapses learn.
type plasticLayout struct {
	name   string
	size   int     // places
	places []int32 // by number of the synapse
	ends   [2][]bool
	bound  [targets][2]int64
	// bySynapse tells that every synapse has traces of its own.
	bySynapse bool
	replay    *replayLayout // nil where thresholds are drawn
}

type groupLayout struct {
	name   string
	n      int
	graded bool
}

type inputLayout struct {
	name   string
	graded bool
	limits sem.Interval // of payloads, where they are graded
}

func (u *unit) layout(digest []byte) layout {
	l := layout{digest: digest, shown: map[[2]string]int{}, params: map[[2]string]int{}, limits: map[[2]string]sem.Interval{}}
	for _, g := range u.groups {
		l.groups = append(l.groups, groupLayout{g.Name, g.N, g.payloads != nil})
		for _, s := range g.shown {
			l.shown[[2]string{g.Name, s.name}] = len(l.shown)
		}
		for _, p := range g.params {
			key := [2]string{g.Name, p.name}
			l.params[key], l.limits[key] = len(l.params), u.ranges.slots[g.Name][p.field]
		}
	}
	for _, p := range u.plastic {
		for _, name := range sem.PlasticProbes() {
			l.shown[[2]string{p.Name, name}] = len(l.shown)
		}
		l.plastic = append(l.plastic, p.layout())
	}
	for _, in := range u.inputs {
		lo, hi := ir.InputPayload(in.Input)
		l.inputs = append(l.inputs, inputLayout{in.Name, in.graded, sem.Span(lo, hi)})
	}
	return l
}

func (l *layout) param(p spikes.ParamValue) int { return l.params[[2]string{p.Group, p.Param}] }

// nowhere is the place of the trace of a member that has no synapses: it is 0.
const nowhere = -1

// layout tells where the synapses stand by number: that of the target, then of the source.
func (p *plastic) layout() plasticLayout {
	l := plasticLayout{name: p.Name, size: p.size, bySynapse: p.learning.BySynapse, replay: p.replayLayout(), places: make([]int32, len(p.contacts)), ends: [2][]bool{make([]bool, p.sources), make([]bool, p.post.N)}}
	byOrder := make([]int32, len(p.contacts))
	for i, k := range p.contacts {
		byOrder[k.number] = int32(p.place(k, i))
		l.ends[sem.PreSide][k.pre], l.ends[sem.PostSide][k.post] = true, true
	}
	for i, number := range p.ByNumber() {
		l.places[i] = byOrder[number]
	}
	for t := range l.bound {
		l.bound[t] = p.bound(sem.Target(t))
	}
	return l
}

// probe is the number of what a probe names, and the place of each of its columns, or nowhere.
func (l *layout) probe(p spikes.Probe) (number int, places []int32) {
	all := l.all(p)
	number = l.shown[[2]string{p.Group, p.Variable}]
	if p.Members == nil {
		return number, all
	}
	for _, m := range p.Members {
		places = append(places, all[m])
	}
	return number, places
}

// all are the places of everything that the variable of a probe has.
func (l *layout) all(p spikes.Probe) []int32 {
	s := l.plasticOf(p.Group)
	if s == nil {
		return everyone(l.size(p.Group))
	}
	v, _ := sem.ProbeOfPlastic(p.Variable)
	if _, ok := v.Target(); ok || s.bySynapse {
		return s.places
	}
	ends := s.ends[sem.Variables[v].Side]
	places := everyone(len(ends))
	for i, has := range ends {
		if !has {
			places[i] = nowhere
		}
	}
	return places
}

// plasticOf finds synapses that learn, or returns nil. Groups come first where names agree.
func (l *layout) plasticOf(name string) *plasticLayout {
	for i := range l.plastic {
		if l.plastic[i].name == name {
			return &l.plastic[i]
		}
	}
	return nil
}

func (l *layout) size(group string) int {
	for _, g := range l.groups {
		if g.name == group {
			return g.n
		}
	}
	return 0
}

func everyone(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// sorted are the events of rows that a run reaches, by row and index.
func (in *inputLayout) sorted(train spikes.Train, rows int) spikes.Train {
	end, inOrder := len(train), true
	for i, e := range train {
		if int(e.Row) >= rows {
			end = i
			break
		}
		inOrder = inOrder && (i == 0 || place(train[i-1]) <= place(e))
	}
	if train = train[:end]; !inOrder {
		train = slices.Clone(train)
		slices.SortStableFunc(train, func(a, b spikes.Event) int { return cmp.Compare(place(a), place(b)) })
	}
	return train
}

// place is row and index of an event as one number, in their order: the word of a request.
func place(e spikes.Event) int64 { return int64(e.Row)<<32 | int64(e.Index) }
