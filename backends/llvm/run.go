package llvm

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// The words of an answer before what was recorded: what was counted.
const (
	countSynapticEvents = iota
	countUpdates
	countSpikes
	countInputSpikes
	countLearned
	countWords
)

// writeRun writes the run of a request that was read.
func (x *runner) writeRun() *llir.Func {
	u := x.u
	row := x.writeRow()
	c := u.function(":run", i64)
	for _, v := range []value.Value{u.events, u.updates, u.outSize} {
		c.store(n64(0), v)
	}
	c.store(n64(0), x.events)
	u.clear(c)
	head := c.call(u.reserve, c.shl(c.add(n64(countWords), c.load(x.valueWords)), 3))
	none := constant.NewNull(types.NewPointer(i8))
	c.leave(c.cmp(enum.IPredEQ, head, none), num(i64, statusMemory))
	c.store(n64(countWords), x.values)
	members := 0
	for _, g := range u.groups {
		members += g.N
	}
	c.each(n64(0), c.load(x.rows), 1, func(k value.Value) {
		u.outlive(c, k)
		status := c.call(row, k)
		c.leave(c.cmp(enum.IPredNE, status, n64(statusDone)), status)
	})
	counts := map[int]value.Value{
		countSynapticEvents: c.load(u.events), countUpdates: c.mul(c.load(x.rows), n64(members)), countSpikes: c.load(u.spiked),
		countInputSpikes: c.load(x.events), countLearned: c.load(u.updates),
	}
	out := c.cast(c.load(u.out), i64)
	for i := range countWords {
		c.put(counts[i], out, n64(i))
	}
	c.at.NewRet(n64(statusDone))
	return c.fn
}

// outlive ends a program whose parent has ended, as it finds out once in a while.
func (u *unit) outlive(c *code, k value.Value) {
	c.when(c.cmp(enum.IPredEQ, c.and(k, n64(1<<10-1)), n64(1<<10-1)), func() {
		parent := c.load(u.parent)
		orphan := c.and(c.cmp(enum.IPredNE, parent, num(i32, 0)), c.cmp(enum.IPredNE, parent, c.call(u.getppid)))
		c.when(orphan, func() {
			c.call(u.exit, num(i32, 0))
			c.at.NewUnreachable()
		})
	})
}

// clear puts states, accumulators and traces to their beginnings.
func (u *unit) clear(c *code) {
	c.store(n64(0), u.spiked)
	for _, g := range u.groups {
		c.call(g.restart)
		for _, p := range g.ports {
			if p.memory != nil {
				c.call(u.memset, c.cast(p.memory, i8), num(i32, 0), n64(p.bits/8*p.slots*p.lanes))
			}
		}
	}
	for _, p := range u.plastic {
		p.clear(u, c)
	}
}

// writeRow writes a row: all groups update, then spikes travel, then synapses learn.
func (x *runner) writeRow() *llir.Func {
	u := x.u
	k := arg("k", i64)
	c := u.function(":row", i64, k)
	for _, g := range u.order {
		c.choose(c.cmp(enum.IPredEQ, c.load(g.watched), n64(0)), func() value.Value {
			c.call(g.update, k)
			return n64(0)
		}, func() value.Value {
			c.call(g.observe, k)
			return n64(0)
		})
	}
	sampling := c.cmp(enum.IPredNE, c.load(x.valueWords), n64(0))
	c.when(sampling, func() { c.call(x.writeSample("sample", 64, false), k) })
	for i, in := range u.inputs {
		x.hear(c, i, k)
		u.sendAll(c, in.Name, in.emitted, k)
	}
	for _, g := range u.groups {
		if g.spikes != nil {
			u.fire(c, g, k)
		}
	}
	if len(u.plastic) > 0 {
		u.learnRow(c, x, k)
		c.when(sampling, func() {
			c.call(x.writeSample("sample learned", 32, true), k)
			c.call(x.writeSample("sample wide", 64, true), k)
		})
	}
	c.at.NewRet(n64(statusDone))
	return c.fn
}

// hear lists the events of an input in the row.
func (x *runner) hear(c *code, number int, k value.Value) {
	in := x.u.inputs[number]
	events, n, from := c.load(x.trains[number]), c.load(x.lengths[number]), c.load(x.positions[number])
	var payloads value.Value
	if in.graded {
		payloads = c.load(x.payloads[number])
	}
	at := c.while([]value.Value{from}, func(v []value.Value) value.Value {
		return c.choose(c.cmp(enum.IPredSLT, v[0], n), func() value.Value {
			return c.cmp(enum.IPredEQ, c.lshr(c.fetch(events, v[0]), 32), k)
		}, func() value.Value { return num(i1, 0) })
	}, func(v []value.Value) []value.Value {
		to := c.sub(v[0], from)
		c.put(c.as(c.fetch(events, v[0]), 32), in.list, to)
		if in.graded {
			c.put(c.fetch(payloads, v[0]), in.sent, to)
		}
		return []value.Value{c.add(v[0], n64(1))}
	})
	heard := c.sub(at[0], from)
	c.store(at[0], x.positions[number])
	c.store(heard, in.count)
	c.store(c.add(c.load(x.events), heard), x.events)
}

