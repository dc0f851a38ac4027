package passes

import (
	"cmp"
	"slices"

	"decc/chipsim/image"
	"decc/ir/chip"
)

// reach is who sends to a core. Every source member that has synapses there has a slot: an
// in-axon of its own or, where those would be more than the core has, an atom of a
// population.
type reach struct {
	sources []int32 // source number of each slot
	slotOf  []int32 // by source number, plus 1; 0 is none
	atoms   []int   // slots of each in-axon, in order; 1 where it is discrete
	delay   int     // greatest of the core's synapses
	plastic int     // in-axons with plastic synapses
}

// axons counts the rows of the synapse map: plastic synapses take more than one.
func (r *reach) axons(s *chip.Spec) int { return len(r.atoms) + r.plastic*(s.InAxonPlastic-1) }

// reach numbers the in-axons of a core: discrete ones by source number. Where they are too many,
// populations come first, because a packet to one has few bits for the number of the in-axon.
func (a *atlas) reach(content []stretch) *reach {
	r := &reach{slotOf: make([]int32, a.sources)}
	learn := a.collect(content, r)
	slices.Sort(r.sources)
	r.atoms = slices.Repeat([]int{1}, len(r.sources))
	if r.axons(a.chip) > a.chip.InAxons {
		a.populate(r, learn)
	}
	for slot, source := range r.sources {
		r.slotOf[source] = int32(slot) + 1
	}
	return r
}

// collect lists the sources, once each, and tells which have plastic synapses.
func (a *atlas) collect(content []stretch, r *reach) (learn map[int32]bool) {
	learn = map[int32]bool{}
	var scratch arrivals
	for _, s := range content {
		for _, in := range a.groups[s.group].inbound {
			x := in.of(s, &scratch)
			for k, pre := range x.pre {
				if r.slotOf[pre] == 0 {
					r.sources = append(r.sources, pre)
					r.slotOf[pre] = 1
				}
				r.delay = max(r.delay, int(x.delay[k]))
				if in.rule != nil {
					learn[pre] = true
				}
			}
		}
	}
	r.plastic = len(learn)
	return learn
}

// crowd is a source with the population that it can be an atom of: sources of the same area
// at the same place of their planes, whose synapses under a kernel have the same targets.
type crowd struct {
	area, place int
	source      int32
	learns      bool
}

func (c crowd) compare(d crowd) int {
	learns := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(learns[c.learns], learns[d.learns]), cmp.Compare(c.area, d.area), cmp.Compare(c.place, d.place), cmp.Compare(c.source, d.source))
}

// populate makes populations of all sources whose synapses do not learn, unless they are
// more than packets can name.
func (a *atlas) populate(r *reach, learn map[int32]bool) {
	list := make([]crowd, len(r.sources))
	for i, source := range r.sources {
		at, _ := slices.BinarySearchFunc(a.areas, int(source)+1, func(x area, n int) int { return cmp.Compare(x.first, n) })
		x := a.areas[at-1]
		list[i] = crowd{area: at, place: (int(source) - x.first) % x.plane, source: source, learns: learn[source]}
	}
	slices.SortFunc(list, crowd.compare)
	var atoms []int
	for i, c := range list {
		same := i > 0 && !c.learns && c.area == list[i-1].area && c.place == list[i-1].place && atoms[len(atoms)-1] < min(image.MaxAtoms, a.chip.PopulationAtoms)
		if same {
			atoms[len(atoms)-1]++
		} else {
			atoms = append(atoms, 1)
		}
	}
	if len(atoms)-len(learn) > a.chip.PopulationAxons {
		return
	}
	r.atoms = atoms
	for i, c := range list {
		r.sources[i] = c.source
	}
}
