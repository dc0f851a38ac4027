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
	if s.IsConv() {
		out := s.Conv.Out(s.Weights.Shape)
		s.EachTap(0, out[0]*out[1]*out[2], visit)
		return
	}
	n := s.Weights.Shape[1]
	for i, m := range s.Weights.Data {
		if m != 0 || s.Rule != "" {
			visit(i%n, i/n, int64(m), s.delayAt(i))
		}
	}
}

// EachTap is Each of a Conv for its targets first .. first+n-1.
func (s *Synapse) EachTap(first, n int, visit func(pre, post int, mantissa int64, delay int)) {
	s.Conv.EachOf(s.Weights.Shape, first, n, func(pre, post, weight int) {
		if m := s.Weights.Data[weight]; m != 0 {
			visit(pre, post, int64(m), s.delayAt(weight))
		}
	})
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
