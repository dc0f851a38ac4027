// Package sem is the one statement of decc's numeric semantics: the table of
// operations that neuron programs are made of and its readers (integers, reals,
// ranges), the semantics profiles with their disputed points, the effective
// weight, and the random numbers. See README.md in this folder for the rules
// with their sources.
package sem

import (
	"fmt"
	"slices"
	"strings"
)

// Ref is the slot of a value in a program: first the fields in declaration
// order, then the result of each instruction.
type Ref int32

// NoRef marks an output that a program does not have.
const NoRef Ref = -1

// FieldKind says what a field is to the program.
type FieldKind uint8

// State lives on from row to row (initially Default); Port is the sum of what
// arrives in this row; Param is fixed, per group or per compartment; Random is a
// fresh unsigned random number each row.
const (
	State FieldKind = iota
	Port
	Param
	Random
)

var fieldKindNames = [...]string{State: "state", Port: "port", Param: "param", Random: "random"}

func (k FieldKind) String() string { return fieldKindNames[k] }

// Type is the declared integer type of a field: s24 is two's complement of 24
// bits, u7 is 0..127. Bits is 1..63.
type Type struct {
	Bits   uint8
	Signed bool
}

// Limits returns the least and greatest value of the type.
func (t Type) Limits() (lo, hi int64) {
	if !t.Signed {
		return 0, int64(1)<<t.Bits - 1
	}
	return -(int64(1) << (t.Bits - 1)), int64(1)<<(t.Bits-1) - 1
}

// Holds reports whether x is a value of the type.
func (t Type) Holds(x int64) bool {
	lo, hi := t.Limits()
	return lo <= x && x <= hi
}

func (t Type) String() string {
	if t.Signed {
		return fmt.Sprintf("s%d", t.Bits)
	}
	return fmt.Sprintf("u%d", t.Bits)
}

// Field is a named input of a program. Default is the initial value of a state
// and the value of a param that a group does not set.
type Field struct {
	Name    string
	Kind    FieldKind
	Type    Type
	Default int64
}

// Instr computes one value. Name is the name the text gave it ("" for an inner
// expression); a state's name makes it the state's next value.
type Instr struct {
	Op   Op
	Args [3]Ref
	K    [2]int64
	Name string
}

// Program is a neuron program: straight-line code that every compartment of a
// group executes once a row. It is data; Exec, Ranges, the printer and the
// backends are its readers.
type Program struct {
	Name   string
	Fields []Field
	Code   []Instr
	// Next[i] is the value that Fields[i] takes after the row (for a State; for
	// other kinds it is the field's own slot).
	Next []Ref
	// Spike is the slot that is non-zero when the compartment fires, or NoRef.
	Spike Ref
	// Payload is the graded value sent with a spike, or NoRef for 1.
	Payload Ref
	// Out is the value that joins read in the same row, or NoRef.
	Out Ref
}

// Slots is the number of values: fields and instructions.
func (p *Program) Slots() int { return len(p.Fields) + len(p.Code) }

