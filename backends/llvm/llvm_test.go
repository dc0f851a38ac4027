package llvm_test

import (
	"context"
	"os"
	"testing"

	"decc/backends/llvm"
	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/sem"
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

// learner is what both engines are.
type learner interface {
	Run(ctx context.Context, req spikes.Request) (spikes.Record[int64], error)
	Learned(synapse string, t sem.Target) []int64
}

// lessons runs a case twice: what the first run learned is there in the second.
func lessons(t *testing.T, of learner, c irgen.Case) (out [2]spikes.Record[int64]) {
	t.Helper()
	for i := range out {
		req := c.Request()
		req.Presentation += uint64(i)
		rec, err := of.Run(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.Module.Synapses {
			if s.Rule == "" {
				continue
			}
			for target := range sem.Target(len(sem.Targets)) {
				data := of.Learned(s.Name, target)
				rec.Values["learned "+target.String()+" of @"+s.Name] = spikes.Matrix[int64]{Rows: 1, N: len(data), Data: data}
			}
		}
		out[i] = rec
	}
	return out
}

// Native programs learn what the interpreter learns: all spikes, values, weights, tags and delays.
func TestNativeLearnsAsTheInterpreter(t *testing.T) {
	available(t)
	hosted, updates := 0, int64(0)
	for seed := range uint64(modulesWanted(40)) {
		c := irgen.RandomCase(seed, 60, irgen.Options{Plastic: true, Builtin: seed%4 == 0})
		if c.Request().Host != nil {
			hosted++
		}
		want, got := lessons(t, interp.New[int64](c.Module), c), lessons(t, native(t, c), c)
		for i := range want {
			updates += want[i].Counts.LearningUpdates
			if d := irgen.Difference(want[i], got[i]); d != "" {
				t.Fatalf("seed %d, lesson %d: %s", seed, i, d)
			}
		}
	}
	t.Logf("%d modules beside a host, %d updates", hosted, updates)
	if hosted == 0 || updates == 0 {
		t.Error("no host, or nothing learned")
	}
}
