package ir

import (
	"math/rand/v2"
	"testing"

	"decc/ir/diag"
	"decc/ir/sem"
)

// TestVerifyOfBuiltModules breaks modules in ways that no text can.
func TestVerifyOfBuiltModules(t *testing.T) {
	for name, c := range map[string]struct {
		code  string
		spoil func(m *Module)
	}{
		"module name":     {"ir/name", func(m *Module) { m.Name = "a b" }},
		"empty name":      {"ir/name", func(m *Module) { m.Groups[0].Name = "" }},
		"dash at the end": {"ir/name", func(m *Module) { m.Inputs[0].Name = "a-" }},
		"chip name":       {"ir/name", func(m *Module) { m.Chip = "1st" }},
		"no members":      {"ir/size", func(m *Module) { m.Inputs[0].N = 0 }},
		"many members":    {"ir/size", func(m *Module) { m.Groups[0].N = 1<<24 + 1 }},
		"stage":           {"ir/header", func(m *Module) { m.Stage = 17 }},
		"profile":         {"ir/header", func(m *Module) { m.Profile = 17 }},
		"dt":              {"ir/header", func(m *Module) { m.DtNanos = -1 }},
		"wide payload":    {"ir/header", func(m *Module) { m.Inputs[0].Payload = sem.Type{Bits: 33, Signed: true} }},
		"bad program":     {"ir/program", func(m *Module) { m.Programs[0].Code[1].Args[0] = 99 }},
		"field name":      {"ir/program", func(m *Module) { m.Programs[0].Fields[0].Name = "spike" }},
		"value name":      {"ir/program", func(m *Module) { m.Programs[0].Code[1].Name = "du" }},
		"value twice":     {"ir/program", func(m *Module) { m.Programs[0].Code[1].Name = "hold" }},
		"not next":        {"ir/program", func(m *Module) { m.Programs[0].Code[1].Name = "v" }},
		"no weights":      {"ir/tensor", func(m *Module) { m.Synapses[0].Weights = nil }},
		"no shape":        {"ir/tensor", func(m *Module) { m.Synapses[0].Weights.Shape = nil }},
		"negative shape":  {"ir/tensor", func(m *Module) { m.Synapses[0].Weights.Shape = []int{-5, -20} }},
		"huge shape":      {"ir/tensor", func(m *Module) { m.Synapses[0].Weights.Shape = []int{1 << 32, 1 << 32} }},
		"missing data":    {"ir/tensor", func(m *Module) { m.Synapses[0].Weights.Data = m.Synapses[0].Weights.Data[1:] }},
		"data of nothing": {"ir/tensor", func(m *Module) { m.Synapses[0].Weights.Shape = []int{0, 5} }},
		"wide type":       {"ir/tensor", func(m *Module) { m.Groups[0].Params[0].Values.Type.Bits = 40 }},
		"no program":      {"ir/reference", func(m *Module) { m.Groups[0].Program = nil }},
		"foreign program": {"ir/reference", func(m *Module) { m.Groups[0].Program = &Program{Program: m.Programs[0].Program} }},
		"foreign readout": {"ir/reference", func(m *Module) { m.Layers[0].Readout = "no" }},
		"param order":     {"ir/param", func(m *Module) { p := m.Groups[0].Params; p[0], p[1] = p[1], p[0] }},
		"param name":      {"ir/param", func(m *Module) { m.Groups[0].Params[0].Name = "u" }},
		"param length":    {"ir/param", func(m *Module) { m.Groups[2].Params = []Param{{"bias", Vector([]int64{1, 2, 3})}} }},
		"offset":          {"ir/reset", func(m *Module) { m.Groups[0].Reset.Offset = 20 }},
		"interval":        {"ir/reset", func(m *Module) { m.Groups[0].Reset.Interval = -1 }},
		"bits":            {"ir/format", func(m *Module) { m.Synapses[0].Format.Bits = 9 }},
		"exponent":        {"ir/format", func(m *Module) { m.Synapses[0].Format.Exp = -9 }},
		"sign":            {"ir/format", func(m *Module) { m.Synapses[0].Format.Sign = 3 }},
		"list shape":      {"ir/weights", func(m *Module) { m.Synapses[1].Weights.Shape = []int{2, 1} }},
		"own join":        {"ir/join", func(m *Module) { m.Joins[0].From = "h" }},
		"lag":             {"ir/layer", func(m *Module) { m.Layers[0].ReadoutLag = -1 }},
		"half a readout":  {"ir/layer", func(m *Module) { m.Layers[0].Readout = "" }},
		"core number":     {"ir/core", func(m *Module) { m.Stage, m.Cores = Partitioned, []*Core{{ID: -1}} }},
		"run":             {"ir/cover", func(m *Module) { m.Stage, m.Cores = Partitioned, []*Core{{Runs: []Run{{"h", 1, -1}}}} }},
		"place":           {"ir/place", func(m *Module) { m.Stage, m.Cores = Placed, []*Core{{X: -1}} }},
		"axon":            {"ir/route", func(m *Module) { m.Stage, m.Routes = Routed, []Route{{"in", 0, 0, -1, 0}} }},
		"atom":            {"ir/route", func(m *Module) { m.Stage, m.Routes = Routed, []Route{{"in", 0, 0, 0, 1024}} }},
		"route of nobody": {"ir/reference", func(m *Module) { m.Stage, m.Routes = Routed, []Route{{"no", 0, 0, 0, 0}} }},
	} {
		t.Run(name, func(t *testing.T) {
			m := small(t)
			c.spoil(m)
			err := Verify(m)
			if err == nil {
				t.Fatal("no error")
			}
			for _, d := range diag.All(err) {
				if d.Code == c.code {
					return
				}
			}
			t.Errorf("got %v, want %s", err, c.code)
		})
	}
}

