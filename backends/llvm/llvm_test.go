package llvm_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"decc/backends/llvm"
	"decc/ir"
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
	for seed := range uint64(modulesWanted(32)) {
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
	for seed := range uint64(modulesWanted(20)) {
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
	if !testing.Short() && hosted == 0 || updates == 0 {
		t.Error("no host, or nothing learned")
	}
}

// Cases that once failed on another engine are right.
func TestKeptCases(t *testing.T) {
	available(t)
	cases, err := irgen.Kept(filepath.Join("..", "..", "testdata", "regress"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("%d kept cases: %v", len(cases), err)
	}
	for name, c := range cases {
		got, err := native(t, c).Run(t.Context(), c.Request())
		if err != nil {
			t.Fatal(err)
		}
		if d := irgen.Difference(golden(t, c), got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// emulated is a network that learns under the semantics of an emulator whose learning has no epochs of its own: all gates,
// constants, signs, traces that round, and errors for nengo-loihi.
const emulated = `module @emulated semantics(%s) seed(%d) {
  neuron @lif {
    state v:s33
    port drive:s52 force:s52
    v = shrf(mul(add(v, clamp(drive, -100000, 100000)), 3), 2)
    error = clamp(shrf(v, 6), -200, 200)
    spike or(gt(v, 3000), gt(force, 0))
  }
  input @in x 9
  input @teacher x 5
  group @a : @lif x 5
  rule @r epoch(%d) {
    x1 impulse(20) fraction(77) tau(2432)
    x2 impulse(7) fraction(192) tau(768)
    y1 %s
    y2 impulse(11) fraction(154) tau(1088)
    dw "%s"
  }
  synapse @t : @teacher -> @a.force dense s8[5x5]{2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 2}
  synapse @w : @in -> @a.drive dense s8[5x9]{%s} bits(8) exp(0) sign(mixed) learn(@r)
}`

// Native programs learn as the interpreter under the semantics of every emulator, from drawn thresholds too.
func TestNativeLearnsAsEmulators(t *testing.T) {
	available(t)
	weights := make([]string, 45)
	for i := range weights {
		weights[i] = fmt.Sprint(2*(i*37%120) - 120)
	}
	for seed, c := range []struct {
		semantics, y1, dw string
		epoch             int
	}{
		{"brian2-loihi", "impulse(16) fraction(102) tau(1536)", "2^-2*x1*y0 - 2^-3*y1*x0 + 2^-5*u0*x2 - 2^-6*u0*sgn(w)*y2", 1},
		{"brian2-loihi", "impulse(16) fraction(102) tau(1536)", "2^-4*x0*y1*(w - 20) + 2^-2*y0*(x1 - 3) - 2^-4*u1*x1*y2", 1},
		{"nengo-loihi", "value(error)", "2^-4*u2*x1*y1", 2},
		{"nengo-loihi", "value(error)", "-2^-6*u0*x1*y1", 3},
	} {
		m, err := ir.Parse(fmt.Sprintf(emulated, c.semantics, seed, c.epoch, c.y1, c.dw, strings.Join(weights, ", ")), "emulated.dcir")
		if err == nil {
			err = ir.Verify(m)
		}
		if err != nil {
			t.Fatal(err)
		}
		kase := irgen.Case{Module: m, Inputs: irgen.Trains(uint64(seed), m, 80), Rows: 80, Presentation: 1}
		want, got := lessons(t, interp.New[int64](m), kase), lessons(t, native(t, kase), kase)
		for i := range want {
			if want[i].Counts.LearningUpdates == 0 {
				t.Errorf("%s, %s: nothing learned", c.semantics, c.dw)
			}
			if d := irgen.Difference(want[i], got[i]); d != "" {
				t.Errorf("%s, %s, lesson %d: %s", c.semantics, c.dw, i, d)
			}
		}
	}
}
