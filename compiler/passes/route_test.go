package passes

import (
	"fmt"
	"testing"

	"decc/ir"
	"decc/ir/irgen"
)

// Every pair of a source member and a core where it has synapses has one route, its
// axons count from 0 without gaps, and the order is that of sources, members, cores.
func TestRoutesAreExact(t *testing.T) {
	for seed := range uint64(60) {
		m := irgen.Random(seed, irgen.Options{Loihi2: true})
		p := Default(profile(t, "loihi2", "compartments=40"))
		result, err := p.Run(t.Context(), m)
		if err != nil {
			continue // TestCrampedChips looks at refusals
		}
		m = result.Module
		home := map[string]int{}
		for _, c := range m.Cores {
			for _, r := range c.Runs {
				for i := range r.N {
					home[fmt.Sprint(r.Group, r.First+i)] = c.ID
				}
			}
		}
		want := map[string]bool{}
		for _, s := range m.Synapses {
			s.Each(func(pre, post int, _ int64, _ int) {
				want[fmt.Sprint(s.Pre, " ", pre, " ", home[fmt.Sprint(s.Post, post)])] = true
			})
		}
		got, axons := map[string]bool{}, map[int32]int32{}
		for _, r := range m.Routes {
			got[fmt.Sprint(r.Source, " ", r.Index, " ", r.Core)] = true
			if r.Axon != axons[r.Core] {
				t.Fatalf("seed %d: route %+v, the next axon of the core is %d", seed, r, axons[r.Core])
			}
			axons[r.Core]++
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || len(got) != len(m.Routes) {
			t.Errorf("seed %d: %d routes of %d pairs, wanted %d", seed, len(m.Routes), len(got), len(want))
		}
	}
}

// Compiling a dumped module from where it was dumped gives the same result.
func TestPipelineGoesOnFromADump(t *testing.T) {
	m := feedForward(t, 3, 10, 12, 4)
	p := Default(profile(t, "loihi1", "compartments=5"))
	want := ir.Text(runPipeline(t, &p, m).Module)
	for stop := range p.Passes {
		part := p
		part.Passes = p.Passes[:stop]
		dumped := parsed(t, ir.Text(runPipeline(t, &part, m).Module))
		if got := ir.Text(runPipeline(t, &p, dumped).Module); got != want {
			t.Errorf("after %d passes it goes on otherwise", stop)
		}
	}
}
