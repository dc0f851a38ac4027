package llvm

import (
	"math"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir/sem"
)

// perSynapse writes brian2_loihi's learning (ir/sem/learn_brian2.go): synapse by synapse, as nothing that one does
// changes another. Row k is the emulator's row k+1; before row 0 comes one without spikes.
type perSynapse struct {
	*learner
	i, pre, post value.Value
	heard        bool // spikes of the row count
}

// writePerSynapse writes the learning of a row.
func (u *unit) writePerSynapse(p *plastic) {
	step := u.writeStep(p)
	k := arg("k", i64)
	c := u.function(p.Name+" learn", types.Void, k)
	p.learn = c.fn
	c.when(c.cmp(enum.IPredEQ, k, n64(0)), func() { c.call(step, n64(0)) })
	for side, from := range []emitted{u.emittedBy(p.Pre), p.post.emitted} {
		if from.list != nil {
			c.each(n64(0), c.load(from.count), 1, func(i value.Value) {
				c.put(num(i32, 1), p.spikedAt[side], c.as(c.fetch(from.list, i), 64))
			})
		}
	}
	c.call(step, c.add(k, n64(1)))
	for side, at := range p.spikedAt {
		c.call(u.memset, c.cast(at, i8), num(i32, 0), n64(4*p.sites[side]))
	}
	c.at.NewRet(nil)
}

// writeStep writes a row of the emulator over all synapses.
func (u *unit) writeStep(p *plastic) *llir.Func {
	row := arg("row", i64)
	c := u.function(p.Name+" step", types.Void, row)
	s := &perSynapse{learner: &learner{u: u, p: p, c: c, k: row}}
	c.each(n64(0), n64(p.size), 1, func(i value.Value) {
		s.i, s.pre, s.post = i, c.as(c.fetch(p.pres, i), 64), c.as(c.fetch(p.posts, i), 64)
		s.heard = false
		flags, late := s.draw()
		s.heard = true
		s.hear()
		s.learn(late)
		s.decay(flags)
	})
	c.at.NewRet(nil)
	return c.fn
}

// draw decides about all roundings of the row from what the row before left: one more of a trace, and one step
// more of the weight in its direction.
func (s *perSynapse) draw() (flags [traces]value.Value, late value.Value) {
	c, p := s.c, s.p
	for i, t := range p.traces {
		flags[i] = num(i32, 0)
		if t.moves {
			_, rest := s.split(c.product(c.fetch(t.memory, s.i), p.learning.Left(t.Trace)))
			up := c.at.NewFCmp(enum.FPredOGT, rest, s.decayThreshold(t, s.k, s.site(), 1))
			flags[i] = c.as(c.and(up, c.at.NewFCmp(enum.FPredOGT, rest, float(types.Double, 0))), 32)
		}
	}
	q := s.sum()
	sign := c.ashr(q, 63)
	size := c.sub(c.xor(q, sign), sign)
	rest := c.and(size, num(i64, int64(1)<<p.Format.LSB()-1))
	up := c.at.NewFCmp(enum.FPredOGT, c.scaledReal(rest, int(p.Format.LSB())), s.updateThreshold(s.i, s.pre, s.post))
	return flags, c.sel(up, c.sub(c.as(c.cmp(enum.IPredSGT, q, n64(0)), 64), c.as(c.cmp(enum.IPredSLT, q, n64(0)), 64)), n64(0))
}

// site is what keys the thresholds of the synapse's traces: its place where they are replayed.
func (s *perSynapse) site() value.Value {
	if s.p.replayed != nil {
		return s.i
	}
	return s.c.add(s.c.mul(s.post, n64(s.p.sources)), s.pre)
}

// spiked is whether an end of the synapse spiked in the row.
func (s *perSynapse) spiked(side int) value.Value {
	if !s.heard {
		return num(i1, 0)
	}
	site := [2]value.Value{s.pre, s.post}[side]
	return s.c.cmp(enum.IPredNE, s.c.fetch(s.p.spikedAt[side], site), num(i32, 0))
}

// hear adds the impulses of the row, whose fractions count for nothing.
func (s *perSynapse) hear() {
	c := s.c
	for _, t := range s.p.traces {
		if t.moves {
			x := c.fetch(t.memory, s.i)
			kicked := c.clamp(c.add(x, like(x, int64(t.Impulse>>impulseBits))), 0, mostTrace)
			c.put(c.sel(s.spiked(t.side), kicked, x), t.memory, s.i)
		}
	}
}

