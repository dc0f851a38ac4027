package hypergraph

// Refinement goes over the vertices until a pass gains nothing, mostPasses times at the
// most. A pass ends when as many moves as patience brought nothing;
// a pass that saves less than the part 1/worthwhile of the cut is the last.
const (
	mostPasses = 8
	patience   = 1000
	worthwhile = 1000
)

// bisection is a division in two on its way to a better one.
type bisection struct {
	g     *Graph
	side  []int8
	limit [2]int64 // most load of each side
	load  [2]int64
	count [2][]int32 // pins of each net on each side
	gain  []int64    // what the move of a vertex to the other side saves
	moved []bool     // in this pass
	queue [2]queue   // by side: vertices that may move
}

func newBisection(g *Graph, side []int8, limit [2]int64) *bisection {
	b := &bisection{
		g: g, side: side, limit: limit, gain: make([]int64, len(side)), moved: make([]bool, len(side)),
		count: [2][]int32{make([]int32, len(g.weight)), make([]int32, len(g.weight))},
	}
	for s := range b.queue {
		b.queue[s] = newQueue(b.gain)
	}
	for v, s := range side {
		b.load[s] += g.load[v]
		for _, e := range g.netsOf(int32(v)) {
			b.count[s][e]++
		}
	}
	return b
}

// cut is the weight of the nets on both sides.
func (b *bisection) cut() int64 {
	sum := int64(0)
	for e, w := range b.g.weight {
		if b.count[0][e] > 0 && b.count[1][e] > 0 {
			sum += w
		}
	}
	return sum
}

// excess is the load beyond the limits.
func (b *bisection) excess() int64 {
	return max(0, b.load[0]-b.limit[0]) + max(0, b.load[1]-b.limit[1])
}

// refine moves vertices until a pass brings nothing.
func (b *bisection) refine() {
	for range mostPasses {
		if saved, ok := b.pass(); !ok || saved*worthwhile < b.cut() && b.excess() == 0 {
			return
		}
	}
}

// pass moves every vertex at most once, the one that saves most first, and then takes back
// the moves after the best moment: least excess first, then least cut.
func (b *bisection) pass() (saved int64, better bool) {
	b.fillQueues()
	excess := b.excess()
	bestExcess, bestSaved, best := excess, int64(0), 0
	var done []int32
	for len(done)-best < patience {
		v := b.choose()
		if v < 0 {
			break
		}
		saved += b.gain[v]
		b.move(v)
		done = append(done, v)
		if x := b.excess(); x < bestExcess || x == bestExcess && saved > bestSaved {
			bestExcess, bestSaved, best = x, saved, len(done)
		}
	}
	for i := len(done) - 1; i >= best; i-- {
		b.flip(done[i])
	}
	return bestSaved, bestExcess < excess || bestSaved > 0
}

// fillQueues begins a pass with the vertices at the border, those with nets on both sides.
// Others come in when the border comes to them; all do where a side holds too much.
func (b *bisection) fillQueues() {
	b.queue[0].clear()
	b.queue[1].clear()
	all := b.excess() > 0
	for v := range b.side {
		b.moved[v] = false
		gain, border := b.gainOf(int32(v))
		b.gain[v] = gain
		if all || border {
			b.queue[b.side[v]].put(int32(v))
		}
	}
}

// gainOf counts what the move of v saves, and tells whether a net of v is on both sides.
func (b *bisection) gainOf(v int32) (gain int64, border bool) {
	s := b.side[v]
	for _, e := range b.g.netsOf(v) {
		if b.count[s][e] == 1 {
			gain += b.g.weight[e]
		}
		if b.count[1-s][e] == 0 {
			gain -= b.g.weight[e]
		} else {
			border = true
		}
	}
	return gain, border
}

// choose is the vertex to move next: from a side with more than it may hold, else the
// better of the sides' best that the other side can take. -1 when there is none.
func (b *bisection) choose() int32 {
	for s := range b.queue {
		if b.load[s] > b.limit[s] {
			return b.queue[s].take()
		}
	}
	for {
		x, y := b.queue[0].peek(), b.queue[1].peek()
		fitsX, fitsY := x >= 0 && b.fits(x), y >= 0 && b.fits(y)
		switch {
		case fitsX && (!fitsY || b.gain[x] >= b.gain[y]):
			return b.queue[0].take()
		case fitsY:
			return b.queue[1].take()
		case x < 0 && y < 0:
			return -1
		}
		// Both are too heavy now: without the heavier one, others have their turn.
		if y < 0 || x >= 0 && b.g.load[x] >= b.g.load[y] {
			b.queue[0].take()
		} else {
			b.queue[1].take()
		}
	}
}

func (b *bisection) fits(v int32) bool {
	to := 1 - b.side[v]
	return b.load[to]+b.g.load[v] <= b.limit[to]
}

// move takes v to the other side and corrects the gains around it.
func (b *bisection) move(v int32) {
	from := b.side[v]
	b.moved[v] = true
	b.queue[from].drop(v)
	for _, e := range b.g.netsOf(v) {
		b.foresee(e, v, from)
	}
	b.flip(v)
}

// foresee corrects the gains of the pins of net e for the move of v off side from. A gain
// changes only where a side of the net goes to or from 0 or 1 pins.
func (b *bisection) foresee(e, v int32, from int8) {
	w := b.g.weight[e]
	if pins := b.g.pinsOf(e); len(pins) == 2 { // most nets are, and it is always the other pin
		u := pins[0] + pins[1] - v
		if b.side[u] != from {
			w = -w
		}
		if !b.moved[u] {
			b.gain[u] += 2 * w
			b.queue[b.side[u]].put(u)
		}
		return
	}
	here, there := b.count[from][e], b.count[1-from][e]
	if there == 0 {
		b.raise(e, v, -1, w)
	} else if there == 1 {
		b.raise(e, v, 1-from, -w)
	}
	if here == 1 {
		b.raise(e, v, -1, -w)
	} else if here == 2 {
		b.raise(e, v, from, w)
	}
}

// raise changes the gain of the pins of e but v that have not moved, on one side or, with
// -1, on both.
func (b *bisection) raise(e, v int32, side int8, by int64) {
	for _, u := range b.g.pinsOf(e) {
		if u == v || b.moved[u] || side >= 0 && b.side[u] != side {
			continue
		}
		b.gain[u] += by
		b.queue[b.side[u]].put(u)
	}
}

// flip takes v to the other side.
func (b *bisection) flip(v int32) {
	s := b.side[v]
	for _, e := range b.g.netsOf(v) {
		b.count[s][e]--
		b.count[1-s][e]++
	}
	b.load[s] -= b.g.load[v]
	b.load[1-s] += b.g.load[v]
	b.side[v] = 1 - s
}
