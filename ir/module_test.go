package ir

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"decc/ir/diag"
	"decc/ir/sem"
)

// small is a module with a large tensor, a list, a join and a layer.
func small(t *testing.T) *Module {
	t.Helper()
	weights := make([]int64, 100)
	for i := range weights {
		weights[i] = int64(i*37%511 - 256)
	}
	m, err := NewBuilder("small", sem.Silicon).At(Quantised, "loihi2").Dt(1_000_000).Seed(7).
		GradedInput("in", 20, sem.Type{Bits: 4}).
		Group("h", "cuba", 5).Param("h", "vth", 640, 1280, 640, 640, 64).Param("h", "du", 1024).Reset("h", 20, 3).
		Group("aux", "auxiliary", 5).Param("aux", "dx", 5).
		Group("r", "readout", 2).
		Dense("w1", "in", "h", "drive", sem.WeightFormat{Bits: 8, Exp: -1}, weights).Delay("w1", 2).Graded("w1").
		List("w2", "h", "r", "drive", sem.WeightFormat{Bits: 8, Sign: sem.Excitatory}, []End{{0, 1, 20, 0}, {4, 0, 30, 5}}).
		List("w3", "h", "aux", "drive", sem.WeightFormat{Bits: 8}, []End{{1, 2, -96, 0}}).
		Join("aux", "h", "dendrite").
		Layer(Layer{Name: "h", Spikes: "h", Readout: "r", Value: "y", ReadoutLag: 1}).
		Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustParse(t *testing.T, src string) *Module {
	t.Helper()
	m, err := Parse(src, "test.dcir")
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return m
}

func TestModulePrintsAndParsesBack(t *testing.T) {
	m := small(t)
	m.Groups[0].Pos = diag.At("net.yaml", 3, 4)
	text := Text(m)
	again := mustParse(t, text)
	if d := cmp.Diff(text, Text(again)); d != "" {
		t.Error(d)
	}
	ignoreAt := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".At" }, cmp.Ignore())
	if d := cmp.Diff(m, again, ignoreAt); d != "" {
		t.Errorf("not the same module (-first +again):\n%s", d)
	}
	if err := Verify(again); err != nil {
		t.Error(err)
	}
}

// TestDigestIsStable pins the digest: a change of it makes every recorded digest
// (baselines, images) stale, and so must be meant.
func TestDigestIsStable(t *testing.T) {
	m := small(t)
	const want = "9c74cb4f0f608a58279b9cca22ba1da58d70941730564c3d25d890aa81c4cba8"
	if got := Digest(m); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
	m.Pos, m.Groups[0].Pos, m.Synapses[0].At = diag.At("a", 1, 1), diag.At("b", 2, 2), diag.At("c", 3, 3)
	if Digest(m) != want {
		t.Error("positions are part of the digest")
	}
}

