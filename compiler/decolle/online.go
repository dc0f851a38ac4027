package decolle

import (
	"fmt"
	"math"
	wordbits "math/bits"
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
)

// Learning describes the on-chip rule in real numbers, and how much of the chip a
// Twin takes over: every departure of the chip from the reals is a field, a rung of
// the error budget, and its zero value is the real thing (onchip-learning.md 2-4).
// In a row t from the burn-in on, with the potentials U, traces P, spikes S and
// readout r = G S + gb of a layer and its target y:
//
//	e_c   = r_c - y_c, 0 below DeadZone, at most ErrorLimit   (of row t - Latency)
//	q_i   = sum_c G_ci e_c
//	M_i   = q_i slope(U_i)
//	dW_ij = -Eta rate M_i P_j
type Learning struct {
	Layers []LayerLearning // one a layer

	Surrogate  string      // row of the surrogate table, the slope; empty: boxcar. The step stays the network's
	Window     float64     // half width of the box in U, (0, 1e12]; 0 means 0.5. Other slopes are stretched alike
	DeadZone   float64     // errors smaller than this are 0; >= 0, the recipe has 0.3
	ErrorLimit float64     // largest |e_c|; 0 = none, the recipe's 8 bits hold 1.4 to 2
	ErrorBits  int         // 0..15: bits of e without sign, 0 = real; the chip's scale (ErrorStep), rounded to nearest
	Optimiser  string      // row of the optimiser table; empty: sgd. adamax: beta1 0, beta2 0.95, eps 1e-8, Eta its step
	Every      int         // update in every k-th row from the burn-in on, 1..; 0 means 1
	Trigger    float64     // update only where |q_i| is larger; >= 0, 0 = wherever q_i is not 0
	Latency    int         // rows by which the error is late, 0..64; the chip has 2
	CUBA       bool        // the chip's compartment: an arrived spike keeps the weight it met. Off: U = W P with the present W
	TraceBits  int         // 0..15: bits of the two traces whose difference is P, 0 = real; the chip has 7
	FactorBits int         // 0..15: bits of M without sign, 0 = real, rounded stochastically; the recipe has 7
	WeightStep float64     // 0 = real; else weights are multiples of it, a power of two; the recipe has 1/64
	WeightMax  int         // largest |weight| in WeightSteps; 0 means 127
	Rounding   string      // of weights to WeightStep, row of the rounding table; empty: stochastic
	Bias       bool        // biases learn too, as the weights of a line with P = 1
	Schedule   []RatePoint // ascending from 0; empty: RecipeSchedule
	Seed       uint64      // of all rounding
}

// LayerLearning is what one layer has for itself.
type LayerLearning struct {
	Plastic bool
	Eta     float64 // learning rate, >= 0: weight change for M = P = 1
	Impulse int     // what a spike adds to the integer traces, 1..2^TraceBits-1; 0 means 16
	// FactorStep is the value of the last bit of M with FactorBits while the schedule's
	// factor is 1, and its inverse otherwise; 0: the recipe's scale (factorStep).
	FactorStep float64
}

// RatePoint is a factor on the learning rate from a part of the run on.
type RatePoint struct {
	From   float64 // of all digits, [0, 1]
	Factor float64 // >= 0
}

// RecipeSchedule halves the rate four times (onchip-learning.md 2: K to K+4).
func RecipeSchedule() []RatePoint {
	return []RatePoint{{0, 1}, {0.25, 1. / 2}, {0.5, 1. / 4}, {0.75, 1. / 8}, {0.9, 1. / 16}}
}

// updateShift: a product of two traces loses 3 bits, the rule has 2^-7, and a code is the
// lowest stored bit of the mantissa: a third factor of one unit of its trace changes a
// weight of 8 bits by x2 - x1 in 2^-11 codes (ir/sem/README.md).
func (l Learning) updateShift() int {
	format := sem.WeightFormat{Bits: wordbits.Len(uint(l.Filled().WeightMax)) + 1, Sign: sem.Mixed}
	return 3 + 7 + int(format.LSB())
}

// traceBits of the chip hold a third factor and the units that it is told in.
const traceBits = 7

// FactorUnits is what a third factor of 1 is in a trace of the chip.
func (l Learning) FactorUnits() int64 { return 1 << (traceBits - l.FactorBits) }

// ChipFactorStep is the value of the last bit of the third factor of layer i on the chip:
// M for which Eta M P is what the rule adds for it.
func (l Learning) ChipFactorStep(d Dynamics, i int) float64 {
	layer := l.Filled().Layers[i]
	trace := d.InputGain / ((d.Alpha - d.Beta) * float64(layer.Impulse)) // P for x2 - x1 = 1
	return math.Ldexp(l.WeightStep*float64(l.FactorUnits()), -l.updateShift()) / (layer.Eta * trace)
}

// ChipLatency is the Latency of the chip: the error takes a row to its compartment and
// one back.
const ChipLatency = 2

// boxcarName is the surrogate that a neuron program can compute.
const boxcarName = "boxcar"

// Filled returns l with its defaults spelled out.
func (l Learning) Filled() Learning {
	l.Surrogate = orDefault(l.Surrogate, boxcarName)
	l.Window = orDefault(l.Window, 0.5)
	l.Optimiser = orDefault(l.Optimiser, SGD)
	l.Every = orDefault(l.Every, 1)
	l.WeightMax = orDefault(l.WeightMax, 127)
	l.Rounding = orDefault(l.Rounding, roundings[0].name)
	if len(l.Schedule) == 0 {
		l.Schedule = RecipeSchedule()
	}
	l.Layers = slices.Clone(l.Layers)
	for i := range l.Layers {
		l.Layers[i].Impulse = orDefault(l.Layers[i].Impulse, 16)
	}
	return l
}

