package model

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"decc/compiler/model/weights"
	"decc/ir/chip"
)

const learning = `decc: 1
name: net
input: {shape: [4]}
layers:
  - {name: h1, dense: 3, plastic: true}
  - {name: h2, dense: 3, plastic: {eta: 0.03, init: 0, impulse: 8}}
  - {name: h3, dense: 3, plastic: {}}
  - {name: h4, dense: 3, plastic: false}
  - {name: h5, dense: 3}
readout: {classes: 2}
`

// TestLearnDefaults: the section's defaults are the recipe of onchip-learning.md 2.
func TestLearnDefaults(t *testing.T) {
	d := parse(t, learning+"learn: {}\n").Decolle
	want := Learn{
		Rule: RuleDecolle, Eta: 0.4, Init: 0.2, Impulse: 16, DeadZone: 0.3, Window: 0.5, Every: 1, TraceBits: 7,
		FactorBits: 4, ErrorBits: 7, WeightStep: 1. / 64, Rounding: "stochastic",
		Schedule: []RateFactor{{0, 1}, {0.25, 1. / 2}, {0.5, 1. / 4}, {0.75, 1. / 8}, {0.9, 1. / 16}},
		Digits:   60000, Order: "file", Split: "train", Seed: 1, Host: Host{20, 10, 20, 1},
	}
	if !reflect.DeepEqual(*d.Learn, want) {
		t.Errorf("got %+v", *d.Learn)
	}
	recipe, last := &Plastic{Eta: 0.4, Init: 0.2, Impulse: 16}, d.Layers[4].Plastic
	for i, want := range []*Plastic{recipe, {Eta: 0.03, Init: 0, Impulse: 8}, recipe, nil, nil} {
		if got := d.Layers[i].Plastic; !reflect.DeepEqual(got, want) {
			t.Errorf("layer %d: got %+v, want %+v", i, got, want)
		}
	}
	if last != nil || d.FirstLearning() != 0 {
		t.Errorf("first learning layer %d", d.FirstLearning())
	}
	if d := parse(t, small).Decolle; d.Learn != nil || d.FirstLearning() != -1 || d.Layers[1].Plastic != nil {
		t.Errorf("a model without plastic layers has %+v", d.Learn)
	}
}

// TestLearnInherits: layers take what they leave out from the section, the section from
// the data.
func TestLearnInherits(t *testing.T) {
	d := parse(t, learning+"learn: {eta: 0.5, init: 0.25, impulse: 3, trace_bits: 4}\ndata: {set: mnist, steps: 50, burn_in: 9}\n").Decolle
	if got := *d.Layers[0].Plastic; got != (Plastic{Eta: 0.5, Init: 0.25, Impulse: 3}) {
		t.Errorf("layer 0: %+v", got)
	}
	if got := *d.Layers[1].Plastic; got != (Plastic{Eta: 0.03, Init: 0, Impulse: 8}) {
		t.Errorf("layer 1: %+v", got)
	}
	if l := d.Learn; l.Set != "mnist" || l.Steps != 50 || l.Split != "train" {
		t.Errorf("learns %+v", l)
	}
	d = parse(t, learning+"learn: {set: fashion-mnist, split: test, steps: 20, schedule: [[0, 2]]}\ndata: {set: mnist, steps: 50, burn_in: 9}\n").Decolle
	if l := d.Learn; l.Set != "fashion-mnist" || l.Steps != 20 || l.Split != "test" || !slices.Equal(l.Schedule, []RateFactor{{0, 2}}) {
		t.Errorf("learns %+v", l)
	}
}

func TestLastLayerRules(t *testing.T) {
	for _, rule := range []string{RuleSOEL, RuleSign} {
		m := parse(t, "decc: 1\nname: net\ntarget: loihi1\ninput: {shape: [4]}\nlayers: [{name: h1, dense: 3, frozen: true}, {name: h2, dense: 3, plastic: true}]\nreadout: {classes: 2}\nlearn: {rule: "+rule+", host: {epoch: 12}}\n")
		if d := m.Decolle; d.Learn.Rule != rule || d.Learn.Host.Epoch != 12 || d.FirstLearning() != 1 {
			t.Errorf("%s: %+v", rule, d.Learn)
		}
	}
}

