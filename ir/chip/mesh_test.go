package chip

import (
	"slices"
	"testing"
)

func TestRoute(t *testing.T) {
	at := func(x, y int) Tile { return Tile{X: x, Y: y} }
	for _, c := range []struct {
		from, to Tile
		want     []Link
	}{
		{at(2, 2), at(2, 2), nil},
		{at(1, 1), at(3, 0), []Link{{at(1, 1), East}, {at(2, 1), East}, {at(3, 1), North}}},
		{at(3, 0), at(1, 1), []Link{{at(3, 0), West}, {at(2, 0), West}, {at(1, 0), South}}},
	} {
		if got := slices.Collect(Route(c.from, c.to)); !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %v, want %v", c.from, c.to, got, c.want)
		}
	}
	for l := range Route(at(0, 0), at(9, 9)) {
		if l.X == 4 {
			break // a reader may stop
		}
	}
	if !East.AlongX() || !West.AlongX() || South.AlongX() || North.AlongX() {
		t.Error("directions lie along other axes")
	}
}

// Routes are as long as Hops says, on one chip and from chip to chip.
func TestRoutesAndHops(t *testing.T) {
	s := builtin(t, "loihi1")
	for from := 0; from < 20*s.Cores; from += 97 {
		for to := 0; to < 20*s.Cores; to += 131 {
			if n := len(slices.Collect(Route(s.Tile(from), s.Tile(to)))); n != s.Hops(from, to) {
				t.Fatalf("%d to %d: %d links, %d hops", from, to, n, s.Hops(from, to))
			}
		}
		if at, ok := s.TileAt(s.Coordinate(from)); !ok || at != s.Tile(from) {
			t.Fatalf("core %d: %v, %v", from, at, ok)
		}
	}
	// The last tile of chip 0 and the first of chip 1 are neighbours in x.
	if s.Hops(31*4, s.Cores+24*4) != 1 {
		t.Error("the meshes of two chips do not join")
	}
	for _, c := range []Coordinate{{X: s.TilesX}, {Y: -1}, {Z: s.CoresPerTile}, {Chip: s.Chips}} {
		if _, ok := s.TileAt(c); ok {
			t.Errorf("%+v is on the board", c)
		}
	}
}

func TestSystems(t *testing.T) {
	list := builtin(t, "loihi1").Systems("boards", "barrier_time")
	if len(list) != 2 || list[0].Chips != 256 || list[0].Value != 14300 || list[1].Chips != 768 || list[1].Value != 16200 {
		t.Errorf("%+v", list)
	}
	if list := builtin(t, "loihi1").Systems("boards", "row_time_min"); list != nil {
		t.Errorf("%+v speaks of no system", list)
	}
}
