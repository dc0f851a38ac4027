package ir

import (
	"math/big"

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
		at := intervals[slot]
		if at.Lo.Cmp(big.NewInt(lo)) > 0 {
			x.Lo = at.Lo.Int64()
		}
		if at.Hi.Cmp(big.NewInt(hi)) > 0 {
			x.Multiple = 1 // the trace clips what is larger
		} else {
			x.Hi = max(lo, at.Hi.Int64())
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
