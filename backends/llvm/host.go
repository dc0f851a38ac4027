package llvm

import (
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir/sem"
)

// askHost lets the host program beside the run hear of row k and write traces: a frame of status statusHost with the row and
// the members that fired goes out, and a frame with a bit for each of y1, y2 and y3 and the values of those, a word a
// member, comes back.
func (u *unit) askHost(c *code, x *runner, k value.Value) {
	if !u.hasHost() {
		return
	}
	c.store(n64(0), u.hostWrote)
	c.when(c.cmp(enum.IPredNE, c.load(x.hosted), n64(0)), func() {
		for _, g := range u.groups {
			if p := u.hostOf(g); len(p) > 0 {
				c.when(c.cmp(enum.IPredEQ, c.load(x.hosted), n64(g.number+1)), func() { c.call(u.writeHost(g, p), k) })
			}
		}
	})
}

func (u *unit) hasHost() bool {
	for _, p := range u.plastic {
		if p.rule.HostWrites() {
			return true
		}
	}
	return false
}

// hostOf are the synapses onto a group whose traces the host writes.
func (u *unit) hostOf(g *group) []*plastic {
	var list []*plastic
	for _, p := range u.plastic {
		if p.post == g && p.rule.HostWrites() {
			list = append(list, p)
		}
	}
	return list
}

func (u *unit) writeHost(g *group, list []*plastic) value.Value {
	k := arg("k", i64)
	c := u.function(g.Name+" host", types.Void, k)
	values := u.zeros(g.Name+" host values", 64, g.N)
	frame := c.cast(c.at.NewAlloca(types.NewArray(frameWords+1, i64)), i64)
	fired, members := value.Value(n64(0)), value.Value(constant.NewNull(types.NewPointer(i8)))
	if g.list != nil {
		fired, members = c.load(g.count), c.cast(g.list, i8)
	}
	size := c.shl(fired, 2)
	for i, x := range []value.Value{num(i64, frameMagic), c.add(size, n64(8)), n64(statusHost), k} {
		c.put(x, frame, n64(i))
	}
	u.must(c, c.call(u.writeAll, num(i32, 1), c.cast(frame, i8), n64(8*(frameWords+1))), exitPipe)
	u.must(c, c.call(u.writeAll, num(i32, 1), members, size), exitPipe)
	u.must(c, c.call(u.readAll, num(i32, 0), c.cast(frame, i8), n64(8*(frameWords+1))), exitPipe)
	mask := c.fetch(frame, n64(frameWords))
	u.must(c, c.cmp(enum.IPredEQ, c.fetch(frame, n64(0)), num(i64, frameMagic)), exitFrame)
	u.must(c, c.cmp(enum.IPredULT, mask, n64(8)), exitFrame)
	c.store(mask, u.hostWrote)
	for i := range 3 {
		c.when(c.cmp(enum.IPredNE, c.and(mask, n64(1<<i)), n64(0)), func() {
			u.must(c, c.call(u.readAll, num(i32, 0), c.cast(values, i8), n64(8*g.N)), exitPipe)
			for _, p := range list {
				p.given(c, values, sem.Y1.TraceIndex()+i)
			}
		})
	}
	c.at.NewRet(nil)
	return c.fn
}

// given stores what the host wrote into a trace, within its limits.
func (p *plastic) given(c *code, values value.Value, i int) {
	t := p.traces[i]
	if t.given == nil {
		return
	}
	lo, hi := t.Limits()
	c.each(n64(0), n64(p.post.N), 1, func(member value.Value) {
		c.put(c.as(c.clamp(c.fetch(values, member), lo, hi), 32), t.given, member)
	})
}

// must ends the program with a status where ok is 0.
func (u *unit) must(c *code, ok value.Value, status int64) {
	c.when(c.cmp(enum.IPredEQ, ok, num(i1, 0)), func() {
		c.call(u.exit, num(i32, status))
		c.at.NewUnreachable()
	})
}
