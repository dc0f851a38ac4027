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
	c.of = slices.Grow(c.of, post.n)[:post.n]
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

// visitClasses visits the synapses of a strip, those of the receivers in alive, by the effects of
// their classes.
func (e *eventEngine) visitClasses(k int, sender int32, s *strip, alive []int32) {
	x := &e.sums[0]
	values := e.p.values[x.target][s.place:][:s.n]
	most, least := x.way.Most(), x.way.Least()
	accs, places := e.settler.begin(s.n)
	n := 0
	for _, r := range alive {
		i := r - s.first
		add := &e.classes.effects[e.classes.of[r]]
		if add.lo == 0 && add.hi == 0 {
			continue
		}
		acc := x.way.Start(int64(values[i]))
		if acc+add.lo < least || acc+add.hi > most {
			e.visit(k, sender, r, s, i)
			continue
		}
		accs[n], places[n] = int32(acc+add.total), i
		n++
	}
	e.settler.settle(sender, s, n)
}

// visitProduct visits the synapses of a strip, those of the receivers in alive, where only product
// at is.
func (e *eventEngine) visitProduct(at int, sender int32, s *strip, alive []int32) {
	x, scale := &e.sums[0], e.products[at].scale
	values := e.p.values[x.target][s.place:][:s.n]
	mine, theirs := e.sides[sem.PreSide].part[at][sender], e.sides[sem.PostSide].part[at]
	accs, places := e.settler.begin(s.n)
	n := 0
	for _, r := range alive {
		i := r - s.first
		accs[n], places[n] = int32(x.way.Start(int64(values[i]))+x.way.Limited(scale.Of(mine*theirs[r]))), i
		n++
	}
	e.settler.settle(sender, s, n)
}

// within are the receivers of a contiguous strip among those of an ascending list.
func within(alive []int32, s *strip) []int32 {
	lo, hi := 0, len(alive)
	if alive[0] < s.first {
		lo, _ = slices.BinarySearch(alive, s.first)
	}
	if alive[hi-1] >= s.first+s.n {
		hi, _ = slices.BinarySearch(alive, s.first+s.n)
	}
	return alive[lo:hi]
}
