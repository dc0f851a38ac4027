package hypergraph

import (
	"math/bits"
	"slices"
	"sync"
)

// slack is the part of the parts' room that stays free: without it no vertex could move.
const slack = 32

// Split divides the vertices into parts of at most the load that rooms tells, and returns the vertices of each part,
// ascending. Part i has rooms[i], and those after the last have as much as it. There are as few parts as the load and a
// little room to move need, or one or two more. Parts are in the order of their bisections, so neighbours share more
// than others. A vertex heavier than its room has a part of its own. The first call divides by edges (Graph.near) and
// by nets and keeps the cheaper, as later calls do without asking again until the parts are many more: small worlds are
// better divided by edges, layers by nets.
func (g *Graph) Split(rooms ...int64) [][]int32 { return g.dividedIn(rooms, mostRounds) }

// Draft is a quick Split: vertices get one chance to move where that has many. It tells about what a division takes.
func (g *Graph) Draft(rooms ...int64) [][]int32 { return g.dividedIn(rooms, draftRounds) }

const draftRounds = 1

// dividedIn is Split with so many rounds of moves.
func (g *Graph) dividedIn(rooms []int64, rounds int) [][]int32 {
	total := g.total()
	rooms = enoughRooms(rooms, total+total/slack)
	if g.by != nil && g.by.coarse.serves(len(rooms)) {
		return g.divide(g.by, rooms, rounds)
	}
	tried, ways := [2][][]int32{}, [2]*Graph{g.near, g}
	both(func(i int) { tried[i] = g.divide(ways[i], rooms, rounds) })
	best := 0
	if g.price(tried[1]) < g.price(tried[0]) {
		best = 1
	}
	g.by, ways[1-best].coarse = ways[best], nil
	return tried[best]
}

// both calls f for 0 and 1, side by side.
func both(f func(i int)) {
	var all sync.WaitGroup
	all.Go(func() { f(0) })
	f(1)
	all.Wait()
}

// divide is a division by recursive bisection of a coarser hypergraph, made better (Improve) on the way back and, by its
// true price, at the end.
func (g *Graph) divide(by *Graph, rooms []int64, rounds int) [][]int32 {
	levels, coarsest := by.coarser(len(rooms))
	all := make([]int32, len(coarsest.load))
	for v := range all {
		all[v] = int32(v)
	}
	parts := split(coarsest, all, rooms)
	for _, l := range slices.Backward(levels) {
		parts = l.fine.improve(l.refined(parts), rooms, rounds)
	}
	return g.improve(parts, rooms, rounds)
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

// enoughRooms is as many rooms as a load fills, at least one.
func enoughRooms(rooms []int64, load int64) []int64 {
	have := int64(0)
	for i, r := range rooms {
		if have += r; have >= load {
			return rooms[:i+1]
		}
	}
	last := rooms[len(rooms)-1]
	more := (load - have + last - 1) / last
	return append(slices.Clip(rooms), slices.Repeat([]int64{last}, int(more))...)
}

func split(g *Graph, names []int32, rooms []int64) [][]int32 {
	if g.total() <= rooms[0] || len(names) == 1 {
		return [][]int32{names}
	}
	if sum(rooms) < g.total() {
		rooms = enoughRooms(rooms, g.total())
	}
	left := (len(rooms) + 1) / 2
	side := g.bisect(sides(g.total(), rooms))
	if slices.Min(side) == slices.Max(side) {
		return onePartEach(names)
	}
	share := [2][]int64{rooms[:left], rooms[left:]}
	var halves [2][][]int32
	both(func(s int) { halves[s] = splitSide(g, names, side, int8(s), share[s]) })
	return slices.Concat(halves[0], halves[1])
}

func splitSide(g *Graph, names []int32, side []int8, want int8, rooms []int64) [][]int32 {
	sub, vertices := g.induced(side, want)
	for i, v := range vertices {
		vertices[i] = names[v]
	}
	return split(sub, vertices, rooms)
}

// sides bounds the two sides of a bisection that is to become so many parts. The load
// that the parts could take beyond the total is room for better cuts; each of the bisections
// to come gets the same of it, or the first would leave none to the others.
func sides(total int64, rooms []int64) [2]int64 {
	left := (len(rooms) + 1) / 2
	most := [2]int64{sum(rooms[:left]), sum(rooms[left:])}
	whole := most[0] + most[1]
	rounds := int64(bits.Len64(uint64(len(rooms) - 1)))
	room := total + (whole-total)/rounds
	first := min(most[0], proportion(room, most[0], whole)+1)
	return [2]int64{first, min(most[1], room-first+1)}
}

func sum(list []int64) int64 {
	s := int64(0)
	for _, x := range list {
		s += x
	}
	return s
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
	levels, coarsest := coarsen(g, enoughVertices, max(1, min(limit[0], limit[1])/heaviestShare))
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
