package chipimage_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"decc/backends/chipimage"
	"decc/chipsim"
	"decc/chipsim/image"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// mapped makes a module routed on that many cores, at random but for what must be:
// joined compartments share a core. It is no compiler: it knows no limits.
func mapped(m *ir.Module, cores int, seed uint64) *ir.Module {
	r := rand.New(rand.NewPCG(seed, 1))
	m.Stage, m.Chip = ir.Routed, "loihi2"
	for i := range cores {
		m.Cores = append(m.Cores, &ir.Core{ID: 3 * i, X: r.IntN(8), Y: r.IntN(8), Z: i})
	}
	for _, family := range families(m) {
		for first, n := 0, m.GroupByName(family[0]).N; first < n; {
			size := 1 + r.IntN(n-first)
			c := m.Cores[r.IntN(cores)]
			r.Shuffle(len(family), func(i, j int) { family[i], family[j] = family[j], family[i] })
			for _, g := range family {
				c.Runs = append(c.Runs, ir.Run{Group: g, First: first, N: size})
			}
			first += size
		}
	}
	for _, c := range m.Cores {
		r.Shuffle(len(c.Runs), func(i, j int) { c.Runs[i], c.Runs[j] = c.Runs[j], c.Runs[i] })
	}
	route(m, r)
	return m
}

// families are the groups that joins tie together.
func families(m *ir.Module) [][]string {
	of := map[string]int{}
	for i, g := range m.Groups {
		of[g.Name] = i
	}
	for range m.Groups {
		for _, j := range m.Joins {
			least := min(of[j.From], of[j.To])
			of[j.From], of[j.To] = least, least
		}
	}
	lists := make([][]string, len(m.Groups))
	for _, g := range m.Groups {
		lists[of[g.Name]] = append(lists[of[g.Name]], g.Name)
	}
	return slices.DeleteFunc(lists, func(l []string) bool { return l == nil })
}

// route gives every source member an in-axon on every core where it has synapses, in
// random order.
func route(m *ir.Module, r *rand.Rand) {
	core := map[string][]int{}
	for i, c := range m.Cores {
		for _, run := range c.Runs {
			if core[run.Group] == nil {
				core[run.Group] = make([]int, m.GroupByName(run.Group).N)
			}
			for k := range run.N {
				core[run.Group][run.First+k] = i
			}
		}
	}
	type axis struct {
		source string
		index  int
	}
	needs := make([]map[axis]bool, len(m.Cores))
	lists := make([][]axis, len(m.Cores))
	for i := range needs {
		needs[i] = map[axis]bool{}
	}
	for _, s := range m.Synapses {
		s.Each(func(pre, post int, _ int64, _ int) {
			a, c := axis{s.Pre, pre}, core[s.Post][post]
			if !needs[c][a] {
				needs[c][a] = true
				lists[c] = append(lists[c], a)
			}
		})
	}
	for i, list := range lists {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for axon, a := range list {
			m.Routes = append(m.Routes, ir.Route{Source: a.source, Index: int32(a.index), Core: int32(m.Cores[i].ID), Axon: int32(axon)})
		}
	}
}

// load lowers a module, writes and reads the image, and loads it.
func load(t testing.TB, m *ir.Module) (*chipsim.Chip, error) {
	t.Helper()
	img, err := chipimage.Lower(t.Context(), m)
	if err != nil {
		return nil, err
	}
	file, err := image.Encode(img)
	if err != nil {
		t.Fatal(err)
	}
	if img, err = image.Decode("net.img", file); err != nil {
		t.Fatal(err)
	}
	chip, err := chipsim.Load(img)
	if err != nil {
		t.Fatal(err)
	}
	return chip, nil
}

func onChip(t testing.TB, chip *chipsim.Chip, workers int, req spikes.Request) spikes.Record[int64] {
	t.Helper()
	return runWith(t, chip, chipsim.Options{Workers: workers, ShareAll: true}, req)
}

