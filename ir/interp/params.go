package interp

import (
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// savedParam is a param that the host has written over, and its values before.
type savedParam[V int64 | float64] struct{ slot, before []V }

// setParams takes back what the host wrote for the last run and writes for this one.
func (x *Machine[V]) setParams(values []spikes.ParamValue) {
	for _, p := range slices.Backward(x.saved) {
		copy(p.slot, p.before)
	}
	x.saved = x.saved[:0]
	for _, p := range values {
		g := x.byName[p.Group]
		slot := g.exec.Slot(sem.Ref(g.Program.FieldIndex(p.Param)))
		x.saved = append(x.saved, savedParam[V]{slot, slices.Clone(slot)})
		for i := range slot {
			slot[i] = V(p.Value)
		}
	}
}

// checkParams reports values that no param can take.
func (x *Machine[V]) checkParams(values []spikes.ParamValue, bad *diag.List) {
	for _, p := range values {
		g := x.byName[p.Group]
		if g == nil {
			unknown(bad, "run/unknown-group", "group", p.Group, x.groupNames())
			continue
		}
		f := g.Program.FieldIndex(p.Param)
		if f < 0 || g.Program.Fields[f].Kind != sem.Param {
			unknown(bad, "run/unknown-param", "param of @"+p.Group, p.Param, g.Program.ParamNames())
			continue
		}
		if t := g.Program.Fields[f].Type; !t.Holds(p.Value) {
			lo, hi := t.Limits()
			bad.Add(g.Pos, "run/param-range", "param %s of @%s = %d, allowed is %d..%d", p.Param, p.Group, p.Value, lo, hi)
		}
	}
}
