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

// transposeInto turns a row-major block of so many rows and columns, sixteen numbers at a time.
func transposeInto[F Float](to, x []F, rows, columns int) {
	r := 0
	for ; r+4 <= rows; r += 4 {
		c := 0
		for ; c+4 <= columns; c += 4 {
			transposeFour(to[c*rows+r:], x[r*columns+c:], rows, columns)
		}
		transposePart(to, x, rows, columns, r, c)
	}
	for ; r < rows; r++ {
		for c := range columns {
			to[c*rows+r] = x[r*columns+c]
		}
	}
}

// transposeFour turns four rows of four.
func transposeFour[F Float](to, x []F, rows, columns int) {
	a, b, c, d := (*[4]F)(x), (*[4]F)(x[columns:]), (*[4]F)(x[2*columns:]), (*[4]F)(x[3*columns:])
	*(*[4]F)(to) = [4]F{a[0], b[0], c[0], d[0]}
	*(*[4]F)(to[rows:]) = [4]F{a[1], b[1], c[1], d[1]}
	*(*[4]F)(to[2*rows:]) = [4]F{a[2], b[2], c[2], d[2]}
	*(*[4]F)(to[3*rows:]) = [4]F{a[3], b[3], c[3], d[3]}
}

// transposePart turns the columns from c on of four rows.
func transposePart[F Float](to, x []F, rows, columns, r, c int) {
	for ; c < columns; c++ {
		for k := r; k < r+4; k++ {
			to[c*rows+k] = x[k*columns+c]
		}
	}
}
