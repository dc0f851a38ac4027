package decolle

import "decc/ir/spikes"

// Reader presents samples to a network of dense layers, one at a time. It computes
// the same U as a Batch but follows the spikes instead of the traces: as P and Q are
// linear filters, W P and W Q obey the same equations driven by W s,
//
//	(W Q)(t) = beta (W Q)(t-1) + q W s(t),   (W P)(t) = alpha (W P)(t-1) + p (W Q)(t-1)
//
// so a row costs the spikes that arrive in it. Sums differ from a Batch's by rounding.
type Reader[F Float] struct {
	net      *Network[F]
	protocol Protocol
	batch    *Batch[F]
	drives   []drive[F]
}

// drive is W P and W Q of one layer for one sample.
type drive[F Float] struct {
	wp, wq []F      // by compartment
	kick   input[F] // by input line: what the spikes of this row add to Q; 0 between rows
}

func newReader[F Float](n *Network[F], p Protocol) *Reader[F] {
	r := &Reader[F]{net: n, protocol: p, batch: n.NewBatch(1)}
	for _, l := range n.layers {
		out := l.geo.out.Size()
		r.drives = append(r.drives, drive[F]{wp: make([]F, out), wq: make([]F, out), kick: input[F]{p: make([]F, l.geo.in.Size())}})
	}
	return r
}

func (r *Reader[F]) reset() {
	r.batch.Reset()
	for _, d := range r.drives {
		clear(d.wp)
		clear(d.wq)
	}
}

// step runs one row and calls after for every layer, from below, before the layer above
// runs. The spikes of a row move the layer above in the same row (decolle.md 2).
func (r *Reader[F]) step(in spikes.Train, after func(l int)) {
	s := &r.batch.scratch[0]
	for l, cells := range r.batch.cells {
		layer, c := r.net.layers[l], cells[0]
		c.trace.advance(&r.net.coef, in)
		r.drives[l].advance(&r.net.coef, layer, in, s)
		for i, u := range r.drives[l].wp {
			c.pre[i] = u + layer.b[i]
		}
		r.net.fire(c)
		layer.spike(r.net, c, r.batch.row, s)
		layer.readout(c, nil, s)
		after(l)
		in = c.out
	}
	r.batch.row++
}

// advance takes W P and W Q one row on, as trace.advance does P and Q.
func (d *drive[F]) advance(k *coefficients[F], l *layer[F], in spikes.Train, s *scratch[F]) {
	l.kernels.Decay(d.wp, d.wq, k.alpha, k.p, k.beta)
	kick := &d.kick
	kick.active = kick.active[:0]
	for _, e := range in {
		if n := len(kick.active); n == 0 || kick.active[n-1] != e.Index {
			kick.active = append(kick.active, e.Index)
		}
		kick.p[e.Index] += F(k.q * F(e.Payload))
	}
	l.syn.drive(d.wq, l.packed, kick, s)
	for _, j := range kick.active {
		kick.p[j] = 0
	}
}

// present runs a checked sample from rest; after sees every layer after every row.
func (r *Reader[F]) present(train spikes.Train, after func(row, l int)) []LayerVerdict {
	r.reset()
	out := newVerdicts(len(r.drives), r.net.spec.Classes)
	for row, in := range train.Rows(r.protocol.Steps) {
		r.step(in, func(l int) {
			view := r.batch.View(l, 0)
			count(&out[l], view, row >= r.protocol.BurnIn)
			for _, e := range view.Spikes {
				out[l].Train = append(out[l].Train, spikes.Event{Row: int32(row), Index: e.Index, Payload: 1})
			}
			after(row, l)
		})
	}
	decide(out)
	return out
}

// Classify presents one sample and returns the verdict of every layer, as
// Network.Classify does. A train that does not fit is an error of code decolle/data.
func (r *Reader[F]) Classify(train spikes.Train) ([]LayerVerdict, error) {
	if err := r.net.checkTrain(0, train); err != nil {
		return nil, err
	}
	return r.present(train, func(int, int) {}), nil
}
