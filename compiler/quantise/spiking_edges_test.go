package quantise

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"decc/compiler/spiking"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// plain is n neurons that integrate and fire above 2.
func plain(name string, n int) spiking.Population {
	one, zero := []float64{1}, []float64{0}
	return spiking.Population{Name: name, N: n, DU: one, DV: zero, In: one, Gain: one, Drift: zero, Threshold: []float64{2}, Reset: zero}
}

// chain has an input and three populations, one after the other.
func chain(change func(s *spiking.Spec)) spiking.Spec {
	s := spiking.Spec{Inputs: []spiking.Input{{Name: "in", N: 2}}, Populations: []spiking.Population{plain("a", 2), plain("b", 2), plain("c", 2)}}
	for k, name := range []string{"wa", "wb", "wc"} {
		s.Connections = append(s.Connections, spiking.Connection{Name: name, From: k, To: k, Weights: []float64{1, 2, 3, 1.27}})
	}
	change(&s)
	return s
}

func back(delay ...int) func(*spiking.Spec) {
	return func(s *spiking.Spec) {
		s.Connections = append(s.Connections, spiking.Connection{Name: "back", From: 3, To: 0, Weights: []float64{1, 1, 1, 1}, Delay: delay})
	}
}

// TestSpikingDepartures: what the chip does otherwise is a warning, what it cannot an error,
// each at its place in the model.
func TestSpikingDepartures(t *testing.T) {
	a := func(f func(p *spiking.Population)) func(*spiking.Spec) {
		return func(s *spiking.Spec) { f(&s.Populations[0]) }
	}
	bias := func(s *spiking.Spec) { s.Connections[0].Bias = []float64{0.5, 0} }
	signed := func(p *spiking.Population) { p.Mode, p.Lower = spiking.Ternary, []float64{-1} }
	adaptive := func(p *spiking.Population) {
		p.Mode, p.DTheta, p.DR, p.Step = spiking.Adaptive, []float64{0.1}, []float64{0.2}, []float64{1}
	}
	graded := func(p *spiking.Population) { p.Mode, p.DV = spiking.Rectified, []float64{1} }
	huge := func(s *spiking.Spec) { s.Connections[0].Weights[0] = 1e6 }
	tests := []struct {
		name       string
		change     func(*spiking.Spec)
		unit       float64
		code       string // "" for none
		place      string
		fixed, any bool // found for fixed compartments, for any program
		says       string
	}{
		{"plain", func(*spiking.Spec) {}, 0, "", "", true, true, ""},
		{"back over two", back(), 0, codeDeparture, "m:22:1", true, true, "2 rows more"},
		{"back with a delay of one too few", back(1), 0, codeDeparture, "m:22:1", true, true, "1 rows more"},
		{"back with delays of which one is too short", back(2, 1), 0, codeDeparture, "m:22:1", true, true, "1 rows more"},
		{"back with a delay", back(2), 0, "", "", true, true, ""},
		{"bias", bias, 0, codeDeparture, "m:11:1", true, false, "1 rows before its first step"},
		{"reset", a(func(p *spiking.Population) { p.Reset = []float64{-1} }), 0, codeReset, "m:11:1", true, false, "other than 0"},
		{"threshold below 0", a(func(p *spiking.Population) { p.Threshold = []float64{1, -1} }), 0, codeRange, "m:11:1", true, false, "below 0"},
		{"ternary", a(signed), 0, codeNeuron, "m:11:1", true, false, `population "a" is of kind TernaryLIF, and the compartments of this chip have no spikes with a sign`},
		{"adaptive", a(adaptive), 0, codeNeuron, "m:11:1", true, false, `population "a" is of kind ATRLIF`},
		{"graded", a(graded), 0, codeNeuron, "m:11:1", true, false, `population "a" is of kind GradedReLU, and the compartments of this chip have no spikes that carry values`},
		{"threshold beyond the unit", func(*spiking.Spec) {}, 1 << 23, codeRange, "m:11:1", true, true, "threshold of neuron 0"},
		{"weight beyond the unit", huge, 1 << 10, codeRange, "m:19:1", true, true, "beyond the largest"},
		{"weight without end", a(func(p *spiking.Population) { p.Gain, p.In = []float64{1e300}, []float64{1e300} }), 0, codeRange, "m:11:1", true, true, "too large or too small"},
		{"zero weights", func(s *spiking.Spec) { s.Connections[0].Weights = make([]float64, 4) }, 0, "", "", true, true, ""},
		{"zero weights and threshold", func(s *spiking.Spec) {
			s.Connections[0].Weights = make([]float64, 4)
			s.Populations[0].Threshold = []float64{0}
		}, 0, "", "", true, true, ""},
		{"nothing comes in", func(s *spiking.Spec) { s.Connections = s.Connections[1:] }, 0, "", "", true, true, ""},
		{"a readout of the input", a(func(p *spiking.Population) { p.Threshold = nil; p.Subtract = true }), 0, "", "", true, true, ""},
	}
	for _, test := range tests {
		for _, programmable := range []bool{false, true} {
			o := spikingOptions(programmable, 8)
			o.Unit, o.PayloadBits = test.unit, 10
			for k := range 3 {
				o.Populations = append(o.Populations, diag.At("m", 11+k, 1))
			}
			for k := range 4 {
				o.Connections = append(o.Connections, diag.At("m", 19+k, 1))
			}
			s := chain(test.change)
			if test.name == "a readout of the input" {
				s.Connections = slices.Delete(s.Connections, 1, 2)
			}
			res, err := Spiking(context.Background(), newNet(t, s), o)
			found := append(slices.Clone(res.Warnings), diag.All(err)...)
			want := test.code != "" && (programmable && test.any || !programmable && test.fixed)
			if len(found) == 0 && !want && err == nil {
				continue
			}
			at := slices.IndexFunc(found, func(d *diag.Diagnostic) bool {
				return d.Code == test.code && d.Pos.String() == test.place && strings.Contains(d.Message, test.says)
			})
			if !want || at < 0 || (err == nil) != (test.code == codeDeparture) {
				t.Errorf("%s (programmable %v): found %v, %v; expected %q at %s", test.name, programmable, found, err, test.code, test.place)
			}
		}
	}
}

