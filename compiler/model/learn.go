package model

import (
	"decc/ir/chip"
	"decc/ir/diag"
)

// The rules of Learn.Rule.
const (
	// RuleDecolle is DECOLLE's rule for every plastic layer, with its third factor
	// written by the neurons (DESIGN 5).
	RuleDecolle = "decolle"
	// RuleSOEL is the error-triggered rule of the last layer (decolle.md 5.1).
	RuleSOEL = "soel"
	// RuleSign is the rule of the last layer whose error has its sign in the choice of
	// the learning profile (decolle.md 5.2).
	RuleSign = "sign"
)

// Plastic is what a layer that learns on the chip has for itself. Values that the text
// leaves out are those of Learn.
type Plastic struct {
	Eta     float64 `yaml:"eta"`     // learning rate, > 0
	Init    float64 `yaml:"init"`    // standard deviation of the first weights, >= 0
	Impulse int     `yaml:"impulse"` // of the two pre traces, 1..2^TraceBits-1

	off bool // the text says false
}

// Learn is how the plastic layers learn on the chip. The defaults are the recipe of
// onchip-learning.md 2, with the factor short enough for exponents of at least 2^-7.
type Learn struct {
	Rule         string       `yaml:"rule"`          // RuleDecolle, RuleSOEL or RuleSign
	Eta          float64      `yaml:"eta"`           // of a layer that gives none, > 0
	Init         float64      `yaml:"init"`          // of a layer that gives none, >= 0
	Impulse      int          `yaml:"impulse"`       // of a layer that gives none
	DeadZone     float64      `yaml:"dead_zone"`     // smaller errors are 0, in units of the target 1, >= 0
	Window       float64      `yaml:"window"`        // half width of the box in U, > 0
	Every        int          `yaml:"every"`         // update in every k-th row, 1..64
	Trigger      float64      `yaml:"trigger"`       // update where |sum G e| is larger, >= 0
	TraceBits    int          `yaml:"trace_bits"`    // 2..7
	FactorBits   int          `yaml:"factor_bits"`   // of the third factor without sign, 1..4
	ErrorBits    int          `yaml:"error_bits"`    // of the error without sign, 1..7
	WeightStep   float64      `yaml:"weight_step"`   // value of one weight code, > 0
	Rounding     string       `yaml:"rounding"`      // stochastic, nearest or shared
	ExtraLatency int          `yaml:"extra_latency"` // rows beyond those of the chip, 0..16
	Schedule     []RateFactor `yaml:"schedule"`      // at least one, the first from 0, ascending
	Digits       int          `yaml:"digits"`        // samples in all, over all passes
	Order        string       `yaml:"order"`         // of the first pass: file or shuffled
	Set          string       `yaml:"set"`           // "" where there is no data section either
	Split        string       `yaml:"split"`
	Steps        int          `yaml:"steps"` // rows a sample, 0 where there is no data section either
	Seed         uint64       `yaml:"seed"`
	Host         Host         `yaml:"host"` // rules soel and sign
}

// RateFactor is a factor on the learning rates from a part of the run on.
type RateFactor struct {
	From   float64 // fraction of all digits, [0, 1)
	Factor float64 // >= 0
}

// Host is what the embedded processor does under the rules of the last layer.
type Host struct {
	Epoch     int `yaml:"epoch"`      // rows between two looks at the counters
	Target    int `yaml:"target"`     // spikes of the right class in an epoch, at most Epoch
	Offset    int `yaml:"offset"`     // post trace that stands for no error, 0..127; soel
	ThetaStep int `yaml:"theta_step"` // of the adaptive threshold, in spikes; soel
}

// FirstLearning is the first layer of the network that learns on the chip, or -1.
func (d *Decolle) FirstLearning() int {
	for i := range d.Layers {
		if d.Layers[i].Plastic != nil {
			return i
		}
	}
	return -1
}

// CheckTarget reports a learning rule that a chip cannot run: DECOLLE's needs neurons
// that write the third factor into a trace, which only chips with free neuron programs
// have. The error is a diagnostic of code model/target at the rule.
func (m *Model) CheckTarget(c *chip.Spec) error {
	d := m.Decolle
	if d == nil || d.Learn == nil || d.Learn.Rule != RuleDecolle || d.FirstLearning() < 0 || c.RunsAny() {
		return nil
	}
	return diag.Errorf(m.At("learn.rule"), codeTarget, "rule %s does not run on %s: its neurons cannot write the third factor of a layer into a trace", RuleDecolle, c.Name).
		WithNote("only the host writes post traces there, too slowly and too few for the error of every neuron").
		WithFix("use target loihi2, or rule %s or %s with the last layer alone plastic", RuleSOEL, RuleSign)
}
