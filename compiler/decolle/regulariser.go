package decolle

// The activity regulariser of a layer with factor lambda, over the N potentials u
// (after pooling) of the whole batch, m = 0 for items without target
// (golden/decolle/README.md):
//
//	lambda mean(m relu(u + 0.01)) + 0.003 lambda relu(mean(m (0.1 - sigmoid(u))))
const (
	regMargin = 0.01
	regTarget = 0.1
	regIdle   = 0.003
)

// regSums are the sums behind the two means.
type regSums struct{ active, idle float64 }

// addPotentials takes the potentials of one supervised item in.
func addPotentials[F Float](s *regSums, u []F) {
	for _, x := range u {
		s.active += max(float64(x)+regMargin, 0)
		s.idle += regTarget - float64(sigmoid(x))
	}
}

// regSlopes are the factors of the regulariser's slope in one potential:
// active where u + 0.01 > 0, idle times sigmoid'(u).
type regSlopes struct{ active, idle float64 }

// mean is the regulariser and its slopes for n potentials.
func (s regSums) mean(lambda float64, n int) (value float64, slopes regSlopes) {
	mean := lambda / float64(n)
	value = float64(s.active * mean)
	slopes.active = mean
	if s.idle > 0 {
		value += float64(regIdle * s.idle * mean)
		slopes.idle = -regIdle * mean
	}
	return value, slopes
}

func regSlope[F Float](s regSlopes, u F) F {
	slope := float64(s.idle * float64(sigmoidSlope(u)))
	if u+regMargin > 0 {
		slope += s.active
	}
	return F(slope)
}
