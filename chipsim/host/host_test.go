package host_test

import (
	"slices"
	"testing"

	"decc/chipsim/host"
)

// spread puts n spikes of a neuron.
func spread(counts ...int) []int32 {
	var fired []int32
	for i, n := range counts {
		for range n {
			fired = append(fired, int32(i))
		}
	}
	return fired
}

// SOEL by hand (decolle.md 5.1): target 10, offset 20; the threshold rises by 1 with every
// write and falls without one; only the neuron of the class is written.
func TestSOEL(t *testing.T) {
	s, err := host.New("soel", "out", 3, 20, host.Param{Name: "target", Value: 10})
	if err != nil {
		t.Fatal(err)
	}
	r := host.NewRunner(s)
	r.Teach(1)
	r.Begin()
	for e, step := range []struct {
		counts []int
		want   []int64
	}{
		{[]int{5, 4, 0}, []int64{20, 26, 20}},  // error 6 > 0; threshold 1
		{[]int{0, 9, 0}, []int64{20, 20, 20}},  // error 1 is not more than 1; threshold 0
		{[]int{0, 11, 9}, []int64{20, 19, 20}}, // error -1 > 0; threshold 1
		{[]int{0, 10, 0}, []int64{20, 20, 20}}, // no error; threshold 0
		{[]int{0, 0, 0}, []int64{20, 30, 20}},
	} {
		r.Row(e*20, spread(step.counts...))
		got := r.Row(e*20+19, nil)[0]
		if !slices.Equal(got, step.want) {
			t.Errorf("epoch %d: %v, expected %v", e, got, step.want)
		}
	}
	r.Begin()
	if got := r.Row(0, nil)[0]; !slices.Equal(got, []int64{0, 0, 0}) {
		t.Errorf("a new sample begins with %v", got)
	}
}

// The sign rule by hand (decolle.md 5.2): errors of all classes, those below 3 are none.
func TestSign(t *testing.T) {
	s, err := host.New("sign", "out", 3, 2, host.Param{Name: "target", Value: 10}, host.Param{Name: "dead", Value: 3}, host.Param{Name: "most", Value: 7})
	if err != nil {
		t.Fatal(err)
	}
	r := host.NewRunner(s)
	r.Teach(0)
	r.Begin()
	r.Row(0, spread(1, 2, 3))
	if got := r.Row(1, nil)[0]; !slices.Equal(got, []int64{7, 0, -3}) {
		t.Errorf("got %v", got)
	}
	r.Row(2, spread(8, 9, 0))
	if got := r.Row(3, nil)[0]; !slices.Equal(got, []int64{0, -7, 0}) {
		t.Errorf("got %v", got)
	}
}

func TestUnknown(t *testing.T) {
	if _, err := host.New("sole", "out", 1, 1); err == nil {
		t.Error("there is no program sole")
	}
}
