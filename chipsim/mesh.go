package chipsim

import (
	"slices"

	"decc/ir/chip"
)

// mesh counts what the links of the board carry in a row. It belongs to one session, whose spikes
// are sent by one goroutine whatever its workers.
type mesh struct {
	routes  map[[2]chip.Tile][]int // links by number
	numbers map[chip.Link]int
	links   []meshLink
	used    []int    // links that carry something in the row
	most    [2]int64 // packets over the heaviest link in x, in y
}

type meshLink struct {
	axis    int // of most
	packets int64
}

// newMesh puts the cores on their tiles.
func newMesh(cores []*coreState, tiles [][2]int) *mesh {
	for i, c := range cores {
		c.tile = chip.Tile{X: tiles[i][0], Y: tiles[i][1]}
	}
	return &mesh{routes: map[[2]chip.Tile][]int{}, numbers: map[chip.Link]int{}}
}

// pass is a packet from a core to another; it returns how many links it passes.
func (m *mesh) pass(from, to *coreState) int64 {
	way := m.route(from.tile, to.tile)
	for _, n := range way {
		l := &m.links[n]
		if l.packets == 0 {
			m.used = append(m.used, n)
		}
		l.packets++
		m.most[l.axis] = max(m.most[l.axis], l.packets)
	}
	return int64(len(way))
}

// route is the way between two tiles, by the numbers of its links.
func (m *mesh) route(from, to chip.Tile) []int {
	way := [2]chip.Tile{from, to}
	list, known := m.routes[way]
	if !known {
		for l := range chip.Route(from, to) {
			list = append(list, m.number(l))
		}
		m.routes[way] = slices.Clip(list)
	}
	return list
}

func (m *mesh) number(l chip.Link) int {
	n, known := m.numbers[l]
	if !known {
		n = len(m.links)
		m.numbers[l] = n
		axis := 1
		if l.To.AlongX() {
			axis = 0
		}
		m.links = append(m.links, meshLink{axis: axis})
	}
	return n
}

// heaviest is the packets over the heaviest link in x and over that in y, and begins the next row.
func (m *mesh) heaviest() (x, y int64) {
	if m == nil {
		return 0, 0
	}
	x, y = m.most[0], m.most[1]
	for _, n := range m.used {
		m.links[n].packets = 0
	}
	m.used, m.most = m.used[:0], [2]int64{}
	return x, y
}
