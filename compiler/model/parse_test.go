package model

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

const small = `decc: 1
name: net
input: {shape: [2, 8, 8]}
layers:
  - {name: c1, conv: {channels: 4, kernel: 5, pool: 2}}
  - {name: h2, dense: 6, regulariser: 0.25, frozen: true}
readout: {classes: 3}
`

func TestDefaults(t *testing.T) {
	m := parse(t, small)
	d := m.Decolle
	if m.Target != "loihi2" || m.Dt != time.Millisecond || d.Precision != "f32" || d.Data != nil || d.Weights != nil {
		t.Errorf("got %+v, %+v", m.Header, d)
	}
	if d.Neuron != (Neuron{Model: "LIFLayer", Alpha: 0.97, Beta: 0.92, AlphaRP: 0.65, WRP: 1, Gain: 1, Surrogate: "fast_sigmoid"}) {
		t.Errorf("neuron %+v", d.Neuron)
	}
	wantTrain := Train{
		Loss: "smoothl1", Optimiser: Optimiser{"adamax", 1e-3, 0, 0.95, 1e-8}, Schedule: []LearningRate{{0, 1e-3}},
		Batch: 72, Digits: 30000, Split: "train", Dropout: 0.5, Update: "online", Init: "lsuv", Seed: 1,
	}
	if got := d.Train; !slices.Equal(got.Schedule, wantTrain.Schedule) || got.Optimiser != wantTrain.Optimiser ||
		got.Batch != 72 || got.Digits != 30000 || got.Dropout != 0.5 || got.Update != "online" || got.Init != "lsuv" || got.Seed != 1 || got.Loss != "smoothl1" {
		t.Errorf("train %+v", got)
	}
	if d.Quantise != (Quantise{8, "neuron", "search", Calibrate{64, "train"}}) {
		t.Errorf("quantise %+v", d.Quantise)
	}
}

func TestGeometry(t *testing.T) {
	c1, h2 := parse(t, small).Decolle.Layers[0], parse(t, small).Decolle.Layers[1]
	if *c1.Conv != (Conv{4, 5, 1, 2, 2}) || c1.In != (Shape{2, 8, 8}) || c1.Compartments != (Shape{4, 8, 8}) || c1.Out != (Shape{4, 4, 4}) {
		t.Errorf("c1 is %+v, %+v", c1, c1.Conv)
	}
	if h2.In.Size() != 64 || h2.Out != (Shape{6, 1, 1}) || !h2.Frozen || h2.Regulariser != 0.25 || c1.Regulariser != 0 {
		t.Errorf("h2 is %+v", h2)
	}
	if !slices.Equal(c1.WeightShape(), []int{4, 2, 5, 5}) || !slices.Equal(h2.WeightShape(), []int{6, 64}) {
		t.Errorf("shapes %v, %v", c1.WeightShape(), h2.WeightShape())
	}
}

func TestConvStrideAndPadding(t *testing.T) {
	m := parse(t, strings.Replace(small, "kernel: 5, pool: 2", "kernel: 4, stride: 3, padding: 0", 1))
	if l := m.Decolle.Layers[0]; l.Compartments != (Shape{4, 2, 2}) || l.Out != l.Compartments {
		t.Errorf("got %+v", l)
	}
}

func TestDerivedDefaults(t *testing.T) {
	m := parse(t, small+`neuron: {model: Published, tau_mem: 20, tau_syn: 10, tau_ref: 5}
dt: 500us
data: {set: mnist, steps: 80, burn_in: 10}
train: {schedule: [[0, 0.5], [9, 0.1]], regulariser: 2}
`)
	d := m.Decolle
	if d.Neuron.Surrogate != "boxcar" || d.Train.Set != "mnist" || d.Train.Steps != 80 || d.Train.Optimiser.LR != 0.5 || d.Layers[0].Regulariser != 2 || d.Layers[1].Regulariser != 0.25 {
		t.Errorf("got %+v", d)
	}
	// exp(-0.5/20), exp(-0.5/10), exp(-0.5/5)
	want := []float64{0.9753099120283326, 0.951229424500714, 0.9048374180359595}
	for i, got := range []float64{d.Neuron.Alpha, d.Neuron.Beta, d.Neuron.AlphaRP} {
		if diff := got - want[i]; diff > 1e-15 || diff < -1e-15 {
			t.Errorf("decay %d is %v, want %v", i, got, want[i])
		}
	}
}

