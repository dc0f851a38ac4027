package rule_test

import (
	"fmt"
	"slices"
	"testing"

	"decc/ir/rule"
	"decc/ir/sem"
)

// TestCheck: what a rule may lose is named with the values that lose it.
func TestCheck(t *testing.T) {
	impulse := sem.Trace{Impulse: 64 << 8, Decay: 4096}
	x1, x2, y1 := sem.Factor{Var: sem.X1}, sem.Factor{Var: sem.X2}, sem.Factor{Var: sem.Y1}
	for name, c := range map[string]struct {
		traces [5]sem.Trace
		sum    []sem.Product
		want   []string
		facts  rule.Facts
	}{
		"fine":      {[5]sem.Trace{impulse}, []sem.Product{{Gate: sem.GateY0, Mant: 1, Exp: -2, Factors: []sem.Factor{x1}}}, nil, nil},
		"saturates": {[5]sem.Trace{impulse}, []sem.Product{{Gate: sem.GateY0, Mant: 1, Exp: 3, Factors: []sem.Factor{x1}}}, []string{"warning rule/saturation with x1 = 65 it would add 520"}, nil},
		"truncates": {
			[5]sem.Trace{impulse, {}, impulse},
			[]sem.Product{{Gate: sem.GateU, Mant: 1, Exp: -7, Factors: []sem.Factor{x1, y1}}},
			[]string{"note rule/truncation factors whose product with the mantissa is below 8 add 0: so with all factors 1"},
			nil,
		},
		"wraps": {
			[5]sem.Trace{},
			[]sem.Product{{Gate: sem.GateX0, Mant: 7, Factors: []sem.Factor{{Var: sem.W, Add: 255}, {Var: sem.W, Add: 255}, {Var: sem.T, Add: 255}, {Var: sem.D, Add: 255}}}},
			[]string{"note rule/truncation factors whose product with the mantissa is below 33554432 add 0: so with all factors 1", "warning rule/saturation so with (w+255) = 509, (w+255) = 509, (t+255) = 510, (d+255) = 318"},
			nil,
		},
		"idle": {[5]sem.Trace{impulse}, []sem.Product{{Gate: sem.GateX0, Mant: 1, Factors: []sem.Factor{x2}}}, []string{"note rule/idle ", "warning rule/idle "}, nil},
		"fact": {
			traces: [5]sem.Trace{impulse, {}, {Value: "up"}},
			sum:    []sem.Product{{Gate: sem.GateU, Mant: 1, Exp: -7, Factors: []sem.Factor{x1, y1}}},
			facts:  rule.Facts{sem.Y1: {Hi: 120, Multiple: 8}},
		},
		"a fact that is too little": {
			traces: [5]sem.Trace{impulse, {}, {Value: "up"}},
			sum:    []sem.Product{{Gate: sem.GateU, Mant: 1, Exp: -7, Factors: []sem.Factor{x1, y1}}},
			facts:  rule.Facts{sem.Y1: {Hi: 120, Multiple: 4}},
			want:   []string{"note rule/truncation factors whose product with the mantissa is below 8 add 0: so with all factors 1"},
		},
	} {
		r := sem.Rule{Name: "r", Epoch: 1, Traces: c.traces}
		r.Sums[sem.TargetW] = c.sum
		var got []string
		for _, d := range rule.Check(&r, sem.Silicon, sem.WeightFormat{Bits: 8}, c.facts) {
			note := ""
			if len(d.Notes) > 0 {
				note = d.Notes[0]
			}
			got = append(got, fmt.Sprintf("%s %s %s", d.Severity, d.Code, note))
			if d.Fix == "" {
				t.Errorf("%s: no fix in %v", name, d)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
