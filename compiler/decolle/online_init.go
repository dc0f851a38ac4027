package decolle

import (
	"fmt"

	"decc/ir/sem"
)

// InitLearning draws the start of a network that learns on the chip (onchip-learning.md
// 2): weights of zero mean and the given standard deviation a layer (0.2 for the first,
// 0.05 to 0.1 above), biases 0, readouts U(+-LCAmpl/sqrt(fan-in)) without bias. Weights
// are a sum of uniform numbers, nearly normal. The error has code decolle/spec.
func (n *Network[F]) InitLearning(deviation []float64, seed uint64) error {
	c := checker{code: codeSpec}
	c.count("learn.init layers", len(deviation), len(n.layers), len(n.layers))
	for i, x := range deviation {
		c.number(fmt.Sprintf("learn.layers[%d].init", i), x, 0, maxReal)
	}
	if err := c.list.Err(); err != nil {
		return err
	}
	for i, l := range n.layers {
		draw := newStream(seed, sem.Key(weightName(i)), 0)
		w := make([]float64, len(l.w))
		for e := range w {
			w[e] = deviation[i] * draw.bell(uint64(e))
		}
		l.setWeights(w)
		n.initReadout(seed, i)
		clear(l.b)
		clear(l.gb)
	}
	return nil
}