// TestPrintOfBrokenModules asks only that a module that Verify refuses prints.
func TestPrintOfBrokenModules(t *testing.T) {
	m := small(t)
	m.Stage, m.Profile = 99, 99
	m.Groups[0].Program = nil
	m.Synapses[0].Weights = nil
	m.Synapses[1].Format.Sign = 9
	m.Programs[1].Code[1].Args[0] = 99
	m.Groups[1].Params[0].Values.Type.Bits = 60
	if text := Text(m); !contains(text, "// not a program") || !contains(text, "stage(?)") {
		t.Error(text)
	}
}

func TestVerifyReportsAtMostSomeFindings(t *testing.T) {
	m := small(t)
	for range 1000 {
		m.Joins = append(m.Joins, &Join{From: "no", To: "nobody", Port: "p"})
	}
	if n := len(diag.All(Verify(m))); n != maxFindings {
		t.Errorf("%d findings", n)
	}
}

// TestBoundsAreReached compares the bounds with the sums of all combinations of
// spikes of small random groups: they hold, and without rounding they are reached.
func TestBoundsAreReached(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		profile := sem.ProfileID(r.IntN(len(sem.Profiles)))
		pre, post := 1+r.IntN(6), 1+r.IntN(3)
		f := sem.WeightFormat{Bits: 8 - r.IntN(3), Exp: r.IntN(8) - 4, Sign: sem.SignMode(r.IntN(3))}
		weights, delays := make([]int64, pre*post), make([]int64, pre*post)
		for i := range weights {
			weights[i], delays[i] = int64(r.IntN(512)-256), int64(r.IntN(3))
		}
		payload := sem.Type{Bits: 1 + uint8(r.IntN(4)), Signed: r.IntN(2) == 0}
		m, err := NewBuilder("b", profile).GradedInput("in", pre, payload).Group("g", "readout", post).
			Dense("w", "in", "g", "drive", f, weights).Delay("w", delays...).Graded("w").Build()
		if err != nil {
			t.Fatal(err)
		}
		got := Bounds(m)["g"]["drive"]
		lo, hi := extremes(m, payload)
		exact := !sem.Profiles[profile].ExpOnSum || f.Exp >= 0
		if got.Lo.Int64() > lo || got.Hi.Int64() < hi || exact && (got.Lo.Int64() != lo || got.Hi.Int64() != hi) {
			t.Fatalf("bounds %v, extremes %d..%d\n%s", got, lo, hi, Text(m))
		}
	}
}

// extremes tries every set of spikes with the least, the greatest and no payload.
func extremes(m *Module, payload sem.Type) (lo, hi int64) {
	s, p := m.Synapses[0], sem.Profiles[m.Profile]
	plo, phi := payload.Limits()
	choices := [3]int64{0, plo, phi}
	pre, combinations := s.Weights.Shape[1], 1
	for range pre {
		combinations *= len(choices)
	}
	for set := range combinations {
		for post := range s.Weights.Shape[0] {
			sums := [maxDelay + 1]int64{}
			for i, rest := 0, set; i < pre; i, rest = i+1, rest/3 {
				k := post*pre + i
				sums[s.Delay.At(k)] += p.Weight(s.Format, int64(s.Weights.Data[k])) * choices[rest%3]
			}
			total := int64(0)
			for _, x := range sums {
				if p.ExpOnSum {
					x = sem.ScaleSum(x, s.Format.Exp)
				}
				total += x
			}
			lo, hi = min(lo, total), max(hi, total)
		}
	}
	return lo, hi
}

