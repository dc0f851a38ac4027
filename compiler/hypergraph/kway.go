package hypergraph

import (
	"cmp"
	"slices"
)

// mostRounds bounds how often Improve looks at all vertices; a round that saves less than
// the part 1/worthwhile of the cost is the last.
const mostRounds = 12

// Improve moves vertices between the parts of a division, each to where it saves most, and
// returns the parts in the same order. Bisections see two parts at a time; this sees all, and
// the true price. No move takes a part beyond its room, as of Split; parts that are beyond it give vertices away, at
// the least cost, where others have room.
func (g *Graph) Improve(parts [][]int32, rooms ...int64) [][]int32 {
	return g.improve(parts, rooms, mostRounds)
}

func (g *Graph) improve(parts [][]int32, rooms []int64, rounds int) [][]int32 {
	k := newMover(g, parts, rooms)
	order := shuffled(len(g.load))
	k.relieve()
	cost := g.Cost(k.part)
	for range rounds {
		saved, moved := k.round(order)
		cost -= saved
		if !moved || saved*worthwhile < cost {
			break
		}
	}
	list := make([][]int32, len(parts))
	for v, p := range k.part {
		list[p] = append(list[p], int32(v))
	}
	return list
}

// mover keeps how many pins each net has in each part.
type mover struct {
	g     *Graph
	room  []int64 // of each part
	quiet []bool  // by vertex: it is best where it is, until something near it moves
	part  []int32 // of each vertex
	load  []int64 // of each part
	left  []int32 // vertices of each part
	// The parts in which net e has pins are in[pinStart[e]:][:span[e]], with so many pins.
	in, pins []int32
	span     []int32
	shared   []int64 // by part: weight of the nets that a vertex has in common with it
	near     []int32 // the parts whose shared is not 0
}

func newMover(g *Graph, parts [][]int32, rooms []int64) *mover {
	k := &mover{
		g: g, room: make([]int64, len(parts)), quiet: make([]bool, len(g.load)), part: make([]int32, len(g.load)), load: make([]int64, len(parts)), left: make([]int32, len(parts)),
		in: make([]int32, len(g.pins)), pins: make([]int32, len(g.pins)), span: make([]int32, len(g.weight)), shared: make([]int64, len(parts)),
	}
	for p, list := range parts {
		k.room[p] = rooms[min(p, len(rooms)-1)]
		k.left[p] = int32(len(list))
		for _, v := range list {
			k.part[v] = int32(p)
			k.load[p] += g.load[v]
		}
	}
	for e := range g.weight {
		for _, v := range g.pinsOf(int32(e)) {
			k.enter(int32(e), k.part[v])
		}
	}
	return k
}

// enter counts a pin of net e in part p and returns how many are there now.
func (k *mover) enter(e, p int32) int32 {
	first := k.g.pinStart[e]
	for i := first; i < first+k.span[e]; i++ {
		if k.in[i] == p {
			k.pins[i]++
			return k.pins[i]
		}
	}
	at := first + k.span[e]
	k.in[at], k.pins[at] = p, 1
	k.span[e]++
	return 1
}

// leave takes a pin of net e out of part p and returns how many are left.
func (k *mover) leave(e, p int32) int32 {
	first := k.g.pinStart[e]
	i := first
	for k.in[i] != p {
		i++
	}
	k.pins[i]--
	if k.pins[i] > 0 {
		return k.pins[i]
	}
	k.span[e]--
	last := first + k.span[e]
	k.in[i], k.pins[i] = k.in[last], k.pins[last]
	return 0
}

// relieve takes vertices out of the parts that are beyond their rooms, those first that cost least for
// their load, where others have room.
func (k *mover) relieve() {
	var leaving []int32
	price := make([]int64, len(k.part))
	for v, p := range k.part {
		if k.crowded(p) {
			if to, gain := k.best(int32(v)); to >= 0 {
				price[v] = -gain * priceUnit / k.g.load[v]
				leaving = append(leaving, int32(v))
			}
		}
	}
	slices.SortStableFunc(leaving, func(u, v int32) int { return cmp.Compare(price[u], price[v]) })
	for _, v := range leaving {
		if k.crowded(k.part[v]) {
			if to, _ := k.best(v); to >= 0 {
				k.move(v, to)
			}
		}
	}
}

// priceUnit scales the cost of a move, a load, to integers.
const priceUnit = 1 << 10

func (k *mover) crowded(p int32) bool { return k.load[p] > k.room[p] }

// round offers every vertex a move.
func (k *mover) round(order []int32) (saved int64, moved bool) {
	for _, v := range order {
		if k.quiet[v] {
			continue
		}
		k.quiet[v] = true
		if to, gain := k.best(v); to >= 0 {
			k.move(v, to)
			saved, moved = saved+gain, true
		}
	}
	return saved, moved
}

// move takes v to another part, and wakes what may gain by it now: the pins of nets of which a part
// has come to or from none or one.
func (k *mover) move(v, to int32) {
	from := k.part[v]
	for _, e := range k.g.netsOf(v) {
		if left, now := k.leave(e, from), k.enter(e, to); left <= 1 || now <= 2 {
			for _, u := range k.g.pinsOf(e) {
				k.quiet[u] = false
			}
		}
	}
	k.part[v] = to
	k.load[from] -= k.g.load[v]
	k.load[to] += k.g.load[v]
	k.left[from]--
	k.left[to]++
}

// best is the part where v saves most; -1 where it should stay. At equal cost it goes
// where there is more room. The last vertex of a part stays.
func (k *mover) best(v int32) (to int32, gain int64) {
	from := k.part[v]
	stay := k.share(v)
	crowded := k.crowded(from)
	to = -1
	for _, p := range k.near {
		x := k.shared[p] - stay
		if p == from || k.left[from] == 1 {
			continue
		}
		if k.load[p]+k.g.load[v] > k.room[p] {
			k.quiet[v] = k.quiet[v] && x <= 0 // it may go there later
			continue
		}
		roomier := k.load[p]+k.g.load[v] < k.load[from]
		if to < 0 && (x > 0 || x == 0 && roomier || crowded) || to >= 0 && k.better(p, x, to, gain) {
			to, gain = p, x
		}
	}
	for _, p := range k.near {
		k.shared[p] = 0
	}
	k.near = k.near[:0]
	return to, gain
}

func (k *mover) better(p int32, x int64, than int32, gain int64) bool {
	if x != gain {
		return x > gain
	}
	if k.load[p] != k.load[than] {
		return k.load[p] < k.load[than]
	}
	return p < than
}

// share sums for every part the weight of the nets of v that are there, and returns what v has in
// common with its own part without itself.
func (k *mover) share(v int32) int64 {
	from, stay := k.part[v], int64(0)
	for _, e := range k.g.netsOf(v) {
		w, first := k.g.weight[e], k.g.pinStart[e]
		if w == 0 {
			continue
		}
		for i := first; i < first+k.span[e]; i++ {
			p := k.in[i]
			if p == from {
				if k.pins[i] > 1 {
					stay += w
				}
				continue
			}
			if k.shared[p] == 0 {
				k.near = append(k.near, p)
			}
			k.shared[p] += w
		}
	}
	return stay
}