// fire lists who fired, sends their spikes and records them.
func (u *unit) fire(c *code, g *group, k value.Value) {
	n := c.call(u.scan, c.cast(g.spikes, i64), n64(padded(g.N)/64), g.list)
	c.store(n, g.count)
	c.store(c.add(c.load(u.spiked), n), u.spiked)
	if g.payloads != nil {
		c.each(n64(0), n, 1, func(i value.Value) {
			c.put(c.fetch(g.payloads, c.as(c.fetch(g.list, i), 64)), g.sent, i)
		})
	}
	recorded := c.at.NewAnd(c.cmp(enum.IPredNE, c.load(g.recorded), n64(0)), c.cmp(enum.IPredNE, n, n64(0)))
	c.when(recorded, func() { u.record(c, g, k, n) })
	u.sendAll(c, g.Name, g.emitted, k)
}

// record writes row, group, number and members of spikes into the answer, with payloads where the group has them.
func (u *unit) record(c *code, g *group, k, n value.Value) {
	size := c.shl(n, 2)
	parts := []value.Value{g.list}
	if g.payloads != nil {
		parts = append(parts, g.sent)
	}
	to := c.call(u.reserve, c.add(n64(12), c.mul(size, n64(len(parts)))))
	c.leave(c.cmp(enum.IPredEQ, to, constant.NewNull(types.NewPointer(i8))), num(i64, statusMemory))
	head := c.cast(to, i32)
	for i, x := range []value.Value{k, n64(g.number), n} {
		c.put(c.as(x, 32), head, n64(i))
	}
	at := c.place(to, n64(12))
	for _, p := range parts {
		c.call(u.memcpy, at, c.cast(p, i8), size)
		at = c.place(at, size)
	}
}

// sendAll delivers the spikes of a source over all of its synapses, and counts those.
func (u *unit) sendAll(c *code, source string, e emitted, k value.Value) {
	fans := u.from(source)
	if len(fans) == 0 {
		return
	}
	n := c.load(e.count)
	sent := e.sent
	if sent == nil {
		sent = constant.NewNull(types.NewPointer(i32))
	}
	c.when(c.cmp(enum.IPredNE, n, n64(0)), func() {
		c.store(c.add(c.load(u.events), c.call(u.tally(source, fans), e.list, n)), u.events)
		for _, f := range fans {
			c.call(f.send, e.list, n, sent, c.add(k, n64(1)))
		}
	})
}

func (u *unit) from(source string) []*fan {
	var list []*fan
	for _, f := range u.fans {
		if f.Pre == source {
			list = append(list, f)
		}
	}
	return list
}

// tally writes the function that counts the synapses that spikes visit.
func (u *unit) tally(source string, fans []*fan) *llir.Func {
	reach := make([]int64, fans[0].sources)
	for _, f := range fans {
		for i, n := range f.reach {
			reach[i] += n
		}
	}
	table := u.table(source+" reach", 32, reach)
	list, n := arg("list", types.NewPointer(i32)), arg("n", i64)
	c := u.function(source+" tally", i64, list, n)
	sum := c.loop(n64(0), n, 1, []value.Value{n64(0)}, func(i value.Value, v []value.Value) []value.Value {
		return []value.Value{c.add(v[0], c.as(c.fetch(table, c.as(c.fetch(list, i), 64)), 64))}
	})
	c.at.NewRet(sum[0])
	return c.fn
}

// writeSample writes the function that records in row k the probes of memory of that width: of values of groups, or, late, of
// what learns.
func (x *runner) writeSample(name string, bits int, late bool) *llir.Func {
	u := x.u
	memory := make([]value.Value, len(u.sampled))
	for i, s := range u.sampled {
		memory[i] = constant.NewNull(types.NewPointer(word(bits)))
		if s.late == late && bitsOf(s.memory.Type().(*types.PointerType).ElemType) == bits {
			memory[i] = s.memory
		}
	}
	shows := u.pointers(":"+name+" memory", memory, bits)
	k := arg("k", i64)
	c := u.function(":"+name, types.Void, k)
	out := c.cast(c.load(u.out), i64)
	c.loop(n64(0), c.load(x.probeCount), 1, []value.Value{c.load(x.probes), c.load(x.values)}, func(_ value.Value, v []value.Value) []value.Value {
		at, to := v[0], v[1]
		from, n := c.fetch(shows, c.load(at)), c.fetch(at, n64(1))
		c.when(c.cmp(enum.IPredNE, from, constant.NewNull(types.NewPointer(word(bits)))), func() {
			line := c.add(to, c.mul(k, n))
			c.each(n64(0), n, 1, func(i value.Value) {
				c.put(c.as(c.fetch(from, c.fetch(at, c.add(i, n64(2)))), 64), out, c.add(line, i))
			})
		})
		return []value.Value{c.place(at, c.add(n, n64(2))), c.add(to, c.mul(n, c.load(x.rows)))}
	})
	c.at.NewRet(nil)
	return c.fn
}
