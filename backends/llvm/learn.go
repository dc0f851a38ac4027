package llvm

import (
	"math"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir/sem"
)

// The learning engine of sem.Unit for the profiles whose learning has epochs, in loops over sites and synapses: what it means stands
// in ir/sem/learn_epochs.go. A synapse is worked on only where a product is alive.

const (
	mostTrace   = 127
	impulseBits = 8
	decayBits   = 12
	updateBits  = 16
)

// learnRow lets every plastic synapse hear of row k, if the run learns.
func (u *unit) learnRow(c *code, x *runner, k value.Value) {
	c.when(c.cmp(enum.IPredNE, c.load(x.learn), n64(0)), func() {
		u.askHost(c, x, k)
		for _, p := range u.plastic {
			c.call(p.learn, k)
		}
	})
}

// writeLearn writes the functions of a row and of the end of an epoch.
func (u *unit) writeLearn(p *plastic) {
	u.writeEpoch(p)
	k := arg("k", i64)
	c := u.function(p.Name+" learn", types.Void, k)
	p.learn = c.fn
	phase := c.add(c.at.NewURem(k, n64(p.rule.Epoch)), n64(1))
	l := &learner{u: u, p: p, c: c, k: k}
	if pre := u.emittedBy(p.Pre); pre.list != nil {
		c.each(n64(0), c.load(pre.count), 1, func(i value.Value) {
			l.hear(c.as(c.fetch(pre.list, i), 64), i, pre.sent, sem.PreSide, phase)
		})
	}
	if post := p.post.emitted; post.list != nil {
		c.each(n64(0), c.load(post.count), 1, func(i value.Value) {
			l.hear(c.as(c.fetch(post.list, i), 64), i, nil, sem.PostSide, phase)
		})
	}
	l.take()
	c.when(c.cmp(enum.IPredEQ, phase, n64(p.rule.Epoch)), func() { c.call(p.epoch, k) })
	c.at.NewRet(nil)
}

func (u *unit) emittedBy(source string) emitted {
	if g := u.byName[source]; g != nil {
		return g.emitted
	}
	for _, in := range u.inputs {
		if in.Name == source {
			return in.emitted
		}
	}
	return emitted{}
}

// learner writes code of one plastic object in row k.
type learner struct {
	u *unit
	p *plastic
	c *code
	k value.Value
}

// on are the traces of a side that anything moves.
func (p *plastic) on(side sem.Side) []*trace {
	var list []*trace
	for _, t := range p.traces {
		if t.moves && t.side == int(side) {
			list = append(list, t)
		}
	}
	return list
}

// hear notes a spike of a member; a second one in the epoch acts on the traces at once.
func (l *learner) hear(member, i, sent value.Value, side sem.Side, phase value.Value) {
	c := l.c
	counts := value.Value(num(i1, 1))
	if side == sem.PreSide {
		counts = l.graded(member, i, sent)
	}
	at := c.place(l.p.spikedAt[side], member)
	c.when(counts, func() {
		c.when(c.cmp(enum.IPredSGT, c.load(at), num(i32, 0)), func() {
			for _, t := range l.p.on(side) {
				to := c.place(t.memory, member)
				c.store(l.kicked(t, c.load(to), l.k, member, true), to)
			}
		})
		c.store(c.as(phase, 32), at)
	})
}

// graded lets the payload act on the first trace and tells whether the spike counts.
func (l *learner) graded(member, i, sent value.Value) value.Value {
	c := l.c
	if l.p.rule.Graded == sem.GradedOff {
		return num(i1, 1)
	}
	payload := value.Value(n64(1))
	if sent != nil {
		payload = c.as(c.fetch(sent, i), 64)
	}
	// Half, to the even whole number where it lies between two.
	floor := c.ashr(payload, 1)
	half := c.add(floor, c.and(c.and(payload, n64(1)), c.and(floor, n64(1))))
	x1 := l.p.traces[sem.X1.TraceIndex()]
	to, bits := c.place(x1.memory, member), x1.bits
	sum := c.and(c.add(c.as(c.load(to), 64), half), n64(0xff))
	over := c.cmp(enum.IPredSGT, sum, n64(mostTrace))
	switch l.p.rule.Graded {
	case sem.GradedOverwrite:
		c.store(c.as(half, bits), to)
	case sem.GradedSaturate:
		c.store(c.as(c.min(sum, n64(mostTrace)), bits), to)
	case sem.GradedOverflow:
		c.store(c.as(c.sel(over, c.sub(sum, n64(mostTrace)), sum), bits), to)
		return over
	}
	return num(i1, 1)
}

// kicked is a trace after a spike (sem.Trace.Kicked): x has lanes of 32 bits from a site on.
func (l *learner) kicked(t *trace, x, row, site value.Value, second bool) value.Value {
	c := l.c
	if t.Host != sem.HostNone {
		return x
	}
	x = c.add(x, like(x, int64(t.Impulse>>impulseBits)))
	if fraction := int64(t.Impulse & (1<<impulseBits - 1)); fraction != 0 {
		threshold := l.impulse(t, row, site, lanesOf(x), second)
		x = c.add(x, c.as(c.cmp(enum.IPredSLT, threshold, like(threshold, fraction)), t.bits))
	}
	return c.clamp(x, 0, mostTrace)
}

