package ir

import (
	"decc/ir/rule"
	"decc/ir/sem"
)

// RuleFacts is what the module tells of the traces that the target's program writes, for
// the rule of a plastic synapse object: their ranges, by the range reader, and what divides
// them. The module must have been verified.
func RuleFacts(m *Module, s *Synapse) rule.Facts {
	facts := rule.Facts{}
	r, g := m.RuleByName(s.Rule), m.GroupByName(s.Post)
	program := &g.Program.Program
	intervals, err := sem.Ranges(program, newBounder(m).all()[g.Name])
	if err != nil {
		return facts
	}
	for i, t := range r.Traces {
		if t.Value == "" {
			continue
		}
		slot := program.Observable(t.Value)
		lo, hi := t.Limits()
		x := rule.Fact{Lo: lo, Hi: hi, Multiple: program.Multiple(slot, g.divisor)}
		if at := intervals[slot]; at.Fits() {
			x.Lo, x.Hi = max(lo, at.Lo.Int64()), min(hi, at.Hi.Int64())
		}
		facts[sem.TraceVariables[i]] = x
	}
	return facts
}

// divisor is what divides a field: a param of one value, by itself.
func (g *Group) divisor(field int) int64 {
	f := g.Program.Fields[field]
	if f.Kind != sem.Param {
		return 1
	}
	values := map[int64]bool{}
	for i := range g.N {
		values[g.Param(f.Name, i)] = true
	}
	if x := g.Param(f.Name, 0); len(values) == 1 && x >= 0 {
		return x
	}
	return 1
}
