package quantise

import (
	"fmt"
	"math"
	"slices"

	"decc/compiler/spiking"
	"decc/ir"
	"decc/ir/sem"
)

func unitText(unit float64) string { return fmt.Sprintf("%.4g of V", 1/unit) }

// appendConnection adds the synapses of connection c.
func (n *narrower) appendConnection(c int, p *populationPlan) {
	x := &n.spec.Connections[c]
	s := n.synapse(c, x.Name, n.spec.NameOf(x.From), n.entrance(p), n.formatOf(c, p, x))
	s.Graded = n.spec.Payloads(x.From)
	if lost := n.countSteps(p, x, s.Format); s.Graded && lost > coarse && n.found.Err() == nil {
		n.warn(n.Connections, c, "connection %q: rounding changes its weights by %.0f %%, as the payloads that they meet are large", x.Name, 100*lost).
			WithFix("give payloads fewer bits (quantise.payload_bits), or let fewer populations that send values follow each other")
	}
	extra := n.extraRows(c, x)
	if x.Max {
		s.Pre, x = n.appendOr(c, x, extra)
		extra = 0
	}
	n.wire(s, x, n.mantissas(p, x, s.Format), extra)
}

// synapse is what stands for a connection, or a part of it, without weights.
func (n *narrower) synapse(c int, name, pre, post string, f sem.WeightFormat) *ir.Synapse {
	return &ir.Synapse{Name: name, Pre: pre, Post: post, Port: "drive", Format: f, Pos: n.positionOf(n.Connections, c)}
}

// wire gives a synapse its weights and delays and adds it to the module.
func (n *narrower) wire(s *ir.Synapse, x *spiking.Connection, mantissas []int64, extra int) {
	switch {
	case x.Conv != nil && len(x.Delay) > 1 && len(x.Delay) != len(x.Weights):
		n.listed(s, x, mantissas, extra)
	case x.Conv != nil:
		s.Conv, s.Weights = x.Conv, ir.NewTensor(mantissas, x.Kernel...)
	default:
		from := n.spec.Size(x.From)
		s.Weights = ir.NewTensor(mantissas, len(mantissas)/from, from)
	}
	if s.PrePost == nil {
		s.Delay = n.delays(s, x, extra)
	}
	n.module.Synapses = append(n.module.Synapses, s)
}

// appendOr adds the compartments that join the spikes of a max-pooling by OR, with the delays
// of the connection. It returns their name and the connection that leads on from them.
func (n *narrower) appendOr(c int, x *spiking.Connection, extra int) (string, *spiking.Connection) {
	out, name := x.Conv.Out(x.Kernel), n.spare(x.Name+"-pool")
	cuba := program(n.module, n.Profile, "cuba")
	n.module.Groups = append(n.module.Groups, orGroup(name, out[0]*out[1]*out[2], cuba, n.positionOf(n.Connections, c)))
	n.wire(n.synapse(c, n.spare(x.Name+"-or"), n.spec.NameOf(x.From), name, poolFormat), x, orWeights(len(x.Weights)), extra)
	on := &spiking.Connection{
		Name: x.Name, From: x.From, To: x.To, Kernel: []int{out[0], 1, 1, 1},
		Conv: &ir.Conv{In: out, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: out[0]},
	}
	for channel := range out[0] {
		on.Weights = append(on.Weights, x.Weights[channel*len(x.Weights)/out[0]])
	}
	return name, on
}

// formatOf is the 2..8-bit format with the smallest exponent that loses no stored bit and holds all
// weights of a connection.
func (n *narrower) formatOf(c int, p *populationPlan, x *spiking.Connection) sem.WeightFormat {
	most, payload := 0.0, n.payloadStep(x.From)
	n.spec.Each(x, func(_, post, weight int) {
		most = max(most, math.Abs(p.effective(post, x.Weights[weight]*payload))*p.unitOf(post))
	})
	f := sem.WeightFormat{Bits: n.WeightBits, Sign: sem.Mixed}
	// The largest weight of a population is on the limit but for the rounding of floats.
	for f.Exp = -int(f.LSB()); f.Exp < largestExp && most > (codeLimit(n.WeightBits)+0.5)*stepUnits(f); f.Exp++ {
	}
	if top := (codeLimit(n.WeightBits) + 0.5) * stepUnits(f); !(most <= top) {
		n.found.Add(n.positionOf(n.Connections, c), codeRange, "connection %q: a weight of %.4g units is beyond the largest, %.4g", x.Name, most, top).
			WithFix("choose a smaller unit, or rescale weights and threshold")
	}
	return f
}

