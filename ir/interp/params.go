package interp

import (
	"slices"

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
