package decolle

// blame writes the slope of the local loss in every potential u of one item,
// delta_i = step'(u_i) keep_i sum_c G_ci d_c + d(reg)/du_i, and hands it to the synapses: the pooling gives it
// to the compartment that u_i came from, all other compartments have 0.
func (l *layer[F]) blame(n *Network[F], c *cell[F], reg regSlopes, supervised bool, s *scratch[F]) {
	if supervised {
		l.slopes(n, c, reg, s)
	} else {
		clear(c.slope)
	}
	l.syn.blame(c)
}

func (l *layer[F]) slopes(n *Network[F], c *cell[F], reg regSlopes, s *scratch[F]) {
	s.error = extend(s.error, len(c.u))
	l.feedback(s.error, c.d)
	n.surrogate.slopes(c.slope, c.u)
	l.kernels.Multiply(c.slope, s.error)
	if c.keep != nil {
		l.kernels.Multiply(c.slope, c.keep)
	}
	if l.spec.Reg > 0 {
		for i, u := range c.u {
			c.slope[i] += regSlope(reg, u)
		}
	}
}

// feedback writes sum_c G_ci d_c of every neuron, classes in ascending order.
func (l *layer[F]) feedback(e, d []F) {
	clear(e)
	l.kernels.Combine(e, d, l.backRows, l.back)
}
