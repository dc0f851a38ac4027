package passes

import (
	"fmt"
	"testing"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
)

// joined is a routed module of three cores with joins, recurrence and delays.
func joined(t *testing.T) *ir.Module {
	t.Helper()
	f := sem.WeightFormat{Bits: 8}
	m, err := ir.NewBuilder("net", sem.Silicon).Input("in", 3).Group("x", "auxiliary", 4).Group("h", "cuba", 4).Group("out", "cuba", 2).
		Param("h", "vth", 64, 128, 64, 64).Join("x", "h", "dendrite").
		Dense("w", "in", "h", "drive", f, []int64{2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24}).Delay("w", 3).
		Dense("v", "h", "out", "drive", f, []int64{2, 4, 6, 8, 10, 12, 14, 16}).
		List("rec", "h", "x", "drive", sem.WeightFormat{Bits: 4, Exp: 1}, []ir.End{{Pre: 0, Post: 3, Mantissa: 32}, {Pre: 3, Post: 0, Mantissa: -32, Delay: 1}}).
		Build()
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, "loihi1", m, "compartments=4")
}

// plastic has two compartments that learn by two rules from the same three inputs: the
// delays of the first, the tags of the second.
func plastic(t *testing.T) *ir.Module {
	t.Helper()
	f := sem.WeightFormat{Bits: 8}
	b := ir.NewBuilder("net", sem.Silicon).Input("in", 3).Group("a", "cuba", 1).Group("b", "cuba", 1).
		Dense("v", "in", "a", "drive", f, []int64{2, 4, 6}).Dense("w", "in", "b", "drive", f, []int64{2, 4, 6})
	m, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	for i, learned := range []sem.Target{sem.TargetD, sem.TargetT} {
		r := &ir.Rule{Rule: sem.Rule{Name: fmt.Sprint("r", i), Epoch: 1}}
		r.Traces[sem.X1.TraceIndex()] = sem.Trace{Impulse: int32(i+1) << 8}
		r.Sums[learned] = []sem.Product{{Gate: sem.GateY0, Mant: 1, Factors: []sem.Factor{{Var: sem.X1}}}}
		m.Rules = append(m.Rules, r)
		m.Synapses[i].Rule = r.Name
	}
	return compile(t, "loihi1", m)
}

// Learning costs by hand: an in-axon with plastic synapses takes two, learned delays 6
// bits and tags 9 however small they are, a rule of one product its words, and each
// setting of x1 and x2 a row.
func TestCostsOfLearning(t *testing.T) {
	m := plastic(t)
	use := Resources(m, profile(t, "loihi1"))
	rule := m.Rules[0]
	words, err := rule.Words()
	if err != nil {
		t.Fatal(err)
	}
	for resource, want := range map[int]int{
		useInAxons: 2 * 3, useTraceSettings: 2, useMicrocode: 2 * len(words), useFormats: 2,
		useWords: 3 * 2, // 4+6 bits, 6 of a target, 8+6 of a synapse; then 4+6, 6 and 8+9; 69 with the end mark
	} {
		if got := use[0].Uses[resource].Used; got != want {
			t.Errorf("%d %s, want %d", got, resources[resource].limit, want)
		}
	}
}

// Every way to spoil the finished tables is found.
func TestCheckFindsWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, code string
		spoil      func(m *ir.Module)
	}{
		{"route lost", codeCheckRoute, func(m *ir.Module) { m.Routes = m.Routes[1:] }},
		{"last route lost", codeCheckRoute, func(m *ir.Module) { m.Routes = m.Routes[:len(m.Routes)-1] }},
		{"route to another core", codeCheckRoute, func(m *ir.Module) { m.Routes[0].Core, m.Routes[0].Axon = 2, 50 }},
		{"second way", codeCheckRoute, func(m *ir.Module) {
			again := m.Routes[0]
			again.Axon = 50
			m.Routes = append(m.Routes, again)
		}},
		{"shared axon", codeCheckRoute, func(m *ir.Module) { m.Routes[1].Axon = m.Routes[0].Axon; m.Routes[1].Core = m.Routes[0].Core }},
		{"dangling", codeCheckDangling, func(m *ir.Module) {
			m.Routes = append(m.Routes, ir.Route{Source: "out", Index: 0, Core: 0, Axon: 50})
		}},
		{"axon beyond the table", codeCheckLimit, func(m *ir.Module) { m.Routes[0].Axon = 4096 }},
		{"join broken", codeCheckJoin, func(m *ir.Module) {
			a, b := m.Cores[0], m.Cores[1]
			a.Runs[1], b.Runs[1] = b.Runs[1], a.Runs[1]
		}},
		{"off the mesh", codeCheckPlace, func(m *ir.Module) { m.Cores[0].Y = 4 }},
		{"off the chip", codeCheckPlace, func(m *ir.Module) { m.Cores[0].ChipID = 16384 }},
		{"compartments", codeCheckLimit, func(m *ir.Module) {
			m.Cores[0].Runs = append(m.Cores[0].Runs, m.Cores[2].Runs...)
			m.Cores[2].Runs = nil
		}},
		{"other chip", codeCheckStage, func(m *ir.Module) { m.Chip = "loihi2" }},
		{"not routed", codeCheckStage, func(m *ir.Module) { m.Stage = ir.Placed }},
	} {
		m := joined(t)
		c.spoil(m)
		if err := Check(m, profile(t, "loihi1", "compartments=4")); !hasCode(err, c.code) {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

func hasCode(err error, code string) bool {
	for _, d := range diag.All(err) {
		if d.Code == code {
			return true
		}
	}
	return false
}

// The checker's own counts are those of Resources, and one less of any limit in use
// is found.
func TestCheckCountsEveryLimit(t *testing.T) {
	used := map[string]bool{}
	for _, m := range []*ir.Module{joined(t), plastic(t)} {
		checkEveryLimit(t, m, used)
	}
	for _, r := range resources {
		if !used[r.limit] {
			t.Errorf("nothing uses %s", r.limit)
		}
	}
}

func checkEveryLimit(t *testing.T, m *ir.Module, used map[string]bool) {
	t.Helper()
	largest := map[string]int{}
	for _, core := range Resources(m, profile(t, "loihi1")) {
		for _, u := range core.Uses {
			largest[u.Resource] = max(largest[u.Resource], u.Used)
		}
	}
	for resource, most := range largest {
		l, _ := profile(t, "loihi1").Limit(resource)
		if most == 0 {
			continue
		}
		used[resource] = true
		if err := checkWith(t, m, resource, int64(most)); err != nil {
			t.Errorf("%s = %d of %s: %v", resource, most, l.Unit, err)
		}
		if most == 1 && resource != "out_axons" {
			continue // a limit is at least 1
		}
		if err := checkWith(t, m, resource, int64(most-1)); !hasCode(err, codeCheckLimit) {
			t.Errorf("%s = %d, %d are used: %v", resource, most-1, most, err)
		}
	}
}

func checkWith(t *testing.T, m *ir.Module, limit string, value int64) error {
	t.Helper()
	s, err := profile(t, "loihi1").With(limit, value)
	if err != nil {
		t.Fatal(err)
	}
	return Check(m, s)
}