func TestPlaces(t *testing.T) {
	m := parse(t, small)
	for path, want := range map[string]string{
		"":                         "m.yaml:1:1",
		"name":                     "m.yaml:2:7",
		"layers[0].conv.kernel":    "m.yaml:5:44",
		"layers[0].conv.padding":   "m.yaml:5:22", // a default: where it would be
		"layers[1]":                "m.yaml:6:5",
		"layers[7].conv":           "m.yaml:5:3",
		"train.optimiser.lr":       "m.yaml:1:1",
		"input.shape[2]":           "m.yaml:3:23",
		"readout.classes.no.thing": "m.yaml:7:20",
	} {
		if got := m.At(path).String(); got != want {
			t.Errorf("%q is at %s, want %s", path, got, want)
		}
	}
	if !m.Has("layers[0].conv.pool") || m.Has("layers[0].conv.stride") || m.Has("train") {
		t.Error("Has does not tell text from defaults")
	}
	if m.File() != "m.yaml" || string(m.Source("m.yaml")) != small || m.Source("other") != nil {
		t.Error("the text of the model is not given back")
	}
}

func TestColumnsCountBytes(t *testing.T) {
	_, err := Parse("m.yaml", []byte("decc: 1\ngroups: [{name: \"äöü\", size: x}]\nname: n\n"))
	for _, d := range diag.All(err) {
		if strings.Contains(d.Message, ".size") && d.Pos.Col != 33 {
			t.Errorf("size is in column %d, want 33", d.Pos.Col)
		}
	}
	wantCode(t, err, codeMissing, "m.yaml:2:10")
}

