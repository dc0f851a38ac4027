package decolle

import (
	"encoding/binary"
	wordbits "math/bits"

	"decc/compiler/decolle/simd"
)

// dense keeps the weights of one input line together: w[j*out + i] is W_ij.
type dense[F Float] struct {
	in, out int
	kernels *simd.Kernels[F]
}

func newDense[F Float](in, out int) dense[F] { return dense[F]{in, out, simd.For[F]()} }

// rows that are gathered together fit into the nearest cache with their gradient and what the optimiser remembers.
func (d dense[F]) rows() (n, width, together int) { return d.in, d.out, max(2048/d.out, 1) }

func (d dense[F]) places() (n, line int) { return d.in, d.in }

func (d dense[F]) place(e int) int { return e%d.in*d.out + e/d.in }

func (d dense[F]) line(e int) int { return e }

func (d dense[F]) pack(_, w []F) []F { return w }

// drive adds the weights of the lines that have fired, in ascending order.
func (d dense[F]) drive(u, w []F, in *input[F], t *scratch[F]) {
	t.reset(len(in.active))
	for i, j := range in.active {
		t.factor[i], t.at[i] = in.p[j], j*int32(d.out)
	}
	d.kernels.Combine(u, t.factor, t.at, w)
}

func (d dense[F]) blame(*cell[F]) {}

func (d dense[F]) gather(g []F, first int, moves []bool, items []*cell[F], t *scratch[F]) {
	for k := range moves {
		d.collect(first+k, items, t)
		if moves[k] = len(t.factor) > 0; moves[k] {
			d.kernels.Combine(g[k*d.out:][:d.out], t.factor, t.at, items[0].slopes)
		}
	}
}

// collect visits the items that have used a line in ascending order. What they have lies side by side, from the first item's on.
func (d dense[F]) collect(line int, items []*cell[F], t *scratch[F]) {
	t.reset(len(items))
	terms, fired, p := 0, items[0].trace.firedBy(line), items[0].trace.all[line:]
	for from := 0; from < len(items); from += 8 {
		for flags := binary.LittleEndian.Uint64(fired[from:]); flags != 0; flags &= flags - 1 {
			if n := from + wordbits.TrailingZeros64(flags)/8; n < len(items) {
				t.factor[terms], t.at[terms] = p[n*d.in], int32(n*d.out)
				terms++
			}
		}
	}
	t.reset(terms)
}

func (d dense[F]) gatherBias(g []F, items []*cell[F], t *scratch[F]) {
	t.reset(len(items))
	for n := range items {
		t.factor[n], t.at[n] = 1, int32(n*d.out)
	}
	d.kernels.Combine(g, t.factor, t.at, items[0].slopes)
}
