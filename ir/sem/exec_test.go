package sem_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"decc/ir"
	"decc/ir/irgen"
	"decc/ir/sem"
)

// scalar runs a program for one compartment in unbounded integers.
type scalar struct {
	p      *sem.Program
	values []*big.Int // by slot
}

func newScalar(p *sem.Program) *scalar {
	s := &scalar{p: p, values: make([]*big.Int, p.Slots())}
	for i, f := range p.Fields {
		s.values[i] = big.NewInt(f.Default)
	}
	return s
}

// randomInputs sets all fields but the states within their types.
func (s *scalar) randomInputs(r *rand.Rand) {
	for i, f := range s.p.Fields {
		if f.Kind != sem.State {
			s.values[i] = between(r, sem.Span(f.Type.Limits()))
		}
	}
}

// step computes all values of a row and keeps the next states apart until commit.
func (s *scalar) step() {
	fields := len(s.p.Fields)
	for i, c := range s.p.Code {
		var args [3]*big.Int
		for j, r := range c.Args[:sem.Ops[c.Op].Arity] {
			args[j] = s.values[r]
		}
		s.values[fields+i] = irgen.Exact(c.Op, args[0], args[1], args[2], c.K)
	}
}

func (s *scalar) commit() {
	next := make([]*big.Int, len(s.p.Fields))
	for f, r := range s.p.Next {
		next[f] = s.values[r]
	}
	for _, f := range s.p.FieldsOf(sem.State) {
		s.values[f] = next[f]
	}
}

// Many lanes at once give what one compartment at a time gives in unbounded
// integers: every live slot, every row.
func TestExecIsEveryCompartmentAlone(t *testing.T) {
	const n, rows = 7, 12
	for seed := range uint64(200) {
		p := irgen.Program("p", seed, irgen.Options{})
		live := p.Live()
		exec := sem.NewExec[int64](&p.Program, n)
		alone := make([]*scalar, n)
		for i := range alone {
			alone[i] = newScalar(&p.Program)
		}
		r := rand.New(rand.NewPCG(seed, 5))
		for k := range rows {
			for i, s := range alone {
				s.randomInputs(r)
				for f, field := range p.Fields {
					if field.Kind != sem.State {
						exec.Slot(sem.Ref(f))[i] = s.values[f].Int64()
					}
				}
				s.step()
			}
			exec.Step()
			compareLanes(t, seed, k, exec, alone, live)
			exec.Commit()
			for _, s := range alone {
				s.commit()
			}
		}
	}
}

func compareLanes(t *testing.T, seed uint64, k int, exec *sem.Exec[int64], alone []*scalar, live []bool) {
	t.Helper()
	for slot := range exec.Program().Slots() {
		for i, s := range alone {
			if got := exec.Slot(sem.Ref(slot))[i]; live[slot] && got != s.values[slot].Int64() {
				t.Fatalf("seed %d, row %d, slot %d, compartment %d: %d, want %d\n%s",
					seed, k, slot, i, got, s.values[slot], ir.ProgramText(exec.Program()))
			}
		}
	}
}

func parse(t *testing.T, body string) *sem.Program {
	t.Helper()
	p, err := ir.ParseProgram("neuron @p {\n"+body+"\n}", "p.dcir", sem.Silicon)
	if err != nil {
		t.Fatal(err)
	}
	return &p.Program
}

// States that take one another's value swap, however often.
func TestCommitTakesAllStatesAtOnce(t *testing.T) {
	p := &sem.Program{
		Name: "rotate",
		Fields: []sem.Field{
			{Name: "a", Type: sem.Type{Bits: 8, Signed: true}, Default: 1},
			{Name: "b", Type: sem.Type{Bits: 8, Signed: true}, Default: 2},
			{Name: "c", Type: sem.Type{Bits: 8, Signed: true}, Default: 3},
		},
		Code:  []sem.Instr{{Op: sem.OpNeg, Args: [3]sem.Ref{0}}},
		Next:  []sem.Ref{1, 2, 3},
		Spike: sem.NoRef, Payload: sem.NoRef, Out: sem.NoRef,
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	e := sem.NewExec[int64](p, 1)
	for _, want := range [][]int64{{2, 3, -1}, {3, -1, -2}, {-1, -2, -3}, {-2, -3, 1}} {
		e.Step()
		e.Commit()
		if got := []int64{e.Slot(0)[0], e.Slot(1)[0], e.Slot(2)[0]}; !slices.Equal(got, want) {
			t.Fatalf("got %d, want %d", got, want)
		}
	}
	e.Reset()
	if got := []int64{e.Slot(0)[0], e.Slot(1)[0], e.Slot(2)[0]}; !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("after Reset: %d", got)
	}
}

// Only what outputs need is computed, until a probe asks.
func TestLiveAndObserve(t *testing.T) {
	p := parse(t, `state x:s8
		port d:s8
		seen = add(d, 100)
		x = wrap(add(x, d), 8)
		spike gt(x, 3)`)
	seen := p.Observable("seen")
	live := p.Live()
	if live[seen] || !live[p.Observable("x")] || !live[p.Spike] {
		t.Fatalf("live slots %v; seen is %d", live, seen)
	}
	if with := p.Live(seen); !with[seen] {
		t.Error("Live(seen) leaves seen out")
	}
	e := sem.NewExec[int64](p, 1)
	e.Slot(sem.Ref(p.FieldIndex("d")))[0] = 5
	e.Step()
	if got := e.Slot(seen)[0]; got != 0 {
		t.Errorf("seen was computed without being asked for: %d", got)
	}
	e.Observe(seen)
	e.Step()
	if got := e.Slot(seen)[0]; got != 105 {
		t.Errorf("seen = %d, want 105", got)
	}
	if p.Cost() != 3 { // wrap, add, gt
		t.Errorf("cost %d; a value that only probes see is free", p.Cost())
	}
}

func TestObservables(t *testing.T) {
	p := parse(t, "state x:s8\nport d:s8\ny = add(x, d)\nx = wrap(y, 8)\nspike y")
	if got := p.Observables(); !slices.Equal(got, []string{"x", "d", "y"}) {
		t.Errorf("observables %q", got)
	}
	if p.Observable("x") != p.Next[0] || p.Observable("nothing") != sem.NoRef {
		t.Error("Observable(x) is the next value, and of an unknown name NoRef")
	}
}

// Reals run the same program without rounding.
func TestExecReal(t *testing.T) {
	p := parse(t, "state u:s24\nport d:s24\nu = wrap(add(shrz(mul(u, 3), 2), d), 24)\nout u")
	e := sem.NewExec[float64](p, 1)
	for k, want := range []float64{1, 0.75, 0.5625} {
		clear(e.Slot(1))
		if k == 0 {
			e.Slot(1)[0] = 1
		}
		e.Step()
		if got := e.Slot(p.Out)[0]; got != want {
			t.Errorf("row %d: u = %v, want %v", k, got, want)
		}
		e.Commit()
	}
	if e.N() != 1 || e.Program() != p {
		t.Error("N or Program is not what the Exec was made for")
	}
}
