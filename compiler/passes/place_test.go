package passes

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"decc/ir"
)

func cancelled(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// A permuted placement uses the same places of each chip, moves something, and
// changes nothing but coordinates.
func TestPermutedPlacement(t *testing.T) {
	m := feedForward(t, 0, 20, 30, 4)
	changes := []string{"compartments=4", "cores=6"}
	plain := compile(t, "loihi2", m, changes...)
	p := Default(profile(t, "loihi2", changes...))
	texts := map[string]bool{}
	for seed := range uint64(6) {
		p.Options.Placement = seed
		got := runPipeline(t, &p, m).Module
		if err := Check(got, p.Chip); err != nil {
			t.Fatal(err)
		}
		if a, b := places(plain), places(got); !slices.Equal(a, b) {
			t.Errorf("seed %d uses places %v, in sequence they are %v", seed, b, a)
		}
		texts[ir.Text(got)] = true
		for i, c := range got.Cores {
			if c.ChipID != plain.Cores[i].ChipID {
				t.Errorf("seed %d: core %d moved from chip %d to %d", seed, c.ID, plain.Cores[i].ChipID, c.ChipID)
			}
			c.X, c.Y, c.Z = plain.Cores[i].X, plain.Cores[i].Y, plain.Cores[i].Z
		}
		if ir.Text(got) != ir.Text(plain) {
			t.Errorf("seed %d changes more than coordinates", seed)
		}
	}
	if len(texts) < 4 {
		t.Errorf("6 seeds give %d placements", len(texts))
	}
}

func places(m *ir.Module) []string {
	var list []string
	for _, c := range m.Cores {
		list = append(list, fmt.Sprint(c.ChipID, c.X, c.Y, c.Z))
	}
	slices.Sort(list)
	return list
}
