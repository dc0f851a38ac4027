package irgen

import (
	"iter"
	"slices"

	"decc/ir"
	"decc/ir/sem"
)

// fewerContacts leaves out chunks of the entries of lists, and makes chunks of the
// cells of matrices 0.
func fewerContacts(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for k, s := range c.Module.Synapses {
			stored := storedEntries(s)
			for from, to := range chunks(len(stored)) {
				gone := map[int]bool{}
				for _, i := range stored[from:to] {
					gone[i] = true
				}
				if !yield(c.edit(func(m *ir.Module) { dropEntries(m.Synapses[k], gone) })) {
					return
				}
			}
		}
	}
}

// storedEntries are the weights that are synapses, by their index.
func storedEntries(s *ir.Synapse) []int {
	var all []int
	for i, w := range s.Weights.Data {
		if s.IsList() || w != 0 {
			all = append(all, i)
		}
	}
	return all
}

func dropEntries(s *ir.Synapse, gone map[int]bool) {
	if !s.IsList() { // a kernel too
		s.Weights = mapped(s.Weights, func(i int, w int64) int64 {
			if gone[i] {
				return 0
			}
			return w
		})
		return
	}
	var ends []int64
	for i := range s.Weights.Data {
		if !gone[i] {
			pre, post := entryEnds(s, i, 0)
			ends = append(ends, int64(pre), int64(post))
		}
	}
	filter(s, func(i int) bool { return !gone[i] }, []int{len(ends) / 2})
	s.PrePost = ir.NewTensor(ends, len(ends)/2, 2)
}

// mapped is a tensor of the same shape with other elements.
func mapped(t *ir.Tensor, f func(i int, x int64) int64) *ir.Tensor {
	x := make([]int64, len(t.Data))
	for i, v := range t.Data {
		x[i] = f(i, int64(v))
	}
	return ir.NewTensor(x, t.Shape...)
}

// plainerGroups drops resets, and params one by one, or gives all members the value
// of the first.
func plainerGroups(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for k, g := range c.Module.Groups {
			if g.Reset != (ir.Reset{}) && !yield(c.edit(func(m *ir.Module) { m.Groups[k].Reset = ir.Reset{} })) {
				return
			}
			for i, p := range g.Params {
				if !yield(c.edit(func(m *ir.Module) { m.Groups[k].Params = without(m.Groups[k].Params, i, i+1) })) {
					return
				}
				if len(p.Values.Data) > 1 && !yield(c.edit(func(m *ir.Module) { m.Groups[k].Params[i].Values = ir.Scalar(p.Values.At(0)) })) {
					return
				}
			}
		}
	}
}

// plainFormat is what a shrunk synapse has if it can.
var plainFormat = sem.WeightFormat{Bits: 8, Exp: 0, Sign: sem.Mixed}

// plainerSynapses drops payload, delay and format, each by itself.
func plainerSynapses(c Case) iter.Seq[Case] {
	changes := []struct {
		has   func(s *ir.Synapse) bool
		plain func(s *ir.Synapse)
	}{
		{func(s *ir.Synapse) bool { return s.Graded }, func(s *ir.Synapse) { s.Graded = false }},
		{func(s *ir.Synapse) bool { return s.Delay != nil }, func(s *ir.Synapse) { s.Delay = nil }},
		{func(s *ir.Synapse) bool { return s.Delay != nil && len(s.Delay.Data) > 1 }, func(s *ir.Synapse) { s.Delay = ir.Scalar(s.Delay.At(0)) }},
		{hasLongDelay, func(s *ir.Synapse) { s.Delay = mapped(s.Delay, func(_ int, d int64) int64 { return d / 2 }) }},
		{hasLongDelay, func(s *ir.Synapse) { s.Delay = mapped(s.Delay, func(_ int, d int64) int64 { return max(d-1, 0) }) }},
		{func(s *ir.Synapse) bool { return s.Format != plainFormat }, func(s *ir.Synapse) { s.Format = plainFormat }},
		{func(s *ir.Synapse) bool { return s.Format.Exp != 0 }, func(s *ir.Synapse) { s.Format.Exp = 0 }},
	}
	return func(yield func(Case) bool) {
		for k, s := range c.Module.Synapses {
			for _, change := range changes {
				if change.has(s) && !yield(c.edit(func(m *ir.Module) { change.plain(m.Synapses[k]) })) {
					return
				}
			}
		}
	}
}

func hasLongDelay(s *ir.Synapse) bool {
	return s.Delay != nil && slices.ContainsFunc(s.Delay.Data, func(d int32) bool { return d > 1 })
}

// smallerMantissas makes mantissas ±2, which every sign mode and profile stores.
func smallerMantissas(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for k, s := range c.Module.Synapses {
			for i, w := range s.Weights.Data {
				two := min(max(int64(w), -2), 2)
				if two == int64(w) {
					continue
				}
				smaller := c.edit(func(m *ir.Module) {
					m.Synapses[k].Weights = mapped(s.Weights, func(j int, x int64) int64 {
						if j == i {
							return two
						}
						return x
					})
				})
				if !yield(smaller) {
					return
				}
			}
		}
	}
}

// plainerHeader takes the seed away and the profile of the chip.
func plainerHeader(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		if c.Module.Seed != 0 && !yield(c.edit(func(m *ir.Module) { m.Seed = 0 })) {
			return
		}
		if c.Module.Profile != sem.Silicon {
			yield(c.edit(func(m *ir.Module) { m.Profile = sem.Silicon }))
		}
	}
}
