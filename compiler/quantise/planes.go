package quantise

import (
	"slices"

	"decc/compiler/decolle"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
)

// A layer is made of units that share weights: the channels of a convolution, the neurons of
// a dense layer. Each has a plan of its own.

// units is the number of plans of layer l.
func (q *quantiser) units(l int) int { return len(q.params[l].B) }

// plane is how many neurons (after pooling) a unit of layer l has.
func (q *quantiser) plane(l int) int {
	_, _, neurons := q.net.LayerShape(l)
	return neurons.Size() / q.units(l)
}

// compartmentPlane is how many compartments (before pooling) a unit of layer l has.
func (q *quantiser) compartmentPlane(l int) int {
	_, compartments, _ := q.net.LayerShape(l)
	return compartments.Size() / q.units(l)
}

// pool is the side of the pooling window of layer l; 1 is none.
func (q *quantiser) pool(l int) int { return max(1, q.net.Spec().Layers[l].Pool) }

// spiking is the group whose spikes are those of layer l, and how many rows they are behind
// the steps of the float network: every pooling costs one.
func (q *quantiser) spiking(l int) (group string, lag int) {
	for k := range l + 1 {
		if q.pool(k) > 1 {
			lag++
		}
	}
	if q.pool(l) > 1 {
		return "pool_" + layerName(q.o, l), lag
	}
	return layerName(q.o, l), lag
}

// weigh gives the synapses of layer l their weights: a matrix, or a kernel that slides.
func (q *quantiser) weigh(s *ir.Synapse, l int, lp layerPlan) {
	spec := q.net.Spec().Layers[l]
	if spec.Kind == decolle.Dense {
		s.Weights = lp.mantissas(len(lp.neurons), len(lp.neurons[0].codes))
		return
	}
	in, _, _ := q.net.LayerShape(l)
	s.Weights = lp.mantissas(spec.Out, in.C, spec.Kernel, spec.Kernel)
	stride := max(1, spec.Stride)
	s.Conv = &ir.Conv{
		In: [3]int{in.C, in.H, in.W}, Stride: [2]int{stride, stride}, Padding: [2]int{spec.Padding, spec.Padding},
		Dilation: [2]int{1, 1}, Groups: 1,
	}
}

// poolFormat is one bit: a synapse of it brings 128 mantissas of 64.
var poolFormat = sem.WeightFormat{Bits: 1, Sign: sem.Excitatory}

// appendPool adds the max-pooling of layer l: the largest potential of a window is at the
// threshold where any is, so the spikes of the window are joined by OR (decolle.md 5.6).
func (q *quantiser) appendPool(m *ir.Module, l int) error {
	side := q.pool(l)
	if side == 1 {
		return nil
	}
	program, err := q.program(m, "cuba")
	if err != nil {
		return err
	}
	_, compartments, neurons := q.net.LayerShape(l)
	group, _ := q.spiking(l)
	m.Groups = append(m.Groups, orGroup(group, neurons.Size(), program, position(q.o, l)))
	m.Synapses = append(m.Synapses, &ir.Synapse{
		Name: "or_" + layerName(q.o, l), Pre: layerName(q.o, l), Post: group, Port: "drive", Format: poolFormat, Pos: position(q.o, l),
		Weights: ir.NewTensor(orWeights(compartments.C*side*side), compartments.C, 1, side, side),
		Conv: &ir.Conv{
			In: [3]int{compartments.C, compartments.H, compartments.W}, Stride: [2]int{side, side}, Dilation: [2]int{1, 1}, Groups: compartments.C,
		},
	})
	return nil
}

// orGroup is n compartments of @cuba that keep nothing and fire at any input.
func orGroup(name string, n int, cuba *ir.Program, pos diag.Pos) *ir.Group {
	g := &ir.Group{Name: name, N: n, Program: cuba, Pos: pos}
	for _, p := range []struct {
		name  string
		value int64
	}{{"du", decayOne}, {"dv", decayOne}, {"vth", 0}} {
		g.SetParam(p.name, ir.Scalar(p.value))
	}
	return g
}

// orWeights are n mantissas of poolFormat that are no 0.
func orWeights(n int) []int64 { return slices.Repeat([]int64{1 << poolFormat.LSB()}, n) }
