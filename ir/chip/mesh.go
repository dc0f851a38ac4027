package chip

import "iter"

// Coordinate is where a core sits: tile column X, tile row Y and core Z of the tile.
type Coordinate struct{ Chip, X, Y, Z int }

// Coordinate places core number id (from 0) in sequence: chips in order, tiles of
// a chip row by row, the cores of a tile in order.
func (s *Spec) Coordinate(id int) Coordinate {
	local := id % s.Cores
	tile := local / s.CoresPerTile
	return Coordinate{Chip: id / s.Cores, X: tile % s.TilesX, Y: tile / s.TilesX, Z: local % s.CoresPerTile}
}

// Tile is a tile on the mesh of the whole board.
type Tile struct{ X, Y int }

// Hops is the way of a packet between the tiles of two cores, by number as of Coordinate: links in x
// and in y.
func (s *Spec) Hops(from, to int) int {
	a, b := s.Tile(from), s.Tile(to)
	return abs(a.X-b.X) + abs(a.Y-b.Y)
}

func abs(x int) int { return max(x, -x) }

// Tile is where core number id sits on the mesh of the whole board.
func (s *Spec) Tile(id int) Tile { return s.onBoard(s.Coordinate(id)) }

// onBoard puts chips into rows of BoardX; their meshes join at the edges.
func (s *Spec) onBoard(c Coordinate) Tile {
	return Tile{X: c.Chip%s.BoardX*s.TilesX + c.X, Y: c.Chip/s.BoardX*s.TilesY + c.Y}
}

// TileAt is the tile of a core on the mesh of the whole board; ok is false for a place that no core
// of the largest system has.
func (s *Spec) TileAt(c Coordinate) (at Tile, ok bool) {
	for _, axis := range [][2]int{{c.Chip, s.Chips}, {c.X, s.TilesX}, {c.Y, s.TilesY}, {c.Z, s.CoresPerTile}} {
		if axis[0] < 0 || axis[0] >= axis[1] {
			return Tile{}, false
		}
	}
	return s.onBoard(c), true
}

// Direction is the way in which a link leads to the next tile.
type Direction uint8

// The directions; y counts southwards.
const (
	East Direction = iota
	West
	South
	North
)

func (d Direction) String() string { return [...]string{"east", "west", "south", "north"}[d] }

// AlongX tells a link to the east or west from one to the south or north.
func (d Direction) AlongX() bool { return d <= West }

// Link is a link of the mesh, by the tile that it begins at.
type Link struct {
	Tile
	To Direction
}

// ways are the directions with the step that each takes, in the order in which a packet uses them:
// first in x, then in y.
var ways = [...]struct {
	To   Direction
	Step Tile
}{{East, Tile{X: 1}}, {West, Tile{X: -1}}, {South, Tile{Y: 1}}, {North, Tile{Y: -1}}}

// leads tells that a step goes towards a tile.
func leads(from, to, step Tile) bool {
	return (to.X-from.X)*step.X > 0 || (to.Y-from.Y)*step.Y > 0
}

// Route is the links that a packet passes from a tile to another, by dimension-order routing.
func Route(from, to Tile) iter.Seq[Link] {
	return func(yield func(Link) bool) {
		for _, w := range ways {
			for ; leads(from, to, w.Step); from = (Tile{from.X + w.Step.X, from.Y + w.Step.Y}) {
				if !yield(Link{from, w.To}) {
					return
				}
			}
		}
	}
}
