package chipimage_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"decc/chipsim"
	"decc/compiler"
	"decc/compiler/passes"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/spikes"
)

// regress is where failing cases are kept, shrunk.
var regress = filepath.Join("..", "..", "testdata", "regress")

// way is one way from a module to a run on the chip that must not change anything.
type way struct {
	name string
	// compartments is what a core of the chip holds; small ones spread groups.
	compartments int64
	placement    uint64
	workers      []int
	// blind runs record spikes only, so that hand-written kernels take the place of
	// programs.
	blind bool
}

var ways = []way{
	{name: "one core", compartments: 8192, workers: []int{1}},
	{name: "one core, blind", compartments: 8192, workers: []int{1}, blind: true},
	{name: "many cores, permuted", compartments: 16, placement: 1, workers: []int{1, 2}},
	{name: "many cores, permuted otherwise, blind", compartments: 16, placement: 77, workers: []int{8}, blind: true},
}

// compiled takes a module through all passes to a chip whose image was written and read.
func (w way) compiled(t *testing.T, m *ir.Module) (*chipsim.Chip, error) {
	t.Helper()
	spec, err := chip.Builtin("loihi2")
	if err != nil {
		t.Fatal(err)
	}
	if spec, err = spec.With("compartments", w.compartments); err != nil {
		t.Fatal(err)
	}
	pipeline := passes.Default(spec)
	pipeline.Options = compiler.Options{Placement: w.placement}
	result, err := pipeline.Run(context.Background(), m)
	if err != nil {
		return nil, err
	}
	if err := passes.Check(result.Module, spec); err != nil {
		return nil, err
	}
	return load(t, result.Module)
}

// difference is how the chip differs from the interpreter on a case, or "".
func (w way) difference(t *testing.T, c irgen.Case, want spikes.Record[int64]) (string, error) {
	t.Helper()
	onto, err := w.compiled(t, c.Module)
	if err != nil {
		return "", err
	}
	req := c.Request()
	if w.blind {
		req, want = spikesOnly(req), without(want)
	}
	own := runWith(t, onto, chipsim.Options{ByCore: true}, req)
	for _, workers := range w.workers {
		for _, o := range []chipsim.Options{{Workers: workers, ShareAll: true}, {Workers: workers, ShareAll: true, ByCore: true}} {
			got := runWith(t, onto, o, req)
			if d := irgen.Difference(want, got); d != "" {
				return fmt.Sprintf("%s, %d workers, by core %t: %s", w.name, workers, o.ByCore, d), nil
			}
			if got.Counts != own.Counts {
				return fmt.Sprintf("%s, %d workers: counts %v, on the chip's cores %v", w.name, workers, got.Counts, own.Counts), nil
			}
		}
	}
	return "", nil
}

// golden is what the interpreter gives.
func golden(t *testing.T, c irgen.Case) spikes.Record[int64] {
	t.Helper()
	rec, err := interp.New[int64](c.Module).Run(context.Background(), c.Request())
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// everyWay compares all ways; the error is that of a way that does not compile.
func everyWay(t *testing.T, c irgen.Case, want spikes.Record[int64]) (string, error) {
	t.Helper()
	for _, w := range ways {
		if d, err := w.difference(t, c, want); d != "" || err != nil {
			return d, err
		}
	}
	return "", nil
}

// rowsWanted is how many random rows the comparison runs; DECC_LONG=1 asks for 20
// times as many.
func rowsWanted() int {
	switch {
	case os.Getenv("DECC_LONG") == "1":
		return 2_000_000
	case testing.Short():
		return 5_000
	}
	return 100_000
}

// The simulator, reading nothing but the image, does what the interpreter does
// reading the module: all spikes, all values, all counts, in 100,000 random rows
// (modules x rows), whatever the mapping, the placement and the number of workers.
func TestChipEqualsInterpreterThroughAllPasses(t *testing.T) {
	rows, spiked := 0, int64(0)
	for seed := uint64(1000); rows < rowsWanted(); seed++ {
		c := irgen.RandomCase(seed, 100+int(seed%8)*25, irgen.Options{Loihi2: true, Builtin: seed%3 == 0})
		rows += c.Rows
		want := golden(t, c)
		d, err := everyWay(t, c, want)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if d != "" {
			keep(t, seed, c, d)
		}
		spiked += want.Counts.Spikes
	}
	t.Logf("%d random rows, %d spikes of groups, each run %d ways", rows, spiked, len(ways))
	if spiked < int64(rows) {
		t.Errorf("only %d spikes in %d rows", spiked, rows)
	}
}

// keep shrinks a failing case and keeps it among the regressions.
func keep(t *testing.T, seed uint64, c irgen.Case, difference string) {
	t.Helper()
	small := irgen.Shrink(c, func(c irgen.Case) bool {
		d, err := everyWay(t, c, golden(t, c))
		return err == nil && d != ""
	})
	why, _ := everyWay(t, small, golden(t, small))
	path, err := irgen.Keep(regress, fmt.Sprintf("chip-%d", seed), why, small)
	if err != nil {
		t.Error(err)
	}
	t.Fatalf("seed %d: %s\nshrunk to %s: %s", seed, difference, path, why)
}

// Cases that once failed stay right.
func TestKeptCases(t *testing.T) {
	cases, err := irgen.Kept(regress)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no kept cases; the folder is gone")
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d, err := everyWay(t, c, golden(t, c))
			if err != nil {
				t.Fatal(err)
			}
			if d != "" {
				t.Error(d)
			}
		})
	}
}
