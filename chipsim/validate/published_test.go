package validate_test

import (
	"os"
	"testing"

	"gopkg.in/yaml.v3"

	"decc/chipsim/cost"
	"decc/chipsim/stimulus"
	"decc/chipsim/validate"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// sequentialMNIST is the network whose labels the board gave, with its 100 images as events and the rows of each: those of
// testdata/replay/smnist-lsnn.replay.yaml.
func sequentialMNIST(t testing.TB) (m *ir.Module, inputs []spikes.Train, rows int) {
	t.Helper()
	sharedFolder(t)
	if _, err := stimulus.LocateMNIST(); err != nil {
		t.Skipf("the MNIST test images are not in the module cache (decc data fetch mnist): %v", err)
	}
	data, err := os.ReadFile("../../testdata/replay/smnist-lsnn.replay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var replay struct {
		Rows   int
		Images struct{ Indices []int }
	}
	if err := yaml.Unmarshal(data, &replay); err != nil {
		t.Fatal(err)
	}
	n, err := load(t.Context(), "../../testdata/models/smnist-lsnn.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := stimulus.FindDataSet(diag.Pos{}, "mnist")
	if err != nil {
		t.Fatal(err)
	}
	images, err := set.Open("", "test")
	if err != nil {
		t.Fatal(err)
	}
	enc, err := images.Encoder(diag.Pos{}, "threshold", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range replay.Images.Indices {
		inputs = append(inputs, enc.Encode(images.Image(i), images.Index[i]))
	}
	return n.Module, inputs, replay.Rows
}

// BenchmarkSequentialMNIST runs one image after the other, one at a time, with the voltages of the outputs that the
// labels are read from; the board took 16.65 microseconds a step.
func BenchmarkSequentialMNIST(b *testing.B) {
	for _, name := range engines(b) {
		b.Run(name, func(b *testing.B) {
			module, inputs, rows := sequentialMNIST(b)
			factory, err := validate.Prepare(b.Context(), name, module)
			if err != nil {
				b.Fatal(err)
			}
			engine := factory()
			run := func(train spikes.Train) {
				_, err := engine.Run(b.Context(), spikes.Request{
					Rows: rows, SpikesOf: []string{}, Inputs: map[string]spikes.Train{"in": train}, Probes: []spikes.Probe{{Group: "out", Variable: "v"}},
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			run(inputs[0])
			b.ResetTimer()
			for i := range b.N {
				run(inputs[i%len(inputs)])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/step")
		})
	}
}

// The events from which cost.Bands tells the error of the estimates are those of the network whose labels the board gave.
func TestEventsOfSequentialMNIST(t *testing.T) {
	module, inputs, rows := sequentialMNIST(t)
	factory, err := validate.Prepare(t.Context(), "chip", module)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := chip.Builtin("loihi1")
	if err != nil {
		t.Fatal(err)
	}
	engine, got := factory(), cost.Load{}
	for _, train := range inputs {
		rec, err := engine.Run(t.Context(), spikes.Request{
			Rows: rows, SpikesOf: []string{}, Weigh: spikes.Weighing{By: cost.Weighings(spec)},
			Inputs: map[string]spikes.Train{"in": train},
		})
		if err != nil {
			t.Fatal(err)
		}
		got.Add(cost.Load{Rows: rows, Counts: rec.Counts, Busiest: rec.Busiest, Chips: 1, Tiles: 1, Cores: 1})
	}
	want := cost.SequentialMNIST
	if got.Rows != want.Rows || got.Counts != want.Counts {
		t.Errorf("%d rows of %+v, the table has %d of %+v", got.Rows, got.Counts, want.Rows, want.Counts)
	}
	// One core does it all.
	for _, w := range got.Busiest {
		if w.SynapticEvents != want.Counts.SynapticEvents || w.CompartmentUpdates != want.Counts.CompartmentUpdates ||
			w.Spikes != want.Counts.Spikes || w.PacketsIn != want.Counts.AxonEvents || w.PacketsOut != want.Counts.AxonEvents-want.Counts.InputSpikes {
			t.Errorf("the core did %+v", w)
		}
	}
}
