package quantise

import (
	"context"
	"strings"
	"testing"

	"decc/compiler/spiking"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/spikes"
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

// sending makes a population send its voltage.
func sending(p *spiking.Population) { p.Mode, p.DV = spiking.Graded, []float64{1} }

// TestRefusedValues: what programs that send values cannot do is refused where it stands in the
// model, what they do badly is a warning there.
func TestRefusedValues(t *testing.T) {
	for _, test := range []struct {
		says, place string
		bits        int
		change      func(s *spiking.Spec)
	}{
		{`population "b" has a constant input, and neurons of kind Graded take none`, "m:12:1", 10, func(s *spiking.Spec) { s.Connections[1].Bias = []float64{1, 0} }},
		{`connection "back" leads values back to "a", which sends values`, "m:22:1", 10, func(s *spiking.Spec) {
			sending(&s.Populations[0])
			s.Connections = append(s.Connections, spiking.Connection{Name: "back", From: 2, To: 0, Weights: []float64{1, 1, 1, 1}, Delay: []int{1}})
		}},
		{`connection "wc": rounding changes its weights by`, "m:21:1", 21, func(s *spiking.Spec) {
			s.Populations[1].Threshold = []float64{0.3}
			s.Connections[1].Weights = []float64{1, 2, 3, 1. / 3}
		}},
		{"1 bits for payloads", "", 1, func(*spiking.Spec) {}},
		{"24 bits for payloads", "", 24, func(*spiking.Spec) {}},
	} {
		o := spikingOptions(true, 8)
		o.PayloadBits = test.bits
		for k := range 4 {
			o.Populations, o.Connections = append(o.Populations, diag.At("m", 11+k, 1)), append(o.Connections, diag.At("m", 19+k, 1))
		}
		s := chain(func(s *spiking.Spec) {
			sending(&s.Populations[1])
			test.change(s)
		})
		res, err := Spiking(context.Background(), newNet(t, s), o)
		all := append(diag.All(err), res.Warnings...)
		if len(all) != 1 || !strings.Contains(all[0].Message, test.says) || test.place != "" && all[0].Pos.String() != test.place {
			t.Errorf("found %v, expected %q at %s", err, test.says, test.place)
		}
	}
}

// TestPayloadBits: payloads are as small as whole numbers let them be, or take their bits.
func TestPayloadBits(t *testing.T) {
	for _, test := range []struct {
		weights [2]float64
		bits    int
		payload int32 // of a spike of each input
	}{
		{[2]float64{127, 100}, 12, 227},    // codes are whole
		{[2]float64{127, 100}, 8, 71 + 56}, // 227 are more than 7 bits hold: 127 / 227 of it, rounded
		{[2]float64{1. / 3, 0.2}, 10, 406}, // never whole: 2 * 127 and 2 * 76 in steps of 2
	} {
		s := chain(func(s *spiking.Spec) {
			sending(&s.Populations[0])
			s.Populations[0].Threshold = []float64{0}
			s.Connections[0].Weights = []float64{test.weights[0], test.weights[1], 0, 0}
		})
		o := spikingOptions(true, 8)
		o.PayloadBits = test.bits
		res, err := Spiking(context.Background(), newNet(t, s), o)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := interp.New[int64](res.Module).Run(context.Background(), spikes.Request{Rows: 3, Inputs: map[string]spikes.Train{"in": {{Payload: 1}, {Index: 1, Payload: 1}}}})
		if err != nil || len(rec.Spikes["a"]) != 1 || rec.Spikes["a"][0].Payload != test.payload {
			t.Errorf("weights %v, %d bits: found %v (%v), expected a payload of %d", test.weights, test.bits, rec.Spikes["a"], err, test.payload)
		}
	}
}
