package decolle

import "decc/compiler/decolle/simd"

// conv is a convolution. Its traces are the picture with its padding, ordered row, column, channel, so that what one compartment
// reads of a row of the picture is one span of them, and no compartment is at an edge.
//
// The weights of an output channel stand together, ordered kernel row, kernel column, input channel. Of a gradient, the slope of
// one compartment moves those by one span of the trace for each kernel row: so a gradient costs the compartments whose slope is
// not 0, of which pooling and dropout leave few. For the drive they are packed the other way about, output channels innermost.
type conv[F Float] struct {
	spec     LayerSpec
	in, pre  Shape
	lineSize int     // numbers of a padded line of the picture
	span     int     // numbers that a compartment reads of a line: kernel columns times channels
	reach    []int32 // by position of a compartment: first number that it reads
	kernels  *simd.Kernels[F]
}

func newConv[F Float](l LayerSpec, g geometry) *conv[F] {
	c := &conv[F]{spec: l, in: g.in, pre: g.pre, kernels: simd.For[F]()}
	c.lineSize, c.span = (g.in.W+2*l.Padding)*g.in.C, l.Kernel*g.in.C
	for y := range g.pre.H {
		for x := range g.pre.W {
			c.reach = append(c.reach, int32(y*l.Stride*c.lineSize+x*l.Stride*g.in.C))
		}
	}
	return c
}

// rows that are gathered together take each item's trace into the nearest cache once: there are four lots of them, for as many
// goroutines.
func (c *conv[F]) rows() (n, width, together int) {
	return c.spec.Out, c.spec.Kernel * c.span, (c.spec.Out + 3) / 4
}

func (c *conv[F]) places() (n, line int) {
	return (c.in.H + 2*c.spec.Padding) * c.lineSize, c.lineSize
}

func (c *conv[F]) place(e int) int {
	kx, e := e%c.spec.Kernel, e/c.spec.Kernel
	ky, e := e%c.spec.Kernel, e/c.spec.Kernel
	channel, out := e%c.in.C, e/c.in.C
	return (out*c.spec.Kernel+ky)*c.span + kx*c.in.C + channel
}

func (c *conv[F]) line(e int) int {
	x, e := e%c.in.W, e/c.in.W
	return (e%c.in.H+c.spec.Padding)*c.lineSize + (x+c.spec.Padding)*c.in.C + e/c.in.H
}

func (c *conv[F]) pack(to, w []F) []F {
	rows, width, _ := c.rows()
	to = extend(to, len(w))
	transposeInto(to, w, rows, width)
	return to
}

// drive leaves out lines of the picture in which nothing has ever fired.
func (c *conv[F]) drive(u, w []F, in *input[F], _ *scratch[F]) {
	s := simd.Slide[F]{Positions: c.pre.W, Channels: c.spec.Out, Stride: c.spec.Out, Step: c.spec.Stride * c.in.C, K: c.span}
	for ky := range c.spec.Kernel {
		s.W = w[ky*c.span*c.spec.Out:]
		for y := range c.pre.H {
			if line := y*c.spec.Stride + ky; in.live[line] {
				s.P = in.p[line*c.lineSize:]
				c.kernels.Slide(u[y*c.pre.W*c.spec.Out:], s)
			}
		}
	}
}

// blame lists the compartments whose slope is not 0, by output channel.
func (c *conv[F]) blame(cell *cell[F]) {
	t, neurons, n := &cell.blamed, len(cell.slope)/c.spec.Out, 0
	t.reset(len(cell.slope))
	for out := range c.spec.Out {
		cell.bounds[out] = int32(n)
		for i, slope := range cell.slope[out*neurons:][:neurons] {
			if cell.from != nil {
				i = int(cell.from[out*neurons+i])
			}
			t.factor[n], t.at[n] = slope, c.reach[i]
			n += moved(slope)
		}
	}
	cell.bounds[c.spec.Out] = int32(n)
}

// gather adds items in ascending order, and of an item its neurons of a channel in row-major order.
func (c *conv[F]) gather(g []F, first int, moves []bool, items []*cell[F], _ *scratch[F]) {
	size := c.spec.Kernel * c.span
	for _, item := range items {
		for k := range moves {
			c.gatherItem(g[k*size:][:size], first+k, item)
		}
	}
	fill(moves, true)
}

func (c *conv[F]) gatherItem(g []F, channel int, item *cell[F]) {
	t := item.blamed.part(item.bounds[channel], item.bounds[channel+1])
	for ky := range c.spec.Kernel {
		c.kernels.Combine(g[ky*c.span:][:c.span], t.factor, t.at, item.trace.p[ky*c.lineSize:])
	}
}

func (c *conv[F]) gatherBias(g []F, items []*cell[F], _ *scratch[F]) {
	for _, item := range items {
		for out, sum := range g {
			for _, slope := range item.blamed.part(item.bounds[out], item.bounds[out+1]).factor {
				sum += slope
			}
			g[out] = sum
		}
	}
}
