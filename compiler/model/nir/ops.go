package nir

import (
	"fmt"
	"slices"

	"decc/compiler/model/weights"
	"decc/ir"
)

// neurons are the primitives with a state or a threshold: what a spike can start from.
var neurons = []string{"CubaLI", "CubaLIF", "I", "IF", "LI", "LIF", "Threshold"}

// IsNeuron tells that a primitive becomes a population.
func IsNeuron(primitive string) bool { return slices.Contains(neurons, primitive) }

// ops make the linear map of a node over a block, and what it adds (nil for nothing).
var ops = map[string]func(n *Node, in [3]int) (*Linear, []float64, error){
	"Affine":    affine,
	"AvgPool2d": pool(true),
	"Conv1d":    conv,
	"Conv2d":    conv,
	"Delay":     delay,
	"Flatten":   unchanged,
	"Input":     unchanged,
	"Linear":    affine,
	"Output":    unchanged,
	"Scale":     scale,
	"SumPool2d": pool(false),
}

// unchanged is also what flattening is: the order of members stays.
func unchanged(_ *Node, in [3]int) (*Linear, []float64, error) { return identity(in), nil, nil }

func affine(n *Node, in [3]int) (*Linear, []float64, error) {
	w := n.Values["weight"]
	if w == nil || len(w.Shape) != 2 || w.Shape[1] != size(in) {
		return nil, nil, fmt.Errorf("its weight of shape %v does not take the %d members that come in", shapeOf(w), size(in))
	}
	m := &Linear{In: in, Out: [3]int{w.Shape[0], 1, 1}, Weights: w.Data, Matrix: true}
	bias, err := n.biases(w.Shape[0])
	return m, bias, err
}

// biases are the n biases of a node, nil where all are 0.
func (n *Node) biases(count int) ([]float64, error) {
	b := n.Values["bias"]
	if b == nil || !slices.ContainsFunc(b.Data, func(x float64) bool { return x != 0 }) {
		return nil, nil
	}
	if len(b.Data) != count {
		return nil, fmt.Errorf("it has %d biases for %d members or channels", len(b.Data), count)
	}
	return b.Data, nil
}

func shapeOf(t *weights.Tensor) []int {
	if t == nil {
		return nil
	}
	return t.Shape
}

func scale(n *Node, in [3]int) (*Linear, []float64, error) {
	s := n.Values["scale"]
	if len(s.Data) != 1 && len(s.Data) != size(in) {
		return nil, nil, fmt.Errorf("it has %d factors for %d members", len(s.Data), size(in))
	}
	return &Linear{In: in, Out: in, Weights: s.Data}, nil, nil
}

func delay(n *Node, in [3]int) (*Linear, []float64, error) {
	d := n.Values["delay"]
	if len(d.Data) != 1 && len(d.Data) != size(in) {
		return nil, nil, fmt.Errorf("it has %d delays for %d members", len(d.Data), size(in))
	}
	m := identity(in)
	m.Delay = d.Data
	return m, nil, nil
}

// whole is a parameter of one number, or one for each of two axes, the last two of a kernel; a
// kernel over one axis has one row.
func (n *Node) whole(name string, axes, standard int) (pair [2]int, err error) {
	pair = [2]int{standard, standard}
	t := n.Values[name]
	if t == nil {
		return pair, fmt.Errorf("its %s is not of numbers", name)
	}
	for i, v := range t.Data {
		if v != float64(int(v)) || v < 0 || len(t.Data) > 2 {
			return pair, fmt.Errorf("its %s is %v", name, t.Data)
		}
		if len(t.Data) == 1 && axes == 2 {
			pair = [2]int{int(v), int(v)}
		} else {
			pair[2-len(t.Data)+i] = int(v)
		}
	}
	return pair, nil
}

