package compiler_test

import (
	"math"
	"path/filepath"
	"reflect"
	"testing"

	"decc/compiler"
	"decc/compiler/decolle"
	"decc/compiler/model"
)

func shippedModel(t *testing.T, name string) *model.Model {
	t.Helper()
	m, err := model.Load(filepath.Join("..", "testdata", "models", name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestOnChip: a model that learns has all departures of the chip; one that does not has none.
func TestOnChip(t *testing.T) {
	l := compiler.OnChip(shippedModel(t, "mnist-learn-128.yaml"))
	if l == nil || l.Latency != 2 || l.WeightStep != 1./64 || l.WeightMax != 127 || l.FactorBits != 4 || !l.CUBA || l.Seed != 1 {
		t.Fatalf("%+v", l)
	}
	if l.Layers[0].Eta != 0.4 || l.Layers[1].Eta != 0.03 || l.Layers[1].Impulse != 8 || l.Layers[0].FactorStep <= 0 {
		t.Errorf("%+v", l.Layers)
	}
	if compiler.OnChip(shippedModel(t, "mnist-mlp.yaml")) != nil {
		t.Error("mnist-mlp does not learn")
	}
}

// TestRungs: the budget goes from the float rule to the chip's, one field at a time.
func TestRungs(t *testing.T) {
	chip := *compiler.OnChip(shippedModel(t, "mnist-learn-128.yaml"))
	rungs := compiler.Rungs(chip)
	first, last := rungs[0].Learning, rungs[len(rungs)-1].Learning
	if first.CUBA || first.Latency != 0 || first.TraceBits != 0 || first.WeightStep != 0 {
		t.Errorf("the rule of the paper is %+v", first)
	}
	if first.Optimiser != decolle.AdaMax || first.Surrogate == rungs[1].Surrogate || rungs[2].Name != compiler.FloatRung || rungs[2].Optimiser == decolle.AdaMax {
		t.Errorf("the first rungs are %+v, %+v, %+v", first, rungs[1], rungs[2])
	}
	if ends := compiler.FloatAndTwin(chip); !reflect.DeepEqual(ends[0].Learning, rungs[2].Learning) || !reflect.DeepEqual(ends[1].Learning, chip) {
		t.Errorf("float and twin are %+v", ends)
	}
	if !reflect.DeepEqual(last, chip) {
		t.Errorf("the last rung is %+v, the chip %+v", last, chip)
	}
	seen := map[string]bool{}
	for i, r := range rungs {
		if seen[r.Name] || r.Doc == "" || i > 0 && reflect.DeepEqual(r.Learning, rungs[i-1].Learning) {
			t.Errorf("rung %d, %q, is none", i, r.Name)
		}
		seen[r.Name] = true
	}
	for _, w := range compiler.WhatIfs(chip) {
		if seen[w.Name] || reflect.DeepEqual(w.Learning, chip) {
			t.Errorf("%q changes nothing", w.Name)
		}
		seen[w.Name] = true
	}
	if len(compiler.Departures(chip)) != len(rungs)-1 {
		t.Error("a rung has no departure")
	}
}

// TestLearningNetwork: learning starts from random weights of the model's deviation, the
// same for the same seed.
func TestLearningNetwork(t *testing.T) {
	m := shippedModel(t, "mnist-learn-128.yaml")
	one, err := compiler.LearningNetwork[float64](m)
	if err != nil {
		t.Fatal(err)
	}
	two, err := compiler.LearningNetwork[float64](m)
	if err != nil {
		t.Fatal(err)
	}
	for l, deviation := range []float64{0.2, 0.1} {
		p := one.Parameters(l)
		if !reflect.DeepEqual(p, two.Parameters(l)) {
			t.Errorf("layer %d differs", l)
		}
		if got := rms(p); got < 0.98*deviation || got > 1.02*deviation {
			t.Errorf("layer %d: deviation %g, not %g", l, got, deviation)
		}
	}
	m.Decolle.Layers[0].Plastic = nil
	if _, err := compiler.LearningNetwork[float64](m); err == nil {
		t.Error("a layer that does not learn needs trained weights")
	}
}

func rms(p decolle.Parameters) float64 {
	sum := 0.0
	for _, w := range p.W {
		sum += w * w
	}
	return math.Sqrt(sum / float64(len(p.W)))
}
