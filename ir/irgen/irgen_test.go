package irgen_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"decc/ir"
	"decc/ir/irgen"
	"decc/ir/sem"
)

// kinds are the options that other tests use.
var kinds = map[string]irgen.Options{
	"any": {}, "builtin": {Builtin: true}, "loihi2": {Loihi2: true}, "exact": {Exact: true}, "plastic": {Plastic: true},
}

func TestRandomIsValidAndPrintable(t *testing.T) {
	for name, o := range kinds {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(150) {
				m := irgen.Random(seed, o)
				if err := ir.Verify(m); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				text := ir.Text(m)
				back, err := ir.Parse(text, "m.dcir")
				if err != nil {
					t.Fatalf("seed %d: %v\n%s", seed, err, text)
				}
				if ir.Text(back) != text {
					t.Fatalf("seed %d: printing what was parsed gives another text", seed)
				}
				if ir.Text(irgen.Random(seed, o)) != text {
					t.Fatalf("seed %d gives two modules", seed)
				}
			}
		})
	}
}

// What a few hundred modules must have among them.
func TestRandomCoversTheLanguage(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(400) {
		survey(irgen.Random(seed, irgen.Options{}), func(what string, args ...any) { seen[fmt.Sprintf(what, args...)]++ })
	}
	var want []string
	add := func(what string, args ...any) { want = append(want, fmt.Sprintf(what, args...)) }
	for _, name := range append(ir.BuiltinNames(), "random") {
		add("program %s", name)
	}
	for _, name := range sem.ProfileNames() {
		add("profile %s", name)
	}
	for bits := range 9 {
		add("bits %d", bits)
	}
	for exp := -8; exp <= 7; exp++ {
		add("exp %d", exp)
	}
	for _, name := range sem.SignNames {
		add("sign %s", name)
	}
	for op := range sem.Ops {
		add("op %s", sem.Op(op))
	}
	want = append(want, "dense", "list", "graded", "recurrent", "delay 0", "delay 63", "delays", "join", "join of join", "reset", "random field", "layer", "mantissa -256", "mantissa 255", "payload")
	for _, what := range want {
		if seen[what] < 3 {
			t.Errorf("%q: %d times in 400 modules", what, seen[what])
		}
	}
}

func survey(m *ir.Module, saw func(what string, args ...any)) {
	saw("profile %s", m.Profile)
	for _, p := range m.Programs {
		name := p.Name
		if !slices.Contains(ir.BuiltinNames(), name) {
			name = "random"
			for _, c := range p.Code {
				saw("op %s", c.Op)
			}
		}
		saw("program %s", name)
		if len(p.FieldsOf(sem.Random)) > 0 {
			saw("random field")
		}
		if p.Payload != sem.NoRef {
			saw("payload")
		}
	}
	for _, s := range m.Synapses {
		surveySynapse(s, saw)
	}
	for _, j := range m.Joins {
		saw("join")
		if slices.ContainsFunc(m.Joins, func(k *ir.Join) bool { return k.To == j.From }) {
			saw("join of join")
		}
	}
	for _, g := range m.Groups {
		if g.Reset != (ir.Reset{}) {
			saw("reset")
		}
	}
	if len(m.Layers) > 0 {
		saw("layer")
	}
}

func surveySynapse(s *ir.Synapse, saw func(what string, args ...any)) {
	saw("bits %d", s.Format.Bits)
	saw("exp %d", s.Format.Exp)
	saw("sign %s", s.Format.Sign)
	for what, has := range map[string]bool{
		"list": s.IsList(), "dense": !s.IsList(), "graded": s.Graded, "recurrent": s.Pre == s.Post,
		"delays": s.Delay != nil && len(s.Delay.Data) > 1,
	} {
		if has {
			saw(what)
		}
	}
	s.Each(func(_, _ int, mantissa int64, delay int) {
		saw("mantissa %d", mantissa)
		saw("delay %d", delay)
	})
}

