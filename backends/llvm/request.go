package llvm

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// The answers of a native program to a request that it cannot take: protocol.go explains them.
const (
	statusDone = iota
	statusCut
	statusRange
	statusMemory
	statusKind
	// statusHost is no answer: the host program is asked for traces.
	statusHost
)

// reader writes the code that takes a request apart, with a check of every length and number. Requests are words of 64 bits.
type reader struct {
	u           *unit
	cursor, end value.Value // variables: the next word, and the first behind the last
	take        *llir.Func
}

func (u *unit) newReader() *reader {
	words := types.NewPointer(i64)
	r := &reader{u: u, cursor: u.variable(":cursor", words), end: u.variable(":end", words)}
	n := arg("n", i64)
	c := u.function(":take", words, n)
	r.take = c.fn
	from := c.load(r.cursor)
	left := c.sub(c.at.NewPtrToInt(c.load(r.end), i64), c.at.NewPtrToInt(from, i64))
	// Unsigned: a negative number is more than there is.
	c.leave(c.cmp(enum.IPredUGT, n, c.lshr(left, 3)), constant.NewNull(words))
	c.store(c.place(from, n), r.cursor)
	c.at.NewRet(from)
	return r
}

// words are the next n words; the function returns statusCut where there are not as many.
func (r *reader) words(c *code, n value.Value) value.Value {
	p := c.call(r.take, n)
	c.leave(c.cmp(enum.IPredEQ, p, constant.NewNull(types.NewPointer(i64))), num(i64, statusCut))
	return p
}

// number is the next word, which has to be less than limit.
func (r *reader) number(c *code, limit value.Value) value.Value {
	x := c.load(r.words(c, n64(1)))
	r.check(c, x, limit)
	return x
}

// check returns statusRange from the function unless x is 0..limit-1.
func (r *reader) check(c *code, x, limit value.Value) {
	c.leave(c.cmp(enum.IPredUGE, x, limit), num(i64, statusRange))
}

// mostRows bounds a run: what its probes record has to fit into memory, which is looked at apart.
const mostRows = 1 << 31

// runner writes what reads a request to run, and runs it.
type runner struct {
	*reader
	rows, learn, hosted, events value.Value
	probes                      value.Value   // the first word of the list
	probeCount                  value.Value   // number of probes
	values                      value.Value   // of the first matrix, as a place in the answer
	valueWords                  value.Value   // of all matrices
	trains, lengths             []value.Value // events of each input and their number
	payloads                    []value.Value
	positions                   []value.Value // the next event of each input
	sizes                       value.Value   // members of what can be sampled, by number
}

func (u *unit) newRunner(r *reader) *runner {
	words := types.NewPointer(i64)
	x := &runner{
		reader: r, rows: u.variable(":rows", i64), learn: u.variable(":learn", i64), hosted: u.variable(":hosted", i64), events: u.variable(":heard", i64),
		probes: u.variable(":probes", words), probeCount: u.variable(":probe.count", i64), values: u.variable(":values", i64), valueWords: u.variable(":value.words", i64),
	}
	for _, in := range u.inputs {
		x.trains = append(x.trains, u.variable(in.Name+" train", words))
		x.payloads = append(x.payloads, u.variable(in.Name+" payloads", types.NewPointer(i32)))
		x.lengths, x.positions = append(x.lengths, u.variable(in.Name+" events", i64)), append(x.positions, u.variable(in.Name+" position", i64))
	}
	var sizes []int64
	for _, s := range u.sampled {
		sizes = append(sizes, int64(s.n))
	}
	x.sizes = u.table(":shown sizes", 64, sizes)
	return x
}

