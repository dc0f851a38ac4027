package decolle

import (
	"math"

	"decc/compiler/decolle/simd"
)

// surrogate is a spike test and the slope that learning uses in its place.
type surrogate[F Float] struct {
	name  string
	least F // a compartment spikes when its potential is >= least
	slope func(u F) F
	all   func(dst, u []F) // slope of many at once; nil: one after the other
}

// surrogates is the table (golden/decolle/README.md; decolle.md section 2). The
// spike test u > 0 is u >= the smallest positive number.
func surrogates[F Float]() []surrogate[F] {
	return []surrogate[F]{
		{name: "fast_sigmoid", least: tiny[F](), slope: fastSigmoidSlope[F], all: simd.For[F]().FastSigmoid},
		{name: "boxcar", least: 0, slope: boxcarSlope[F]},
		{name: "sigmoid", least: tiny[F](), slope: sigmoidSlope[F]},
		{name: "none", least: tiny[F](), slope: func(F) F { return 1 }},
	}
}

// tiny is the smallest positive number of the precision.
func tiny[F Float]() F {
	if x := F(math.SmallestNonzeroFloat64); x > 0 {
		return x
	}
	return F(math.SmallestNonzeroFloat32)
}

// slopes writes the slope at every potential.
func (s surrogate[F]) slopes(dst, u []F) {
	if s.all != nil {
		s.all(dst, u)
		return
	}
	u = u[:len(dst)]
	for i := range dst {
		dst[i] = s.slope(u[i])
	}
}

// fastSigmoidSlope is 1/(10|u| + 1)^2.
func fastSigmoidSlope[F Float](u F) F {
	d := F(10*max(u, -u)) + 1
	return 1 / F(d*d)
}

// boxcarSlope is 1 for -0.5 < u <= 0.5, else 0.
func boxcarSlope[F Float](u F) F {
	if u > -0.5 && u <= 0.5 {
		return 1
	}
	return 0
}

// sigmoidSlope is the derivative of the logistic function.
func sigmoidSlope[F Float](u F) F {
	y := sigmoid(u)
	return F(y * (1 - y))
}

func sigmoid[F Float](u F) F { return F(1 / (1 + math.Exp(-float64(u)))) }

// Surrogates are the names of the surrogate gradients.
func Surrogates() []string { return surrogateNames() }

func surrogateNames() []string {
	return names(surrogates[float64](), func(s surrogate[float64]) string { return s.name })
}

func surrogateByName[F Float](name string) surrogate[F] {
	s, _ := find(surrogates[F](), name, func(s surrogate[F]) string { return s.name })
	return s
}
