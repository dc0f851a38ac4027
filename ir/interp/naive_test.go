package interp_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/spikes"
)

// regress is where failing cases are kept, shrunk.
var regress = filepath.Join("..", "..", "testdata", "regress")

// rowsWanted is how many random rows the comparisons run; DECC_LONG=1 asks for 20
// times as many.
func rowsWanted(n int) int {
	if os.Getenv("DECC_LONG") == "1" {
		return 20 * n
	}
	return n
}

func run[V int64 | float64](t *testing.T, c irgen.Case) spikes.Record[V] {
	t.Helper()
	rec, err := interp.New[V](c.Module).Run(context.Background(), c.Request())
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// fail shrinks a failing case, keeps it and reports where.
func fail(t *testing.T, name string, seed uint64, c irgen.Case, difference func(c irgen.Case) string) {
	t.Helper()
	small := irgen.Shrink(c, func(c irgen.Case) bool { return difference(c) != "" })
	why := difference(small)
	path, err := irgen.Keep(regress, name, why, small)
	if err != nil {
		t.Error(err)
	}
	t.Fatalf("seed %d: %s\nshrunk to %s: %s", seed, difference(c), path, why)
}

// The interpreter is the naive reading of the definition: all spikes, all
// observables of all members, all counts.
func TestInterpreterIsNaive(t *testing.T) {
	difference := func(c irgen.Case) string {
		return irgen.Difference(irgen.Naive(c.Module, c.Inputs, c.Rows), run[int64](t, c))
	}
	spiked, rows := 0, 0
	for seed := uint64(0); rows < rowsWanted(3000); seed++ {
		c := irgen.RandomCase(seed, 5+int(seed%40), irgen.Options{Builtin: seed%4 == 0})
		rows += c.Rows
		if difference(c) != "" {
			fail(t, "interp-naive", seed, c, difference)
		}
		if run[int64](t, c).Counts.Spikes > 0 {
			spiked++
		}
	}
	t.Logf("%d random rows, %d modules that spike", rows, spiked)
	if spiked < 50 {
		t.Errorf("only %d modules spike", spiked)
	}
}

// Where nothing rounds and nothing wraps, reals and integers agree in every value.
func TestRealsAreIntegersWithoutRounding(t *testing.T) {
	difference := func(c irgen.Case) string {
		return irgen.Difference(asReal(run[int64](t, c)), run[float64](t, c))
	}
	spiked, rows := 0, 0
	for seed := uint64(0); rows < rowsWanted(10_000); seed++ {
		c := irgen.RandomCase(seed, irgen.ExactRows, irgen.Options{Exact: true})
		rows += c.Rows
		if d := difference(c); d != "" { // not shrunk: less of a program may well round
			t.Fatalf("seed %d: %s\n%s", seed, d, c.Text())
		}
		if run[int64](t, c).Counts.Spikes > 0 {
			spiked++
		}
	}
	t.Logf("%d random rows, %d modules that spike", rows, spiked)
	if spiked < 100 {
		t.Errorf("only %d modules spike", spiked)
	}
}

func asReal(r spikes.Record[int64]) spikes.Record[float64] {
	real := spikes.Record[float64]{Spikes: r.Spikes, Counts: r.Counts, Values: map[string]spikes.Matrix[float64]{}}
	for key, m := range r.Values {
		data := make([]float64, len(m.Data))
		for i, x := range m.Data {
			data[i] = float64(x)
		}
		real.Values[key] = spikes.Matrix[float64]{Rows: m.Rows, N: m.N, Data: data}
	}
	return real
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
			if d := irgen.Difference(irgen.Naive(c.Module, c.Inputs, c.Rows), run[int64](t, c)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A machine starts anew with every run.
func TestRunTwice(t *testing.T) {
	for seed := range uint64(40) {
		c := irgen.RandomCase(seed, 15, irgen.Options{})
		machine := interp.New[int64](c.Module)
		first, err := machine.Run(context.Background(), c.Request())
		if err != nil {
			t.Fatal(err)
		}
		second, err := machine.Run(context.Background(), c.Request())
		if err != nil {
			t.Fatal(err)
		}
		if d := irgen.Difference(first, second); d != "" {
			t.Fatalf("seed %d: the second run of a machine differs: %s", seed, d)
		}
	}
}
