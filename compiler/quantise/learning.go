package quantise

import (
	"fmt"
	"math"

	"decc/compiler/decolle"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/fix"
	"decc/ir/rule"
	"decc/ir/sem"
)

// A plastic layer l becomes (onchip-learning.md 2; decolle.md 5)
//
//	group l           @decolle_learning: third factor, box, trigger, rate
//	group error_l     @local_error: readout, dead zone, error as a graded spike
//	rule decolle_l    dw = third factor times the pre trace x2 - x1
//	synapse w_l       into l.drive, learns
//	synapse g_l       l into error_l.drive, the fixed random readout G
//	synapse b_l       error_l into l.teach, G transposed, graded
//	synapse t_l       label into error_l.teach: whose class the row is
//
// The label is an input of one member a class, which spikes in every row that teaches.

const (
	// LabelInput is the input of modules that learn whose member is the taught class.
	LabelInput = "label"
	// RateParam is the param of learning groups that a schedule changes between
	// presentations, in proportion to its factors.
	RateParam = "rate"

	learningProgram = "decolle_learning"
	errorProgram    = "local_error"
	// plasticRange is the least |U| that the membrane's 24 bits hold.
	plasticRange = 32
	noiseBits    = 24 // of @decolle_learning's noise, thus of its rate
	scaleBits    = 16 // of @local_error's scale
	// readoutBits of the layers that learn: their error needs all.
	plasticReadoutBits = 8
)

// plastic tells whether layer l learns on the chip.
func (q *quantiser) plastic(l int) bool {
	return q.o.Learning != nil && q.o.Learning.Layers[l].Plastic
}

// learns tells whether any layer does.
func (o Options) learns() bool {
	if o.Learning == nil {
		return false
	}
	for _, l := range o.Learning.Layers {
		if l.Plastic {
			return true
		}
	}
	return false
}

// rungs are the departures from the reals that the chip cannot leave out, or has not.
var rungs = []struct {
	field, fix string
	ok         func(l *decolle.Learning) bool
}{
	{"surrogate", "use boxcar, which a neuron program can compute", func(l *decolle.Learning) bool { return l.Surrogate == "" || l.Surrogate == "boxcar" }},
	{"optimizer", "use sgd: the learning engine keeps no state beside the weight", func(l *decolle.Learning) bool { return l.Optimiser == "" || l.Optimiser == decolle.SGD }},
	{"rounding", "use stochastic", func(l *decolle.Learning) bool { return l.Rounding == "" || l.Rounding == decolle.Roundings()[0] }},
	{"bias", "leave biases at rest", func(l *decolle.Learning) bool { return !l.Bias }},
	{"latency", "use 2 or more rows: the error goes to its compartment and back", func(l *decolle.Learning) bool { return l.Latency >= decolle.ChipLatency }},
	{"weight_step", "give the value of a weight code", func(l *decolle.Learning) bool { return l.WeightStep > 0 }},
	{"error_bits", "use 1..7", func(l *decolle.Learning) bool { return 1 <= l.ErrorBits && l.ErrorBits <= 7 }},
	{"factor_bits", "use 1..7; more than 4 are rounded down by the engine", func(l *decolle.Learning) bool { return 1 <= l.FactorBits && l.FactorBits <= 7 }},
	{"trace_bits", "use 2..7", func(l *decolle.Learning) bool { return 2 <= l.TraceBits && l.TraceBits <= 7 }},
}

// checkLearning refuses what the chip's learning cannot be.
func (o Options) checkLearning(s decolle.Spec, bad *diag.List) {
	if !o.learns() {
		return
	}
	if err := o.Learning.Validate(s); err != nil {
		*bad = append(*bad, diag.All(err)...)
		return
	}
	for _, r := range rungs {
		if !r.ok(o.Learning) {
			bad.Add(diag.Pos{}, "quantise/learning", "learn.%s is not what the chip can do", r.field).WithFix("%s", r.fix)
		}
	}
	if !o.FreeGain {
		bad.Add(diag.Pos{}, "quantise/learning", "the chip's neurons cannot write a third factor").WithFix("choose a chip that runs any neuron program, such as loihi2")
	}
}

// scale is what the numbers of a plastic layer mean.
type scale struct {
	format sem.WeightFormat
	step   float64 // of a weight code
	gain   int64
	unit   float64 // v units of U = 1
	codes  float64 // readout units (64 of drive) of r = 1
	error  float64 // units of the error of 1
	rate   float64 // of @decolle_learning at factor 1 of the schedule
}

