package decolle

// Dynamics are the constants of a network's neuron in float64, as a chip has to
// reproduce them: Q(t) = Beta Q + q S, P(t) = Alpha P + p Q(t-1),
// R(t) = AlphaRP R - Refractory S(t-1), U = W P + b + R (golden/decolle/README.md).
type Dynamics struct {
	Alpha, Beta, AlphaRP float64
	InputGain            float64 // p*q: what one input spike of weight 1 adds to U at its onset
	Refractory           float64 // what one own spike takes from R
	SpikesAtZero         bool    // the step is U >= 0 rather than U > 0
}

// Dynamics returns the constants of the description.
func (s Spec) Dynamics() Dynamics {
	s = s.filled()
	c := newCoefficients[float64](s)
	return Dynamics{
		Alpha: c.alpha, Beta: c.beta, AlphaRP: c.alpharp, InputGain: c.p * c.q, Refractory: c.refractory,
		SpikesAtZero: surrogateByName[float64](s.Surrogate).least == 0,
	}
}
