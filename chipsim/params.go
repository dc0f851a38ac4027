package chipsim

import (
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// savedParam is a param that the host has written over, and its values before.
type savedParam struct {
	block        *blockState
	slot, before []int64
}

// setParams takes back what the host wrote for the last run and writes for this one.
func (s *Session) setParams(values []spikes.ParamValue) {
	for _, p := range slices.Backward(s.saved) {
		copy(p.slot, p.before)
		p.block.looked = false
	}
	s.saved = s.saved[:0]
	for _, v := range values {
		for _, at := range s.chip.runs[s.chip.groups[v.Group]] {
			b := &s.cores[at.core].blocks[at.block]
			slot := b.exec.Slot(sem.Ref(b.program.FieldIndex(v.Param)))
			s.saved = append(s.saved, savedParam{b, slot, slices.Clone(slot)})
			b.looked = false
			for lane := range slot {
				slot[lane] = v.Value
			}
		}
	}
}

// checkParams reports values that no param can take.
func (c *Chip) checkParams(values []spikes.ParamValue, bad *diag.List) {
	for _, v := range values {
		g, ok := c.groups[v.Group]
		if !ok {
			unknown(bad, "run/unknown-group", "group", v.Group, c.groupNames())
			continue
		}
		p := &c.img.Programs[c.img.Groups[g].Program]
		f := p.FieldIndex(v.Param)
		if f < 0 || p.Fields[f].Kind != sem.Param {
			unknown(bad, "run/unknown-param", "param of @"+v.Group, v.Param, p.ParamNames())
			continue
		}
		if t := p.Fields[f].Type; !t.Holds(v.Value) {
			lo, hi := t.Limits()
			bad.Add(diag.Pos{}, "run/param-range", "param %s of @%s = %d, allowed is %d..%d", v.Param, v.Group, v.Value, lo, hi)
		}
	}
}