// mantissas are the weights in steps of the format, a kernel's by the scale of its channel.
func (n *narrower) mantissas(p *populationPlan, x *spiking.Connection, f sem.WeightFormat) []int64 {
	out := make([]int64, len(x.Weights))
	top, payload := codeLimit(n.WeightBits), n.payloadStep(x.From)
	code := func(post, weight int) {
		e := p.effective(post, x.Weights[weight]*payload) * p.unitOf(post) / stepUnits(f)
		out[weight] = int64(min(max(math.RoundToEven(e), -top), top)) << f.LSB()
	}
	if x.Conv == nil {
		n.spec.Each(x, func(_, post, weight int) { code(post, weight) })
		return out
	}
	size := x.Conv.Out(x.Kernel)
	for i := range out {
		code(i*x.Kernel[0]/len(out)*size[1]*size[2], i)
	}
	return out
}

// extraRows is the delay that brings a spike to the row in which its target has the step
// that it belongs to, on top of its own delay in the network. Less than none in all is
// beyond the chip: the connection is later then.
func (n *narrower) extraRows(c int, x *spiking.Connection) int {
	extra := n.depth[x.To] - n.late(x.From) - rowsOf(x)
	if !n.spec.Forward(x) {
		extra++
	}
	own := 0
	if len(x.Delay) > 0 {
		own = slices.Min(x.Delay)
	}
	if late := -extra - own; late > 0 {
		n.warn(n.Connections, c, "connection %q leads back over %d populations or poolings, which takes %d rows more on the chip than the step in the float network", x.Name, -extra, late)
	}
	return extra
}

// rowsOf is the rows that a spike takes through a connection without delay: a max-pooling has
// compartments in between.
func rowsOf(x *spiking.Connection) int {
	if x.Max {
		return 2
	}
	return 1
}

// delays are those of all synapses of a matrix or a kernel.
func (n *narrower) delays(s *ir.Synapse, x *spiking.Connection, extra int) *ir.Tensor {
	if len(x.Delay) <= 1 {
		if rows := extra + x.DelayOf(0, 0); rows > 0 {
			return ir.Scalar(int64(rows))
		}
		return nil
	}
	rows := make([]int64, s.Weights.Len())
	for w := range rows {
		rows[w] = int64(max(0, extra+x.DelayOf(w%n.spec.Size(x.From), w)))
	}
	return ir.NewTensor(rows, s.Weights.Shape...)
}

// listed writes a kernel out, because every source has a delay of its own.
func (n *narrower) listed(s *ir.Synapse, x *spiking.Connection, mantissas []int64, extra int) {
	var weights, ends, delays []int64
	n.spec.Each(x, func(pre, post, weight int) {
		if mantissas[weight] != 0 {
			weights, ends = append(weights, mantissas[weight]), append(ends, int64(pre), int64(post))
			delays = append(delays, int64(max(0, extra+x.DelayOf(pre, weight))))
		}
	})
	s.Weights, s.PrePost, s.Delay = ir.Vector(weights), ir.NewTensor(ends, len(weights), 2), ir.NewTensor(delays, len(weights))
}

// coarse is the error of weights that is worth a warning.
const coarse = 0.1

// countSteps adds the weights of a connection to the figures of its population, and returns their
// root mean square error, relative to their own root mean square.
func (n *narrower) countSteps(p *populationPlan, x *spiking.Connection, f sem.WeightFormat) float64 {
	r := &n.report.Layers[p.k]
	r.WeightExp = max(r.WeightExp, f.Exp)
	var wrong, power float64
	payload := n.payloadStep(x.From)
	for _, unit := range p.unit {
		step := stepUnits(f) / unit
		if r.StepMin == 0 || step < r.StepMin {
			r.StepMin = step
		}
		r.StepMax = max(r.StepMax, step)
	}
	n.spec.Each(x, func(_, post, weight int) {
		e, step := p.effective(post, x.Weights[weight]*payload), stepUnits(f)/p.unitOf(post)
		d := e - float64(math.RoundToEven(e/step)*step)
		wrong, power = wrong+float64(d*d), power+float64(e*e)
	})
	lost := math.Sqrt(wrong / max(power, math.SmallestNonzeroFloat64))
	r.RMS = max(r.RMS, lost)
	one, step := p.effective(0, payload), stepUnits(f)/p.unitOf(0)
	code := round(one / step)
	n.report.add(Scaling{Object: x.Name, Param: "weights", Float: one, Integer: code, Unit: fmt.Sprintf("%.4g of V", step), Back: float64(code) * step})
	return lost
}
