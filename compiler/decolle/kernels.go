package decolle

// The inner loops. Each product is rounded by an explicit conversion before it is
// added, so no compiler fuses the two.

// axpy adds a*x to y; x is at least as long as y.
func axpy[F Float](y []F, a F, x []F) {
	x = x[:len(y)]
	for i := range y {
		y[i] += F(a * x[i])
	}
}

// axpy4 adds a[0]*x0, then a[1]*x1, then a[2]*x2, then a[3]*x3 to y: the same
// bits as four calls of axpy, with a quarter of the traffic on y.
func axpy4[F Float](y []F, a *[4]F, x0, x1, x2, x3 []F) {
	a0, a1, a2, a3 := a[0], a[1], a[2], a[3]
	x0, x1, x2, x3 = x0[:len(y)], x1[:len(y)], x2[:len(y)], x3[:len(y)]
	for i := range y {
		s := y[i] + F(a0*x0[i])
		s += F(a1 * x1[i])
		s += F(a2 * x2[i])
		y[i] = s + F(a3*x3[i])
	}
}

// dot is the sum of products in ascending order.
func dot[F Float](a, b []F) F {
	b = b[:len(a)]
	var s F
	for i := range a {
		s += F(a[i] * b[i])
	}
	return s
}

// scale multiplies x by y.
func scale[F Float](x, y []F) {
	y = y[:len(x)]
	for i := range x {
		x[i] *= y[i]
	}
}

// bit is 1 where x >= least, else 0, without a branch: spikes cannot be predicted.
func bit[F Float](x, least F) int {
	if x >= least {
		return 1
	}
	return 0
}
