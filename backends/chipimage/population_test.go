package chipimage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"decc/chipsim"
	"decc/compiler/passes"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/irgen"
)

// tight compiles a module for the chip with the fewest in-axons that it fits, so that
// sources become populations wherever they can.
func tight(t *testing.T, c irgen.Case) (*chipsim.Chip, *ir.Module) {
	t.Helper()
	spec, err := chip.Builtin("loihi2")
	if err != nil {
		t.Fatal(err)
	}
	if spec, err = spec.With("compartments", 64); err != nil {
		t.Fatal(err)
	}
	for axons := int64(1); ; axons *= 2 {
		if spec, err = spec.With("in_axons", axons); err != nil {
			t.Fatal(err)
		}
		pipeline := passes.Default(spec)
		result, err := pipeline.Run(context.Background(), c.Module)
		if err != nil && axons < 4096 {
			continue
		}
		if err == nil {
			err = passes.Check(result.Module, spec)
		}
		if err != nil {
			t.Fatal(err)
		}
		onto, err := load(t, result.Module)
		if err != nil {
			t.Fatal(err)
		}
		return onto, result.Module
	}
}

// What is shared changes nothing: random modules whose sources are atoms of populations, and whose lists are
// stored once for several in-axons, do on the chip what the interpreter does.
func TestPopulationsChangeNothing(t *testing.T) {
	populations, shifted, atoms := 0, 0, 0
	for seed := range uint64(500) {
		c := irgen.RandomCase(3000+seed, 60, irgen.Options{Loihi2: true, Builtin: seed%3 == 0})
		want := golden(t, c)
		onto, m := tight(t, c)
		compare(t, seed, want, onChip(t, onto, 1, c.Request()))
		compare(t, seed, without(want), onChip(t, onto, 8, spikesOnly(c.Request())))
		for _, k := range onto.Image().Cores {
			for _, a := range k.InAxons {
				if a.Atoms > 1 {
					populations++
				}
				if a.Offset > 0 {
					shifted++
				}
			}
		}
		for _, r := range m.Routes {
			atoms += int(min(1, r.Atom))
		}
	}
	t.Logf("%d populations, %d routes to atoms behind the first, %d lists shifted", populations, atoms, shifted)
	if populations < 1000 || atoms < populations || shifted < 20 {
		t.Error("too few for the test to mean anything")
	}
}

// A kernel that slides over 20 x 20 places of 3 channels is stored once for each way in which the
// edges cut it, 9 for 3 x 3, and channel; synapse by synapse it would be 36 times as much.
func TestKernelsAreStoredOnce(t *testing.T) {
	weights := make([]string, 3*3*3)
	for i := range weights {
		weights[i] = fmt.Sprint(2 * (i + 1))
	}
	m, err := ir.Parse(fmt.Sprintf(`module @conv {
  neuron @p { port drive:s40 spike gt(drive, 0) }
  input @in x 1200
  group @h : @p x 400
  synapse @w : @in -> @h.drive conv s8[1x3x3x3]{%s} in(3, 20, 20) padding(1, 1)
}`, strings.Join(weights, ", ")), "conv.dcir")
	if err != nil {
		t.Fatal(err)
	}
	onto, err := way{compartments: 8192}.compiled(t, m)
	if err != nil {
		t.Fatal(err)
	}
	img := onto.Image()
	var bases []uint32
	for _, a := range img.Cores[0].InAxons {
		bases = append(bases, a.Base)
	}
	slices.Sort(bases)
	// 400 compartments are more than an offset reaches, so the inner 18 rows take two copies.
	if n := len(slices.Compact(bases)); len(img.Cores) != 1 || len(bases) != 1200 || n != 3*(9+3) {
		t.Errorf("%d in-axons of %d cores have %d lists", len(bases), len(img.Cores), n)
	}
}
