package ir

import (
	"fmt"
	"strings"
)

// maxRoutes bounds the routes of a text: one line can stand for many.
const maxRoutes = 1 << 20

// routeTarget is where the spikes of the members of a run go: member First+i to
// axon Axon + Step*i of the core. Step is 0 or 1.
type routeTarget struct{ core, axon, step int }

// routeRun is a part of the list of routes that has a line of its own: for each of
// n consecutive members of source, in order, its targets in order.
type routeRun struct {
	source   string
	first, n int
	targets  []routeTarget
}

// routeRuns packs the routes, in their order, into as few runs as a greedy pass finds.
func routeRuns(routes []*Route) []routeRun {
	var runs []routeRun
	for len(routes) > 0 {
		n := memberLength(routes)
		member := newMember(routes[:n])
		if len(runs) == 0 || !runs[len(runs)-1].extend(member) {
			runs = append(runs, member)
		}
		routes = routes[n:]
	}
	return runs
}

// memberLength counts the routes of the first source member.
func memberLength(routes []*Route) int {
	n := 1
	for n < len(routes) && routes[n].Source == routes[0].Source && routes[n].Index == routes[0].Index {
		n++
	}
	return n
}

func newMember(routes []*Route) routeRun {
	r := routeRun{source: routes[0].Source, first: routes[0].Index, n: 1}
	for _, x := range routes {
		r.targets = append(r.targets, routeTarget{core: x.Core, axon: x.Axon})
	}
	return r
}

// extend takes in the next member if it continues the pattern. The second member
// decides the steps.
func (r *routeRun) extend(m routeRun) bool {
	if m.source != r.source || m.first != r.first+r.n || len(m.targets) != len(r.targets) {
		return false
	}
	for i, t := range r.targets {
		step := m.targets[i].axon - t.axon
		if r.n > 1 {
			step -= t.step * (r.n - 1)
		}
		if m.targets[i].core != t.core || step < 0 || step > 1 || r.n > 1 && step != t.step {
			return false
		}
	}
	if r.n == 1 {
		for i := range r.targets {
			r.targets[i].step = m.targets[i].axon - r.targets[i].axon
		}
	}
	r.n++
	return true
}

// expand is the inverse of routeRuns for one run.
func (r *routeRun) expand() []*Route {
	block := make([]Route, 0, r.n*len(r.targets))
	list := make([]*Route, 0, cap(block))
	for i := range r.n {
		for _, t := range r.targets {
			block = append(block, Route{Source: r.source, Index: r.first + i, Core: t.core, Axon: t.axon + t.step*i})
			list = append(list, &block[len(block)-1])
		}
	}
	return list
}

func routeObject(r routeRun) object {
	key := fmt.Sprintf("route @%s[%d]", r.source, r.first)
	if r.n > 1 {
		key = fmt.Sprintf("route @%s[%d:%d]", r.source, r.first, r.first+r.n)
	}
	return object{key: key, text: func(*printer) string { return "  " + key + " -> " + r.targetText() }}
}

func (r *routeRun) targetText() string {
	parts := make([]string, len(r.targets))
	for i, t := range r.targets {
		parts[i] = fmt.Sprintf("core %d axon %d", t.core, t.axon)
		if t.step == 1 {
			parts[i] += " + i"
		}
	}
	return strings.Join(parts, ", ")
}

// route reads `route @in[0:784] -> core 0 axon 12 + i, core 1 axon 7`.
func (p *parser) route(m *moduleText) {
	p.word("route")
	at := p.tok
	r := routeRun{source: p.object("the source").text}
	r.first, r.n = p.members()
	p.punct("->")
	for first := true; first || p.accept(","); first = false {
		r.targets = append(r.targets, p.routeTarget())
	}
	if p.failed {
		return
	}
	if r.n*len(r.targets) > maxRoutes-len(m.Routes) {
		p.errorAt(at, "ir/size", "more than %d routes", maxRoutes)
		return
	}
	m.Routes = append(m.Routes, r.expand()...)
}

// members reads [5] or [0:784] as first and count.
func (p *parser) members() (first, n int) {
	p.punct("[")
	at := p.tok
	lo := p.number("the member", 0, maxMembers)
	hi := lo + 1
	if p.accept(":") {
		hi = p.number("the end of the members", 0, maxMembers)
	}
	p.punct("]")
	if !p.failed && hi <= lo {
		p.errorAt(at, "ir/size", "members %d up to, and not with, %d are none", lo, hi)
		return 0, 1
	}
	return int(lo), int(hi - lo)
}

func (p *parser) routeTarget() routeTarget {
	var t routeTarget
	p.word("core")
	t.core = int(p.number("the core", 0, maxCores))
	p.word("axon")
	t.axon = int(p.number("the axon", 0, maxAxons))
	if p.accept("+") {
		p.word("i")
		t.step = 1
	}
	return t
}
