package simd

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestRows holds the loops of this processor against those in Go, with the greatest sums that may come.
func TestRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Lanes * rapid.IntRange(1, 12).Draw(t, "sixteens")
		byByte := rapid.SliceOfN(rapid.Int8(), n, n)
		stage, want := make([]int16, n+Lanes), make([]int16, n+Lanes)
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			row := byByte.Draw(t, "row")
			for range rapid.IntRange(1, MostRows/4).Draw(t, "times") {
				AddRow(stage, row)
				addRowGo(want, row)
			}
		}
		if !slices.Equal(stage, want) {
			t.Fatalf("lanes %v, want %v", stage, want)
		}
		into := rapid.SliceOfN(rapid.Int64Range(-1<<39, 1<<39), n, n).Draw(t, "accumulators")
		sums, shift := slices.Clone(into), rapid.UintRange(0, 20).Draw(t, "shift")
		Drain(into, stage[:n], shift)
		drainGo(sums, want[:n], shift)
		if !slices.Equal(into, sums) || !slices.Equal(stage, want) {
			t.Fatalf("accumulators %v, want %v; lanes %v, want %v", into, sums, stage, want)
		}
	})
}

// TestMostRows: the greatest sums do not overflow.
func TestMostRows(t *testing.T) {
	for _, w := range []int8{-128, 127} {
		stage, into := make([]int16, Lanes), make([]int64, Lanes)
		for range MostRows {
			AddRow(stage, slices.Repeat([]int8{w}, Lanes))
		}
		if Drain(into, stage, 6); into[0] != int64(w)*MostRows<<6 {
			t.Errorf("%d times %d is %d", MostRows, w, into[0])
		}
	}
}

func TestSum(t *testing.T) {
	words := make([]uint64, 5*Lanes)
	for i := range words {
		words[i] = uint64(i) * 0x9e3779b97f4a7c15
	}
	for n := 0; n <= len(words); n += Lanes {
		if got, want := Sum(words[:n]), sumGo(words[:n]); got != want {
			t.Errorf("%d words: %d, want %d", n, got, want)
		}
	}
}

func BenchmarkAddRow(b *testing.B) {
	stage, row := make([]int16, 1024), make([]int8, 1024)
	b.SetBytes(1024)
	for b.Loop() {
		AddRow(stage, row)
	}
}
