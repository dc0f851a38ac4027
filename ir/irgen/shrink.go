package irgen

import (
	"iter"

	"decc/ir"
)

// Shrink cuts a failing case down: it tries the reductions of a table, keeps each
// result that ir.Verify accepts and that still fails, and ends when no single
// reduction does. The result depends on nothing but its arguments; c is not
// changed. If c does not fail it is returned as it is.
func Shrink(c Case, fails func(Case) bool) Case {
	still := func(c Case) bool { return ir.Verify(c.Module) == nil && fails(c) }
	for changed := still(c); changed; {
		changed = false
		for _, r := range reductions {
			for smaller, ok := first(r.of(c), still); ok; smaller, ok = first(r.of(c), still) {
				c, changed = smaller, true
			}
		}
	}
	return c
}

func first(candidates iter.Seq[Case], still func(Case) bool) (Case, bool) {
	for c := range candidates {
		if still(c) {
			return c, true
		}
	}
	return Case{}, false
}

// reduction lists cases that are smaller in one way. Every chain of candidates is
// finite: each has fewer of something, and more of nothing.
type reduction struct {
	name string
	of   func(c Case) iter.Seq[Case]
}

// reductions go from coarse to fine.
var reductions = []reduction{
	{"rows", fewerRows},
	{"layers", dropEach(func(m *ir.Module) *[]*ir.Layer { return &m.Layers })},
	{"groups", fewerGroups},
	{"synapses", dropEach(func(m *ir.Module) *[]*ir.Synapse { return &m.Synapses })},
	{"joins", dropEach(func(m *ir.Module) *[]*ir.Join { return &m.Joins })},
	{"inputs", fewerInputs},
	{"events", fewerEvents},
	{"members", fewerMembers},
	{"contacts", fewerContacts},
	{"params", plainerGroups},
	{"formats", plainerSynapses},
	{"mantissas", smallerMantissas},
	{"programs", plainerPrograms},
	{"header", plainerHeader},
}

// chunks are the parts of a list of n elements that are tried to be left out:
// everything, halves, quarters … single elements.
func chunks(n int) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for size := n; size > 0; size /= 2 {
			for from := 0; from < n; from += size {
				if !yield(from, min(from+size, n)) {
					return
				}
			}
		}
	}
}

// without is a copy of the list with elements from..to-1 left out.
func without[T any](list []T, from, to int) []T {
	return append(append(make([]T, 0, len(list)), list[:from]...), list[to:]...)
}

// dropEach leaves out chunks of one list of the module.
func dropEach[T any](list func(m *ir.Module) *[]*T) func(c Case) iter.Seq[Case] {
	return func(c Case) iter.Seq[Case] {
		return func(yield func(Case) bool) {
			for from, to := range chunks(len(*list(c.Module))) {
				smaller := c.edit(func(m *ir.Module) {
					l := list(m)
					*l = without(*l, from, to)
				})
				if !yield(smaller) {
					return
				}
			}
		}
	}
}

// edit is c with a changed copy of its module. The copy has objects of its own;
// change replaces tensors, events and programs rather than write to them.
func (c Case) edit(change func(m *ir.Module)) Case {
	m := *c.Module
	m.Programs, m.Inputs, m.Groups = copies(m.Programs), copies(m.Inputs), copies(m.Groups)
	m.Synapses, m.Joins, m.Layers = copies(m.Synapses), copies(m.Joins), copies(m.Layers)
	for i, g := range m.Groups {
		g.Params = append([]ir.Param(nil), g.Params...)
		g.Program = m.ProgramByName(c.Module.Groups[i].Program.Name)
	}
	change(&m)
	c.Module = &m
	dropUnusedPrograms(&m)
	return c
}

func copies[T any](list []*T) []*T {
	out := make([]*T, len(list))
	for i, x := range list {
		y := *x
		out[i] = &y
	}
	return out
}

func dropUnusedPrograms(m *ir.Module) {
	var used []*ir.Program
	for _, p := range m.Programs {
		for _, g := range m.Groups {
			if g.Program == p {
				used = append(used, p)
				break
			}
		}
	}
	m.Programs = used
}
