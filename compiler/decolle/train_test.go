package decolle

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"testing"

	"decc/ir/spikes"
)

// patterns is a data set of noisy patterns, one for each class.
type patterns struct{ n, lines, classes, rows int }

func (p patterns) Len() int { return p.n }

func (p patterns) Sample(i int) (spikes.Train, int) {
	class := i % p.classes
	var out spikes.Train
	pattern := newStream(uint64(class), 11, 0)
	for t := range p.rows {
		draw := newStream(uint64(i), 12, uint64(t))
		for j := range p.lines {
			if pattern.unit(uint64(j)) < 0.3 && draw.unit(uint64(j)) < 0.4 {
				out = append(out, spikes.Event{Row: int32(t), Index: int32(j), Payload: 1})
			}
		}
	}
	return out, class
}

func trainSpec() Spec {
	s := small()["conv+dense"]
	s.Dropout = 0.25
	s.Loss = "smoothl1"
	return s
}

func trainConfig() Training {
	return Training{
		Optimiser: Optimiser{Kind: AdaMax, Beta2: 0.95, Eps: 1e-8},
		Schedule:  []Rate{{0, 0.01}, {12, 0.003}},
		Batch:     5, Steps: 20, BurnIn: 6, Digits: 33, Shuffle: true, Seed: 1<<40 + 3,
	}
}

var trainData = patterns{n: 14, lines: 144, classes: 3, rows: 20}

