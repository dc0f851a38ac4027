package stimulus

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"decc/ir/spikes"
)

// readmeOutput is splitmix64_output of the checkpoints' README, word for word.
func readmeOutput(seed, n uint64) uint64 {
	z := seed + (n+1)*0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// TestPoissonIsTheRule works the rule of that README pixel by pixel.
func TestPoissonIsTheRule(t *testing.T) {
	digits := excerpt(t)
	e := mustEncoder(t, "poisson", 784, map[string]int64{"steps": 12})
	for _, d := range []int{0, 1, 999} {
		var want spikes.Train
		for row := range 12 {
			for p, x := range digits.Image(d) {
				if readmeOutput(20200512, uint64((d*4096+row)*1024+p))>>40 < uint64(x)*13158 {
					want = append(want, spikes.Event{Row: int32(row), Index: int32(p), Payload: 1})
				}
			}
		}
		if got := e.Encode(digits.Image(d), d); !slices.Equal(got, want) {
			t.Errorf("digit %d: found %d spikes, expected %d", d, len(got), len(want))
		}
	}
}

// TestPoissonStatistics counts the spikes of the first 1000 digits. The README of the
// recorded checkpoints gives 19.18 per digit and row, and so does the file of the
// checkpoint itself, where it can be read.
func TestPoissonStatistics(t *testing.T) {
	digits := excerpt(t)
	e := mustEncoder(t, "poisson", digits.Size(), nil)
	total, mean, variance := 0, 0.0, 0.0
	for i := range digits.Len() {
		total += len(e.Encode(digits.Image(i), digits.Index[i]))
		for _, x := range digits.Image(i) {
			p := float64(x) * whiteRate / (1 << 24)
			mean += p * 100
			variance += p * (1 - p) * 100
		}
	}
	perRow := fmt.Sprintf("%.2f", float64(total)/1000/100)
	if perRow != "19.18" {
		t.Errorf("found %s spikes a digit and row, expected 19.18", perRow)
	}
	if off := math.Abs(float64(total)-mean) / math.Sqrt(variance); off > 4 {
		t.Errorf("%d spikes are %.1f standard deviations from the mean %.0f", total, off, mean)
	}
	t.Run("checkpoint", func(t *testing.T) {
		if recorded := recordedRate(t); perRow != recorded {
			t.Errorf("found %s spikes a digit and row, the checkpoint says %s", perRow, recorded)
		}
	})
}

func recordedRate(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(shared(t, "data", "checkpoints", "mnist_mlp_128_128.json"))
	if err != nil {
		t.Fatal(err)
	}
	var checkpoint struct {
		Test struct {
			Rate json.Number `json:"input_spikes_per_digit_per_step"`
		} `json:"test_first_1000"`
	}
	if err := json.Unmarshal(text, &checkpoint); err != nil {
		t.Fatal(err)
	}
	return checkpoint.Test.Rate.String()
}

// TestPoissonFullRate: white at the largest gain fires in every row.
func TestPoissonFullRate(t *testing.T) {
	e := mustEncoder(t, "poisson", 2, map[string]int64{"gain_q24": fullRate, "steps": maxSteps})
	if got := e.Encode([]byte{255, 0}, 5).Counts(2); !slices.Equal(got, []int{maxSteps, 0}) {
		t.Errorf("found counts %v, expected %v", got, []int{maxSteps, 0})
	}
}

func BenchmarkPoisson(b *testing.B) {
	digits := excerpt(b)
	e := mustEncoder(b, "poisson", digits.Size(), nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d := i % digits.Len()
		e.Encode(digits.Image(d), digits.Index[d])
	}
}
