package passes

import (
	"slices"
	"sync"

	"decc/chipsim/image"
	"decc/ir"
	"decc/ir/chip"
)

// atlas is a module seen from its compartments: what arrives at each, and what it
// asks of the tables of a core. Sources are numbered through: the members of the
// inputs in order, then those of the groups.
type atlas struct {
	m       *ir.Module
	chip    *chip.Spec
	first   map[string]int // number of member 0 of an input or group
	sources int            // how many numbers there are
	inputs  int            // how many of them are external
	groups  []*territory   // as m.Groups
	byName  map[string]int // index into groups
	traffic []int64        // spikes of each source number, for the mappers
	areas   []area         // of the inputs, then of the groups
	spare   sync.Pool      // of *reach
}

// area is the members of an input or group: the numbers from first on, in channels of plane
// members each. plane is 1 where no kernel slides over them. even tells that kernels or matrices lead from them, so that
// members have about as many synapses each; a population of others would be as long as its longest list for every atom.
type area struct {
	first, plane int
	even         bool
}

// territory is what the atlas knows of a group.
type territory struct {
	*ir.Group
	tableKeys
	stateBytes int // of a compartment
	ports      int // accumulators of a compartment and delay slot: ports that synapses reach, at least 1
	inbound    []*inbound
}

// inbound is a synapse object by target: the synapses of compartment i are those with the numbers
// start[i] .. start[i+1]-1. Those of a kernel are listed anew whenever they are asked for: they may be
// hundreds of millions.
type inbound struct {
	kind    image.Kind
	rule    *ir.Rule // nil where the synapses do not learn
	repeats bool     // sources may have the same synapses on shifted targets, which are stored once
	start   []int32
	all     arrivals
	kernel  *ir.Synapse // nil where all has the synapses
	base    int32       // source number of member 0 of the source
}

// arrivals are synapses in the order of their targets.
type arrivals struct {
	pre      []int32 // source number
	mantissa []int16
	delay    []uint8
}

// of lists the synapses of the compartments of a stretch. The lists are good until the
// next call with the same scratch.
func (in *inbound) of(s stretch, scratch *arrivals) arrivals {
	lo, hi := in.start[s.first], in.start[s.first+s.n]
	if in.kernel == nil {
		return arrivals{in.all.pre[lo:hi], in.all.mantissa[lo:hi], in.all.delay[lo:hi]}
	}
	scratch.resize(int(hi - lo))
	k := 0
	in.kernel.EachTap(s.first, s.n, func(from, _ int, mantissa int64, delay int) {
		scratch.pre[k], scratch.mantissa[k], scratch.delay[k] = in.base+int32(from), int16(mantissa), uint8(delay)
		k++
	})
	return *scratch
}

func (a *arrivals) resize(n int) {
	a.pre = slices.Grow(a.pre[:0], n)[:n]
	a.mantissa = slices.Grow(a.mantissa[:0], n)[:n]
	a.delay = slices.Grow(a.delay[:0], n)[:n]
}

func newAtlas(m *ir.Module, spec *chip.Spec) *atlas {
	a := &atlas{m: m, chip: spec, first: map[string]int{}, byName: map[string]int{}}
	for _, in := range m.Inputs {
		a.number(in.Name, in.N)
	}
	a.inputs = a.sources
	keys := newProfileKeys(spec)
	for i, g := range m.Groups {
		a.number(g.Name, g.N)
		a.byName[g.Name] = i
		a.groups = append(a.groups, &territory{Group: g, tableKeys: keys.of(g), stateBytes: stateBytes(g), ports: 1})
	}
	for i, s := range m.Synapses {
		t := a.groups[a.byName[s.Post]]
		t.inbound = append(t.inbound, a.inboundOf(s, i, t))
	}
	for _, t := range a.groups {
		t.ports = t.countPorts()
	}
	return a
}

func (a *atlas) number(name string, n int) {
	a.first[name] = a.sources
	at := area{first: a.sources, plane: 1}
	for _, s := range a.m.Synapses {
		if s.Pre != name {
			continue
		}
		at.even = at.even || !s.IsList()
		if s.IsConv() {
			at.plane = s.Conv.In[1] * s.Conv.In[2]
		}
	}
	a.areas = append(a.areas, at)
	a.sources += n
}

