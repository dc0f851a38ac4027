package decolle

// variant is one generation of the neuron: how much a spike moves Q, Q moves P and
// the own spike moves R (golden/decolle/README.md; decolle.md section 2). The
// gains are functions of the decays, formed in the precision of the network.
type variant struct {
	name      string
	surrogate string // the surrogate its authors used with it
	unit      bool   // gains are (1 - decay): unit DC gain of P
	inverse   bool   // gains of P and Q are 1/(1 - decay)
}

var variants = []variant{
	{name: "LIFLayer", surrogate: "fast_sigmoid", unit: true},
	{name: "LIFLayerNonorm", surrogate: "boxcar"},
	{name: "Published", surrogate: "boxcar", inverse: true},
}

// Variants are the names of the neuron variants; the first is the default.
func Variants() []string { return variantNames() }

func variantNames() []string { return names(variants, func(v variant) string { return v.name }) }

func variantByName(name string) (variant, bool) {
	return find(variants, name, func(v variant) string { return v.name })
}

// coefficients are the constants of the dynamics in the precision of the network.
type coefficients[F Float] struct {
	alpha, beta, alpharp F
	p, q                 F // gains of Q into P and of a spike into Q
	refractory           F // what one own spike takes from R: rho * wrp
}

func newCoefficients[F Float](s Spec) coefficients[F] {
	v, _ := variantByName(s.Variant)
	c := coefficients[F]{alpha: F(s.Alpha), beta: F(s.Beta), alpharp: F(s.AlphaRP)}
	c.p, c.q = inputGain(v, c.alpha), inputGain(v, c.beta)
	c.q *= F(s.Gain)
	c.refractory = F(s.WRP)
	if v.unit {
		c.refractory *= 1 - c.alpharp
	}
	return c
}

func inputGain[F Float](v variant, decay F) F {
	switch {
	case v.unit:
		return 1 - decay
	case v.inverse:
		return 1 / (1 - decay)
	}
	return 1
}

// names lists the rows of a table.
func names[T any](table []T, name func(T) string) []string {
	out := make([]string, len(table))
	for i, row := range table {
		out[i] = name(row)
	}
	return out
}

// find looks a row of a table up.
func find[T any](table []T, want string, name func(T) string) (T, bool) {
	for _, row := range table {
		if name(row) == want {
			return row, true
		}
	}
	var none T
	return none, false
}
