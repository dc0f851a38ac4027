package ir

import (
	"fmt"
	"iter"
	"strconv"
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

// with takes x as the number of member i, the one behind those that the counter counted; false where it is another.
// The second member decides the step.
func (c counter) with(x int32, i int) (counter, bool) {
	if i == 1 {
		c.step = int(x) - c.from
	}
	return c, c.step >= 0 && c.step <= 1 && int(x) == c.at(i)
}

func (c counter) append(b []byte) []byte {
	b = strconv.AppendInt(b, int64(c.from), 10)
	if c.step == 1 {
		b = append(b, " + i"...)
	}
	return b
}

// routeRun is a part of the list of routes that has a line of its own: for each of
// n consecutive members of source, in order, its targets in order.
type routeRun struct {
	source   string
	first, n int
	targets  []routeTarget
}

// routeRuns packs the routes, in their order, into as few runs as a greedy pass finds.
func routeRuns(routes []Route) iter.Seq[routeRun] {
	return func(yield func(routeRun) bool) {
		var run routeRun
		for len(routes) > 0 {
			n := memberLength(routes)
			if run.n == 0 || !run.extend(routes[:n]) {
				if run.n > 0 && !yield(run) {
					return
				}
				run = newRun(routes[:n])
			}
			routes = routes[n:]
		}
		if run.n > 0 {
			yield(run)
		}
	}
}

// memberLength counts the routes of the first source member.
func memberLength(routes []Route) int {
	n := 1
	for n < len(routes) && routes[n].Index == routes[0].Index && routes[n].Source == routes[0].Source {
		n++
	}
	return n
}

// newRun is a run of one member.
func newRun(routes []Route) routeRun {
	r := routeRun{source: routes[0].Source, first: int(routes[0].Index), n: 1, targets: make([]routeTarget, len(routes))}
	for i, x := range routes {
		r.targets[i] = routeTarget{core: int(x.Core), axon: counter{from: int(x.Axon)}, atom: counter{from: int(x.Atom)}}
	}
	return r
}

// extend takes in the routes of the next member if they continue the pattern.
func (r *routeRun) extend(member []Route) bool {
	if int(member[0].Index) != r.first+r.n || member[0].Source != r.source || len(member) != len(r.targets) {
		return false
	}
	for i, t := range r.targets {
		if _, ok := t.with(member[i], r.n); !ok {
			return false
		}
	}
	for i, t := range r.targets {
		r.targets[i], _ = t.with(member[i], r.n)
	}
	r.n++
	return true
}

// with takes in the route of member i.
func (t routeTarget) with(next Route, i int) (routeTarget, bool) {
	axon, ok := t.axon.with(next.Axon, i)
	atom, same := t.atom.with(next.Atom, i)
	return routeTarget{core: t.core, axon: axon, atom: atom}, ok && same && int(next.Core) == t.core
}

// expand is the inverse of routeRuns for one run.
func (r *routeRun) expand() []Route {
	list := make([]Route, 0, r.n*len(r.targets))
	for i := range r.n {
		for _, t := range r.targets {
			list = append(list, Route{Source: r.source, Index: int32(r.first + i), Core: int32(t.core), Axon: int32(t.axon.at(i)), Atom: int32(t.atom.at(i))})
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
	var b []byte
	for i, t := range r.targets {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, "core "...)
		b = strconv.AppendInt(b, int64(t.core), 10)
		b = t.axon.append(append(b, " axon "...))
		if t.atom != (counter{}) {
			b = t.atom.append(append(b, " atom "...))
		}
	}
	return string(b)
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