// FieldIndex finds a field by name, or -1.
func (p *Program) FieldIndex(name string) int {
	for i, f := range p.Fields {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// FieldsOf lists the indices of the fields of one kind, in order.
func (p *Program) FieldsOf(kind FieldKind) []int {
	var idx []int
	for i, f := range p.Fields {
		if f.Kind == kind {
			idx = append(idx, i)
		}
	}
	return idx
}

// Observable finds the slot whose value at the end of a row a probe of that name
// shows: a state's next value, or the last value of that name; NoRef if there is none.
func (p *Program) Observable(name string) Ref {
	if i := p.FieldIndex(name); i >= 0 {
		return p.Next[i]
	}
	for i := len(p.Code) - 1; i >= 0; i-- {
		if p.Code[i].Name == name {
			return Ref(len(p.Fields) + i)
		}
	}
	return NoRef
}

// Observables lists the names that Observable knows: states first, then named
// values, each once.
func (p *Program) Observables() []string {
	var names []string
	for _, f := range p.Fields {
		names = append(names, f.Name)
	}
	for _, c := range p.Code {
		if c.Name != "" && !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// ParamNames lists the params.
func (p *Program) ParamNames() []string {
	var names []string
	for _, f := range p.FieldsOf(Param) {
		names = append(names, p.Fields[f].Name)
	}
	return names
}

// Cost is the number of microcode operations of one compartment update; values
// that only probes see are free.
func (p *Program) Cost() int {
	n, live := 0, p.Live()
	for i, c := range p.Code {
		if live[len(p.Fields)+i] {
			n += Ops[c.Op].Cost
		}
	}
	return n
}

// Check tells the first way in which p is not a program: a name used twice or
// empty, a type out of bounds, an argument that is not computed yet, a constant
// outside its operation's limits.
func (p *Program) Check() error {
	checks := []func() error{p.checkFields, p.checkCode, p.checkOutputs}
	for _, check := range checks {
		if err := check(); err != nil {
			return fmt.Errorf("program @%s: %w", p.Name, err)
		}
	}
	return nil
}

func (p *Program) checkFields() error {
	seen := map[string]bool{}
	for _, f := range p.Fields {
		switch {
		case f.Name == "" || strings.ContainsAny(f.Name, " ().,"):
			return fmt.Errorf("%q is not a field name", f.Name)
		case seen[f.Name]:
			return fmt.Errorf("field %q is declared twice", f.Name)
		case int(f.Kind) >= len(fieldKindNames):
			return fmt.Errorf("field %q has unknown kind %d", f.Name, f.Kind)
		case f.Type.Bits < 1 || f.Type.Bits > 62:
			return fmt.Errorf("field %q has %d bits, a field has 1..62", f.Name, f.Type.Bits)
		case f.Kind == Random && f.Type.Signed:
			return fmt.Errorf("random %q is %s; random fields are unsigned", f.Name, f.Type)
		case !f.Type.Holds(f.Default):
			return fmt.Errorf("default %d of field %q is outside %s", f.Default, f.Name, f.Type)
		}
		seen[f.Name] = true
	}
	return nil
}

func (p *Program) checkCode() error {
	for i, c := range p.Code {
		if c.Op >= opEnd {
			return fmt.Errorf("instruction %d has unknown operation %d", i, c.Op)
		}
		info := Ops[c.Op]
		for _, a := range c.Args[:info.Arity] {
			if a < 0 || int(a) >= len(p.Fields)+i {
				return fmt.Errorf("instruction %d (%s) reads slot %d, which is not computed before it", i, info.Name, a)
			}
		}
		if info.MaxK > 0 && (c.K[0] < info.MinK || c.K[0] > info.MaxK) {
			return fmt.Errorf("instruction %d (%s) has constant %d, allowed is %d..%d", i, info.Name, c.K[0], info.MinK, info.MaxK)
		}
		if c.Op == OpClamp && c.K[0] > c.K[1] {
			return fmt.Errorf("instruction %d clamps to %d..%d, which is empty", i, c.K[0], c.K[1])
		}
	}
	return nil
}

func (p *Program) checkOutputs() error {
	if len(p.Next) != len(p.Fields) {
		return fmt.Errorf("%d next values for %d fields", len(p.Next), len(p.Fields))
	}
	for i, r := range p.Next {
		if r < 0 || int(r) >= p.Slots() {
			return fmt.Errorf("next value of %q is slot %d of %d", p.Fields[i].Name, r, p.Slots())
		}
		if p.Fields[i].Kind != State && r != Ref(i) {
			return fmt.Errorf("%s %q is assigned to; only a state can be", p.Fields[i].Kind, p.Fields[i].Name)
		}
	}
	for _, r := range []Ref{p.Spike, p.Payload, p.Out} {
		if r < NoRef || int(r) >= p.Slots() {
			return fmt.Errorf("output slot %d of %d", r, p.Slots())
		}
	}
	return nil
}
