package passes

import (
	"testing"

	"decc/ir/irgen"
)

// TestMostIsAtLeastWhatPackingTakes holds the bounds that spare packing against it, on random modules cut at random.
func TestMostIsAtLeastWhatPackingTakes(t *testing.T) {
	for seed := range uint64(200) {
		a := newAtlas(irgen.Random(seed, irgen.Options{Loihi2: true}), profile(t, "loihi2"))
		var content []stretch
		for i, g := range a.groups {
			if n := g.N * int(1+seed%4) / 4; n > 0 {
				content = append(content, stretch{i, g.N - n, n})
			}
		}
		u := a.measure(content)
		r := a.reach(content)
		var counted usage
		a.countTables(content, &counted)
		most := a.most(content, r, counted)
		for _, i := range []int{useWords, useBytes, useFormats} {
			if u[i] > most[i] {
				t.Errorf("seed %d: %d %s, the bound is %d", seed, u[i], resources[i].noun, most[i])
			}
		}
		if got, want := a.shareOf(content), a.share(&u); got != want || a.fits(content) != (u.over(a.chip) < 0) {
			t.Errorf("seed %d: share %d, measured %d", seed, got, want)
		}
	}
}
