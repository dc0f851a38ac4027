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

// nameable is how many sources the synapses of a core can have at most: packets name an in-axon,
// or an in-axon and an atom of its population.
func nameable(s *chip.Spec) int { return max(s.InAxons, s.PopulationAxons*s.PopulationAtoms) }

// checkFanIn refuses convolutions onto compartments that hear more sources than packets to a core can name.
// It counts from the kernels alone: a convolution may stand for hundreds of millions of synapses, and
// to list them takes seconds and gigabytes that end at the same refusal.
func checkFanIn(m *ir.Module, s *chip.Spec) error {
	var found diag.List
	for _, x := range m.Synapses {
		if !x.IsConv() {
			continue
		}
		w := wideConv{Synapse: x, hears: x.Conv.FanIn(x.Weights)}
		for i, n := range w.hears {
			if n > w.hears[w.most] {
				w.most = i
			}
			if n > nameable(s) {
				w.over++
			}
		}
		if w.over > 0 {
			found = append(found, w.refuse(m.GroupByName(x.Post), s))
		}
	}
	return found.Err()
}

// refuse tells how much is too much, and what would fit.
func (w *wideConv) refuse(g *ir.Group, s *chip.Spec) *diag.Diagnostic {
	pos := g.At
	if pos.IsZero() {
		pos = g.Pos
	}
	kernel := w.Weights.Shape
	return diag.Errorf(pos, resources[useInAxons].code, "compartment %d of group @%s hears %d sources, packets to one core can name %d; %d of its %d compartments hear too many",
		w.most, g.Name, w.hears[w.most], nameable(s), w.over, len(w.hears)).
		WithNote("synapse @%s: %d channels of @%s under a kernel of %d x %d", w.Name, kernel[1], w.Pre, kernel[2], kernel[3]).
		WithNote("compartments that are joined are on one core, so dividing the sum over several does not help").
		WithNote("%s, %s, %s", limitText(s, "in_axons"), limitText(s, "population_axons"), limitText(s, "population_atoms")).
		WithFix("%s", w.whatFits(nameable(s)))
}

// whatFits names the widest layer below and the largest kernel that the limit allows.
func (w *wideConv) whatFits(limit int) string {
	kernel := w.Weights.Shape
	text := fmt.Sprintf("choose a chip with population_axons x population_atoms >= %d", w.hears[w.most])
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
