package llvm

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir"
	"decc/ir/sem"
)

// group is the memory and the functions of an ir.Group.
type group struct {
	*ir.Group
	number int
	ranges []sem.Interval
	states []field // by field of the program; zero for others
	params []*param
	ports  []*port
	// out is what joins read, spikes a bit a member, payloads what fired members send; nil where there
	// are none.
	out, spikes, payloads value.Value
	emitted
	// shown are the values by name that a probe can ask for, and the memory that they are written to.
	shown []shown
	// always are values that traces are made of: every update shows them.
	always []shown
	// watched is not 0 where a probe asks for one of them, recorded where spikes are asked for.
	watched, recorded        value.Value
	update, observe, restart *llir.Func
}

// emitted is what a source sends in a row.
type emitted struct{ list, count, sent value.Value }

// field is the memory of a state.
type field struct {
	memory value.Value
	bits   int
}

// param is a param of the program: one value for all members, or one each. What a host wrote for one run
// goes back to the first ones before the next.
type param struct {
	name          string
	field, n      int
	bits          int
	memory, first value.Value
}

// port is a ring of accumulators: what arrives in row k stands in slot k mod slots, in units of 2^shift.
type port struct {
	field  int
	name   string
	slots  int
	bits   int
	shift  uint
	lanes  int // of a slot
	memory value.Value
	joins  []*group
}

// shown is a value that probes can ask for.
type shown struct {
	name   string
	slot   sem.Ref
	memory value.Value
}

// input is a source outside of the network.
type input struct {
	*ir.Input
	number int
	emitted
	graded bool // payloads are of interest
}

func (u *unit) newGroup(number int, g *ir.Group) *group {
	x := &group{Group: g, number: number, ranges: u.ranges.slots[g.Name], states: make([]field, len(g.Program.Fields))}
	lanes := padded(g.N)
	for i, f := range g.Program.Fields {
		at := named("%s.%s", g.Name, f.Name)
		switch f.Kind {
		case sem.State:
			lo, hi := f.Type.Limits()
			bits := width(sem.Span(lo, hi))
			x.states[i] = field{u.zeros(at, bits, lanes), bits}
		case sem.Param:
			x.params = append(x.params, u.newParam(at, x, i, f))
		case sem.Port:
			x.ports = append(x.ports, &port{field: i, name: f.Name, lanes: lanes + tableAlign})
		case sem.Random:
		}
	}
	if p := g.Program; p.Out != sem.NoRef {
		x.out = u.zeros(g.Name+" out", width(x.ranges[p.Out]), lanes)
	}
	if g.Program.Spike != sem.NoRef {
		x.spikes = u.zeros(g.Name+" spikes", 8, lanes/8)
		x.emitted = u.newEmitted(g.Name, lanes, g.Program.Payload != sem.NoRef)
	}
	if g.Program.Payload != sem.NoRef {
		x.payloads = u.zeros(g.Name+" payloads", 32, lanes)
	}
	x.watched, x.recorded = u.variable(g.Name+" watched", i64), u.variable(g.Name+" recorded", i64)
	for _, name := range g.Program.Observables() {
		s := shown{name: name, slot: g.Program.Observable(name), memory: u.zeros(named("%s show %s", g.Name, name), 64, lanes)}
		x.shown = append(x.shown, s)
		u.sampled = append(u.sampled, observed{s.memory, g.N, false})
	}
	return x
}

func (u *unit) newEmitted(name string, n int, graded bool) emitted {
	e := emitted{list: u.zeros(name+" fired", 32, n), count: u.variable(name+" count", i64)}
	if graded {
		e.sent = u.zeros(name+" sent", 32, n)
	}
	return e
}

func (u *unit) newParam(at string, g *group, i int, f sem.Field) *param {
	values := paramValues(g.Group, f.Name)
	p := &param{name: f.Name, field: i, n: 1, bits: width(g.ranges[i])}
	if lo, hi := extremes(g.Group, f.Name); lo != hi {
		p.n = padded(g.N)
	} else {
		values = values[:1]
	}
	p.first = u.table(at+" first", p.bits, append(values, make([]int64, p.n-len(values))...))
	p.memory = u.zeros(at, p.bits, p.n)
	return p
}

func (g *group) port(name string) *port {
	for _, p := range g.ports {
		if p.name == name {
			return p
		}
	}
	return nil
}

