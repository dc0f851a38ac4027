package ir

import "slices"

// Inbound is a synapse object by target, for those who go through a network core by core. The synapses of a list are
// kept in that order; those of a matrix or kernel, which may be hundreds of millions, are listed anew whenever they are asked for.
type Inbound struct {
	*Synapse
	// Start counts the synapses: those of target i have the numbers Start[i] .. Start[i+1]-1.
	Start []int
	list  Arrivals
	base  int32
}

// Arrivals are synapses in the order of their targets, and those of a target in the order of Synapse.Each.
type Arrivals struct {
	Pre      []int32 // source member, counted from what NewInbound was given
	Mantissa []int16
	Delay    []uint8
	Tag      []int16 // empty where the synapses have no tags
}

// NewInbound sorts the synapses of an object by their targets, of which there are so many. Member 0 of
// its source has the number base.
func NewInbound(s *Synapse, targets int, base int32) *Inbound {
	in := &Inbound{Synapse: s, Start: make([]int, targets+1), base: base}
	if s.IsConv() {
		copy(in.Start[1:], s.Conv.FanIn(s.Weights))
	} else {
		s.Each(func(_, post int, _ int64, _ int) { in.Start[post+1]++ })
	}
	for i := range targets {
		in.Start[i+1] += in.Start[i]
	}
	if s.IsList() {
		in.sort()
	}
	return in
}

// sort keeps the synapses of a list.
func (in *Inbound) sort() {
	next := slices.Clone(in.Start)
	in.list.resize(in.Start[len(in.Start)-1], in.Tags != nil)
	for i := range in.Weights.Data {
		post := in.PrePost.Data[2*i+1]
		in.put(&in.list, next[post], int(in.PrePost.Data[2*i]), i)
		next[post]++
	}
}

// put makes the synapse with the weight at a place number k of a list.
func (in *Inbound) put(x *Arrivals, k, pre, place int) {
	x.Pre[k], x.Mantissa[k], x.Delay[k] = in.base+int32(pre), int16(in.Weights.Data[place]), uint8(in.delayAt(place))
	if in.Tags != nil {
		x.Tag[k] = int16(in.Tags.At(place))
	}
}

// Onto lists the synapses onto the targets first .. first+n-1. The lists are good until the next call with the same scratch.
func (in *Inbound) Onto(first, n int, scratch *Arrivals) Arrivals {
	lo, hi := in.Start[first], in.Start[first+n]
	if in.IsList() {
		return in.list.cut(lo, hi)
	}
	scratch.resize(hi-lo, in.Tags != nil)
	k := 0
	in.eachOnto(first, n, func(pre, _, place int) {
		in.put(scratch, k, pre, place)
		k++
	})
	return *scratch
}

func (x *Arrivals) resize(n int, tags bool) {
	x.Pre = slices.Grow(x.Pre[:0], n)[:n]
	x.Mantissa = slices.Grow(x.Mantissa[:0], n)[:n]
	x.Delay = slices.Grow(x.Delay[:0], n)[:n]
	x.Tag = x.Tag[:0]
	if tags {
		x.Tag = slices.Grow(x.Tag, n)[:n]
	}
}

func (x *Arrivals) cut(lo, hi int) Arrivals {
	c := Arrivals{Pre: x.Pre[lo:hi], Mantissa: x.Mantissa[lo:hi], Delay: x.Delay[lo:hi]}
	if len(x.Tag) > 0 {
		c.Tag = x.Tag[lo:hi]
	}
	return c
}