// writeRead writes the function that reads a request: rows, flags, seed; what is recorded; params; probes; events.
func (x *runner) writeRead() *llir.Func {
	u := x.u
	c := u.function(":read", i64)
	c.store(x.number(c, num(i64, mostRows)), x.rows)
	c.store(x.number(c, n64(2)), x.learn)
	hosted := x.number(c, n64(len(u.groups)+1))
	// A library has nobody who answers.
	alone := c.cmp(enum.IPredEQ, c.load(u.parent), num(i32, 0))
	c.leave(c.and(alone, c.cmp(enum.IPredNE, hosted, n64(0))), num(i64, statusKind))
	c.store(hosted, x.hosted)
	c.store(c.load(x.words(c, n64(1))), u.seed)
	for _, g := range u.groups {
		c.store(x.number(c, n64(2)), g.recorded)
		c.store(n64(0), g.watched)
	}
	x.readParams(c)
	x.readProbes(c)
	for i := range u.inputs {
		x.readTrain(c, i)
	}
	if u.replay {
		x.readReplayed(c)
	}
	c.at.NewRet(num(i64, statusDone))
	return c.fn
}

// readParams gives params their own values, and then those of the request.
func (x *runner) readParams(c *code) {
	u := x.u
	var memory []value.Value
	var sizes []int64
	for _, g := range u.groups {
		for _, p := range g.params {
			bytes := n64(p.bits / 8 * p.n)
			c.call(u.memcpy, c.cast(p.memory, i8), c.cast(p.first, i8), bytes)
			memory, sizes = append(memory, constant.NewBitCast(p.memory.(constant.Constant), types.NewPointer(i8))), append(sizes, int64(p.n), int64(p.bits))
		}
	}
	table, shape := u.pointers(":params", memory, 8), u.table(":param sizes", 64, sizes)
	count := x.number(c, num(i64, mostRows))
	c.each(n64(0), count, 1, func(value.Value) {
		which := x.number(c, n64(len(memory)))
		given := c.load(x.words(c, n64(1)))
		at, n := c.fetch(table, which), c.fetch(shape, c.shl(which, 1))
		bits := c.fetch(shape, c.add(c.shl(which, 1), n64(1)))
		c.each(n64(0), n, 1, func(i value.Value) {
			c.choose(c.cmp(enum.IPredEQ, bits, n64(64)), func() value.Value {
				c.put(given, c.cast(at, i64), i)
				return n64(0)
			}, func() value.Value {
				c.put(c.as(given, 32), c.cast(at, i32), i)
				return n64(0)
			})
		})
	})
}

// readProbes checks the probes, each a variable, a number of members and the members, and finds a place for their values.
func (x *runner) readProbes(c *code) {
	count := x.number(c, num(i64, mostRows))
	c.store(count, x.probeCount)
	c.store(c.load(x.cursor), x.probes)
	c.store(n64(0), x.valueWords)
	var watched []value.Value
	for _, g := range x.u.groups {
		for range g.shown {
			watched = append(watched, g.watched)
		}
	}
	table := x.u.pointers(":watched", watched, 64)
	c.each(n64(0), count, 1, func(value.Value) {
		which := x.number(c, n64(len(x.u.sampled)))
		c.when(c.cmp(enum.IPredSLT, which, n64(len(watched))), func() { c.store(n64(1), c.fetch(table, which)) })
		n := x.number(c, num(i64, mostRows))
		members := x.words(c, n)
		limit := c.fetch(x.sizes, which)
		c.each(n64(0), n, 1, func(i value.Value) { x.check(c, c.fetch(members, i), limit) })
		all := c.add(c.load(x.valueWords), c.mul(c.load(x.rows), n))
		x.check(c, all, num(i64, 1<<40))
		c.store(all, x.valueWords)
	})
}

// readTrain checks the events of an input: words of member and, in the upper half, row.
func (x *runner) readTrain(c *code, number int) {
	in := x.u.inputs[number]
	n := x.number(c, num(i64, mostRows))
	events := x.words(c, n)
	c.store(n, x.lengths[number])
	c.store(events, x.trains[number])
	c.store(n64(0), x.positions[number])
	// In ascending order, no two alike: so a row has no more of them than the input has members.
	c.loop(n64(0), n, 1, []value.Value{num(i64, -1)}, func(i value.Value, last []value.Value) []value.Value {
		e := c.fetch(events, i)
		x.check(c, c.and(e, num(i64, 0xffffffff)), n64(in.N))
		c.leave(c.cmp(enum.IPredSLE, e, last[0]), num(i64, statusRange))
		return []value.Value{e}
	})
	if in.graded {
		c.store(c.cast(x.words(c, c.lshr(c.add(n, n64(1)), 1)), i32), x.payloads[number])
	}
}
