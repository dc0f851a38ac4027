package decolle

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"decc/ir/spikes"
)

// small are networks of every shape that the layers know, on 2x9x8 lines.
func small() map[string]Spec {
	base := Spec{Input: Shape{2, 9, 8}, Classes: 3, Alpha: 0.9, Beta: 0.8, AlphaRP: 0.65, WRP: 1, LCAmpl: 2}
	with := func(change func(*Spec), layers ...LayerSpec) Spec {
		s := base
		s.Layers = layers
		if change != nil {
			change(&s)
		}
		return s
	}
	dense := func(n int) LayerSpec { return LayerSpec{Kind: Dense, Out: n, Reg: 0.1} }
	return map[string]Spec{
		"dense3":     with(nil, dense(13), dense(9), dense(5)),
		"conv5pool3": with(nil, LayerSpec{Kind: Conv, Out: 3, Kernel: 5, Padding: 2, Pool: 3}),
		"conv+dense": with(func(s *Spec) { s.Loss = "mse" }, LayerSpec{Kind: Conv, Out: 5, Kernel: 3, Pool: 2, Reg: 0.2}, dense(6)),
		"conv+conv": with(nil, LayerSpec{Kind: Conv, Out: 6, Kernel: 3, Padding: 1, Pool: 2},
			LayerSpec{Kind: Conv, Out: 4, Kernel: 2, Padding: 1}),
		"stride":     with(nil, LayerSpec{Kind: Conv, Out: 5, Kernel: 4, Stride: 2, Padding: 3}, LayerSpec{Kind: Conv, Out: 3, Kernel: 2, Stride: 3}),
		"far stride": with(nil, LayerSpec{Kind: Conv, Out: 2, Kernel: 2, Stride: 3, Padding: 1, Pool: 2}),
		"wide pad":   with(nil, LayerSpec{Kind: Conv, Out: 2, Kernel: 3, Padding: 4}),
		"boxcar":     with(func(s *Spec) { s.Surrogate = "boxcar" }, dense(12), dense(8)),
		"nonorm":     with(func(s *Spec) { s.Variant = "LIFLayerNonorm" }, dense(12), LayerSpec{Kind: Dense, Out: 8}),
		"published":  with(func(s *Spec) { s.Variant, s.WRP = "Published", 0 }, dense(12)),
	}
}

// scatter draws random weights large enough that about half of the neurons fire.
func scatter[F Float](t testing.TB, s Spec, seed uint64) *Network[F] {
	t.Helper()
	n, err := New[F](s)
	if err != nil {
		t.Fatal(err)
	}
	n.Init(seed)
	for l, layer := range n.layers {
		p := n.Parameters(l)
		p.W = uniform(seed, fmt.Sprint("w", l), len(p.W), 4/math.Sqrt(float64(layer.geo.fanIn)))
		p.B = uniform(seed, fmt.Sprint("b", l), len(p.B), 0.1)
		if err := n.SetParameters(l, p); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// noise is a train of random spikes.
func noise(seed uint64, lines, rows int, rate float64) spikes.Train {
	var out spikes.Train
	for t := range rows {
		draw := newStream(seed, 0, uint64(t))
		for j := range lines {
			if draw.unit(uint64(j)) < rate {
				out = append(out, spikes.Event{Row: int32(t), Index: int32(j), Payload: 1})
			}
		}
	}
	return out
}

func parameters[F Float](n *Network[F]) []Parameters {
	var out []Parameters
	for l := range n.Layers() {
		out = append(out, n.Parameters(l))
	}
	return out
}

// near holds values against the reference, relative to the greatest of them.
func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	scale := 1e-300
	for _, x := range want {
		scale = max(scale, math.Abs(x))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= 1e-10*scale) {
			t.Fatalf("%s[%d] = %v, want %v", what, i, got[i], want[i])
		}
	}
}

// TestAgainstEquations trains every kind of network beside the plain equations.
func TestAgainstEquations(t *testing.T) {
	optimisers := map[string]Optimiser{
		SGD:    {Kind: SGD, LR: 0.05},
		AdaMax: {Kind: AdaMax, LR: 0.01, Beta2: 0.95, Eps: 1e-8},
	}
	for name, spec := range small() {
		for kind, o := range optimisers {
			t.Run(name+"/"+kind, func(t *testing.T) { againstEquations(t, spec, o) })
		}
	}
}

