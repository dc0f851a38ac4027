package passes

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"decc/compiler"
	"decc/ir"
	"decc/ir/diag"
)

// kernels is two layers of channels over 16 x 16 places, under kernels of that side: what is spread over many cores
// because of its words, and what reaches them and is spread because of its out-axons.
func kernels(t testing.TB, channels, side int) *ir.Module {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(channels), uint64(side)))
	kernel := func(in int) string {
		w := make([]string, channels*in*side*side)
		for i := range w {
			w[i] = fmt.Sprint(2*r.IntN(250) - 250)
		}
		return fmt.Sprintf("conv s16[%dx%dx%dx%d]{%s} in(%d, 16, 16) padding(%d, %d)", channels, in, side, side, strings.Join(w, ", "), in, side/2, side/2)
	}
	m, err := ir.Parse(fmt.Sprintf(`module @kernels stage(lowered) {
  neuron @p { port drive:s40 spike gt(drive, 0) }
  input @in x 512
  group @a : @p x %d
  group @b : @p x %[1]d
  synapse @v : @in -> @a.drive %[2]s
  synapse @w : @a -> @b.drive %[3]s
}`, channels*256, kernel(2), kernel(channels)), "kernels.dcir")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestEstimateIsNearTheMapping compares with the sequential mapping, of which it tells.
func TestEstimateIsNearTheMapping(t *testing.T) {
	cases := [][2]int{{8, 3}, {16, 5}, {12, 7}}
	if os.Getenv("DECC_LONG") != "" {
		cases = append(cases, [2]int{32, 5}, [2]int{32, 7}, [2]int{48, 3})
	}
	for _, c := range cases {
		m, s := kernels(t, c[0], c[1]), profile(t, "loihi2")
		p := compiler.Pipeline{Chip: s, Passes: []compiler.Pass{Legalise, Partition}, Options: compiler.Options{Mapper: Sequential}}
		mapped := runPipeline(t, &p, m).Module
		e, _, err := EstimateOf(t.Context(), m, s)
		if err != nil {
			t.Fatal(err)
		}
		n := len(mapped.Cores)
		t.Logf("%d channels, kernels of %d x %[2]d: %d synapses, %d cores estimated, %d taken", c[0], c[1], e.Synapses, e.Cores, n)
		if e.Cores*10 < n*8-10 || e.Cores*10 > n*12+10 {
			t.Errorf("%d cores estimated, %d taken", e.Cores, n)
		}
	}
}

// TestOrderByPlace: where cores have few out-axons, a compartment below the second layer reaches fewer cores of it
// when they are filled by place. The cores that are filled in the orders found are nearly as many as the estimate says.
func TestOrderByPlace(t *testing.T) {
	m, s := kernels(t, 16, 5), profile(t, "loihi2", "out_axons=80", "synaptic_words=1024")
	legal := compiler.Pipeline{Chip: s, Passes: []compiler.Pass{Legalise}}
	p := newPartitioner(newAtlas(runPipeline(t, &legal, m).Module, s))
	p.ctx = &compiler.Context{Context: t.Context(), Chip: s}
	first, err := p.forecast()
	if err != nil {
		t.Fatal(err)
	}
	best, err := p.choose()
	if err != nil || best.refusal() != nil {
		t.Fatal(err, best.refusal())
	}
	if o := p.bundles[1].order; o != byPlace || best.sum().Cores >= first.sum().Cores {
		t.Errorf("order by %s, %d cores, by channel %d", o, best.sum().Cores, first.sum().Cores)
	}
	p.expect(best)
	if err := p.sequential(); err != nil {
		t.Fatal(err)
	}
	n, estimated := len(p.cores), best.sum().Cores
	t.Logf("%d cores estimated, %d taken, in %d rounds; by channel %d", estimated, n, p.rounds, first.sum().Cores)
	if estimated*10 < n*9 || estimated*10 > n*11 {
		t.Errorf("%d cores estimated, %d taken", estimated, n)
	}
	seen := map[[2]int]bool{}
	for id, content := range p.cores {
		for _, run := range content {
			for i := range run.n {
				seen[[2]int{run.group, run.first + i}] = true
			}
		}
		if u := p.a.measure(content); u.over(s) >= 0 {
			t.Errorf("core %d: %v", id, u)
		}
	}
	for id, n := range p.a.outAxons(p.cores, sequence(s, n)) {
		if n > s.OutAxons {
			t.Errorf("core %d has %d out-axons", id, n)
		}
	}
	if len(seen) != 2*16*256 {
		t.Errorf("%d compartments have a core", len(seen))
	}
}

