package decolle

// blame writes the slope of the local loss in every potential U of one item:
// delta_i = step'(u_i) keep_i sum_c G_ci d_c + d(reg)/du_i, handed by the pooling
// to the compartment that u_i came from. All other compartments have 0.
func (l *layer[F]) blame(n *Network[F], c *cell[F], reg regSlopes, supervised bool) {
	if !supervised {
		clear(c.delta)
		return
	}
	l.feedback(c.error, c.d)
	n.surrogate.slopes(c.slope, c.u)
	for i, s := range c.slope {
		c.slope[i] = F(s * c.error[i])
	}
	if c.keep != nil {
		scale(c.slope, c.keep)
	}
	if l.spec.Reg > 0 {
		for i, u := range c.u {
			c.slope[i] += regSlope(reg, u)
		}
	}
	if c.from != nil {
		clear(c.delta)
		for i, s := range c.slope {
			c.delta[c.from[i]] = s
		}
	}
}

// feedback writes sum_c G_ci d_c of every neuron, classes in ascending order.
func (l *layer[F]) feedback(e, d []F) {
	clear(e)
	n := len(e)
	back := l.back
	for len(d) >= 4 {
		axpy4(e, (*[4]F)(d), back, back[n:], back[2*n:], back[3*n:])
		back, d = back[4*n:], d[4:]
	}
	for c, x := range d {
		axpy(e, x, back[c*n:])
	}
}

// biasGradient adds the slopes of all items and positions to g.
func biasGradient[F Float](g []F, items []*cell[F]) {
	for _, c := range items {
		for at := 0; at < len(c.delta); at += len(g) {
			for i, d := range c.delta[at : at+len(g)] {
				g[i] += d
			}
		}
	}
}
