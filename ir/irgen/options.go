package irgen

import (
	"math/rand/v2"

	"decc/ir/sem"
)

// Options narrow what Random makes. The zero value asks for anything.
type Options struct {
	// Profile fixes the semantics profile; nil lets the seed pick one.
	Profile *sem.ProfileID
	// Builtin leaves random programs out: every group runs a program of ir.Builtin.
	Builtin bool
	// Loihi2 keeps to what the legalise pass accepts for chip loihi2.
	Loihi2 bool
	// Exact makes modules in which nothing rounds and nothing wraps for at least
	// ExactRows rows, so that reals and integers agree in every value.
	Exact bool
	// Plastic makes synapses learn, under a profile whose learning has epochs.
	Plastic bool
}

// ExactRows is how long a module made with Options.Exact may run before sums of
// undecayed currents can reach a limit that wraps.
const ExactRows = 40

// dice are the random choices of one object; every object has its own, so that
// changing how one is made leaves the others.
type dice struct{ *rand.Rand }

func newDice(seed uint64, object string) dice {
	return dice{rand.New(rand.NewPCG(seed, sem.Key(object)))}
}

// chance is true in percent of 100 cases.
func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

// within is uniform in lo..hi.
func (d dice) within(lo, hi int64) int64 { return lo + d.Int64N(hi-lo+1) }

func oneOf[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

// extreme is an end of lo..hi or a value near it half of the time, else of a
// random magnitude or uniform.
func (d dice) extreme(lo, hi int64) int64 {
	x := d.within(lo, hi)
	switch d.IntN(6) {
	case 0:
		x = lo
	case 1:
		x = hi
	case 2:
		x = oneOf(d, 0, 1, -1, lo+1, hi-1)
	case 3:
		x >>= d.UintN(40)
	}
	return min(max(x, lo), hi)
}
