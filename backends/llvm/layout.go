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
	for _, in := range u.inputs {
		lo, hi := ir.InputPayload(in.Input)
		l.inputs = append(l.inputs, inputLayout{in.Name, in.graded, sem.Span(lo, hi)})
	}
	return l
}

func (l *layout) param(p spikes.ParamValue) int { return l.params[[2]string{p.Group, p.Param}] }

// probe is the number of what a probe names, and the places that it reads.
func (l *layout) probe(p spikes.Probe) (number int, members []int32) {
	members = p.Members
	if members == nil {
		members = everyone(l.size(p.Group))
	}
	return l.shown[[2]string{p.Group, p.Variable}], members
}

// columns tells for every column of a probe's matrix whether it is in the answer.
func (l *layout) columns(p spikes.Probe) []bool {
	_, members := l.probe(p)
	there := make([]bool, len(members))
	for i := range there {
		there[i] = true
	}
	return there
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
	if end := slices.IndexFunc(train, func(e spikes.Event) bool { return int(e.Row) >= rows }); end >= 0 {
		train = train[:end]
	}
	if !slices.IsSortedFunc(train, byPlace) {
		train = slices.Clone(train)
		slices.SortStableFunc(train, byPlace)
	}
	return train
}

func byPlace(a, b spikes.Event) int {
	return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Index, b.Index))
}
