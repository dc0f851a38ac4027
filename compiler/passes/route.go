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
	tables := make([]axonTable, len(cores))
	each(len(cores), func(i int) {
		r := a.reach(a.stretches(cores[i].Runs))
		tables[i] = axonTable{cores[i].ID, slices.Clone(r.sources), r.atoms}
		a.release(r)
	})
	inAxons := 0
	for _, t := range tables {
		inAxons += len(t.atoms)
	}
	m.Routes = a.routes(tables)
	m.Stage = ir.Routed
	c.Count("in-axons", int64(inAxons), "")
	return nil
}

// axonTable is who sends to a core: the source number of every slot, and how many of these are the atoms of each in-axon.
type axonTable struct {
	core    int
	sources []int32
	atoms   []int
}

// routes lists the in-axons by their sources.
func (a *atlas) routes(tables []axonTable) []ir.Route {
	next := make([]int, a.sources+1) // where the next route of a source goes
	for _, t := range tables {
		for _, source := range t.sources {
			next[source+1]++
		}
	}
	for i := range a.sources {
		next[i+1] += next[i]
	}
	routes := make([]ir.Route, next[a.sources])
	a.eachSource(func(name string, index, source int) {
		for i := next[source]; i < next[source+1]; i++ {
			routes[i].Source, routes[i].Index = name, int32(index)
		}
	})
	for _, t := range tables {
		t.each(func(source int32, axon, atom int) {
			r := &routes[next[source]]
			r.Core, r.Axon, r.Atom = int32(t.core), int32(axon), int32(atom)
			next[source]++
		})
	}
	return routes
}

// each visits the slots.
func (t *axonTable) each(visit func(source int32, axon, atom int)) {
	slot := 0
	for axon, atoms := range t.atoms {
		for atom := range atoms {
			visit(t.sources[slot], axon, atom)
			slot++
		}
	}
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
