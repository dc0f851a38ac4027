package ir

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// onto is a synapse as both ways of listing tell of it.
type onto struct{ pre, post, mantissa, delay, tag int }

func vectorOf(r *rand.Rand, n, lo, hi int) *Tensor {
	x := make([]int64, n)
	for i := range x {
		x[i] = int64(lo + r.IntN(hi-lo))
	}
	return Vector(x)
}

func shaped(t *Tensor, shape ...int) *Tensor {
	t.Shape = shape
	return t
}

// inboundForms are objects of every form: matrices, kernels and lists, with delays and tags.
func inboundForms(r *rand.Rand) map[string]struct {
	s       *Synapse
	targets int
} {
	ends := make([]int64, 80)
	for i := range ends {
		ends[i] = int64(r.IntN([2]int{7, 5}[i%2]))
	}
	conv := &Conv{In: [3]int{2, 5, 4}, Stride: [2]int{1, 2}, Padding: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	kernel := shaped(vectorOf(r, 3*2*3*3, -2, 3), 3, 2, 3, 3)
	out := conv.Out(kernel.Shape)
	return map[string]struct {
		s       *Synapse
		targets int
	}{
		"matrix":  {&Synapse{Weights: shaped(vectorOf(r, 5*7, -2, 3), 5, 7), Delay: shaped(vectorOf(r, 5*7, 0, 4), 5, 7)}, 5},
		"plastic": {&Synapse{Weights: shaped(vectorOf(r, 5*7, -2, 3), 5, 7), Rule: "r", Tags: shaped(vectorOf(r, 5*7, -9, 9), 5, 7)}, 5},
		"list":    {&Synapse{Weights: vectorOf(r, 40, -2, 3), PrePost: shaped(NewTensor(ends, 80), 40, 2), Delay: vectorOf(r, 40, 0, 4), Rule: "r", Tags: vectorOf(r, 40, -9, 9)}, 5},
		"kernel":  {&Synapse{Weights: kernel, Conv: conv, Delay: Scalar(3)}, out[0] * out[1] * out[2]},
	}
}

// TestInboundIsEachByTarget: the two tell of the same synapses, those of a target in the same order, for any part of the targets.
func TestInboundIsEachByTarget(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 20 {
		for name, c := range inboundForms(r) {
			var want []onto
			number := 0
			c.s.Each(func(pre, post int, mantissa int64, delay int) {
				x := onto{pre + 10, post, int(mantissa), delay, 0}
				if c.s.Tags != nil {
					x.tag = int(c.s.Tags.At(number))
				}
				want = append(want, x)
				number++
			})
			slices.SortStableFunc(want, func(a, b onto) int { return a.post - b.post })
			if got := byTarget(NewInbound(c.s, c.targets, 10), c.targets, 1+r.IntN(3)); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: found\n%v\nexpected\n%v", name, got, want)
			}
		}
	}
}

// byTarget reads an object so many targets at once.
func byTarget(in *Inbound, targets, step int) []onto {
	var list []onto
	var scratch Arrivals
	for first := 0; first < targets; first += step {
		n := min(step, targets-first)
		x, k := in.Onto(first, n, &scratch), 0
		for post := first; post < first+n; post++ {
			for range in.Start[post+1] - in.Start[post] {
				one := onto{int(x.Pre[k]), post, int(x.Mantissa[k]), int(x.Delay[k]), 0}
				if len(x.Tag) > 0 {
					one.tag = int(x.Tag[k])
				}
				list = append(list, one)
				k++
			}
		}
	}
	return list
}
