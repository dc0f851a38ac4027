package ir

import (
	"math/rand/v2"
	"testing"
)

// TestFanInIsThatOfTheList compares the counts from kernels with the synapses listed one by one, over
// strides, paddings, dilations, groups and weights of 0.
func TestFanInIsThatOfTheList(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		groups := 1 + r.IntN(2)
		kernel := []int{groups * (1 + r.IntN(2)), 1 + r.IntN(3), 1 + r.IntN(4), 1 + r.IntN(4)}
		pair := func(least, most int) [2]int { return [2]int{least + r.IntN(most), least + r.IntN(most)} }
		c := &Conv{In: [3]int{groups * kernel[1], 4 + r.IntN(5), 4 + r.IntN(5)}, Stride: pair(1, 3), Padding: pair(0, 4), Dilation: pair(1, 2), Groups: groups}
		if c.Check(kernel) != nil {
			continue
		}
		weights := make([]int64, kernel[0]*kernel[1]*kernel[2]*kernel[3])
		for i := range weights {
			weights[i] = int64(r.IntN(3) - 1)
		}
		x := &Synapse{Conv: c, Weights: NewTensor(weights, kernel...)}
		got := c.FanIn(x.Weights)
		want := make([]int, len(got))
		x.Each(func(_, post int, _ int64, _ int) { want[post]++ })
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("kernel %v, %+v: target %d hears %d, listed %d", kernel, *c, i, got[i], want[i])
			}
		}
	}
}
