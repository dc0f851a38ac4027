package decolle

// terms is a sum of rows before it is added up: factor[j] times the numbers from place at[j] on.
type terms[F Float] struct {
	factor []F
	at     []int32
}

// reset makes room for n terms, which the caller fills in.
func (t *terms[F]) reset(n int) {
	t.factor, t.at = extend(t.factor, n), extend(t.at, n)
}

// part is the terms from lo to hi-1.
func (t *terms[F]) part(lo, hi int32) terms[F] { return terms[F]{t.factor[lo:hi], t.at[lo:hi]} }

// scratch is what a goroutine works on for a moment: nothing in it outlives the call that fills it. Items have none of their own,
// as many items side by side would drive one another's memory out of the caches.
type scratch[F Float] struct {
	terms[F]       // a sum
	best, from []F // of the search through windows, in the order of the compartments
	error      []F // what the readout sends back to the neurons
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

// bit is 1 where x >= least, else 0, without a branch: spikes cannot be predicted.
func bit[F Float](x, least F) int {
	if x >= least {
		return 1
	}
	return 0
}

// moved is 1 where x is not 0, else 0, without a branch.
func moved[F Float](x F) int {
	if x != 0 {
		return 1
	}
	return 0
}
