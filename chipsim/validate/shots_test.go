package validate

import (
	"slices"
	"testing"

	"decc/chipsim/stimulus"
	"decc/ir/spikes"
)

// Shots takes the first samples of every class in turn, and keeps their places in the file.
func TestShots(t *testing.T) {
	images := &stimulus.Images{
		Rows: 1, Cols: 1, Pixels: []byte{10, 11, 12, 13, 14, 15}, Labels: []int{2, 0, 2, 2, 1, 0}, Index: []int{5, 6, 7, 8, 9, 4},
	}
	for n, want := range map[int][]int{1: {6, 9, 5}, 2: {6, 9, 5, 4, 7}, 9: {6, 9, 5, 4, 7, 8}} {
		got, err := Shots(images, n)
		if err != nil || !slices.Equal(got.Index, want) {
			t.Errorf("%d a class: %v, %v; expected %v", n, got, err, want)
		}
	}
}

// A layer without a readout votes by its spikes between burn-in and end, the first of equals.
func TestBusiest(t *testing.T) {
	train := spikes.Train{{Row: 0, Index: 3}, {Row: 1, Index: 3}, {Row: 2, Index: 1}, {Row: 3, Index: 2}, {Row: 4, Index: 2}, {Row: 5, Index: 1}, {Row: 9, Index: 0}, {Row: 9, Index: 0}, {Row: 9, Index: 0}}
	for _, c := range []struct{ burnIn, steps, want int }{{2, 9, 1}, {0, 5, 2}, {0, 2, 3}, {0, 10, 0}, {6, 8, 0}} {
		if got := busiest(c.burnIn, c.steps, train); got != c.want {
			t.Errorf("rows %d..%d: %d, expected %d", c.burnIn, c.steps, got, c.want)
		}
	}
}
