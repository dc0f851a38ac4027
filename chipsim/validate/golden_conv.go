package validate

import (
	"fmt"

	"decc/ir"
	"decc/ir/sem"
)

// conv is a true convolution over members that stand by x, y and channel, the channel
// innermost: kernel[o][i][j][c] flipped, in 8-bit weights that keep their lowest bit. So
// positive and negative weights are two connections.
func (s *goldenSynapse) conv(g *golden, m *ir.Module) error {
	in, out := g.shapeOf(s.Pre), g.shapeOf(s.Post)
	k := [4]int{len(s.Kernel)}
	if k[0] > 0 && len(s.Kernel[0]) > 0 && len(s.Kernel[0][0]) > 0 {
		k[1], k[2], k[3] = len(s.Kernel[0]), len(s.Kernel[0][0]), len(s.Kernel[0][0][0])
	}
	if len(in) != 3 || len(out) != 3 || k[3] == 0 || s.Groups < 1 || out[2] != k[0] || in[2] != k[3]*s.Groups || k[0]%s.Groups != 0 {
		return fmt.Errorf("a kernel of %v in %d groups from %v to %v", k, s.Groups, in, out)
	}
	if s.Stride[0] < 1 || s.Stride[1] < 1 || out[0]*out[1]*out[2]*k[1]*k[2]*k[3] > maxLearned {
		return fmt.Errorf("stride %v, shape %v", s.Stride, out)
	}
	signs := []struct {
		name string
		sign sem.SignMode
		keep func(w int64) bool
	}{{"-exc", sem.Excitatory, func(w int64) bool { return w > 0 }}, {"-inh", sem.Inhibitory, func(w int64) bool { return w < 0 }}}
	for _, half := range signs {
		var mantissas, ends []int64
		err := s.taps(in, out, k, func(pre, post int, w int64) {
			if half.keep(w) {
				mantissas, ends = append(mantissas, w), append(ends, int64(pre), int64(post))
			}
		})
		if err != nil {
			return err
		}
		if len(mantissas) == 0 {
			continue
		}
		to := &ir.Synapse{Name: s.Name + half.name, Pre: s.Pre, Post: s.Post, Port: "drive", Format: sem.WeightFormat{Bits: 8, Sign: half.sign}, Graded: s.Message > 0}
		if to.Weights, err = (numbers{Data: mantissas}).tensor(len(mantissas)); err != nil {
			return err
		}
		to.PrePost = ir.NewTensor(ends, len(mantissas), 2)
		if to.Delay, err = s.Delay.tensor(len(mantissas)); err != nil {
			return err
		}
		m.Synapses = append(m.Synapses, to)
	}
	return nil
}

// taps visits every weight that joins two members.
func (s *goldenSynapse) taps(in, out []int, k [4]int, visit func(pre, post int, w int64)) error {
	share := k[0] / s.Groups
	for post := range out[0] * out[1] * out[2] {
		x, y, o := post/out[2]/out[1], post/out[2]%out[1], post%out[2]
		for i := range k[1] {
			for j := range k[2] {
				px, py := x*s.Stride[0]+i*s.Dilation[0]-s.Padding[0], y*s.Stride[1]+j*s.Dilation[1]-s.Padding[1]
				if px < 0 || py < 0 || px >= in[0] || py >= in[1] {
					continue
				}
				for c := range k[3] {
					row := s.Kernel[o][k[1]-1-i]
					if len(row) != k[2] || len(row[k[2]-1-j]) != k[3] {
						return fmt.Errorf("the kernel is no box of %v", k)
					}
					visit((px*in[1]+py)*in[2]+o/share*k[3]+c, post, row[k[2]-1-j][c])
				}
			}
		}
	}
	return nil
}

// shapeOf is x, y and channels of a population; nil where the document has none.
func (g *golden) shapeOf(name string) []int {
	for _, in := range g.Inputs {
		if in.Name == name {
			return in.Shape
		}
	}
	for _, group := range g.Groups {
		if group.Name == name {
			return group.Shape
		}
	}
	return nil
}

// population lists the synapses of axons that share weights: axon a of a source adds the
// effective weights [atom][k] to the compartments from its base on.
func (s *goldenSynapse) population(pre, post int, to *ir.Synapse) error {
	if len(s.AxonMap) != pre || len(s.Atoms) != pre || len(s.AxonBase) != len(s.AxonToWeight) || len(s.PopEff) != len(s.PopIdx) {
		return fmt.Errorf("%d axons and %d atoms for %d sources", len(s.AxonMap), len(s.Atoms), pre)
	}
	var mantissas, ends []int64
	for i, axon := range s.AxonMap {
		if axon < 0 {
			continue
		}
		if axon >= len(s.AxonBase) || s.AxonToWeight[axon] >= len(s.PopEff) || s.AxonToWeight[axon] < 0 {
			return fmt.Errorf("source %d uses axon %d of %d", i, axon, len(s.AxonBase))
		}
		base, w := s.AxonBase[axon], s.AxonToWeight[axon]
		if base < 0 {
			continue
		}
		atom := s.Atoms[i]
		if atom < 0 || atom >= len(s.PopEff[w]) || atom >= len(s.PopIdx[w]) || len(s.PopEff[w][atom]) != len(s.PopIdx[w][atom]) {
			return fmt.Errorf("source %d is atom %d of weights %d", i, atom, w)
		}
		for k, eff := range s.PopEff[w][atom] {
			at := base + s.PopIdx[w][atom][k]
			if at < 0 || at >= int64(post) {
				return fmt.Errorf("weights %d reach compartment %d of %d", w, at, post)
			}
			mantissas, ends = append(mantissas, eff>>(6+s.Exp)), append(ends, int64(i), at)
		}
	}
	if len(mantissas) == 0 {
		return fmt.Errorf("no synapses")
	}
	var err error
	to.PrePost = ir.NewTensor(ends, len(mantissas), 2)
	to.Weights, err = numbers{Data: mantissas}.tensor(len(mantissas))
	return err
}