func lanesOf(x value.Value) int {
	if v, ok := x.Type().(*types.VectorType); ok {
		return int(v.Len)
	}
	return 1
}

// draw are the random numbers of sites or synapses from one on, in 64 bits.
func (l *learner) draw(name string, row, index value.Value, n int) value.Value {
	return l.c.drawn(l.stream(name, row), index, n)
}

// stream keys the numbers of a row.
func (l *learner) stream(name string, row value.Value) value.Value {
	c := l.c
	key := sem.Key(l.p.Name + "." + name)
	return c.splitMix(c.splitMix(c.load(l.u.seed), num(i64, int64(key))), row)
}

// drawn are numbers index, index+1, … of a stream.
func (c *code) drawn(stream, index value.Value, n int) value.Value {
	if n == 1 {
		return c.splitMix(stream, index)
	}
	return c.splitMix(c.splat(stream, n), c.add(c.splat(index, n), iota64(n)))
}

func (l *learner) impulse(t *trace, row, site value.Value, n int, second bool) value.Value {
	c := l.c
	if r := l.p.replayed; r != nil {
		at := c.shl(row, 1)
		if second {
			at = c.add(at, n64(1))
		}
		return r.words(c, r.impulses[t.variable.TraceIndex()], c.add(c.mul(at, n64(t.sites)), site), n)
	}
	return c.and(l.draw(t.variable.String(), row, site, n), num(lanesType(n, i64), 1<<impulseBits-1))
}

func lanesType(n int, t types.Type) types.Type {
	if n == 1 {
		return t
	}
	return vec(n, t)
}

// read is n elements from i on: one as a number, more as a vector.
func (c *code) read(base, i value.Value, n int) value.Value {
	if n == 1 {
		return c.fetch(base, i)
	}
	return c.fetchLanes(base, i, n, n)
}

func (c *code) write(x, base, i value.Value) {
	if lanesOf(x) == 1 {
		c.put(x, base, i)
		return
	}
	c.putLanes(x, base, i, lanesOf(x))
}

// any is whether a truth holds in any lane.
func (c *code) any(x value.Value) value.Value {
	if n := lanesOf(x); n > 1 {
		mask := c.at.NewBitCast(x, types.NewInt(uint64(n)))
		return c.cmp(enum.IPredNE, mask, constant.NewInt(types.NewInt(uint64(n)), 0))
	}
	return x
}

// take stores what neuron programs and the host wrote.
func (l *learner) take() {
	c := l.c
	for _, t := range l.p.traces {
		lo, hi := t.Limits()
		switch {
		case t.from != nil:
			c.each(n64(0), n64(t.sites), together, func(i value.Value) {
				x := c.fetchLanes(t.from, i, together, together)
				if l.p.learning.Held {
					x = c.clamp(x, lo, hi)
				}
				c.putLanes(c.as(x, t.bits), t.memory, i, together)
			})
		case t.given != nil:
			given := c.and(c.lshr(c.load(l.u.hostWrote), uint(t.variable-sem.Y1)), n64(1))
			c.when(c.cmp(enum.IPredNE, given, n64(0)), func() {
				c.call(l.u.memcpy, c.cast(t.memory, i8), c.cast(t.given, i8), n64(t.bits/8*t.sites))
			})
		}
	}
}

// held tells that a trace does not decay: it is written anew every row, or the host's, which nothing moves.
func (p *plastic) held(t *trace) bool {
	return p.learning.Held && (t.from != nil || t.given != nil)
}

// writeEpoch writes what the end of an epoch does: the traces of its rows, then the synapses.
func (u *unit) writeEpoch(p *plastic) {
	k := arg("k", i64)
	c := u.function(p.Name+" epoch", types.Void, k)
	p.epoch = c.fn
	l := &learner{u: u, p: p, c: c, k: k}
	for _, t := range p.traces {
		if t.moves {
			l.remember(t)
		}
	}
	l.synapses()
	for _, t := range p.traces {
		if t.moves && t.from == nil {
			last := c.place(t.history, n64(p.rule.Epoch*t.sites))
			c.call(u.memcpy, c.cast(t.memory, i8), c.cast(last, i8), n64(t.bits/8*t.sites))
		}
	}
	for i, at := range p.spikedAt {
		c.call(u.memset, c.cast(at, i8), num(i32, 0), n64(4*p.sites[i]))
	}
	c.at.NewRet(nil)
}

