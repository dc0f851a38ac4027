package sem_test

import (
	"math"
	"strings"
	"testing"

	"decc/ir/irgen"
	"decc/ir/sem"
)

func TestTypes(t *testing.T) {
	for bits := uint8(1); bits <= 63; bits++ {
		for _, signed := range []bool{true, false} {
			typ := sem.Type{Bits: bits, Signed: signed}
			lo, hi := typ.Limits()
			if !typ.Holds(lo) || !typ.Holds(hi) || lo > math.MinInt64 && typ.Holds(lo-1) || hi < math.MaxInt64 && typ.Holds(hi+1) {
				t.Errorf("%s holds other values than %d..%d", typ, lo, hi)
			}
			if values := float64(hi) - float64(lo) + 1; values != math.Pow(2, float64(bits)) {
				t.Errorf("%s has %v values", typ, values)
			}
		}
	}
	if s := (sem.Type{Bits: 24, Signed: true}).String() + (sem.Type{Bits: 7}).String(); s != "s24u7" {
		t.Errorf("types are written %s", s)
	}
}

// small is a program that Check accepts, for the cases below to spoil.
func small() sem.Program {
	return sem.Program{
		Name: "p",
		Fields: []sem.Field{
			{Name: "x", Kind: sem.State, Type: sem.Type{Bits: 8, Signed: true}},
			{Name: "d", Kind: sem.Port, Type: sem.Type{Bits: 8, Signed: true}},
		},
		Code: []sem.Instr{
			{Op: sem.OpAdd, Args: [3]sem.Ref{0, 1}},
			{Op: sem.OpWrap, Args: [3]sem.Ref{2}, K: [2]int64{8}},
		},
		Next: []sem.Ref{3, 1}, Spike: 2, Payload: sem.NoRef, Out: sem.NoRef,
	}
}

func TestCheckRefuses(t *testing.T) {
	if p := small(); p.Check() != nil {
		t.Fatal(p.Check())
	}
	for want, spoil := range map[string]func(p *sem.Program){
		"not a field name":          func(p *sem.Program) { p.Fields[0].Name = "" },
		`"a b" is not a field name`: func(p *sem.Program) { p.Fields[0].Name = "a b" },
		"declared twice":            func(p *sem.Program) { p.Fields[1].Name = "x" },
		"unknown kind 4":            func(p *sem.Program) { p.Fields[0].Kind = 4 },
		"has 0 bits":                func(p *sem.Program) { p.Fields[0].Type.Bits = 0 },
		"has 63 bits":               func(p *sem.Program) { p.Fields[0].Type.Bits = 63 },
		"default 128":               func(p *sem.Program) { p.Fields[0].Default = 128 },
		"random fields are unsigned": func(p *sem.Program) {
			p.Fields = append(p.Fields[:1:1], sem.Field{Name: "d", Kind: sem.Random, Type: sem.Type{Bits: 8, Signed: true}})
		},
		"unknown operation":              func(p *sem.Program) { p.Code[0].Op = sem.Op(len(sem.Ops)) },
		"reads slot 2, which is not":     func(p *sem.Program) { p.Code[0].Args[0] = 2 },
		"reads slot -1":                  func(p *sem.Program) { p.Code[0].Args[1] = -1 },
		"reads slot 3":                   func(p *sem.Program) { p.Code[1].Args[0] = 3 },
		"has constant 0, allowed":        func(p *sem.Program) { p.Code[1].K[0] = 0 },
		"has constant 64":                func(p *sem.Program) { p.Code[1].K[0] = 64 },
		"which is empty":                 func(p *sem.Program) { p.Code[1] = sem.Instr{Op: sem.OpClamp, K: [2]int64{1, 0}} },
		"1 next values for 2 fields":     func(p *sem.Program) { p.Next = p.Next[:1] },
		"next value of \"x\" is slot 4":  func(p *sem.Program) { p.Next[0] = 4 },
		"next value of \"x\" is slot -1": func(p *sem.Program) { p.Next[0] = sem.NoRef },
		"only a state can be":            func(p *sem.Program) { p.Next[1] = 3 },
		"output slot 4":                  func(p *sem.Program) { p.Spike = 4 },
		"output slot -2":                 func(p *sem.Program) { p.Out = -2 },
		"output slot 9":                  func(p *sem.Program) { p.Payload = 9 },
	} {
		p := small()
		spoil(&p)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// Each shift and width is checked at both ends of what its operation takes.
func TestCheckBoundsConstants(t *testing.T) {
	for op, info := range sem.Ops {
		if info.MaxK == 0 {
			continue
		}
		for _, k := range []int64{info.MinK - 1, info.MinK, info.MaxK, info.MaxK + 1} {
			p := small()
			p.Code[1] = sem.Instr{Op: sem.Op(op), Args: [3]sem.Ref{2, 2}, K: [2]int64{k}}
			if fine := info.MinK <= k && k <= info.MaxK; (p.Check() == nil) != fine {
				t.Errorf("%s with constant %d: %v", info.Name, k, p.Check())
			}
		}
	}
}

// What Check accepts can be run and ranged without a panic, whatever it is.
func FuzzCheckedProgramsRun(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, uint16(seed), int32(3), int64(seed)-4)
	}
	f.Fuzz(func(t *testing.T, seed uint64, place uint16, ref int32, k int64) {
		p := irgen.Program("p", seed%512, irgen.Options{}).Program
		if len(p.Code) > 0 {
			c := &p.Code[int(place)%len(p.Code)]
			c.Args[place%3], c.K[place%2] = sem.Ref(ref), k
			c.Op = sem.Op(place % uint16(len(sem.Ops)+1))
		}
		if p.Check() != nil {
			return
		}
		if _, err := sem.Ranges(&p, nil); err != nil && err.Error() == "" {
			t.Error("an escape without a message")
		}
		sem.NewExec[int64](&p, 3).Step()
		sem.NewExec[float64](&p, 3).Step()
	})
}
