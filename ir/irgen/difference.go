package irgen

import (
	"fmt"
	"maps"
	"slices"

	"decc/ir/spikes"
)

// Difference tells the first difference of two records in rows, or "": spikes by
// group, then the values that both recorded, then the counts that do not depend on
// cores. Want and got name the records in the text.
func Difference[V int64 | float64](want, got spikes.Record[V]) string {
	for _, name := range bothKeys(want.Spikes, got.Spikes) {
		if d := trainDifference(want.Spikes[name], got.Spikes[name]); d != "" {
			return "spikes of @" + name + ": " + d
		}
	}
	for _, key := range bothKeys(want.Values, got.Values) {
		if d := matrixDifference(want.Values[key], got.Values[key]); d != "" {
			return key + ": " + d
		}
	}
	w, g := want.Counts, got.Counts
	w.AxonEvents, w.Hops, g.AxonEvents, g.Hops = 0, 0, 0, 0
	if w != g {
		return fmt.Sprintf("counts: want %+v, got %+v", w, g)
	}
	return ""
}

// bothKeys are the keys of either map, sorted.
func bothKeys[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func trainDifference(want, got spikes.Train) string {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			return fmt.Sprintf("want %+v, got no more", want[i])
		case i >= len(want):
			return fmt.Sprintf("want no more, got %+v", got[i])
		case want[i] != got[i]:
			return fmt.Sprintf("want %+v, got %+v", want[i], got[i])
		}
	}
	return ""
}

func matrixDifference[V int64 | float64](want, got spikes.Matrix[V]) string {
	if want.Rows != got.Rows || want.N != got.N || len(want.Data) != len(got.Data) {
		return fmt.Sprintf("want %d rows of %d, got %d rows of %d", want.Rows, want.N, got.Rows, got.N)
	}
	for i, x := range want.Data {
		if got.Data[i] != x {
			return fmt.Sprintf("row %d, member %d: want %v, got %v", i/want.N, i%want.N, x, got.Data[i])
		}
	}
	return ""
}
