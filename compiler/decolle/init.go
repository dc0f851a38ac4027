package decolle

import "decc/ir/sem"

// denseShrink is the factor on the weights of dense layers that keeps the first
// potentials small (decolle.md section 2, V2).
const denseShrink = 0.05

// Init draws all parameters from the seed as the reference does without LSUV:
// weights and biases U(+-1/sqrt(fan-in)), weights of dense layers times 0.05, biases
// times (1-alpha)(1-beta), readouts and their biases U(+-LCAmpl/sqrt(fan-in)).
func (n *Network[F]) Init(seed uint64) {
	for i, l := range n.layers {
		half := bound(1, l.geo.fanIn)
		weights := half
		if l.spec.Kind == Dense {
			weights *= denseShrink
		}
		l.setWeights(uniform(seed, weightName(i), len(l.w), weights))
		gain := (1 - n.spec.Alpha) * (1 - n.spec.Beta)
		narrow(l.b, uniform(seed, biasName(i), len(l.b), half*gain))
		n.initReadout(seed, i)
	}
}

func (n *Network[F]) initReadout(seed uint64, i int) {
	l := n.layers[i]
	fanIn := l.geo.out.Size()
	half := bound(n.spec.LCAmpl, fanIn)
	l.setReadout(uniform(seed, readoutName(i), len(l.g), half))
	narrow(l.gb, uniform(seed, readoutBiasName(i), len(l.gb), half))
}

// uniform draws n values of U(+-half) for an object.
func uniform(seed uint64, object string, n int, half float64) []float64 {
	draw := newStream(seed, sem.Key(object), 0)
	out := make([]float64, n)
	for e := range out {
		out[e] = half * draw.symmetric(uint64(e))
	}
	return out
}
