package hypergraph

import "slices"

// Net connects vertices: Pins are their numbers, in any order, without repeats. Weight is
// what each part beyond the first costs, at least 0. Source is the pin that talks to the
// others, or -1 where what talks is no vertex.
type Net struct {
	Pins   []int32
	Weight int64
	Source int32
}

// Graph is a hypergraph with a load on each vertex. Both directions of the relation of nets
// and vertices are stored, as offsets into one array.
type Graph struct {
	load      []int64
	weight    []int64 // of nets
	pinStart  []int32 // pins of net e: pins[pinStart[e]:pinStart[e+1]]
	pins      []int32
	netsStart []int32 // nets of vertex v, ascending
	nets      []int32
	// near is what bisections look at. A net with a source is there an edge to each of its
	// other pins: once a net is in both halves its price tells nothing more about where its pins should
	// be, while the number of edges that are cut still tells how near it is to being whole.
	near *Graph
	// by is what bisections look at since the first Split: near, or the graph itself.
	by *Graph
	// coarse is the graph as divisions begin with it.
	coarse *ladder
}

// New builds a hypergraph of len(load) vertices. Loads are at least 1. Nets with fewer than
// two pins cost nothing and are left out; those with the same pins become one. The pins are
// sorted in place.
func New(load []int64, nets []Net) *Graph {
	all, near := newBuilder(load), newBuilder(load)
	for _, n := range nets {
		all.add(n.Pins, n.Weight)
		if n.Source < 0 {
			near.add(n.Pins, n.Weight)
			continue
		}
		for _, v := range n.Pins {
			if v != n.Source {
				near.add([]int32{n.Source, v}, n.Weight)
			}
		}
	}
	g := all.finish()
	g.near = near.finish()
	return g
}

// Reload gives the vertices other loads.
func (g *Graph) Reload(load []int64) { g.load, g.near.load = load, load }

func (g *Graph) addNet(pins []int32, weight int64) {
	g.pins = append(g.pins, pins...)
	g.pinStart = append(g.pinStart, int32(len(g.pins)))
	g.weight = append(g.weight, weight)
}

// index lists the nets of every vertex.
func (g *Graph) index() {
	g.netsStart = make([]int32, len(g.load)+1)
	for _, v := range g.pins {
		g.netsStart[v+1]++
	}
	for v := range g.load {
		g.netsStart[v+1] += g.netsStart[v]
	}
	g.nets = make([]int32, len(g.pins))
	next := slices.Clone(g.netsStart)
	for e := range g.weight {
		for _, v := range g.pinsOf(int32(e)) {
			g.nets[next[v]] = int32(e)
			next[v]++
		}
	}
}

func (g *Graph) pinsOf(e int32) []int32 { return g.pins[g.pinStart[e]:g.pinStart[e+1]] }
func (g *Graph) netsOf(v int32) []int32 { return g.nets[g.netsStart[v]:g.netsStart[v+1]] }

// total is the load of all vertices.
func (g *Graph) total() int64 {
	sum := int64(0)
	for _, l := range g.load {
		sum += l
	}
	return sum
}

// Cost is the sum over the nets of weight times (parts with pins - 1); part[v] is the part
// of vertex v, at least 0.
func (g *Graph) Cost(part []int32) int64 {
	cost := int64(0)
	last := make([]int32, slices.Max(append(part[:len(part):len(part)], 0))+1) // by part: the net that it had pins of, plus 1
	for e, w := range g.weight {
		parts := int64(0)
		for _, v := range g.pinsOf(int32(e)) {
			if p := part[v]; last[p] != int32(e)+1 {
				last[p] = int32(e) + 1
				parts++
			}
		}
		cost += w * max(0, parts-1)
	}
	return cost
}

// Shared sums, by part, the weight of the nets that part p has in common with it. pieces are
// the vertices of p, part[v] is the part of vertex v, n the number of parts.
func (g *Graph) Shared(pieces []int32, part []int32, n int) []int64 {
	shared := make([]int64, n)
	nets, seen := map[int32]bool{}, map[int32]bool{}
	for _, v := range pieces {
		for _, e := range g.netsOf(v) {
			if nets[e] {
				continue
			}
			nets[e] = true
			clear(seen)
			for _, u := range g.pinsOf(e) {
				if p := part[u]; !seen[p] {
					seen[p] = true
					shared[p] += g.weight[e]
				}
			}
		}
	}
	return shared
}

// Cut divides at least two vertices in two lists that are not empty, the first with about
// the part part / whole of the load.
func (g *Graph) Cut(vertices []int32, part, whole int64) [2][]int32 {
	sub := g.around(vertices)
	first := proportion(sub.total(), part, whole)
	side := sub.bisect([2]int64{first, sub.total() - first + sub.total()/32 + 1})
	var cut [2][]int32
	for i, s := range side {
		cut[s] = append(cut[s], vertices[i])
	}
	if len(cut[0]) == 0 || len(cut[1]) == 0 {
		return [2][]int32{slices.Clip(vertices[:len(vertices)/2]), slices.Clip(vertices[len(vertices)/2:])}
	}
	return cut
}

// around is the hypergraph of a few vertices and their nets: it looks at no others, which
// are many.
func (g *Graph) around(vertices []int32) *Graph {
	number := make([]int32, len(g.load)) // plus 1
	load := make([]int64, len(vertices))
	for i, v := range vertices {
		number[v] = int32(i) + 1
		load[i] = g.load[v]
	}
	sub := &Graph{load: load, pinStart: []int32{0}}
	seen := make([]bool, len(g.weight))
	var pins []int32
	for _, v := range vertices {
		for _, e := range g.netsOf(v) {
			if seen[e] {
				continue
			}
			seen[e], pins = true, pins[:0]
			for _, u := range g.pinsOf(e) {
				if number[u] > 0 {
					pins = append(pins, number[u]-1)
				}
			}
			if len(pins) > 1 {
				sub.addNet(pins, g.weight[e])
			}
		}
	}
	sub.index()
	return sub
}

// induced is the hypergraph of the vertices on one side: nets keep the pins they have
// there, and cost the same for every further part.
func (g *Graph) induced(side []int8, want int8) (sub *Graph, vertices []int32) {
	number := make([]int32, len(g.load))
	var load []int64
	for v, s := range side {
		if s == want {
			number[v] = int32(len(vertices))
			vertices = append(vertices, int32(v))
			load = append(load, g.load[v])
		}
	}
	sub = &Graph{load: load, pinStart: []int32{0}}
	var pins []int32
	for e, w := range g.weight {
		pins = pins[:0]
		for _, v := range g.pinsOf(int32(e)) {
			if side[v] == want {
				pins = append(pins, number[v])
			}
		}
		if len(pins) > 1 {
			sub.addNet(pins, w)
		}
	}
	sub.index()
	return sub, vertices
}
