package rule_test

import (
	"slices"
	"testing"

	"decc/ir/diag"
	"decc/ir/rule"
	"decc/ir/sem"
)

// TestLibrary: every rule is one, reads no trace that stays 0, and has no trace in vain.
func TestLibrary(t *testing.T) {
	if !slices.IsSorted(rule.Names()) {
		t.Error("the names are not sorted")
	}
	for _, e := range rule.Library {
		r, err := e.Rule()
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		for i, v := range sem.TraceVariables {
			if moves := r.Traces[i].Impulse > 0 || r.Traces[i].Value != "" || r.Traces[i].Host != sem.HostNone; moves != r.Uses(v) {
				t.Errorf("%s: trace %s moves: %v, is used: %v", e.Name, v, moves, r.Uses(v))
			}
		}
		if e.Doc == "" || e.Source == "" {
			t.Errorf("%s: no doc or source", e.Name)
		}
	}
	_, err := rule.Builtin("sdtp")
	if found := diag.All(err); len(found) != 1 || found[0].Code != "rule/unknown" || found[0].Fix != `did you mean "stdp"?` {
		t.Errorf("got %v", err)
	}
}