func conv(n *Node, in [3]int) (*Linear, []float64, error) {
	w := n.Values["weight"]
	kernel := slices.Clone(shapeOf(w))
	axes := 2
	if n.Type == "Conv1d" && len(kernel) == 3 {
		kernel, axes = []int{kernel[0], kernel[1], 1, kernel[2]}, 1
	}
	if len(kernel) != 4 {
		return nil, nil, fmt.Errorf("its weight has shape %v", kernel)
	}
	c := &ir.Conv{In: in, Groups: 1}
	if g := n.Values["groups"]; g != nil && len(g.Data) == 1 {
		c.Groups = int(g.Data[0])
	}
	for _, x := range []struct {
		name     string
		to       *[2]int
		standard int
	}{{"stride", &c.Stride, 1}, {"dilation", &c.Dilation, 1}, {"padding", &c.Padding, 0}} {
		if x.name == "padding" && n.Texts["padding"] != "" {
			break
		}
		var err error
		if *x.to, err = n.whole(x.name, axes, x.standard); err != nil {
			return nil, nil, err
		}
	}
	if err := n.namedPadding(c, kernel); err != nil {
		return nil, nil, err
	}
	m, err := sliding(c, kernel, w.Data)
	if err != nil {
		return nil, nil, err
	}
	bias, err := n.biases(kernel[0])
	if bias == nil || err != nil {
		return m, nil, err
	}
	full := make([]float64, size(m.Out))
	for i := range full {
		full[i] = bias[i*kernel[0]/len(full)]
	}
	return m, full, nil
}

// namedPadding is "valid", no padding, or "same", the padding that keeps rows and columns
// at stride 1.
func (n *Node) namedPadding(c *ir.Conv, kernel []int) error {
	switch text := n.Texts["padding"]; text {
	case "", "valid":
		return nil
	case "same":
		for axis := range 2 {
			around := c.Dilation[axis] * (kernel[2+axis] - 1)
			if c.Stride[axis] != 1 || around%2 != 0 {
				return fmt.Errorf("padding \"same\" with stride %v and a kernel of %v is not the same on both sides", c.Stride, kernel[2:])
			}
			c.Padding[axis] = around / 2
		}
		return nil
	default:
		return fmt.Errorf("its padding is %q", text)
	}
}

// The bounds of one map, far above what a chip holds.
const (
	maxMembers = 1 << 24 // on either side
	maxTaps    = 1 << 30 // synapses that a kernel stands for
)

// sliding is the map of a kernel.
func sliding(c *ir.Conv, kernel []int, w []float64) (*Linear, error) {
	if err := c.Check(kernel); err != nil {
		return nil, err
	}
	out := c.Out(kernel)
	if !bounded(out[:], maxMembers) || !bounded([]int{size(out), kernel[1], kernel[2], kernel[3]}, maxTaps) {
		return nil, fmt.Errorf("a kernel of %v gives %v channels, rows and columns: more than %d members, or %d synapses", kernel, out, maxMembers, maxTaps)
	}
	return &Linear{In: c.In, Out: out, Conv: c, Kernel: kernel, Weights: w}, nil
}

// pool is a kernel over each channel alone.
func pool(average bool) func(n *Node, in [3]int) (*Linear, []float64, error) {
	return func(n *Node, in [3]int) (*Linear, []float64, error) {
		c := &ir.Conv{In: in, Dilation: [2]int{1, 1}, Groups: in[0]}
		patch, err := n.whole("kernel_size", 2, 1)
		if err != nil {
			return nil, nil, err
		}
		if c.Stride, err = n.whole("stride", 2, 1); err != nil {
			return nil, nil, err
		}
		if c.Padding, err = n.whole("padding", 2, 0); err != nil {
			return nil, nil, err
		}
		weight := 1.0
		if average {
			weight = 1 / float64(max(1, patch[0]*patch[1]))
		}
		if !bounded([]int{in[0], patch[0], patch[1]}, maxMembers) {
			return nil, nil, fmt.Errorf("its kernel_size is %v, over %d channels", patch, in[0])
		}
		m, err := sliding(c, []int{in[0], 1, patch[0], patch[1]}, slices.Repeat([]float64{weight}, in[0]*patch[0]*patch[1]))
		return m, nil, err
	}
}
