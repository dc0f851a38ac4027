package passes

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"decc/compiler"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/irgen"
	"decc/ir/sem"
)

// feedForward is a random network of the given layer sizes; the first is the input.
func feedForward(t testing.TB, delay int64, sizes ...int) *ir.Module {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(delay)))
	b := ir.NewBuilder("net", sem.Silicon).Input("l0", sizes[0])
	for i, n := range sizes[1:] {
		pre, post := fmt.Sprint("l", i), fmt.Sprint("l", i+1)
		w, d := make([]int64, n*sizes[i]), make([]int64, n*sizes[i])
		for k := range w {
			w[k] = 2 * (r.Int64N(255) - 127)
			d[k] = r.Int64N(delay + 1)
		}
		b.Group(post, "cuba", n).Param(post, "vth", 6400).Dense("w"+post, pre, post, "drive", sem.WeightFormat{Bits: 8}, w)
		if delay > 0 {
			b.Delay("w"+post, d...)
		}
	}
	m, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func compile(t testing.TB, chip string, m *ir.Module, changes ...string) *ir.Module {
	t.Helper()
	p := Default(profile(t, chip, changes...))
	p.Options.Mapper = Sequential // tests that count cores by hand follow the order of the model
	result := runPipeline(t, &p, m)
	if err := Check(result.Module, p.Chip); err != nil {
		t.Fatal(err)
	}
	return result.Module
}

// The maker's allocator puts 128 neurons with delays of up to 62 rows on a core
// (hardware.md 0.3, N-TIDIGITS): accumulators bind.
func TestDelaysHalveTheCore(t *testing.T) {
	m := compile(t, "loihi1", feedForward(t, 62, 64, 256, 256, 11))
	var sizes []int
	for _, c := range m.Cores {
		sizes = append(sizes, c.Runs[0].N)
	}
	if got := fmt.Sprint(sizes); got != "[128 128 128 128 11]" {
		t.Errorf("first runs of the cores are %s", got)
	}
}

// 8-bit weights of 784 inputs: synaptic memory binds before compartments do, and
// the next compartment would not have fitted.
func TestWordsFillTheCore(t *testing.T) {
	m := compile(t, "loihi1", feedForward(t, 0, 784, 512, 10))
	a := newAtlas(m, profile(t, "loihi1"))
	n := m.Cores[0].Runs[0].N
	u := a.measure([]stretch{{group: 0, n: n}})
	more := a.measure([]stretch{{group: 0, n: n + 1}})
	if u.over(a.chip) >= 0 || more.over(a.chip) != useWords {
		t.Errorf("%d compartments use %v, one more %v", n, u, more)
	}
}

func TestJoinedGroupsShareTheirCores(t *testing.T) {
	b := ir.NewBuilder("net", sem.Silicon)
	for _, g := range []string{"a", "b", "c", "d"} {
		b.Group(g, "cuba", 7)
	}
	m, err := b.Join("d", "a", "dendrite").Join("b", "d", "dendrite").Build()
	if err != nil {
		t.Fatal(err)
	}
	m = compile(t, "loihi1", m, "compartments=8")
	got := ""
	for _, c := range m.Cores {
		got += fmt.Sprintln(c.ID, c.Runs)
	}
	want := "0 [{a 0 2} {b 0 2} {d 0 2}]\n1 [{a 2 2} {b 2 2} {d 2 2}]\n2 [{a 4 2} {b 4 2} {d 4 2}]\n3 [{a 6 1} {b 6 1} {d 6 1}]\n4 [{c 0 7}]\n"
	if got != want {
		t.Errorf("cores\n%swant\n%s", got, want)
	}
}

// Random modules on cramped chips: what the passes accept, the checker accepts, and
// what they refuse they refuse with a diagnostic.
func TestCrampedChips(t *testing.T) {
	refused := 0
	for seed := range uint64(250) {
		m := irgen.Random(seed, irgen.Options{Loihi2: true})
		r := rand.New(rand.NewPCG(seed, 2))
		p := Default(profile(t, "loihi2",
			fmt.Sprint("compartments=", 4+r.IntN(30)), fmt.Sprint("in_axons=", 20+r.IntN(100)), fmt.Sprint("out_axons=", 3+r.IntN(40)),
			fmt.Sprint("accumulators=", 256+r.IntN(2000)), fmt.Sprint("synaptic_words=", 60+r.IntN(400)), fmt.Sprint("cores=", 1+r.IntN(4)), "chips=1000"))
		result, err := p.Run(t.Context(), m)
		var bug *compiler.Bug
		if errors.As(err, &bug) || err != nil && len(diag.All(err)) == 0 {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err != nil {
			refused++
			continue
		}
		if err := Check(result.Module, p.Chip); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	if refused == 0 || refused > 200 {
		t.Errorf("%d of 250 refused: the chips are not cramped as meant", refused)
	}
}

// A compartment with synapses of more kinds than the table of formats has rows.
func TestTooManyKindsOfSynapses(t *testing.T) {
	b := ir.NewBuilder("net", sem.Silicon).Input("in", 1).Group("h", "cuba", 1)
	for exp := range 16 {
		b.Dense(fmt.Sprint("w", exp), "in", "h", "drive", sem.WeightFormat{Bits: 8, Exp: exp - 8}, []int64{2})
	}
	m, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	p := Default(profile(t, "loihi1"))
	_, err = p.Run(t.Context(), m)
	if !hasCode(err, "partition/synapse-formats") || !strings.Contains(err.Error(), "needs 16 synapse formats on one core, limit is 15") {
		t.Errorf("%v", err)
	}
}

func TestCancelledPartitionStops(t *testing.T) {
	ctx, cancel := cancelled(t)
	cancel()
	p := Default(profile(t, "loihi1"))
	if _, err := p.Run(ctx, feedForward(t, 0, 4, 4)); !errors.Is(err, ctx.Err()) {
		t.Errorf("%v", err)
	}
}

func BenchmarkCompileMNIST(b *testing.B) {
	m := feedForward(b, 0, 784, 512, 512, 10)
	p := Default(profile(b, "loihi1"))
	for b.Loop() {
		runPipeline(b, &p, m)
	}
}

func BenchmarkCompile11MSynapses(b *testing.B) {
	m := feedForward(b, 0, 784, 3000, 3000, 10)
	p := Default(profile(b, "loihi1"))
	for b.Loop() {
		runPipeline(b, &p, m)
	}
}

func BenchmarkCheck11MSynapses(b *testing.B) {
	m := compile(b, "loihi1", feedForward(b, 0, 784, 3000, 3000, 10))
	s := profile(b, "loihi1")
	for b.Loop() {
		if err := Check(m, s); err != nil {
			b.Fatal(err)
		}
	}
}
