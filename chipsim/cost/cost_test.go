package cost_test

import (
	"math"
	"strings"
	"testing"

	"decc/chipsim/cost"
	"decc/ir/chip"
	"decc/ir/spikes"
)

func builtin(t *testing.T, name string) *chip.Spec {
	t.Helper()
	s, err := chip.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func near(t *testing.T, what string, got [2]float64, low, high float64) {
	t.Helper()
	if math.Abs(got[0]-low) > 1e-9 || math.Abs(got[1]-high) > 1e-9 {
		t.Errorf("%s: %v, want %g..%g", what, got, low, high)
	}
}

// byHand is 1000 rows with 100 synaptic events, 10 updates, 1 spike, 2 packets, 4 hops and 5 learning
// updates each, on 17 of 32 tiles; the busiest core has 60 events, 1 update, 0.5 spikes, 3 packets in
// and 1 out, and learns 2 synapses.
func byHand(spec *chip.Spec) cost.Load {
	l := cost.Load{
		Rows: 1000, Chips: 1, Tiles: 17, Cores: 20,
		Counts: spikes.Counts{SynapticEvents: 100_000, CompartmentUpdates: 10_000, Spikes: 1000, AxonEvents: 2000, Hops: 4000, LearningUpdates: 5000},
	}
	for range cost.Weighings(spec) {
		l.Busiest = append(l.Busiest, spikes.CoreWork{
			SynapticEvents: 60_000, CompartmentUpdates: 1000, Spikes: 500, PacketsIn: 3000, PacketsOut: 1000, LearningUpdates: 2000,
		})
	}
	return l
}

func TestEstimateByHand(t *testing.T) {
	spec := builtin(t, "loihi1")
	list := cost.Estimates(spec, byHand(spec))
	if len(list) != 2 || list[0].Set != "davies2018" || list[1].Set != "sanafe" {
		t.Fatalf("%d sets", len(list))
	}
	near(t, "energy of a row, nJ", list[0].EnergyRow, 0.1*23.6+0.01*52+0.005*120+0.002*1.7+0.004*3, 0.1*23.6+0.01*81+0.005*120+0.002*1.7+0.004*4)
	barrier := 0.113 + 16.0/31*(0.465-0.113)
	near(t, "time of a row, us", list[0].TimeRow, 0.06*3.5+0.001*5.3+0.002*6.1+barrier, 0.06*3.5+0.001*8.4+0.002*6.1+barrier)
	near(t, "energy of the run, uJ", list[0].EnergyRun, list[0].EnergyRow[0], list[0].EnergyRow[1])
	near(t, "energy by the other set", list[1].EnergyRow, 0.1*35.5+0.01*51.2+0.001*69.3+0.002*111+0.004*3, 0.1*35.5+0.01*72.8+0.001*69.3+0.002*111+0.004*4.2)
	rest := 0.06*3.8 + 0.0005*30 + 0.003*16 + 0.001*5.1 + 0.6 + 16.0/31*1.2
	near(t, "time by the other set", list[1].TimeRow, rest+0.001*6, rest+0.001*9.7)
	// A row takes no less than boards took: 5.8 us with 20 used cores, 63.669 us with a whole chip.
	near(t, "energy with boards", list[0].BoardRow,
		list[0].EnergyRow[0]+5.8*(20*0.503+18.5+0.149), list[0].EnergyRow[1]+63.669*(104+65+0.434))
	for _, e := range list {
		for _, line := range append(append(e.Energy, e.Time...), e.Board...) {
			if line.Source == "" || line.Low > line.High {
				t.Errorf("%s: %+v", e.Set, line)
			}
		}
	}
	if left := strings.Join(list[1].Missing, "\n"); !strings.Contains(left, "learning") || strings.Contains(strings.Join(list[0].Missing, "\n"), "learning") {
		t.Errorf("only SANA-FE's set has no learning: %s", left)
	}
}

// A link that takes longer than the core in some rows: the heaviest carries 9 packets a row, and takes 30 ns a row
// beyond the core by the high bound.
func TestHeaviestLink(t *testing.T) {
	spec := builtin(t, "loihi1")
	plain, l := byHand(spec), byHand(spec)
	l.Busiest[0].LinkX = 9000
	l.Busiest[1].LinkX, l.Busiest[1].LinkY, l.Busiest[1].Beyond = 7000, 2000, 30_000_000
	without, with := cost.Estimates(spec, plain)[0], cost.Estimates(spec, l)[0]
	near(t, "time of a row, us", with.TimeRow, without.TimeRow[0], without.TimeRow[1]+0.03)
	var mesh cost.Line
	for _, line := range with.Time {
		if line.Part == "mesh" {
			mesh = line
		}
	}
	if mesh.Events != 9 || mesh.Low != 0 || math.Abs(mesh.High-0.03) > 1e-12 || mesh.Source == "" {
		t.Errorf("%+v", mesh)
	}
	tally := cost.NewTally(spec)
	tally.Add(l)
	for _, p := range tally.Summaries()[0].Parts {
		if p.Part == "mesh" && p.Unit == "ms" {
			near(t, "ms of 1000 rows", p.Mean, 0, 0.03)
			return
		}
	}
	t.Error("the summary has no time of the mesh")
}

// The barrier of several chips lies between that of one and those of the systems that were measured.
func TestBarrierOfChips(t *testing.T) {
	spec := builtin(t, "loihi1")
	for chips, want := range map[int][2]float64{
		1: {0.465, 0.465}, 2: {0.465, 14.3}, 255: {0.465, 14.3}, 256: {14.3, 14.3}, 300: {14.3, 16.2}, 768: {16.2, 16.2}, 1000: {16.2, 16.2},
	} {
		e := cost.Estimates(spec, cost.Load{Rows: 1, Chips: chips, Tiles: 32 * chips})[0]
		near(t, "barrier", e.TimeRow, want[0], want[1])
		line := e.Time[len(e.Time)-1]
		if measured := strings.Contains(line.Source, "FR20"); line.Part != "barrier" || measured != (chips > 1) {
			t.Errorf("%d chips: %+v", chips, line)
		}
		if told := strings.Contains(strings.Join(e.Missing, "\n"), "barrier: that of more than one chip"); told {
			t.Errorf("%d chips: %q", chips, e.Missing)
		}
	}
	two := cost.Estimates(builtin(t, "loihi2"), cost.Load{Rows: 1, Chips: 2, Tiles: 60})[0]
	left := strings.Join(two.Missing, "\n")
	near(t, "nothing measured", two.TimeRow, 0.2, 0.2)
	if !strings.Contains(left, "barrier: that of more than one chip") || !strings.Contains(left, "full links") {
		t.Errorf("%q", two.Missing)
	}
}

// Picoseconds of both bounds, the synaptic events of which are equal.
func TestWeighings(t *testing.T) {
	w := cost.Weighings(builtin(t, "loihi1"))
	want := []spikes.CoreWork{
		{SynapticEvents: 3500, CompartmentUpdates: 5300, LearningUpdates: 6100, LinkX: 291, LinkY: 291},
		{SynapticEvents: 3500, CompartmentUpdates: 8400, LearningUpdates: 6100, LinkX: 4100, LinkY: 6500},
		{SynapticEvents: 3800, CompartmentUpdates: 6000, Spikes: 30_000, PacketsIn: 16_000, PacketsOut: 5100},
		{SynapticEvents: 3800, CompartmentUpdates: 9700, Spikes: 30_000, PacketsIn: 16_000, PacketsOut: 5100, LinkX: 4100, LinkY: 6500},
	}
	if len(w) != len(want) {
		t.Fatalf("%d weighings", len(w))
	}
	for i := range want {
		if w[i] != want[i] {
			t.Errorf("weighing %d: %+v, want %+v", i, w[i], want[i])
		}
	}
	if got := (spikes.CoreWork{SynapticEvents: 2, CompartmentUpdates: 1, Spikes: 1, PacketsIn: 1, PacketsOut: 1}).Weighed(w[2]); got != 2*3800+6000+30_000+16_000+5100 {
		t.Errorf("%d ps", got)
	}
}

// Two inferences, the second with twice the events: means, least and most in uJ and ms, whatever the
// order.
func TestTally(t *testing.T) {
	spec := builtin(t, "loihi1")
	one := byHand(spec)
	two := byHand(spec)
	two.Add(one)
	two.Rows = one.Rows
	for _, order := range [][]cost.Load{{one, two}, {two, one}} {
		tally := cost.NewTally(spec)
		for _, l := range order {
			tally.Add(l)
		}
		s := tally.Summaries()[0]
		if s.Inferences != 2 || s.Rows != 1000 {
			t.Errorf("%+v", s)
		}
		cores := s.Parts[0]
		if cores.Part != "cores" || cores.Unit != "uJ" {
			t.Fatalf("%+v", cores)
		}
		low, high := 0.1*23.6+0.01*52, 0.1*23.6+0.01*81 // nJ a row is uJ an inference of 1000 rows
		near(t, "least", cores.Min, low, high)
		near(t, "most", cores.Max, 2*low, 2*high)
		near(t, "mean", cores.Mean, 1.5*low, 1.5*high)
	}
	if cost.NewTally(spec).Summaries() != nil {
		t.Error("nothing was added")
	}
}

// The one published run of which all events are known: 1.583 mW in the cores for 16.649 us a row
// (hardware.md 4.5). By hand from the counts of a row: 757.6 + 2.4 synaptic events, 430 updates.
func TestErrorBand(t *testing.T) {
	bands := cost.Bands(builtin(t, "loihi1"))
	const measured = 1.583 * 16.649
	synapses := (63_639_945 + 197_826) / 84_000.0
	packets := (1_255_662 + 197_826) / 84_000.0
	near(t, "measured", bands[0].Measured, measured, 16.649)
	near(t, "energy", bands[0].Energy, (synapses*.0236+430*.052+packets*.0017)/measured, (synapses*.0236+430*.081+packets*.0017)/measured)
	events := 63_639_945 / 84_000.0
	near(t, "time", bands[0].Time, (events*.0035+350*.0053+.113)/16.649, (events*.0035+350*.0084+.113)/16.649)
	known := 0
	for _, b := range bands {
		t.Logf("%s, %s: energy %.2f, time %.2f", b.Run, b.Set, b.Energy, b.Time)
		if b.Source == "" || b.Note == "" || b.Energy[0] <= 0 || b.Time[0] <= 0 {
			t.Errorf("%+v", b)
		}
		if !b.Bound {
			known++
		}
	}
	if e, time := cost.Factor(bands, ""); known != 2 || e != [2]float64{bands[0].Energy[0], bands[1].Energy[1]} || time != [2]float64{bands[0].Time[0], bands[1].Time[1]} {
		t.Errorf("%d complete runs, %v, %v", known, e, time)
	}
	if e, time := cost.Factor(bands, "sanafe"); e != bands[1].Energy || time != bands[1].Time {
		t.Errorf("of one set %v, %v", e, time)
	}
	if cost.Bands(builtin(t, "loihi2")) != nil {
		t.Error("the published runs are not of Loihi 2")
	}
}

// An empty run costs the barrier; the set of Loihi 2 says that it is assumed; a chip without costs
// has no estimate.
func TestNothingToSay(t *testing.T) {
	if list := cost.Estimates(builtin(t, "emulator"), cost.Load{Rows: 1}); list != nil {
		t.Errorf("%+v", list)
	}
	e := cost.Estimates(builtin(t, "loihi1"), cost.Load{})[0]
	if e.EnergyRow != [2]float64{} || e.TimeRow != [2]float64{0.113, 0.113} {
		t.Errorf("%+v", e)
	}
	two := cost.Estimates(builtin(t, "loihi2"), cost.Load{Rows: 1})
	if len(two) != 1 || !strings.Contains(two[0].Missing[0], "assumed") {
		t.Errorf("%+v", two)
	}
}
