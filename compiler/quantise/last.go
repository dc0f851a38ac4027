package quantise

import (
	"math"

	"decc/compiler/decolle"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/rule"
	"decc/ir/sem"
)

// A last layer l that learns from a host becomes
//
//	group l      @cuba, a neuron a class, which votes by its spikes
//	rule soel_l, sign_l
//	             the error, which the host writes into y1, times the pre trace
//	synapse w_l  into l.drive, learns

// lastThreshold is the potential U that a class neuron spikes at: a quarter of what one
// line of weight 1 that always spikes brings it to, so that weights of 8 bits on some tens
// of sparse lines can make it spike in every second row.
const lastThreshold = 0.25

// errorTimesTrace is a product of the rules: the written trace times a pre trace.
var errorTimesTrace = sem.Product{Factors: []sem.Factor{{Var: sem.Y1}, {Var: sem.X1}}}

// checkHost refuses what the rules of the last layer cannot be.
func (o Options) checkHost(s decolle.Spec, bad *diag.List) {
	if o.Host == nil {
		return
	}
	h := hostLearning{o.Host, halfMantissa(o.WeightBits)}
	at := position(o, len(s.Layers)-1)
	if h.Epoch > sem.MaxEpoch {
		bad.Add(at, "quantise/learning", "learn.host.epoch is %d rows, a learning epoch has %d at most", h.Epoch, sem.MaxEpoch).WithFix("use 1..%d", sem.MaxEpoch)
	}
	if e := h.exponent(); e < sem.MinProdExp || e > sem.MaxProdExp {
		bad.Add(at, "quantise/learning", "eta %g is 2^%d in the rule, allowed is 2^%d..2^%d", h.Eta, e, sem.MinProdExp, sem.MaxProdExp).WithFix("change eta")
	}
	if n := s.Layers[len(s.Layers)-1].Out; n != s.Classes {
		bad.Add(at, "quantise/learning", "the last layer has %d neurons, with rule %s it has one a class: %d", n, h.Rule, s.Classes).WithFix("write dense: %d", s.Classes)
	}
}

// hostLearning is decolle.HostLearning in the integers of the chip.
type hostLearning struct {
	*decolle.HostLearning
	format sem.WeightFormat
}

// exponent of the rule's products: Eta is in codes, which are the lowest stored bit of the
// mantissa, and a product loses bits.
func (h hostLearning) exponent() int {
	return int(math.Round(math.Log2(h.Eta))) + errorTimesTrace.Cut() + int(h.format.LSB())
}

// lastLayer appends layer l, which learns from a host.
func (q *quantiser) lastLayer(l int) error {
	h, p := hostLearning{q.o.Host, halfMantissa(q.o.WeightBits)}, q.params[l]
	program, err := q.program(q.module, "cuba")
	if err != nil {
		return err
	}
	learned, err := rule.Builtin(h.Rule)
	if err != nil {
		return err
	}
	name, pos, neurons := layerName(q.o, l), position(q.o, l), len(p.B)
	learned.Name, learned.Epoch = h.Rule+"_"+name, h.Epoch
	h.fit(&learned)
	unit := stepUnits(h.format) / h.WeightStep * q.stepGain() / q.floatGain()
	g := &ir.Group{Name: name, N: neurons, Program: program, Pos: pos}
	for _, x := range []struct {
		name  string
		value int64
	}{{"du", q.du}, {"dv", q.dv}, {"vth", round(unit*lastThreshold/thresholdStep) * thresholdStep}} {
		g.SetParam(x.name, ir.Scalar(x.value))
	}
	pre := inputName
	if l > 0 {
		pre = layerName(q.o, l-1)
	}
	m := q.module
	m.Groups, m.Rules = append(m.Groups, g), append(m.Rules, &ir.Rule{Rule: learned, Pos: pos})
	m.Synapses = append(m.Synapses, &ir.Synapse{
		Name: "w_" + name, Pre: pre, Post: name, Port: "drive", Format: h.format, Rule: learned.Name, Pos: pos,
		Weights: ir.NewTensor(mantissasOf(codes(p.W, h.WeightStep, q.o.WeightBits), h.format), neurons, len(p.W)/neurons),
	})
	m.Layers = append(m.Layers, &ir.Layer{Name: name, Spikes: name, Pos: pos})
	return nil
}

// thresholdStep is what the mantissa of a threshold counts (hardware.md 1.5).
const thresholdStep = 64

// fit gives a rule of the library the rate, impulse and offset of the model.
func (h hostLearning) fit(r *sem.Rule) {
	for i := range r.Traces {
		if r.Traces[i].Impulse > 0 {
			r.Traces[i].Impulse = int32(h.Impulse) << 8
		}
	}
	for i := range r.Sums[sem.TargetW] {
		p := &r.Sums[sem.TargetW][i]
		p.Exp = int8(h.exponent())
		for j := range p.Factors {
			if p.Factors[j].Add != 0 {
				p.Factors[j].Add = -int16(h.Offset)
			}
		}
	}
}
