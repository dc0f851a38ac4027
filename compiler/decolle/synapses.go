package decolle

// synapses is what a dense layer and a convolution do differently. Weights are
// kept in an order of their own: rows of contiguous weights that one input line
// (dense) or one input channel and kernel row (convolution) needs together.
type synapses[F Float] interface {
	// drive adds W P to the potentials u of one item, active lines in the order of the trace.
	drive(u, w, p []F, active []int32)
	// rows is the number of weight rows; row k is w[k*width : (k+1)*width].
	rows() (n, width int)
	// gather adds to row k of the gradient the sum over items of delta P, and
	// reports whether any line of the row has ever fired.
	gather(g []F, k int, items []*cell[F]) bool
	// line is the place of input line e (channel, row, column order) in the trace.
	line(e int) int
	// place is the position in w of element e of PyTorch's row-major weight.
	place(e int) int
}

func newSynapses[F Float](l LayerSpec, g geometry) synapses[F] {
	if l.Kind == Dense {
		return dense[F]{in: g.in.Size(), out: l.Out}
	}
	return newConv[F](l, g)
}
