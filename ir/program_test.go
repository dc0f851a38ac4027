package ir

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"decc/ir/sem"
)

// eachBuiltin runs f for every builtin program under every profile.
func eachBuiltin(t *testing.T, f func(t *testing.T, p *Program, profile sem.ProfileID)) {
	t.Helper()
	for _, name := range BuiltinNames() {
		for i, profile := range sem.ProfileNames() {
			t.Run(name+"/"+profile, func(t *testing.T) {
				p, err := Builtin(name, sem.ProfileID(i))
				if err != nil {
					t.Fatal(err)
				}
				f(t, p, sem.ProfileID(i))
			})
		}
	}
}

func mustProgram(t *testing.T, src string, profile sem.ProfileID) *sem.Program {
	t.Helper()
	p, err := ParseProgram(src, "test.dcir", profile)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return &p.Program
}

func TestBuiltinsPrintAndParseBack(t *testing.T) {
	eachBuiltin(t, func(t *testing.T, p *Program, profile sem.ProfileID) {
		text := ProgramText(&p.Program)
		again := mustProgram(t, text, profile)
		if d := cmp.Diff(&p.Program, again); d != "" {
			t.Errorf("not the same program (-first +again):\n%s", d)
		}
		if d := cmp.Diff(text, ProgramText(again)); d != "" {
			t.Error(d)
		}
	})
}

func TestBuiltinsAreProvenForEveryProfile(t *testing.T) {
	drive := sem.Span(-1<<23, 1<<23)
	eachBuiltin(t, func(t *testing.T, p *Program, profile sem.ProfileID) {
		bounds := sem.Bounds{}
		for _, f := range p.FieldsOf(sem.Port) {
			bounds[p.Fields[f].Name] = drive
		}
		if profile == sem.Brian2Loihi && p.FieldIndex("gain") >= 0 {
			// The current has 51 bits there, and a factor above 1 would need a 65th.
			bounds["gain"] = sem.Span(0, 4096)
		}
		if _, err := sem.Ranges(&p.Program, bounds); err != nil {
			t.Error(err)
		}
	})
}

func TestEscapeNamesTheField(t *testing.T) {
	for _, c := range []struct {
		program string
		profile sem.ProfileID
		field   string
		x       sem.Interval
	}{
		{"cuba", sem.Lava, "drive", sem.Span(-1<<25, 1<<25)},
		{"decolle", sem.Lava, "drive", sem.Span(-1<<25, 1<<25)},
		{"cuba", sem.Silicon, "du", sem.Span(0, 1<<50)},
		{"cuba", sem.NengoLoihi, "dv", sem.Span(0, 1<<50)},
		{"decolle", sem.Silicon, "dr", sem.Span(0, 1<<50)},
	} {
		p, err := Builtin(c.program, c.profile)
		if err != nil {
			t.Fatal(err)
		}
		bounds := sem.Bounds{"drive": sem.Span(-1<<23, 1<<23)}
		bounds[c.field] = c.x
		_, err = sem.Ranges(&p.Program, bounds)
		escape, ok := err.(*sem.Escape)
		if !ok || len(escape.Fields) != 1 || escape.Fields[0] != c.field {
			t.Errorf("%s, %s: got %v, want an escape that %s allows", c.program, c.profile, err, c.field)
		}
	}
}

func TestUnknownBuiltin(t *testing.T) {
	_, err := Builtin("cubba", sem.Silicon)
	if err == nil || !contains(err.Error(), `did you mean "cuba"?`) {
		t.Errorf("got %v", err)
	}
}