// TestDigestSeesEverything changes one thing at a time.
func TestDigestSeesEverything(t *testing.T) {
	changes := map[string]func(m *Module){
		"name":         func(m *Module) { m.Name = "other" },
		"stage":        func(m *Module) { m.Stage = Lowered },
		"chip":         func(m *Module) { m.Chip = "loihi1" },
		"semantics":    func(m *Module) { m.Profile = sem.Lava },
		"dt":           func(m *Module) { m.DtNanos++ },
		"seed":         func(m *Module) { m.Seed++ },
		"program":      func(m *Module) { m.Programs[0].Spike = m.Programs[0].Next[0] },
		"default":      func(m *Module) { m.Programs[0].Fields[0].Default = 3 },
		"payload":      func(m *Module) { m.Inputs[0].Payload.Bits = 3 },
		"size":         func(m *Module) { m.Groups[2].N = 3 },
		"param":        func(m *Module) { m.Groups[0].Params[1].Values.Data[4]++ },
		"param type":   func(m *Module) { m.Groups[0].Params[0].Values.Type.Bits++ },
		"reset":        func(m *Module) { m.Groups[0].Reset.Offset++ },
		"weight":       func(m *Module) { m.Synapses[0].Weights.Data[99]++ },
		"shape":        func(m *Module) { m.Synapses[0].Weights.Shape = []int{20, 5} },
		"exponent":     func(m *Module) { m.Synapses[0].Format.Exp++ },
		"bits":         func(m *Module) { m.Synapses[0].Format.Bits-- },
		"sign":         func(m *Module) { m.Synapses[0].Format.Sign++ },
		"delay":        func(m *Module) { m.Synapses[0].Delay.Data[0]++ },
		"no delay":     func(m *Module) { m.Synapses[0].Delay = nil },
		"graded":       func(m *Module) { m.Synapses[0].Graded = false },
		"ends":         func(m *Module) { m.Synapses[1].PrePost.Data[0]++ },
		"port":         func(m *Module) { m.Synapses[0].Port = "dendrite" },
		"order":        func(m *Module) { m.Synapses[0], m.Synapses[1] = m.Synapses[1], m.Synapses[0] },
		"join":         func(m *Module) { m.Joins[0].Port = "drive" },
		"lag":          func(m *Module) { m.Layers[0].ReadoutLag++ },
		"value":        func(m *Module) { m.Layers[0].Value = "drive" },
		"core":         func(m *Module) { m.Cores = []*Core{{ID: 3}} },
		"route":        func(m *Module) { m.Routes = []Route{{Source: "in"}} },
		"object count": func(m *Module) { m.Layers = nil },
	}
	seen := map[string]string{Digest(small(t)): "nothing"}
	for _, name := range sortedKeys(changes) {
		m := small(t)
		changes[name](m)
		digest := Digest(m)
		if other, ok := seen[digest]; ok {
			t.Errorf("a change of %s gives the digest of a change of %s", name, other)
		}
		seen[digest] = name
		if Equal(small(t), m) || len(Diff(small(t), m)) == 0 {
			t.Errorf("a change of %s is not seen", name)
		}
	}
}

