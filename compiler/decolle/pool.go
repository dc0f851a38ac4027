package decolle

import "decc/compiler/decolle/simd"

// pooling takes the largest potential of each window to the neuron it belongs to.
// Neurons are ordered channel, row, column; compartments row, column, channel.
// Rows and columns that do not fill a window are dropped.
type pooling[F Float] struct {
	window   int
	pre, out Shape
	kernels  *simd.Kernels[F]
}

func newPooling[F Float](window int, g geometry) pooling[F] {
	return pooling[F]{window: window, pre: g.pre, out: g.out, kernels: simd.For[F]()}
}

// flat reports that neurons are the compartments, in the same order.
func (p pooling[F]) flat() bool { return p.window == 1 && (p.pre.H*p.pre.W == 1 || p.pre.C == 1) }

// at is the place of the compartments of all channels at a position.
func (p pooling[F]) at(y, x int) int { return (y*p.pre.W + x) * p.pre.C }

// place is the place of compartment number e in channel, row, column order.
func (p pooling[F]) place(e int) int {
	x, e := e%p.pre.W, e/p.pre.W
	return p.at(e%p.pre.H, x) + e/p.pre.H
}

// largest writes for every neuron the largest potential of its window, and from which position it came: the first in row-major
// order among equals. Without windows only the order changes, and from is nil.
func (p pooling[F]) largest(u, from []F, pre []F, s *scratch[F]) {
	positions := p.out.H * p.out.W
	if p.window == 1 {
		transposeInto(u, pre, positions, p.pre.C)
		return
	}
	s.best, s.from = extend(s.best, len(u)), extend(s.from, len(u))
	for y := range p.out.H {
		for x := range p.out.W {
			at := (y*p.out.W + x) * p.pre.C
			p.search(s.best[at:][:p.pre.C], s.from[at:][:p.pre.C], pre, y*p.window, x*p.window)
		}
	}
	transposeInto(u, s.best, positions, p.pre.C)
	transposeInto(from, s.from, positions, p.pre.C)
}

// search looks through one window in all channels. A position is told as a number: all are exact in a float.
func (p pooling[F]) search(best, from, pre []F, y0, x0 int) {
	copy(best, pre[p.at(y0, x0):])
	fill(from, F(y0*p.pre.W+x0))
	for k := 1; k < p.window*p.window; k++ {
		y, x := y0+k/p.window, x0+k%p.window
		p.kernels.Larger(best, from, pre[p.at(y, x):], F(y*p.pre.W+x))
	}
}

func fill[T any](x []T, value T) {
	for i := range x {
		x[i] = value
	}
}

// transposeInto turns a row-major block of so many rows and columns.
func transposeInto[F Float](to, x []F, rows, columns int) {
	const block = 16 // rows at a time, whose lines stay in the cache
	for lo := 0; lo < rows; lo += block {
		n := min(block, rows-lo)
		for c := range columns {
			row, from := to[c*rows+lo:][:n], x[lo*columns+c:]
			for r := range row {
				row[r] = from[r*columns]
			}
		}
	}
}