// randomProgram makes programs that no text would: unnamed values used often, dead
// code, old states read late, states that take over one another.
func randomProgram(r *rand.Rand) *sem.Program {
	p := &sem.Program{Name: "r", Spike: sem.NoRef, Payload: sem.NoRef, Out: sem.NoRef}
	kinds := []sem.FieldKind{sem.State, sem.State, sem.State, sem.Port, sem.Param, sem.Random}
	for i, kind := range kinds[:1+r.IntN(len(kinds))] {
		p.Fields = append(p.Fields, sem.Field{
			Name: fmt.Sprintf("t%d", i), Kind: kind, Type: sem.Type{Bits: 24, Signed: kind != sem.Random}, Default: int64(r.IntN(9)),
		})
	}
	slot := func() sem.Ref { return sem.Ref(r.IntN(p.Slots())) }
	for range r.IntN(60) {
		c := sem.Instr{Op: sem.Op(r.IntN(len(sem.Ops)))}
		info := sem.Ops[c.Op]
		for j := range info.Arity {
			c.Args[j] = slot()
		}
		for j := range info.Ks {
			c.K[j] = info.MinK + int64(r.IntN(4)) + int64(j*9)
		}
		c.Name = []string{"", "", "", "t1", "x", "y", "z", "not a name", "spike"}[r.IntN(9)]
		p.Code = append(p.Code, c)
	}
	for i, f := range p.Fields {
		next := sem.Ref(i)
		if f.Kind == sem.State && r.IntN(4) > 0 {
			next = slot()
		}
		p.Next = append(p.Next, next)
	}
	for _, o := range []*sem.Ref{&p.Spike, &p.Payload, &p.Out} {
		if r.IntN(2) == 0 {
			*o = slot()
		}
	}
	return p
}

func TestAnyProgramPrintsAndParsesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		p := randomProgram(r)
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		want, text := canonical(p), ProgramText(p)
		got := mustProgram(t, text, sem.Silicon)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("parsed text is another program (-want +got):\n%s\n%s", d, text)
		}
		if again := ProgramText(got); again != text {
			t.Fatalf("printed again:\n%s\nfirst:\n%s", again, text)
		}
		sameMeaning(t, r, p, got)
	}
}

// sameMeaning runs both programs for some rows on the same inputs.
func sameMeaning(t *testing.T, r *rand.Rand, p, q *sem.Program) {
	t.Helper()
	a, b := sem.NewExec[int64](p, 2), sem.NewExec[int64](q, 2)
	for range 4 {
		for i, f := range p.Fields {
			if f.Kind != sem.State {
				for lane := range 2 {
					a.Slot(sem.Ref(i))[lane] = int64(r.IntN(4096))
					b.Slot(sem.Ref(i))[lane] = a.Slot(sem.Ref(i))[lane]
				}
			}
		}
		a.Step()
		b.Step()
		for _, o := range [][2]sem.Ref{{p.Spike, q.Spike}, {p.Payload, q.Payload}, {p.Out, q.Out}} {
			if (o[0] == sem.NoRef) != (o[1] == sem.NoRef) {
				t.Fatal("an output appeared or vanished")
			}
			if o[0] != sem.NoRef && !cmp.Equal(a.Slot(o[0]), b.Slot(o[1])) {
				t.Fatalf("outputs differ: %v, %v\n%s", a.Slot(o[0]), b.Slot(o[1]), ProgramText(p))
			}
		}
		a.Commit()
		b.Commit()
		for i := range p.Fields {
			if !cmp.Equal(a.Slot(sem.Ref(i)), b.Slot(sem.Ref(i))) {
				t.Fatalf("%s differs: %v, %v\n%s", p.Fields[i].Name, a.Slot(sem.Ref(i)), b.Slot(sem.Ref(i)), ProgramText(p))
			}
		}
	}
}

func TestDeepProgramIsNamedOnTheWay(t *testing.T) {
	p := &sem.Program{Name: "deep", Fields: []sem.Field{{Name: "u", Type: sem.Type{Bits: 24, Signed: true}}}, Spike: sem.NoRef, Payload: sem.NoRef, Out: sem.NoRef}
	for i := range 5000 {
		p.Code = append(p.Code, sem.Instr{Op: sem.OpNeg, Args: [3]sem.Ref{sem.Ref(i)}})
	}
	p.Next = []sem.Ref{5000}
	if d := cmp.Diff(canonical(p), mustProgram(t, ProgramText(p), sem.Silicon)); d != "" {
		t.Error(d)
	}
}

func TestAliasOfAnOldState(t *testing.T) {
	p := mustProgram(t, `neuron @p {
  state a:s8 = 1 b:s8 = 2
  old = a
  a = b
  b = old
}`, sem.Silicon)
	want := `neuron @p {
  state a:s8 = 1 b:s8 = 2
  t1 = a
  a = b
  b = t1
}`
	if d := cmp.Diff(want, ProgramText(p)); d != "" {
		t.Error(d)
	}
}
