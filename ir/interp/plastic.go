package interp

import (
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// plastic is a synapse object that learns.
type plastic[V int64 | float64] struct {
	*ir.Synapse
	unit     *sem.Unit
	learning *sem.Learning
	// order lists the contacts by number: a list of synapses may have any order.
	order []int
	post  *group[V]
	// written are the values of the target's program that go into y1, y2 and y3.
	written    [3][]V
	thresholds sem.Thresholds
	// delays tells that learned delays delay.
	delays bool
	// tagged tells that the delay is a second tag, which delays nothing (Lava).
	tagged bool
}

// Replay makes the next runs take the thresholds of the named plastic synapses from of
// instead of drawing them; nil draws again.
func (x *Machine[V]) Replay(of func(synapse string) sem.Thresholds) { x.replay = of }

// Learned is the present value of a target of plastic synapses, one a synapse by number
// (target member, then source member); nil where there are none of that name.
func (x *Machine[V]) Learned(synapse string, t sem.Target) []int64 {
	p := x.plasticByName(synapse)
	if p == nil {
		return nil
	}
	out := make([]int64, len(p.order))
	for i, at := range p.order {
		out[i] = p.unit.Values[t][at]
	}
	return out
}

// SetLearned sets what Learned tells, to go on from there. The error has code
// run/learned-values.
func (x *Machine[V]) SetLearned(synapse string, t sem.Target, values []int64) error {
	p := x.plasticByName(synapse)
	if p == nil || len(p.order) != len(values) {
		return diag.Errorf(diag.Pos{}, "run/learned-values", "there is no plastic synapse object %q of %d synapses", synapse, len(values)).
			WithFix("use values of the same module")
	}
	for i, at := range p.order {
		p.unit.Values[t][at] = values[i]
	}
	return nil
}

func (x *Machine[V]) plasticByName(name string) *plastic[V] {
	for _, p := range x.plastic {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// newPlastic needs the target's group.
func (x *Machine[V]) newPlastic(s *ir.Synapse) *plastic[V] {
	p := &plastic[V]{Synapse: s, post: x.byName[s.Post], learning: x.module.Profile.Learning()}
	rule := &x.module.RuleByName(s.Rule).Rule
	pre, _ := x.module.SourceSize(s.Pre)
	var contacts []sem.Contact
	var mantissas, delays, tags []int64
	s.Each(func(from, to int, mantissa int64, delay int) {
		contacts = append(contacts, sem.Contact{Pre: int32(from), Post: int32(to), Index: int32(to*pre + from)})
		mantissas = append(mantissas, mantissa)
		delays = append(delays, int64(delay))
	})
	if s.Tags != nil {
		for _, t := range s.Tags.Data {
			tags = append(tags, int64(t))
		}
	}
	p.unit = sem.NewUnit(x.module.Profile, rule, s.Format, pre, p.post.N, contacts, mantissas, delays, tags)
	p.order = s.ByNumber()
	learned := rule.Concerns(sem.D)
	p.delays, p.tagged = learned && p.learning.Delays, learned && !p.learning.Delays
	for i, v := range []sem.Variable{sem.Y1, sem.Y2, sem.Y3} {
		if name := rule.Traces[v.TraceIndex()].Value; name != "" {
			ref := p.post.Program.Observable(name)
			p.post.exec.Observe(ref)
			p.written[i] = p.post.exec.Slot(ref)
		}
	}
	x.plastic = append(x.plastic, p)
	return p
}

// now is the weight and the delay that a spike finds.
func (p *plastic[V]) now(c contact) (weight V, delay int32) {
	delay = c.delay
	switch {
	case p.delays:
		delay = int32(p.unit.Values[sem.TargetD][c.number])
	case p.tagged:
		delay = 0
	}
	return V(p.unit.Effective(int(c.number))), delay
}

func (x *Machine[V]) drawThresholds() {
	for _, p := range x.plastic {
		if x.replay != nil {
			p.thresholds = x.replay(p.Name)
		} else {
			p.thresholds = sem.NewDrawn(x.seed, p.Name)
		}
	}
}

// learn lets every plastic synapse hear of the row, after its spikes were sent.
func (x *Machine[V]) learn(k int, inputs map[string][]spikes.Train, on bool) {
	if !on {
		return
	}
	host := x.hostWrites(k)
	for _, p := range x.plastic {
		e := sem.RowEvents{Pre: heard(x.emitted(k, p.Pre, inputs)), Post: heard(p.post.last)}
		for i, values := range p.written {
			e.Written[i] = integers(values)
			if p.unit.Rule.Traces[sem.Y1.TraceIndex()+i].Host != sem.HostNone {
				e.Written[i] = host[i]
			}
		}
		p.unit.Row(k, e, p.thresholds)
	}
}

// hostWrites lets the host hear of row k and tells what it wrote.
func (x *Machine[V]) hostWrites(k int) [3][]int64 {
	if x.host == nil {
		return [3][]int64{}
	}
	var fired []int32
	for _, e := range x.byName[x.host.Group()].last {
		fired = append(fired, e.Index)
	}
	return x.host.Row(k, fired)
}

// emitted are the spikes of a source in row k.
func (x *Machine[V]) emitted(k int, source string, inputs map[string][]spikes.Train) spikes.Train {
	if g := x.byName[source]; g != nil {
		return g.last
	}
	if rows := inputs[source]; rows != nil {
		return rows[k]
	}
	return nil
}

func heard(train spikes.Train) []sem.LearnSpike {
	var all []sem.LearnSpike
	for _, e := range train {
		all = append(all, sem.LearnSpike{Index: e.Index, Payload: e.Payload})
	}
	return all
}

func integers[V int64 | float64](x []V) []int64 {
	if x == nil {
		return nil
	}
	out := make([]int64, len(x))
	for i, v := range x {
		out[i] = int64(v)
	}
	return out
}
