package decolle

import (
	"math"

	"decc/compiler/decolle/simd"
)

// layer holds the parameters of one layer and what follows from its description.
type layer[F Float] struct {
	spec LayerSpec
	geo  geometry
	syn  synapses[F]

	w, b   []F // synapses (in the order of syn) and biases, [Out]
	packed []F // w as the drive reads it; settle brings it up to date
	g, gb  []F // readout: g[i*classes + c] is G_ci, gb [classes]
	back   []F // the same G by class: back[c*neurons + i]

	pool  pooling[F]
	lines []int32 // place of every input line in the traces; nil: its number

	backRows []int32 // begin of every class in back
	kernels  *simd.Kernels[F]
}

func newLayer[F Float](l LayerSpec, in Shape, classes int) *layer[F] {
	geo := l.geometry(in)
	out := &layer[F]{spec: l, geo: geo, syn: newSynapses[F](l, geo), pool: newPooling[F](l.Pool, geo), kernels: simd.For[F]()}
	n, width, _ := out.syn.rows()
	out.w, out.b = make([]F, n*width), make([]F, l.Out)
	neurons := geo.out.Size() * classes
	out.g, out.gb, out.back = make([]F, neurons), make([]F, classes), make([]F, neurons)
	for c := range classes {
		out.backRows = append(out.backRows, int32(c*geo.out.Size()))
	}
	out.settle()
	if l.Kind == Conv {
		for e := range in.Size() {
			out.lines = append(out.lines, int32(out.syn.line(e)))
		}
	}
	return out
}

// settle is to be called whenever weights have changed.
func (l *layer[F]) settle() { l.packed = l.syn.pack(l.packed, l.w) }

// setWeights takes weights in PyTorch's order.
func (l *layer[F]) setWeights(w []float64) {
	l.importWeights(l.w, w)
	l.settle()
}

// potentials writes U = W P + b of one item, before the refractory state.
func (l *layer[F]) potentials(c *cell[F], s *scratch[F]) {
	for n := copy(c.pre, l.b); n < len(c.pre); {
		n += copy(c.pre[n:], c.pre[:n])
	}
	l.syn.drive(c.pre, l.packed, &c.trace.input, s)
}

// readout writes r = G s + gb of one item, spikes in ascending order. keep, if not
// nil, holds the dropout factor of every neuron.
func (l *layer[F]) readout(c *cell[F], keep []F, s *scratch[F]) {
	copy(c.r, l.gb)
	n := 0
	s.reset(len(c.out))
	for _, e := range c.out {
		scale := F(1)
		if keep != nil {
			scale = keep[e.Index]
		}
		s.factor[n], s.at[n] = scale, e.Index*int32(len(c.r))
		n += moved(scale)
	}
	l.kernels.Combine(c.r, s.factor[:n], s.at[:n], l.g)
}

// setReadout takes G in PyTorch's order [classes, neurons].
func (l *layer[F]) setReadout(g []float64) {
	narrow(l.back, g)
	narrow(l.g, transpose(g, l.geo.out.Size()))
}

// bound is the half-width of a uniform start: scale / sqrt(fan-in).
func bound(scale float64, fanIn int) float64 { return scale / math.Sqrt(float64(fanIn)) }
