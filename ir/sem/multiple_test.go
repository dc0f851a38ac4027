package sem_test

import (
	"testing"

	"decc/ir/sem"
)

// A sum is divided by what divides both terms, a product by the product; what is not known is 1.
func TestMultiple(t *testing.T) {
	p := &sem.Program{
		Fields: []sem.Field{{Name: "x", Kind: sem.Port}, {Name: "unit", Kind: sem.Param}},
		Code: []sem.Instr{
			{Op: sem.OpMul, Args: [3]sem.Ref{0, 1}},
			{Op: sem.OpConst, K: [2]int64{12}},
			{Op: sem.OpAdd, Args: [3]sem.Ref{2, 3}},
			{Op: sem.OpConst},
			{Op: sem.OpMax, Args: [3]sem.Ref{2, 5}},
			{Op: sem.OpShrF, Args: [3]sem.Ref{2}, K: [2]int64{1}},
			{Op: sem.OpShl, Args: [3]sem.Ref{4}, K: [2]int64{2}},
		},
	}
	of := func(field int) int64 { return []int64{1, 8}[field] }
	large := func(field int) int64 { return []int64{1, 1<<20 + 6}[field] }
	if got := p.Multiple(1, large); got != 1 {
		t.Errorf("a divisor beyond the bound is %d", got)
	}
	for slot, want := range map[sem.Ref]int64{0: 1, 1: 8, 2: 8, 4: 4, 5: 0, 6: 8, 7: 1, 8: 16} {
		if got := p.Multiple(slot, of); got != want {
			t.Errorf("slot %d: %d, expected %d", slot, got, want)
		}
	}
}