// TestTooManyRoutes: a network that fits on the chips is refused, with what it takes, where its routes would not fit into memory.
func TestTooManyRoutes(t *testing.T) {
	m, s := kernels(t, 4, 3), profile(t, "loihi2")
	legal := compiler.Pipeline{Chip: s, Passes: []compiler.Pass{Legalise}}
	p := newPartitioner(newAtlas(runPipeline(t, &legal, m).Module, s))
	p.ctx = &compiler.Context{Context: t.Context(), Chip: s}
	f, err := p.forecast()
	if err == nil {
		err = p.affords(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.reached[0] = mostRoutes
	if err := p.affords(f); !hasCode(err, codeRoutes) {
		t.Errorf("found %v, expected %s", err, codeRoutes)
	}
}

// TestPositions: an order is a permutation, and a content has each of its rows once.
func TestPositions(t *testing.T) {
	for _, o := range []order{byChannel, byPlace} {
		b := &bundle{groups: []int{3}, rows: 12, width: 2, plane: 4, order: o}
		var rows []int
		for position := range b.rows {
			if b.position(b.row(position)) != position {
				t.Errorf("%s: position %d", o, position)
			}
			rows = append(rows, b.row(position))
		}
		slices.Sort(rows)
		if rows[0] != 0 || len(slices.Compact(rows)) != b.rows {
			t.Errorf("%s: rows %v", o, rows)
		}
	}
	b := &bundle{groups: []int{3}, rows: 12, width: 2, plane: 4, order: byPlace}
	if got, want := fmt.Sprint(b.content(1, 5)), "[{3 1 1} {3 4 2} {3 8 2}]"; got != want {
		t.Errorf("content %s, want %s", got, want)
	}
}

// TestCroppedKernels: the middle of a kernel over the same targets.
func TestCroppedKernels(t *testing.T) {
	m := kernels(t, 2, 5)
	small, ok := cropped(m, 3)
	if !ok {
		t.Fatal("not cropped")
	}
	for i, s := range small.Synapses {
		wide := m.Synapses[i]
		if s.Conv.Out(s.Weights.Shape) != wide.Conv.Out(wide.Weights.Shape) || s.Weights.Shape[2] != 3 || s.Weights.Shape[3] != 3 {
			t.Fatalf("kernel %v over %v", s.Weights.Shape, s.Conv.Out(s.Weights.Shape))
		}
		for at, w := range s.Weights.Data {
			if y, x := at/3%3+1, at%3+1; w != wide.Weights.Data[at/9*25+y*5+x] {
				t.Fatalf("weight %d is %d", at, w)
			}
		}
	}
	if _, ok := cropped(m, 2); ok {
		t.Error("a kernel of 5 has no middle of 2")
	}
	if widest(m) != 5 || widest(small) != 3 {
		t.Error("widest")
	}
}

// TestRefusalOfALargeNetworkKeepsItsFix where no kernel is there to be made smaller, and names the kernels that fit where one is.
func TestRefusalOfALargeNetworkKeepsItsFix(t *testing.T) {
	for _, c := range []struct {
		m    *ir.Module
		want string
	}{
		{sheet(t, 4, false), "shorten the longest delay"},
		{kernels(t, 2, 5), "with kernels of at most 3 x 3 it takes about 1 core on 1 chip; fewer channels or fewer weight bits help too"},
	} {
		p := newPartitioner(newAtlas(c.m, profile(t, "loihi2")))
		p.ctx = &compiler.Context{Context: t.Context(), Chip: p.a.chip}
		d := diag.Errorf(diag.Pos{}, "partition/accumulators", "too many").WithFix("shorten the longest delay")
		if p.suggest(d); d.Fix != c.want {
			t.Errorf("fix %q, want %q", d.Fix, c.want)
		}
	}
}

// TestEstimatesNearALimitAreLeftToTheMapping: an estimate refuses what is more than a quarter over a limit.
func TestEstimatesNearALimitAreLeftToTheMapping(t *testing.T) {
	for estimated, want := range map[float64]bool{4096: false, 5120: false, 5121: true} {
		if surely(estimated, 4096) != want {
			t.Errorf("%v of 4096", estimated)
		}
	}
}
