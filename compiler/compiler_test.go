package compiler

import (
	"context"
	"errors"
	"strings"
	"testing"

	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/sem"
)

// advance is a pass that only moves the stage.
func advance(name string, needs ir.Stage) Pass {
	return Pass{Name: name, Doc: "moves on", Needs: needs, Gives: needs + 1, Run: func(c *Context, m *ir.Module) error {
		m.Stage++
		m.Chip = c.Chip.Name
		c.Count("steps", int64(m.Stage), "")
		return nil
	}}
}

func module(t *testing.T) *ir.Module {
	t.Helper()
	m, err := ir.NewBuilder("net", sem.Silicon).Input("in", 2).Group("h", "readout", 3).Param("h", "bias", 1, 2, 3).
		Dense("w", "in", "h", "drive", sem.WeightFormat{Bits: 8}, []int64{2, 4, 6, 8, 10, 12}).Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func pipeline(t *testing.T, passes ...Pass) *Pipeline {
	t.Helper()
	s, err := chip.Builtin("loihi2")
	if err != nil {
		t.Fatal(err)
	}
	return &Pipeline{Passes: passes, Chip: s}
}

func TestRunLeavesTheModuleOfTheCaller(t *testing.T) {
	spoil := Pass{Name: "spoil", Needs: ir.Quantised, Gives: ir.Lowered, Run: func(_ *Context, m *ir.Module) error {
		m.Stage = ir.Lowered
		m.Inputs[0].Name, m.Synapses[0].Pre = "other", "other"
		m.Groups[0].SetParam("bias", ir.Scalar(7))
		m.Groups[0].Params[0].Values = ir.Scalar(9)
		m.Programs[0].Name = "mine"
		m.Synapses = append(m.Synapses[:0], m.Synapses...)
		m.Joins = append(m.Joins, &ir.Join{From: "h", To: "h", Port: "drive"})
		m.Joins = nil
		return nil
	}}
	m := module(t)
	before := ir.Text(m)
	result, err := pipeline(t, spoil).Run(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	if got := ir.Text(m); got != before {
		t.Errorf("the caller's module changed to\n%s", got)
	}
	if g := result.Module.Groups[0]; g.Program != result.Module.Programs[0] || g.Program.Name != "mine" || g.Param("bias", 0) != 9 {
		t.Errorf("the copy is\n%s", ir.Text(result.Module))
	}
}

func TestCloneCopiesSideTables(t *testing.T) {
	m := &ir.Module{Cores: []*ir.Core{{Runs: []ir.Run{{Group: "h", N: 1}}}}, Routes: []ir.Route{{Axon: 1}}, Layers: []*ir.Layer{{Name: "l"}}}
	c := clone(m)
	c.Cores[0].Runs[0].N, c.Routes[0].Axon, c.Layers[0].Name = 5, 5, "x"
	if m.Cores[0].Runs[0].N != 1 || m.Routes[0].Axon != 1 || m.Layers[0].Name != "l" {
		t.Error("the copy shares side tables")
	}
}

func TestStatisticsAndSkippedPasses(t *testing.T) {
	p := pipeline(t, advance("one", ir.Quantised), advance("two", ir.Lowered))
	result, err := p.Run(context.Background(), module(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := []Stat{{"one", "steps", 1, ""}, {"two", "steps", 2, ""}}; len(result.Stats) != 2 || result.Stats[0] != want[0] || result.Stats[1] != want[1] {
		t.Errorf("statistics %v", result.Stats)
	}
	if again, err := p.Run(context.Background(), result.Module); err != nil || len(again.Stats) != 0 || again.Module.Stage != ir.Legal {
		t.Errorf("a module that has come this far runs %v, %v", again.Stats, err)
	}
}

func TestDumps(t *testing.T) {
	var out strings.Builder
	p := pipeline(t, advance("one", ir.Quantised), advance("two", ir.Lowered))
	p.Dump, p.DumpAfter = &out, []string{"two"}
	if _, err := p.Run(context.Background(), module(t)); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "// after two\nmodule @net stage(legal)") {
		t.Errorf("dump %q", got)
	}
	p.Dump = failing{}
	if _, err := p.Run(context.Background(), module(t)); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

var errFull = errors.New("full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestRefusals(t *testing.T) {
	one := advance("one", ir.Quantised)
	for _, c := range []struct {
		name, code string
		change     func(p *Pipeline, m *ir.Module)
	}{
		{"other chip", codeChip, func(_ *Pipeline, m *ir.Module) { m.Chip = "loihi1" }},
		{"unknown pass", codePass, func(p *Pipeline, _ *ir.Module) { p.DumpAfter = []string{"ome"} }},
		{"gap", codeStage, func(p *Pipeline, _ *ir.Module) { p.Passes = []Pass{advance("two", ir.Lowered)} }},
		{"invalid module", "ir/reference", func(_ *Pipeline, m *ir.Module) { m.Synapses[0].Pre = "nobody" }},
	} {
		p, m := pipeline(t, one), module(t)
		c.change(p, m)
		if _, err := p.Run(context.Background(), m); len(diag.All(err)) == 0 || diag.All(err)[0].Code != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

func TestBrokenPassesAreBugs(t *testing.T) {
	broken := advance("broken", ir.Quantised)
	for name, run := range map[string]func(c *Context, m *ir.Module) error{
		"stage":   func(*Context, *ir.Module) error { return nil },
		"invalid": func(_ *Context, m *ir.Module) error { m.Stage, m.Synapses[0].Post = ir.Lowered, "nobody"; return nil },
	} {
		broken.Run = run
		var bug *Bug
		if _, err := pipeline(t, broken).Run(context.Background(), module(t)); !errors.As(err, &bug) || bug.Pass != "broken" || !strings.HasPrefix(err.Error(), "BUG: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFindings(t *testing.T) {
	at, pos := diag.At("in.dcir", 3, 1), diag.At("model.yaml", 9, 1)
	pass := Pass{Name: "talk", Needs: ir.Quantised, Gives: ir.Lowered, Run: func(c *Context, m *ir.Module) error {
		m.Stage = ir.Lowered
		c.Notef(pos, at, "x/note", "a note")
		c.Warnf(pos, diag.Pos{}, "x/warning", "a warning")
		return nil
	}}
	result, err := pipeline(t, pass).Run(context.Background(), module(t))
	want := "in.dcir:3:1: note[x/note]: a note\n   note: it comes from model.yaml:9:1\nmodel.yaml:9:1: warning[x/warning]: a warning"
	if err != nil || result.Notes.Error() != want {
		t.Errorf("%v\n%v", err, result.Notes.Error())
	}
	plain := errors.New("plain")
	for _, c := range []struct {
		give error
		is   func(error) bool
	}{
		{diag.Errorf(at, "x/error", "wrong"), func(err error) bool { return len(diag.All(err)) == 2 }},
		{plain, func(err error) bool { return errors.Is(err, plain) }},
	} {
		pass.Run = func(ctx *Context, _ *ir.Module) error {
			ctx.Errorf(pos, diag.Pos{}, "x/error", "too")
			return c.give
		}
		if _, err := pipeline(t, pass).Run(context.Background(), module(t)); !c.is(err) {
			t.Errorf("%v", err)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := pipeline(t, advance("one", ir.Quantised)).Run(ctx, module(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestCheckOrder(t *testing.T) {
	one, two := advance("one", ir.Quantised), advance("two", ir.Lowered)
	for _, c := range []struct {
		name   string
		passes []Pass
		orders []Order
		ok     bool
	}{
		{"fine", []Pass{one, two}, []Order{{"one", "two", "why"}}, true},
		{"reversed", []Pass{one, two}, []Order{{"two", "one", "why"}}, false},
		{"absent", []Pass{one, two}, []Order{{"one", "three", "why"}}, false},
		{"twice", []Pass{one, one}, nil, false},
		{"gap", []Pass{one, advance("three", ir.Legal)}, nil, false},
		{"backward", []Pass{{Name: "back", Needs: ir.Legal, Gives: ir.Lowered}}, nil, false},
	} {
		if err := CheckOrder(c.passes, c.orders); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestCodesAreDocumentedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes {
		if seen[c.Code] || !strings.HasPrefix(c.Code, "compiler/") || c.Meaning == "" || c.Example == "" || c.Fix == "" {
			t.Errorf("row %+v", c)
		}
		seen[c.Code] = true
	}
}
