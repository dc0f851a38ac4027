package decolle

import (
	"fmt"
	"math"
	"strings"

	"decc/ir/diag"
)

// Float is the precision a network runs in.
type Float interface{ float32 | float64 }

// Shape is a block of lines or compartments: channels, rows, columns. A flat
// index is (c*H + y)*W + x.
type Shape struct{ C, H, W int }

// Size is the number of members.
func (s Shape) Size() int { return s.C * s.H * s.W }

func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.C, s.H, s.W) }

// Kinds of layer.
const (
	Dense = "dense"
	Conv  = "conv"
)

// LayerSpec describes one layer. Kernel, Stride, Padding and Pool belong to
// convolutions: square kernel, zero padding on all sides, max-pooling of U with
// stride equal to its window, remainder dropped.
type LayerSpec struct {
	Kind    string  // Dense or Conv
	Out     int     // neurons, or output channels
	Kernel  int     // 1..
	Stride  int     // 1.., 0 means 1
	Padding int     // 0..
	Pool    int     // 1.., 0 means 1: no pooling
	Reg     float64 // lambda of the activity regulariser, 0 = none
	Frozen  bool    // no gradient, no update
}

// Spec describes a network: what the tensors of a checkpoint do not say.
// Empty names stand for the first row of their table.
type Spec struct {
	Input     Shape
	Classes   int
	Layers    []LayerSpec
	Variant   string  // row of the variant table
	Surrogate string  // row of the surrogate table; empty: the variant's own
	Alpha     float64 // decay of P per row, [0, 1)
	Beta      float64 // decay of Q per row, [0, 1)
	AlphaRP   float64 // decay of R per row, [0, 1)
	WRP       float64 // weight of the refractory state, >= 0
	Gain      float64 // factor on input spikes of every layer; 0 means 1
	Loss      string  // row of the loss table
	LCAmpl    float64 // readouts start at U(+-LCAmpl/sqrt(fan-in)); 0 means 0.5
	Dropout   float64 // probability that a spike is hidden from its readout in training, [0, 1)
}

// Limits of a network, so that a hostile description cannot exhaust memory.
const (
	maxLayers  = 64
	maxSide    = 1 << 15 // rows, columns, channels, kernel sides
	maxMembers = 1 << 24 // lines or compartments of one layer
	maxWeights = 1 << 28 // weights of one layer
	maxClasses = 1 << 16
)

// filled returns s with its defaults spelled out.
func (s Spec) filled() Spec {
	s.Variant = orDefault(s.Variant, variants[0].name)
	s.Loss = orDefault(s.Loss, losses[0].name)
	s.Gain = orDefault(s.Gain, 1)
	s.LCAmpl = orDefault(s.LCAmpl, 0.5)
	if v, ok := variantByName(s.Variant); ok {
		s.Surrogate = orDefault(s.Surrogate, v.surrogate)
	}
	layers := make([]LayerSpec, len(s.Layers))
	for i, l := range s.Layers {
		l.Stride = orDefault(l.Stride, 1)
		l.Pool = orDefault(l.Pool, 1)
		layers[i] = l
	}
	s.Layers = layers
	return s
}

func orDefault[T comparable](x, def T) T {
	var zero T
	if x == zero {
		return def
	}
	return x
}

// Validate reports every field that is out of its range as a diag.List of code
// decolle/spec, each message naming the field; nil when the network can be run.
func (s Spec) Validate() error {
	c := checker{code: codeSpec}
	s = s.filled()
	c.name("variant", s.Variant, variantNames())
	c.name("surrogate", s.Surrogate, surrogateNames())
	c.name("loss", s.Loss, lossNames())
	c.number("alpha", s.Alpha, 0, oneBelow)
	c.number("beta", s.Beta, 0, oneBelow)
	c.number("alpharp", s.AlphaRP, 0, oneBelow)
	c.number("wrp", s.WRP, 0, maxReal)
	c.number("gain", s.Gain, -maxReal, maxReal)
	c.number("lc_ampl", s.LCAmpl, 0, maxReal)
	c.number("dropout", s.Dropout, 0, oneBelow)
	c.count("classes", s.Classes, 1, maxClasses)
	c.count("layers", len(s.Layers), 1, maxLayers)
	c.shape("input_shape", s.Input)
	if c.list.Err() == nil {
		s.checkLayers(&c)
	}
	return c.list.Err()
}

