package quantise

import "math"

// Scaling explains one number: what it was, what it became, what one unit means,
// and what the integer stands for when read back.
type Scaling struct {
	Object  string  // "neuron" for all, else the layer or synapse
	Param   string  // name in the neuron program, or "weights"
	Index   int     // neuron, -1 or 0 where one value serves all
	Float   float64 // value in the float network
	Integer int64
	Unit    string  // what 1 of Integer is
	Back    float64 // the float value that Integer stands for
}

// Error is the relative error of the integer, or the absolute one where the float is 0.
func (s Scaling) Error() float64 {
	if s.Float == 0 {
		return math.Abs(s.Back)
	}
	return math.Abs(s.Back-s.Float) / math.Abs(s.Float)
}

// LayerReport sums up a layer.
type LayerReport struct {
	Name       string
	Neurons    int
	WeightBits int
	WeightExp  int
	// Step is the float weight of one mantissa code, least and greatest over neurons.
	StepMin, StepMax float64
	// RMS is the root mean square error of the weights, relative to their own RMS.
	RMS     float64
	Clipped int // weights limited by the code range
	// Disagreements counts calibration rows in which a neuron's integer spike differs
	// from the float spike, before (largest weight = largest code) and after the search.
	Decisions, Before, After int
}

// Report is the explanation of a module's numbers.
type Report struct {
	Scalings []Scaling
	Layers   []LayerReport
}

func (r *Report) add(s Scaling) { r.Scalings = append(r.Scalings, s) }

func round(x float64) int64 { return int64(math.RoundToEven(x)) }