// Bounds of the rungs.
const (
	maxLatency = 64
	maxBits    = 15
	maxCodes   = 1 << 24
)

// Validate reports every field that is out of its range for a network, as a
// diag.List of code decolle/spec, each message naming the field.
func (l Learning) Validate(s Spec) error {
	c := checker{code: codeSpec}
	s, l = s.filled(), l.Filled()
	c.prefix = "learn."
	c.name("surrogate", l.Surrogate, surrogateNames())
	c.name("optimizer", l.Optimiser, Optimisers())
	c.name("rounding", l.Rounding, Roundings())
	c.number("window", l.Window, 1/maxReal, maxReal)
	c.number("dead_zone", l.DeadZone, 0, maxReal)
	c.number("error_limit", l.ErrorLimit, 0, maxReal)
	c.number("trigger", l.Trigger, 0, maxReal)
	c.count("error_bits", l.ErrorBits, 0, maxBits)
	c.count("every", l.Every, 1, maxRows)
	c.count("latency", l.Latency, 0, maxLatency)
	c.count("trace_bits", l.TraceBits, 0, maxBits)
	c.count("factor_bits", l.FactorBits, 0, maxBits)
	c.count("weight_max", l.WeightMax, 1, maxCodes)
	c.powerOfTwo("weight_step", l.WeightStep)
	c.schedule(l.Schedule)
	if l.TraceBits > 0 && s.Alpha == s.Beta {
		c.list.Add(diag.Pos{}, c.code, "learn.trace_bits is %d, but alpha and beta are both %v", l.TraceBits, s.Alpha).
			WithFix("P is the difference of two traces only where alpha and beta differ")
	}
	c.learningLayers(s, l)
	return c.list.Err()
}

func (c *checker) learningLayers(s Spec, l Learning) {
	if c.count("layers", len(l.Layers), len(s.Layers), len(s.Layers)); len(l.Layers) != len(s.Layers) {
		return
	}
	for i, layer := range s.Layers {
		if layer.Kind != Dense {
			c.list.Add(diag.Pos{}, c.code, "layers[%d].kind is %q", i, layer.Kind).
				WithFix("the twin of on-chip learning runs dense layers; train others with a Trainer")
		}
		c.prefix = fmt.Sprintf("learn.layers[%d].", i)
		c.number("eta", l.Layers[i].Eta, 0, maxReal)
		c.number("factor_step", l.Layers[i].FactorStep, 0, maxReal)
		c.count("impulse", l.Layers[i].Impulse, 1, traceMax(orDefault(l.TraceBits, maxBits)))
	}
}

// powerOfTwo checks a step that may be 0: only powers of two keep codes exact.
func (c *checker) powerOfTwo(field string, x float64) {
	fraction, exp := math.Frexp(x)
	if x != 0 && (fraction != 0.5 || exp < -30 || exp > 30) {
		c.list.Add(diag.Pos{}, c.code, "%s%s is %v", c.prefix, field, x).WithFix("use 0 or a power of two from 2^-31 to 2^29, for example %v", 1./64)
	}
}

func (c *checker) schedule(points []RatePoint) {
	for i, p := range points {
		c.number(fmt.Sprintf("schedule[%d].factor", i), p.Factor, 0, maxReal)
		c.number(fmt.Sprintf("schedule[%d].from", i), p.From, 0, 1)
		if i == 0 && p.From != 0 || i > 0 && p.From <= points[i-1].From {
			c.list.Add(diag.Pos{}, c.code, "%sschedule[%d] begins at %v", c.prefix, i, p.From).
				WithFix("begin at 0 and list the changes in ascending order")
		}
	}
}

// Rate is the factor on the learning rate of presentation k (from 0) of n.
func (l Learning) Rate(k, n int) float64 {
	factor := 0.0
	for _, p := range l.Filled().Schedule {
		if p.From*float64(n) <= float64(k) {
			factor = p.Factor
		}
	}
	return factor
}

// ReadoutCodes is Y of the recipe, the target of the true class in the chip's
// readout units: G of 8 bits fills its range, G_code = 127 G / bound, so that a
// readout of 1 is Y = 127 / bound codes (onchip-learning.md 2).
func (s Spec) ReadoutCodes(neurons int) float64 {
	return math.Round(127 / bound(s.LCAmpl, neurons))
}

// errorShift is ES of the recipe: the least shift that brings an error of 1 below 127.
func errorShift(codes float64) int {
	shift := 0
	for codes >= math.Ldexp(127, shift) {
		shift++
	}
	return shift
}

// ErrorStep is the value of the last bit of an error that is cut to a number of bits;
// 7 bits are the recipe's e = d >> ES.
func ErrorStep(codes float64, width int) float64 {
	return math.Ldexp(1, errorShift(codes)+7-width) / codes
}

// factorStep is the value of the last bit of a third factor M of a number of bits;
// 7 bits are the recipe's M = q >> 7, and the range is the same for any number.
func factorStep(codes float64, width int) float64 {
	return math.Ldexp(1, errorShift(codes)+14-width) / (codes * codes)
}

// traceMax is the largest value of a trace.
func traceMax(width int) int { return 1<<width - 1 }
