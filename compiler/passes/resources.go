package passes

import (
	"decc/ir"
	"decc/ir/chip"
)

// CoreUse is how full a core is.
type CoreUse struct {
	Core int // number
	Chip int // of the core; before the module is placed, that of a placement in sequence
	Uses []Use
}

// Use is one resource of a core.
type Use struct {
	Resource string // name of the limit, a row of chip.Spec.Limits
	Used     int
	Limit    int
}

// Percent is how much of the limit is used, rounded up, so that only what is
// empty shows 0 and what is full shows 100 or more.
func (u Use) Percent() int { return (100*u.Used + u.Limit - 1) / u.Limit }

// Resources lists the cores of a module from stage partitioned on, in its order, each
// with all resources in the order of the chip's table. The words are those of the
// image's own packer.
func Resources(m *ir.Module, spec *chip.Spec) []CoreUse {
	a := newAtlas(m, spec)
	contents := make([][]stretch, len(m.Cores))
	list := make([]CoreUse, len(m.Cores))
	used := make([]usage, len(m.Cores))
	chips := sequence(spec, len(m.Cores))
	for i, k := range m.Cores {
		contents[i] = a.stretches(k.Runs)
		if m.Stage >= ir.Placed {
			chips[i] = k.ChipID
		}
		list[i] = CoreUse{Core: k.ID, Chip: chips[i]}
	}
	each(len(m.Cores), func(i int) { used[i] = a.measure(contents[i]) })
	for i, n := range a.outAxons(contents, chips) {
		used[i][useOutAxons] = n
		for r := range resources {
			list[i].Uses = append(list[i].Uses, Use{resources[r].limit, used[i][r], resources[r].most(spec)})
		}
	}
	return list
}
