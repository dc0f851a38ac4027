package decolle

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"decc/ir/diag"
)

// Tensor is a block of numbers as weight files hold them, row-major. Bits is the
// precision of the values, 32 or 64; float32 values are exact in Data.
type Tensor struct {
	Shape []int
	Bits  int
	Data  []float64
}

// Tensors is a set of tensors by name.
type Tensors map[string]Tensor

// Names lists the tensors in alphabetical order.
func (t Tensors) Names() []string {
	out := make([]string, 0, len(t))
	for name := range t {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// bits is the precision of F.
func bits[F Float]() int {
	if _, single := any(F(0)).(float32); single {
		return 32
	}
	return 64
}

func tensor[F Float](data []float64, shape ...int) Tensor {
	return Tensor{Shape: slices.Clone(shape), Bits: bits[F](), Data: data}
}

const layerPrefix = "LIF_layers."

func tauName(l int, which string) string { return fmt.Sprintf("%s%d.tau_%s", layerPrefix, l, which) }

// Tensors copies all parameters under the names of the reference's state_dict:
// LIF_layers.<l>.base_layer.weight|bias, LIF_layers.<l>.tau_m|tau_s (1/(1-alpha),
// 1/(1-beta)) and readout_layers.<l>.weight|bias.
func (n *Network[F]) Tensors() Tensors {
	out := Tensors{}
	for l, layer := range n.layers {
		p := n.Parameters(l)
		out[weightName(l)] = tensor[F](p.W, p.Shape...)
		out[biasName(l)] = tensor[F](p.B, len(p.B))
		out[readoutName(l)] = tensor[F](p.G, n.spec.Classes, layer.geo.out.Size())
		out[readoutBiasName(l)] = tensor[F](p.GB, n.spec.Classes)
		out[tauName(l, "m")] = tensor[F]([]float64{float64(1 / (1 - n.coef.alpha))})
		out[tauName(l, "s")] = tensor[F]([]float64{float64(1 / (1 - n.coef.beta))})
	}
	return out
}

// SetTensors replaces all parameters by those of a state_dict (names as in Tensors;
// the time constants may be missing). The error is a diag.List of code
// decolle/tensor: missing names, wrong shapes, values that are not finite, time
// constants that contradict alpha and beta, and layers that the network does not have.
func (n *Network[F]) SetTensors(t Tensors) error {
	c := checker{code: codeTensor}
	var layers []Parameters
	for l, layer := range n.layers {
		shape := layer.spec.weightShape(layer.geo.in)
		layers = append(layers, Parameters{
			W:  c.tensor(t, weightName(l), shape...),
			B:  c.tensor(t, biasName(l), layer.spec.Out),
			G:  c.tensor(t, readoutName(l), n.spec.Classes, layer.geo.out.Size()),
			GB: c.tensor(t, readoutBiasName(l), n.spec.Classes),
		})
		c.tau(t, tauName(l, "m"), n.spec.Alpha)
		c.tau(t, tauName(l, "s"), n.spec.Beta)
	}
	c.surplus(t, len(n.layers))
	if err := c.list.Err(); err != nil {
		return err
	}
	for l, p := range layers {
		if err := n.SetParameters(l, p); err != nil {
			return err
		}
	}
	return nil
}

// tensor fetches a tensor of the given shape; nil after a finding.
func (c *checker) tensor(t Tensors, name string, shape ...int) []float64 {
	x, ok := t[name]
	if !ok {
		d := c.list.Add(diag.Pos{}, c.code, "there is no tensor %s", name)
		if near, ok := diag.Nearest(name, t.Names()); ok {
			d.WithFix("the nearest name is %s", near)
		}
		return nil
	}
	if !slices.Equal(x.Shape, shape) {
		c.list.Add(diag.Pos{}, c.code, "%s has shape %v", name, x.Shape).WithFix("the network needs %v", shape)
		return nil
	}
	before := len(c.list)
	if c.values(name, x.Data, volume(shape)); len(c.list) > before {
		return nil
	}
	return x.Data
}

func volume(shape []int) int {
	n := 1
	for _, side := range shape {
		n *= side
	}
	return n
}

// tauTolerance is the relative deviation allowed of a stored time constant: it went
// through float32.
const tauTolerance = 1e-4

// tau compares a stored time constant, if there is one, with a decay.
func (c *checker) tau(t Tensors, name string, decay float64) {
	x, ok := t[name]
	if !ok || len(x.Data) != 1 {
		return
	}
	want := 1 / (1 - decay)
	if gap := x.Data[0] - want; !(max(gap, -gap) <= tauTolerance*want) {
		c.list.Add(diag.Pos{}, c.code, "%s is %.6g, but the network's decay %.6g makes it %.6g", name, x.Data[0], decay, want).
			WithFix("use decay = 1 - 1/tau = %.6g", 1-1/x.Data[0])
	}
}

// surplus reports tensors of layers that the network does not have.
func (c *checker) surplus(t Tensors, layers int) {
	for _, name := range t.Names() {
		var l int
		if _, err := fmt.Sscanf(strings.TrimPrefix(name, layerPrefix), "%d.", &l); err != nil {
			continue
		}
		if strings.HasPrefix(name, layerPrefix) && l >= layers {
			c.list.Add(diag.Pos{}, c.code, "there is a tensor %s, but the network has %d layers", name, layers).
				WithFix("describe all layers of the weights")
			return
		}
	}
}
