package ir_test

import (
	"fmt"
	"strings"
	"testing"

	"decc/ir"
	"decc/ir/rule"
	"decc/ir/sem"
)

func taught(program, trace, semantics string) string {
	return fmt.Sprintf(`module @m semantics(%s) {
  neuron @n { port drive:s20 param unit:u7 = 8 %s spike gt(drive, 0) }
  input @in x 2
  group @out : @n x 3
  rule @r { x1 impulse(16) decay(410) y1 %s dw "2^-7*u0*x1*y1" }
  synapse @w : @in -> @out.drive dense s8[3x2]{2, 2, 2, 2, 2, 2} learn(@r)
}`, semantics, program, trace)
}

// What a program writes is known by its ranges, and by what divides it where the trace does
// not clip it.
func TestRuleFacts(t *testing.T) {
	for program, want := range map[string]rule.Fact{
		"third = mul(clamp(drive, 0, 15), unit)":  {Lo: 0, Hi: 120, Multiple: 8},
		"third = mul(clamp(drive, -3, 15), unit)": {Lo: 0, Hi: 120, Multiple: 8},
		"third = mul(clamp(drive, 0, 16), unit)":  {Lo: 0, Hi: 127, Multiple: 1},
		"third = add(clamp(drive, 5, 15), unit)":  {Lo: 13, Hi: 23, Multiple: 1},
	} {
		m, err := ir.Parse(taught(program, "value(third)", "silicon"), "m.dcir")
		if err == nil {
			err = ir.Verify(m)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := ir.RuleFacts(m, m.Synapses[0])[sem.Y1]; got != want {
			t.Errorf("%s: %+v, expected %+v", program, got, want)
		}
	}
}

// A trace that the host writes prints as it was read, and belongs to silicon.
func TestHostTraces(t *testing.T) {
	for _, trace := range []string{"host", "host signed"} {
		m, err := ir.Parse(taught("", trace, "silicon"), "m.dcir")
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := ir.Print(&text, m, ir.PrintOptions{}); err != nil || !strings.Contains(text.String(), "y1 "+trace+"\n") {
			t.Errorf("%v\n%s", err, text.String())
		}
		if err := ir.Verify(m); err != nil {
			t.Error(err)
		}
		if m, err = ir.Parse(taught("", trace, "lava"), "m.dcir"); err != nil {
			t.Fatal(err)
		}
		if err := ir.Verify(m); err == nil || !strings.Contains(err.Error(), "the host writes a trace") {
			t.Errorf("under lava: %v", err)
		}
	}
	if _, err := ir.Parse(taught("", "signed", "silicon"), "m.dcir"); err == nil {
		t.Error("signed stands behind host")
	}
}
