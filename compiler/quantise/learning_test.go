package quantise

import (
	"context"
	"strings"
	"testing"

	"decc/compiler/decolle"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
)

// recipe is the learning of onchip-learning.md 2 for a layer of n neurons behind 784 lines.
func recipe(t *testing.T, n int) (*decolle.Network[float64], Options) {
	t.Helper()
	net, err := decolle.New[float64](decolle.Spec{
		Input: decolle.Shape{C: 1, H: 28, W: 28}, Classes: 10, Alpha: 0.97, Beta: 0.92, AlphaRP: 0.65, WRP: 1,
		Surrogate: "boxcar", LCAmpl: 1, Layers: []decolle.LayerSpec{{Kind: decolle.Dense, Out: n}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := net.InitLearning([]float64{0.2}, 1); err != nil {
		t.Fatal(err)
	}
	o := Defaults()
	o.Search = false
	o.Learning = &decolle.Learning{
		Layers: []decolle.LayerLearning{{Plastic: true, Eta: 0.4, Impulse: 16}}, DeadZone: 0.3, CUBA: true, Latency: decolle.ChipLatency,
		ErrorBits: 7, TraceBits: 7, FactorBits: 4, WeightStep: 1. / 64, WeightMax: 127, Seed: 5,
	}
	return net, o
}

// TestRecipeConstants: the module has the constants of the recipe's table: Y, TH, ES, WIN. RAMP is
// 0.35 of U; the recipe rounds 0.35 to 1434/4096 first and has 74542.
func TestRecipeConstants(t *testing.T) {
	for n, want := range map[int]map[string]int64{
		512: {"error_h1.target": 2874, "error_h1.dead": 862, "error_h1.scale": 1 << 16 >> 5, "h1.window": 106459, "h1.wr": 74521, "h1.gain": 512, "h1.most": 15, "h1.unit": 8},
		128: {"error_h1.target": 1437, "error_h1.dead": 431, "error_h1.scale": 1 << 16 >> 4, "h1.window": 106459, "h1.wr": 74521, "h1.gain": 512},
	} {
		net, o := recipe(t, n)
		m := run(t, net, o).Module
		for key, value := range want {
			group, param, _ := strings.Cut(key, ".")
			if got := m.GroupByName(group).Param(param, 0); got != value {
				t.Errorf("%d neurons: %s is %d, the recipe has %d", n, key, got, value)
			}
		}
		if m.Seed != 5 || len(m.Rules) != 1 || m.Rules[0].Traces[sem.X1.TraceIndex()] != (sem.Trace{Impulse: 16 << 8, Decay: 328}) {
			t.Errorf("seed %d, rules %+v", m.Seed, m.Rules)
		}
	}
}

// TestRate: what the rule adds for an error, worked out by hand in reals and in the units
// of the chip. Sum of G e of 1 and P of 1 shall change a weight by eta.
func TestRate(t *testing.T) {
	net, o := recipe(t, 512)
	m := run(t, net, o).Module
	rate := float64(m.GroupByName("h1").Param(RateParam, 0))
	// P = 0.0024 (x2-x1) / (0.05 * 16); sum of codes of G e of 1: 2874 * 2874/32.
	third := 2874. * 2874 / 32 * rate / (1 << 24)
	perTrace := third * 8 / (1 << 11) / 64 // weight for x2-x1 = 1
	if got := perTrace / (0.0024 / 0.8); got < 0.399 || got > 0.401 {
		t.Errorf("eta is %g", got)
	}
}

// TestLearningSynapses: the way back of the error is the transposed readout.
func TestLearningSynapses(t *testing.T) {
	net, o := recipe(t, 6)
	o.Learning.Latency = 5
	m := run(t, net, o).Module
	by := map[string]*ir.Synapse{}
	for _, s := range m.Synapses {
		by[s.Name] = s
	}
	for c := range 10 {
		for i := range 6 {
			if by["g_h1"].Weights.At(c*6+i) != by["b_h1"].Weights.At(i*10+c) {
				t.Fatalf("class %d, neuron %d", c, i)
			}
		}
		for other := range 10 {
			if positive := by["t_h1"].Weights.At(c*10+other) > 0; positive != (c == other) {
				t.Errorf("label %d tells class %d %v", other, c, positive)
			}
		}
	}
	if by["w_h1"].Rule != "decolle_h1" || !by["b_h1"].Graded || by["b_h1"].Delay.At(0) != 3 {
		t.Errorf("%+v", by["b_h1"])
	}
}

// TestLearningRefusals: what the chip cannot do is refused by the name of its key.
func TestLearningRefusals(t *testing.T) {
	for key, spoil := range map[string]func(o *Options){
		"learn.rounding":    func(o *Options) { o.Learning.Rounding = "nearest" },
		"learn.optimizer":   func(o *Options) { o.Learning.Optimiser = "adamax" },
		"learn.bias":        func(o *Options) { o.Learning.Bias = true },
		"learn.latency":     func(o *Options) { o.Learning.Latency = 1 },
		"learn.weight_step": func(o *Options) { o.Learning.WeightStep = 0 },
		"learn.error_bits":  func(o *Options) { o.Learning.ErrorBits = 0 },
		"learn.factor_bits": func(o *Options) { o.Learning.FactorBits = 8 },
		"learn.trace_bits":  func(o *Options) { o.Learning.TraceBits = 8 },
		"third factor":      func(o *Options) { o.FreeGain = false },
		"learning rate":     func(o *Options) { o.Learning.Layers[0].Eta = 1e-9 },
	} {
		net, o := recipe(t, 4)
		spoil(&o)
		_, err := Run(context.Background(), net, o)
		if found := diag.All(err); len(found) != 1 || found[0].Code != "quantise/learning" || !strings.Contains(found[0].Message, key) || found[0].Fix == "" {
			t.Errorf("%s: got %v", key, err)
		}
	}
}
