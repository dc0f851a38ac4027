package ir

import (
	"testing"

	"decc/ir/diag"
	"decc/ir/sem"
)

func TestBuilderCollectsErrors(t *testing.T) {
	f := sem.WeightFormat{Bits: 8}
	_, err := NewBuilder("b", sem.Silicon).
		Program("neuron @p { state u:s99 }").
		Group("g", "cubba", 3).
		Group("h", "cuba", 3).
		Param("no", "du", 1).Param("h", "dw", 1).Param("h", "du", 1<<40).
		Reset("no", 3, 1).
		Dense("w", "in", "h", "drive", f, nil).
		Delay("w", 3).Graded("w").
		List("l", "h", "h", "drive", f, []End{{Mantissa: 1 << 40}}).
		Build()
	want := []string{
		"ir/type", "ir/unknown-name", "ir/reference", "ir/param", "ir/number",
		"ir/reference", "ir/reference", "ir/reference", "ir/reference", "ir/number",
	}
	count := map[string]int{}
	for _, d := range diag.All(err) {
		count[d.Code]++
	}
	for _, code := range want {
		count[code]--
	}
	for code, n := range count {
		if n != 0 {
			t.Errorf("%s: %d too many", code, n)
		}
	}
}

func TestBuilderVerifies(t *testing.T) {
	_, err := NewBuilder("b", sem.Silicon).Input("in", 2).Group("g", "cuba", 3).
		Dense("w", "in", "g", "drive", sem.WeightFormat{Bits: 8}, []int64{1, 2, 3}).Build()
	if err == nil || !contains(err.Error(), "ir/tensor") {
		t.Errorf("got %v", err)
	}
}

func TestBuilderTakesAnyProgram(t *testing.T) {
	m, err := NewBuilder("b", sem.NengoLoihi).
		Program("neuron @p {\n port drive:s40\n y = limit.drive(drive)\n out y\n}").
		Group("a", "p", 2).Group("b", "p", 3).Build()
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Programs) != 1 || m.Groups[0].Program != m.Groups[1].Program {
		t.Error("the groups do not share the program")
	}
}
