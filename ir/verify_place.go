package ir

import (
	"cmp"
	"slices"

	"decc/ir/diag"
)

func (v *verifier) chip() {
	if v.m.Chip == "" {
		v.add(v.m.Pos, v.m.At, "a module at stage %s needs a chip", v.m.Stage).WithFix("add chip(loihi1)")
	}
}

// stages refuses side tables that a module has no right to yet.
func (v *verifier) stages() {
	m := v.m
	if m.Stage < Partitioned && len(m.Cores) > 0 {
		v.add(diag.Pos{}, m.Cores[0].At, "a module at stage %s has no cores, found %d", m.Stage, len(m.Cores))
	}
	if m.Stage < Routed && len(m.Routes) > 0 {
		v.add(m.Pos, m.At, "a module at stage %s has no routes, found %d", m.Stage, len(m.Routes))
	}
	for _, c := range m.Cores {
		if m.Stage < Placed && c.hasPlace() {
			v.add(diag.Pos{}, c.At, "core %d has a place at stage %s", c.ID, m.Stage)
		}
	}
}

func (v *verifier) cores() {
	seen := map[int]bool{}
	for _, c := range v.m.Cores {
		if c.ID < 0 || c.ID > maxCores || seen[c.ID] {
			v.add(diag.Pos{}, c.At, "core %d: the number is used before or outside 0..%d", c.ID, maxCores)
		}
		seen[c.ID] = true
	}
}

// held is a run with the core that it is on.
type held struct {
	Run
	core *Core
}

// cover walks the runs of each group in order of their first member.
func (v *verifier) cover() {
	byGroup := map[string][]held{}
	for _, c := range v.m.Cores {
		for _, r := range c.Runs {
			if r.N < 1 || r.First < 0 || r.First+r.N > v.groups[r.Group].N {
				v.add(diag.Pos{}, c.At, "core %d holds @%s[%d:%d] of a group of %d", c.ID, r.Group, r.First, r.First+r.N, v.groups[r.Group].N)
				return
			}
			byGroup[r.Group] = append(byGroup[r.Group], held{r, c})
		}
	}
	for _, g := range v.m.Groups {
		v.coverGroup(g, byGroup[g.Name])
	}
}

func (v *verifier) coverGroup(g *Group, runs []held) {
	slices.SortStableFunc(runs, func(a, b held) int { return cmp.Compare(a.First, b.First) })
	end := 0
	for _, r := range runs {
		switch {
		case r.First > end:
			v.add(g.Pos, g.At, "@%s[%d:%d] is on no core", g.Name, end, r.First)
		case r.First < end:
			v.add(diag.Pos{}, r.core.At, "core %d holds member %d of @%s, which another run holds too", r.core.ID, r.First, g.Name)
		}
		end = max(end, r.First+r.N)
	}
	if end < g.N {
		v.add(g.Pos, g.At, "@%s[%d:%d] is on no core", g.Name, end, g.N)
	}
}

func (v *verifier) places() {
	seen := map[[4]int]int{}
	for _, c := range v.m.Cores {
		at := [4]int{c.ChipID, c.X, c.Y, c.Z}
		if slices.Min(at[:]) < 0 || slices.Max(at[:]) > maxPlaceXY {
			v.add(diag.Pos{}, c.At, "core %d: chip and coordinates %v, allowed is 0..%d", c.ID, at, maxPlaceXY)
		}
		if other, ok := seen[at]; ok {
			v.add(diag.Pos{}, c.At, "core %d has the place %v of core %d", c.ID, at, other)
		}
		seen[at] = c.ID
	}
}

func (v *verifier) routes() {
	cores := map[int32]bool{}
	for _, c := range v.m.Cores {
		cores[int32(c.ID)] = true
	}
	source, n := "", 0
	for _, r := range v.m.Routes {
		if r.Source != source {
			source = r.Source
			n, _ = v.source(source)
		}
		switch {
		case r.Index < 0 || int(r.Index) >= n:
			v.route(r, "the source has %d members", n)
		case !cores[r.Core]:
			v.route(r, "there is no core %d", r.Core)
		case r.Axon < 0 || r.Axon > maxAxons:
			v.route(r, "axons are 0..%d", maxAxons)
		case r.Atom < 0 || r.Atom > maxAtoms:
			v.route(r, "atom %d, atoms are 0..%d", r.Atom, maxAtoms)
		}
	}
	v.routesTwice()
}

// routesTwice finds routes that are there twice. Those of the routing pass are in order, which takes no memory to see.
func (v *verifier) routesTwice() {
	routes, compare := v.m.Routes, v.m.compareRoutes()
	if !slices.IsSortedFunc(routes, compare) {
		routes = slices.SortedFunc(slices.Values(routes), compare)
	}
	for i := 1; i < len(routes); i++ {
		if routes[i] == routes[i-1] {
			v.route(routes[i], "the same route twice would deliver each spike twice")
		}
	}
}

// compareRoutes has the routes in the order of their sources, inputs first, then by member.
func (m *Module) compareRoutes() func(a, b Route) int {
	rank := map[string]int{}
	for _, in := range m.Inputs {
		rank[in.Name] = len(rank)
	}
	for _, g := range m.Groups {
		rank[g.Name] = len(rank)
	}
	return func(a, b Route) int {
		if a.Source != b.Source {
			return cmp.Compare(rank[a.Source], rank[b.Source])
		}
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Core, b.Core), cmp.Compare(a.Axon, b.Axon), cmp.Compare(a.Atom, b.Atom))
	}
}

func (v *verifier) route(r Route, format string, args ...any) {
	d := v.add(v.m.Pos, v.m.At, "route @%s[%d] -> core %d axon %d: ", r.Source, r.Index, r.Core, r.Axon)
	d.Message += diag.Errorf(diag.Pos{}, "", format, args...).Message
}
