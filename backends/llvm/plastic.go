package llvm

import (
	"math/bits"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir/diag"
	"decc/ir/sem"
)

// targets are the learned variables of a synapse, traces those of its ends.
const (
	targets = int(sem.TargetT) + 1
	traces  = len(sem.TraceVariables)
)

// plastic is a fan that learns. A matrix is stored by source, in rows of whole vectors of targets; other synapses stand in the
// order of the fan's contacts.
type plastic struct {
	*fan
	number   int
	rule     *sem.Rule
	learning *sem.Learning
	dense    bool
	stride   int // targets of a row of a dense matrix
	size     int // places
	lanes    int // synapses that learn at once
	values   [targets]value.Value
	first    [targets]value.Value // what they begin with
	traces   [traces]*trace
	spikedAt [2]value.Value // row in the epoch of the last spike from 1, 0 for none, by side
	sites    [2]int         // by side, whole vectors
	pres     value.Value    // source and target of the synapses of a list
	posts    value.Value
	settled  value.Value // 1 where a synapse without an open product keeps its values
	delays   bool        // learned ones delay
	learn    *llir.Func
	epoch    *llir.Func
	// replayed thresholds of the run, where the program is made for them.
	replayed *replayed
}

// trace is one of the five; history holds it at the end of every row of the epoch, the row before first.
type trace struct {
	sem.Trace
	variable        sem.Variable
	side            int
	sites           int // members of its side in whole vectors, or places of synapses
	memory, history value.Value
	// from is what the program of the target writes; nil where it does not.
	from, given value.Value
	bits        int // of memory and history
	moves       bool
}

// machine is a learning engine as native code.
type machine struct {
	write func(u *unit, p *plastic)
	// matrix tells that a dense matrix is stored in rows of vectors.
	matrix bool
}

// machines are the learning engines of the profiles: ir/sem has the same three.
var machines = map[sem.ProfileID]machine{
	sem.Silicon: {(*unit).writeLearn, true}, sem.Lava: {(*unit).writeLearn, true},
	sem.NengoLoihi: {(*unit).writePES, false}, sem.Brian2Loihi: {(*unit).writePerSynapse, false},
}

// newPlastic lays out a fan that learns. The error has code llvm/learning.
func (u *unit) newPlastic(f *fan) error {
	p := &plastic{fan: f, number: len(u.plastic), rule: &u.m.RuleByName(f.Rule).Rule, learning: u.m.Profile.Learning()}
	if f.IsConv() {
		return diag.Errorf(f.Pos, codeLearning, "synapse @%s is a kernel that learns", f.Name).WithFix("write it as a list of synapses")
	}
	f.plastic = p
	u.plastic = append(u.plastic, p)
	p.dense = machines[u.m.Profile].matrix && !f.IsList()
	p.sites = [2]int{padded(f.sources), padded(f.post.N)}
	p.stride, p.size, p.lanes = p.sites[1], len(f.contacts), 1
	if p.dense {
		p.size = f.sources * p.stride
		if p.rule.Epoch == 1 || !p.gatedTraces() {
			p.lanes = together
		}
	}
	p.delays = p.rule.Concerns(sem.D) && p.learning.Delays
	switch {
	case p.delays:
		f.deepest = sem.MaxLearnedDelay
	case p.rule.Concerns(sem.D):
		f.deepest = 0 // a second tag
	}
	p.keepValues(u)
	for i := range p.spikedAt {
		p.spikedAt[i] = u.zeros(named("%s spiked %d", f.Name, i), 32, p.sites[i])
	}
	p.settled = u.variable(f.Name+" settled", i64)
	for i := range p.traces {
		p.keepTrace(u, i)
	}
	if u.replay {
		u.newReplayed(p)
	}
	return nil
}

// gatedTraces tells that a product reads traces at the time of the target's spike.
func (p *plastic) gatedTraces() bool {
	for _, sum := range p.rule.Sums {
		for _, q := range sum {
			for _, f := range q.Factors {
				if q.Gate == sem.GateY0 && f.Var.IsTrace() {
					return true
				}
			}
		}
	}
	return false
}

// place is where contact i is stored.
func (p *plastic) place(k contact, i int) int {
	if p.dense {
		return int(k.pre)*p.stride + int(k.post)
	}
	return i
}

