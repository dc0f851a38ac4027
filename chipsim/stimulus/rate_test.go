package stimulus

import (
	"math"
	"slices"
	"testing"

	"decc/ir/sem"
	"decc/ir/spikes"
)

// TestRateByHand drives accumulators row by row.
func TestRateByHand(t *testing.T) {
	const steps, seed = 60, 7
	digit := excerpt(t)
	e := mustEncoder(t, "rate", 784, map[string]int64{"steps": steps, "seed": seed})
	for _, index := range []int{0, 5, 999} {
		pixels := digit.Image(index)
		hold := make([]uint64, 784)
		for p := range hold {
			hold[p] = sem.Draw(seed, sem.Key("encoder.rate.phase"), uint64(index), uint64(p)) >> 40
		}
		var want spikes.Train
		for row := range steps {
			for p, x := range pixels {
				if hold[p] += uint64(x) * whiteRate; hold[p] >= 1<<24 {
					hold[p] -= 1 << 24
					want = append(want, spikes.Event{Row: int32(row), Index: int32(p), Payload: 1})
				}
			}
		}
		if got := e.Encode(pixels, index); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("digit %d: found %d spikes, expected %d", index, len(got), len(want))
		}
	}
}

// TestRatePhases: phase zero is the encoder constant, whatever the seed; random phases
// differ between pixels, digits and seeds, and spread the spikes evenly over the rows.
func TestRatePhases(t *testing.T) {
	pixels := slices.Repeat([]byte{255}, 784)
	with := func(phase, seed int64) Encoder {
		return mustEncoder(t, "rate", 784, map[string]int64{"phase": phase, "seed": seed})
	}
	constant := mustEncoder(t, "constant", 784, nil).Encode(pixels, 0)
	if got := with(0, 3).Encode(pixels, 9); !slices.Equal(got, constant) {
		t.Error("phase zero is not the encoder constant")
	}
	one := with(phaseRandom, 3)
	if slices.Equal(one.Encode(pixels, 0), one.Encode(pixels, 1)) || slices.Equal(one.Encode(pixels, 0), with(phaseRandom, 4).Encode(pixels, 0)) {
		t.Error("the phases of two digits or seeds are equal")
	}
	train := one.Encode(pixels, 0)
	perRow := make([]int, one.Steps())
	for _, s := range train {
		perRow[s.Row]++
	}
	// 784 phases, each fires in a row with probability 0.2: 156.8 +- 11.2.
	for row, n := range perRow {
		if math.Abs(float64(n)-156.8) > 5*11.2 {
			t.Errorf("row %d has %d spikes", row, n)
		}
	}
	for p, n := range train.Counts(784) {
		if n != 19 && n != 20 { // 100 * 255 * 13158 / 2^24 = 19.9989
			t.Errorf("pixel %d has %d spikes", p, n)
		}
	}
}

func TestRateIsCapped(t *testing.T) {
	e := mustEncoder(t, "rate", 1, map[string]int64{"steps": 50, "gain_q24": fullRate})
	if n := len(e.Encode([]byte{255}, 0)); n != 50 {
		t.Errorf("found %d spikes in 50 rows", n)
	}
}

func TestWithSeed(t *testing.T) {
	pixels := excerpt(t).Image(0)
	for _, kind := range []string{"poisson", "rate"} {
		base := mustEncoder(t, kind, 784, map[string]int64{"seed": 5})
		if WithSeed(base, 5) != base || WithSeed(base, 6) != mustEncoder(t, kind, 784, map[string]int64{"seed": 6}) {
			t.Errorf("%s: WithSeed is not the parameter", kind)
		}
		if Presentation(base, 8, 0) != mustEncoder(t, kind, 784, map[string]int64{"seed": 8}) {
			t.Errorf("%s: the first pass has not the seed itself", kind)
		}
		var trains []spikes.Train
		for pass := range uint64(3) {
			trains = append(trains, Presentation(base, 8, pass).Encode(pixels, 0))
		}
		if slices.Equal(trains[0], trains[1]) || slices.Equal(trains[1], trains[2]) {
			t.Errorf("%s: two passes have the same noise", kind)
		}
		if !slices.Equal(trains[2], Presentation(base, 8, 2).Encode(pixels, 0)) {
			t.Errorf("%s: a pass is not reproducible", kind)
		}
	}
	for _, text := range []string{"constant", "latency"} {
		if e := mustEncoder(t, text, 784, nil); WithSeed(e, 9) != e {
			t.Errorf("%s changed with the seed", text)
		}
	}
	if e := mustEncoder(t, "rate", 784, map[string]int64{"phase": 0}); WithSeed(e, 9) != e {
		t.Error("rate with phase zero changed with the seed")
	}
}