func newTestTrainer[F Float](t *testing.T, s Spec, cfg Training) *Trainer[F] {
	t.Helper()
	tr, err := NewTrainer(scatter[F](t, s, 2), cfg, trainData)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func mustRun[F Float](t *testing.T, tr *Trainer[F]) Tensors {
	t.Helper()
	if err := tr.Run(context.Background(), Hooks{}); err != nil {
		t.Fatal(err)
	}
	return tr.State()
}

// TestWorkersDoNotMatter: any number of goroutines gives the same bits.
func TestWorkersDoNotMatter(t *testing.T) {
	for name, s := range small() {
		s.Dropout = 0.25
		cfg := trainConfig()
		cfg.Digits = 12
		if s.Variant != "" {
			cfg.Schedule = []Rate{{0, 1e-6}}
		}
		var want Tensors
		for _, workers := range []int{1, 2, 5} {
			cfg.Workers = workers
			got := mustRun(t, newTestTrainer[float32](t, s, cfg))
			if want == nil {
				want = got
			}
			equalTensors(t, fmt.Sprint(name, " with ", workers, " workers"), got, want)
		}
	}
}

// TestSameBitsOnAnyProcessor: a run ends with the weights that were recorded of it, with vectors of any width and without them.
func TestSameBitsOnAnyProcessor(t *testing.T) {
	s := trainSpec()
	s.Layers[0].Reg = 0 // takes math.Exp, which may differ
	single := digest(mustRun(t, newTestTrainer[float32](t, s, trainConfig())))
	double := digest(mustRun(t, newTestTrainer[float64](t, s, trainConfig())))
	if single != wantSingle || double != wantDouble {
		t.Errorf("the weights have digests %#x and %#x, want %#x and %#x", single, double, wantSingle, wantDouble)
	}
}

// The digests of TestSameBitsOnAnyProcessor.
const wantSingle, wantDouble = uint64(0xb9a137a2efc34146), uint64(0x1ec15cef25552480)

func digest(s Tensors) uint64 {
	h := fnv.New64a()
	for _, name := range s.Names() {
		for _, x := range s[name].Data {
			fmt.Fprintf(h, "%x ", math.Float64bits(x))
		}
	}
	return h.Sum64()
}

// TestResume interrupts a run after every batch, restores it in a new trainer and
// wants the bits of an uninterrupted run.
func TestResume(t *testing.T) {
	t.Run("adamax", func(t *testing.T) { resume[float32](t, func(*Training) {}) })
	t.Run("adamax64", func(t *testing.T) { resume[float64](t, func(*Training) {}) })
	t.Run("momentum", func(t *testing.T) { resume[float32](t, func(c *Training) { c.Optimiser.Beta1 = 0.9 }) })
	t.Run("sgd", func(t *testing.T) { resume[float32](t, func(c *Training) { c.Optimiser = Optimiser{Kind: SGD} }) })
	t.Run("sequence", func(t *testing.T) { resume[float32](t, func(c *Training) { c.Update = Sequence }) })
}

func resume[F Float](t *testing.T, change func(*Training)) {
	cfg := trainConfig()
	change(&cfg)
	var states []Tensors
	whole := newTestTrainer[F](t, trainSpec(), cfg)
	keep := func(s Tensors) error {
		states = append(states, s)
		return nil
	}
	if err := whole.Run(context.Background(), Hooks{Checkpoint: keep, Every: 1}); err != nil {
		t.Fatal(err)
	}
	if len(states) != 7 {
		t.Fatalf("%d checkpoints, want 7", len(states))
	}
	for k, s := range states {
		again, err := NewTrainer(scatter[F](t, trainSpec(), 99), cfg, trainData)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Restore(s); err != nil {
			t.Fatal(err)
		}
		equalTensors(t, "restored", again.State(), s)
		equalTensors(t, fmt.Sprint("resumed after batch ", k+1), mustRun(t, again), whole.State())
	}
}

// TestCancel: a cancelled run stops at a batch boundary and can go on.
func TestCancel(t *testing.T) {
	want := mustRun(t, newTestTrainer[float32](t, trainSpec(), trainConfig()))
	tr := newTestTrainer[float32](t, trainSpec(), trainConfig())
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	err := tr.Run(ctx, Hooks{Progress: func(p Progress) {
		if p.Batches == 3 {
			cancel(stop)
		}
	}})
	if !errors.Is(err, stop) || tr.batches != 3 || tr.digits != 15 {
		t.Fatalf("stopped after %d batches, %d digits with %v", tr.batches, tr.digits, err)
	}
	equalTensors(t, "continued", mustRun(t, tr), want)
}

// TestTrainingLearns: the last layer comes to know all patterns; the loss falls.
func TestTrainingLearns(t *testing.T) {
	cfg := trainConfig()
	cfg.Digits, cfg.Schedule = 600, []Rate{{0, 0.01}}
	s := small()["boxcar"]
	s.Layers = []LayerSpec{{Kind: Dense, Out: 60}, {Kind: Dense, Out: 60}}
	tr := newTestTrainer[float32](t, s, cfg)
	p := Protocol{Steps: 20, BurnIn: 6, Workers: 2}
	before, err := Evaluate(context.Background(), tr.net, trainData, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	err = tr.Run(context.Background(), Hooks{Progress: func(p Progress) { losses = append(losses, p.Loss[1]) }})
	if err != nil {
		t.Fatal(err)
	}
	after, err := Evaluate(context.Background(), tr.net, trainData, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if after.Accuracy(1) < 0.9 || after.Accuracy(1) <= before.Accuracy(1) || losses[len(losses)-1] > 0.7*losses[0] {
		t.Errorf("accuracy %v -> %v, loss %v -> %v", before.Accuracy(1), after.Accuracy(1), losses[0], losses[len(losses)-1])
	}
}

// TestFrozen: a frozen layer keeps its parameters; and because learning is local,
// the layer above a layer that would have moved learns from another input while the
// layer below learns as it would have anyway.
func TestFrozen(t *testing.T) {
	s := trainSpec()
	cfg := trainConfig()
	free := mustRun(t, newTestTrainer[float32](t, s, cfg))
	s.Layers = slices.Clone(s.Layers)
	s.Layers[1].Frozen = true
	start := scatter[float32](t, s, 2).Tensors()
	frozen := mustRun(t, newTestTrainer[float32](t, s, cfg))
	if !slices.Equal(frozen[weightName(1)].Data, start[weightName(1)].Data) {
		t.Error("the frozen layer has moved")
	}
	if !slices.Equal(frozen[weightName(0)].Data, free[weightName(0)].Data) {
		t.Error("the layer below a frozen layer learns differently")
	}
	if slices.Equal(frozen[weightName(0)].Data, start[weightName(0)].Data) {
		t.Error("nothing has been learned")
	}
}

// TestRestoreFindings: what does not belong is refused and nothing has changed.
func TestRestoreFindings(t *testing.T) {
	tr := newTestTrainer[float32](t, trainSpec(), trainConfig())
	mustRun(t, tr)
	for want, change := range map[string]func(Tensors){
		"there is no tensor optimizer.0.weight.n": func(s Tensors) { delete(s, "optimizer.0.weight.n") },
		"the checkpoint holds 5 tensors":          func(s Tensors) { s["optimizer.0.weight.m"] = s["optimizer.0.weight.n"] },
		"trainer.counters[0] is -1":               func(s Tensors) { s["trainer.counters"].Data[0] = -1 },
		"trainer.counters[1] is 0.5":              func(s Tensors) { s["trainer.counters"].Data[1] = 0.5 },
		"the checkpoint was not made with seed":   func(s Tensors) { s["trainer.seed"].Data[1]++ },
		"LIF_layers.0.base_layer.bias has 64 bits": func(s Tensors) {
			x := s[biasName(0)]
			x.Bits = 64
			s[biasName(0)] = x
		},
	} {
		fresh := newTestTrainer[float32](t, trainSpec(), trainConfig())
		before, bad := fresh.State(), tr.State()
		change(bad)
		checkFinding(t, fresh.Restore(bad), codeState, want)
		equalTensors(t, want, fresh.State(), before)
	}
}

func TestTrainingFindings(t *testing.T) {
	for want, change := range map[string]func(*Training){
		"batch is 0":                         func(c *Training) { c.Batch = 0 },
		"burnin is 20":                       func(c *Training) { c.BurnIn = 20 },
		`optimizer is "adam"`:                func(c *Training) { c.Optimiser.Kind = "adam" },
		"beta2 is 1":                         func(c *Training) { c.Optimiser.Beta2 = 1 },
		`update is "never"`:                  func(c *Training) { c.Update = "never" },
		"lr_schedule[0] begins at digit 5":   func(c *Training) { c.Schedule[0].Digits = 5 },
		"lr_schedule[1].lr is -1":            func(c *Training) { c.Schedule[1].LR = -1 },
		"lr_schedule[1] begins at digit 0":   func(c *Training) { c.Schedule[1].Digits = 0 },
		"digits is -1":                       func(c *Training) { c.Digits = -1 },
		"batch times lines and compartments": func(c *Training) { c.Batch = maxItems; c.Workers = 1 },
	} {
		cfg := trainConfig()
		change(&cfg)
		s := trainSpec()
		if cfg.Batch == maxItems {
			s.Layers = []LayerSpec{{Kind: Conv, Out: 100, Kernel: 3, Padding: 2}}
		}
		_, err := NewTrainer(scatter[float32](t, s, 1), cfg, trainData)
		checkFinding(t, err, codeSpec, want)
	}
}

// foreign is a data set whose second sample is not fit for the network.
type foreign struct {
	train spikes.Train
	class int
}

func (f foreign) Len() int { return 2 }

func (f foreign) Sample(i int) (spikes.Train, int) {
	if i == 0 {
		return nil, 0
	}
	return f.train, f.class
}

func TestDataFindings(t *testing.T) {
	n := scatter[float32](t, trainSpec(), 1)
	for want, d := range map[string]foreign{
		"sample 1: event 0 (row 0, index 144)": {train: spikes.Train{{Index: 144}}},
		"sample 1: event 0 (row -1, index 0)":  {train: spikes.Train{{Row: -1}}},
		"sample 1: event 1 (row 2, index 0)":   {train: spikes.Train{{Row: 3}, {Row: 2}}},
		"sample 1 has class 3":                 {class: 3},
		"sample 1 has class -2":                {class: -2},
	} {
		tr, err := NewTrainer(n, trainConfig(), d)
		if err != nil {
			t.Fatal(err)
		}
		checkFinding(t, tr.Run(context.Background(), Hooks{}), codeData, want)
		_, err = Evaluate(context.Background(), n, d, Protocol{Steps: 5}, nil)
		checkFinding(t, err, codeData, want)
	}
	_, err := NewTrainer(n, trainConfig(), patterns{})
	checkFinding(t, err, codeData, "the data set has 0 samples")
}

func TestDivergence(t *testing.T) {
	s := trainSpec()
	s.Loss, s.Surrogate, s.LCAmpl, s.Gain = "mse", "none", 1e12, 1e9
	cfg := trainConfig()
	cfg.Optimiser, cfg.Schedule = Optimiser{Kind: SGD}, []Rate{{0, 1e12}}
	err := newTestTrainer[float32](t, s, cfg).Run(context.Background(), Hooks{})
	checkFinding(t, err, codeDiverged, "the weights of layer")
}

// TestDropoutStreams: what is dropped depends on the number of the digit and on the
// row, not on the place in the batch; about p of the neurons are, the rest count 1/(1-p).
func TestDropoutStreams(t *testing.T) {
	s := small()["dense3"]
	s.Dropout, s.Layers = 0.25, []LayerSpec{{Kind: Dense, Out: 4000}}
	keep := func(digit uint64, item, row int) []float32 {
		l, err := NewLearner(scatter[float32](t, s, 1), 3, Optimiser{Kind: SGD}, 5, 1)
		if err != nil {
			t.Fatal(err)
		}
		for range row {
			l.Step(make([]spikes.Train, 3))
		}
		l.Learn(make([]spikes.Train, 3), Target{Class: []int{0, 1, 2}, Digit: digit, Mode: Accumulate})
		return l.batch.cells[0][item].keep
	}
	want := keep(40, 2, 1)
	if !slices.Equal(keep(42, 0, 1), want) {
		t.Error("dropout depends on the place in the batch")
	}
	if slices.Equal(keep(42, 1, 1), want) || slices.Equal(keep(42, 0, 2), want) {
		t.Error("dropout does not depend on digit and row")
	}
	dropped := 0
	for _, x := range want {
		if x == 0 {
			dropped++
		} else if x != 1/float32(0.75) {
			t.Fatalf("factor %v", x)
		}
	}
	if dropped < 900 || dropped > 1100 {
		t.Errorf("%d of 4000 neurons dropped", dropped)
	}
}