func againstEquations(t *testing.T, spec Spec, o Optimiser) {
	const items, rows = 3, 25
	if spec.Variant != "" {
		o.LR *= 1e-6
	}
	n := scatter[float64](t, spec, 7)
	ref := newRef(spec, parameters(n), o, items)
	l, err := NewLearner(n, items, o, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	var trains []spikes.Train
	for i := range items {
		trains = append(trains, noise(uint64(i), spec.Input.Size(), rows, 0.2))
	}
	class := []int{0, 2, NoTarget}
	fired := 0
	for row, in := range rowsOf(trains, rows) {
		ref.step(expand(in, spec.Input.Size()), class)
		losses := l.Learn(in, Target{Class: class, Mode: Update, LR: o.LR})
		for k, layer := range ref.layers {
			fired += compareLayer(t, fmt.Sprintf("row %d layer %d ", row, k), l, k, layer, losses[k])
		}
		ref.update()
	}
	if fired == 0 {
		t.Error("no neuron fired")
	}
	for k, p := range parameters(n) {
		near(t, fmt.Sprint("final W of layer ", k), p.W, ref.layers[k].par.W)
		near(t, fmt.Sprint("final b of layer ", k), p.B, ref.layers[k].par.B)
	}
}

func expand(in []spikes.Train, lines int) [][]float64 {
	out := make([][]float64, len(in))
	for n, train := range in {
		out[n] = make([]float64, lines)
		for _, e := range train {
			out[n][e.Index] += float64(e.Payload)
		}
	}
	return out
}

func compareLayer(t *testing.T, at string, l *Learner[float64], k int, ref *refLayer, loss float64) int {
	t.Helper()
	fired := 0
	for n, it := range ref.item {
		v, s := l.batch.View(k, n), l.batch.States(k, n)
		near(t, at+"Q", s.Q, it.q)
		near(t, at+"P", s.P, it.p)
		near(t, at+"R", s.R, it.r)
		near(t, at+"U", s.U, it.pre)
		near(t, at+"u", v.U, it.u)
		if !slices.Equal(s.S, it.s) {
			t.Fatalf("%sS = %v, want %v", at, s.S, it.s)
		}
		if got := expand([]spikes.Train{v.Spikes}, len(v.U))[0]; !slices.Equal(got, it.spikes) {
			t.Fatalf("%ss = %v, want %v", at, got, it.spikes)
		}
		near(t, at+"r", v.Readout, it.readout)
		fired += len(v.Spikes)
	}
	near(t, at+"loss", []float64{loss}, []float64{ref.loss})
	near(t, at+"dW", l.net.layers[k].exportWeights(l.grads[k].w), ref.dW)
	near(t, at+"db", l.grads[k].b, ref.db)
	return fired
}

// TestPayload: a payload is that many spikes, and so are repeated events.
func TestPayload(t *testing.T) {
	n := scatter[float32](t, small()["dense3"], 3)
	a, b := n.NewBatch(1), n.NewBatch(1)
	a.Step([]spikes.Train{{{Index: 4, Payload: 3}}})
	b.Step([]spikes.Train{{{Index: 4, Payload: 1}, {Index: 4, Payload: 2}}})
	if x, y := a.States(0, 0).Q, b.States(0, 0).Q; x[4] == 0 || math.Abs(float64(x[4]-y[4])) > 1e-6 {
		t.Errorf("Q = %v and %v", x[4], y[4])
	}
}

// TestReset: a batch that has been reset is as good as new, and items do not mix.
func TestReset(t *testing.T) {
	spec := small()["conv+conv"]
	n := scatter[float32](t, spec, 3)
	train := noise(5, spec.Input.Size(), 20, 0.2)
	used, fresh := n.NewBatch(2), n.NewBatch(1)
	for _, row := range noise(6, spec.Input.Size(), 20, 0.3).Rows(20) {
		used.Step([]spikes.Train{row, row})
	}
	used.Reset()
	for k, row := range train.Rows(20) {
		fresh.Step([]spikes.Train{row})
		used.Step([]spikes.Train{nil, row})
		for l := range n.Layers() {
			a, b := fresh.View(l, 0), used.View(l, 1)
			if !slices.Equal(a.U, b.U) || !slices.Equal(a.Spikes, b.Spikes) || !slices.Equal(a.Readout, b.Readout) {
				t.Fatalf("row %d layer %d differs after Reset", k, l)
			}
		}
	}
}

func TestVariantGains(t *testing.T) {
	s := Spec{Alpha: 0.97, Beta: 0.92, AlphaRP: 0.65, WRP: 2, Gain: 3}
	for name, want := range map[string]coefficients[float64]{
		"LIFLayer":       {p: 1 - 0.97, q: (1 - 0.92) * 3, refractory: (1 - 0.65) * 2},
		"LIFLayerNonorm": {p: 1, q: 3, refractory: 2},
		"Published":      {p: 1 / (1 - 0.97), q: 1 / (1 - 0.92) * 3, refractory: 2},
	} {
		s.Variant = name
		got := newCoefficients[float64](s)
		near(t, name, []float64{got.p, got.q, got.refractory}, []float64{want.p, want.q, want.refractory})
	}
	s.Variant = "LIFLayer"
	alpha := float32(0.97)
	if got := newCoefficients[float32](s); got.p != 1-alpha {
		t.Errorf("1 - alpha is %v, want %v formed in float32", got.p, 1-alpha)
	}
}

// TestPoolingTie: of equal potentials the first in row-major order learns.
func TestPoolingTie(t *testing.T) {
	l := LayerSpec{Kind: Conv, Out: 1, Kernel: 1, Stride: 1, Pool: 2}
	p := newPooling[float64](2, l.geometry(Shape{1, 2, 4}))
	u, from := make([]float64, 2), make([]float64, 2)
	p.largest(u, from, []float64{1, 3, 2, 2, 3, 3, 2, 2}, &scratch[float64]{})
	if !slices.Equal(from, []float64{1, 2}) || !slices.Equal(u, []float64{3, 2}) {
		t.Errorf("%v from %v", u, from)
	}
}

// TestTransposeInto: blocks of four and what is left beside them.
func TestTransposeInto(t *testing.T) {
	for rows := range 10 {
		for columns := range 10 {
			x := make([]float64, rows*columns)
			for i := range x {
				x[i] = float64(i)
			}
			got := make([]float64, len(x))
			transposeInto(got, x, rows, columns)
			if len(x) > 0 && !slices.Equal(got, transpose(x, columns)) {
				t.Errorf("%d x %d: %v", rows, columns, got)
			}
		}
	}
}
