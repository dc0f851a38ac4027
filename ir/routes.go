package ir

import (
	"fmt"
	"slices"
	"strings"
)

// maxRoutes bounds the routes of a text: one line can stand for many.
const maxRoutes = 1 << 20

// routeTarget is where the spikes of the members of a run go: member first+i to
// axon axon.at(i) of the core, atom atom.at(i).
type routeTarget struct {
	core       int
	axon, atom counter
}

// counter is a number that stays or grows by one a member. Step is 0 or 1.
type counter struct{ from, step int }

func (c counter) at(i int) int { return c.from + c.step*i }

// follow takes x as the number of member i, the one behind those that the counter counted.
// The second member decides the step.
func (c *counter) follow(x, i int) bool {
	if i == 1 {
		c.step = x - c.from
	}
	return c.step >= 0 && c.step <= 1 && x == c.at(i)
}

func (c counter) text() string {
	if c.step == 1 {
		return fmt.Sprintf("%d + i", c.from)
	}
	return fmt.Sprint(c.from)
}

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
		r.targets = append(r.targets, routeTarget{core: x.Core, axon: counter{from: x.Axon}, atom: counter{from: x.Atom}})
	}
	return r
}

// extend takes in the next member if it continues the pattern.
func (r *routeRun) extend(m routeRun) bool {
	if m.source != r.source || m.first != r.first+r.n || len(m.targets) != len(r.targets) {
		return false
	}
	longer := slices.Clone(r.targets)
	for i := range longer {
		t, next := &longer[i], m.targets[i]
		if next.core != t.core || !t.axon.follow(next.axon.from, r.n) || !t.atom.follow(next.atom.from, r.n) {
			return false
		}
	}
	r.targets = longer
	r.n++
	return true
}

// expand is the inverse of routeRuns for one run.
func (r *routeRun) expand() []*Route {
	block := make([]Route, 0, r.n*len(r.targets))
	list := make([]*Route, 0, cap(block))
	for i := range r.n {
		for _, t := range r.targets {
			block = append(block, Route{Source: r.source, Index: r.first + i, Core: t.core, Axon: t.axon.at(i), Atom: t.atom.at(i)})
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
		parts[i] = fmt.Sprintf("core %d axon %s", t.core, t.axon.text())
		if t.atom != (counter{}) {
			parts[i] += " atom " + t.atom.text()
		}
	}
	return strings.Join(parts, ", ")
}

// route reads `route @in[0:784] -> core 0 axon 12 + i, core 1 axon 7 atom 3`.
func (p *parser) route(m *moduleText) {
	p.word("route")
	at := p.tok
	r := routeRun{source: p.object("the source").text}
	r.first, r.n = p.members()
	p.punct("->")
	for first := true; first || p.accept(","); first = false {
		r.targets = append(r.targets, p.routeTarget(r.n))
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

func (p *parser) routeTarget(members int) routeTarget {
	var t routeTarget
	p.word("core")
	t.core = int(p.number("the core", 0, maxCores))
	p.word("axon")
	t.axon = p.counter("the axon", members, maxAxons)
	if p.atWord("atom") {
		p.advance()
		t.atom = p.counter("the atom", members, maxAtoms)
	}
	return t
}

// counter reads a number, or `3 + i`, whose last is at most the given one.
func (p *parser) counter(what string, members int, most int64) counter {
	at := p.tok
	c := counter{from: int(p.number(what, 0, most))}
	if p.accept("+") {
		p.word("i")
		c.step = 1
	}
	if last := c.at(members - 1); !p.failed && int64(last) > most {
		p.errorAt(at, "ir/number", "%s of the last member is %d, allowed is 0..%d", what, last, most)
	}
	return c
}
