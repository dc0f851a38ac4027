package decolle

import (
	"slices"

	"decc/compiler/decolle/simd"

	"decc/ir/spikes"
)

// input is what synapses read of one item: P of every input line, in the order of the synapses.
type input[F Float] struct {
	p      []F
	active []int32 // places of the lines that have fired since the reset, ascending; P of all others is exactly 0
	live   []bool  // by line of the picture: whether one of its places is active
}

// trace is the input side of a layer for one item.
type trace[F Float] struct {
	input[F]
	q       []F     // ordered as P
	all     []F     // P of this and all later items
	line    int     // places of a line of the picture
	fresh   []int32 // scratch: places that fire for the first time
	place   []int32 // place of an input line; nil: its number
	fired   []uint8 // whether place j has fired, 0 or 1, is fired[j*stride]
	stride  int     // where the sets of the items are interleaved: their number, rounded up to eight
	kernels *simd.Kernels[F]
}

// newTraces makes the traces of a layer for a number of items. In a dense layer their sets
// of fired places are interleaved, so that one look tells which of eight items use a place.
func newTraces[F Float](l *layer[F], items int) []trace[F] {
	places, line := l.syn.places()
	out, p := make([]trace[F], items), make([]F, items*places)
	for n := range out {
		out[n] = trace[F]{q: make([]F, places), all: p[n*places:], line: line, place: l.lines, stride: 1, kernels: simd.For[F]()}
		out[n].input = input[F]{p: out[n].all[:places:places], live: make([]bool, places/line)}
	}
	if l.spec.Kind == Dense {
		interleave(out, places)
		return out
	}
	for n := range out {
		out[n].fired = make([]uint8, places)
	}
	return out
}

func interleave[F Float](traces []trace[F], places int) {
	stride := (len(traces) + 7) / 8 * 8
	fired := make([]uint8, places*stride)
	for n := range traces {
		traces[n].fired, traces[n].stride = fired[n:], stride
	}
}

// firedBy tells, seen from item 0, which items use a place.
func (t *trace[F]) firedBy(place int) []uint8 { return t.fired[place*t.stride:][:t.stride] }

func (t *trace[F]) reset() {
	for _, j := range t.active {
		t.fired[int(j)*t.stride] = 0
	}
	clear(t.p)
	clear(t.q)
	clear(t.live)
	t.active = t.active[:0]
}

// advance takes the traces one row on: P from the previous Q, then Q from the
// spikes of this row, sorted by index. A payload counts as that many spikes.
func (t *trace[F]) advance(c *coefficients[F], in spikes.Train) {
	t.kernels.Decay(t.p, t.q, c.alpha, c.p, c.beta)
	t.fresh = t.fresh[:0]
	for _, e := range in {
		j := e.Index
		if t.place != nil {
			j = t.place[j]
		}
		if fired := &t.fired[int(j)*t.stride]; *fired == 0 {
			*fired = 1
			t.fresh = append(t.fresh, j)
			t.live[int(j)/t.line] = true
		}
		t.q[j] += F(c.q * F(e.Payload))
	}
	if t.place != nil {
		slices.Sort(t.fresh)
	}
	t.active = merge(t.active, t.fresh)
}

// merge inserts the ascending list add into the ascending list a, in place.
func merge(a, add []int32) []int32 {
	i, k := len(a)-1, len(add)-1
	a = slices.Grow(a, len(add))[:len(a)+len(add)]
	for at := len(a) - 1; k >= 0; at-- {
		if i >= 0 && a[i] > add[k] {
			a[at] = a[i]
			i--
		} else {
			a[at] = add[k]
			k--
		}
	}
	return a
}