func (s *perSynapse) learn(late value.Value) {
	c, p := s.c, s.p
	lo, hi := p.learning.Limits(sem.TargetW, p.Format)
	bits := p.Format.LSB()
	q := s.sum()
	to := c.place(p.values[sem.TargetW], s.i)
	alive := s.learns()
	w := c.add(c.as(c.load(to), 64), c.shl(c.add(c.towardZero(q, bits), late), bits))
	c.store(c.as(c.clamp(w, lo, hi), 32), to)
	c.store(c.add(c.load(s.u.updates), c.as(alive, 64)), s.u.updates)
}

func (s *perSynapse) decay(flags [traces]value.Value) {
	c, p := s.c, s.p
	for i, t := range p.traces {
		if t.moves {
			whole, _ := s.split(c.product(c.fetch(t.memory, s.i), p.learning.Left(t.Trace)))
			c.put(c.as(c.add(c.at.NewFPToSI(whole, i64), c.as(flags[i], 64)), t.bits), t.memory, s.i)
		}
	}
}

// sum is the rule's change of the weight, a real number rounded away from zero.
func (s *perSynapse) sum() value.Value {
	c := s.c
	total := value.Value(float(types.Double, 0))
	for i := range s.p.rule.Sums[sem.TargetW] {
		total = c.at.NewFAdd(total, s.real(&s.p.rule.Sums[sem.TargetW][i]))
	}
	down, up := c.call(s.u.rounding("floor", types.Double), total), c.call(s.u.rounding("ceil", types.Double), total)
	return c.at.NewFPToSI(c.sel(c.at.NewFCmp(enum.FPredOLT, total, float(types.Double, 0)), down, up), i64)
}

// real is a product without rounding, 0 where its gate is closed.
func (s *perSynapse) real(q *sem.Product) value.Value {
	c := s.c
	x := value.Value(float(types.Double, math.Ldexp(float64(q.Mant), int(q.Exp))))
	for _, f := range q.Factors {
		v := c.add(s.value(f.Var), n64(int(f.Add)))
		if f.Sgn {
			v = c.sub(c.as(c.cmp(enum.IPredSGT, v, n64(0)), 64), c.as(c.cmp(enum.IPredSLT, v, n64(0)), 64))
		}
		x = c.at.NewFMul(x, c.at.NewSIToFP(v, types.Double))
	}
	return c.sel(s.open(q.Gate), x, float(types.Double, 0))
}

// open tells whether a product of that gate counts.
func (s *perSynapse) open(g sem.Gate) value.Value {
	if g == sem.GateU {
		return s.c.cmp(enum.IPredEQ, s.c.and(s.k, n64(1<<s.p.rule.Decimate-1)), n64(0))
	}
	return s.spiked(map[sem.Gate]int{sem.GateX0: int(sem.PreSide), sem.GateY0: int(sem.PostSide)}[g])
}

// value is a variable of the synapse in 64 bits.
func (s *perSynapse) value(v sem.Variable) value.Value {
	c := s.c
	if t, ok := v.Target(); ok {
		return c.as(c.fetch(s.p.values[t], s.i), 64)
	}
	if !v.IsTrace() {
		return c.as(s.spiked(int(sem.Variables[v].Side)), 64)
	}
	return c.as(c.fetch(s.p.traces[v.TraceIndex()].memory, s.i), 64)
}

// learns tells that a product of the synapse is alive (sem.Product.Multiply).
func (s *perSynapse) learns() value.Value {
	c := s.c
	any := value.Value(num(i1, 0))
	for i := range s.p.rule.Sums[sem.TargetW] {
		q := &s.p.rule.Sums[sem.TargetW][i]
		alive := s.open(q.Gate)
		for _, side := range []sem.Side{sem.PreSide, sem.PostSide} {
			part := value.Value(num(i32, 1))
			for _, f := range q.Factors {
				if info := sem.Variables[f.Var]; info.Side == side {
					part = c.mul(part, c.clipped(f, info.Bits, s.value(f.Var)))
				}
			}
			alive = c.and(alive, c.cmp(enum.IPredNE, part, num(i32, 0)))
		}
		any = c.or(any, alive)
	}
	return any
}