func TestAliasesAndMerges(t *testing.T) {
	m := parse(t, `decc: 1
name: net
inputs: [{name: in, size: 2}]
groups:
  - &a {name: a, size: 2, neuron: cuba, params: &p {du: 1, dv: 2}}
  - {<<: *a, name: b}
  - {<<: [{size: 3}, *a], name: c, params: {<<: *p, dv: 9}}
`)
	var got []string
	for _, g := range m.Fixed.Groups {
		text := g.Name + g.Neuron
		for _, p := range g.Params {
			text += p.Name + string(rune('0'+p.Values.Data[0]))
		}
		got = append(got, text+string(rune('0'+g.Size)))
	}
	if want := []string{"acubadu1dv22", "bcubadu1dv22", "ccubadv9du13"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

const fixed = `decc: 1
name: net
semantics: lava
programs: {mine: p/mine.dcir}
inputs: [{name: in, size: 3}]
groups:
  - {name: g, size: 2, neuron: mine, params: {vth: [7, 8], du: {file: w.txt, rows: [0, 1], cols: [0, 2]}}, reset: {interval: 10}}
  - {name: aux, size: 2, neuron: auxiliary}
synapses:
  - {name: dense, from: in, to: g, weights: {file: "${SET}/w.npz", tensor: w, layout: pre_major}, exp: 2}
  - {name: all, from: in, to: g, weights: -4, sign: inhibitory, delay: 3}
  - {name: inline, from: in, to: g, weights: [[1, 2, 3], [4, 5, 6]], delay: [[0, 1, 2], [3, 4, 5]], graded: true}
  - {name: one, from: g, to: aux, one_to_one: [5, 6], port: drive}
  - {name: list, from: g, to: g, list: [[0, 1, 9], [1, 0, -8, 4]]}
  - {name: both, from: in, to: g, weights: [[1, -2, 0], [0, 0, 3]], delay: [[9, 8, 7], [6, 5, 4]], sign: split}
joins: [{from: aux, to: g}]
layers: [{name: g, spikes: g, readout: aux, value: x, readout_lag: 1}]
stimulus: {kind: events, list: [[4, 2], [1, 0, -3], [1, 2]]}
`

func resolveFixed(t *testing.T) *Fixed {
	t.Helper()
	m := parse(t, fixed)
	npz := matrix(t, 1, 3, 2)
	files := memory(nil, map[string]string{"p/mine.dcir": "neuron @mine {}"})
	files.Tensors = memoryTensors(t, npz, "w.txt", "20 30 40\n50 60 70\n").Tensors
	if err := m.Resolve(files); err != nil {
		t.Fatal(err)
	}
	return m.Fixed
}

func TestFixedGroups(t *testing.T) {
	f := resolveFixed(t)
	g := f.Groups[0]
	if f.Profile != sem.Lava || string(f.Programs[0].Text) != "neuron @mine {}" || f.Programs[0].Pos.String() != "m.yaml:4:18" {
		t.Errorf("got %+v", f.Programs)
	}
	if *g.Reset != (Reset{10, 0}) || g.Params[0].Name != "vth" || !slices.Equal(g.Params[0].Values.Data, []int64{7, 8}) || !slices.Equal(g.Params[1].Values.Data, []int64{20, 30}) {
		t.Errorf("got %+v", g)
	}
	if f.Joins[0].Port != "dendrite" || f.Layers[0].ReadoutLag != 1 || f.Layers[0].SpikesLag != 0 {
		t.Errorf("got %+v, %+v", f.Joins, f.Layers)
	}
	want := spikes.Train{{Row: 1, Index: 0, Payload: -3}, {Row: 1, Index: 2, Payload: 1}, {Row: 4, Index: 2, Payload: 1}}
	if f.Stimulus.Input != "in" || !slices.Equal(f.Stimulus.Train, want) {
		t.Errorf("stimulus %+v", f.Stimulus)
	}
}

func TestFixedSynapses(t *testing.T) {
	type resolved struct {
		name            string
		weights, delays []int64
		ends            [][2]int
		sign            sem.SignMode
	}
	want := []resolved{
		{"dense", []int64{0, 2, 4, 1, 3, 5}, []int64{0}, nil, sem.Mixed},
		{"all", []int64{-4, -4, -4, -4, -4, -4}, []int64{3}, nil, sem.Inhibitory},
		{"inline", []int64{1, 2, 3, 4, 5, 6}, []int64{0, 1, 2, 3, 4, 5}, nil, sem.Mixed},
		{"one", []int64{5, 6}, []int64{0}, [][2]int{{0, 0}, {1, 1}}, sem.Mixed},
		{"list", []int64{9, -8}, []int64{0, 4}, [][2]int{{0, 1}, {1, 0}}, sem.Mixed},
		{"both", []int64{1, -2, 0, 0, 0, 3}, []int64{9, 8, 7, 6, 5, 4}, nil, sem.Mixed},
	}
	got := resolveFixed(t).Synapses
	if len(got) != len(want) {
		t.Fatalf("%d synapses, want %d", len(got), len(want))
	}
	for i, w := range want {
		s := got[i]
		if s.Name != w.name || !slices.Equal(s.Mantissas, w.weights) || !slices.Equal(s.Delays, w.delays) ||
			!slices.Equal(s.Ends, w.ends) || s.SignMode != w.sign || s.Split != (s.Name == "both") {
			t.Errorf("%s: got %+v", w.name, s)
		}
	}
	if got[0].Exp != 2 || !got[2].Graded || got[0].Pos.String() != "m.yaml:10:5" || got[0].Weights.Tensor.Path != "folder/w.npz" {
		t.Errorf("got %+v", got[0])
	}
}

func TestRaster(t *testing.T) {
	train, err := readRaster("r.csv", []byte("# t,a,b\n9,0,1.0\n\n9, 2,0\n9,-1,1\n"), Span{1, 3}, 2)
	want := spikes.Train{{Row: 0, Index: 1, Payload: 1}, {Row: 1, Index: 0, Payload: 2}, {Row: 2, Index: 0, Payload: -1}, {Row: 2, Index: 1, Payload: 1}}
	if err != nil || !slices.Equal(train, want) {
		t.Errorf("got %v, %v", train, err)
	}
	for _, text := range []string{"1,2", "1,x,1", "1,0.5,1", "1,1e99,1", "1,\"2", "1,1,1\n1,1\n"} {
		if _, err := readRaster("r.csv", []byte(text), Span{1, 3}, 2); len(diag.All(err)) != 1 {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestLoadFailures(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "none.yaml")); diag.All(err)[0].Code != codeOpen {
		t.Errorf("got %v", err)
	}
	if _, err := Load(dir); diag.All(err)[0].Code != codeOpen {
		t.Errorf("got %v", err)
	}
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, make([]byte, maxSource+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(big); diag.All(err)[0].Code != codeTooLarge {
		t.Errorf("got %v", err)
	}
}

func TestVariables(t *testing.T) {
	dir := t.TempDir()
	root := filepath.Join(dir, "repo")
	deep := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "go.mod"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DECC_SHARED", "")
	if _, ok := OSFiles(deep).Variable("DECC_SHARED"); ok {
		t.Error("found a folder that is not there")
	}
	if err := os.Mkdir(filepath.Join(dir, "shared"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, ok := OSFiles(deep).Variable("DECC_SHARED"); !ok || got != filepath.Join(dir, "shared") {
		t.Errorf("got %q", got)
	}
	t.Setenv("DECC_SHARED", "elsewhere")
	if got, _ := OSFiles(deep).Variable("DECC_SHARED"); got != "elsewhere" {
		t.Errorf("got %q", got)
	}
	if _, ok := OSFiles(deep).Variable("DECC_NOT_SET"); ok {
		t.Error("found a variable that is not set")
	}
}

func TestPaths(t *testing.T) {
	r := &resolver{checker: &checker{Model: parse(t, small)}, files: memory(nil, nil)}
	r.files.Dir = "dir"
	for text, want := range map[string]string{
		"a/b.npz": "dir/a/b.npz", "../b": "b", "${SET}/x": "dir/folder/x", "/x/../y": "/y", "$SET": "dir/$SET", "a${SET": "dir/a${SET",
	} {
		if got, ok := r.path("name", text); !ok || filepath.ToSlash(got) != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
