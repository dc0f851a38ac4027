package llvm

import (
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir/sem"
)

// term is one product of a rule's sums.
type term struct {
	*sem.Product
	target sem.Target
}

func (p *plastic) terms() []term {
	var list []term
	for t := range sem.Target(targets) {
		for i := range p.rule.Sums[t] {
			list = append(list, term{&p.rule.Sums[t][i], t})
		}
	}
	return list
}

// stays tells that a value within its limits is what an update without products makes of it.
func (p *plastic) stays() bool {
	for t := range sem.Target(targets) {
		way := p.learning.Updater(t, p.Format)
		lo, hi := way.Limits()
		if least, most := way.Bounds(); len(p.rule.Sums[t]) > 0 && (way.Start(lo) < least || way.Start(hi) > most) {
			return false
		}
	}
	return true
}

// synapses lets all synapses learn, those of a matrix source by source.
func (l *learner) synapses() {
	c, p := l.c, l.p
	list := p.terms()
	if len(list) == 0 {
		return
	}
	every := value.Value(num(i1, 1))
	if p.stays() {
		every = c.cmp(enum.IPredEQ, c.load(p.settled), n64(0))
	}
	w := &synapseWriter{learner: l, list: list, every: every, open: l.openEpoch(), streams: map[sem.Target]value.Value{}}
	for t := range sem.Target(targets) {
		if len(p.rule.Sums[t]) > 0 && p.replayed == nil {
			w.streams[t] = l.stream(t.String(), l.k)
		}
	}
	switch {
	case !p.dense:
		c.each(n64(0), n64(p.size), 1, func(i value.Value) {
			w.pre, w.post, w.at = c.as(c.fetch(p.pres, i), 64), c.as(c.fetch(p.posts, i), 64), i
			w.synapse(w.preParts())
		})
	case p.lanes == 1:
		c.each(n64(0), n64(p.sources), 1, func(pre value.Value) {
			row := c.mul(pre, n64(p.stride))
			c.each(n64(0), n64(p.post.N), 1, func(post value.Value) {
				w.pre, w.post, w.at = pre, post, c.add(row, post)
				w.synapse(w.preParts())
			})
		})
	default:
		w.matrix()
	}
	c.store(n64(1), p.settled)
}

// openEpoch is whether products gated by u are open at the end of this epoch.
func (l *learner) openEpoch() value.Value {
	c := l.c
	epoch := c.at.NewUDiv(c.add(l.k, n64(1)), n64(l.p.rule.Epoch))
	return c.cmp(enum.IPredEQ, c.and(epoch, n64(1<<l.p.rule.Decimate-1)), n64(0))
}

// synapseWriter writes the learning of synapses from a source to targets from one on, which stand at a place.
type synapseWriter struct {
	*learner
	list          []term
	every         value.Value // whether synapses without a product are worked on too
	open          value.Value
	pre, post, at value.Value
	streams       map[sem.Target]value.Value
	// preMemory and postMemory are the parts of all sources and targets, by product, where they are kept.
	preMemory, postMemory []value.Value
}

// matrix works out the parts of all sources and of all targets, once, and visits the sources and the vectors of targets that
// have one.
func (w *synapseWriter) matrix() {
	c, p := w.c, w.p
	pres, preCount := w.listPres()
	posts, postCount := w.listPosts()
	c.each(n64(0), preCount, 1, func(i value.Value) {
		w.pre = c.as(c.fetch(pres, i), 64)
		parts := make([]value.Value, len(w.list))
		for j := range parts {
			parts[j] = c.fetch(w.preMemory[j], w.pre)
		}
		row := c.mul(w.pre, n64(p.stride))
		c.each(n64(0), postCount, 1, func(k value.Value) {
			w.post = c.as(c.fetch(posts, k), 64)
			w.at = c.add(row, w.post)
			w.synapse(parts)
		})
	})
}

