package passes

import (
	"maps"
	"slices"

	"decc/compiler/hypergraph"
	"decc/ir/chip"
)

// class is the pieces whose groups take the same delay slots. The longest delay of a core gives
// all its compartments their slots, so what has no delays wastes them where it is divided among what has:
// classes are divided apart, and merge joins what fits.
type class struct {
	pieces []int32 // ascending
	graph  *hypergraph.Graph
	parts  [][]int32 // of the last division, by the numbers of graph
}

// classify lists the pieces by the delay slots of their groups; nets are those of all pieces.
func (ap *atlasOfPieces) classify(nets []hypergraph.Net) {
	slots, bySlots := map[*bundle]int{}, map[int][]int32{}
	for _, b := range ap.p.bundles {
		slots[b] = chip.DelaySlots(ap.p.a.reach(b.content(0, b.rows)).delay)
	}
	for v, x := range ap.pieces {
		bySlots[slots[x.bundle]] = append(bySlots[slots[x.bundle]], int32(v))
	}
	for _, n := range slices.Sorted(maps.Keys(bySlots)) {
		c := &class{pieces: bySlots[n], graph: ap.graph}
		if len(bySlots) > 1 {
			c.graph = hypergraph.New(c.loads(ap.load), c.netsOf(nets, len(ap.pieces)))
		}
		ap.classes = append(ap.classes, c)
	}
}

// loads are those of the class.
func (c *class) loads(all []int64) []int64 {
	list := make([]int64, len(c.pieces))
	for i, v := range c.pieces {
		list[i] = all[v]
	}
	return list
}

// netsOf is what nets are within the class, by its own numbers of pieces.
func (c *class) netsOf(nets []hypergraph.Net, n int) []hypergraph.Net {
	number := make([]int32, n) // plus 1
	for i, v := range c.pieces {
		number[v] = int32(i) + 1
	}
	within := make([]hypergraph.Net, len(nets))
	for i, net := range nets {
		within[i].Weight, within[i].Source = net.Weight, -1
		if net.Source >= 0 {
			within[i].Source = number[net.Source] - 1 // -1 where it is of another class
		}
		for _, v := range net.Pins {
			if number[v] > 0 {
				within[i].Pins = append(within[i].Pins, number[v]-1)
			}
		}
	}
	return within
}

// divide splits the class anew.
func (c *class) divide(rooms []int64) { c.parts = c.graph.Split(rooms...) }

// draft splits it quickly.
func (c *class) draft(rooms []int64) { c.parts = c.graph.Draft(rooms...) }

// improve moves pieces between the parts of the last division.
func (c *class) improve(rooms []int64) { c.parts = c.graph.Improve(c.parts, rooms...) }

// named lists the parts by the numbers of all pieces.
func (c *class) named() [][]int32 {
	list := make([][]int32, len(c.parts))
	for i, part := range c.parts {
		for _, v := range part {
			list[i] = append(list[i], c.pieces[v])
		}
	}
	return list
}