func TestTrainsFitTheirModule(t *testing.T) {
	events := 0
	for seed := range uint64(100) {
		c := irgen.RandomCase(seed, 25, irgen.Options{})
		for _, in := range c.Module.Inputs {
			train := c.Inputs[in.Name]
			events += len(train)
			if err := train.Check(25, in.N); err != nil {
				t.Fatalf("seed %d, @%s: %v", seed, in.Name, err)
			}
			for i, e := range train {
				plain := in.Payload == (sem.Type{})
				if plain && e.Payload != 1 || !plain && !in.Payload.Holds(int64(e.Payload)) {
					t.Fatalf("seed %d, @%s: payload %d", seed, in.Name, e.Payload)
				}
				if i > 0 && train[i-1].Row == e.Row && train[i-1].Index == e.Index {
					t.Fatalf("seed %d, @%s: two spikes of one member in a row", seed, in.Name)
				}
			}
		}
	}
	if events < 10_000 {
		t.Errorf("only %d events", events)
	}
}

func TestCaseText(t *testing.T) {
	for seed := range uint64(60) {
		c := irgen.RandomCase(seed, 12, irgen.Options{})
		back, err := irgen.ParseCase(c.Text(), "case.dcir")
		if err != nil {
			t.Fatal(err)
		}
		if back.Text() != c.Text() || back.Rows != c.Rows {
			t.Fatalf("seed %d: the case changed in its text", seed)
		}
		if d := irgen.Difference(naive(c), naive(back)); d != "" {
			t.Fatalf("seed %d: the case from its text runs differently: %s", seed, d)
		}
	}
}

func TestParseCaseErrors(t *testing.T) {
	const module = "module @m stage(quantised) semantics(silicon) {\n  input @in x 3\n}\n"
	for _, line := range []string{
		"// rows x", "// rows -1", "// rows 99999999999", "// rows 4\n// input @in 1", "// rows 4\n// input @in 1/x", "// rows 4\n// input @in 1/1*x",
		"// rows 4\n// input @in 4/0", "// rows 4\n// input @in 0/3", "// rows 4\n// input @in 2/0 1/0", "// rows 4\n// input @other 1/1", "// rows 4\n// input @",
	} {
		if _, err := irgen.ParseCase(line+"\n"+module, "case.dcir"); err == nil {
			t.Errorf("%q: no error", line)
		}
	}
	if _, err := irgen.ParseCase("// rows 4\n// input @in 1/2*-7\n"+module, "case.dcir"); err != nil {
		t.Error(err)
	}
}

func FuzzParseCase(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(irgen.RandomCase(seed, 3, irgen.Options{Builtin: true}).Text())
	}
	f.Add("// rows 4\n// input @in 1/2*-7\nmodule @m stage(quantised) semantics(silicon) {\n  input @in x 3\n}\n")
	f.Fuzz(func(t *testing.T, src string) {
		c, err := irgen.ParseCase(src, "case.dcir")
		if err != nil {
			return
		}
		if _, err := irgen.ParseCase(c.Text(), "again.dcir"); err != nil {
			t.Fatalf("the text of a case is none: %v", err)
		}
	})
}

func TestKeepAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "regress")
	if none, err := irgen.Kept(dir); err != nil || len(none) != 0 {
		t.Fatalf("a folder that does not exist: %v, %v", none, err)
	}
	c := irgen.RandomCase(3, 7, irgen.Options{})
	path, err := irgen.Keep(dir, "found", "first line\nsecond", c)
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(src), "// first line second\n// rows 7\n") {
		t.Errorf("the file begins %.60q", src)
	}
	kept, err := irgen.Kept(dir)
	if err != nil || len(kept) != 1 || kept["found.dcir"].Text() != c.Text() {
		t.Errorf("kept %d cases, %v", len(kept), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.dcir"), []byte("module"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := irgen.Kept(dir); err == nil {
		t.Error("a file that is no case was read")
	}
}