func (q *quantiser) scale(l int) scale {
	learning, n := q.o.Learning, len(q.params[l].B)
	s := scale{format: halfMantissa(q.o.WeightBits), step: learning.WeightStep}
	full := stepUnits(s.format) / s.step * q.stepGain() / q.floatGain()
	s.gain = maxGain
	for s.gain > 1 && full*float64(s.gain)/maxGain*plasticRange > biasLimit24+1 {
		s.gain /= 2
	}
	s.unit = full * float64(s.gain) / maxGain
	s.codes = q.net.Spec().ReadoutCodes(n)
	s.error = 1 / decolle.ErrorStep(s.codes, learning.ErrorBits)
	// The chip's sum of G e is codes * error where that of the network is 1.
	s.rate = math.Ldexp(1, noiseBits) / (learning.ChipFactorStep(q.dyn, l) * s.codes * s.error)
	return s
}

// halfMantissa is the format whose exponent makes a code 64 units of drive.
func halfMantissa(bits int) sem.WeightFormat {
	f := sem.WeightFormat{Bits: bits, Sign: sem.Mixed}
	f.Exp = -int(f.LSB())
	return f
}

// plasticLayer appends layer l, its readout and error, and its learning.
func (q *quantiser) plasticLayer(l int) error {
	s := q.scale(l)
	if s.rate >= 1<<noiseBits || s.rate < 1 {
		return diag.Errorf(position(q.o, l), "quantise/learning", "layer %s: the learning rate %g is %g units of the third factor, allowed is 1..2^%d",
			layerName(q.o, l), q.o.Learning.Layers[l].Eta, s.rate, noiseBits).WithFix("change eta, weight_step or the impulse")
	}
	for _, add := range []func(int, scale) error{q.learningGroup, q.errorGroup, q.learningRule, q.learningSynapses} {
		if err := add(l, s); err != nil {
			return err
		}
	}
	name := layerName(q.o, l)
	q.module.Layers = append(q.module.Layers, &ir.Layer{
		Name: name, Spikes: name, Readout: errorName(name), Value: "y", ReadoutLag: 1, Pos: position(q.o, l),
	})
	q.explainLearning(l, s)
	return nil
}

func errorName(layer string) string { return "error_" + layer }

func (q *quantiser) learningGroup(l int, s scale) error {
	program, err := q.program(q.module, learningProgram)
	if err != nil {
		return err
	}
	learning := q.o.Learning
	bias := make([]int64, len(q.params[l].B))
	for i, b := range q.params[l].B {
		bias[i] = fix.Clamp(round(s.unit*b), -biasLimit24, biasLimit24)
	}
	g := &ir.Group{Name: layerName(q.o, l), N: len(bias), Program: program, Pos: position(q.o, l)}
	for _, p := range []ir.Param{
		{Name: "du", Values: ir.Scalar(q.du)},
		{Name: "dv", Values: ir.Scalar(q.dv)},
		{Name: "dr", Values: ir.Scalar(q.dr)},
		{Name: "gain", Values: ir.Scalar(s.gain)},
		{Name: "wr", Values: ir.Scalar(fix.Clamp(round(s.unit*q.dyn.Refractory), 0, biasLimit24))},
		{Name: "bias", Values: compact(bias)},
		{Name: "vth", Values: ir.Scalar(q.threshold())},
		{Name: "window", Values: ir.Scalar(min(round(s.unit*learning.Window), biasLimit24))},
		{Name: "trigger", Values: ir.Scalar(round(learning.Trigger * s.codes * s.error))},
		{Name: RateParam, Values: ir.Scalar(round(s.rate))},
		{Name: "most", Values: ir.Scalar(1<<learning.FactorBits - 1)},
		{Name: "unit", Values: ir.Scalar(learning.FactorUnits())},
	} {
		g.SetParam(p.Name, p.Values)
	}
	q.module.Groups = append(q.module.Groups, g)
	return nil
}

func (q *quantiser) errorGroup(l int, s scale) error {
	program, err := q.program(q.module, errorProgram)
	if err != nil {
		return err
	}
	learning, p := q.o.Learning, q.params[l]
	bias := make([]int64, len(p.GB))
	for c, b := range p.GB {
		bias[c] = fix.Clamp(round(b*s.codes*stepUnits(halfMantissa(plasticReadoutBits))), -biasLimit24, biasLimit24)
	}
	g := &ir.Group{Name: errorName(layerName(q.o, l)), N: len(bias), Program: program, Pos: position(q.o, l)}
	for _, p := range []ir.Param{
		{Name: "bias", Values: compact(bias)},
		{Name: "target", Values: ir.Scalar(round(s.codes))},
		{Name: "dead", Values: ir.Scalar(round(learning.DeadZone * s.codes))},
		{Name: "scale", Values: ir.Scalar(round(math.Ldexp(s.error/s.codes, scaleBits)))},
		{Name: "most", Values: ir.Scalar(1<<learning.ErrorBits - 1)},
	} {
		g.SetParam(p.Name, p.Values)
	}
	q.module.Groups = append(q.module.Groups, g)
	return nil
}