// TestSpareNames: what the chip needs beside the populations gives way to their names.
func TestSpareNames(t *testing.T) {
	s := chain(func(s *spiking.Spec) {
		for k, name := range []string{"wb-pool", "b-dendrite", "wb-or"} {
			s.Populations[k].Name = name
		}
		s.Populations[1].Subtract = true
		c := &s.Connections[1]
		c.Weights, c.Max, c.Kernel = []float64{1}, true, []int{1, 1, 1, 1}
		c.Conv = &ir.Conv{In: [3]int{1, 1, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	})
	res, err := Spiking(context.Background(), newNet(t, s), spikingOptions(false, 8))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"wb-pool", "wb-pool_", "b-dendrite", "b-dendrite-dendrite", "wb-or"} {
		if res.Module.GroupByName(name) == nil {
			t.Errorf("there is no group %s", name)
		}
	}
}

// TestKernelsOfDifferentPlanes: 12 neurons are 3 channels of one kernel and 2 of another, and
// every weight is of the unit of its neuron.
func TestKernelsOfDifferentPlanes(t *testing.T) {
	kernel := func(name string, channels, side int, weights ...float64) spiking.Connection {
		v := &ir.Conv{In: [3]int{1, side, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
		return spiking.Connection{Name: name, From: side - 2, Weights: weights, Conv: v, Kernel: []int{channels, 1, 1, 1}}
	}
	p := plain("p", 12)
	p.Threshold = []float64{3}
	s := spiking.Spec{
		Inputs: []spiking.Input{{Name: "in", N: 4}, {Name: "other", N: 6}}, Populations: []spiking.Population{p},
		Connections: []spiking.Connection{kernel("three", 3, 2, 127./64, 1, 0.5), kernel("two", 2, 3, 1, 0.25)},
	}
	net := newNet(t, s)
	res, units := narrow(t, net, spikingOptions(true, 8))
	d := exactSpec(1, false, 8)
	in := map[string]spikes.Train{"in": d.train(4, 60), "other": d.train(6, 60)}
	if n := follow(t, "planes", net, res.Module, units, interp.New[int64](res.Module), in, 60); n < 10 {
		t.Errorf("only %d spikes", n)
	}
}

// TestDecaysDown: to the nearest 1/4096, or down.
func TestDecaysDown(t *testing.T) {
	s := chain(func(s *spiking.Spec) { s.Populations[0].DV = []float64{0.04} })
	for down, want := range map[bool]int64{false: 164, true: 163} {
		o := spikingOptions(true, 8)
		o.Down, o.Unit = down, 4096
		res, _ := narrow(t, newNet(t, s), o)
		g := res.Module.GroupByName("a")
		if dv, vth := g.Param("dv", 1), g.Param("vth", 0); dv != want || vth != 8192 {
			t.Errorf("down %v: dv is %d, expected %d; vth %d", down, dv, want, vth)
		}
	}
}

// TestGradedInputs multiplies on a chip that can; weights of plain inputs do not.
func TestGradedInputs(t *testing.T) {
	for _, payload := range []sem.Type{{}, {Bits: 8}} {
		s := chain(func(s *spiking.Spec) { s.Inputs[0].Payload = payload; s.Populations[2].Threshold = nil })
		s.Connections[0].Weights, s.Connections[1].Weights, s.Connections[2].Weights = []float64{127. / 64, 0, 0, 127. / 64}, []float64{127. / 64, 0, 0, 127. / 64}, []float64{127. / 64, 0, 0, 127. / 64}
		net := newNet(t, s)
		res, units := narrow(t, net, spikingOptions(true, 8))
		in := map[string]spikes.Train{"in": {{Row: 0, Payload: 2}, {Row: 1, Index: 1, Payload: 1}, {Row: 3, Payload: 5}, {Row: 4, Payload: 1}}}
		if n := follow(t, fmt.Sprint(payload), net, res.Module, units, interp.New[int64](res.Module), in, 8); (n > 3) != (payload.Bits > 0) {
			t.Errorf("payload %v: %d spikes", payload, n)
		}
	}
}