func runWith(t testing.TB, chip *chipsim.Chip, o chipsim.Options, req spikes.Request) spikes.Record[int64] {
	t.Helper()
	rec, err := chip.NewSession(o).Run(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// spikesOnly leaves probes out, so that kernels run.
func spikesOnly(req spikes.Request) spikes.Request {
	req.Probes = nil
	return req
}

// The chip does what the golden interpreter does: on one core and on several, with
// any mapping, with any number of workers, with all values watched and with none.
func TestChipEqualsInterpreter(t *testing.T) {
	cases, refused := uint64(250), 0
	if testing.Short() {
		cases = 40
	}
	for seed := range cases {
		c := irgen.RandomCase(seed, 40, irgen.Options{Builtin: seed%3 == 0})
		want, err := interp.New[int64](c.Module).Run(context.Background(), c.Request())
		if err != nil {
			t.Fatal(err)
		}
		for cores := 1; cores <= 5; cores += 2 {
			m := mapped(irgen.Random(seed, irgen.Options{Builtin: seed%3 == 0}), cores, seed)
			if err := ir.Verify(m); err != nil {
				t.Fatalf("seed %d: the test's mapping is wrong: %v", seed, err)
			}
			chip, err := load(t, m)
			if d := diag.All(err); len(d) == 1 && d[0].Code == "image/formats" {
				refused++
				continue
			}
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			compare(t, seed, want, onChip(t, chip, 1, c.Request()))
			compare(t, seed, without(want), onChip(t, chip, 8, spikesOnly(c.Request())))
		}
	}
	if refused > int(cases)/10 {
		t.Errorf("%d of %d mappings have too many kinds of synapses for a core", refused, 3*cases)
	}
}

// without leaves the values out, for Difference compares what either has.
func without(rec spikes.Record[int64]) spikes.Record[int64] {
	rec.Values = nil
	return rec
}

func compare(t *testing.T, seed uint64, want, got spikes.Record[int64]) {
	t.Helper()
	if d := irgen.Difference(want, got); d != "" {
		t.Fatalf("seed %d: %s", seed, d)
	}
}

// Workers change nothing, not even the counts of the mesh.
func TestWorkersChangeNothing(t *testing.T) {
	for seed := range uint64(20) {
		c := irgen.RandomCase(seed, 30, irgen.Options{})
		chip, err := load(t, mapped(c.Module, 6, seed))
		if err != nil {
			continue
		}
		one := onChip(t, chip, 1, c.Request())
		for _, workers := range []int{2, 8} {
			many := onChip(t, chip, workers, c.Request())
			compare(t, seed, one, many)
			if one.Counts != many.Counts {
				t.Errorf("seed %d: counts %+v with one worker, %+v with %d", seed, one.Counts, many.Counts, workers)
			}
		}
	}
}

// A module is lowered to the same bytes each time.
func TestLowerIsDeterministic(t *testing.T) {
	for seed := range uint64(10) {
		var files [2][]byte
		for i := range files {
			img, err := chipimage.Lower(t.Context(), mapped(irgen.Random(seed, irgen.Options{}), 3, seed))
			if err != nil {
				t.Fatal(err)
			}
			if files[i], err = image.Encode(img); err != nil {
				t.Fatal(err)
			}
		}
		if image.Digest(files[0]) != image.Digest(files[1]) {
			t.Errorf("seed %d: two images", seed)
		}
	}
}

// net is two inputs on one compartment of each of two groups.
func net(t *testing.T) *ir.Module {
	t.Helper()
	m, err := ir.NewBuilder("net", sem.Silicon).
		Input("in", 2).Group("a", "cuba", 2).Group("b", "readout", 2).
		Dense("w", "in", "a", "drive", sem.WeightFormat{Bits: 8}, []int64{2, 4, 6, 8}).
		Dense("x", "in", "b", "drive", sem.WeightFormat{Bits: 8}, []int64{2, 4, 6, 8}).
		Layer(ir.Layer{Name: "l", Spikes: "a", Readout: "b", Value: "y", ReadoutLag: 1}).Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLowerKeepsTheNetwork(t *testing.T) {
	m := mapped(net(t), 2, 5)
	img, err := chipimage.Lower(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if img.ModuleDigest != ir.Digest(m) || img.Name != "net" || img.Chip != "loihi2" || img.Layers[0].Value != "y" || img.Groups[1].Name != "b" {
		t.Errorf("got %+v", img)
	}
}

func TestLowerRefuses(t *testing.T) {
	cases := []struct {
		code, want string
		change     func(m *ir.Module)
	}{
		{"chipimage/stage", "stage quantised", func(m *ir.Module) { m.Stage = ir.Quantised }},
		{"chipimage/no-route", "has no route to core 0", func(m *ir.Module) { m.Routes = m.Routes[1:] }},
		{"chipimage/shared-axon", "share atom 0 of in-axon 0 of core 0", func(m *ir.Module) { m.Routes[1].Axon = 0 }},
	}
	for _, c := range cases {
		m := mapped(net(t), 1, 1)
		c.change(m)
		_, err := chipimage.Lower(t.Context(), m)
		d := diag.All(err)
		if len(d) != 1 || d[0].Code != c.code || !strings.Contains(d[0].Message, c.want) {
			t.Errorf("got %v, want %s with %q", err, c.code, c.want)
		}
		if !slices.ContainsFunc(chipimage.Codes, func(x diag.CodeDoc) bool { return x.Code == c.code }) {
			t.Errorf("%s is not in Codes", c.code)
		}
	}
}

// Compartments at rest are left out of a row; they must wake for a spike, for a
// reset, and for what a joined compartment does.
func TestCompartmentsAtRestWake(t *testing.T) {
	build := func() *ir.Module {
		m, err := ir.NewBuilder("rest", sem.Silicon).
			Input("in", 1).
			Group("leaf", "dendrite", 2).Param("leaf", "dv", 4096).Reset("leaf", 10, 4). // keeps u for ever, v = u
			Group("parent", "dendrite", 2).Param("parent", "du", 4096).Param("parent", "dv", 4096).
			Group("soma", "cuba", 2).Param("soma", "du", 4096).Param("soma", "dv", 4096).Param("soma", "vth", 5000).Param("soma", "refrac", 3).
			Dense("w", "in", "leaf", "drive", sem.WeightFormat{Bits: 8}, []int64{20, 90}).
			Join("leaf", "parent", "dendrite").Join("parent", "soma", "dendrite").Build()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	c := irgen.Case{Module: build(), Rows: 60, Inputs: map[string]spikes.Train{"in": {{Row: 1, Payload: 1}, {Row: 9, Payload: 1}, {Row: 31, Payload: 1}}}}
	want, err := interp.New[int64](c.Module).Run(context.Background(), c.Request())
	if err != nil {
		t.Fatal(err)
	}
	for cores := 1; cores <= 3; cores++ {
		chip, err := load(t, mapped(build(), cores, 9))
		if err != nil {
			t.Fatal(err)
		}
		compare(t, 0, want, onChip(t, chip, 1, c.Request()))
		compare(t, 0, without(want), onChip(t, chip, 1, spikesOnly(c.Request())))
	}
}
