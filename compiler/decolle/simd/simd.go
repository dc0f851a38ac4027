// Package simd is the inner loops of float networks over many numbers at once: in vectors where the processor has
// them (of 256 bits with AVX2, sums of 512 with AVX-512), else in Go. All give the same bits, and tests hold them against one another: lanes are different sums,
// never parts of one, so every sum keeps the order of its terms; and each product is rounded before it is added.
//
// The kernels for amd64 are written by the generator in _gen (make kernels); -tags purego leaves them out.
package simd

// Float is the precision of a network.
type Float interface{ float32 | float64 }

// Kernels are the loops for one precision. Lists that go side by side are at least as long as the first, which tells how long
// the loop is and may be empty.
type Kernels[F Float] struct {
	// Combine adds a[j] times the numbers from x[at[j]] on to y, terms in the order of a. The caller answers for places:
	// every at[j] is from 0 to len(x)-len(y).
	Combine func(y, a []F, at []int32, x []F)
	// Slide adds a convolution along one line to u.
	Slide func(u []F, s Slide[F])
	// AddScaled adds a x to y.
	AddScaled func(y []F, a F, x []F)
	// Decay takes traces a row on: p = alpha p + gain q, then q = beta q.
	Decay func(p, q []F, alpha, gain, beta F)
	// Fire takes compartments a row on: r = decay r - weight s, u = u + r, then s = 1 where u >= least, else 0.
	Fire func(u, r, s []F, decay, weight, least F)
	// Larger keeps the largest of some lists, and which it came from: best = x and from = place where x > best.
	Larger func(best, from, x []F, place F)
	// Multiply multiplies x by y.
	Multiply func(x, y []F)
	// FastSigmoid writes 1/(10|u| + 1)^2.
	FastSigmoid func(slope, u []F)
	// AdaMax makes m = max(beta m, |g| + eps), then w = w - lr g / m.
	AdaMax func(w, g, m []F, lr, beta, eps F)
	// AdaMaxRest is AdaMax for g = 0, which leaves w: m = max(beta m, eps).
	AdaMaxRest func(m []F, beta, eps F)
}

// Slide is a convolution along one line of a picture: the sums of a position are Channels numbers of u, Stride apart; to each
// of them comes the sum over k of P[position*Step + k] times row k of W, whose rows are Stride apart too. There are K rows.
// Where Stride is more than Channels, only the first Channels of each Stride are written.
type Slide[F Float] struct {
	P, W                                 []F
	Positions, Channels, Stride, Step, K int
}

// For is the kernels of this processor.
func For[F Float]() *Kernels[F] {
	if k, ok := any(&single).(*Kernels[F]); ok {
		return k
	}
	return any(&double).(*Kernels[F])
}

var (
	single = portable[float32]()
	double = portable[float64]()
)
