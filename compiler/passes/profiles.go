package passes

import (
	"fmt"
	"strings"

	"decc/ir"
	"decc/ir/chip"
	"decc/ir/sem"
)

// profileKeys numbers the different contents that compartments need in the tables
// of a core: equal numbers can share an entry.
type profileKeys struct {
	chip    *chip.Spec
	numbers map[string]int32
}

func newProfileKeys(s *chip.Spec) *profileKeys {
	return &profileKeys{chip: s, numbers: map[string]int32{}}
}

// keys are the numbers of the compartments of a group: one for all, or one each;
// empty where the program has no param that the table keeps.
type keys []int32

func (k keys) at(i int) int32 {
	if len(k) == 1 {
		return k[0]
	}
	return k[i]
}

func (k keys) distinct() int {
	seen := map[int32]bool{}
	for _, x := range k {
		seen[x] = true
	}
	return len(seen)
}

// tableKeys are a group's keys in the three tables of a core.
type tableKeys struct{ cx, vth, core keys }

// of numbers a group. A cx profile belongs to a program; the others are shared by
// all programs that have the params.
func (p *profileKeys) of(g *ir.Group) tableKeys {
	return tableKeys{
		cx:   p.number(g, chip.KeptCxProfile, "@"+g.Program.Name),
		vth:  p.number(g, chip.KeptVthProfile, ""),
		core: p.number(g, chip.KeptCore, ""),
	}
}

func (p *profileKeys) number(g *ir.Group, kept chip.Kept, prefix string) keys {
	var names []string
	var values [][]int64
	n := 1
	for _, f := range g.Program.Fields {
		if f.Kind != sem.Param || p.chip.Kept(f.Name) != kept {
			continue
		}
		names = append(names, f.Name)
		values = append(values, paramValues(g, f.Name))
		n = max(n, len(values[len(values)-1]))
	}
	if len(names) == 0 && prefix == "" {
		return nil
	}
	k := make(keys, n)
	for i := range k {
		k[i] = p.intern(prefix, names, values, i)
	}
	return k
}

func (p *profileKeys) intern(prefix string, names []string, values [][]int64, i int) int32 {
	var b strings.Builder
	b.WriteString(prefix)
	for j, name := range names {
		fmt.Fprintf(&b, " %s=%d", name, values[j][min(i, len(values[j])-1)])
	}
	n, ok := p.numbers[b.String()]
	if !ok {
		n = int32(len(p.numbers))
		p.numbers[b.String()] = n
	}
	return n
}
