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
	coarse int     // vertices of the coarser
}

// loads is what the vertices of the coarser hypergraph take.
func (l *level) loads() []int64 {
	load := make([]int64, l.coarse)
	for v, p := range l.parent {
		load[p] += l.fine.load[v]
	}
	return load
}

// coarsen merges until few vertices are left and returns the rounds, finest first, and
// what is left. No merged vertex is heavier than heaviest.
func coarsen(g *Graph, few int, heaviest int64) ([]level, *Graph) {
	var levels []level
	for len(g.load) > few {
		parent, n := match(g, heaviest)
		if n*10 > len(g.load)*9 {
			break
		}
		levels = append(levels, level{g, parent, n})
		g = contract(g, parent, n)
	}
	return levels, g
}

// refined is a division of the coarser hypergraph as one of the finer.
func (l *level) refined(parts [][]int32) [][]int32 {
	part := make([]int32, l.coarse)
	for i, list := range parts {
		for _, v := range list {
			part[v] = int32(i)
		}
	}
	fine := make([][]int32, len(parts))
	for v, p := range l.parent {
		fine[part[p]] = append(fine[part[p]], int32(v))
	}
	return fine
}

// A division into parts begins on a hypergraph with partVertices vertices or so for each, of which none is heavier than
// partLumps times their mean: enough to find the borders of the parts, which single vertices move later. With fewer vertices in all
// than fewVertices nothing is gained by it.
const (
	partVertices = 120
	partLumps    = 4
	fewVertices  = 2000
)

// ladder is a hypergraph coarsened for a number of parts.
type ladder struct {
	levels   []level
	coarsest *Graph
	parts    int
}

// serves reports whether the ladder is there and not for far fewer parts.
func (l *ladder) serves(parts int) bool { return l != nil && parts <= l.parts*7/4 }

// coarser is the ladder of g for so many parts, with the loads of today.
func (g *Graph) coarser(parts int) ([]level, *Graph) {
	if !g.coarse.serves(parts) {
		levels, coarsest := coarsen(g, max(fewVertices, partVertices*parts), max(1, g.total()*partLumps/int64(parts*partVertices)))
		g.coarse = &ladder{levels, coarsest, parts}
	}
	for i, l := range g.coarse.levels {
		above := g.coarse.coarsest
		if i+1 < len(g.coarse.levels) {
			above = g.coarse.levels[i+1].fine
		}
		above.load = l.loads()
	}
	return g.coarse.levels, g.coarse.coarsest
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
	var pins []int32
	l := level{g, parent, n}
	merged := newBuilder(l.loads())
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
