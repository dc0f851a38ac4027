package passes

import (
	"cmp"
	"context"
	"slices"

	"decc/ir/chip"
)

// floor is a placement on its way to a better one: which slot each core has, and what the
// cores send one another. Slots are those of chip.Spec.Coordinate.
type floor struct {
	spec  *chip.Spec
	links [][]link // of each core, by the other core
	slot  []int    // of each core
	core  []int    // of each slot, or -1
	tile  []chip.Tile
	// column and row are, for each core, the hops in x and in y of all that it sends and receives, were it in that column
	// or row of tiles of its chip: packets go first in x, then in y, so the ways add up, and a place costs two look-ups.
	column, row [][]int64
}

// link is the traffic between a core and another, both ways.
type link struct {
	to   int
	load int64
}

// mostSweeps bounds how often every core looks for a better place.
const mostSweeps = 20

// improved places cores, which come in an order where neighbours talk: each chip's along a
// Hilbert curve over its tiles, so that neighbours in the order are neighbours on the mesh;
// then cores change places within their chip while spike-hops fall. The error is the context's.
func improved(ctx context.Context, s *chip.Spec, links [][]link) ([]int, error) {
	f := newFloor(s, links, curve(s, len(links)))
	for range mostSweeps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !f.sweep() {
			break
		}
	}
	return f.slot, nil
}

// newFloor has cores on the given slots.
func newFloor(s *chip.Spec, links [][]link, slots []int) *floor {
	f := &floor{
		spec: s, links: links, slot: slots, core: make([]int, (len(links)+s.Cores-1)/s.Cores*s.Cores),
		column: make([][]int64, len(links)), row: make([][]int64, len(links)),
	}
	for slot := range f.core {
		f.core[slot] = -1
		f.tile = append(f.tile, s.Tile(slot))
	}
	for c, slot := range slots {
		f.core[slot] = c
		f.column[c], f.row[c] = make([]int64, s.TilesX), make([]int64, s.TilesY)
	}
	for c := range slots {
		for _, l := range links[c] {
			f.pull(c, f.tile[slots[l.to]], l.load)
		}
	}
	return f
}

// pull adds the ways of a load between a core and a tile.
func (f *floor) pull(c int, to chip.Tile, load int64) {
	first := f.tile[f.slot[c]/f.spec.Cores*f.spec.Cores]
	for x := range f.column[c] {
		f.column[c][x] += load * distance(int64(first.X+x), int64(to.X))
	}
	for y := range f.row[c] {
		f.row[c][y] += load * distance(int64(first.Y+y), int64(to.Y))
	}
}

// hops is what a core sends and receives times its way, were it on a slot of its chip and all others where they are.
func (f *floor) hops(c, slot int) int64 {
	first, at := f.tile[slot/f.spec.Cores*f.spec.Cores], f.tile[slot]
	return f.column[c][at.X-first.X] + f.row[c][at.Y-first.Y]
}

// curve is the slot of each of n cores along the curve.
func curve(s *chip.Spec, n int) []int {
	order := make([]int, s.Cores)
	side := 1
	for side < max(s.TilesX, s.TilesY) {
		side *= 2
	}
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		p, q := s.Coordinate(a), s.Coordinate(b)
		return cmp.Compare(hilbert(side, p.X, p.Y), hilbert(side, q.X, q.Y))
	})
	slots := make([]int, n)
	for c := range slots {
		slots[c] = c/s.Cores*s.Cores + order[c%s.Cores]
	}
	return slots
}

// hilbert is the distance of (x, y) from the start of the Hilbert curve through a square
// whose side is a power of two.
func hilbert(side, x, y int) int {
	d := 0
	for s := side / 2; s > 0; s /= 2 {
		right, low := x&s != 0, y&s == 0
		switch {
		case low && right:
			d += 3 * s * s
			x, y = side-1-y, side-1-x
		case low:
			x, y = y, x
		case right:
			d += 2 * s * s
		default:
			d += s * s
		}
	}
	return d
}

// sweep gives every core in turn the best place on its chip, and tells whether any moved.
func (f *floor) sweep() bool {
	moved := false
	for c := range f.slot {
		best, gain := -1, int64(0)
		chip := f.slot[c] / f.spec.Cores * f.spec.Cores
		for slot := chip; slot < chip+f.spec.Cores; slot++ {
			if g := f.gain(c, slot); g > gain {
				best, gain = slot, g
			}
		}
		if best >= 0 {
			f.swap(c, best)
			moved = true
		}
	}
	return moved
}

// gain is how many spike-hops fall when a core and what is on a slot change places; what is not more than 0 may be less.
func (f *floor) gain(c, slot int) int64 {
	from := f.slot[c]
	if f.tile[from] == f.tile[slot] {
		return 0
	}
	sum := f.hops(c, from) - f.hops(c, slot)
	other := f.core[slot]
	if other < 0 {
		return sum
	}
	if sum += f.hops(other, slot) - f.hops(other, from); sum > 0 {
		// Both have the pair without a way after the change; its distance stays.
		sum -= 2 * f.between(c, other) * int64(f.spec.Hops(from, slot))
	}
	return sum
}

// between is the load of two cores on each other.
func (f *floor) between(a, b int) int64 {
	list := f.links[a]
	i, ok := slices.BinarySearchFunc(list, b, func(l link, to int) int { return cmp.Compare(l.to, to) })
	if !ok {
		return 0
	}
	return list[i].load
}

// swap lets a core and what is on a slot change places.
func (f *floor) swap(c, slot int) {
	from, other := f.slot[c], f.core[slot]
	f.core[from], f.core[slot] = other, c
	f.slot[c] = slot
	f.moved(c, from)
	if other >= 0 {
		f.slot[other] = from
		f.moved(other, slot)
	}
}

// moved tells those that talk with a core that it came from a slot.
func (f *floor) moved(c, from int) {
	for _, l := range f.links[c] {
		f.pull(l.to, f.tile[from], -l.load)
		f.pull(l.to, f.tile[f.slot[c]], l.load)
	}
}

// linksOf lists what the cores send one another. The error is the context's.
func (a *atlas) linksOf(ctx context.Context, cores [][]stretch) ([][]link, error) {
	home := a.homes(cores)
	sent, received := make([][]link, len(cores)), make([][]link, len(cores))
	loads := make([]int64, len(cores)) // from each core to the one at hand
	for at, content := range cores {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := a.reach(content)
		for _, source := range r.sources {
			from := int(home[source])
			if from < 0 || from == at || a.traffic[source] == 0 {
				continue
			}
			if loads[from] == 0 {
				received[at] = append(received[at], link{to: from})
			}
			loads[from] += a.traffic[source]
		}
		a.release(r)
		slices.SortFunc(received[at], func(x, y link) int { return cmp.Compare(x.to, y.to) })
		for i := range received[at] {
			l := &received[at][i]
			l.load, loads[l.to] = loads[l.to], 0
			sent[l.to] = append(sent[l.to], link{at, l.load})
		}
	}
	list := make([][]link, len(cores))
	for c := range list {
		list[c] = both(sent[c], received[c])
	}
	return list, nil
}

// both merges lists in ascending order.
func both(a, b []link) []link {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y link) int { return cmp.Compare(x.to, y.to) })
	merged := all[:0]
	for _, l := range all {
		if last := len(merged) - 1; last >= 0 && merged[last].to == l.to {
			merged[last].load += l.load
		} else {
			merged = append(merged, l)
		}
	}
	return merged
}