// keepValues gives the learned variables their memory, and lets probes see it.
func (p *plastic) keepValues(u *unit) {
	var mantissas, delays []int64
	p.Each(func(_, _ int, m int64, delay int) {
		mantissas, delays = append(mantissas, p.learning.Start(p.Format, m)), append(delays, int64(delay))
	})
	var first [targets][]int64
	for t := range first {
		first[t] = make([]int64, p.size)
	}
	for i, k := range p.contacts {
		at := p.place(k, i)
		first[sem.TargetW][at], first[sem.TargetD][at] = mantissas[k.number], delays[k.number]
		if p.Tags != nil {
			first[sem.TargetT][at] = int64(p.Tags.Data[k.number])
		}
	}
	for t := range first {
		name := named("%s %s", p.Name, sem.Targets[t])
		p.values[t], p.first[t] = u.zeros(name, 32, p.size), u.table(name+" first", 32, first[t])
	}
	if !p.dense {
		p.pres = u.table(p.Name+" pres", 32, column(p.contacts, func(k contact) int64 { return int64(k.pre) }))
		p.posts = u.table(p.Name+" posts", 32, column(p.contacts, func(k contact) int64 { return int64(k.post) }))
	}
}

// keepTrace gives a trace its memory: in 64 bits where a program under Lava writes what it likes.
func (p *plastic) keepTrace(u *unit, i int) {
	v := sem.TraceVariables[i]
	t := &trace{Trace: p.rule.Traces[i], variable: v, side: int(sem.Variables[v].Side), bits: 32}
	p.traces[i] = t
	if t.sites = p.sites[t.side]; p.learning.BySynapse {
		t.sites = p.size
	}
	if t.Value != "" {
		t.from = u.written(p.post, t.Value)
		if !p.learning.Held {
			t.bits = width(p.post.ranges[p.post.Program.Observable(t.Value)])
		}
	}
	name := named("%s %s", p.Name, v)
	t.memory = u.zeros(name, t.bits, t.sites)
	graded := v == sem.X1 && p.rule.Graded != sem.GradedOff
	if t.moves = t.Moves() || graded; t.moves {
		t.history = u.zeros(name+" history", t.bits, t.sites*(p.rule.Epoch+1))
	}
	if t.Host != sem.HostNone {
		t.given = u.zeros(name+" given", 32, p.sites[t.side])
	}
}

// written makes every update of a group show a value, of which a trace is made.
func (u *unit) written(g *group, name string) value.Value {
	s := shown{name: name, slot: g.Program.Observable(name), memory: u.zeros(named("%s writes %s %d", g.Name, name, len(g.always)), 64, padded(g.N))}
	g.always = append(g.always, s)
	return s.memory
}

// show lets probes see the learned variables, in the order of sem.PlasticProbes, after what groups show.
func (p *plastic) show(u *unit) {
	for _, name := range sem.PlasticProbes() {
		v, _ := sem.ProbeOfPlastic(name)
		if t, ok := v.Target(); ok {
			u.sampled = append(u.sampled, observed{p.values[t], p.size, true})
			continue
		}
		t := p.traces[v.TraceIndex()]
		u.sampled = append(u.sampled, observed{t.memory, t.sites, true})
	}
}

// The mantissas that a spike can find: one bit more than any profile's limits have.
const (
	leastMantissa = -512
	mostMantissa  = 511
)

// effective is what a spike brings by mantissa, from leastMantissa on.
func (p *plastic) effective() []int64 {
	var list []int64
	up := uint(0)
	if p.expOnSum && p.scaled == 0 {
		up = sumUnit + uint(p.Format.Exp)
	}
	for m := int64(leastMantissa); m <= mostMantissa; m++ {
		list = append(list, p.learning.Effective(p.Format, m)<<up)
	}
	return list
}

func (p *plastic) zeros() uint {
	if p.scaled != 0 {
		return sumUnit
	}
	all := int64(1) << mostZeros
	for _, w := range p.effective() {
		all |= w
	}
	return uint(bits.TrailingZeros64(uint64(all)))
}

