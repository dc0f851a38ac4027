package decolle

// dense keeps the weights of one input line together: w[j*out + i] is W_ij.
type dense[F Float] struct{ in, out int }

func (d dense[F]) rows() (n, width int) { return d.in, d.out }

func (d dense[F]) place(e int) int { return e%d.in*d.out + e/d.in }

func (d dense[F]) drive(u, w, p []F, active []int32) {
	row := func(j int32) []F { return w[int(j)*d.out:][:d.out] }
	for len(active) >= 4 {
		a, b, c, e := active[0], active[1], active[2], active[3]
		axpy4(u, &[4]F{p[a], p[b], p[c], p[e]}, row(a), row(b), row(c), row(e))
		active = active[4:]
	}
	for _, j := range active {
		axpy(u, p[j], row(j))
	}
}

func (d dense[F]) line(e int) int { return e }

// gather visits the items in ascending order, four at a time.
func (d dense[F]) gather(g []F, k int, items []*cell[F]) bool {
	var four [4]*cell[F]
	n, any := 0, false
	for i, fired := range items[0].trace.firedBy(k, len(items)) {
		if !fired {
			continue
		}
		four[n] = items[i]
		if n++; n == 4 {
			addFour(g, k, &four)
			n, any = 0, true
		}
	}
	for _, item := range four[:n] {
		axpy(g, item.trace.p[k], item.delta)
	}
	return any || n > 0
}

func addFour[F Float](g []F, k int, c *[4]*cell[F]) {
	a := [4]F{c[0].trace.p[k], c[1].trace.p[k], c[2].trace.p[k], c[3].trace.p[k]}
	axpy4(g, &a, c[0].delta, c[1].delta, c[2].delta, c[3].delta)
}