// TestBoundsOfValues: groups that send values send no more than can arrive, unless values go round.
func TestBoundsOfValues(t *testing.T) {
	f := sem.WeightFormat{Bits: 8, Sign: sem.Mixed}
	for _, ring := range []bool{false, true} {
		b := NewBuilder("b", sem.Silicon).Input("in", 2).Group("g", "graded", 1).Group("h", "graded_relu", 1).Group("r", "readout", 1).
			Dense("a", "in", "g", "drive", f, []int64{10, -4}).
			Dense("b", "g", "h", "drive", f, []int64{-6}).Graded("b").
			Dense("c", "h", "r", "drive", f, []int64{2}).Graded("c")
		if ring {
			b = b.Dense("back", "h", "g", "drive", f, []int64{2}).Graded("back")
		}
		m, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		got, most := Bounds(m), int64(1<<23)
		want := map[string][2]int64{"g": {-4 * 64, 10 * 64}, "h": {-60 * 64, 24 * 64}, "r": {-120 * 64, 48 * 64}}
		if ring { // what h sends is clamped, and g is taken to send anything
			want = map[string][2]int64{"g": {-4*64 - 2*64*most, 10*64 + 2*64*(most-1)}, "h": {-6 * 64 * (most - 1), 6 * 64 * most}, "r": {-2 * 64 * most, 2 * 64 * (most - 1)}}
		}
		for name, x := range want {
			if drive := got[name]["drive"]; drive.Lo.Int64() != x[0] || drive.Hi.Int64() != x[1] {
				t.Errorf("ring %v: %s gets %v, expected %v", ring, name, drive, x)
			}
		}
	}
}

// TestBoundsOfFewSynapses takes the path of lists into large groups.
func TestBoundsOfFewSynapses(t *testing.T) {
	m, err := NewBuilder("b", sem.Silicon).Input("in", 3).Group("g", "readout", 1<<24).
		List("w", "in", "g", "drive", sem.WeightFormat{Bits: 8}, []End{{0, 1 << 23, 10, 0}, {1, 5, 4, 0}, {2, 1 << 23, 20, 0}, {2, 5, -6, 0}}).
		List("x", "in", "g", "drive", sem.WeightFormat{Bits: 8}, []End{{0, 5, -100, 0}, {1, 6, 2, 0}}).
		Build()
	if err != nil {
		t.Fatal(err)
	}
	if got := Bounds(m)["g"]["drive"].String(); got != "-6784..1920" {
		t.Errorf("bounds %s", got)
	}
}

func TestHugeSumsSaturate(t *testing.T) {
	m := small(t)
	m.Inputs[0].Payload = sem.Type{Bits: 32, Signed: true}
	m.Synapses[0].Format.Exp = 7
	if err := Verify(m); err == nil || !contains(err.Error(), "ir/drive") {
		t.Errorf("got %v", err)
	}
	for _, x := range []int64{1<<40 + 1, 1 << 62} {
		if satScale(x, 7) != saturated || satScale(-x, 7) != -saturated || satMul(x, 1<<30) != saturated {
			t.Errorf("%d does not saturate", x)
		}
	}
}

// TestLavaModulesPass: a decay of 0 keeps the induction on u within s25 as long as
// no more than 2^24 arrives.
func TestLavaModulesPass(t *testing.T) {
	weights := make([]int64, 1032)
	for i := range weights {
		weights[i] = 254
	}
	build := func(n int) error {
		_, err := NewBuilder("b", sem.Lava).Input("in", n).Group("g", "cuba", 1).Param("g", "du", 0).
			Dense("w", "in", "g", "drive", sem.WeightFormat{Bits: 8}, weights[:n]).Build()
		return err
	}
	if err := build(1032); err != nil { // 1032 * 254 * 64 = 2^24 - 1024
		t.Error(err)
	}
	weights = append(weights, 254)
	if err := build(1033); err == nil || !contains(err.Error(), "port drive, which can be 0..16792448, allows it") {
		t.Errorf("got %v", err)
	}
}

func TestJoinOrder(t *testing.T) {
	m, err := NewBuilder("b", sem.Silicon).
		Group("soma", "cuba", 2).Group("far", "dendrite", 2).Group("alone", "cuba", 2).Group("near", "dendrite", 2).
		Join("near", "soma", "dendrite").Join("far", "near", "dendrite").Build()
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, g := range JoinOrder(m) {
		got += g.Name + " "
	}
	if got != "far near soma alone " {
		t.Error(got)
	}
}