func TestDiff(t *testing.T) {
	if d := Diff(small(t), small(t)); len(d) != 0 {
		t.Errorf("equal modules differ: %v", d)
	}
	a, b := small(t), small(t)
	b.Synapses[0].Weights.Data[27]++
	b.Synapses[0].Weights.Data[99]++
	b.Groups[1].N = 6
	b.Layers = nil
	b.Cores = []*Core{{ID: 1}}
	b.Programs[0].Fields[0].Default = 1
	var got []string
	for _, d := range Diff(a, b) {
		got = append(got, d.String())
	}
	want := []string{
		"neuron @cuba: text: state u:s24 v:s24 c:u7 | state u:s24 = 1 v:s24 c:u7",
		"group @aux: text: group @aux : @auxiliary x 5 { dx = 5 } | group @aux : @auxiliary x 6 { dx = 5 }",
		"synapse @w1: weights[1 7]: 232 | 233 (first of 2)",
		"layer @h: only in one: layer @h spikes(@h, lag 0) readout(@r.y, lag 1) | (none)",
		"core 1: only in one: (none) | core 1 { }",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	b = small(t)
	b.Groups[1], b.Groups[2] = b.Groups[2], b.Groups[1]
	if d := Diff(a, b); len(d) != 1 || d[0].What != "order" {
		t.Errorf("another order gives %v", d)
	}
}

func TestPrintOptions(t *testing.T) {
	m := small(t)
	m.Pos = diag.At("net.yaml", 1, 1)
	print := func(o PrintOptions) string {
		var b strings.Builder
		if err := Print(&b, m, o); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	whole := print(PrintOptions{})
	if !contains(whole, "!net.yaml:1:1") || !contains(whole, "\nblob #") {
		t.Error("something is missing")
	}
	short := print(PrintOptions{OmitPositions: true, OmitBlobs: true})
	if contains(short, "!") || contains(short, "blob") {
		t.Errorf("something is left:\n%s", short)
	}
	if _, err := Parse(short, "short.dcir"); err == nil || !contains(err.Error(), "ir/blob") {
		t.Errorf("a text without blobs gives %v", err)
	}
}

func TestOriginsKeepNoAbsoluteName(t *testing.T) {
	for _, c := range []struct {
		pos  diag.Pos
		want string
	}{
		{diag.At("/home/me/net.yaml", 3, 4), " !net.yaml:3:4"},
		{diag.At("a/b c.yaml", 3, 4), ` !"a/b c.yaml":3:4`},
		{diag.At("a@b", 3, 0), ` !"a@b":3:0`},
		{diag.At("ü\n", 1, 1), ` !"ü\n":1:1`},
		{diag.AtOffset("net.npz", 0), " !net.npz@0"},
		{diag.Pos{File: "net.npz"}, " !net.npz"},
		{diag.Pos{Line: 3}, ""},
		{diag.At("/", 1, 1), ""},
		{diag.Pos{}, ""},
	} {
		got := originText(c.pos)
		if got != c.want {
			t.Errorf("%#v prints as %q, want %q", c.pos, got, c.want)
		}
		if got == "" || c.pos.File[0] == '/' {
			continue
		}
		if pos, ok := parseOrigin(got[2:]); !ok || pos != c.pos {
			t.Errorf("%q parses as %#v, %v", got, pos, ok)
		}
	}
}

func TestRoutesPack(t *testing.T) {
	var routes []Route
	for i := range int32(1000) {
		routes = append(routes, Route{"in", i, 0, 5 + i, 0}, Route{"in", i, 1, 7, 0})
	}
	for i := range int32(500) {
		routes = append(routes, Route{"in", i, 2, 9 + 2*i, 0})
	}
	routes = append(routes, Route{"in", 3, 2, 0, 0}, Route{"h", 4, 2, 1, 0}, Route{"h", 5, 2, 0, 0}, Route{"h", 6, 3, 1, 0}, Route{"h", 7, 3, 2, 4}, Route{"h", 8, 3, 2, 5}, Route{"h", 9, 3, 3, 6}, Route{"h", 10, 3, 3, 8})
	runs := slices.Collect(routeRuns(routes))
	if len(runs) != 1+500+4+3 {
		t.Errorf("%d runs", len(runs))
	}
	var again []Route
	for _, r := range runs {
		again = append(again, r.expand()...)
	}
	if d := cmp.Diff(routes, again); d != "" {
		t.Error(d)
	}
}

// TestCodesAreDocumented holds the table of codes to the sources: each code that
// is used is documented, and each that is documented is used.
func TestCodesAreDocumented(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "codes.go" {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(ir/[a-z-]+)"`).FindAllStringSubmatch(string(src), -1) {
			used[m[1]] = true
		}
	}
	documented := map[string]bool{}
	for _, c := range Codes {
		documented[c.Code] = true
		if c.Meaning == "" || c.Example == "" || c.Fix == "" {
			t.Errorf("%s is not explained", c.Code)
		}
	}
	if d := cmp.Diff(sortedKeys(used), sortedKeys(documented)); d != "" {
		t.Errorf("codes (-used +documented):\n%s", d)
	}
}

// TestEveryCodeIsProvoked holds the file tests and the tests here to the table.
func TestEveryCodeIsProvoked(t *testing.T) {
	provoked := ""
	names, err := filepath.Glob(filepath.Join(repoRoot(t), "testdata", "ir", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "verify_test.go") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		provoked += string(text)
	}
	for _, c := range Codes {
		if !contains(provoked, "error["+c.Code+"]") && !contains(provoked, fmt.Sprintf("%q", c.Code)) {
			t.Errorf("no test provokes %s", c.Code)
		}
	}
}

func TestInvariantsAreInOrder(t *testing.T) {
	if !slices.IsSortedFunc(Invariants, func(a, b Invariant) int { return a.level - b.level }) {
		t.Error("a row stands after one of a higher level")
	}
}
