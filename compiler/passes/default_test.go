package passes

import (
	"strings"
	"testing"

	"decc/compiler"
	"decc/ir"
	"decc/ir/sem"
)

func TestDefaultKeepsItsOrder(t *testing.T) {
	p := Default(profile(t, "loihi1"))
	if err := compiler.CheckOrder(p.Passes, Before); err != nil {
		t.Error(err)
	}
	for i, pass := range p.Passes {
		if pass.Doc == "" || pass.Run == nil || i == 0 && pass.Needs != ir.Quantised || i == len(p.Passes)-1 && pass.Gives != ir.Routed {
			t.Errorf("pass %d is %+v", i, pass)
		}
	}
}

func TestSameModuleSameBytes(t *testing.T) {
	p := Default(profile(t, "loihi1", "compartments=7", "vth_profiles=2"))
	first := ""
	for i := range 5 {
		result := runPipeline(t, &p, softNetwork(t, 4, sem.Silicon))
		text := ir.Text(result.Module) + result.Notes.Error() + lines(result.Stats, func(s compiler.Stat) string { return s.Name })
		if i == 0 {
			first = text
		}
		if text != first {
			t.Fatalf("run %d gives other bytes", i)
		}
	}
}

func TestCodesAreDocumentedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes {
		room, _, _ := strings.Cut(c.Code, "/")
		if seen[c.Code] || c.Meaning == "" || c.Example == "" || c.Fix == "" || !strings.Contains("legalise partition place check", room) {
			t.Errorf("row %+v", c)
		}
		seen[c.Code] = true
	}
	for _, r := range resources {
		if _, ok := profile(t, "loihi1").Limit(r.limit); !ok || !seen[r.code] {
			t.Errorf("resource %+v has no limit or no code", r)
		}
	}
}
