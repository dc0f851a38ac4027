package image

import (
	"testing"

	"decc/ir/sem"
)

// everyFormat visits all weight formats of all profiles.
func everyFormat(visit func(p sem.ProfileID, w sem.WeightFormat)) {
	for p := range sem.ProfileID(len(sem.Profiles)) {
		for bits := range 9 {
			for exp := sem.MinWeightExp; exp <= sem.MaxWeightExp; exp++ {
				for sign := range sem.SignMode(len(sem.SignNames)) {
					visit(p, sem.WeightFormat{Bits: bits, Exp: exp, Sign: sign})
				}
			}
		}
	}
}

// The stored number keeps the effective weight of every mantissa.
func TestStoredWeightKeepsEffectiveWeight(t *testing.T) {
	everyFormat(func(p sem.ProfileID, w sem.WeightFormat) {
		weight := sem.Profiles[p].Weight
		for m := int64(-256); m <= 255; m++ {
			code := StoreWeight(p, w, m)
			back := LoadWeight(w, code)
			if got, want := weight(w, back), weight(w, m); got != want {
				t.Fatalf("%s %+v: mantissa %d is stored as %d and read as %d: weight %d, not %d", p, w, m, code, back, got, want)
			}
			if again := StoreWeight(p, w, back); again != code {
				t.Fatalf("%s %+v: %d is stored as %d, then as %d", p, w, m, code, again)
			}
		}
	})
}

// A field of the chosen coding and width holds every number between the least and
// the greatest that it was chosen for, and those of the format's own sign need no
// more bits than the format has.
func TestWeightField(t *testing.T) {
	everyFormat(func(p sem.ProfileID, w sem.WeightFormat) {
		lo, hi := int64(0), int64(0)
		for m := int64(-256); m <= 255; m++ {
			x := StoreWeight(p, w, m)
			lo, hi = min(lo, x), max(hi, x)
		}
		coding, width := weightField(w, lo, hi)
		for x := lo; x <= hi; x++ {
			if got := coding.number(coding.field(x, width), width); got != x {
				t.Fatalf("%s %+v: %d comes back from coding %d of %d bits as %d", p, w, x, coding, width, got)
			}
		}
	})
	cases := []struct {
		w      sem.WeightFormat
		lo, hi int64
		coding Coding
		width  uint8
	}{
		{sem.WeightFormat{Bits: 8}, -128, 127, Twos, 8},
		{sem.WeightFormat{Bits: 8, Sign: sem.Excitatory}, 0, 255, Positive, 8},
		{sem.WeightFormat{Bits: 8, Sign: sem.Inhibitory}, -255, 0, Negative, 8},
		{sem.WeightFormat{Bits: 8, Sign: sem.Inhibitory}, -256, 0, Negative, 9},
		{sem.WeightFormat{Bits: 8, Sign: sem.Excitatory}, -1, 255, Twos, 9},
		{sem.WeightFormat{Bits: 7}, -64, 63, Twos, 8}, // the chip has no 7-bit field
		{sem.WeightFormat{Bits: 0}, 0, 0, Twos, 0},
	}
	for _, c := range cases {
		if coding, width := weightField(c.w, c.lo, c.hi); coding != c.coding || width != c.width {
			t.Errorf("%+v %d..%d: coding %d of %d bits, want %d of %d", c.w, c.lo, c.hi, coding, width, c.coding, c.width)
		}
	}
}
