// Package hostc writes a host program (chipsim/host) as C for the embedded processor: one
// state structure and one function that is called once an epoch for every class neuron. How
// counters are read and traces written is the vendor's interface, which is the caller's.
package hostc

import (
	"fmt"
	"io"
	"strings"

	"decc/chipsim/host"
	"decc/ir/diag"
	"decc/ir/sem"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code: "hostc/operation", Meaning: "a host program has an operation that there is no C text for",
		Example: "wraponce(x, 24) in a host program", Fix: "use the operations of the built-in host programs",
	},
}

// operations are the C texts of sem.Ops: a, b, c are arguments, k and l constants. Shifts
// to the right are of two's complement, as all C compilers have it.
var operations = map[sem.Op]string{
	sem.OpConst: "INT64_C(k)", sem.OpAdd: "a + b", sem.OpSub: "a - b", sem.OpMul: "a * b", sem.OpNeg: "-a",
	sem.OpAbs: "a < 0 ? -a : a", sem.OpMin: "a < b ? a : b", sem.OpMax: "a > b ? a : b",
	sem.OpShl: "a * (INT64_C(1) << k)", sem.OpShrZ: "a / (INT64_C(1) << k)", sem.OpShrF: "a >> k",
	sem.OpClamp: "a < INT64_C(k) ? INT64_C(k) : a > INT64_C(l) ? INT64_C(l) : a",
	sem.OpGt:    "a > b", sem.OpGe: "a >= b", sem.OpEq: "a == b", sem.OpAnd: "a && b", sem.OpOr: "a || b", sem.OpNot: "!a",
	sem.OpSelect: "a ? b : c",
}

// Write writes the program with its params as they are set.
func Write(w io.Writer, s host.Spec) error {
	g := generator{spec: s, p: &s.Program.Program}
	text, err := g.text()
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

type generator struct {
	spec host.Spec
	p    *sem.Program
}

// name of a value in C.
func (g *generator) name(r sem.Ref) string {
	i := int(r)
	if i >= len(g.p.Fields) {
		return fmt.Sprintf("x%d", i-len(g.p.Fields))
	}
	if f := g.p.Fields[i]; f.Kind == sem.State {
		return "s->" + f.Name
	}
	return g.p.Fields[i].Name
}

func (g *generator) text() (string, error) {
	var b strings.Builder
	name, p := g.p.Name, g.p
	fmt.Fprintf(&b, "/* Host program %s of group %s, written by decc.\n", name, g.spec.Group)
	fmt.Fprintf(&b, " * At the start of a sample call %s_begin for each of the %d neurons, and then every %d rows,\n", name, g.spec.N, g.spec.Every)
	b.WriteString(" * after their spikes and before the learning epoch ends:\n")
	fmt.Fprintf(&b, " *   y1[i] = %s_epoch(&state[i], spikes of neuron i in these rows, i == class);\n", name)
	lo, hi, err := g.spec.Limits()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&b, " * which is %d..%d.", lo, hi)
	if lo < 0 {
		b.WriteString(" Where it is less than 0, write its magnitude and choose the second learning profile.")
	}
	b.WriteString(" */\n#include <stdint.h>\n\n")
	fmt.Fprintf(&b, "enum { %s_NEURONS = %d, %s_ROWS = %d };\n\n", strings.ToUpper(name), g.spec.N, strings.ToUpper(name), g.spec.Every)
	fmt.Fprintf(&b, "typedef struct {\n  int64_t unused_; /* C wants a member */\n%s} %s_state;\n\n", g.states("  int64_t %s;\n"), name)
	fmt.Fprintf(&b, "static inline void %s_begin(%s_state *s) {\n  s->unused_ = 0;\n", name, name)
	for _, f := range p.FieldsOf(sem.State) {
		fmt.Fprintf(&b, "  s->%s = %d;\n", p.Fields[f].Name, p.Fields[f].Default)
	}
	fmt.Fprintf(&b, "}\n\nstatic inline int64_t %s_epoch(%s_state *s, int64_t %s, int64_t %s) {\n", name, name, host.Count, host.Right)
	for _, f := range p.FieldsOf(sem.Param) {
		fmt.Fprintf(&b, "  const int64_t %s = %d;\n", p.Fields[f].Name, g.spec.Param(p.Fields[f]))
	}
	for i, in := range p.Code {
		line, err := g.operation(in)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "  const int64_t x%d = %s;%s\n", i, line, comment(in.Name))
	}
	for _, f := range p.FieldsOf(sem.State) {
		fmt.Fprintf(&b, "  s->%s = %s;\n", p.Fields[f].Name, g.name(p.Next[f]))
	}
	fmt.Fprintf(&b, "  return %s;\n}\n", g.name(p.Observable(host.Post)))
	return b.String(), nil
}

func comment(name string) string {
	if name == "" {
		return ""
	}
	return " /* " + name + " */"
}

func (g *generator) states(format string) string {
	s := ""
	for _, f := range g.p.FieldsOf(sem.State) {
		s += fmt.Sprintf(format, g.p.Fields[f].Name)
	}
	return s
}

func (g *generator) operation(in sem.Instr) (string, error) {
	text, ok := operations[in.Op]
	if !ok {
		return "", diag.Errorf(diag.Pos{}, "hostc/operation", "host program @%s uses %s, which has no C text", g.p.Name, sem.Ops[in.Op].Name)
	}
	pairs := []string{"INT64_C(k)", fmt.Sprintf("INT64_C(%d)", in.K[0]), "INT64_C(l)", fmt.Sprintf("INT64_C(%d)", in.K[1]), "INT64_C(1)", "INT64_C(1)", "k", fmt.Sprint(in.K[0])}
	for i, letter := range []string{"a", "b", "c"}[:sem.Ops[in.Op].Arity] {
		pairs = append(pairs, letter, g.name(in.Args[i]))
	}
	return strings.NewReplacer(pairs...).Replace(text), nil
}