// listPres keeps the parts of all sources and lists those with one that is not 0.
func (w *synapseWriter) listPres() (list, count value.Value) {
	p := w.p
	for j := range w.list {
		w.preMemory = append(w.preMemory, w.u.zeros(named("%s pre part %d", p.Name, j), 32, p.sites[sem.PreSide]))
	}
	list = w.u.zeros(p.Name+" pres alive", 32, p.sites[sem.PreSide])
	return list, w.listAlive(list, p.sources, 1, func(i value.Value) value.Value {
		w.pre = i
		return w.keep(w.preMemory, i, w.preParts())
	})
}

// listPosts does so for vectors of targets. A part that depends on when a source spiked is worked out for each; then all vectors are
// listed.
func (w *synapseWriter) listPosts() (list, count value.Value) {
	c, p := w.c, w.p
	for j, q := range w.list {
		var memory value.Value
		if p.rule.Epoch == 1 || q.Gate != sem.GateX0 {
			memory = w.u.zeros(named("%s post part %d", p.Name, j), 32, p.sites[sem.PostSide])
		}
		w.postMemory = append(w.postMemory, memory)
	}
	list = w.u.zeros(p.Name+" posts alive", 32, p.sites[sem.PostSide])
	return list, w.listAlive(list, p.post.N, p.lanes, func(i value.Value) value.Value {
		w.post = i
		some := value.Value(num(i1, 0))
		for j, q := range w.list {
			if w.postMemory[j] == nil {
				some = num(i1, 1)
				continue
			}
			part := w.postPart(q.Product)
			c.write(part, w.postMemory[j], i)
			some = c.or(some, c.any(c.cmp(enum.IPredNE, part, like(part, 0))))
		}
		return some
	})
}

// listAlive lists 0, n, 2n, … below end where alive holds, or all where every synapse is worked on.
func (w *synapseWriter) listAlive(list value.Value, end, n int, alive func(i value.Value) value.Value) value.Value {
	c := w.c
	return c.loop(n64(0), n64(end), n, []value.Value{n64(0)}, func(i value.Value, count []value.Value) []value.Value {
		some := c.or(w.every, alive(i))
		c.put(c.as(i, 32), list, count[0])
		return []value.Value{c.add(count[0], c.as(some, 64))}
	})[0]
}

// keep stores the parts of a source and tells whether one is not 0.
func (w *synapseWriter) keep(memory []value.Value, i value.Value, parts []value.Value) value.Value {
	c, some := w.c, value.Value(num(i1, 0))
	for j, x := range parts {
		c.put(x, memory[j], i)
		some = c.or(some, c.cmp(enum.IPredNE, x, num(i32, 0)))
	}
	return some
}

// postPart is the part of targets in a product, 0 where they close it.
func (w *synapseWriter) postPart(q *sem.Product) value.Value {
	c, n := w.c, w.p.lanes
	post := w.part(q, sem.PostSide, n)
	if q.Gate == sem.GateY0 {
		at := c.read(w.p.spikedAt[sem.PostSide], w.post, n)
		post = c.sel(c.cmp(enum.IPredSGT, at, like(at, 0)), post, like(post, 0))
	}
	return post
}

// row is the row of the epoch, from 1, in which a product reads its traces.
func (w *synapseWriter) row(q *sem.Product) value.Value {
	c, p := w.c, w.p
	switch {
	case p.rule.Epoch == 1:
		return n64(1)
	case q.Gate == sem.GateX0:
		return c.as(c.fetch(p.spikedAt[sem.PreSide], w.pre), 64)
	case q.Gate == sem.GateY0 && p.lanes == 1:
		return c.as(c.fetch(p.spikedAt[sem.PostSide], w.post), 64)
	}
	// Products of vectors that targets gate read no traces.
	return n64(p.rule.Epoch)
}

