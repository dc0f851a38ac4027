package hypergraph

import (
	"math/bits"
	"slices"
	"sync"
)

// slack is the part of the parts' room that stays free: without it no vertex could move.
const slack = 32

// Split divides the vertices into parts of at most limit load, as few as the load and a
// little room to move need, or one or two more, and returns the vertices of each part, ascending. Parts are in the
// order of their bisections, so neighbours share more than others. A vertex heavier than the limit has
// a part of its own. The first call bisects by edges (Graph.near) and by nets, improves both (Improve) and keeps
// the cheaper, as later calls do without asking again: small worlds are better divided by
// edges, layers by nets.
func (g *Graph) Split(limit int64) [][]int32 {
	all := make([]int32, len(g.load))
	for v := range all {
		all[v] = int32(v)
	}
	total := g.total()
	parts := partsFor(total+total/slack, limit)
	if g.by != nil {
		return g.Improve(split(g.by, all, parts, limit), limit)
	}
	best, bestPrice := [][]int32(nil), int64(0)
	for _, by := range []*Graph{g.near, g} {
		d := g.Improve(split(by, slices.Clone(all), parts, limit), limit)
		if price := g.price(d); best == nil || price < bestPrice {
			best, bestPrice, g.by = d, price, by
		}
	}
	return best
}

// price is what a division costs times its parts, plus those: fewer parts are worth as much as
// cheaper ones.
func (g *Graph) price(parts [][]int32) int64 {
	part := make([]int32, len(g.load))
	for i, list := range parts {
		for _, v := range list {
			part[v] = int32(i)
		}
	}
	return (g.Cost(part) + 1) * int64(len(parts))
}

// partsFor is how many parts a load fills.
func partsFor(total, limit int64) int64 { return (total + limit - 1) / limit }

func split(g *Graph, names []int32, parts, limit int64) [][]int32 {
	if g.total() <= limit || len(names) == 1 {
		return [][]int32{names}
	}
	parts = max(parts, partsFor(g.total(), limit))
	side := g.bisect(sides(g.total(), parts, limit))
	if slices.Min(side) == slices.Max(side) {
		return onePartEach(names)
	}
	left := (parts + 1) / 2
	share := [2]int64{left, parts - left}
	var halves [2][][]int32
	var both sync.WaitGroup
	for s := range halves {
		both.Go(func() { halves[s] = splitSide(g, names, side, int8(s), share[s], limit) })
	}
	both.Wait()
	return slices.Concat(halves[0], halves[1])
}

func splitSide(g *Graph, names []int32, side []int8, want int8, parts, limit int64) [][]int32 {
	sub, vertices := g.induced(side, want)
	for i, v := range vertices {
		vertices[i] = names[v]
	}
	return split(sub, vertices, parts, limit)
}

// sides bounds the two sides of a bisection that is to become so many parts. The load
// that the parts could take beyond the total is room for better cuts; each of the bisections
// to come gets the same of it, or the first would leave none to the others.
func sides(total, parts, limit int64) [2]int64 {
	left := (parts + 1) / 2
	rounds := int64(bits.Len64(uint64(parts - 1)))
	room := total + (parts*limit-total)/rounds
	first := min(left*limit, proportion(room, left, parts)+1)
	return [2]int64{first, min((parts-left)*limit, room-first+1)}
}

// proportion is x * part / whole for loads whose product may be beyond 64 bits.
func proportion(x, part, whole int64) int64 {
	hi, lo := bits.Mul64(uint64(x), uint64(part))
	q, _ := bits.Div64(hi%uint64(whole), lo, uint64(whole))
	return int64(q)
}

// onePartEach is for vertices of which no two go together.
func onePartEach(names []int32) [][]int32 {
	list := make([][]int32, len(names))
	for i, v := range names {
		list[i] = []int32{v}
	}
	return list
}

// heaviestShare bounds a merged vertex to this share of a side: with fewer, a side could not be filled.
const heaviestShare = 24

// bisect divides the vertices in two sides within limits, where that can be.
func (g *Graph) bisect(limit [2]int64) []int8 {
	levels, coarsest := coarsen(g, max(1, min(limit[0], limit[1])/heaviestShare))
	side := start(coarsest, limit)
	for _, l := range slices.Backward(levels) {
		fine := make([]int8, len(l.fine.load))
		for v, p := range l.parent {
			fine[v] = side[p]
		}
		b := newBisection(l.fine, fine, limit)
		b.refine()
		side = fine
	}
	return side
}

// tries is how many vertices a first division is grown from.
const tries = 4

// start is the best of several first divisions: the order of the vertices cut once, and
// sides grown from single vertices.
func start(g *Graph, limit [2]int64) []int8 {
	best := refined(g, inOrder(g, limit), limit)
	for _, seed := range shuffled(len(g.load))[:min(tries, len(g.load))] {
		if b := refined(g, grown(g, seed, limit), limit); b.betterThan(best) {
			best = b
		}
	}
	return best.side
}

func refined(g *Graph, side []int8, limit [2]int64) *bisection {
	b := newBisection(g, side, limit)
	b.refine()
	return b
}

func (b *bisection) betterThan(c *bisection) bool {
	if x, y := b.excess(), c.excess(); x != y {
		return x < y
	}
	return b.cut() < c.cut()
}

// share is the load that side 0 should have: its part of the limits.
func share(g *Graph, limit [2]int64) int64 {
	return g.total() - proportion(g.total(), limit[1], limit[0]+limit[1])
}

// inOrder gives side 0 the first vertices.
func inOrder(g *Graph, limit [2]int64) []int8 {
	side := make([]int8, len(g.load))
	want, have := share(g, limit), int64(0)
	for v, l := range g.load {
		if have >= want {
			side[v] = 1
		}
		have += l
	}
	return side
}

// grown gives side 0 a vertex and then, again and again, the one that costs least there.
func grown(g *Graph, seed int32, limit [2]int64) []int8 {
	side := make([]int8, len(g.load))
	for v := range side {
		side[v] = 1
	}
	b := newBisection(g, side, limit)
	b.fillQueues()
	want := share(g, limit)
	for v := seed; b.load[0] < want; v = b.queue[1].take() {
		if v < 0 {
			if v = b.untouched(); v < 0 {
				break
			}
		}
		b.move(v)
	}
	return side
}

// untouched is the first vertex that has not moved: where growth has no border left.
func (b *bisection) untouched() int32 { return int32(slices.Index(b.moved, false)) }
