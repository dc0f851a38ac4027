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
	tallies sync.Pool      // of *tallying
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

// inbound is a synapse object by target; its sources have their source numbers.
type inbound struct {
	*ir.Inbound
	kind    image.Kind
	rule    *ir.Rule // nil where the synapses do not learn
	repeats bool     // sources may have the same synapses on shifted targets, which are stored once
}

// of lists the synapses of the compartments of a stretch. The lists are good until the
// next call with the same scratch.
func (in *inbound) of(s stretch, scratch *ir.Arrivals) ir.Arrivals {
	return in.Onto(s.first, s.n, scratch)
}

// onto counts the synapses of the compartments of a stretch.
func (in *inbound) onto(s stretch) int { return in.Start[s.first+s.n] - in.Start[s.first] }

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

func (a *atlas) inboundOf(s *ir.Synapse, index int, post *territory) *inbound {
	return &inbound{
		Inbound: ir.NewInbound(s, post.N, int32(a.first[s.Pre])),
		kind:    image.Kind(a.m.Kind(index)), rule: a.m.RuleByName(s.Rule), repeats: repeats(s),
	}
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
	var scratch ir.Arrivals
	for _, s := range list {
		pre := in.of(s.stretch, &scratch).Pre
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
			for range in.Start[s.first+i+1] - in.Start[s.first+i] {
				parts := slots[slotOf[x.Pre[k]]-1]
				part := &parts[len(parts)-1]
				part.Synapses = append(part.Synapses, image.Synapse{Target: s.local + int32(i), Mantissa: int32(x.Mantissa[k]), Delay: int32(x.Delay[k])})
				k++
			}
		}
	}
}
