package ir

import (
	"cmp"
	"slices"
)

// Each calls visit for every stored synapse: a Dense matrix by post, then pre,
// leaving out mantissa 0 where it is not plastic; a Conv likewise; a List in its order,
// mantissa 0 included.
func (s *Synapse) Each(visit func(pre, post int, mantissa int64, delay int)) {
	if s.IsList() {
		for i, m := range s.Weights.Data {
			visit(int(s.PrePost.Data[2*i]), int(s.PrePost.Data[2*i+1]), int64(m), s.delayAt(i))
		}
		return
	}
	s.eachOnto(0, s.targets(), func(pre, post, weight int) {
		visit(pre, post, int64(s.Weights.Data[weight]), s.delayAt(weight))
	})
}

// targets is how many compartments a matrix or kernel is for.
func (s *Synapse) targets() int {
	if s.IsConv() {
		out := s.Conv.Out(s.Weights.Shape)
		return out[0] * out[1] * out[2]
	}
	return s.Weights.Shape[0]
}

// eachOnto visits the synapses of a matrix or kernel onto its targets first .. first+n-1, with the place of their weight.
func (s *Synapse) eachOnto(first, n int, visit func(pre, post, weight int)) {
	if s.IsConv() {
		s.Conv.EachOf(s.Weights.Shape, first, n, func(pre, post, weight int) {
			if s.Weights.Data[weight] != 0 {
				visit(pre, post, weight)
			}
		})
		return
	}
	width := s.Weights.Shape[1]
	for post := first; post < first+n; post++ {
		for pre, m := range s.Weights.Data[post*width:][:width] {
			if m != 0 || s.Rule != "" {
				visit(pre, post, post*width+pre)
			}
		}
	}
}

// ByNumber lists the places in s.Weights by target member, then source member: the order
// in which learned values of a plastic object are told, as a list may have any.
func (s *Synapse) ByNumber() []int {
	order := make([]int, len(s.Weights.Data))
	for i := range order {
		order[i] = i
	}
	if s.IsList() {
		ends := s.PrePost.Data
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(ends[2*a+1], ends[2*b+1]), cmp.Compare(ends[2*a], ends[2*b]))
		})
	}
	return order
}

func (s *Synapse) delayAt(i int) int {
	if s.Delay == nil {
		return 0
	}
	return int(s.Delay.At(i))
}
