package passes

import (
	"cmp"
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
// then cores change places within their chip while spike-hops fall.
func improved(s *chip.Spec, links [][]link) []int {
	f := &floor{spec: s, links: links, core: make([]int, (len(links)+s.Cores-1)/s.Cores*s.Cores), slot: curve(s, len(links))}
	for i := range f.core {
		f.core[i] = -1
	}
	for c, slot := range f.slot {
		f.core[slot] = c
	}
	for range mostSweeps {
		if !f.sweep() {
			break
		}
	}
	return f.slot
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

// gain is how many spike-hops fall when a core and what is on a slot change places.
func (f *floor) gain(c, slot int) int64 {
	from := f.slot[c]
	if f.spec.Hops(from, slot) == 0 {
		return 0
	}
	sum := f.hops(c, from, -1) - f.hops(c, slot, f.core[slot])
	if other := f.core[slot]; other >= 0 {
		sum += f.hops(other, slot, -1) - f.hops(other, from, c)
		for _, l := range f.links[c] {
			if l.to == other {
				// Both sums left the pair out on one side; its distance stays.
				sum -= 2 * l.load * int64(f.spec.Hops(from, slot))
			}
		}
	}
	return sum
}

// hops is the traffic of a core, but that with one other, times its way from a slot.
func (f *floor) hops(c, slot, but int) int64 {
	sum := int64(0)
	for _, l := range f.links[c] {
		if l.to != but {
			sum += l.load * int64(f.spec.Hops(slot, f.slot[l.to]))
		}
	}
	return sum
}

func (f *floor) swap(c, slot int) {
	other := f.core[slot]
	f.core[f.slot[c]], f.core[slot] = other, c
	if other >= 0 {
		f.slot[other] = f.slot[c]
	}
	f.slot[c] = slot
}

// linksOf lists what the cores send one another.
func (a *atlas) linksOf(cores [][]stretch) [][]link {
	home := a.homes(cores)
	loads := make([]map[int]int64, len(cores))
	for i := range loads {
		loads[i] = map[int]int64{}
	}
	for at, content := range cores {
		r := a.reach(content)
		for _, source := range r.sources {
			if from := int(home[source]); from >= 0 && from != at {
				loads[at][from] += a.traffic[source]
				loads[from][at] += a.traffic[source]
			}
		}
		a.release(r)
	}
	list := make([][]link, len(cores))
	for i, m := range loads {
		for to, load := range m {
			list[i] = append(list[i], link{to, load})
		}
		slices.SortFunc(list[i], func(x, y link) int { return cmp.Compare(x.to, y.to) })
	}
	return list
}
