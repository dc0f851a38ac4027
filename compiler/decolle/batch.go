package decolle

import "decc/ir/spikes"

// cell is the state of one layer for one item.
type cell[F Float] struct {
	trace trace[F]
	pre   []F          // U, compartments
	refr  []F          // R
	s     []F          // S, unpooled, 0 or 1
	u     []F          // pooled U, neurons (the same memory as pre when nothing is pooled)
	from  []F          // position of the compartment that each u came from; nil without windows
	out   spikes.Train // spikes of the neurons in this row
	r     []F          // readout
	keep  []F          // dropout factors of the neurons
	d     []F          // slope of the loss in r
	slope []F          // slope of the loss in u, neurons

	slopes []F      // of this and all later items
	blamed terms[F] // of a convolution: the slopes that are not 0, each with what its compartment reads
	bounds []int32  // where each output channel begins in blamed
}

func newCell[F Float](l *layer[F], t trace[F]) *cell[F] {
	n := l.geo.pre.Size()
	c := &cell[F]{trace: t, out: make(spikes.Train, l.geo.out.Size())}
	c.pre, c.refr, c.s = make([]F, n), make([]F, n), make([]F, n)
	c.r, c.d = make([]F, len(l.gb)), make([]F, len(l.gb))
	c.u = c.pre
	if !l.pool.flat() {
		c.u = make([]F, l.geo.out.Size())
	}
	if l.pool.window > 1 {
		c.from = make([]F, len(c.u))
	}
	return c
}

func (c *cell[F]) reset() {
	c.trace.reset()
	clear(c.refr)
	clear(c.s)
}

// Batch is the state (P, Q, R, S) of a number of items that run through one
// network side by side. Items do not influence each other.
type Batch[F Float] struct {
	net   *Network[F]
	cells [][]*cell[F] // [layer][item]
	row   int32

	scratch []scratch[F] // by goroutine
}

// NewBatch makes the state of n items at rest.
func (n *Network[F]) NewBatch(items int) *Batch[F] {
	b := &Batch[F]{net: n, cells: make([][]*cell[F], len(n.layers)), scratch: make([]scratch[F], 1)}
	for l, layer := range n.layers {
		for _, t := range newTraces(layer, items) {
			b.cells[l] = append(b.cells[l], newCell(layer, t))
		}
	}
	return b
}

// Reset puts all items back to rest, at row 0.
func (b *Batch[F]) Reset() {
	b.row = 0
	for _, cells := range b.cells {
		for _, c := range cells {
			c.reset()
		}
	}
}

// Row is the number of rows run since the reset.
func (b *Batch[F]) Row() int { return int(b.row) }

// Step runs one row. in[n] holds the input spikes of item n in this row, sorted
// by index, with indices inside the input shape (Train.Check); items beyond
// len(in) do not move. Payloads count as that many spikes.
func (b *Batch[F]) Step(in []spikes.Train) {
	for n, train := range in {
		b.stepItem(n, train, false, &b.scratch[0])
	}
	b.row++
}

// stepItem takes item n through all layers of the row; a layer gets the spikes
// that the layer below fired in the same row.
func (b *Batch[F]) stepItem(n int, in spikes.Train, dropout bool, s *scratch[F]) {
	for l, cells := range b.cells {
		layer, c := b.net.layers[l], cells[n]
		c.trace.advance(&b.net.coef, in)
		layer.potentials(c, s)
		b.net.fire(c)
		layer.spike(b.net, c, b.row, s)
		var keep []F
		if dropout {
			keep = c.keep
		}
		layer.readout(c, keep, s)
		in = c.out
	}
}

// fire adds the refractory state to the potentials and tests the compartments.
func (n *Network[F]) fire(c *cell[F]) {
	n.kernels.Fire(c.pre, c.refr, c.s, n.coef.alpharp, n.coef.refractory, n.surrogate.least)
}

// spike pools the potentials and lists the neurons that fire.
func (l *layer[F]) spike(n *Network[F], c *cell[F], row int32, s *scratch[F]) {
	if !l.pool.flat() {
		l.pool.largest(c.u, c.from, c.pre, s)
	}
	out, fired := c.out[:len(c.u)], 0
	for i, u := range c.u {
		out[fired] = spikes.Event{Row: row, Index: int32(i), Payload: 1}
		fired += bit(u, n.surrogate.least)
	}
	c.out = out[:fired]
}
