package validate_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"decc/chipsim/stimulus"
	"decc/chipsim/validate"
	"decc/compiler"
	"decc/compiler/model"
	"decc/ir/chip"
)

// classification is a shipped model of reference data on an engine, as `decc run --all`
// takes it.
func classification(t *testing.T, name, engine string) *validate.Classification {
	t.Helper()
	shared, err := filepath.Abs(sharedFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DECC_SHARED", shared)
	m, err := model.Load(filepath.Join("..", "..", "testdata", "models", name))
	if err != nil {
		t.Fatal(err)
	}
	module, err := compiler.Assemble(m)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := chip.Load(m.Target)
	if err != nil {
		t.Fatal(err)
	}
	module.Chip = spec.Name
	factory, err := validate.Prepare(t.Context(), engine, module)
	if err != nil {
		t.Fatal(err)
	}
	s := m.Fixed.Stimulus
	list, err := stimulus.ReadRecordingList(stimulus.RecordingSource{Path: s.Path, Trial: s.Trial, First: s.First})
	if err != nil {
		t.Fatal(err)
	}
	c := &validate.Classification{Module: module, Engine: factory, Input: s.Input, Rows: m.Fixed.Rows, List: list, Workers: 2}
	c.Binning = stimulus.Binning{Micros: s.Bin.Micros, Nearest: s.Bin.Nearest, Steps: s.Bin.Steps, Crop: s.Bin.Crop, Shrink: s.Bin.Shrink, Shape: [3]int(m.Fixed.Inputs[0].Shape)}
	return c
}

// TestGestureNetwork: class, output counts and the spikes of every layer of the published
// network on real recordings, pools and convolutions included, as its golden results have
// them; on the interpreter one of them.
func TestGestureNetwork(t *testing.T) {
	c := classification(t, "dvsgesture-slayer.yaml", "chip")
	holdGestures(t, c)
	c = classification(t, "dvsgesture-slayer.yaml", "interp")
	c.List = c.List[:1]
	holdGestures(t, c)
}

func holdGestures(t *testing.T, c *validate.Classification) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedFolder(t), "data", "loihi-ibmgesture-net", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	type spikes struct {
		Spikes int    `json:"spikes"`
		SHA256 string `json:"sha256"`
	}
	var golden []struct {
		File       string            `json:"file"`
		Events     int               `json:"events"`
		Prediction int               `json:"prediction"` // from 1
		Counts     []int             `json:"output_spike_counts"`
		Layers     map[string]spikes `json:"layers"`
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	answers, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, g := range golden {
		at := slices.IndexFunc(answers, func(a validate.Answer) bool { return a.File == g.File })
		if at < 0 {
			continue
		}
		a := answers[at]
		if a.Vote+1 != g.Prediction || a.Events != g.Events || !slices.Equal(a.Counts, g.Counts) {
			t.Errorf("%s: class %d of %d events, counts %v; recorded %d, %d, %v", g.File, a.Vote+1, a.Events, a.Counts, g.Prediction, g.Events, g.Counts)
		}
		for _, l := range append([]validate.LayerSpikes{{Name: "input", Spikes: a.Input.Spikes, SHA256: a.Input.SHA256}}, a.Layers...) {
			if want, ok := g.Layers[l.Name]; !ok || want != (spikes{l.Spikes, l.SHA256}) {
				t.Errorf("%s: layer %s has %d spikes, %s; recorded %+v", g.File, l.Name, l.Spikes, l.SHA256, want)
			}
		}
		held++
	}
	if held != len(c.List) {
		t.Errorf("%d of %d recordings have golden results", held, len(c.List))
	}
}

// TestNMNISTNetwork: every line of the golden results of the published network on 770
// recordings.
func TestNMNISTNetwork(t *testing.T) {
	c := classification(t, "nmnist-loihi.yaml", "chip")
	train, err := stimulus.ReadRecordingList(stimulus.RecordingSource{Path: filepath.Join(sharedFolder(t), "data", "nmnist-small", "train.csv")})
	if err != nil {
		t.Fatal(err)
	}
	c.List = append(c.List, train...)
	answers, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(sharedFolder(t), "data", "loihi-nmnist-net", "golden.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string][]string{}
	for _, line := range lines[1:] {
		golden[line[0]] = line
	}
	for _, a := range answers {
		got := []string{a.File}
		for _, n := range append([]int{a.Class, a.Vote, a.Input.Spikes, a.Layers[0].Spikes, a.Layers[1].Spikes, a.Layers[2].Spikes}, a.Counts...) {
			got = append(got, fmt.Sprint(n))
		}
		if !slices.Equal(got, golden[a.File]) {
			t.Errorf("got %v, recorded %v", got, golden[a.File])
		}
	}
	matrix, right, of := validate.Confusion(answers)
	if len(answers) != 770 || right != 757 || of != 770 || len(matrix) != 10 {
		t.Errorf("%d of %d right, %d recordings", right, of, len(answers))
	}
	again := *c
	again.Workers, again.Done = 1, map[int]validate.Answer{}
	for _, a := range answers[:700] {
		again.Done[a.Place] = a
	}
	rest, err := again.Run(t.Context())
	if err != nil || !reflect.DeepEqual(rest, answers) {
		t.Errorf("going on from 700 answers gives others: %v", err)
	}
}
