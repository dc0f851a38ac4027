package bench

import (
	"context"
	"errors"
	"testing"

	"decc/chipsim/validate"
	"decc/ir"
	"decc/ir/spikes"
)

// TestBoard: the network is the same every time, fills its cores, is as busy as it says, and both engines count alike.
func TestBoard(t *testing.T) {
	b := Board{Cores: 3, FanIn: 32}
	m, err := b.Module()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.Module(); err != nil || !ir.Equal(m, again) {
		t.Errorf("made twice it is not the same (%v)", err)
	}
	var counts [2]spikes.Counts
	for i, engine := range []string{"chip", "interp"} {
		factory, err := validate.Prepare(t.Context(), engine, m)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := factory().Run(t.Context(), spikes.Request{Rows: rowsOf, SpikesOf: []string{}})
		if err != nil {
			t.Fatal(err)
		}
		counts[i] = rec.Counts
	}
	if counts[0].Spikes != counts[1].Spikes || counts[0].SynapticEvents != counts[1].SynapticEvents {
		t.Errorf("the engines count\n%+v\n%+v", counts[0], counts[1])
	}
	if share := float64(counts[0].Spikes) / float64(3*ofCore*rowsOf); share < 0.005 || share > 0.05 {
		t.Errorf("%.2f %% of the compartments spike in a row", 100*share)
	}
}

func TestMeasureBoard(t *testing.T) {
	var steps []string
	measure := func(b Board) Scale {
		s, err := b.Measure(t.Context(), t.TempDir(), 1, func(step string) { steps = append(steps, step) })
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	whole, half := measure(Board{Cores: 4, FanIn: 32}), measure(Board{Cores: 4, FanIn: 16})
	if whole.Compartments != 4096 || whole.Synapses != 4096*32 || whole.Events < 1000 || len(steps) != 12 {
		t.Errorf("%+v after %v", whole, steps)
	}
	if bits := float64(8*whole.ImageBytes) / float64(whole.Synapses); bits < 3 || bits > 12 {
		t.Errorf("%.2f bits a synapse in the image, of which 3 are its weight", bits)
	}
	if synapse, compartment := Shares(whole, half); synapse < 1 || synapse > 16 || compartment < 1 {
		t.Errorf("%.2f bytes a synapse and %.0f a compartment when loaded", synapse, compartment)
	}
}

func TestMeasureBoardEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Board{Cores: 2, FanIn: 2}).Measure(ctx, t.TempDir(), 1, func(string) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("found %v", err)
	}
}
