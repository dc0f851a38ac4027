package model

import (
	"decc/ir"
	"decc/ir/diag"
)

// Spiking is a network of real numbers as the text gives it, defaults filled in. What
// comes out of files is there after Resolve.
type Spiking struct {
	Presented   `yaml:",inline"`
	Integration string       `yaml:"integration"` // "euler" or "exponential"
	Populations []Population `yaml:"populations"`
	Connections []Connection `yaml:"connections"`
	Quantise    Narrow       `yaml:"quantise"`
}

// Population is Size neurons alike.
type Population struct {
	Name  string   `yaml:"name"`
	Size  int      `yaml:"size"`  // Validate takes it from Shape where that is given
	Shape []int    `yaml:"shape"` // channels, rows and columns, or nil
	Cell  Cell     `yaml:"neuron"`
	Pos   diag.Pos `yaml:"-"`
}

// Cell is the dynamics of a neuron, by the names of NIR (github.com/neuromorphs/NIR) where it
// has one. Values have one number or one a neuron after Resolve; those that the kind does not
// have, or that the text leaves out, are without Data. Time constants are in ms.
type Cell struct {
	Kind       string `yaml:"kind"` // one of kinds
	Tau        Reals  `yaml:"tau"`
	TauMem     Reals  `yaml:"tau_mem"`
	TauSyn     Reals  `yaml:"tau_syn"`
	R          Reals  `yaml:"r"`
	WIn        Reals  `yaml:"w_in"`
	VLeak      Reals  `yaml:"v_leak"`
	VThreshold Reals  `yaml:"v_threshold"`
	VLower     Reals  `yaml:"v_lower"`
	VReset     Reals  `yaml:"v_reset"`
	Reset      string `yaml:"reset"` // "set" or "subtract"
	// What kind ATRLIF has beside.
	TauThreshold  Reals `yaml:"tau_threshold"`
	TauRefractory Reals `yaml:"tau_refractory"`
	ThresholdStep Reals `yaml:"threshold_step"`
}

// kinds are the kinds of cells; those that NIR has no node for follow Lava's neurons.
var kinds = map[string]struct {
	silent   bool // never spikes
	timeless bool // its time constants may be left out
	// carries is what its spikes carry, "" for nothing.
	carries string
	// limits are what numbers of a key may be.
	limits map[string]limit
}{
	"I": {silent: true}, "LI": {silent: true}, "CubaLI": {silent: true},
	"IF": {}, "LIF": {}, "CubaLIF": {}, "Threshold": {},
	"TernaryLIF": {timeless: true, carries: "signs", limits: map[string]limit{"v_threshold": notBelow, "v_lower": notAbove}},
	"Graded":     {carries: "values", limits: map[string]limit{"v_threshold": notBelow}},
	"GradedReLU": {carries: "values", limits: map[string]limit{"v_threshold": notBelow}},
	"ATRLIF":     {timeless: true, limits: map[string]limit{"v_threshold": above}},
}

// limit is what a number may be, in words and as a test.
type limit struct {
	text string
	ok   func(x float64) bool
}

// Neurons at rest are silent: their thresholds lie around 0.
var (
	notBelow = limit{"0 or more", func(x float64) bool { return x >= 0 }}
	notAbove = limit{"0 or less", func(x float64) bool { return x <= 0 }}
	above    = limit{"above 0", func(x float64) bool { return x > 0 }}
)

// cellValue is a value of a Cell with its key.
type cellValue struct {
	key    string
	values *Reals
	time   bool // it is a time constant
}

// values lists the values of a cell with their keys.
func (c *Cell) values() []cellValue {
	return []cellValue{
		{"tau", &c.Tau, true},
		{"tau_mem", &c.TauMem, true},
		{"tau_syn", &c.TauSyn, true},
		{"r", &c.R, false},
		{"w_in", &c.WIn, false},
		{"v_leak", &c.VLeak, false},
		{"v_threshold", &c.VThreshold, false},
		{"v_lower", &c.VLower, false},
		{"v_reset", &c.VReset, false},
		{"tau_threshold", &c.TauThreshold, true},
		{"tau_refractory", &c.TauRefractory, true},
		{"threshold_step", &c.ThresholdStep, false},
	}
}

// Spikes tells that neurons of the kind can spike.
func (c *Cell) Spikes() bool { return !kinds[c.Kind].silent }

// Connection is weights between two populations. Values, Biases, Slide and KernelShape are
// set by Resolve.
type Connection struct {
	Name     string           `yaml:"name"`
	From     string           `yaml:"from"`
	To       string           `yaml:"to"`
	Weights  *Reals           `yaml:"weights"`
	OneToOne *Reals           `yaml:"one_to_one"`
	Conv     *Kernel[float64] `yaml:"conv"`
	Pool     *Pooling         `yaml:"pool"`
	Bias     *Reals           `yaml:"bias"`
	Delay    Ints             `yaml:"delay"` // rows: one, one a member of From, or one a weight

	// Values are the matrix [to, from], row-major, in which 0 is no synapse, or the
	// kernel of shape KernelShape that Slide slides.
	Values      []float64 `yaml:"-"`
	Slide       *ir.Conv  `yaml:"-"`
	KernelShape []int     `yaml:"-"`
	// Biases are what each member of To gets in a row; nil for none.
	Biases []float64 `yaml:"-"`
	shapes [2][]int
	Pos    diag.Pos `yaml:"-"`
}

// Pooling is sum pooling with one weight, or with the maximum in place of the sum: what a spike
// of any member of the patch brings, however many there are in a row.
type Pooling struct {
	Pool[float64] `yaml:",inline"`
	Kind          string `yaml:"kind"` // "sum" or "max"
}

// Max tells that the connection pools by maximum.
func (k *Connection) Max() bool { return k.Pool != nil && k.Pool.Kind == "max" }

// Narrow is how a spiking network becomes integers.
type Narrow struct {
	WeightBits int     `yaml:"weight_bits"`
	Scale      string  `yaml:"scale"`  // "neuron" or "layer"
	Unit       float64 `yaml:"unit"`   // 0: chosen
	Decays     string  `yaml:"decays"` // "nearest" or "down"
	Calibrate  int     `yaml:"calibrate"`
	// PayloadBits are those of the largest payload of graded neurons, sign included.
	PayloadBits int `yaml:"payload_bits"`
}
