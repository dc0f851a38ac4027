package irgen

import (
	"iter"
	"slices"

	"decc/ir"
	"decc/ir/spikes"
)

// fewerMembers leaves out chunks of the members of inputs, and of groups together
// with those that are joined to them.
func fewerMembers(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for _, names := range populations(c.Module) {
			n, _ := c.Module.SourceSize(names[0])
			for from, to := range chunks(n) {
				if to-from < n && !yield(c.dropMembers(names, from, to)) {
					return
				}
			}
		}
	}
}

// populations lists what must keep the same size: each input by itself, groups
// with all that joins tie to them.
func populations(m *ir.Module) [][]string {
	var all [][]string
	for _, in := range m.Inputs {
		all = append(all, []string{in.Name})
	}
	seen := map[string]bool{}
	for _, g := range m.Groups {
		if tied := tiedTo(m, g.Name, seen); tied != nil {
			all = append(all, tied)
		}
	}
	return all
}

func tiedTo(m *ir.Module, name string, seen map[string]bool) []string {
	if seen[name] {
		return nil
	}
	seen[name] = true
	tied := []string{name}
	for _, j := range m.Joins {
		if j.From == name {
			tied = append(tied, tiedTo(m, j.To, seen)...)
		}
		if j.To == name {
			tied = append(tied, tiedTo(m, j.From, seen)...)
		}
	}
	return tied
}

// dropMembers leaves out members from..to-1 of the named populations and renumbers
// the rest.
func (c Case) dropMembers(names []string, from, to int) Case {
	moved := func(population string, i int) int {
		switch {
		case !slices.Contains(names, population) || i < from:
			return i
		case i < to:
			return -1
		}
		return i - (to - from)
	}
	smaller := c.edit(func(m *ir.Module) {
		for _, s := range m.Synapses {
			renumber(s, func(i int) int { return moved(s.Pre, i) }, func(i int) int { return moved(s.Post, i) })
		}
		for _, in := range m.Inputs {
			if slices.Contains(names, in.Name) {
				in.N -= to - from
			}
		}
		for _, g := range m.Groups {
			if slices.Contains(names, g.Name) {
				dropParams(g, from, to)
				g.N -= to - from
			}
		}
	})
	for _, in := range c.Module.Inputs {
		var t spikes.Train
		for _, e := range c.Inputs[in.Name] {
			if i := moved(in.Name, int(e.Index)); i >= 0 {
				e.Index = int32(i)
				t = append(t, e)
			}
		}
		smaller = smaller.withTrain(in.Name, t)
	}
	return smaller
}

func dropParams(g *ir.Group, from, to int) {
	for i, p := range g.Params {
		if g.N > 1 && len(p.Values.Data) == g.N {
			g.Params[i].Values = ir.Vector(without(p.Values.Expand(g.N), from, to))
		}
	}
}

// renumber gives the ends of a synapse new numbers and leaves out those that have
// none (-1). Dense weights lose the rows and columns.
func renumber(s *ir.Synapse, pre, post func(int) int) {
	if s.IsConv() {
		*s = *s.Listed()
	}
	columns := 0
	if !s.IsList() {
		columns = s.Weights.Shape[1]
	}
	keep := func(i int) bool {
		p, q := entryEnds(s, i, columns)
		return pre(p) >= 0 && post(q) >= 0
	}
	if s.IsList() {
		var ends []int64
		for i := range s.Weights.Data {
			if keep(i) {
				p, q := entryEnds(s, i, columns)
				ends = append(ends, int64(pre(p)), int64(post(q)))
			}
		}
		filter(s, keep, []int{len(ends) / 2})
		s.PrePost = ir.NewTensor(ends, len(ends)/2, 2)
		return
	}
	filter(s, keep, []int{count(s.Weights.Shape[0], post), count(columns, pre)})
}

// entryEnds are the pre and post members of weight i.
func entryEnds(s *ir.Synapse, i, columns int) (pre, post int) {
	if s.IsList() {
		return int(s.PrePost.Data[2*i]), int(s.PrePost.Data[2*i+1])
	}
	return i % columns, i / columns
}

func count(n int, moved func(int) int) int {
	left := 0
	for i := range n {
		if moved(i) >= 0 {
			left++
		}
	}
	return left
}

// filter keeps some weights, with their delays, and gives them a new shape.
func filter(s *ir.Synapse, keep func(i int) bool, shape []int) {
	var weights, delays []int64
	for i, w := range s.Weights.Data {
		if keep(i) {
			weights = append(weights, int64(w))
			if s.Delay != nil {
				delays = append(delays, s.Delay.At(i))
			}
		}
	}
	if s.Delay != nil && slices.Equal(s.Delay.Shape, s.Weights.Shape) {
		s.Delay = ir.NewTensor(delays, shape...)
	}
	s.Weights = ir.NewTensor(weights, shape...)
}
