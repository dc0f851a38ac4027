package model

import (
	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// Decolle is a DECOLLE network as the text gives it, defaults filled in.
type Decolle struct {
	Precision string      `yaml:"precision"` // "f32" or "f64"
	Input     Input       `yaml:"input"`
	Neuron    Neuron      `yaml:"neuron"`
	Layers    []Layer     `yaml:"layers"`
	Readout   Readout     `yaml:"readout"`
	Weights   *WeightFile `yaml:"weights"` // nil: untrained
	Data      *Data       `yaml:"data"`    // nil: none given
	Train     Train       `yaml:"train"`
	Learn     *Learn      `yaml:"learn"` // nil: nothing learns on the chip
	Quantise  Quantise    `yaml:"quantise"`
	// Tensors are the trained parameters of each layer, set by Resolve where there
	// is a weights section.
	Tensors []LayerTensors `yaml:"-"`
}

// Input is the input population.
type Input struct {
	Shape []int `yaml:"shape"` // [n] or [channels, rows, columns]
}

// Shape is a block of neurons: channels, rows, columns, numbered in that order.
type Shape struct{ C, H, W int }

// Size is the number of neurons.
func (s Shape) Size() int { return s.C * s.H * s.W }

// sound reports whether a block is within the bounds of the float reference.
func (s Shape) sound() bool {
	return s.C <= maxMembers && s.H <= maxSide && s.W <= maxSide && s.Size() <= maxMembers
}

// Block is the input as a block; [n] is n channels of one pixel.
func (in Input) Block() Shape {
	if len(in.Shape) == 3 {
		return Shape{in.Shape[0], in.Shape[1], in.Shape[2]}
	}
	s := Shape{1, 1, 1}
	for _, n := range in.Shape {
		s.C *= n
	}
	return s
}

// Neuron is the dynamics of all layers (golden/decolle/README.md has the
// equations). Time constants, where the text gives them, are already in the decays.
type Neuron struct {
	Model     string  `yaml:"model"`   // LIFLayer, LIFLayerNonorm or Published
	Alpha     float64 `yaml:"alpha"`   // decay of P a row, [0, 1)
	Beta      float64 `yaml:"beta"`    // decay of Q a row, [0, 1)
	AlphaRP   float64 `yaml:"alpharp"` // decay of R a row, [0, 1)
	TauMem    float64 `yaml:"tau_mem"` // ms, 0 where the text gives alpha
	TauSyn    float64 `yaml:"tau_syn"` // ms, 0 where the text gives beta
	TauRef    float64 `yaml:"tau_ref"` // ms, 0 where the text gives alpharp
	WRP       float64 `yaml:"wrp"`     // weight of R, >= 0
	Gain      float64 `yaml:"gain"`    // factor on input spikes, not 0
	Surrogate string  `yaml:"surrogate"`
}

// Layer is one layer: dense where Conv is nil.
type Layer struct {
	Name        string   `yaml:"name"`
	Dense       int      `yaml:"dense"` // neurons, 0 for a convolution
	Conv        *Conv    `yaml:"conv"`
	Regulariser float64  `yaml:"regulariser"` // lambda, >= 0
	Frozen      bool     `yaml:"frozen"`
	Plastic     *Plastic `yaml:"plastic"` // nil: the layer does not learn on the chip

	// In is the block of input lines, Compartments that of the layer before pooling,
	// Out that of its spikes.
	In, Compartments, Out Shape    `yaml:"-"`
	Pos                   diag.Pos `yaml:"-"`
}

// Conv is a convolution with a square kernel.
type Conv struct {
	Channels int `yaml:"channels"`
	Kernel   int `yaml:"kernel"`
	Stride   int `yaml:"stride"`
	Padding  int `yaml:"padding"`
	Pool     int `yaml:"pool"` // side of the max-pooling window; 1 is none
}

// WeightShape is the shape of the layer's weights: [out, in] or [out, in, k, k].
func (l *Layer) WeightShape() []int {
	if l.Conv != nil {
		return []int{l.Conv.Channels, l.In.C, l.Conv.Kernel, l.Conv.Kernel}
	}
	return []int{l.Dense, l.In.Size()}
}

// Readout is the readout that every layer has.
type Readout struct {
	Classes int     `yaml:"classes"`
	LCAmpl  float64 `yaml:"lc_ampl"`
	OnChip  string  `yaml:"on_chip"` // "all", or "last" for that of the last layer alone
}

// WeightFile says where the trained parameters are.
type WeightFile struct {
	File   string            `yaml:"file"`
	Prefix string            `yaml:"prefix"`
	Names  map[string]string `yaml:"names"` // usual name to the one in the file
	// Path is File with variables put in, from the working folder; set by Resolve.
	Path string `yaml:"-"`
}

// LayerTensors are the parameters of one layer. Biases that the file does not have
// are zeros.
type LayerTensors struct {
	Weight      *weights.Tensor // Layer.WeightShape
	Bias        *weights.Tensor // [out]
	Readout     *weights.Tensor // [classes, neurons of Out]
	ReadoutBias *weights.Tensor // [classes]
}

// Data is the data set that a network is run on.
type Data struct {
	Set     string  `yaml:"set"`
	Folder  string  `yaml:"folder"` // "" is the usual place
	Split   string  `yaml:"split"`
	Samples []int   `yaml:"samples"` // positions, nil for all
	Count   int     `yaml:"count"`   // the first so many, 0 for all
	Encoder Encoder `yaml:"encoder"`
	Steps   int     `yaml:"steps"`   // rows a sample
	BurnIn  int     `yaml:"burn_in"` // first rows without vote and update
	// Path is Folder with variables put in, from the working folder; set by Resolve.
	Path string `yaml:"-"`
}

// Train is how the network is trained.
type Train struct {
	Loss        string         `yaml:"loss"`
	Optimiser   Optimiser      `yaml:"optimiser"`
	Schedule    []LearningRate `yaml:"schedule"` // at least one, the first from digit 0
	Batch       int            `yaml:"batch"`
	Digits      int            `yaml:"digits"` // samples seen in all
	Set         string         `yaml:"set"`    // "" where there is no data section either
	Split       string         `yaml:"split"`
	Steps       int            `yaml:"steps"` // rows a sample
	Dropout     float64        `yaml:"dropout"`
	Update      string         `yaml:"update"` // "online" or "sequence"
	Init        string         `yaml:"init"`   // "lsuv" or "plain"
	Regulariser float64        `yaml:"regulariser"`
	Seed        uint64         `yaml:"seed"`
}

// LearningRate is the rate from a number of samples seen on.
type LearningRate struct {
	From int
	Rate float64
}

// Optimiser is how a gradient moves a parameter.
type Optimiser struct {
	Kind  string  `yaml:"kind"`
	LR    float64 `yaml:"lr"` // that of Schedule[0]
	Beta1 float64 `yaml:"beta1"`
	Beta2 float64 `yaml:"beta2"`
	Eps   float64 `yaml:"eps"`
}

// Quantise is how real numbers become integers.
type Quantise struct {
	WeightBits int       `yaml:"weight_bits"`
	Scale      string    `yaml:"scale"` // "neuron" or "layer"
	Clip       string    `yaml:"clip"`  // "search" or "none"
	Calibrate  Calibrate `yaml:"calibrate"`
}

// Calibrate says which samples the ranges are measured on: the first Digits of Split.
type Calibrate struct {
	Digits int    `yaml:"digits"`
	Split  string `yaml:"split"`
}
