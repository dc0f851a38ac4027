package llvm_test

import (
	"context"
	"os"
	"testing"

	"decc/backends/llvm"
	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/spikes"
)

// available skips a test where programs cannot be compiled.
func available(t *testing.T) {
	t.Helper()
	if err := llvm.Available(); err != nil {
		t.Skipf("no native programs here: %v", err)
	}
}

func golden(t *testing.T, c irgen.Case) spikes.Record[int64] {
	t.Helper()
	rec, err := interp.New[int64](c.Module).Run(context.Background(), c.Request())
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func native(t *testing.T, c irgen.Case) *llvm.Engine {
	t.Helper()
	n, err := llvm.Build(t.Context(), c.Module)
	if err != nil {
		t.Fatal(err)
	}
	return n.Engine()
}

// modulesWanted is how many random modules are compiled; DECC_LONG=1 asks for 20 times as many.
func modulesWanted(n int) int {
	switch {
	case os.Getenv("DECC_LONG") == "1":
		return 20 * n
	case testing.Short():
		return n / 4
	}
	return n
}

// Native programs do what the interpreter does: all spikes, all values, all counts.
func TestNativeEqualsInterpreter(t *testing.T) {
	available(t)
	for seed := range uint64(modulesWanted(40)) {
		c := irgen.RandomCase(seed, 60, irgen.Options{Builtin: seed%4 == 0})
		e := native(t, c)
		want := golden(t, c)
		for range 2 {
			got, err := e.Run(t.Context(), c.Request())
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if d := irgen.Difference(want, got); d != "" {
				t.Fatalf("seed %d: %s", seed, d)
			}
		}
	}
}
