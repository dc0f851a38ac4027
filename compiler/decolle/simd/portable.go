package simd

// portable is the kernels in Go. Each product is rounded by an explicit conversion before it is added, so no compiler fuses the
// two.
func portable[F Float]() Kernels[F] {
	return Kernels[F]{
		Combine: combine[F], Slide: slide[F], AddScaled: addScaled[F],
		Decay: decay[F], Fire: fire[F], Larger: greatest[F],
		Multiply: multiply[F], FastSigmoid: fastSigmoid[F], AdaMax: adaMax[F], AdaMaxRest: adaMaxRest[F],
	}
}

func combine[F Float](y, a []F, at []int32, x []F) {
	for len(a) >= 4 {
		addFour(y, (*[4]F)(a), x[at[0]:], x[at[1]:], x[at[2]:], x[at[3]:])
		a, at = a[4:], at[4:]
	}
	for j, factor := range a {
		addScaled(y, factor, x[at[j]:])
	}
}

// addScaled adds a*x to y.
func addScaled[F Float](y []F, a F, x []F) {
	x = x[:len(y)]
	for i := range y {
		y[i] += F(a * x[i])
	}
}

// addFour is four times addScaled with a quarter of the traffic on y.
func addFour[F Float](y []F, a *[4]F, x0, x1, x2, x3 []F) {
	a0, a1, a2, a3 := a[0], a[1], a[2], a[3]
	x0, x1, x2, x3 = x0[:len(y)], x1[:len(y)], x2[:len(y)], x3[:len(y)]
	for i := range y {
		s := y[i] + F(a0*x0[i])
		s += F(a1 * x1[i])
		s += F(a2 * x2[i])
		y[i] = s + F(a3*x3[i])
	}
}

// slide leaves zeros out, which adds the same bits unless a sum is -0.
func slide[F Float](u []F, s Slide[F]) {
	for i := range s.Positions {
		p, sums := s.P[i*s.Step:][:s.K], u[i*s.Stride:][:s.Channels]
		for k, x := range p {
			if x != 0 {
				addScaled(sums, x, s.W[k*s.Stride:])
			}
		}
	}
}

func decay[F Float](p, q []F, alpha, gain, beta F) {
	q = q[:len(p)]
	for i, fast := range q {
		p[i] = F(alpha*p[i]) + F(gain*fast)
		q[i] = F(beta * fast)
	}
}

func fire[F Float](u, r, s []F, decay, weight, least F) {
	r, s = r[:len(u)], s[:len(u)]
	for i, state := range r {
		state = F(decay*state) - F(weight*s[i])
		sum := u[i] + state
		r[i], u[i] = state, sum
		s[i] = [2]F{0, 1}[bit(sum >= least)]
	}
}

func greatest[F Float](best, from, x []F, place F) {
	from, x = from[:len(best)], x[:len(best)]
	for i, now := range x {
		if now > best[i] {
			best[i], from[i] = now, place
		}
	}
}

// bit is compiled without a branch: spikes cannot be predicted.
func bit(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func multiply[F Float](x, y []F) {
	y = y[:len(x)]
	for i := range x {
		x[i] *= y[i]
	}
}

func fastSigmoid[F Float](slope, u []F) {
	u = u[:len(slope)]
	for i, x := range u {
		d := F(10*max(x, -x)) + 1
		slope[i] = 1 / F(d*d)
	}
}

func adaMax[F Float](w, g, m []F, lr, beta, eps F) {
	g, m = g[:len(w)], m[:len(w)]
	for i, slope := range g {
		size := larger(F(beta*m[i]), max(slope, -slope)+eps)
		m[i] = size
		w[i] -= F(lr*slope) / size
	}
}

func adaMaxRest[F Float](m []F, beta, eps F) {
	for i, x := range m {
		m[i] = larger(F(beta*x), eps)
	}
}

// larger is b where either is no number, as the instruction has it.
func larger[F Float](a, b F) F {
	if a > b {
		return a
	}
	return b
}
