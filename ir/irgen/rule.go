package irgen

import (
	"fmt"

	"decc/ir"
	"decc/ir/sem"
)

// learn makes some synapse objects plastic, each with a rule of its own. A pair of members
// has one plastic synapse at most.
func (w *maker) learn() {
	for _, s := range w.m.Synapses {
		if !w.chance(70) || s.Format.Bits == 0 || s.IsConv() || !w.distinct(s) {
			continue
		}
		r := w.rule(fmt.Sprintf("r%d", len(w.m.Rules)), w.m.GroupByName(s.Post))
		w.m.Rules = append(w.m.Rules, r)
		s.Rule = r.Name
		if w.chance(50) {
			tags := make([]int64, len(s.Weights.Data))
			for i := range tags {
				tags[i] = w.extreme(-256, 255)
			}
			s.Tags = ir.NewTensor(tags, s.Weights.Shape...)
		}
	}
}

// distinct reports whether no two synapses of the object join the same members.
func (w *maker) distinct(s *ir.Synapse) bool {
	seen, twice := map[[2]int]bool{}, false
	s.Each(func(pre, post int, _ int64, _ int) {
		twice = twice || seen[[2]int{pre, post}]
		seen[[2]int{pre, post}] = true
	})
	return !twice
}

// rule draws a learning rule for synapses to a group.
func (w *maker) rule(name string, to *ir.Group) *ir.Rule {
	r := &ir.Rule{Rule: sem.Rule{Name: name, Epoch: oneOf(w.dice, 1, 1, 1, 1, 2, 3, 7, sem.MaxEpoch), Decimate: oneOf(w.dice, 0, 0, 1, 3)}}
	if w.chance(10) {
		r.Graded = w.IntN(sem.GradedOverflow + 1)
	}
	for i := range r.Traces {
		r.Traces[i] = w.trace(sem.TraceVariables[i], to)
	}
	gated := false
	for t := range r.Sums {
		if t != int(sem.TargetW) && !w.chance(30) {
			continue
		}
		for range 1 + w.IntN(3) {
			p := w.product()
			gated = gated || p.Gate == sem.GateU
			r.Sums[t] = append(r.Sums[t], p)
		}
	}
	if !gated {
		r.Decimate = 0 // the text could not say it
	}
	return r
}

func (w *maker) trace(v sem.Variable, to *ir.Group) sem.Trace {
	var t sem.Trace
	if w.chance(80) {
		t.Impulse = int32(w.extreme(0, 127<<8))
	}
	switch {
	case w.m.Profile != sem.Silicon:
		t.Tau = int32(w.extreme(0, 20<<8))
	default:
		t.Decay = int32(w.extreme(0, 4096))
	}
	if sem.Variables[v].Side == sem.PostSide && w.chance(30) {
		t.Value = w.written(to.Program)
		if w.chance(70) {
			t.Impulse = 0
		}
	}
	return t
}

// written is a value of a program that a trace can take, "" where it has none.
func (w *maker) written(p *ir.Program) string {
	var names []string
	for _, name := range p.Observables() {
		if f := p.FieldIndex(name); f < 0 || p.Fields[f].Kind == sem.State {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return oneOf(w.dice, names...)
}

func (w *maker) product() sem.Product {
	p := sem.Product{Gate: sem.Gate(w.IntN(3)), Mant: int8(w.within(1, sem.MaxMant)), Exp: int8(w.extreme(sem.MinProdExp, sem.MaxProdExp))}
	if w.chance(70) {
		p.Exp = int8(w.within(sem.MinProdExp, -3))
	}
	if w.chance(50) {
		p.Mant = -p.Mant
	}
	for range w.IntN(4) {
		v := sem.Variable(w.IntN(len(sem.Variables)))
		if p.Gate != sem.GateU && (v == sem.X0 || v == sem.Y0) && len(p.Factors) == 0 {
			continue // the text would read it as the gate
		}
		f := sem.Factor{Var: v}
		if w.chance(25) {
			f.Add = int16(w.extreme(-255, 255))
		}
		f.Sgn = sem.Variables[v].Side == sem.OwnSide && w.chance(25)
		p.Factors = append(p.Factors, f)
	}
	return p
}