// slot is the address of the accumulators of a row.
func (c *code) slot(p *port, row value.Value) value.Value {
	if p.slots == 1 {
		return p.memory
	}
	return c.place(p.memory, c.mul(c.at.NewURem(row, n64(p.slots)), n64(p.lanes)))
}

// writeRestart puts all states to their defaults.
func (u *unit) writeRestart(g *group) {
	c := u.function(g.Name+" restart", types.Void)
	g.restart = c.fn
	c.each(n64(0), n64(turns(g.N)), together, func(i value.Value) {
		for f, s := range g.states {
			if s.memory != nil {
				c.putLanes(num(vec(together, word(s.bits)), g.Program.Fields[f].Default), s.memory, i, together)
			}
		}
	})
	c.at.NewRet(nil)
}

// writeUpdates writes the update of a row, and one that shows all values beside.
func (u *unit) writeUpdates(g *group) {
	u.writeRestart(g)
	g.update = u.writeUpdate(g, g.Name+" update", g.always)
	g.observe = u.writeUpdate(g, g.Name+" observe", append(slices.Clone(g.always), g.shown...))
}

// updater writes the update of a group.
type updater struct {
	u       *unit
	g       *group
	c       *code
	i       value.Value // of the first lane
	row     value.Value
	slots   []val // values by slot
	uniform []bool
	arrived []value.Value // slot of each port, nil where nothing arrives
	drawn   map[int]value.Value
}

func (u *unit) writeUpdate(g *group, name string, show []shown) *llir.Func {
	row := arg("row", i64)
	c := u.function(name, types.Void, row)
	p := &g.Program.Program
	w := &updater{u: u, g: g, c: c, row: row, slots: make([]val, p.Slots()), uniform: make([]bool, p.Slots()), drawn: map[int]value.Value{}}
	if r := g.Reset; r.Interval > 0 {
		phase := c.at.NewURem(c.add(row, n64(1)), n64(r.Interval))
		c.when(c.cmp(enum.IPredEQ, phase, n64(r.Offset)), func() { c.call(g.restart) })
	}
	wanted := make([]sem.Ref, len(show))
	for i, s := range show {
		wanted[i] = s.slot
	}
	live := p.Live(wanted...)
	w.before(live)
	c.each(n64(0), n64(turns(g.N)), together, func(i value.Value) {
		w.i = i
		w.fields()
		w.operations(live, false)
		w.results(show)
	})
	w.after()
	c.at.NewRet(nil)
	return c.fn
}

// before does what is alike for all members.
func (w *updater) before(live []bool) {
	for _, p := range w.g.params {
		if p.n == 1 {
			w.slots[p.field] = val{w.c.splat(w.c.load(p.memory), together), p.bits}
			w.uniform[p.field] = true
		}
	}
	for _, p := range w.g.ports {
		var at value.Value
		if p.memory != nil {
			at = w.c.slot(p, w.row)
		}
		w.arrived = append(w.arrived, at)
	}
	for _, f := range w.g.Program.FieldsOf(sem.Random) {
		key := sem.Key(w.g.Name + "." + w.g.Program.Fields[f].Name)
		w.drawn[f] = w.c.splat(w.c.splitMix(w.c.splitMix(w.c.load(w.u.seed), num(i64, int64(key))), w.row), together)
	}
	w.operations(live, true)
}

// splitMix is sem.SplitMix64.
func (c *code) splitMix(seed, n value.Value) value.Value {
	step := uint64(0x9E3779B97F4A7C15)
	z := c.add(seed, c.mul(c.add(n, like(n, 1)), like(n, int64(step))))
	for _, round := range []struct {
		shift  uint
		factor uint64
	}{{30, 0xBF58476D1CE4E5B9}, {27, 0x94D049BB133111EB}} {
		z = c.mul(c.xor(z, c.lshr(z, round.shift)), like(z, int64(round.factor)))
	}
	return c.xor(z, c.lshr(z, 31))
}

// iota is 0, 1, 2, … in lanes of 64 bits.
func iota64(n int) constant.Constant {
	lanes := make([]constant.Constant, n)
	for i := range lanes {
		lanes[i] = n64(i)
	}
	return constant.NewVector(types.NewVector(uint64(n), i64), lanes...)
}