func ruleName(layer string) string { return "decolle_" + layer }

func (q *quantiser) learningRule(l int, _ scale) error {
	name := ruleName(layerName(q.o, l))
	learned, err := rule.Builtin("decolle")
	if err != nil {
		return err
	}
	learned.Name = name
	r := &ir.Rule{Rule: learned, Pos: position(q.o, l)}
	impulse := int32(q.o.Learning.Layers[l].Impulse) << 8
	r.Traces[sem.X1.TraceIndex()] = sem.Trace{Impulse: impulse, Decay: int32(q.du)}
	r.Traces[sem.X2.TraceIndex()] = sem.Trace{Impulse: impulse, Decay: int32(q.dv)}
	q.module.Rules = append(q.module.Rules, r)
	return nil
}

func (q *quantiser) learningSynapses(l int, s scale) error {
	p, name, pos := q.params[l], layerName(q.o, l), position(q.o, l)
	pre := inputName
	if l > 0 {
		pre = layerName(q.o, l-1)
	}
	neurons, classes := len(p.B), len(p.GB)
	readout := halfMantissa(plasticReadoutBits)
	forward := codes(p.G, 1/s.codes, plasticReadoutBits)
	back := ir.Scalar(int64(q.o.Learning.Latency - decolle.ChipLatency))
	if q.o.Learning.Latency == decolle.ChipLatency {
		back = nil
	}
	q.module.Synapses = append(q.module.Synapses,
		&ir.Synapse{
			Name: "w_" + name, Pre: pre, Post: name, Port: "drive", Format: s.format, Rule: ruleName(name), Pos: pos,
			Weights: ir.NewTensor(mantissasOf(codes(p.W, s.step, q.o.WeightBits), s.format), neurons, len(p.W)/neurons),
		},
		&ir.Synapse{
			Name: "g_" + name, Pre: name, Post: errorName(name), Port: "drive", Format: readout, Pos: pos,
			Weights: ir.NewTensor(mantissasOf(forward, readout), classes, neurons),
		},
		&ir.Synapse{
			Name: "b_" + name, Pre: errorName(name), Post: name, Port: "teach", Format: readout, Graded: true, Delay: back, Pos: pos,
			Weights: ir.NewTensor(mantissasOf(transposed(forward, classes, neurons), readout), neurons, classes),
		},
		&ir.Synapse{
			Name: "t_" + name, Pre: LabelInput, Post: errorName(name), Port: "teach", Format: readout, Pos: pos,
			Weights: ir.NewTensor(labelWeights(classes, readout), classes, classes),
		})
	return nil
}

func mantissasOf(codes []int32, f sem.WeightFormat) []int64 {
	m := make([]int64, len(codes))
	for i, c := range codes {
		m[i] = int64(c) << f.LSB()
	}
	return m
}

// transposed turns [rows, cols] into [cols, rows].
func transposed(x []int32, rows, cols int) []int32 {
	out := make([]int32, len(x))
	for r := range rows {
		for c := range cols {
			out[c*rows+r] = x[r*cols+c]
		}
	}
	return out
}

// labelWeights tell every class whether it is the one: 1 code or -1.
func labelWeights(classes int, f sem.WeightFormat) []int64 {
	m := make([]int64, classes*classes)
	for to := range classes {
		for from := range classes {
			m[to*classes+from] = -1 << f.LSB()
		}
		m[to*classes+to] = 1 << f.LSB()
	}
	return m
}

// explainLearning adds the numbers of a plastic layer to the report.
func (q *quantiser) explainLearning(l int, s scale) {
	learning, name := q.o.Learning, layerName(q.o, l)
	layer := learning.Layers[l]
	q.report.Layers = append(q.report.Layers, LayerReport{
		Name: name, Neurons: len(q.params[l].B), WeightBits: s.format.Bits, WeightExp: s.format.Exp, StepMin: s.step, StepMax: s.step,
	})
	top := codeLimit(s.format.Bits)
	for _, x := range []struct {
		param       string
		float, unit float64 // unit is the integer of 1
		of          string
	}{
		{"weights", top * s.step, 1 / s.step, "W"},
		{"window", learning.Window, s.unit, "U"},
		{"target", 1, s.codes, "r"},
		{"dead", learning.DeadZone, s.codes, "r"},
		{"error", 1, s.error, "e"},
		{RateParam, layer.Eta, s.rate / max(layer.Eta, math.SmallestNonzeroFloat64), "eta"},
	} {
		n := round(x.float * x.unit)
		q.report.add(Scaling{
			Object: name, Param: x.param, Index: -1, Float: x.float, Integer: n, Unit: fmt.Sprintf("%.4g of %s", 1/x.unit, x.of), Back: float64(n) / x.unit,
		})
	}
}
