package passes

import (
	"fmt"

	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
)

// wideConv is what the compartments of a group hear through one convolution.
type wideConv struct {
	*ir.Synapse
	hears []int // sources of each compartment
	most  int   // the compartment that hears most
	over  int   // compartments that hear more than a core has in-axons
}

// checkFanIn refuses convolutions onto compartments that hear more sources than a core has in-axons.
// It counts from the kernels alone: a convolution may stand for hundreds of millions of synapses, and
// to list them takes seconds and gigabytes that end at the same refusal.
func checkFanIn(m *ir.Module, s *chip.Spec) error {
	var found diag.List
	for _, x := range m.Synapses {
		if !x.IsConv() {
			continue
		}
		w := wideConv{Synapse: x, hears: fanIn(x)}
		for i, n := range w.hears {
			if n > w.hears[w.most] {
				w.most = i
			}
			if n > s.InAxons {
				w.over++
			}
		}
		if w.over > 0 {
			found = append(found, w.refuse(m.GroupByName(x.Post), s))
		}
	}
	return found.Err()
}

// fanIn counts the sources of every target of a convolution. A weight of 0 is no synapse, so
// the taps that are within the source are counted with the weights that are there.
func fanIn(x *ir.Synapse) []int {
	kernel := x.Weights.Shape
	out, area := x.Conv.Out(kernel), kernel[2]*kernel[3]
	counts := make([]int, 0, out[0]*out[1]*out[2])
	for o := range out[0] {
		present := make([]int, area) // weights of channel o that are not 0, by row and column of the kernel
		for i, w := range x.Weights.Data[o*kernel[1]*area : (o+1)*kernel[1]*area] {
			if w != 0 {
				present[i%area]++
			}
		}
		for p := range out[1] * out[2] {
			counts = append(counts, tapsAt(x.Conv, kernel, present, p/out[2], p%out[2]))
		}
	}
	return counts
}

// tapsAt sums the taps of the target at row y, column x that fall within the source.
func tapsAt(c *ir.Conv, kernel, present []int, y, x int) int {
	n := 0
	for ky := range kernel[2] {
		row := y*c.Stride[0] - c.Padding[0] + ky*c.Dilation[0]
		if row < 0 || row >= c.In[1] {
			continue
		}
		for kx := range kernel[3] {
			if col := x*c.Stride[1] - c.Padding[1] + kx*c.Dilation[1]; col >= 0 && col < c.In[2] {
				n += present[ky*kernel[3]+kx]
			}
		}
	}
	return n
}

// refuse tells how much is too much, and what would fit.
func (w *wideConv) refuse(g *ir.Group, s *chip.Spec) *diag.Diagnostic {
	pos := g.At
	if pos.IsZero() {
		pos = g.Pos
	}
	kernel := w.Weights.Shape
	return diag.Errorf(pos, resources[useInAxons].code, "compartment %d of group @%s needs %d input axons on one core, limit is %d; %d of its %d compartments need too many",
		w.most, g.Name, w.hears[w.most], s.InAxons, w.over, len(w.hears)).
		WithNote("synapse @%s: %d channels of @%s under a kernel of %d x %d, and every source takes an input axon of its own", w.Name, kernel[1], w.Pre, kernel[2], kernel[3]).
		WithNote("compartments that are joined are on one core, so dividing the sum over several does not help").
		WithNote("%s", limitText(s, "in_axons")).
		WithFix("%s", w.whatFits(s.InAxons))
}

// whatFits names the widest layer below and the largest kernel that the limit allows.
func (w *wideConv) whatFits(limit int) string {
	kernel := w.Weights.Shape
	text := fmt.Sprintf("choose a chip with in_axons >= %d", w.hears[w.most])
	if n := limit / (kernel[2] * kernel[3]); n > 0 {
		text = fmt.Sprintf("let @%s have at most %d channels with this kernel, or %s", w.Pre, n*w.Conv.Groups, text)
	}
	side := 0
	for kernel[1]*(side+1)*(side+1) <= limit {
		side++
	}
	if side > 0 {
		text = fmt.Sprintf("use a kernel of at most %d x %d, or %s", side, side, text)
	}
	return text
}
