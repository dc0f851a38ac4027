package passes

import (
	"slices"
	"testing"

	"decc/compiler"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/irgen"
)

// mapped takes a module through the passes with a mapper and holds the result against the checker.
func mapped(t testing.TB, s *chip.Spec, m *ir.Module, o compiler.Options) (*ir.Module, Mapping) {
	t.Helper()
	p := Default(s)
	p.Options = o
	result := runPipeline(t, &p, m)
	if err := Check(result.Module, s); err != nil {
		t.Fatal(err)
	}
	return result.Module, Measure(result.Module, s, o.Mapper, o.Traffic)
}

// TestMultilevelFindsTheNeighbourhoods: where the numbers of compartments say nothing of who
// talks to whom, the multilevel mapper finds it out: on these two networks it needs less than
// half of the packets and a third of the spike-hops.
func TestMultilevelFindsTheNeighbourhoods(t *testing.T) {
	s := profile(t, "loihi1")
	for _, m := range []*ir.Module{sheet(t, 70, true), communities(t, 30)} {
		_, plain := mapped(t, s, m, compiler.Options{Mapper: Sequential})
		_, found := mapped(t, s, m, compiler.Options{})
		if found.Packets*2 > plain.Packets || found.Hops*3 > plain.Hops || found.Cores > plain.Cores {
			t.Errorf("%s: %d cores, %v packets, %v hops; in sequence %d, %v, %v", m.Name, found.Cores, found.Packets, found.Hops, plain.Cores, plain.Packets, plain.Hops)
		}
	}
}

// TestMultilevelIsNeverWorse: what the sequential mapper does better stays as it is, and every module
// that it maps is mapped, on cramped chips too.
func TestMultilevelIsNeverWorse(t *testing.T) {
	s := profile(t, "loihi2", "compartments=16", "cores=8", "chips=1000", "out_axons=60")
	for seed := range uint64(60) {
		m := irgen.Random(seed, irgen.Options{Loihi2: true})
		p := Default(s)
		p.Options.Mapper = Sequential
		if _, err := p.Run(t.Context(), m); err != nil {
			continue
		}
		_, plain := mapped(t, s, m, p.Options)
		_, found := mapped(t, s, m, compiler.Options{})
		cost := func(x Mapping) float64 { return (x.Packets + x.InputPackets + 0.001) * float64(x.Cores) }
		if cost(found) > cost(plain) {
			t.Errorf("seed %d: %d cores and %v packets, in sequence %d and %v", seed, found.Cores, found.Packets, plain.Cores, plain.Packets)
		}
	}
}

// TestMappingIsTheSameAgain: the divisions run side by side, and nothing of it shows.
func TestMappingIsTheSameAgain(t *testing.T) {
	s, m := profile(t, "loihi1"), communities(t, 12)
	first, _ := mapped(t, s, m, compiler.Options{})
	again, _ := mapped(t, s, m, compiler.Options{})
	if ir.Digest(first) != ir.Digest(again) {
		t.Error("the same module was mapped differently")
	}
}

// TestTrafficKeepsTalkersTogether: of two groups that want to be near a third, the one that spikes more is.
func TestTrafficKeepsTalkersTogether(t *testing.T) {
	s, m := profile(t, "loihi1"), communities(t, 12)
	loud := make([]int64, 12*150)
	for i := range loud {
		loud[i] = OneSpike * int64(1+i%50)
	}
	_, weighed := mapped(t, s, m, compiler.Options{Traffic: map[string][]int64{"h": loud}})
	blind, _ := mapped(t, s, m, compiler.Options{})
	if got := Measure(blind, s, "", map[string][]int64{"h": loud}); weighed.Packets > got.Packets {
		t.Errorf("%v packets when weighed, %v when not", weighed.Packets, got.Packets)
	}
}

// TestMeasureByHand: two cores three tiles apart. @x of 3 sends to @y of 2 on the other core.
func TestMeasureByHand(t *testing.T) {
	m := feedForward(t, 0, 4, 3, 2)
	s := profile(t, "loihi1", "compartments=3")
	p := Default(s)
	p.Options.Mapper = Sequential
	placed := runPipeline(t, &p, m).Module
	placed.Cores[1].X, placed.Cores[1].Y, placed.Cores[1].Z = 2, 1, 0
	got := Measure(placed, s, Sequential, map[string][]int64{placed.Inputs[0].Name: {OneSpike / 2}})
	want := []LinkLoad{{0, 0, "east", 3}, {1, 0, "east", 3}, {2, 0, "south", 3}}
	if got.InputPackets != 2 || got.Packets != 3 || got.Hops != 9 || got.LocalPackets != 0 || !slices.Equal(got.Links, want) {
		t.Errorf("found %+v, expected 4 half packets from the host, 3 between the cores over 3 links each", got)
	}
}

// TestHilbertVisitsNeighbours: each step of the curve goes to a neighbour, and every square is visited.
func TestHilbertVisitsNeighbours(t *testing.T) {
	const side = 16
	at := map[int][2]int{}
	for y := range side {
		for x := range side {
			at[hilbert(side, x, y)] = [2]int{x, y}
		}
	}
	for d := 1; d < side*side; d++ {
		a, b := at[d-1], at[d]
		if dx, dy := a[0]-b[0], a[1]-b[1]; dx*dx+dy*dy != 1 {
			t.Fatalf("step %d goes from %v to %v", d, a, b)
		}
	}
}

// TestSwapGains compares the gain of a change of places with the hops counted before and after.
func TestSwapGains(t *testing.T) {
	s := profile(t, "loihi1", "compartments=64")
	m, _ := mapped(t, s, communities(t, 20), compiler.Options{Mapper: Sequential})
	a := newAtlas(m, s)
	a.traffic = a.spikes(nil)
	links, err := a.linksOf(t.Context(), a.contents())
	if err != nil {
		t.Fatal(err)
	}
	f := newFloor(s, links, curve(s, len(links)))
	total := func() int64 {
		sum := int64(0)
		for c, list := range links {
			for _, l := range list {
				sum += l.load * int64(s.Hops(f.slot[c], f.slot[l.to]))
			}
		}
		return sum / 2
	}
	gained := 0
	for c := range min(len(links), 20) {
		for slot := range s.Cores {
			before, want := total(), f.gain(c, slot)
			if want <= 0 {
				continue
			}
			gained++
			f.swap(c, slot)
			if got := before - total(); got != want {
				t.Fatalf("core %d to slot %d saves %d hops, foretold were %d", c, slot, got, want)
			}
		}
	}
	if gained == 0 {
		t.Error("no change gains")
	}
}
