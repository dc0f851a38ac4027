package decolle

// pooling takes the largest potential of each window to the neuron it belongs to.
// Neurons are ordered channel, row, column; compartments row, column, channel.
// Rows and columns that do not fill a window are dropped.
type pooling struct {
	window   int
	pre, out Shape
}

func newPooling(window int, g geometry) pooling {
	return pooling{window: window, pre: g.pre, out: g.out}
}

// flat reports that neurons are the compartments, in the same order.
func (p pooling) flat() bool { return p.window == 1 && (p.pre.H*p.pre.W == 1 || p.pre.C == 1) }

// at is the place of compartment (c, y, x).
func (p pooling) at(c, y, x int) int { return (y*p.pre.W+x)*p.pre.C + c }

// place is the place of compartment number e in channel, row, column order.
func (p pooling) place(e int) int {
	x, e := e%p.pre.W, e/p.pre.W
	return p.at(e/p.pre.H, e%p.pre.H, x)
}

// largest writes for every neuron the largest potential of its window, and from
// which compartment it came: the first in row-major order among equals.
func largest[F Float](p pooling, u []F, from []int32, pre []F) {
	i := 0
	for c := range p.out.C {
		for y := range p.out.H {
			for x := range p.out.W {
				best := largestIn(p, pre, c, y*p.window, x*p.window)
				u[i], from[i] = pre[best], int32(best)
				i++
			}
		}
	}
}

func largestIn[F Float](p pooling, pre []F, c, y0, x0 int) int {
	best := p.at(c, y0, x0)
	for y := y0; y < y0+p.window; y++ {
		for x := x0; x < x0+p.window; x++ {
			if k := p.at(c, y, x); pre[k] > pre[best] {
				best = k
			}
		}
	}
	return best
}
