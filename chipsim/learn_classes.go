package chipsim

import (
	"math/bits"
	"slices"

	"decc/ir/sem"
)

// Receivers that contribute alike to all products form a class: third factors have a few
// levels, so there are few. What one sender adds is then worked out once a class instead
// of once a synapse. This serves rules that change one variable and do not read the
// synapse's own.

// classes are the receivers of a row by class.
type classes struct {
	of   []int32 // class by receiver, of those touched
	like []int32 // a receiver of each class
	// what the sender at hand adds, by class
	effects []effect
}

// effect is what the products of a pair add to an accumulator: total in the end, lo and hi
// at the least and the greatest on the way.
type effect struct{ total, lo, hi int64 }

// plain reports whether classes serve the rule.
func (e *eventEngine) plain() bool {
	return len(e.sums) == 1 && !slices.ContainsFunc(e.products, func(p product) bool { return p.own })
}

// sort puts the touched receivers into classes.
func (c *classes) sort(post *side) {
	if len(c.of) < post.n {
		c.of = make([]int32, post.n)
	}
	c.like = c.like[:0]
	for _, r := range post.touched {
		at := slices.IndexFunc(c.like, func(o int32) bool { return post.alike(r, o) })
		if at < 0 {
			at, c.like = len(c.like), append(c.like, r)
		}
		c.of[r] = int32(at)
	}
	c.effects = slices.Grow(c.effects[:0], len(c.like))[:len(c.like)]
}

// alike reports whether two members contribute alike.
func (s *side) alike(a, b int32) bool {
	if s.mask[a] != s.mask[b] {
		return false
	}
	for set := s.mask[a]; set != 0; set &= set - 1 {
		if part := s.part[bits.TrailingZeros64(set)]; part[a] != part[b] {
			return false
		}
	}
	return true
}

// weigh works out what a sender adds to each class.
func (e *eventEngine) weigh(sender int32) {
	pre, post := &e.sides[sem.PreSide], &e.sides[sem.PostSide]
	for i, like := range e.classes.like {
		var x effect
		for set := pre.mask[sender] & post.mask[like]; set != 0; set &= set - 1 {
			at := bits.TrailingZeros64(set)
			x.total += e.sums[0].way.Limited(e.products[at].scale.Of(pre.part[at][sender] * post.part[at][like]))
			x.lo, x.hi = min(x.lo, x.total), max(x.hi, x.total)
		}
		e.classes.effects[i] = x
	}
}

// visitClasses visits the synapses of a strip by the effects of their receivers' classes.
func (e *eventEngine) visitClasses(k int, sender int32, s *strip, alive []int32) {
	x := &e.sums[0]
	values := e.p.values[x.target]
	most, least := x.way.Most(), x.way.Least()
	rest16 := 16 - x.way.Bits()
	learnsWeights := x.target == sem.TargetW
	at, _ := slices.BinarySearch(alive, s.first)
	for _, r := range alive[at:] {
		i := r - s.first
		if i >= s.n {
			return
		}
		add := &e.classes.effects[e.classes.of[r]]
		if add.lo == 0 && add.hi == 0 {
			continue
		}
		place := s.place + i
		acc := x.way.Start(int64(values[place]))
		if acc+add.lo < least || acc+add.hi > most {
			e.visit(k, sender, r, s, i)
			continue
		}
		steps, rest := x.way.Split(acc + add.total)
		if rest != 0 && rest<<rest16 > e.p.random.UpdateBits(x.target, k, int(e.p.number(sender, r))) {
			steps++
		}
		v := x.way.Value(steps)
		values[place] = int16(v)
		if learnsWeights {
			e.p.weights[s.weight+i] = e.p.effective[v-leastMantissa]
		}
	}
}