// preParts are the parts of the source in all products, 0 where it closes them.
func (w *synapseWriter) preParts() []value.Value {
	c := w.c
	var parts []value.Value
	for _, q := range w.list {
		x := w.part(q.Product, sem.PreSide, 1)
		switch q.Gate {
		case sem.GateX0:
			fired := c.cmp(enum.IPredSGT, c.fetch(w.p.spikedAt[sem.PreSide], w.pre), num(i32, 0))
			x = c.sel(fired, x, num(i32, 0))
		case sem.GateU:
			x = c.sel(w.open, x, num(i32, 0))
		}
		parts = append(parts, x)
	}
	return parts
}

// part is what the factors of a side contribute to a product (sem.Product.Part).
func (w *synapseWriter) part(q *sem.Product, side sem.Side, n int) value.Value {
	c := w.c
	part := value.Value(num(lanesType(n, i32), 1))
	for _, f := range q.Factors {
		if info := sem.Variables[f.Var]; info.Side == side {
			part = c.mul(part, c.clipped(f, info.Bits, w.variable(f.Var, q, n)))
		}
	}
	return part
}

// clipped is a factor for a value of its variable.
func (c *code) clipped(f sem.Factor, bits uint, x value.Value) value.Value {
	// In 64 bits where a trace can be anything that has 32.
	x = c.add(c.as(x, 64), num(shaped(x.Type(), 64), int64(f.Add)))
	if f.Sgn {
		up, down := c.as(c.cmp(enum.IPredSGT, x, like(x, 0)), 32), c.as(c.cmp(enum.IPredSLT, x, like(x, 0)), 32)
		return c.sub(up, down)
	}
	return c.as(c.clamp(x, -1<<bits, 1<<bits-1), 32)
}

// variable is the value of a factor's variable, in lanes of 32 bits.
func (w *synapseWriter) variable(v sem.Variable, q *sem.Product, n int) value.Value {
	c, p := w.c, w.p
	side := sem.Variables[v].Side
	site := map[sem.Side]value.Value{sem.PreSide: w.pre, sem.PostSide: w.post, sem.OwnSide: w.at}[side]
	if t, ok := v.Target(); ok {
		return c.read(p.values[t], site, n)
	}
	if !v.IsTrace() {
		at := c.read(p.spikedAt[side], site, n)
		return c.as(c.cmp(enum.IPredSGT, at, like(at, 0)), 32)
	}
	t := p.traces[v.TraceIndex()]
	if !t.moves {
		return num(lanesType(n, i32), 0)
	}
	return c.read(c.place(t.history, c.mul(w.row(q), n64(t.sites))), site, n)
}

// synapse works on the synapses of a place if a product of any is alive.
func (w *synapseWriter) synapse(pres []value.Value) {
	c, n := w.c, w.p.lanes
	var factors, alive []value.Value
	learns := value.Value(num(lanesType(n, i1), 0))
	for i, q := range w.list {
		post := w.kept(i, q)
		pre := c.spread(pres[i], n)
		lives := c.and(c.cmp(enum.IPredNE, pre, like(pre, 0)), c.cmp(enum.IPredNE, post, like(post, 0)))
		factors, alive = append(factors, c.mul(pre, post)), append(alive, lives)
		learns = c.or(learns, lives)
	}
	if n > 1 {
		// Lanes behind the last target are nobody's.
		index := c.add(c.splat(w.post, n), iota64(n))
		learns = c.and(learns, c.cmp(enum.IPredSLT, index, like(index, int64(w.p.post.N))))
	}
	c.when(c.or(w.every, c.any(learns)), func() {
		c.store(c.add(c.load(w.u.updates), w.count(learns)), w.u.updates)
		w.update(factors, alive)
	})
}

// kept is the part of targets in product i.
func (w *synapseWriter) kept(i int, q term) value.Value {
	if len(w.postMemory) > 0 && w.postMemory[i] != nil {
		return w.c.read(w.postMemory[i], w.post, w.p.lanes)
	}
	return w.postPart(q.Product)
}