// remember works out a trace at the end of the rows of the epoch: decay, then the impulse of the row's spike.
func (l *learner) remember(t *trace) {
	c, p := l.c, l.p
	sites := t.sites
	c.call(l.u.memcpy, c.cast(t.history, i8), c.cast(t.memory, i8), n64(t.bits/8*sites))
	next := l.decay(t)
	c.each(n64(1), n64(p.rule.Epoch+1), 1, func(row value.Value) {
		number := c.add(c.sub(l.k, n64(p.rule.Epoch)), row)
		before := c.place(t.history, c.mul(c.sub(row, n64(1)), n64(sites)))
		now := c.place(t.history, c.mul(row, n64(sites)))
		c.each(n64(0), n64(sites), together, func(site value.Value) {
			x := c.read(before, site, together)
			if !p.held(t) {
				x = next(x, number, site)
			}
			at := c.read(p.spikedAt[t.side], site, together)
			here := c.cmp(enum.IPredEQ, at, c.splat(c.as(row, 32), together))
			x = c.choose(c.any(here), func() value.Value {
				return c.sel(here, l.kicked(t, x, l.k, site, false), x)
			}, func() value.Value { return x })
			c.write(x, now, site)
		})
	})
}

// spread is a number in n lanes.
func (c *code) spread(x value.Value, n int) value.Value {
	if n == 1 {
		return x
	}
	return c.splat(x, n)
}

// decay is that of integers for silicon, and of real numbers for Lava: a trace times what is left of 1 in a row.
func (l *learner) decay(t *trace) func(x, row, site value.Value) value.Value {
	c := l.c
	if l.u.m.Profile == sem.Silicon {
		return func(x, row, site value.Value) value.Value {
			z := c.mul(c.as(x, 64), num(shaped(x.Type(), 64), int64(1<<decayBits-t.Decay)))
			rest := c.as(c.and(z, like(z, 1<<decayBits-1)), 32)
			return l.roundedUp(t, c.as(c.ashr(z, decayBits), t.bits), c.cmp(enum.IPredNE, rest, like(rest, 0)), c.scaledReal(rest, decayBits), rest, row, site)
		}
	}
	return func(x, row, site value.Value) value.Value {
		whole, rest := l.split(c.product(x, l.p.learning.Left(t.Trace)))
		return l.roundedUp(t, c.at.NewFPToSI(whole, x.Type()), c.at.NewFCmp(enum.FPredONE, rest, float(rest.Type(), 0)), rest, nil, row, site)
	}
}

// product is an integer times a real number.
func (c *code) product(x value.Value, by float64) value.Value {
	t := reals(lanesOf(x))
	return c.at.NewFMul(c.at.NewSIToFP(x, t), float(t, by))
}

// split is the floor of a real number, and the rest.
func (l *learner) split(z value.Value) (whole, rest value.Value) {
	whole = l.c.call(l.u.rounding("floor", z.Type()), z)
	return whole, l.c.at.NewFSub(z, whole)
}

// reals is the type of n real numbers.
func reals(n int) types.Type { return lanesType(n, types.Double) }

// float is a real number in every lane of a type.
func float(t types.Type, x float64) constant.Constant {
	if v, ok := t.(*types.VectorType); ok {
		lanes := make([]constant.Constant, v.Len)
		for i := range lanes {
			lanes[i] = float(v.ElemType, x)
		}
		return constant.NewVector(v, lanes...)
	}
	return constant.NewFloat(types.Double, x)
}

// scaledReal is x / 2^k as a real number.
func (c *code) scaledReal(x value.Value, k int) value.Value { return c.product(x, math.Ldexp(1, -k)) }

// rounding is one of LLVM's functions that round, for a type of real numbers.
func (u *unit) rounding(how string, t types.Type) *llir.Func {
	name := named("llvm.%s.f64", how)
	if v, ok := t.(*types.VectorType); ok {
		name = named("llvm.%s.v%df64", how, v.Len)
	}
	for _, f := range u.to.Funcs {
		if f.Name() == name {
			return f
		}
	}
	return u.external(name, t, t)
}

// roundedUp is floor or one more where its fraction is not 0 and greater than the threshold of row and site. The fraction is given as
// a real number, and in 2^-12 where it is whole in that unit.
func (l *learner) roundedUp(t *trace, floor, some, fraction, whole, row, site value.Value) value.Value {
	c := l.c
	return c.choose(c.any(some), func() value.Value {
		var up value.Value
		if whole != nil && l.p.replayed == nil {
			up = c.cmp(enum.IPredSGT, whole, l.drawnDecay(t.variable, row, site, lanesOf(floor)))
		} else {
			up = c.at.NewFCmp(enum.FPredOGT, fraction, l.decayThreshold(t, row, site, lanesOf(floor)))
		}
		return c.add(floor, c.unsigned(c.and(up, some), t.bits))
	}, func() value.Value { return floor })
}

// decayThreshold is that of row and sites as real numbers.
func (l *learner) decayThreshold(t *trace, row, site value.Value, n int) value.Value {
	if r := l.p.replayed; r != nil {
		return r.threshold(l.c, r.decays[t.variable.TraceIndex()], l.c.add(l.c.mul(row, n64(t.sites)), site), n)
	}
	return l.c.scaledReal(l.drawnDecay(t.variable, row, site, n), decayBits)
}

// drawnDecay is in 2^-12.
func (l *learner) drawnDecay(v sem.Variable, row, site value.Value, n int) value.Value {
	return l.c.as(l.c.lshr(l.draw(v.String(), row, site, n), 64-decayBits), 32)
}
