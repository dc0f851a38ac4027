package decolle

import "decc/ir/spikes"

// View is what one layer shows of one item after a row. The slices belong to the
// batch and are overwritten by its next row.
type View[F Float] struct {
	U       []F          // potentials after pooling, channel, row, column order
	Spikes  spikes.Train // neurons that fired in the row, ascending
	Readout []F          // [classes]
}

// View shows layer l of item n.
func (b *Batch[F]) View(l, n int) View[F] {
	c := b.cells[l][n]
	return View[F]{U: c.u, Spikes: c.out, Readout: c.r}
}

// Views shows all layers of item n.
func (b *Batch[F]) Views(n int) []View[F] {
	out := make([]View[F], len(b.cells))
	for l := range out {
		out[l] = b.View(l, n)
	}
	return out
}

// States is a copy of the state of one layer for one item.
type States[F Float] struct {
	P, Q []F // by input line
	R    []F // by compartment, in channel, row, column order
	S    []F // unpooled spikes, 0 or 1, ordered as R
	U    []F // unpooled potentials, ordered as R
}

// States copies the state of layer l of item n.
func (b *Batch[F]) States(l, n int) States[F] {
	c, pool := b.cells[l][n], b.net.layers[l].pool
	syn := b.net.layers[l].syn
	lines := b.net.layers[l].geo.in.Size()
	s := States[F]{P: make([]F, lines), Q: make([]F, lines)}
	for e := range s.P {
		j := syn.line(e)
		s.P[e], s.Q[e] = c.trace.p[j], c.trace.q[j]
	}
	s.R, s.S, s.U = make([]F, len(c.refr)), make([]F, len(c.s)), make([]F, len(c.pre))
	for e := range s.R {
		k := pool.place(e)
		s.R[e], s.S[e], s.U[e] = c.refr[k], c.s[k], c.pre[k]
	}
	return s
}