// count is the number of lanes in which a truth holds.
func (w *synapseWriter) count(x value.Value) value.Value {
	c, n := w.c, lanesOf(x)
	if n == 1 {
		return c.as(x, 64)
	}
	if w.u.ctpop == nil {
		w.u.ctpop = w.u.external("llvm.ctpop.i64", i64, i64)
	}
	return c.call(w.u.ctpop, c.unsigned(c.at.NewBitCast(x, types.NewInt(uint64(n))), 64))
}

// update gives the synapses their new values, all from the old ones.
func (w *synapseWriter) update(factors, alive []value.Value) {
	c, p, n := w.c, w.p, w.p.lanes
	next := map[sem.Target]value.Value{}
	for t := range sem.Target(targets) {
		if len(p.rule.Sums[t]) == 0 {
			continue
		}
		way := p.learning.Updater(t, p.Format)
		acc := c.shl(c.read(p.values[t], w.at, n), uint(bitsBelow))
		for i, q := range w.list {
			if q.target == t {
				product := w.scaled(q.Product, c.mul(factors[i], w.part(q.Product, sem.OwnSide, n)))
				product = c.sel(alive[i], product, like(product, 0))
				acc = c.clamp(c.add(acc, c.clamp(product, way.Least(), way.Most())), way.Least(), way.Most())
			}
		}
		next[t] = w.rounded(t, &way, acc)
	}
	for t := range sem.Target(targets) {
		if next[t] != nil {
			c.write(next[t], p.values[t], w.at)
		}
	}
}

// bitsBelow is the fraction of an accumulator below a value: sem.Updater.Start.
const bitsBelow = 7

// scaled is a product of its multiplied factors (sem.Scale.Of), modulo 2^32 as the chip's is.
func (w *synapseWriter) scaled(q *sem.Product, factors value.Value) value.Value {
	c := w.c
	x := c.ashr(c.mul(factors, like(factors, int64(q.Mant))), uint(min(q.Cut(), 31)))
	return c.shl(x, uint(int(q.Exp)+bitsBelow))
}

// rounded is the new value: steps of the grid, one more with the probability of the rest (sem.Updater.Split).
func (w *synapseWriter) rounded(t sem.Target, way *sem.Updater, acc value.Value) value.Value {
	c := w.c
	least, most := way.Bounds()
	acc = c.clamp(acc, least, most)
	steps := c.ashr(acc, way.Bits())
	rest := c.sub(acc, c.shl(steps, way.Bits()))
	up := w.up(t, way, rest)
	steps = c.add(steps, c.as(c.and(up, c.cmp(enum.IPredNE, rest, like(rest, 0))), 32))
	lo, hi := way.Limits()
	return c.clamp(c.shl(steps, way.Grid()), lo, hi)
}

// up tells that a rest is greater than the threshold of its synapse.
func (w *synapseWriter) up(t sem.Target, way *sem.Updater, rest value.Value) value.Value {
	c, p, n := w.c, w.p, w.p.lanes
	if r := p.replayed; r != nil {
		threshold := r.threshold(c, r.updates[t], c.add(c.mul(w.k, n64(p.size)), w.at), n)
		return c.at.NewFCmp(enum.FPredOGT, c.scaledReal(rest, int(way.Bits())), threshold)
	}
	// The number of a synapse is target * sources + source.
	index := c.add(c.mul(w.post, n64(p.sources)), w.pre)
	var drawn value.Value
	if n == 1 {
		drawn = c.splitMix(w.streams[t], index)
	} else {
		steps := c.mul(iota64(n), num(vec(n, i64), int64(p.sources)))
		drawn = c.splitMix(c.splat(w.streams[t], n), c.add(c.splat(index, n), steps))
	}
	threshold := c.as(c.lshr(drawn, 64-updateBits), 32)
	return c.cmp(enum.IPredSGT, c.shl(rest, updateBits-way.Bits()), threshold)
}
