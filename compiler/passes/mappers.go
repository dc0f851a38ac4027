package passes

import (
	"fmt"

	"decc/ir/diag"
)

// mapper is a way to divide the compartments over cores.
type mapper struct {
	name, doc string
	run       func(p *partitioner) error // fills p.cores
}

// Sequential is the naive mapper, which others are held against.
const Sequential = "sequential"

// mappers lists them; the first is the default.
var mappers = []mapper{
	{"multilevel", "keep together what talks most, by recursive bisection", (*partitioner).multilevel},
	{Sequential, "fill cores in the order of the model", (*partitioner).sequential},
}

// Mappers names the ways to divide compartments over cores, the default first.
func Mappers() []string {
	names := make([]string, len(mappers))
	for i, m := range mappers {
		names[i] = m.name
	}
	return names
}

func (p *partitioner) run(name string) error {
	for _, m := range mappers {
		if m.name == name || name == "" {
			return m.run(p)
		}
	}
	return diag.List{diag.Errorf(p.a.m.Pos, codeMapper, "there is no mapper %q", name).
		WithFix("%s", fmt.Sprintf("one of %q", Mappers()))}
}