// checkLayers walks down the layers while their shapes make sense.
func (s Spec) checkLayers(c *checker) {
	in := s.Input
	for i, l := range s.Layers {
		c.prefix = fmt.Sprintf("layers[%d].", i)
		checks, known := layerChecks[l.Kind]
		if !known {
			c.name("kind", l.Kind, []string{Dense, Conv})
			return
		}
		c.number("reg", l.Reg, 0, maxReal)
		if checks(c, l, in); c.list.Err() != nil {
			return
		}
		g := l.geometry(in)
		if c.count("fan-in", g.fanIn, 1, maxWeights); c.list.Err() != nil {
			return
		}
		c.count("weights", g.fanIn*l.Out, 1, maxWeights)
		c.shape("compartments", g.pre)
		c.count("input members with padding", in.C*(in.H+2*l.Padding)*(in.W+2*l.Padding), 1, maxMembers)
		c.count("readout weights", g.out.Size()*s.Classes, 1, maxWeights)
		in = g.out
	}
}

var layerChecks = map[string]func(*checker, LayerSpec, Shape){
	Dense: func(c *checker, l LayerSpec, _ Shape) {
		c.count("out", l.Out, 1, maxMembers)
		c.count("kernel", l.Kernel, 0, 0)
		c.count("padding", l.Padding, 0, 0)
		c.count("stride", l.Stride, 1, 1)
		c.count("pool", l.Pool, 1, 1)
	},
	Conv: func(c *checker, l LayerSpec, in Shape) {
		c.count("out", l.Out, 1, maxSide)
		c.count("padding", l.Padding, 0, maxSide)
		c.count("stride", l.Stride, 1, maxSide)
		c.count("kernel", l.Kernel, 1, min(maxSide, min(in.H, in.W)+2*l.Padding))
		if c.list.Err() == nil {
			h, w := l.side(in.H), l.side(in.W)
			c.count("pool", l.Pool, 1, min(h, w))
		}
	},
}

// side is the number of output positions along an input side of n.
func (l LayerSpec) side(n int) int { return (n+2*l.Padding-l.Kernel)/l.Stride + 1 }

// geometry is what a layer makes of its input.
type geometry struct {
	in    Shape // input lines
	pre   Shape // compartments
	out   Shape // spikes after pooling
	fanIn int   // synapses of one compartment
}

func (l LayerSpec) geometry(in Shape) geometry {
	if l.Kind == Dense {
		out := Shape{C: l.Out, H: 1, W: 1}
		return geometry{in: in, pre: out, out: out, fanIn: in.Size()}
	}
	h, w := l.side(in.H), l.side(in.W)
	return geometry{
		in:    in,
		pre:   Shape{C: l.Out, H: h, W: w},
		out:   Shape{C: l.Out, H: h / l.Pool, W: w / l.Pool},
		fanIn: in.C * l.Kernel * l.Kernel,
	}
}

// weightShape is [out, in] or [out, in, k, k].
func (l LayerSpec) weightShape(in Shape) []int {
	if l.Kind == Dense {
		return []int{l.Out, in.Size()}
	}
	return []int{l.Out, in.C, l.Kernel, l.Kernel}
}

// Bounds that several fields share. Numbers stay far inside float32.
const (
	maxReal  = 1e12
	oneBelow = 1 - 1.0/(1<<20)
)

// checker collects the findings of a validation.
type checker struct {
	list   diag.List
	code   string
	prefix string
}

func (c *checker) count(field string, x, lo, hi int) {
	if x < lo || x > hi {
		c.list.Add(diag.Pos{}, c.code, "%s%s is %d", c.prefix, field, x).WithFix("use %s", interval(lo, hi))
	}
}

func interval(lo, hi int) string {
	if hi <= lo {
		return fmt.Sprint(lo)
	}
	return fmt.Sprintf("a whole number from %d to %d", lo, hi)
}

func (c *checker) number(field string, x, lo, hi float64) {
	if math.IsNaN(x) || x < lo || x > hi {
		c.list.Add(diag.Pos{}, c.code, "%s%s is %v", c.prefix, field, x).WithFix("use a number from %.7g to %.7g", lo, hi)
	}
}

func (c *checker) shape(field string, s Shape) {
	before := len(c.list)
	c.count(field+".channels", s.C, 1, maxMembers)
	c.count(field+".rows", s.H, 1, maxSide)
	c.count(field+".columns", s.W, 1, maxSide)
	if len(c.list) == before {
		c.count(field+" members", s.Size(), 1, maxMembers)
	}
}

func (c *checker) name(field, name string, known []string) {
	for _, k := range known {
		if k == name {
			return
		}
	}
	d := c.list.Add(diag.Pos{}, c.code, "%s%s is %q", c.prefix, field, name)
	if near, ok := diag.Nearest(name, known); ok {
		d.WithFix("did you mean %q? known: %s", near, strings.Join(known, ", "))
		return
	}
	d.WithFix("use one of %s", strings.Join(known, ", "))
}
