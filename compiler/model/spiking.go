package model

import (
	"fmt"

	"gopkg.in/yaml.v3"

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

// Cell is the dynamics of a neuron by the names of NIR (github.com/neuromorphs/NIR). Values
// have one number or one a neuron after Resolve; those that the kind does not have are
// without Data. Time constants are in ms.
type Cell struct {
	Kind       string `yaml:"kind"` // I, IF, LI, LIF, CubaLI, CubaLIF or Threshold
	Tau        Reals  `yaml:"tau"`
	TauMem     Reals  `yaml:"tau_mem"`
	TauSyn     Reals  `yaml:"tau_syn"`
	R          Reals  `yaml:"r"`
	WIn        Reals  `yaml:"w_in"`
	VLeak      Reals  `yaml:"v_leak"`
	VThreshold Reals  `yaml:"v_threshold"`
	VReset     Reals  `yaml:"v_reset"`
	Reset      string `yaml:"reset"` // "set" or "subtract"
}

// cellValue is a value of a Cell with its key.
type cellValue struct {
	key    string
	values *Reals
}

// values lists the values of a cell with their keys.
func (c *Cell) values() []cellValue {
	return []cellValue{
		{"tau", &c.Tau},
		{"tau_mem", &c.TauMem},
		{"tau_syn", &c.TauSyn},
		{"r", &c.R},
		{"w_in", &c.WIn},
		{"v_leak", &c.VLeak},
		{"v_threshold", &c.VThreshold},
		{"v_reset", &c.VReset},
	}
}

// Spikes tells that neurons of the kind can spike.
func (c *Cell) Spikes() bool { return c.Kind != "I" && c.Kind != "LI" && c.Kind != "CubaLI" }

// Connection is weights between two populations. Values, Biases, Slide and KernelShape are
// set by Resolve.
type Connection struct {
	Name     string      `yaml:"name"`
	From     string      `yaml:"from"`
	To       string      `yaml:"to"`
	Weights  *Reals      `yaml:"weights"`
	OneToOne *Reals      `yaml:"one_to_one"`
	Conv     *RealKernel `yaml:"conv"`
	Pool     *RealPool   `yaml:"pool"`
	Bias     *Reals      `yaml:"bias"`
	Delay    Ints        `yaml:"delay"` // rows: one, one a member of From, or one a weight

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

// RealKernel is the weights of a convolution and how they slide over the source.
type RealKernel struct {
	Weights  Reals `yaml:"kernel"`
	Size     *Pair `yaml:"size"` // of a kernel of the text; nil for a file's
	Stride   Pair  `yaml:"stride"`
	Padding  Pair  `yaml:"padding"`
	Dilation Pair  `yaml:"dilation"`
	Groups   int   `yaml:"groups"`
}

// RealPool is sum pooling with one weight.
type RealPool struct {
	Size    Pair    `yaml:"size"`
	Weight  float64 `yaml:"weight"`
	Stride  *Pair   `yaml:"stride"` // nil: Size
	Padding Pair    `yaml:"padding"`
}

// Narrow is how a spiking network becomes integers.
type Narrow struct {
	WeightBits int     `yaml:"weight_bits"`
	Scale      string  `yaml:"scale"`  // "neuron" or "layer"
	Unit       float64 `yaml:"unit"`   // 0: chosen
	Decays     string  `yaml:"decays"` // "nearest" or "down"
	Calibrate  int     `yaml:"calibrate"`
}

// Reals are numbers that the text gives as one number, a list or a matrix, or names as a
// tensor of a file. After Resolve, Data is row-major and Shape is [] for one number.
type Reals struct {
	Tensor *TensorRef // nil: written in the text
	Data   []float64
	Shape  []int

	ragged bool // rows of different lengths
}

// UnmarshalYAML reads a number, a list, a matrix or a tensor of a file.
func (x *Reals) UnmarshalYAML(n *yaml.Node) error {
	switch {
	case n.Kind == yaml.MappingNode:
		x.Tensor = &TensorRef{}
		return n.Decode(x.Tensor)
	case n.Kind == yaml.ScalarNode:
		x.Data = make([]float64, 1)
		return n.Decode(&x.Data[0])
	}
	x.Shape = []int{len(n.Content)}
	for _, row := range n.Content {
		if err := x.row(row); err != nil {
			return err
		}
	}
	return nil
}

// row appends a number or a row of a matrix.
func (x *Reals) row(n *yaml.Node) error {
	width := 0
	if n.Kind == yaml.SequenceNode {
		width = len(n.Content)
		var values []float64
		if err := n.Decode(&values); err != nil {
			return err
		}
		x.Data = append(x.Data, values...)
	} else {
		var v float64
		if err := n.Decode(&v); err != nil {
			return err
		}
		x.Data = append(x.Data, v)
	}
	if len(x.Data) == max(1, width) && width > 0 {
		x.Shape = append(x.Shape, width)
	}
	x.ragged = x.ragged || width > 0 != (len(x.Shape) == 2) || width > 0 && width != x.Shape[1]
	return nil
}

// form says what numbers of the text look like.
func (x *Reals) form() string {
	switch {
	case x.ragged:
		return "a list of rows of different lengths"
	case len(x.Shape) > 0:
		return fmt.Sprintf("numbers of shape %v", x.Shape)
	}
	return "one number"
}
