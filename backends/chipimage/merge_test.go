package chipimage_test

import (
	"slices"
	"testing"

	"decc/chipsim"
	"decc/ir/spikes"
)

// TestProbesInTheMiddleOfARun: a run that nobody looked at goes on with probes, and then without, as one that was
// looked at all the time: states move between lanes of 32 bits and those that probes read.
func TestProbesInTheMiddleOfARun(t *testing.T) {
	chip, err := load(t, mapped(digitNet(t, 784, 64), 2, 1))
	if err != nil {
		t.Fatal(err)
	}
	probe, train := []spikes.Probe{{Group: "h1", Variable: "v"}}, digit(90)
	whole := runWith(t, chip, chipsim.Options{ByCore: true}, spikes.Request{Rows: 90, Inputs: map[string]spikes.Train{"in": train}, Probes: probe})
	want, n := whole.Values[probe[0].Key()], 64
	s := chip.NewSession(chipsim.Options{})
	for part := range 3 {
		req := spikes.Request{Rows: 30, Inputs: map[string]spikes.Train{"in": within(train, 30*part, 30)}}
		if part == 1 {
			req.Probes = probe
		}
		run := s.Continue
		if part == 0 {
			run = s.Run
		}
		rec, err := run(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if got := rec.Spikes["h1"]; !slices.Equal(got, within(whole.Spikes["h1"], 30*part, 30)) {
			t.Errorf("part %d: %d spikes, of the whole run %d", part, len(got), len(within(whole.Spikes["h1"], 30*part, 30)))
		}
		if part == 1 && !slices.Equal(rec.Values[probe[0].Key()].Data, want.Data[30*n:60*n]) {
			t.Error("other voltages than those of the whole run")
		}
	}
	if len(whole.Spikes["h1"]) == 0 {
		t.Error("nothing spikes")
	}
}

// within is the events of n rows from first on, by rows from there.
func within(train spikes.Train, first, n int) spikes.Train {
	var part spikes.Train
	for _, e := range train {
		if k := int(e.Row) - first; k >= 0 && k < n {
			e.Row = int32(k)
			part = append(part, e)
		}
	}
	return part
}