// writePlasticSend delivers the present weights, synapse by synapse.
func (u *unit) writePlasticSend(f *fan) {
	p := f.plastic
	c := u.sender(f)
	unit := f.port.shift
	if f.scaled != 0 {
		unit = 0
	}
	weights := p.effective()
	for i := range weights {
		weights[i] >>= unit
	}
	table := u.table(f.Name+" effective", 64, weights)
	to := u.destination(f, c)
	var starts value.Value
	if !p.dense {
		starts = u.starts(f)
	}
	own := u.table(f.Name+" late", 8, p.ownDelays())
	c.fired(func(member, payload value.Value) {
		first, after := c.mul(member, n64(p.stride)), value.Value(nil)
		if p.dense {
			after = c.add(first, n64(f.post.N))
		} else {
			first, after = c.as(c.fetch(starts, member), 64), c.as(c.fetch(starts, c.add(member, n64(1))), 64)
		}
		c.each(first, after, 1, func(i value.Value) {
			m := c.as(c.fetch(p.values[sem.TargetW], i), 64)
			w := c.as(c.fetch(table, c.sub(m, n64(leastMantissa))), to.bits)
			if f.Graded && payload != nil {
				w = c.mul(w, c.as(payload, to.bits))
			}
			post := c.sub(i, first)
			if !p.dense {
				post = c.as(c.fetch(p.posts, i), 64)
			}
			delay := value.Value(n64(0))
			switch {
			case p.delays:
				delay = c.as(c.fetch(p.values[sem.TargetD], i), 64)
			case f.deepest > 0:
				delay = c.unsigned(c.fetch(own, i), 64)
			}
			to.addLate(c, delay, post, w)
		})
	}, f.Graded)
	to.flush(c)
	c.at.NewRet(nil)
}

// ownDelays are those that learning does not change, by place.
func (p *plastic) ownDelays() []int64 {
	list := make([]int64, p.size)
	for i, k := range p.contacts {
		list[p.place(k, i)] = int64(k.delay)
	}
	return list
}

// clear puts the traces to 0 and forgets spikes.
func (p *plastic) clear(u *unit, c *code) {
	for _, t := range p.traces {
		c.call(u.memset, c.cast(t.memory, i8), num(i32, 0), n64(t.bits/8*t.sites))
	}
	for i, at := range p.spikedAt {
		c.call(u.memset, c.cast(at, i8), num(i32, 0), n64(4*p.sites[i]))
	}
}

// writeBirth writes what gives all learned variables their first values.
func (u *unit) writeBirth() *llir.Func {
	c := u.function(":birth", types.Void)
	for _, p := range u.plastic {
		for t := range p.values {
			c.call(u.memcpy, c.cast(p.values[t], i8), c.cast(p.first[t], i8), n64(4*p.size))
		}
	}
	c.at.NewRet(nil)
	return c.fn
}

// bound are the least and greatest value that a learned variable may be set to.
func (p *plastic) bound(t sem.Target) [2]int64 {
	if t == sem.TargetD && p.delays {
		return [2]int64{0, sem.MaxLearnedDelay}
	}
	return [2]int64{leastMantissa, mostMantissa}
}

// learnable is the table of the memory of learned variables, by plastic synapses and target, with its size and
// the limits of what may be written into it.
type learnable struct {
	memory, shape value.Value
	n             int
}

func (u *unit) learnable() *learnable {
	var list []value.Value
	var sizes []int64
	for _, p := range u.plastic {
		for t, v := range p.values {
			bound := p.bound(sem.Target(t))
			list, sizes = append(list, v), append(sizes, int64(p.size), bound[0], bound[1], 0)
		}
	}
	return &learnable{u.pointers(":learned memory", list, 32), u.table(":learned sizes", 64, sizes), len(list)}
}

// answer writes the answer with the values of a learned variable.
func (l *learnable) answer(u *unit, c *code, r *reader, done value.Value) {
	which := r.number(c, n64(l.n))
	size := c.fetch(l.shape, c.shl(which, 2))
	to := c.call(u.reserve, c.shl(size, 3))
	c.leave(c.cmp(enum.IPredEQ, to, constant.NewNull(types.NewPointer(i8))), num(i64, statusMemory))
	from := c.fetch(l.memory, which)
	c.each(n64(0), size, 1, func(i value.Value) { c.put(c.as(c.fetch(from, i), 64), c.cast(to, i64), i) })
	c.store(n64(statusDone), done)
}

// take writes what sets a learned variable, after all values were looked at.
func (l *learnable) take(u *unit, c *code, r *reader, done value.Value) {
	which := r.number(c, n64(l.n))
	row := c.shl(which, 2)
	size, lo, hi := c.fetch(l.shape, row), c.fetch(l.shape, c.add(row, n64(1))), c.fetch(l.shape, c.add(row, n64(2)))
	given := r.words(c, size)
	c.each(n64(0), size, 1, func(i value.Value) {
		r.check(c, c.sub(c.fetch(given, i), lo), c.add(c.sub(hi, lo), n64(1)))
	})
	to := c.fetch(l.memory, which)
	c.each(n64(0), size, 1, func(i value.Value) { c.put(c.as(c.fetch(given, i), 32), to, i) })
	for _, p := range u.plastic {
		c.store(n64(0), p.settled)
	}
	c.store(n64(statusDone), done)
}
