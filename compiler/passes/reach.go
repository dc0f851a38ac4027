package passes

import (
	"cmp"
	"slices"

	"decc/chipsim/image"
	"decc/ir"
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
	r, _ := a.spare.Get().(*reach)
	if r == nil {
		r = &reach{slotOf: make([]int32, a.sources)}
	}
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

// release gives r back for another core: a reach is as long as the network, and there are many cores. Its
// sources go too.
func (a *atlas) release(r *reach) {
	for _, source := range r.sources {
		r.slotOf[source] = 0
	}
	*r = reach{slotOf: r.slotOf, sources: r.sources[:0]}
	a.spare.Put(r)
}

// collect lists the sources, once each, and tells which have plastic synapses.
func (a *atlas) collect(content []stretch, r *reach) (learn map[int32]bool) {
	learn = map[int32]bool{}
	var scratch ir.Arrivals
	for _, s := range content {
		for _, in := range a.groups[s.group].inbound {
			x := in.of(s, &scratch)
			for k, pre := range x.Pre {
				if r.slotOf[pre] == 0 {
					r.sources = append(r.sources, pre)
					r.slotOf[pre] = 1
				}
				r.delay = max(r.delay, int(x.Delay[k]))
				if in.rule != nil {
					learn[pre] = true
				}
			}
		}
	}
	r.plastic = len(learn)
	return learn
}

// populate makes populations of the sources whose synapses do not learn: those of an even area at the
// same place of their planes, whose synapses under a kernel have the same targets. It leaves
// everything as it is where they are more than packets can name.
func (a *atlas) populate(r *reach, learn map[int32]bool) {
	var sources, alone []int32
	var atoms []int
	for rest := r.sources; len(rest) > 0; {
		at, _ := slices.BinarySearchFunc(a.areas, int(rest[0])+1, func(x area, n int) int { return cmp.Compare(x.first, n) })
		end := a.sources
		if at < len(a.areas) {
			end = a.areas[at].first
		}
		n, _ := slices.BinarySearch(rest, int32(end))
		x := a.areas[at-1]
		for _, source := range rest[:n] {
			if !x.even || learn[source] {
				alone = append(alone, source)
			}
		}
		if x.even {
			sources, atoms = x.populations(rest[:n], learn, sources, atoms, min(image.MaxAtoms, a.chip.PopulationAtoms))
		}
		rest = rest[n:]
	}
	if len(atoms) > a.chip.PopulationAxons {
		return
	}
	r.sources, r.atoms = append(sources, alone...), append(atoms, slices.Repeat([]int{1}, len(alone))...)
}

// populations appends members of the area, ascending, in the order of their places, and how many atoms
// each population has.
func (x area) populations(members []int32, learn map[int32]bool, sources []int32, atoms []int, most int) ([]int32, []int) {
	next := make([]int, x.plane+1) // where the next member of a place goes
	for _, m := range members {
		if !learn[m] {
			next[x.place(m)+1]++
		}
	}
	for i := range x.plane {
		for n := next[i+1]; n > 0; n -= most {
			atoms = append(atoms, min(n, most))
		}
		next[i+1] += next[i]
	}
	base := len(sources)
	sources = slices.Grow(sources, next[x.plane])[:base+next[x.plane]]
	for _, m := range members {
		if !learn[m] {
			sources[base+next[x.place(m)]] = m
			next[x.place(m)]++
		}
	}
	return sources, atoms
}

func (x area) place(source int32) int { return (int(source) - x.first) % x.plane }
