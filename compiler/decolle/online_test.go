package decolle

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"decc/ir/spikes"
)

// twinSpec is a network of dense layers whose mse slope 2e/classes is e.
func twinSpec(layers ...int) Spec {
	s := Spec{Input: Shape{1, 6, 5}, Classes: 2, Alpha: 0.9, Beta: 0.8, AlphaRP: 0.65, WRP: 1, LCAmpl: 1, Loss: "mse", Surrogate: "boxcar"}
	for _, n := range layers {
		s.Layers = append(s.Layers, LayerSpec{Kind: Dense, Out: n})
	}
	return s
}

// twinLearning is real in everything, for twinSpec's layers.
func twinLearning(layers int, eta float64) Learning {
	l := Learning{Schedule: []RatePoint{{0, 1}}, Seed: 5}
	for range layers {
		l.Layers = append(l.Layers, LayerLearning{Plastic: true, Eta: eta})
	}
	return l
}

func mustTwin[F Float](t testing.TB, n *Network[F], l Learning, p Protocol, digits int) *Twin[F] {
	t.Helper()
	twin, err := NewTwin(n, l, p, digits)
	if err != nil {
		t.Fatal(err)
	}
	return twin
}

func mustLearn[F Float](t testing.TB, twin *Twin[F], train spikes.Train, class, k int) []LayerVerdict {
	t.Helper()
	v, err := twin.Learn(train, class, k)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestTwinIsTheLearner: without rungs, the twin learns what a Learner learns from the
// same samples one at a time.
func TestTwinIsTheLearner(t *testing.T) {
	for _, o := range []Optimiser{{Kind: SGD, LR: 0.2}, {Kind: AdaMax, LR: 0.01, Beta2: 0.95, Eps: 1e-8}} {
		for _, slope := range []string{"boxcar", "fast_sigmoid"} {
			t.Run(o.Kind+"/"+slope, func(t *testing.T) {
				s := twinSpec(11, 7)
				s.Surrogate = slope
				l := twinLearning(2, o.LR)
				l.Optimiser, l.Surrogate, l.Bias = o.Kind, slope, true
				twinIsLearner(t, s, l, o)
			})
		}
	}
}

func twinIsLearner(t *testing.T, s Spec, l Learning, o Optimiser) {
	const digits = 4
	p := Protocol{Steps: 25, BurnIn: 8}
	ref := scatter[float64](t, s, 3)
	before := parameters(ref)
	learner, err := NewLearner(ref, 1, o, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	twin := mustTwin(t, scatter[float64](t, s, 3), l, p, digits)
	for k := range digits {
		train := noise(uint64(k), 30, p.Steps, 0.2)
		learner.Batch().Reset()
		for row, in := range train.Rows(p.Steps) {
			if row < p.BurnIn {
				learner.Step([]spikes.Train{in})
				continue
			}
			learner.Learn([]spikes.Train{in}, Target{Class: []int{k % 2}, Mode: Update, LR: o.LR})
		}
		mustLearn(t, twin, train, k%2, k)
	}
	for i := range s.Layers {
		got, want := twin.Parameters(i), ref.Parameters(i)
		near(t, fmt.Sprint("W", i), got.W, want.W)
		near(t, fmt.Sprint("b", i), got.B, want.B)
		if slices.Equal(want.W, before[i].W) {
			t.Errorf("layer %d did not learn", i)
		}
		near(t, fmt.Sprint("drift", i), twin.Drift(i), difference(want.W, before[i].W))
	}
}

func difference(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

// TestReaderIsTheBatch: the reader's verdicts are those of the network.
func TestReaderIsTheBatch(t *testing.T) {
	s := twinSpec(13, 9)
	n := scatter[float64](t, s, 6)
	twin := mustTwin(t, n, twinLearning(2, 1), Protocol{Steps: 30, BurnIn: 5}, 1)
	for seed := range uint64(5) {
		train := noise(seed, 30, 30, 0.3)
		train[3].Payload = 4
		train = slices.Insert(train, 5, train[4])
		want, err := n.Classify(train, Protocol{Steps: 30, BurnIn: 5}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := twin.NewReader().Classify(train)
		if err != nil {
			t.Fatal(err)
		}
		for l := range want {
			near(t, "sums", got[l].Sums, want[l].Sums)
			if got[l].Vote != want[l].Vote || got[l].Spikes != want[l].Spikes || want[l].Spikes == 0 {
				t.Errorf("layer %d: %+v, want %+v", l, got[l], want[l])
			}
		}
	}
}

// rungs is every rung of the chip at once.
func (l Learning) rungs() Learning {
	l.DeadZone, l.ErrorBits, l.Latency, l.CUBA = 0.3, 7, 2, true
	l.TraceBits, l.FactorBits, l.WeightStep = 7, 7, 1./64
	return l
}

// benchTwin measures the presentation of one coded digit of 100 rows to 784-512, at the
// share of neurons that update which MNIST shows after some thousand digits.
func benchTwin(b *testing.B, change func(Learning) Learning) {
	s := mlp()
	s.Layers, s.LCAmpl, s.Dropout = []LayerSpec{{Kind: Dense, Out: 512}}, 1, 0
	n, err := New[float64](s)
	if err != nil {
		b.Fatal(err)
	}
	if err := n.InitLearning([]float64{0.6}, 1); err != nil {
		b.Fatal(err)
	}
	l := Learning{Layers: []LayerLearning{{Plastic: true, Eta: 0.4}}}
	twin := mustTwin(b, n, change(l), Protocol{Steps: benchRows, BurnIn: 30}, 1<<30)
	trains := digits(20, benchRows)
	k := 0
	for b.Loop() {
		mustLearn(b, twin, trains[k%20], k*7%10, k)
		k++
	}
	c := twin.Counts(0)
	b.ReportMetric(float64(c.Synapses)/float64(k), "synapses/op")
}

func BenchmarkTwinReal(b *testing.B) { benchTwin(b, func(l Learning) Learning { return l }) }
func BenchmarkTwinCUBA(b *testing.B) {
	benchTwin(b, func(l Learning) Learning { l.CUBA = true; return l })
}
func BenchmarkTwinRungs(b *testing.B) { benchTwin(b, Learning.rungs) }

// configurations are the ways a twin's state can look.
func configurations() map[string]Learning {
	real := twinLearning(2, 0.1)
	adamax := twinLearning(2, 0.01)
	adamax.Optimiser, adamax.Bias = AdaMax, true
	frozen := twinLearning(2, 0.1)
	frozen.Layers[1].Plastic = false
	shared := real.rungs()
	shared.Rounding = "shared"
	gridded := adamax
	gridded.WeightStep = 1. / 64
	return map[string]Learning{"real": real, "adamax": adamax, "rungs": real.rungs(), "shared": shared, "frozen": frozen, "adamax on a grid": gridded}
}

var twinProtocol = Protocol{Steps: 20, BurnIn: 6}

// twinData suits twinSpec.
var twinData = patterns{n: 40, lines: 30, classes: 2, rows: 20}

// learnAll takes a twin from presentation from to to.
func learnAll[F Float](t *testing.T, twin *Twin[F], from, to int) {
	t.Helper()
	for k := from; k < to; k++ {
		train, class := twinData.Sample(k % twinData.n)
		mustLearn(t, twin, train, class, k)
	}
}

// TestTwinResumes: a twin restored from a state goes on with the same bits, counts and
// drift included, and repeats itself.
func TestTwinResumes(t *testing.T) {
	for name, l := range configurations() {
		t.Run(name, func(t *testing.T) {
			resumeTwin[float64](t, l)
			resumeTwin[float32](t, l)
		})
	}
}

func resumeTwin[F Float](t *testing.T, l Learning) {
	s := twinSpec(12, 9)
	whole := mustTwin(t, scatter[F](t, s, 1), l, twinProtocol, 10)
	learnAll(t, whole, 0, 4)
	whole.Drift(0)
	learnAll(t, whole, 4, 7)
	state := whole.State()
	learnAll(t, whole, 7, 10)
	again := mustTwin(t, scatter[F](t, s, 2), l, twinProtocol, 10)
	if err := again.Restore(state); err != nil {
		t.Fatal(err)
	}
	equalTensors(t, "restored", again.State(), state)
	learnAll(t, again, 7, 10)
	equalTensors(t, "continued", again.State(), whole.State())
	for i := range s.Layers {
		if again.Counts(i) != whole.Counts(i) || !slices.Equal(again.Drift(i), whole.Drift(i)) {
			t.Errorf("layer %d: %+v and %+v", i, again.Counts(i), whole.Counts(i))
		}
	}
}

// TestRestoreRefuses what another run has written, and leaves the twin as it was.
func TestRestoreRefuses(t *testing.T) {
	s, l := twinSpec(12, 9), configurations()
	twin := mustTwin(t, scatter[float64](t, s, 1), l["adamax"], twinProtocol, 10)
	before := twin.State()
	other := l["adamax"]
	other.Seed++
	wrong := map[string]Tensors{
		"real":      mustTwin(t, scatter[float64](t, s, 1), l["real"], twinProtocol, 10).State(),
		"seed":      mustTwin(t, scatter[float64](t, s, 1), other, twinProtocol, 10).State(),
		"precision": mustTwin(t, scatter[float32](t, s, 1), l["adamax"], twinProtocol, 10).State(),
		"shape":     mustTwin(t, scatter[float64](t, twinSpec(12, 8), 1), l["adamax"], twinProtocol, 10).State(),
		"empty":     {},
		"surplus":   twin.State(),
		"counter":   twin.State(),
	}
	wrong["surplus"][learnName(7, "mark")] = Tensor{}
	wrong["counter"][learnName(0, "counts")].Data[1] = 0.5
	for name, state := range wrong {
		if err := twin.Restore(state); err == nil {
			t.Errorf("%s: restored", name)
		}
		equalTensors(t, name, twin.State(), before)
	}
}

// TestPresentationsAreKeyed: what a presentation does follows its number, not what was
// learned before by another twin.
func TestPresentationsAreKeyed(t *testing.T) {
	l := twinLearning(1, 0.1).rungs()
	run := func(k int) []float64 {
		twin := mustTwin(t, scatter[float64](t, twinSpec(12), 1), l, twinProtocol, 10)
		train, class := twinData.Sample(0)
		mustLearn(t, twin, train, class, k)
		return twin.Drift(0)
	}
	if !slices.Equal(run(1), run(1)) || slices.Equal(run(1), run(2)) {
		t.Error("rounding does not follow the number of the presentation")
	}
}

// TestTwinRests: without a class, in a layer that is not plastic and in burn-in nothing moves.
func TestTwinRests(t *testing.T) {
	l := twinLearning(2, 0.5)
	l.Layers[1].Plastic = false
	twin := mustTwin(t, scatter[float64](t, twinSpec(12, 9), 1), l, twinProtocol, 10)
	before := twin.Network().Tensors()
	train, class := twinData.Sample(0)
	mustLearn(t, twin, train, NoTarget, 0)
	equalTensors(t, "unsupervised", twin.Network().Tensors(), before)
	mustLearn(t, twin, train, class, 1)
	if slices.Equal(twin.Parameters(0).W, before[weightName(0)].Data) || !slices.Equal(twin.Parameters(1).W, before[weightName(1)].Data) {
		t.Error("layer 0 must move, layer 1 must not")
	}
	if rows := twin.Counts(0).Rows; rows != 14 || twin.Counts(1) != (UpdateCounts{}) || twin.Drift(1) != nil {
		t.Errorf("%d rows, layer 1 %+v", rows, twin.Counts(1))
	}
}

// TestTwinLearns: with every rung on, both layers come to know the patterns.
func TestTwinLearns(t *testing.T) {
	s := twinSpec(60, 40)
	s.Alpha, s.Beta = 0.97, 0.92
	n, err := New[float64](s)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.InitLearning([]float64{0.2, 0.1}, 3); err != nil {
		t.Fatal(err)
	}
	l := twinLearning(2, 0.4).rungs()
	l.Layers[1].Eta, l.Layers[1].Impulse, l.Schedule = 0.1, 8, nil
	data := patterns{n: 1000, lines: 30, classes: 2, rows: 60}
	twin := mustTwin(t, n, l, Protocol{Steps: 60, BurnIn: 20}, 200)
	for k := range 200 {
		train, class := data.Sample(k)
		mustLearn(t, twin, train, class, k)
	}
	right := [2]int{}
	for k := 200; k < 300; k++ {
		train, class := data.Sample(k)
		v, err := twin.Classify(train)
		if err != nil {
			t.Fatal(err)
		}
		for i := range right {
			right[i] += bit(0, math.Abs(float64(v[i].Vote-class)))
		}
	}
	if right[0] < 95 || right[1] < 95 {
		t.Errorf("%v of 100 right", right)
	}
}

func TestTwinRefuses(t *testing.T) {
	s := twinSpec(5)
	twin := mustTwin(t, scatter[float64](t, s, 1), twinLearning(1, 0.1), twinProtocol, 3)
	for what, try := range map[string]func() error{
		"class":        func() error { _, err := twin.Learn(nil, 2, 0); return err },
		"presentation": func() error { _, err := twin.Learn(nil, 0, 3); return err },
		"line":         func() error { _, err := twin.Learn(spikes.Train{{Index: 30}}, 0, 0); return err },
		"read line":    func() error { _, err := twin.Classify(spikes.Train{{Index: -1}}); return err },
		"init":         func() error { return twin.Network().InitLearning([]float64{1, 2}, 0) },
		"deviation":    func() error { return twin.Network().InitLearning([]float64{math.NaN()}, 0) },
		"digits":       func() error { _, err := NewTwin(twin.Network(), twinLearning(1, 1), twinProtocol, 0); return err },
		"protocol":     func() error { _, err := NewTwin(twin.Network(), twinLearning(1, 1), Protocol{}, 1); return err },
	} {
		if try() == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

// TestLearningValidates: every field has its bounds.
func TestLearningValidates(t *testing.T) {
	s := twinSpec(5)
	equal := s
	equal.Beta = equal.Alpha
	conv := s
	conv.Layers = []LayerSpec{{Kind: Conv, Out: 2, Kernel: 3}}
	cases := map[string]struct {
		spec Spec
		set  func(*Learning)
	}{
		"learn.surrogate":          {s, func(l *Learning) { l.Surrogate = "box" }},
		"learn.optimizer":          {s, func(l *Learning) { l.Optimiser = "adam" }},
		"learn.rounding":           {s, func(l *Learning) { l.Rounding = "up" }},
		"learn.window":             {s, func(l *Learning) { l.Window = -1 }},
		"learn.dead_zone":          {s, func(l *Learning) { l.DeadZone = math.NaN() }},
		"learn.error_limit":        {s, func(l *Learning) { l.ErrorLimit = -1 }},
		"learn.error_bits":         {s, func(l *Learning) { l.ErrorBits = 16 }},
		"learn.trigger":            {s, func(l *Learning) { l.Trigger = -1 }},
		"learn.every":              {s, func(l *Learning) { l.Every = -1 }},
		"learn.latency":            {s, func(l *Learning) { l.Latency = 65 }},
		"learn.trace_bits":         {equal, func(l *Learning) { l.TraceBits = 7 }},
		"learn.factor_bits":        {s, func(l *Learning) { l.FactorBits = -1 }},
		"learn.weight_max":         {s, func(l *Learning) { l.WeightMax = -1 }},
		"learn.weight_step":        {s, func(l *Learning) { l.WeightStep = 0.3 }},
		"learn.schedule":           {s, func(l *Learning) { l.Schedule = []RatePoint{{0.5, 1}} }},
		"learn.layers is 0":        {s, func(l *Learning) { l.Layers = nil }},
		"learn.layers[0].eta":      {s, func(l *Learning) { l.Layers[0].Eta = -1 }},
		"learn.layers[0].impulse":  {s, func(l *Learning) { l.TraceBits, l.Layers[0].Impulse = 3, 8 }},
		"learn.layers[0].factor_s": {s, func(l *Learning) { l.Layers[0].FactorStep = -1 }},
		"layers[0].kind":           {conv, func(*Learning) {}},
	}
	for field, c := range cases {
		l := twinLearning(1, 0.1)
		c.set(&l)
		if err := l.Validate(c.spec); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestTwinDiverges: a run that blows up ends with an error. As readouts are bounded by
// the number of spikes, that takes a readout of absurd size.
func TestTwinDiverges(t *testing.T) {
	n := scatter[float32](t, twinSpec(5), 1)
	p := n.Parameters(0)
	p.G = slices.Repeat([]float64{1e30}, len(p.G))
	if err := n.SetParameters(0, p); err != nil {
		t.Fatal(err)
	}
	l := twinLearning(1, 1)
	l.Surrogate = "none"
	twin := mustTwin(t, n, l, twinProtocol, 1)
	train, class := twinData.Sample(0)
	if _, err := twin.Learn(train, class, 0); err == nil || !strings.Contains(err.Error(), "finite") {
		t.Errorf("weights beyond float32: %v", err)
	}
}

// A code of fewer bits is a higher bit of the mantissa, so a change of the mantissa is less of it.
func TestChipFactorStepByWidth(t *testing.T) {
	d := Dynamics{Alpha: 0.97, Beta: 0.92, InputGain: 0.0024}
	l := Learning{Layers: []LayerLearning{{Plastic: true, Eta: 0.4}}, WeightStep: 1. / 64, FactorBits: 4, WeightMax: 127}
	wide := l.ChipFactorStep(d, 0)
	l.WeightMax = 15
	if narrow := l.ChipFactorStep(d, 0); narrow*8 != wide {
		t.Errorf("8 bits %g, 5 bits %g: 3 bits fewer are an eighth", wide, narrow)
	}
}
