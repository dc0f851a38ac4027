package passes

import (
	"cmp"

	"decc/compiler"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/sem"
)

// Place gives every core a coordinate.
//
// Method: chips fill one after the other. On a chip, cores are placed as improved says,
// so that those that talk are near; the sequential mapper places them tile by tile, row by
// row: X and Y are the tile, Z the core of the tile. With Options.Placement the
// cores of each chip change places among themselves at random.
//
// Before: a partitioned module. After: every core has a place of its own on the mesh.
// Example, in sequence, 4 cores a tile: core 5 is at chip 0, tile (1, 0), core 1 of the tile.
var Place = compiler.Pass{
	Name: "place", Doc: "put cores on the mesh",
	Needs: ir.Partitioned, Gives: ir.Placed, Preserves: true,
	Run: place,
}

func place(c *compiler.Context, m *ir.Module) error {
	s := c.Chip
	if len(m.Cores) > s.Chips*s.Cores {
		return tooManyCores(m, s, len(m.Cores))
	}
	chosen, err := chooseSlots(c, m)
	if err != nil {
		return err
	}
	for i, slot := range chosen {
		at := s.Coordinate(slot)
		k := m.Cores[i]
		k.ChipID, k.X, k.Y, k.Z = at.Chip, at.X, at.Y, at.Z
	}
	m.Stage = ir.Placed
	if n := len(m.Cores); n > 0 {
		c.Count("chips", int64(s.Coordinate(n-1).Chip+1), "")
	}
	return nil
}

func tooManyCores(m *ir.Module, s *chip.Spec, cores int) error {
	return diag.List{
		diag.Errorf(whereIs(m), codeChips, "the network takes %d cores, %d chips of %s have %d", cores, s.Chips, s.Name, s.Chips*s.Cores).
			WithNote("%s", limitText(s, "chips")).WithNote("%s", limitText(s, "cores")).
			WithFix("make the network smaller, or use more chips"),
	}
}

// whereIs is where a module stands, or else its first group.
func whereIs(m *ir.Module) diag.Pos {
	places := []diag.Pos{m.At, m.Pos}
	for _, g := range m.Groups {
		places = append(places, g.At, g.Pos)
	}
	return cmp.Or(places...)
}

func chooseSlots(c *compiler.Context, m *ir.Module) ([]int, error) {
	if c.Options.Placement != 0 || c.Options.Mapper == Sequential {
		return slots(c.Chip, c.Options.Placement, len(m.Cores)), nil
	}
	a := newAtlas(m, c.Chip)
	a.traffic = a.spikes(c.Options.Traffic)
	links, err := a.linksOf(c, a.contents())
	if err != nil {
		return nil, err
	}
	return improved(c, c.Chip, links)
}

// slots lists the place in sequence of each of n cores: its own number, or a
// permutation within the chip (Fisher and Yates) drawn from the seed.
func slots(s *chip.Spec, seed uint64, n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	if seed == 0 {
		return list
	}
	for start := 0; start < n; start += s.Cores {
		part := list[start:min(start+s.Cores, n)]
		for i := len(part) - 1; i > 0; i-- {
			j := int(sem.Draw(seed, sem.Key("placement"), uint64(start), uint64(i)) % uint64(i+1))
			part[i], part[j] = part[j], part[i]
		}
	}
	return list
}
