package decolle

import (
	"slices"

	"decc/ir/spikes"
)

// trace is the input side of a layer for one item: P and Q of every line, in the
// order of the layer's synapses. Only lines that have fired since the reset are
// visited; all others are exactly 0.
type trace[F Float] struct {
	p, q   []F
	active []int32 // the lines that have fired, ascending
	fresh  []int32 // scratch: lines that fire for the first time
	place  []int32 // place of an input line; nil: its number
	fired  []bool  // whether line j has fired is fired[j*stride]
	stride int     // number of items
}

// newTraces makes the traces of a layer for a number of items. Their sets of fired
// lines are interleaved, so that one look tells which items use a line.
func newTraces[F Float](l *layer[F], items int) []trace[F] {
	lines := l.geo.in.Size()
	fired := make([]bool, lines*items)
	out := make([]trace[F], items)
	for n := range out {
		out[n] = trace[F]{p: make([]F, lines), q: make([]F, lines), place: l.lines, fired: fired[n:], stride: items}
	}
	return out
}

// firedBy tells for the first n items, seen from item 0, which of them use line j.
func (t *trace[F]) firedBy(j, n int) []bool { return t.fired[j*t.stride:][:n] }

func (t *trace[F]) reset() {
	for _, j := range t.active {
		t.p[j], t.q[j], t.fired[int(j)*t.stride] = 0, 0, false
	}
	t.active = t.active[:0]
}

// advance takes the traces one row on: P from the previous Q, then Q from the
// spikes of this row, sorted by index. A payload counts as that many spikes.
func (t *trace[F]) advance(c *coefficients[F], in spikes.Train) {
	for _, j := range t.active {
		q := t.q[j]
		t.p[j] = F(c.alpha*t.p[j]) + F(c.p*q)
		t.q[j] = F(c.beta * q)
	}
	t.fresh = t.fresh[:0]
	for _, e := range in {
		j := e.Index
		if t.place != nil {
			j = t.place[j]
		}
		if fired := &t.fired[int(j)*t.stride]; !*fired {
			*fired = true
			t.fresh = append(t.fresh, j)
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
