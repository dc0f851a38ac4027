package llvm

import (
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir/sem"
)

// pesShift places a product of nengo-loihi's learning in the accumulator: 7 bits below the value, of two factors of 7 bits
// and a mantissa of 3 those beyond 15 cut (ir/sem/learn_nengo.go).
const pesShift = bitsBelow - (2*7 + 3 - 15)

// writePES writes nengo-loihi's learning (ir/sem/learn_nengo.go), whose row k is the emulator's row k+1.
func (u *unit) writePES(p *plastic) {
	k := arg("k", i64)
	c := u.function(p.Name+" learn", types.Void, k)
	p.learn = c.fn
	row := c.add(k, n64(1))
	l := &learner{u: u, p: p, c: c, k: row}
	if pre := u.emittedBy(p.Pre); pre.list != nil {
		c.each(n64(0), c.load(pre.count), 1, func(i value.Value) {
			c.put(num(i32, 1), p.spikedAt[sem.PreSide], c.as(c.fetch(pre.list, i), 64))
		})
	}
	ends := func(epoch int) value.Value {
		return c.cmp(enum.IPredEQ, c.at.NewURem(c.add(row, n64(1)), n64(epoch)), n64(0))
	}
	c.when(ends(p.rule.Epoch), l.trainPES)
	if errors := p.traces[sem.Y1.TraceIndex()].from; errors != nil {
		c.when(ends(p.rule.Epoch<<p.rule.Decimate), func() { l.learnPES(errors) })
	}
	c.at.NewRet(nil)
}

// trainPES moves the traces of all sources.
func (l *learner) trainPES() {
	c, p := l.c, l.p
	t, spiked := p.traces[sem.X1.TraceIndex()], p.spikedAt[sem.PreSide]
	c.each(n64(0), n64(p.sources), 1, func(i value.Value) {
		z := c.product(c.fetch(t.memory, i), t.LeftAfter(p.rule.Epoch))
		kicked := c.at.NewFAdd(z, float(types.Double, float64(t.Impulse)/(1<<impulseBits)))
		whole, rest := l.split(c.sel(c.cmp(enum.IPredNE, c.fetch(spiked, i), num(i32, 0)), kicked, z))
		x := c.at.NewFPToSI(whole, i32)
		if t.moves {
			up := c.at.NewFCmp(enum.FPredOGT, rest, l.decayThreshold(t, l.k, i, 1))
			c.put(c.min(c.add(x, c.as(up, 32)), num(i32, mostTrace)), t.memory, i)
		}
	})
	c.call(l.u.memset, c.cast(spiked, i8), num(i32, 0), n64(4*p.sites[sem.PreSide]))
}

// learnPES lets all synapses learn from the errors of their targets.
func (l *learner) learnPES(errors value.Value) {
	c, p := l.c, l.p
	bits := bitsBelow + p.Format.LSB()
	_, most := p.learning.Limits(sem.TargetW, p.Format)
	c.each(n64(0), n64(p.size), 1, func(i value.Value) {
		pre, post := c.as(c.fetch(p.pres, i), 64), c.as(c.fetch(p.posts, i), 64)
		e := c.clamp(c.fetch(errors, post), -mostTrace, mostTrace)
		x := c.as(c.fetch(p.traces[sem.X1.TraceIndex()].memory, pre), 64)
		learns := c.and(c.cmp(enum.IPredNE, x, n64(0)), c.cmp(enum.IPredNE, e, n64(0)))
		c.store(c.add(c.load(l.u.updates), c.as(learns, 64)), l.u.updates)
		acc := c.shl(c.as(c.fetch(p.values[sem.TargetW], i), 64), bitsBelow)
		for _, q := range p.rule.Sums[sem.TargetW] {
			acc = c.add(acc, c.scale(c.mul(c.mul(x, e), num(i64, int64(q.Mant))), pesShift+int(q.Exp)))
		}
		sign := c.ashr(acc, 63)
		size := c.sub(c.xor(acc, sign), sign)
		steps := c.ashr(size, bits)
		rest := c.sub(size, c.shl(steps, bits))
		up := c.at.NewFCmp(enum.FPredOGT, c.scaledReal(rest, int(bits)), l.updateThreshold(i, pre, post))
		value := c.min(c.shl(c.add(steps, c.as(up, 64)), p.Format.LSB()), num(i64, most))
		c.put(c.as(c.sub(c.xor(value, sign), sign), 32), p.values[sem.TargetW], i)
	})
}

// scale is fix.Scale.
func (c *code) scale(x value.Value, n int) value.Value {
	if n >= 0 {
		return c.shl(x, uint(n))
	}
	return c.ashr(x, uint(-n))
}

// updateThreshold is that of a weight as a real number.
func (l *learner) updateThreshold(i, pre, post value.Value) value.Value {
	c, p := l.c, l.p
	if r := p.replayed; r != nil {
		return r.threshold(c, r.updates[sem.TargetW], c.add(c.mul(l.k, n64(p.size)), i), 1)
	}
	drawn := c.lshr(l.draw(sem.TargetW.String(), l.k, c.add(c.mul(post, n64(p.sources)), pre), 1), 64-updateBits)
	return c.scaledReal(drawn, updateBits)
}
