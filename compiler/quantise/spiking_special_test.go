package quantise

import (
	"context"
	"strings"
	"testing"

	"decc/compiler/spiking"
)

// TestSpecialBias: programs without a first row of their own get a constant input from row 0 on,
// which is a warning.
func TestSpecialBias(t *testing.T) {
	for name, change := range map[string]func(p *spiking.Population){
		"adaptive": func(p *spiking.Population) {
			p.Mode, p.DTheta, p.DR, p.Step = spiking.Adaptive, []float64{1}, []float64{1}, []float64{1}
		},
		"ternary": func(p *spiking.Population) { p.Mode, p.Lower = spiking.Ternary, []float64{-1} },
	} {
		s := chain(func(s *spiking.Spec) {
			change(&s.Populations[1])
			s.Connections[1].Bias = []float64{0.5, 0}
		})
		res, err := Spiking(context.Background(), newNet(t, s), spikingOptions(true, 8))
		if err != nil || len(res.Warnings) != 1 || !strings.Contains(res.Warnings[0].Message, "2 rows before its first step") {
			t.Errorf("%s: found %v, %v", name, res.Warnings, err)
			continue
		}
		g := res.Module.GroupByName("b")
		if step := g.Param(specials[s.Populations[1].Mode].voltages[0].name, 0) / 4; g.Param("bias", 0) != step || g.Param("bias", 1) != 0 {
			t.Errorf("%s: biases %d and %d, a step is %d", name, g.Param("bias", 0), g.Param("bias", 1), step)
		}
	}
}
