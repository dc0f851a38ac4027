package passes

import "slices"

// order is how the rows of a bundle that a kernel fills follow each other when cores are filled with them.
type order int

const (
	// byChannel is the order of the numbers, one channel after the other. Rows of a channel have the
	// same weights, which are stored once.
	byChannel order = iota
	// byPlace is one place of the plane after the other, with all its channels. Rows of a place have the same
	// sources, so these reach as few cores as can be.
	byPlace
)

var orderNames = [...]string{byChannel: "channels", byPlace: "places"}

func (o order) String() string { return orderNames[o] }

// row is the row at a position in the order.
func (b *bundle) row(position int) int {
	if b.order == byChannel {
		return position
	}
	channels := b.rows / b.plane
	return position%channels*b.plane + position/channels
}

// position is the inverse of row.
func (b *bundle) position(row int) int {
	if b.order == byChannel {
		return row
	}
	return row%b.plane*(b.rows/b.plane) + row/b.plane
}

// unit is the number of rows that are not cut where so many fit: a line of a plane, since lists of a kernel are alike where
// cores hold whole lines, or all channels of a place.
func (b *bundle) unit() int {
	if b.order == byChannel {
		return b.width
	}
	return b.rows / b.plane
}

// content is what the rows at n positions from first on put on a core.
func (b *bundle) content(first, n int) []stretch {
	runs := []stretch{{first: first, n: n}}
	if b.order == byPlace {
		runs = b.scattered(first, n)
	}
	list := make([]stretch, 0, len(b.groups)*len(runs))
	for _, g := range b.groups {
		for _, r := range runs {
			list = append(list, stretch{g, r.first, r.n})
		}
	}
	return list
}

// scattered is the rows at n positions from first on as stretches, ascending.
func (b *bundle) scattered(first, n int) []stretch {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = b.row(first + i)
	}
	slices.Sort(rows)
	var runs []stretch
	for _, row := range rows {
		if last := len(runs) - 1; last >= 0 && runs[last].first+runs[last].n == row {
			runs[last].n++
		} else {
			runs = append(runs, stretch{first: row, n: 1})
		}
	}
	return runs
}

// planeOf is the width and the size of the planes that a kernel makes of the group, 1 and the whole where none does or
// planes have one place, so that there is one order only.
func (t *territory) planeOf() (width, plane int) {
	for _, in := range t.inbound {
		if in.IsConv() {
			if out := in.Conv.Out(in.Weights.Shape); out[1]*out[2] > 1 {
				return out[2], out[1] * out[2]
			}
		}
	}
	return 1, t.N
}

// choose finds orders of the bundles with which the network fits, or takes fewer cores: it begins with all by
// channel, and changes one bundle at a time while that is better.
func (p *partitioner) choose() (*forecast, error) {
	best, err := p.forecast()
	if err != nil {
		return nil, err
	}
	for changed := true; changed; {
		changed = false
		for i := len(p.bundles) - 1; i >= 0; i-- {
			b := p.bundles[i]
			if b.plane == b.rows {
				continue
			}
			before := b.order
			b.order = byPlace - before
			f, err := p.forecast()
			if err != nil {
				return nil, err
			}
			if f.better(best) {
				best, changed = f, true
			} else {
				b.order = before
			}
		}
	}
	return best, nil
}
