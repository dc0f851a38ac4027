package decolle

// conv is a convolution that works from the active input lines outwards.
//
// With compartments ordered row, column, channel and the kernel columns of equal
// residue modulo the stride stored next to each other in descending order, one
// input position and one kernel row reach one contiguous span of compartments
// through one contiguous span of weights: so both the drive and the gradient are
// a few axpy per active line. Weight row (ic, ky) holds, for every kernel column
// in that order, the weights to all output channels.
type conv[F Float] struct {
	kernel, plane, out int // kernel side, input positions of one channel, output channels
	in                 int // input channels
	spans              []span
	column             []int // place of kernel column kx in a weight row
}

// span is a run of n compartments from u and of n weights from w of a weight row.
// n = 0: the input position does not reach any compartment through that kernel row.
type span struct{ u, w, n int32 }

func newConv[F Float](l LayerSpec, g geometry) *conv[F] {
	c := &conv[F]{kernel: l.Kernel, plane: g.in.H * g.in.W, out: l.Out, in: g.in.C}
	c.column = kernelColumns(l.Kernel, l.Stride)
	for y := range g.in.H {
		for x := range g.in.W {
			for ky := range l.Kernel {
				c.spans = append(c.spans, c.reach(l, g.pre, y, x, ky))
			}
		}
	}
	return c
}

// kernelColumns places the kernel columns: those of equal residue together, each
// class descending.
func kernelColumns(kernel, stride int) []int {
	place := make([]int, kernel)
	n := 0
	for first := kernel - 1; first >= max(kernel-stride, 0); first-- {
		for kx := first; kx >= 0; kx -= stride {
			place[kx] = n
			n++
		}
	}
	return place
}

// reach is the span of input position (y, x) through kernel row ky: output (oy, ox)
// reads input (oy*stride + ky - padding, ox*stride + kx - padding).
func (c *conv[F]) reach(l LayerSpec, pre Shape, y, x, ky int) span {
	oy := y + l.Padding - ky
	if oy < 0 || oy%l.Stride != 0 || oy/l.Stride >= pre.H {
		return span{}
	}
	first, last := l.columnRange(x, pre.W)
	if first > last {
		return span{}
	}
	kx := x + l.Padding - first*l.Stride
	return span{
		u: int32((oy/l.Stride*pre.W + first) * c.out),
		w: int32(c.column[kx] * c.out),
		n: int32((last - first + 1) * c.out),
	}
}

// columnRange is the first and the last output column that reads input column x.
func (l LayerSpec) columnRange(x, width int) (first, last int) {
	far := x + l.Padding // the column with kx = 0 is far/stride
	if far >= l.Kernel {
		first = (far - l.Kernel + l.Stride) / l.Stride
	}
	return first, min(far/l.Stride, width-1)
}

func (c *conv[F]) rows() (n, width int) { return c.in * c.kernel, c.kernel * c.out }

func (c *conv[F]) place(e int) int {
	kx, e := e%c.kernel, e/c.kernel
	icky, oc := e%(c.in*c.kernel), e/(c.in*c.kernel)
	return (icky*c.kernel+c.column[kx])*c.out + oc
}

// line orders input lines row, column, channel: the channels of a position, which
// reach the same compartments, stand together.
func (c *conv[F]) line(e int) int { return e%c.plane*c.in + e/c.plane }

// drive takes up to four active channels of a position at a time.
func (c *conv[F]) drive(u, w, p []F, active []int32) {
	for len(active) > 0 {
		position := int(active[0]) / c.in
		end := int32((position + 1) * c.in)
		if len(active) >= 4 && active[3] < end {
			c.driveFour(u, w, p, position, active)
			active = active[4:]
			continue
		}
		c.driveOne(u, w, p, position, active[0])
		active = active[1:]
	}
}

func (c *conv[F]) driveOne(u, w, p []F, position int, j int32) {
	a, row := p[j], c.channelWeights(w, j)
	for ky, s := range c.spans[position*c.kernel:][:c.kernel] {
		axpy(u[s.u:s.u+s.n], a, row[ky*c.kernel*c.out+int(s.w):])
	}
}

func (c *conv[F]) driveFour(u, w, p []F, position int, j []int32) {
	a := [4]F{p[j[0]], p[j[1]], p[j[2]], p[j[3]]}
	w0, w1 := c.channelWeights(w, j[0]), c.channelWeights(w, j[1])
	w2, w3 := c.channelWeights(w, j[2]), c.channelWeights(w, j[3])
	for ky, s := range c.spans[position*c.kernel:][:c.kernel] {
		at := ky*c.kernel*c.out + int(s.w)
		axpy4(u[s.u:s.u+s.n], &a, w0[at:], w1[at:], w2[at:], w3[at:])
	}
}

// channelWeights are the weights from the channel of line j.
func (c *conv[F]) channelWeights(w []F, j int32) []F {
	n := c.kernel * c.kernel * c.out
	return w[int(j)%c.in*n:][:n]
}

func (c *conv[F]) gather(g []F, k int, items []*cell[F]) bool {
	any := false
	for _, item := range items {
		if c.gatherItem(g, k/c.kernel, k%c.kernel, item) {
			any = true
		}
	}
	return any
}

// gatherItem adds the positions of one item in row-major order; positions that
// reach the whole weight row are taken four at a time.
func (c *conv[F]) gatherItem(g []F, channel, ky int, item *cell[F]) bool {
	four := quad[F]{g: g, delta: item.delta}
	any := false
	for at, line := ky, channel; line < len(item.trace.p); at, line = at+c.kernel, line+c.in {
		p, s := item.trace.p[line], &c.spans[at]
		if p == 0 || s.n == 0 {
			continue
		}
		any = true
		if int(s.n) == len(g) {
			four.add(p, s.u)
			continue
		}
		four.flush()
		axpy(g[s.w:s.w+s.n], p, item.delta[s.u:])
	}
	four.flush()
	return any
}

// quad collects up to four terms p*delta[u:] of a sum g before it adds them.
type quad[F Float] struct {
	g, delta []F
	p        [4]F
	u        [4]int32
	n        int
}

func (q *quad[F]) add(p F, u int32) {
	q.p[q.n], q.u[q.n] = p, u
	if q.n++; q.n == 4 {
		axpy4(q.g, &q.p, q.delta[q.u[0]:], q.delta[q.u[1]:], q.delta[q.u[2]:], q.delta[q.u[3]:])
		q.n = 0
	}
}

func (q *quad[F]) flush() {
	for i := range q.n {
		axpy(q.g, q.p[i], q.delta[q.u[i]:])
	}
	q.n = 0
}
