package rule_test

import (
	"slices"
	"testing"

	"decc/ir/diag"
	"decc/ir/rule"
	"decc/ir/sem"
)

func TestExplain(t *testing.T) {
	products, k, err := rule.Parse("2^-7*u1*y1*x2 - x0*(y2-3)", diag.Pos{})
	if err != nil {
		t.Fatal(err)
	}
	r := sem.Rule{Name: "r", Epoch: 4, Decimate: k}
	r.Sums[sem.TargetW] = products
	r.Traces = [5]sem.Trace{1: {Impulse: 16 << 8, Decay: 328}, 2: {Value: "up"}, 3: {Impulse: 640, Tau: 512}}
	want := []string{
		"@r: an epoch ends every 4 rows; all changes of an epoch are made at once, from the old values",
		"x2: a spike of the source adds 16, 127 at most; it keeps 0.9199 of itself a row (time constant 12 rows), rounded stochastically",
		"y1: the target's program writes its value up into it every row, 0..127",
		"y2: a spike of the target adds 2.5, 127 at most; it decays with a time constant of 2 rows, rounded stochastically",
		"dw: at the end of every 2nd epoch adds 1 * 2^-7 * y1 * x2; its factors and mantissa are wider than 15 bits, so the result loses 3 more bits, rounded down",
		"dw: where the source spiked adds -1 * (y2-3)",
	}
	if got := rule.Explain(&r); !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}
