package hypergraph

import "slices"

// builder collects nets; those with the same pins become one.
type builder struct {
	g     *Graph
	twins map[uint64][]int32 // nets of three pins and more by the hash of their pins
	pairs []pair             // nets of two pins
}

// pair is a net of two pins, a < b.
type pair struct {
	a, b   int32
	weight int64
}

func newBuilder(load []int64) *builder {
	return &builder{g: &Graph{load: load, pinStart: []int32{0}}, twins: map[uint64][]int32{}}
}

// add takes a net. It sorts the pins and does not keep them.
func (b *builder) add(pins []int32, weight int64) {
	switch len(pins) {
	case 0, 1:
	case 2:
		b.pairs = append(b.pairs, pair{min(pins[0], pins[1]), max(pins[0], pins[1]), weight})
	default:
		slices.Sort(pins)
		b.join(pins, weight)
	}
}

// join adds a net, or its weight to the one that has the same pins.
func (b *builder) join(pins []int32, weight int64) {
	key := Hash(pins)
	for _, e := range b.twins[key] {
		if slices.Equal(b.g.pinsOf(e), pins) {
			b.g.weight[e] += weight
			return
		}
	}
	b.twins[key] = append(b.twins[key], int32(len(b.g.weight)))
	b.g.addNet(pins, weight)
}

// finish adds the pairs, in the order of their first pins, and indexes the graph. Most nets
// of a coarse graph are pairs, and this is many times as fast as a map of them.
func (b *builder) finish() *Graph {
	g := b.g
	net := make([]int32, len(g.load)) // by second pin: the net of the pair, plus 1
	for _, list := range b.byFirst() {
		for _, p := range list {
			if e := net[p.b] - 1; e >= 0 && g.pins[g.pinStart[e]] == p.a {
				g.weight[e] += p.weight
				continue
			}
			g.addNet([]int32{p.a, p.b}, p.weight)
			net[p.b] = int32(len(g.weight))
		}
	}
	g.index()
	return g
}

// byFirst lists the pairs of every first pin, in the order in which they came.
func (b *builder) byFirst() [][]pair {
	count := make([]int32, len(b.g.load))
	for _, p := range b.pairs {
		count[p.a]++
	}
	lists, all := make([][]pair, len(count)), make([]pair, len(b.pairs))
	for a, n := range count {
		lists[a], all = all[:0:n], all[n:]
	}
	for _, p := range b.pairs {
		lists[p.a] = append(lists[p.a], p)
	}
	return lists
}
