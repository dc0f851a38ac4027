package validate_test

import (
	"os"
	"testing"

	"gopkg.in/yaml.v3"

	"decc/chipsim/cost"
	"decc/chipsim/stimulus"
	"decc/chipsim/validate"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// The events from which cost.Bands tells the error of the estimates are those of the network whose
// labels the board gave: the 100 images of testdata/replay/smnist-lsnn.replay.yaml.
func TestEventsOfSequentialMNIST(t *testing.T) {
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
	factory, err := validate.Prepare(t.Context(), "chip", n.Module)
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
	spec, err := chip.Builtin("loihi1")
	if err != nil {
		t.Fatal(err)
	}
	engine, got := factory(), cost.Load{}
	for _, i := range replay.Images.Indices {
		rec, err := engine.Run(t.Context(), spikes.Request{
			Rows: replay.Rows, SpikesOf: []string{}, Weigh: spikes.Weighing{By: cost.Weighings(spec)},
			Inputs: map[string]spikes.Train{"in": enc.Encode(images.Image(i), images.Index[i])},
		})
		if err != nil {
			t.Fatal(err)
		}
		got.Add(cost.Load{Rows: replay.Rows, Counts: rec.Counts, Busiest: rec.Busiest, Chips: 1, Tiles: 1, Cores: 1})
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