// fields loads what the program begins with.
func (w *updater) fields() {
	c, p := w.c, w.g.Program
	for f, s := range w.g.states {
		if s.memory != nil {
			w.slots[f] = val{c.fetchLanes(s.memory, w.i, together, together), s.bits}
		}
	}
	for _, x := range w.g.params {
		if x.n > 1 {
			w.slots[x.field] = val{c.fetchLanes(x.memory, w.i, together, together), x.bits}
		}
	}
	for i, x := range w.g.ports {
		w.slots[x.field] = w.take(x, w.arrived[i])
	}
	for _, f := range p.FieldsOf(sem.Random) {
		index := c.add(c.splat(w.i, together), iota64(together))
		drawn := c.lshr(c.splitMix(w.drawn[f], index), 64-uint(p.Fields[f].Type.Bits))
		w.slots[f] = c.fitted(drawn, w.g.ranges[f])
	}
}

// take is what arrived at a port, of which nothing is left.
func (w *updater) take(p *port, from value.Value) val {
	c, r := w.c, w.g.ranges[p.field]
	bits := width(r)
	x := val{num(vec(together, word(bits)), 0), bits}
	if from != nil {
		at := c.fetchLanes(from, w.i, together, together)
		c.putLanes(like(at, 0), from, w.i, together)
		x = val{c.shl(c.as(at, bits), p.shift), bits}
	}
	for _, g := range p.joins {
		x = emitters[sem.OpAdd](c, []val{x, g.joined(c, w.i)}, [2]int64{}, r)
	}
	return x
}

func (g *group) joined(c *code, i value.Value) val {
	x := c.fetchLanes(g.out, i, together, together)
	return val{x, bitsOf(x.Type())}
}

// operations writes those that are alike for all members, or the others.
func (w *updater) operations(live []bool, uniform bool) {
	p := &w.g.Program.Program
	for i := range p.Code {
		at := len(p.Fields) + i
		in := &p.Code[i]
		if live[at] && w.alike(at, in) == uniform {
			w.slots[at] = w.operation(in, w.g.ranges[at])
		}
	}
}

// alike tells that an operation has only values that all members share.
func (w *updater) alike(at int, in *sem.Instr) bool {
	if w.uniform[at] {
		return true
	}
	for _, r := range in.Args[:sem.Ops[in.Op].Arity] {
		if !w.uniform[r] {
			return false
		}
	}
	w.uniform[at] = true
	return true
}

func (w *updater) operation(in *sem.Instr, r sem.Interval) val {
	var args []val
	for _, a := range in.Args[:sem.Ops[in.Op].Arity] {
		args = append(args, w.slots[a])
	}
	if len(args) == 0 {
		args = []val{{num(vec(together, i32), 0), 32}}
	}
	return emitters[in.Op](w.c, args, in.K, r)
}

// results stores what the row made.
func (w *updater) results(show []shown) {
	c, g, p := w.c, w.g, w.g.Program
	for _, s := range show {
		c.putLanes(c.widen(w.slots[s.slot], 64), s.memory, w.i, together)
	}
	if p.Out != sem.NoRef {
		c.putLanes(c.widen(w.slots[p.Out], width(g.ranges[p.Out])), g.out, w.i, together)
	}
	if p.Spike != sem.NoRef {
		mask := c.at.NewBitCast(c.truth(w.slots[p.Spike]), types.NewInt(together))
		at := c.at.NewBitCast(c.place(g.spikes, c.lshr(w.i, 3)), types.NewPointer(types.NewInt(together)))
		c.store(mask, at)
	}
	if p.Payload != sem.NoRef {
		c.putLanes(c.widen(w.slots[p.Payload], 32), g.payloads, w.i, together)
	}
	next := make([]value.Value, len(p.Fields))
	for f, s := range g.states {
		if s.memory != nil {
			next[f] = c.widen(w.slots[p.Next[f]], s.bits)
		}
	}
	for f, s := range g.states {
		if s.memory != nil && int(p.Next[f]) != f {
			c.putLanes(next[f], s.memory, w.i, together)
		}
	}
}

// after silences the lanes that belong to nobody.
func (w *updater) after() {
	if rest := w.g.N % 64; w.g.spikes != nil && rest > 0 {
		last := w.c.place(w.c.cast(w.g.spikes, i64), n64(w.g.N/64))
		w.c.store(w.c.and(w.c.load(last), num(i64, int64(1)<<rest-1)), last)
	}
}
