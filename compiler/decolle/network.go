package decolle

import (
	"decc/compiler/decolle/simd"
	"decc/ir/diag"
)

// Network is a DECOLLE network in float32 or float64: weights W and biases b that
// learn, readouts G and gb that do not.
type Network[F Float] struct {
	spec      Spec
	layers    []*layer[F]
	coef      coefficients[F]
	surrogate surrogate[F]
	loss      loss
	kernels   *simd.Kernels[F]
}

// New makes a network of the description with all parameters zero; Init or
// SetTensors fills them. The error is a diag.List of code decolle/spec.
func New[F Float](s Spec) (*Network[F], error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	s = s.filled()
	n := &Network[F]{spec: s, coef: newCoefficients[F](s), loss: lossByName(s.Loss), kernels: simd.For[F]()}
	n.surrogate = surrogateByName[F](s.Surrogate)
	in := s.Input
	for _, l := range s.Layers {
		layer := newLayer[F](l, in, s.Classes)
		n.layers = append(n.layers, layer)
		in = layer.geo.out
	}
	return n, nil
}

// Spec is the description with its defaults spelled out.
func (n *Network[F]) Spec() Spec { return n.spec }

// Layers is the number of layers.
func (n *Network[F]) Layers() int { return len(n.layers) }

// LayerShape tells what layer l reads, its compartments and its neurons (after
// pooling), each as channels, rows, columns.
func (n *Network[F]) LayerShape(l int) (in, compartments, neurons Shape) {
	g := n.layers[l].geo
	return g.in, g.pre, g.out
}

// members is the number of lines, with padding, and compartments of all layers.
func (n *Network[F]) members() int {
	sum := 0
	for _, l := range n.layers {
		places, _ := l.syn.places()
		sum += places + l.geo.pre.Size()
	}
	return sum
}

// Parameters are the values of one layer in PyTorch's shapes, row-major.
type Parameters struct {
	Shape []int     // of Weight: [out, in] or [out, in, k, k]
	W     []float64 // weights
	B     []float64 // biases, [out]
	G     []float64 // readout, [classes, neurons], neurons in channel, row, column order
	GB    []float64 // readout bias, [classes]
}

// Parameters copies the parameters of layer l. float32 values are exact in float64.
func (n *Network[F]) Parameters(l int) Parameters {
	layer := n.layers[l]
	return Parameters{
		Shape: layer.spec.weightShape(layer.geo.in),
		W:     layer.exportWeights(layer.w),
		B:     widen(layer.b),
		G:     widen(layer.back),
		GB:    widen(layer.gb),
	}
}

// SetParameters replaces the parameters of layer l; values are rounded to F. The
// error (code decolle/tensor) names what has the wrong number of values or is not finite.
func (n *Network[F]) SetParameters(l int, p Parameters) error {
	layer := n.layers[l]
	c := checker{code: codeTensor}
	c.values(weightName(l), p.W, len(layer.w))
	c.values(biasName(l), p.B, len(layer.b))
	c.values(readoutName(l), p.G, len(layer.g))
	c.values(readoutBiasName(l), p.GB, len(layer.gb))
	if err := c.list.Err(); err != nil {
		return err
	}
	layer.setWeights(p.W)
	narrow(layer.b, p.B)
	layer.setReadout(p.G)
	narrow(layer.gb, p.GB)
	return nil
}

// exportWeights copies values in the order of the synapses to PyTorch's order.
func (l *layer[F]) exportWeights(w []F) []float64 {
	out := make([]float64, len(w))
	for e := range out {
		out[e] = float64(w[l.syn.place(e)])
	}
	return out
}

func (l *layer[F]) importWeights(w []F, from []float64) {
	for e, x := range from {
		w[l.syn.place(e)] = F(x)
	}
}

// transpose turns a row-major [len/columns, columns] block.
func transpose(x []float64, columns int) []float64 {
	rows := len(x) / columns
	out := make([]float64, len(x))
	for i, v := range x {
		out[i%columns*rows+i/columns] = v
	}
	return out
}

func widen[F Float](x []F) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func narrow[F Float](dst []F, x []float64) {
	for i, v := range x {
		dst[i] = F(v)
	}
}

// values checks number and finiteness.
func (c *checker) values(name string, x []float64, want int) {
	if len(x) != want {
		c.list.Add(diag.Pos{}, c.code, "%s has %d values", name, len(x)).WithFix("the network needs %d", want)
		return
	}
	for i, v := range x {
		if v-v != 0 {
			c.list.Add(diag.Pos{}, c.code, "%s[%d] is %v", name, i, v).WithFix("weights must be finite")
			return
		}
	}
}
