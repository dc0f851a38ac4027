package passes

import (
	"testing"

	"decc/ir"
	"decc/ir/irgen"
)

func TestLowerChangesNothingButTheStage(t *testing.T) {
	p := Default(profile(t, "loihi2"))
	p.Passes = p.Passes[:1]
	for seed := range uint64(20) {
		m := irgen.Random(seed, irgen.Options{})
		got := runPipeline(t, &p, m).Module
		if got.Stage != ir.Lowered {
			t.Fatalf("stage %s", got.Stage)
		}
		got.Stage = ir.Quantised
		if ir.Text(got) != ir.Text(m) {
			t.Errorf("seed %d: the module changed", seed)
		}
	}
}
