package quantise

import (
	"slices"
	"testing"

	"decc/compiler/spiking"
	"decc/ir/interp"
	"decc/ir/spikes"
)

// TestSplitWithCurrent: on Loihi 1 a population with a synaptic current that subtracts is three
// compartments. A current that never decays keeps all numbers whole.
func TestSplitWithCurrent(t *testing.T) {
	s := chain(func(s *spiking.Spec) {
		s.Populations = s.Populations[:1]
		s.Connections = s.Connections[:1]
		p := &s.Populations[0]
		p.DU, p.Subtract, p.Threshold = []float64{0}, true, []float64{3}
		s.Connections[0].Weights = []float64{127. / 64, -1, 0.5, -127. / 64}
	})
	net := newNet(t, s)
	in := map[string]spikes.Train{"in": {{Row: 0, Payload: 1}, {Row: 2, Payload: 1}, {Row: 5, Index: 1, Payload: 1}, {Row: 9, Payload: 1}}}
	for _, target := range []string{"loihi1", "loihi2"} {
		res, units := narrow(t, net, spikingOptions(target == "loihi2", 8))
		if len(res.Warnings) > 0 {
			t.Errorf("%s: found %v", target, res.Warnings)
		}
		var names []string
		for _, g := range res.Module.Groups {
			names = append(names, g.Name)
		}
		want := []string{"a"}
		if target == "loihi1" {
			want = []string{"a-dendrite", "a-reset", "a"}
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: groups %v, expected %v", target, names, want)
		}
		if n := follow(t, target, net, res.Module, units, interp.New[int64](res.Module), in, 14); n < 8 {
			t.Errorf("%s: only %d spikes", target, n)
		}
		follow(t, target+", chip", net, res.Module, units, onChip(t, res.Module, target), in, 14)
	}
}
