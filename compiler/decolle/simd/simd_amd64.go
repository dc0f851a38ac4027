//go:build !purego

package simd

import "golang.org/x/sys/cpu"

func init() {
	if cpu.X86.HasAVX2 {
		single, double = avx2Single.kernels(), avx2Double.kernels()
	}
	if hasAVX512 {
		single, double = avx512Single.kernels(), avx512Double.kernels()
	}
}

// hasAVX512 tells that the wider sums can run.
var hasAVX512 = cpu.X86.HasAVX2 && cpu.X86.HasBMI2 && cpu.X86.HasAVX512F

// assembly is the kernels of a kind of processor, which take no empty lists, and know of one length only: that the others are as
// long is seen to before.
type assembly[F Float] struct {
	sums[F]
	addScaled   func(y *F, a F, x *F, n int)
	decay       func(p, q *F, n int, alpha, gain, beta F)
	fire        func(u, r, s *F, n int, decay, weight, least F)
	larger      func(best, from, x *F, n int, place F)
	multiply    func(x, y *F, n int)
	fastSigmoid func(slope, u *F, n int)
	adaMax      func(w, slope, m *F, n int, lr, beta, eps F)
	adaMaxRest  func(m *F, n int, beta, eps F)
}

// sums are the kernels that take most of the time. Those of Slide are for two vectors of channels or one, and for so many of
// which the last is only in part.
type sums[F Float] struct {
	lanes    int
	combine  func(y *F, n int, a *F, at *int32, k int, x *F)
	slideTwo func(u *F, stride int, p *F, step, positions int, w *F, k int)
	slideOne func(u *F, stride int, p *F, step, positions int, w *F, k int)

	slideTwoPart func(u *F, stride int, p *F, step, positions int, w *F, k, n int)
	slideOnePart func(u *F, stride int, p *F, step, positions int, w *F, k, n int)
}

var avx2Single = assembly[float32]{
	sums[float32]{8, combine32, slideTwo32, slideOne32, slideTwoPart32, slideOnePart32},
	addScaled32, decay32, fire32, larger32, multiply32, fastSigmoid32, adaMax32, adaMaxRest32,
}

var avx2Double = assembly[float64]{
	sums[float64]{4, combine64, slideTwo64, slideOne64, slideTwoPart64, slideOnePart64},
	addScaled64, decay64, fire64, larger64, multiply64, fastSigmoid64, adaMax64, adaMaxRest64,
}

var (
	avx512Single = avx2Single.with(sums[float32]{16, combine32Wide, slideTwo32Wide, slideOne32Wide, slideTwoPart32Wide, slideOnePart32Wide})
	avx512Double = avx2Double.with(sums[float64]{8, combine64Wide, slideTwo64Wide, slideOne64Wide, slideTwoPart64Wide, slideOnePart64Wide})
)

// with is the same but for the sums.
func (a assembly[F]) with(s sums[F]) assembly[F] {
	a.sums = s
	return a
}

func (a assembly[F]) kernels() Kernels[F] {
	return Kernels[F]{
		Combine: func(y, f []F, at []int32, x []F) {
			if len(y) > 0 && len(f) > 0 {
				a.combine(&y[0], len(y), &f[0], &at[:len(f)][0], len(f), &x[0])
			}
		},
		Slide: a.slide,
		AddScaled: func(y []F, f F, x []F) {
			if len(y) > 0 {
				a.addScaled(&y[0], f, &x[:len(y)][0], len(y))
			}
		},
		Decay: func(p, q []F, alpha, gain, beta F) {
			if len(p) > 0 {
				a.decay(&p[0], &q[:len(p)][0], len(p), alpha, gain, beta)
			}
		},
		Fire: func(u, r, s []F, decay, weight, least F) {
			if len(u) > 0 {
				a.fire(&u[0], &r[:len(u)][0], &s[:len(u)][0], len(u), decay, weight, least)
			}
		},
		Larger: func(best, from, x []F, place F) {
			if len(best) > 0 {
				a.larger(&best[0], &from[:len(best)][0], &x[:len(best)][0], len(best), place)
			}
		},
		Multiply: func(x, y []F) {
			if len(x) > 0 {
				a.multiply(&x[0], &y[:len(x)][0], len(x))
			}
		},
		FastSigmoid: func(slope, u []F) {
			if len(slope) > 0 {
				a.fastSigmoid(&slope[0], &u[:len(slope)][0], len(slope))
			}
		},
		AdaMax: func(w, g, m []F, lr, beta, eps F) {
			if len(w) > 0 {
				a.adaMax(&w[0], &g[:len(w)][0], &m[:len(w)][0], len(w), lr, beta, eps)
			}
		},
		AdaMaxRest: func(m []F, beta, eps F) {
			if len(m) > 0 {
				a.adaMaxRest(&m[0], len(m), beta, eps)
			}
		},
	}
}

func (s sums[F]) slide(u []F, c Slide[F]) {
	if c.Positions <= 0 || c.K <= 0 {
		return
	}
	last := c.Positions - 1
	_, _, _ = u[:last*c.Stride+c.Channels], c.P[:last*c.Step+c.K], c.W[:(c.K-1)*c.Stride+c.Channels] // or panic here
	at, p, two := 0, &c.P[0], 2*s.lanes
	for ; at+two <= c.Channels; at += two {
		s.slideTwo(&u[at], c.Stride, p, c.Step, c.Positions, &c.W[at], c.K)
	}
	switch left := c.Channels - at; {
	case left > s.lanes:
		s.slideTwoPart(&u[at], c.Stride, p, c.Step, c.Positions, &c.W[at], c.K, left-s.lanes)
	case left == s.lanes:
		s.slideOne(&u[at], c.Stride, p, c.Step, c.Positions, &c.W[at], c.K)
	case left > 0:
		s.slideOnePart(&u[at], c.Stride, p, c.Step, c.Positions, &c.W[at], c.K, left)
	}
}
