package validate_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"decc/chipsim/validate"
	"decc/compiler"
	"decc/compiler/model"
	"decc/compiler/model/weights"
	"decc/compiler/quantise"
	"decc/compiler/spiking"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// importedNIR imports a NIR graph with more text at its end.
func importedNIR(t *testing.T, o model.NIROptions, more string) *model.Model {
	t.Helper()
	got, err := model.ImportNIR(o)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "net.yaml")
	if err := os.WriteFile(path, append(bytes.Clone(got.YAML), more...), 0o644); err != nil {
		t.Fatal(err)
	}
	if got.Weights != nil {
		if err := weights.WriteNPZ(filepath.Join(folder, o.WeightsFile), got.Weights); err != nil {
			t.Fatal(err)
		}
	}
	m, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestNIRNeuronIsTheChips imports the neuron of the NIR paper and holds all 1000 rows of
// voltages and spikes against what a Loihi 2 chip gave.
func TestNIRNeuronIsTheChips(t *testing.T) {
	shared := sharedFolder(t)
	m := importedNIR(t, model.NIROptions{
		File: filepath.Join(shared, "data", "nir", "lif_norse.nir"), Name: "net", WeightsFile: "net.npz", Dt: 100 * time.Microsecond, Reset: "set",
	}, "quantise: {unit: 16000, decays: down}\n")
	net, err := compiler.SpikingNetwork(m)
	if err != nil {
		t.Fatal(err)
	}
	q := m.Spiking.Quantise
	res, err := quantise.Spiking(context.Background(), net, quantise.SpikingOptions{
		Name: "net", Profile: sem.Silicon, Programmable: true, MaxThreshold: 1 << 22, WeightBits: q.WeightBits, Unit: q.Unit, Down: q.Decays == "down", DtNanos: m.Dt.Nanoseconds(),
	})
	if err != nil || len(res.Warnings) > 0 {
		t.Fatal(err, res.Warnings)
	}
	file, err := os.ReadFile(filepath.Join(shared, "golden", "loihi2-lif", "lif_lava_loihi_fixed.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil || len(lines) != 1000 {
		t.Fatal(err, len(lines))
	}
	var train, fired spikes.Train
	var volts []int64
	for row, fields := range lines {
		var x [3]float64
		for i := range x {
			if x[i], err = strconv.ParseFloat(fields[i], 64); err != nil {
				t.Fatal(err)
			}
		}
		e := spikes.Event{Row: int32(row), Payload: 1}
		if volts = append(volts, int64(x[1])); x[0] != 0 {
			train = append(train, e)
		}
		if x[2] != 0 {
			fired = append(fired, e)
		}
	}
	if len(fired) != 4 || fired[0].Row != 461 {
		t.Fatalf("the recording has the spikes %v", fired)
	}
	group, input := res.Module.Layers[0].Spikes, res.Module.Inputs[0].Name
	for _, name := range engines(t) {
		engine, err := validate.Prepare(context.Background(), name, res.Module)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := engine().Run(context.Background(), spikes.Request{
			Rows: 1000, Inputs: map[string]spikes.Train{input: train}, Probes: []spikes.Probe{{Group: group, Variable: "vreg"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := rec.Values[group+".vreg"].Data
		for row, v := range volts {
			if got[row] != v {
				t.Fatalf("%s: row %d reads %d, the chip's register %d", name, row, got[row], v)
			}
		}
		if !slices.Equal(rec.Spikes[group], fired) {
			t.Errorf("%s: spikes %v, on the chip %v", name, rec.Spikes[group], fired)
		}
	}
}

// voters has a hidden population, two classes and, where it is asked for, a readout of them.
func voters(readout bool) spiking.Spec {
	one := func(name string, n int) spiking.Population {
		return spiking.Population{Name: name, N: n, DU: []float64{1}, DV: []float64{0}, In: []float64{1}, Gain: []float64{1}, Drift: []float64{0}, Threshold: []float64{1.5}, Reset: []float64{0}}
	}
	s := spiking.Spec{
		Inputs: []spiking.Input{{Name: "idle", N: 1}, {Name: "in", N: 2}}, Populations: []spiking.Population{one("hidden", 2), one("class", 2)},
		Connections: []spiking.Connection{{Name: "a", From: 1, To: 0, Weights: []float64{2, 0, 0, 2}}, {Name: "b", From: 2, To: 1, Weights: []float64{0, 2, 2, 0}}},
	}
	if readout {
		last := one("out", 2)
		last.Threshold = nil
		s.Populations = append(s.Populations, last)
		s.Connections = append(s.Connections, spiking.Connection{Name: "c", From: 3, To: 2, Weights: []float64{2, 0, 0, 2}})
	}
	return s
}

// labelled are samples in memory.
type labelled struct {
	trains []spikes.Train
	labels []int
}

func (s labelled) Len() int                          { return len(s.trains) }
func (s labelled) Label(i int) int                   { return s.labels[i] }
func (s labelled) Train(i int) (spikes.Train, error) { return s.trains[i], nil }
func (s labelled) Digest() string                    { return "labelled" }

// three samples: two of class 1, one without a label.
func three() labelled {
	at := func(member int32, rows ...int32) (t spikes.Train) {
		for _, k := range rows {
			t = append(t, spikes.Event{Row: k, Index: member, Payload: 1})
		}
		return t
	}
	return labelled{[]spikes.Train{at(0, 0, 1, 2), at(1, 1, 2), at(0, 3)}, []int{1, 1, -1}}
}

func spikingJob(t *testing.T, spec spiking.Spec, workers int) validate.Job {
	t.Helper()
	net, err := spiking.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	res, err := quantise.Spiking(context.Background(), net, quantise.SpikingOptions{Name: "net", Profile: sem.Silicon, Programmable: true, MaxThreshold: 1 << 22, WeightBits: 8})
	if err != nil {
		t.Fatal(err)
	}
	engine, err := validate.Prepare(context.Background(), "chip", res.Module)
	if err != nil {
		t.Fatal(err)
	}
	return validate.Job{
		Float: validate.SpikingReference(net, res.Module, "in"), Module: res.Module, Engine: engine, EngineName: "chip", Input: "in",
		Samples: three(), Steps: 5, Digits: 3, Workers: workers, Real: true,
	}
}

func report(t *testing.T, j validate.Job) *validate.Report {
	t.Helper()
	r, err := j.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r.Seconds = nil
	return r
}

// TestSpikingJob validates by spike counts and by a readout, whatever the workers, and goes
// on from a file of outcomes in which layers have no vote.
func TestSpikingJob(t *testing.T) {
	for _, readout := range []bool{false, true} {
		kept := map[int]validate.Outcome{}
		job := spikingJob(t, voters(readout), 1)
		path := filepath.Join(t.TempDir(), "outcomes")
		store, _, err := validate.OpenStore[validate.Outcome](path, job.Key("none"))
		if err != nil {
			t.Fatal(err)
		}
		job.Report = func(o validate.Outcome) error {
			kept[o.Digit] = o
			if o.Digit == 2 {
				return nil
			}
			return store.Append(o)
		}
		want := report(t, job)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		classes, silent, votes := 1, []int{-1}, []int{1, 0, 1}
		if readout { // sample 2 has a row that votes for 1 after three that are even
			classes, silent, votes = 2, []int{-1, -1}, []int{1, 0, 0}
		}
		for digit, vote := range votes {
			if o, want := kept[digit], append(slices.Clone(silent), vote); !slices.Equal(o.Float, want) || !slices.Equal(o.Real, want) || !slices.Equal(o.Chip, want) {
				t.Errorf("sample %d votes %v, %v and %v, expected %v", digit, o.Float, o.Real, o.Chip, want)
			}
		}
		if l := want.Layers[0]; !l.Silent || !l.Voteless || l.SpikesFloat != 6 || l.SpikesChip != 6 || l.AccuracyChip != 0 || want.First != nil {
			t.Errorf("the hidden layer is %+v, the first divergence %v", l, want.First)
		}
		if l := want.Layers[classes]; l.Silent || l.Voteless || l.AccuracyFloat != 0.5 || l.AccuracyReal != 0.5 || l.AccuracyChip != 0.5 || l.Agreement != 1 {
			t.Errorf("the last layer is %+v", l)
		}
		if got := report(t, spikingJob(t, voters(readout), 3)); !reflect.DeepEqual(got, want) {
			t.Errorf("3 workers give %+v, one gives %+v", got, want)
		}
		again := spikingJob(t, voters(readout), 2)
		store, again.Done, err = validate.OpenStore[validate.Outcome](path, again.Key("none"))
		if err != nil {
			t.Fatal(err)
		}
		if places := slices.Sorted(maps.Keys(again.Done)); !slices.Equal(places, []int{0, 1}) {
			t.Errorf("the file has samples %v", places)
		}
		if got := report(t, again); !reflect.DeepEqual(got, want) {
			t.Errorf("resumed: %+v, expected %+v", got, want)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSigns: a spike of the other sign is another spike, twice: one has it and the other has not.
func TestSigns(t *testing.T) {
	signed := func(weight float64) spiking.Spec {
		s := voters(false)
		p := &s.Populations[0]
		p.Mode, p.Lower = spiking.Ternary, []float64{-1.5}
		s.Connections[0].Weights = []float64{weight, 0, 0, weight}
		return s
	}
	job := spikingJob(t, signed(2), 1)
	if l := report(t, job).Layers[0]; l.SpikesFloat != 6 || l.SpikesChip != 6 || l.SpikeErrors != 0 {
		t.Errorf("equal signs: found %+v", l)
	}
	job.Float = spikingJob(t, signed(-2), 1).Float
	if l := report(t, job).Layers[0]; l.SpikesFloat != 6 || l.SpikesChip != 6 || l.SpikeErrors != 12 {
		t.Errorf("other signs: found %+v", l)
	}
}

// TestTrainSample: one sample, told apart by rows, members and payloads.
func TestTrainSample(t *testing.T) {
	s := validate.TrainSample{{Row: 1, Index: 2, Payload: 3}}
	train, err := s.Train(0)
	if err != nil || s.Len() != 1 || s.Label(0) != -1 || !slices.Equal(train, spikes.Train(s)) {
		t.Errorf("found %v, %v, label %d of %d", train, err, s.Label(0), s.Len())
	}
	seen := map[string]bool{s.Digest(): true}
	for _, e := range []spikes.Event{{Row: 2, Index: 2, Payload: 3}, {Row: 1, Index: 1, Payload: 3}, {Row: 1, Index: 2, Payload: 4}} {
		seen[validate.TrainSample{e}.Digest()] = true
	}
	if len(seen) != 4 {
		t.Errorf("4 trains have %d digests", len(seen))
	}
}
