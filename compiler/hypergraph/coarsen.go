package hypergraph

// Bounds of the coarsening. A bisection starts on enoughVertices or so; merging stops early
// when a round keeps more than nine in ten. Nets with more pins than widestNet tell little
// about who belongs together and are not looked at; mostSeen bounds the pins that one
// vertex looks at, so that a round is linear in the vertices.
const (
	enoughVertices = 200
	widestNet      = 512
	mostSeen       = 4096
)

// ratingUnit scales the rating of a pair, weight / (pins - 1), to integers.
const ratingUnit = 1 << 10

// level is a hypergraph and the one it was merged into.
type level struct {
	fine   *Graph
	parent []int32 // vertex of the coarser hypergraph, by vertex of the finer
}

// coarsen merges until few vertices are left and returns the rounds, finest first, and
// what is left. No merged vertex is heavier than heaviest.
func coarsen(g *Graph, heaviest int64) ([]level, *Graph) {
	var levels []level
	for len(g.load) > enoughVertices {
		parent, n := match(g, heaviest)
		if n*10 > len(g.load)*9 {
			break
		}
		levels = append(levels, level{g, parent})
		g = contract(g, parent, n)
	}
	return levels, g
}

// match pairs every vertex with the free one that shares most with it: the sum over common
// nets of weight / (pins - 1), the rating of heavy-edge matching on hypergraphs.
func match(g *Graph, heaviest int64) (parent []int32, n int) {
	parent = make([]int32, len(g.load))
	for v := range parent {
		parent[v] = -1
	}
	r := rater{g: g, score: make([]int64, len(g.load))}
	for _, v := range shuffled(len(g.load)) {
		if parent[v] >= 0 {
			continue
		}
		best := r.best(v, parent, heaviest)
		parent[v] = int32(n)
		if best >= 0 {
			parent[best] = int32(n)
		}
		n++
	}
	return parent, n
}

// rater sums what a vertex shares with others.
type rater struct {
	g       *Graph
	score   []int64
	touched []int32
}

// best is the free vertex that shares most with v, or -1; among equals the lighter, then
// the lower.
func (r *rater) best(v int32, parent []int32, heaviest int64) int32 {
	r.rate(v)
	best := int32(-1)
	for _, u := range r.touched {
		free := u != v && parent[u] < 0 && r.g.load[u]+r.g.load[v] <= heaviest
		if free && (best < 0 || r.better(u, best)) {
			best = u
		}
	}
	for _, u := range r.touched {
		r.score[u] = 0
	}
	r.touched = r.touched[:0]
	return best
}

func (r *rater) better(u, than int32) bool {
	if r.score[u] != r.score[than] {
		return r.score[u] > r.score[than]
	}
	if r.g.load[u] != r.g.load[than] {
		return r.g.load[u] < r.g.load[than]
	}
	return u < than
}

func (r *rater) rate(v int32) {
	seen := 0
	for _, e := range r.g.netsOf(v) {
		pins := r.g.pinsOf(e)
		if len(pins) > widestNet {
			continue
		}
		share := r.g.weight[e]*ratingUnit/int64(len(pins)-1) + 1
		for _, u := range pins {
			if r.score[u] == 0 {
				r.touched = append(r.touched, u)
			}
			r.score[u] += share
		}
		if seen += len(pins); seen > mostSeen {
			return
		}
	}
}

// contract builds the hypergraph of the merged vertices. Nets within one vertex go; nets
// with the same pins become one.
func contract(g *Graph, parent []int32, n int) *Graph {
	load := make([]int64, n)
	for v, p := range parent {
		load[p] += g.load[v]
	}
	var pins []int32
	merged := newBuilder(load)
	mark := make([]int32, n) // net that last saw the vertex, plus 1
	for e, w := range g.weight {
		pins = pins[:0]
		for _, v := range g.pinsOf(int32(e)) {
			if p := parent[v]; mark[p] != int32(e)+1 {
				mark[p] = int32(e) + 1
				pins = append(pins, p)
			}
		}
		merged.add(pins, w)
	}
	return merged.finish()
}

// Hash is FNV-1a over whole numbers: it only has to tell lists apart quickly.
func Hash(list []int32) uint64 {
	h := uint64(14695981039346656037)
	for _, x := range list {
		h = (h ^ uint64(uint32(x))) * 1099511628211
	}
	return h
}

// shuffled lists 0..n-1 in an order without pattern that is the same everywhere: a vertex
// must not be favoured for being first in the model.
func shuffled(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i)
	}
	state := uint64(n)
	for i := n - 1; i > 0; i-- {
		state = next(state)
		j := int((state >> 33) % uint64(i+1))
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// next steps a linear congruential sequence (Knuth's MMIX constants).
func next(state uint64) uint64 { return state*6364136223846793005 + 1442695040888963407 }