func TestCheckTarget(t *testing.T) {
	m := parse(t, learning+"learn:\n  rule: decolle\n")
	soel := parse(t, "decc: 1\nname: net\ninput: {shape: [4]}\nlayers: [{name: h1, dense: 3, plastic: true}]\nreadout: {classes: 2}\nlearn: {rule: soel}\n")
	idle := parse(t, strings.ReplaceAll(small, "dense: 6", "dense: 6, plastic: false")+"learn: {}\n")
	for name, refused := range map[string]bool{"loihi1": true, "loihi2": false} {
		c, err := chip.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.CheckTarget(c); refused {
			wantCode(t, err, codeTarget, "m.yaml:12:9")
			knownCodes(t, err)
		} else if err != nil {
			t.Error(err)
		}
		for _, other := range []*Model{soel, idle, parse(t, small), parse(t, fixed)} {
			if err := other.CheckTarget(c); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestEncoderWords(t *testing.T) {
	const text = small + "data: {set: mnist, encoder: {kind: rate, phase: %, seed: 9}}\n"
	for word, want := range map[string]int64{"zero": 0, "random": 1} {
		e := parse(t, strings.ReplaceAll(text, "%", word)).Decolle.Data.Encoder
		if !reflect.DeepEqual(e, Encoder{"rate", map[string]int64{"phase": want, "seed": 9}}) {
			t.Errorf("%s: got %+v", word, e)
		}
	}
	_, err := Parse("m.yaml", []byte(strings.ReplaceAll(text, "%", "half")))
	wantCode(t, err, codeChoice, "m.yaml:8:49")
	if e := parse(t, small+"data: {set: mnist}\n").Decolle.Data.Encoder; e.Kind != "poisson" || len(e.Params) != 0 {
		t.Errorf("the default is %+v", e)
	}
}

func TestExplainLists(t *testing.T) {
	docs, err := Explain("learn.schedule")
	if err != nil || docs[0].Default != "[[0, 1], [0.25, 0.5], [0.5, 0.25], [0.75, 0.125], [0.9, 0.0625]]" {
		t.Errorf("got %+v, %v", docs, err)
	}
	docs, err = Explain("layers[].plastic")
	if err != nil || docs[0].Type != "true or false or a mapping of keys" || docs[0].Default != "false" {
		t.Errorf("got %+v, %v", docs, err)
	}
}

// TestLoadForTraining: only the absence of the weights is forgiven.
func TestLoadForTraining(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "m.yaml"), filepath.Join(dir, "w.npz")
	text := "decc: 1\nname: net\ninput: {shape: [4]}\nlayers: [{name: h1, dense: 3}]\nreadout: {classes: 2}\nweights: {file: w.npz}\n"
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(path, text)
	if _, err := Load(path); err == nil {
		t.Error("Load takes a model without its weights")
	}
	m, err := LoadForTraining(path)
	if err != nil || m.Decolle.Tensors != nil || m.Decolle.Weights.Path != file {
		t.Fatalf("got %+v, %v", m, err)
	}
	write(file, "no weights")
	if _, err := LoadForTraining(path); err == nil {
		t.Error("a damaged file of weights is taken")
	}
	if _, err := LoadForTraining(filepath.Join(dir, "none.yaml")); err == nil {
		t.Error("an absent model is taken")
	}
	write(path, strings.ReplaceAll(text, "w.npz", `"${DECC_NOT_SET}/w.npz"`))
	_, err = LoadForTraining(path)
	wantCode(t, err, codeVariable, path+":6:17")
	if absent(file) || !absent(filepath.Join(dir, "none")) {
		t.Error("absent is wrong")
	}
}

// TestUnwrittenReadsNothing: the tensors of a file that is not there are not asked for.
func TestUnwrittenReadsNothing(t *testing.T) {
	m := parse(t, "decc: 1\nname: net\ninput: {shape: [4]}\nlayers: [{name: h1, dense: 3}]\nreadout: {classes: 2}\nweights: {file: \"${SET}/w.npz\"}\n")
	files := memory(nil, nil)
	files.Tensors = func(string) (*weights.File, error) {
		t.Error("the file is read")
		return nil, fs.ErrNotExist
	}
	files.Unwritten = func(path string) bool { return path == filepath.Join("folder", "w.npz") }
	if err := m.Resolve(files); err != nil {
		t.Error(err)
	}
}

// TestLoadLearning takes the shipped models that learn.
func TestLoadLearning(t *testing.T) {
	first := Plastic{Eta: 0.4, Init: 0.2, Impulse: 16}
	tests := []struct {
		name    string
		set     string
		input   int
		steps   int
		sizes   []int
		plastic []Plastic
		encoder Encoder
	}{
		{"mnist-learn", "mnist", 784, 100, []int{512}, []Plastic{{Eta: 0.4, Init: 0.2, Impulse: 8}}, Encoder{"poisson", map[string]int64{"seed": 20200512, "gain_q24": 13158}}},
		{"mnist-learn-128", "mnist", 784, 100, []int{128, 128}, []Plastic{first, {Eta: 0.03, Init: 0.1, Impulse: 8}}, Encoder{"poisson", map[string]int64{"seed": 20200512, "gain_q24": 13158}}},
		{"nmnist-learn", "nmnist-small", 2312, 170, []int{512}, []Plastic{first}, Encoder{"events", map[string]int64{"bin_us": 2000}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.set == "nmnist-small" {
				shared(t, "data", "nmnist-small")
			}
			m, err := Load(shipped("models", test.name+".yaml"))
			if err != nil {
				t.Fatal(err)
			}
			d := m.Decolle
			if m.Name != test.name || m.Target != "loihi2" || len(m.Warnings) != 0 || d.Weights != nil || d.Input.Block().Size() != test.input {
				t.Errorf("got %+v, warnings %v", m.Header, m.Warnings)
			}
			for i, l := range d.Layers {
				if l.Dense != test.sizes[i] || !reflect.DeepEqual(*l.Plastic, test.plastic[i]) {
					t.Errorf("layer %d: %+v, %+v", i, l, l.Plastic)
				}
			}
			if d.Readout != (Readout{10, 1, "all"}) || d.Data.BurnIn != 30 || !reflect.DeepEqual(d.Data.Encoder, test.encoder) || len(d.Layers) != len(test.sizes) {
				t.Errorf("readout %+v, data %+v", d.Readout, d.Data)
			}
			if l := d.Learn; l.Set != test.set || l.Split != "train" || l.Steps != test.steps || l.Rule != RuleDecolle || len(l.Schedule) != 5 || l.Seed != 1 {
				t.Errorf("learns %+v", l)
			}
		})
	}
}
