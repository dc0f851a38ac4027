package passes

import (
	"cmp"
	"slices"

	"decc/compiler"
	"decc/ir"
)

// Route numbers the in-axons of every core and fills the out-axon lists.
//
// Method: a core has one in-axon for each source member with synapses on it, in the
// order of the sources (inputs, then groups, by member); all synapses of that member
// on the core share it. Where these would be too many, members at the same place of
// their planes are atoms of populations. The members' lists go to cores in ascending order.
//
// Before: a placed module. After: Routes has exactly one entry for each pair of a
// source member and a core where it has synapses. Example, where two cores hold @h:
//
//	route @in[0:784] -> core 0 axon 0 + i, core 1 axon 0 + i
var Route = compiler.Pass{
	Name: "route", Doc: "number in-axons and fill out-axon lists",
	Needs: ir.Placed, Gives: ir.Routed, Preserves: true,
	Run: route,
}

func route(c *compiler.Context, m *ir.Module) error {
	a := newAtlas(m, c.Chip)
	cores := slices.Clone(m.Cores)
	slices.SortFunc(cores, func(x, y *ir.Core) int { return cmp.Compare(x.ID, y.ID) })
	lists := make([][]ir.Route, a.sources) // by source number
	inAxons := 0
	for _, k := range cores {
		r := a.reach(a.stretches(k.Runs))
		slot := 0
		for axon, atoms := range r.atoms {
			for atom := range atoms {
				source := r.sources[slot]
				lists[source] = append(lists[source], ir.Route{Core: k.ID, Axon: axon, Atom: atom})
				slot++
			}
		}
		inAxons += len(r.atoms)
	}
	a.eachSource(func(name string, index, source int) {
		for _, r := range lists[source] {
			r.Source, r.Index = name, index
			m.Routes = append(m.Routes, &r)
		}
	})
	m.Stage = ir.Routed
	c.Count("in-axons", int64(inAxons), "")
	return nil
}

// eachSource visits the source members in the order of their numbers.
func (a *atlas) eachSource(visit func(name string, index, source int)) {
	for _, in := range a.m.Inputs {
		for i := range in.N {
			visit(in.Name, i, a.first[in.Name]+i)
		}
	}
	for _, g := range a.m.Groups {
		for i := range g.N {
			visit(g.Name, i, a.first[g.Name]+i)
		}
	}
}
