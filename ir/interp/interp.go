// Package interp is the golden interpreter of an ir.Module: short, slow and
// obvious, the answer that every other engine is held against. It reads a module
// with integers (what the chip does) or with reals (the same parameters without
// rounding or wrap, which separates quantisation error from rounding error).
package interp

import (
	"context"

	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Machine runs one module. It is used by one goroutine at a time; any number of
// machines may share a module.
type Machine[V int64 | float64] struct {
	module *ir.Module
	groups []*group[V] // in ir.JoinOrder
	byName map[string]*group[V]
	fans   map[string][]*fan[V] // outgoing synapses by source
	inputs []*ir.Input
	// plastic holds the synapses that learn, in the order of the module; seed is that of
	// the run.
	plastic []*plastic[V]
	seed    uint64
	replay  func(synapse string) sem.Thresholds
	saved   []savedParam[V]
	host    spikes.Host // of the run, nil for none
}

// group is the running state of one ir.Group.
type group[V int64 | float64] struct {
	*ir.Group
	exec  *sem.Exec[V]
	ports []*port[V]
	joins []joint[V]
	last  spikes.Train // of the row
}

// port is a ring of accumulators: slot k mod len holds the sum that arrives in row k.
type port[V int64 | float64] struct {
	ring  [][]V
	input []V // the program's field
}

// joint feeds the out value of another group into a port in the same row.
type joint[V int64 | float64] struct {
	from []V
	port *port[V]
}

// fan is one ir.Synapse, by source member.
type fan[V int64 | float64] struct {
	graded bool
	post   *port[V]
	out    [][]contact // by source member
	// Where the exponent acts on the sum, sums[d] collects delay slot d of this row.
	exp     int
	sums    [][]V
	touched []bool
	plastic *plastic[V] // nil where the weights are fixed
}

type contact struct {
	post   int32
	delay  int32
	weight int64
	number int32 // of the synapse in its object
}

// New prepares a module for running. The module must have been verified.
func New[V int64 | float64](m *ir.Module) *Machine[V] {
	x := &Machine[V]{module: m, byName: map[string]*group[V]{}, fans: map[string][]*fan[V]{}, inputs: m.Inputs}
	for _, g := range m.Groups {
		x.byName[g.Name] = newGroup[V](g)
	}
	for _, s := range m.Synapses {
		x.connect(s)
	}
	for _, j := range m.Joins {
		to := x.byName[j.To]
		from := x.byName[j.From].exec
		to.joins = append(to.joins, joint[V]{from.Slot(from.Program().Out), to.port(j.Port)})
	}
	for _, g := range ir.JoinOrder(m) {
		x.groups = append(x.groups, x.byName[g.Name])
	}
	return x
}

func newGroup[V int64 | float64](g *ir.Group) *group[V] {
	x := &group[V]{Group: g, exec: sem.NewExec[V](&g.Program.Program, g.N)}
	for _, p := range g.Params {
		slot := x.exec.Slot(sem.Ref(g.Program.FieldIndex(p.Name)))
		for i := range slot {
			slot[i] = V(p.Values.At(i))
		}
	}
	for _, f := range g.Program.FieldsOf(sem.Port) {
		x.ports = append(x.ports, &port[V]{input: x.exec.Slot(sem.Ref(f))})
	}
	return x
}

func (g *group[V]) port(name string) *port[V] {
	for i, f := range g.Program.FieldsOf(sem.Port) {
		if g.Program.Fields[f].Name == name {
			return g.ports[i]
		}
	}
	return nil
}

func (x *Machine[V]) connect(s *ir.Synapse) {
	profile := sem.Profiles[x.module.Profile]
	pre, _ := x.module.SourceSize(s.Pre)
	f := &fan[V]{graded: s.Graded, post: x.byName[s.Post].port(s.Port), out: make([][]contact, pre), exp: s.Format.Exp}
	deepest, number := int32(0), int32(0)
	s.Each(func(from, to int, mantissa int64, delay int) {
		w := profile.Weight(s.Format, mantissa)
		f.out[from] = append(f.out[from], contact{int32(to), int32(delay), w, number})
		number++
		deepest = max(deepest, int32(delay))
	})
	if s.Rule != "" {
		f.plastic = x.newPlastic(s)
		if f.plastic.delays {
			deepest = sem.MaxLearnedDelay
		}
	}
	f.post.deepen(int(deepest) + 2)
	if profile.ExpOnSum {
		f.sums = make([][]V, deepest+1)
		for d := range f.sums {
			f.sums[d] = make([]V, len(f.post.input))
		}
		f.touched = make([]bool, deepest+1)
	}
	x.fans[s.Pre] = append(x.fans[s.Pre], f)
}

func (p *port[V]) deepen(slots int) {
	for len(p.ring) < slots {
		p.ring = append(p.ring, make([]V, len(p.input)))
	}
}

// at is the accumulator of row k.
func (p *port[V]) at(k int) []V { return p.ring[k%len(p.ring)] }

// Run executes the rows of a request from the reset state.
func (x *Machine[V]) Run(ctx context.Context, req spikes.Request) (spikes.Record[V], error) {
	rec, err := x.prepare(req)
	if err != nil {
		return spikes.Record[V]{}, err
	}
	inputs := map[string][]spikes.Train{}
	for name, train := range req.Inputs {
		inputs[name] = train.Rows(req.Rows)
	}
	x.reset()
	x.setParams(req.Params)
	x.seed = sem.PresentationSeed(x.module.Seed, req.Presentation)
	x.drawThresholds()
	if x.host = req.Host; x.host != nil {
		x.host.Begin()
	}
	for k := range req.Rows {
		if k%64 == 0 && ctx.Err() != nil {
			return spikes.Record[V]{}, ctx.Err()
		}
		x.row(k, inputs, rec)
		x.learn(k, inputs, req.Learn)
		rec.learned()
	}
	for _, p := range x.plastic {
		rec.counts.LearningUpdates += p.unit.Updates
	}
	return rec.done(), nil
}

func (x *Machine[V]) reset() {
	for _, g := range x.groups {
		g.exec.Reset()
		for _, p := range g.ports {
			for _, slot := range p.ring {
				clear(slot)
			}
		}
	}
	for _, p := range x.plastic {
		p.unit.Reset()
	}
}

// row is one time step: every group takes what arrived and updates, then spikes travel.
func (x *Machine[V]) row(k int, inputs map[string][]spikes.Train, rec *recorder[V]) {
	for _, g := range x.groups {
		g.update(k, x.seed)
		rec.values(k, g)
	}
	for _, in := range x.inputs {
		if rows := inputs[in.Name]; rows != nil {
			rec.counts.InputSpikes += int64(len(rows[k]))
			x.send(k, in.Name, rows[k], rec)
		}
	}
	for _, g := range x.groups {
		fired := g.fired(k)
		g.last = fired
		rec.spikes(g, fired)
		x.send(k, g.Name, fired, rec)
		g.exec.Commit()
	}
}

// update computes row k of a group; its states are committed at the end of the row.
func (g *group[V]) update(k int, seed uint64) {
	if r := g.Reset; r.Interval > 0 && (k+1)%r.Interval == r.Offset {
		g.exec.Reset()
	}
	for _, p := range g.ports {
		clear(p.input)
		if len(p.ring) > 0 {
			copy(p.input, p.at(k))
			clear(p.at(k))
		}
	}
	for _, j := range g.joins {
		for i, v := range j.from {
			j.port.input[i] += v
		}
	}
	g.draw(k, seed)
	g.exec.Step()
}

func (g *group[V]) draw(k int, seed uint64) {
	for _, f := range g.Program.FieldsOf(sem.Random) {
		field := g.Program.Fields[f]
		slot := g.exec.Slot(sem.Ref(f))
		key := sem.Key(g.Name + "." + field.Name)
		for i := range slot {
			slot[i] = V(sem.DrawBits(seed, key, uint64(k), uint64(i), uint(field.Type.Bits)))
		}
	}
}

// fired lists the spikes that the group emits in row k.
func (g *group[V]) fired(k int) spikes.Train {
	if g.Program.Spike == sem.NoRef {
		return nil
	}
	var t spikes.Train
	for i, s := range g.exec.Slot(g.Program.Spike) {
		if s == 0 {
			continue
		}
		e := spikes.Event{Row: int32(k), Index: int32(i), Payload: 1}
		if g.Program.Payload != sem.NoRef {
			e.Payload = int32(g.exec.Slot(g.Program.Payload)[i])
		}
		t = append(t, e)
	}
	return t
}

// send adds the weights of spikes emitted in row k to the rows in which they arrive.
func (x *Machine[V]) send(k int, source string, train spikes.Train, rec *recorder[V]) {
	for _, f := range x.fans[source] {
		for _, e := range train {
			f.deliver(k, e)
			rec.counts.SynapticEvents += int64(len(f.out[e.Index]))
		}
		f.flush(k)
	}
}

func (f *fan[V]) deliver(k int, e spikes.Event) {
	var to []V // what arrives after a delay of slot; most neighbours have the same
	slot := int32(-1)
	for _, c := range f.out[e.Index] {
		w, delay := V(c.weight), c.delay
		if f.plastic != nil {
			w, delay = f.plastic.now(c)
		}
		if f.graded {
			w *= V(e.Payload)
		}
		if f.sums != nil {
			f.sums[delay][c.post] += w
			f.touched[delay] = true
			continue
		}
		if delay != slot {
			slot, to = delay, f.post.at(k+1+int(delay))
		}
		to[c.post] += w
	}
}

// flush applies the exponent to the sums of this connection and row (ExpOnSum).
func (f *fan[V]) flush(k int) {
	for d, touched := range f.touched {
		if !touched {
			continue
		}
		to := f.post.at(k + 1 + d)
		for i, sum := range f.sums[d] {
			to[i] += sem.ScaleSum(sum, f.exp)
		}
		clear(f.sums[d])
		f.touched[d] = false
	}
}