// inboundOf sorts the synapses of an object by target, keeping their order otherwise.
func (a *atlas) inboundOf(s *ir.Synapse, index int, post *territory) *inbound {
	in := &inbound{kind: image.Kind(a.m.Kind(index)), rule: a.m.RuleByName(s.Rule), repeats: repeats(s), start: make([]int32, post.N+1), base: int32(a.first[s.Pre])}
	if s.IsConv() {
		in.kernel = s
		for i, n := range s.Conv.FanIn(s.Weights) {
			in.start[i+1] = int32(n)
		}
	} else {
		s.Each(func(_, to int, _ int64, _ int) { in.start[to+1]++ })
	}
	for i := range post.N {
		in.start[i+1] += in.start[i]
	}
	if in.kernel == nil {
		in.sort(s)
	}
	return in
}

// sort fills in the synapses of an object that is no kernel.
func (in *inbound) sort(s *ir.Synapse) {
	in.all.resize(int(in.start[len(in.start)-1]))
	next := slices.Clone(in.start)
	s.Each(func(from, to int, mantissa int64, delay int) {
		k := next[to]
		next[to]++
		in.all.pre[k], in.all.mantissa[k], in.all.delay[k] = in.base+int32(from), int16(mantissa), uint8(delay)
	})
}

// repeats tells of kernels and lists, and of matrices of one value.
func repeats(s *ir.Synapse) bool {
	if s.Rule != "" || s.IsConv() || s.IsList() {
		return s.Rule == ""
	}
	data := s.Weights.Data
	return !slices.ContainsFunc(data, func(w int32) bool { return w != data[0] })
}

func (t *territory) countPorts() int {
	seen := map[int]bool{}
	for _, in := range t.inbound {
		seen[in.kind.Port] = true
	}
	return max(1, len(seen))
}

// stretch is a contiguous part of a group as a core holds it.
type stretch struct{ group, first, n int }

// stretches reads the runs of a core.
func (a *atlas) stretches(runs []ir.Run) []stretch {
	list := make([]stretch, len(runs))
	for i, r := range runs {
		list[i] = stretch{a.byName[r.Group], r.First, r.N}
	}
	return list
}

// contents reads the runs of all cores of a partitioned module.
func (a *atlas) contents() [][]stretch {
	cores := make([][]stretch, len(a.m.Cores))
	for i, k := range a.m.Cores {
		cores[i] = a.stretches(k.Runs)
	}
	return cores
}

// axons gathers the synapses of every in-axon by atom and kind. Compartments are numbered in
// the order of the stretches.
func (a *atlas) axons(content []stretch, r *reach) []image.Atoms {
	slots := make([][]image.Part, len(r.sources))
	placed := make(map[int][]placedStretch, len(a.groups)) // by group
	var order []int
	local := int32(0)
	for _, s := range content {
		if placed[s.group] == nil {
			order = append(order, s.group)
		}
		placed[s.group] = append(placed[s.group], placedStretch{s, local})
		local += int32(s.n)
	}
	for _, g := range order {
		for _, in := range a.groups[g].inbound {
			in.gather(placed[g], r.slotOf, slots)
		}
	}
	axons := make([]image.Atoms, 0, len(r.atoms))
	for _, n := range r.atoms {
		axons, slots = append(axons, slots[:n:n]), slots[n:]
	}
	return axons
}

// placedStretch is a stretch with the number of its first compartment on the core.
type placedStretch struct {
	stretch
	local int32
}

// gather adds the synapses of one object onto the stretches of its group: a part for each slot
// that has some, all parts in one block of memory. Cores of scattered rows have as many stretches
// as compartments, so the slots are gone through once for all.
func (in *inbound) gather(list []placedStretch, slotOf []int32, slots [][]image.Part) {
	total := 0
	count := make([]int, len(slots))
	var scratch arrivals
	for _, s := range list {
		pre := in.of(s.stretch, &scratch).pre
		total += len(pre)
		for _, p := range pre {
			count[slotOf[p]-1]++
		}
	}
	block := make([]image.Synapse, total)
	for x, n := range count {
		if n > 0 {
			slots[x] = append(slots[x], image.Part{Kind: in.kind, Synapses: block[:0:n]})
			block = block[n:]
		}
	}
	for _, s := range list {
		x, k := in.of(s.stretch, &scratch), 0
		for i := range s.n {
			for range in.start[s.first+i+1] - in.start[s.first+i] {
				parts := slots[slotOf[x.pre[k]]-1]
				part := &parts[len(parts)-1]
				part.Synapses = append(part.Synapses, image.Synapse{Target: s.local + int32(i), Mantissa: int32(x.mantissa[k]), Delay: int32(x.delay[k])})
				k++
			}
		}
	}
}
