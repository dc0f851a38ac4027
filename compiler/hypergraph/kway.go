package hypergraph

// mostRounds bounds how often Improve looks at all vertices; a round that saves less than
// the part 1/worthwhile of the cost is the last.
const mostRounds = 12

// Improve moves vertices between the parts of a division, each to where it saves most, and
// returns the parts in the same order. Bisections see two parts at a time; this sees all, and
// the true price. No move takes a part beyond limit; parts that are beyond it give vertices away, at
// the least cost, where others have room.
func (g *Graph) Improve(parts [][]int32, limit int64) [][]int32 {
	k := newMover(g, parts, limit)
	order := shuffled(len(g.load))
	cost := g.Cost(k.part)
	for range mostRounds {
		saved, moved := k.round(order)
		cost -= saved
		if !moved || saved*worthwhile < cost && !k.crowded() {
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
	limit int64
	part  []int32 // of each vertex
	load  []int64 // of each part
	left  []int32 // vertices of each part
	// The parts in which net e has pins are in[pinStart[e]:][:span[e]], with so many pins.
	in, pins []int32
	span     []int32
	shared   []int64 // by part: weight of the nets that a vertex has in common with it
	near     []int32 // the parts whose shared is not 0
}

func newMover(g *Graph, parts [][]int32, limit int64) *mover {
	k := &mover{
		g: g, limit: limit, part: make([]int32, len(g.load)), load: make([]int64, len(parts)), left: make([]int32, len(parts)),
		in: make([]int32, len(g.pins)), pins: make([]int32, len(g.pins)), span: make([]int32, len(g.weight)), shared: make([]int64, len(parts)),
	}
	for p, list := range parts {
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

// enter counts a pin of net e in part p.
func (k *mover) enter(e, p int32) {
	first := k.g.pinStart[e]
	for i := first; i < first+k.span[e]; i++ {
		if k.in[i] == p {
			k.pins[i]++
			return
		}
	}
	at := first + k.span[e]
	k.in[at], k.pins[at] = p, 1
	k.span[e]++
}

// leave takes a pin of net e out of part p.
func (k *mover) leave(e, p int32) {
	first := k.g.pinStart[e]
	i := first
	for k.in[i] != p {
		i++
	}
	if k.pins[i]--; k.pins[i] == 0 {
		k.span[e]--
		last := first + k.span[e]
		k.in[i], k.pins[i] = k.in[last], k.pins[last]
	}
}

func (k *mover) crowded() bool {
	for _, l := range k.load {
		if l > k.limit {
			return true
		}
	}
	return false
}

// round offers every vertex a move.
func (k *mover) round(order []int32) (saved int64, moved bool) {
	for _, v := range order {
		to, gain := k.best(v)
		if to < 0 {
			continue
		}
		from := k.part[v]
		for _, e := range k.g.netsOf(v) {
			k.leave(e, from)
			k.enter(e, to)
		}
		k.part[v] = to
		k.load[from] -= k.g.load[v]
		k.load[to] += k.g.load[v]
		k.left[from]--
		k.left[to]++
		saved, moved = saved+gain, true
	}
	return saved, moved
}

// best is the part where v saves most; -1 where it should stay. At equal cost it goes
// where there is more room. The last vertex of a part stays.
func (k *mover) best(v int32) (to int32, gain int64) {
	from := k.part[v]
	stay := k.share(v)
	crowded := k.load[from] > k.limit
	to = -1
	for _, p := range k.near {
		if p == from || k.load[p]+k.g.load[v] > k.limit || k.left[from] == 1 {
			continue
		}
		x := k.shared[p] - stay
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
