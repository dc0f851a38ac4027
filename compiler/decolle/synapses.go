package decolle

// synapses is what a dense layer and a convolution do differently. Weights, and all that learning keeps beside them, are in an
// order of their own: rows of contiguous weights that have their gradient from the same sums.
type synapses[F Float] interface {
	// drive adds W P to the potentials u of one item, with the weights as pack gives them; t is free to use.
	drive(u, w []F, in *input[F], t *scratch[F])
	// pack returns the weights in the order in which drive goes through them: w itself, or a copy in to.
	pack(to, w []F) []F
	// rows is the number of weight rows, of which row k is w[k*width : (k+1)*width], and how many of them are best gathered together.
	rows() (n, width, together int)
	// blame is told that the item's slopes in the potentials of the neurons are known.
	blame(c *cell[F])
	// gather adds to rows of the gradient, from the given one on, the sums over items of delta P, and tells of each row whether
	// any line of it has ever fired; t is free to use.
	gather(g []F, first int, moves []bool, items []*cell[F], t *scratch[F])
	// gatherBias adds the slopes of all items to the gradient of the biases; t is free to use.
	gatherBias(g []F, items []*cell[F], t *scratch[F])
	// places is the number of places in the traces, and how many of them make a line of the picture.
	places() (n, line int)
	// line is the place of input line e (channel, row, column order) in the trace.
	line(e int) int
	// place is the position in w of element e of PyTorch's row-major weight.
	place(e int) int
}

func newSynapses[F Float](l LayerSpec, g geometry) synapses[F] {
	if l.Kind == Dense {
		return newDense[F](g.in.Size(), l.Out)
	}
	return newConv[F](l, g)
}
