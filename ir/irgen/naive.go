package irgen

import (
	"math/big"

	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Naive runs a module that passes ir.Verify for a number of rows and records every
// spike and every observable of every group. It is written to be read beside the
// definition, not to be fast: a row looks back at all spikes that were ever
// emitted, every value is computed by itself in unbounded integers, nothing is
// accumulated ahead of its row. It shares with the engines the weights of the
// profile and the random numbers, no more.
func Naive(m *ir.Module, inputs map[string]spikes.Train, rows int) spikes.Record[int64] {
	n := &naive{
		m: m, emitted: map[string][]spikes.Train{}, states: map[string][][]*big.Int{},
		rec: spikes.Record[int64]{Spikes: map[string]spikes.Train{}, Values: map[string]spikes.Matrix[int64]{}},
	}
	for _, in := range m.Inputs {
		n.emitted[in.Name] = inputs[in.Name].Rows(rows)
		for _, t := range n.emitted[in.Name] {
			n.rec.Counts.InputSpikes += int64(len(t))
		}
	}
	for _, g := range m.Groups {
		n.emitted[g.Name] = make([]spikes.Train, rows)
		n.states[g.Name] = make([][]*big.Int, g.N)
	}
	for k := range rows {
		n.row(k)
	}
	n.countSynapticEvents()
	return n.rec
}

type naive struct {
	m       *ir.Module
	emitted map[string][]spikes.Train // by source, then row
	states  map[string][][]*big.Int   // values before the row, by group, member and field; nil is the default
	values  map[string][]*evaluation  // of this row, by group and member
	rec     spikes.Record[int64]
}

func (n *naive) row(k int) {
	n.values = map[string][]*evaluation{}
	for _, g := range n.m.Groups {
		n.evaluate(g, k)
	}
	for _, g := range n.m.Groups {
		n.observe(g, k)
	}
	for _, g := range n.m.Groups {
		for i, e := range n.values[g.Name] {
			n.states[g.Name][i] = e.next()
		}
	}
}

// evaluate makes the values of a group in row k available, after those of the
// groups that are joined to it.
func (n *naive) evaluate(g *ir.Group, k int) []*evaluation {
	if n.values[g.Name] == nil {
		for i := range g.N {
			n.values[g.Name] = append(n.values[g.Name], &evaluation{
				prog: &g.Program.Program, memo: map[sem.Ref]*big.Int{},
				field: func(f int) *big.Int { return n.field(g, i, f, k) },
			})
		}
	}
	return n.values[g.Name]
}

// field is the value of a field of member i in row k, before the update.
func (n *naive) field(g *ir.Group, i, f, k int) *big.Int {
	field := g.Program.Fields[f]
	switch field.Kind {
	case sem.Param:
		return big.NewInt(g.Param(field.Name, i))
	case sem.Port:
		return n.port(g, field.Name, i, k)
	case sem.Random:
		key := sem.Key(g.Name + "." + field.Name)
		return big.NewInt(sem.DrawBits(n.m.Seed, key, uint64(k), uint64(i), uint(field.Type.Bits)))
	}
	before := n.states[g.Name][i]
	resetNow := g.Reset.Interval > 0 && (k+1)%g.Reset.Interval == g.Reset.Offset
	if before == nil || resetNow {
		return big.NewInt(field.Default)
	}
	return before[f]
}

// port is what arrives at a port in row k: joins of the same row, and every spike
// that was emitted 1+delay rows ago.
func (n *naive) port(g *ir.Group, port string, i, k int) *big.Int {
	sum := new(big.Int)
	for _, j := range n.m.Joins {
		if j.To == g.Name && j.Port == port {
			from := n.m.GroupByName(j.From)
			sum.Add(sum, n.evaluate(from, k)[i].value(from.Program.Out))
		}
	}
	for _, s := range n.m.Synapses {
		if s.Post == g.Name && s.Port == port {
			sum.Add(sum, n.arriving(s, i, k))
		}
	}
	return sum
}

// arriving is what one synapse object adds to post member i in row k.
func (n *naive) arriving(s *ir.Synapse, i, k int) *big.Int {
	profile := sem.Profiles[n.m.Profile]
	byDelay := make([]int64, maxDelay+1)
	s.Each(func(pre, post int, mantissa int64, delay int) {
		emission := k - 1 - delay
		if post != i || emission < 0 {
			return
		}
		for _, e := range n.emitted[s.Pre][emission] {
			if int(e.Index) != pre {
				continue
			}
			w := profile.Weight(s.Format, mantissa)
			if s.Graded {
				w *= int64(e.Payload)
			}
			byDelay[delay] += w
		}
	})
	sum := new(big.Int)
	for _, w := range byDelay {
		if profile.ExpOnSum {
			w = sem.ScaleSum(w, s.Format.Exp)
		}
		sum.Add(sum, big.NewInt(w))
	}
	return sum
}

func (n *naive) observe(g *ir.Group, k int) {
	n.rec.Counts.CompartmentUpdates += int64(g.N)
	for i, e := range n.values[g.Name] {
		n.emit(g, i, k, e)
	}
	for _, name := range g.Program.Observables() {
		key := spikes.Probe{Group: g.Name, Variable: name}.Key()
		matrix := n.rec.Values[key]
		matrix.Rows, matrix.N = k+1, g.N
		for _, e := range n.values[g.Name] {
			matrix.Data = append(matrix.Data, e.value(g.Program.Observable(name)).Int64())
		}
		n.rec.Values[key] = matrix
	}
}

func (n *naive) emit(g *ir.Group, i, k int, e *evaluation) {
	if g.Program.Spike == sem.NoRef || e.value(g.Program.Spike).Sign() == 0 {
		return
	}
	event := spikes.Event{Row: int32(k), Index: int32(i), Payload: 1}
	if g.Program.Payload != sem.NoRef {
		event.Payload = int32(e.value(g.Program.Payload).Int64())
	}
	n.emitted[g.Name][k] = append(n.emitted[g.Name][k], event)
	n.rec.Spikes[g.Name] = append(n.rec.Spikes[g.Name], event)
	n.rec.Counts.Spikes++
}

// countSynapticEvents counts, for every spike, the stored synapses of its source.
func (n *naive) countSynapticEvents() {
	for _, s := range n.m.Synapses {
		fan := map[int32]int64{}
		s.Each(func(pre, _ int, _ int64, _ int) { fan[int32(pre)]++ })
		for _, train := range n.emitted[s.Pre] {
			for _, e := range train {
				n.rec.Counts.SynapticEvents += fan[e.Index]
			}
		}
	}
}

// evaluation computes the values of one compartment in one row, each when it is
// first asked for.
type evaluation struct {
	prog  *sem.Program
	field func(f int) *big.Int
	memo  map[sem.Ref]*big.Int
}

func (e *evaluation) value(r sem.Ref) *big.Int {
	if v, known := e.memo[r]; known {
		return v
	}
	e.memo[r] = e.compute(int(r))
	return e.memo[r]
}

func (e *evaluation) compute(slot int) *big.Int {
	if slot < len(e.prog.Fields) {
		return e.field(slot)
	}
	c := e.prog.Code[slot-len(e.prog.Fields)]
	var args [3]*big.Int
	for i, r := range c.Args[:sem.Ops[c.Op].Arity] {
		args[i] = e.value(r)
	}
	return Exact(c.Op, args[0], args[1], args[2], c.K)
}

// next lists the values of all fields after the row.
func (e *evaluation) next() []*big.Int {
	after := make([]*big.Int, len(e.prog.Fields))
	for f, r := range e.prog.Next {
		if e.prog.Fields[f].Kind == sem.State {
			after[f] = e.value(r)
		}
	}
	return after
}
