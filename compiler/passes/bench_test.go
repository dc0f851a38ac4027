package passes

import (
	"fmt"
	"testing"

	"decc/ir"
)

// BenchmarkBuildSheet takes sheets of a few cores to two chips through all passes:
// the time a synapse shows how the build grows.
func BenchmarkBuildSheet(b *testing.B) {
	for _, side := range []int{100, 141, 200, 316} {
		b.Run(fmt.Sprint(side*side), func(b *testing.B) {
			m, p := sheet(b, side, true), Default(profile(b, "loihi1"))
			for b.Loop() {
				runPipeline(b, &p, m)
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N*countSynapses(m)), "us/synapse")
		})
	}
}

func countSynapses(m *ir.Module) int {
	n := 0
	for _, s := range m.Synapses {
		s.Each(func(_, _ int, _ int64, _ int) { n++ })
	}
	return n
}
