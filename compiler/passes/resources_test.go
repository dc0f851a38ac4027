package passes

import (
	"fmt"
	"testing"

	"decc/ir"
	"decc/ir/sem"
)

// Counted by hand: core 0 holds @x[0:2] and @h[0:2].
func TestResourcesByHand(t *testing.T) {
	m := joined(t)
	s := profile(t, "loihi1")
	use := Resources(m, s)
	if len(use) != 3 || len(use[0].Uses) != len(resources) {
		t.Fatalf("%d cores, %d resources", len(use), len(use[0].Uses))
	}
	for resource, want := range map[int]int{
		useCompartments: 4,
		useInAxons:      3 + 1, // the inputs, and @h[3] for @x[0]
		useOutAxons:     2 + 1, // @h[0] and @h[1] to @out, @h[0] to @x[3] on core 1
		useAccumulators: 4 * 8, // delay 3 takes 5 slots, so 8
		useCxProfiles:   2,     // @auxiliary and @cuba
		useVthProfiles:  2,     // 64 and 128
		useCoreProfiles: 1,     // vmin and vmax of @cuba
		useFormats:      2,     // one for @w, one for @rec
	} {
		u := use[0].Uses[resource]
		limit, _ := s.Limit(u.Resource)
		if u.Used != want || int64(u.Limit) != limit.Value {
			t.Errorf("core 0 uses %d of %d %s, want %d", u.Used, u.Limit, u.Resource, want)
		}
	}
	bytes := 2*4 + 2*(4+4+1) + 2*4 + 8*use[0].Uses[useWords].Used // x: u; h: u, v, c, own vth
	if got := use[0].Uses[useBytes].Used; got != bytes {
		t.Errorf("%d bytes, want %d", got, bytes)
	}
}

// An out-axon to another chip takes two entries, before and after placement.
func TestOutAxonsToAnotherChipCostMore(t *testing.T) {
	f := sem.WeightFormat{Bits: 8, Sign: sem.Excitatory}
	m, err := ir.NewBuilder("net", sem.Silicon).Group("a", "cuba", 1).Group("b", "cuba", 2).
		Dense("w", "a", "b", "drive", f, []int64{1, 1}).Build()
	if err != nil {
		t.Fatal(err)
	}
	s := profile(t, "loihi1", "compartments=1", "cores=2")
	p := Default(s)
	for stop := 3; stop <= len(p.Passes); stop++ {
		part := p
		part.Passes = p.Passes[:stop]
		use := Resources(runPipeline(t, &part, m).Module, s)
		got := fmt.Sprint(use[0].Uses[useOutAxons].Used, use[1].Uses[useOutAxons].Used, use[2].Chip)
		if got != "3 0 1" {
			t.Errorf("after %d passes: %s, want 3 0 1", stop, got)
		}
	}
}

func TestPercent(t *testing.T) {
	for _, c := range []struct{ used, limit, want int }{{0, 10, 0}, {1, 1000, 1}, {10, 10, 100}, {11, 10, 110}} {
		if got := (Use{Used: c.used, Limit: c.limit}).Percent(); got != c.want {
			t.Errorf("%d of %d: %d %%, want %d", c.used, c.limit, got, c.want)
		}
	}
}
