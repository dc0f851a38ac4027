package chipsim

import (
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// tap records one probe: where its members stand, and what they were.
type tap struct {
	key     string
	group   int
	ref     sem.Ref
	members []int32
	cells   []*int64
	matrix  spikes.Matrix[int64]
}

// plasticTap records a probe of a plastic object after the row has been learned.
type plasticTap struct {
	key    string
	cells  []func() int64
	matrix spikes.Matrix[int64]
}

// openTap takes a probe into the run and returns how many values it records a row.
func (s *Session) openTap(r *run, p spikes.Probe, bad *diag.List) int {
	if _, group := s.chip.groups[p.Group]; !group && s.chip.plasticByName(p.Group) >= 0 {
		t := s.newPlasticTap(p, bad)
		if t == nil {
			return 0
		}
		r.learned = append(r.learned, t)
		return len(t.cells)
	}
	t := s.chip.newTap(p, bad)
	if t == nil {
		return 0
	}
	r.taps = append(r.taps, t)
	return len(t.members)
}

func (c *Chip) newTap(p spikes.Probe, bad *diag.List) *tap {
	g, ok := c.groups[p.Group]
	if !ok {
		unknown(bad, "run/unknown-group", "group", p.Group, c.groupNames())
		return nil
	}
	group := &c.img.Groups[g]
	program := &c.img.Programs[group.Program]
	t := &tap{key: p.Key(), group: g, ref: program.Observable(p.Variable)}
	if t.ref == sem.NoRef {
		unknown(bad, "run/unknown-variable", "variable of @"+p.Group, p.Variable, program.Observables())
		return nil
	}
	t.members, ok = membersOf(p, group.N, bad)
	if !ok {
		return nil
	}
	return t
}

// membersOf are the members that a probe wants of n.
func membersOf(p spikes.Probe, n int, bad *diag.List) (members []int32, ok bool) {
	if p.Members == nil {
		members = make([]int32, n)
		for i := range members {
			members[i] = int32(i)
		}
		return members, true
	}
	for _, m := range p.Members {
		if m < 0 || int(m) >= n {
			bad.Add(diag.Pos{}, "run/member-range", "probe %s wants member %d of %d", p.Key(), m, n)
			return nil, false
		}
	}
	return p.Members, true
}

func (s *Session) newPlasticTap(p spikes.Probe, bad *diag.List) *plasticTap {
	v, ok := sem.ProbeOfPlastic(p.Variable)
	if !ok {
		unknown(bad, "run/unknown-variable", "variable of @"+p.Group, p.Variable, sem.PlasticProbes())
		return nil
	}
	at := s.chip.plasticByName(p.Group)
	n, cell := s.cellsOf(at, v)
	members, ok := membersOf(p, n, bad)
	if !ok {
		return nil
	}
	t := &plasticTap{key: p.Key()}
	for _, m := range members {
		t.cells = append(t.cells, cell(int(m)))
	}
	return t
}

// cellsOf tells how many values a variable of a plastic object has, and finds each.
func (s *Session) cellsOf(at int, v sem.Variable) (n int, cell func(i int) func() int64) {
	sites := s.chip.sites[at]
	if t, ok := v.Target(); ok {
		return len(sites), func(i int) func() int64 {
			value := &s.cores[sites[i].core].plastic[at].values[t][sites[i].place]
			return func() int64 { return int64(*value) }
		}
	}
	var cells []*int64
	if s.chip.img.Profile.Learning().BySynapse {
		cells = s.synapseTraces(at, v)
	} else {
		cells = s.memberTraces(at, v)
	}
	return len(cells), func(i int) func() int64 {
		x := cells[i]
		if x == nil {
			return func() int64 { return 0 }
		}
		return func() int64 { return *x }
	}
}

// synapseTraces finds a trace of every synapse.
func (s *Session) synapseTraces(at int, v sem.Variable) []*int64 {
	cells := make([]*int64, len(s.chip.sites[at]))
	for i, x := range s.chip.sites[at] {
		cells[i] = s.cores[x.core].plastic[at].whole.traceAt(v, x.place)
	}
	return cells
}

// memberTraces finds a trace of every member of its side: on the first core that has it,
// for it is the same on all; nil where no core does.
func (s *Session) memberTraces(at int, v sem.Variable) []*int64 {
	p := &s.chip.img.Plastic[at]
	side, n := sem.Variables[v].Side, p.Pre
	if side == sem.PostSide {
		n = s.chip.img.Groups[p.Group].N
	}
	cells := make([]*int64, n)
	for _, k := range s.cores {
		p := &k.plastic[at]
		if p.places == 0 {
			continue
		}
		for i, connected := range p.connected(side) {
			if m := p.member(side, int32(i)); connected && cells[m] == nil {
				cells[m] = p.traceOf(v, int32(i))
			}
		}
	}
	return cells
}

// observeLearning is the end of the row: the host reads what was learned.
func (r *run) observeLearning(k int) {
	for _, t := range r.learned {
		row := t.matrix.Row(k)
		for i, cell := range t.cells {
			row[i] = cell()
		}
	}
}
