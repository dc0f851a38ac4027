package ir

import (
	"fmt"
	"strconv"
	"strings"

	"decc/ir/sem"
)

// ProgramText is the canonical text of a neuron program, without a final newline
// and with the body indented by two blanks: concrete types and operations only,
// one line a named value, unnamed values nested where they are used. A program
// that fails its Check gives a comment that says why.
func ProgramText(p *sem.Program) string {
	var b strings.Builder
	printProgram(&b, p, "", "")
	return b.String()
}

// printProgram writes p with each line indented; origin follows the name.
func printProgram(b *strings.Builder, p *sem.Program, origin, indent string) {
	if err := p.Check(); err != nil {
		fmt.Fprintf(b, "%s// not a program: %v", indent, err)
		return
	}
	w := newProgramWriter(canonical(p))
	fmt.Fprintf(b, "%sneuron @%s%s {\n", indent, p.Name, origin)
	for _, line := range append(w.fields(), w.body()...) {
		fmt.Fprintf(b, "%s  %s\n", indent, line)
	}
	fmt.Fprintf(b, "%s}", indent)
}

// programWriter prints a canonical program.
type programWriter struct {
	p      *sem.Program
	nField sem.Ref
	text   []string // what a read of each slot is printed as
	fresh  *freshNames
}

func newProgramWriter(p *sem.Program) *programWriter {
	w := &programWriter{p: p, nField: sem.Ref(len(p.Fields)), text: make([]string, p.Slots())}
	names := make([]string, len(p.Code))
	for i, f := range p.Fields {
		w.text[i] = f.Name
	}
	for i, c := range p.Code {
		names[i] = c.Name
		w.text[int(w.nField)+i] = c.Name
		if c.Op == sem.OpConst {
			w.text[int(w.nField)+i] = strconv.FormatInt(c.K[0], 10)
		}
	}
	w.fresh = newFresh(p, names)
	return w
}

// fields prints a line for each run of fields of one kind.
func (w *programWriter) fields() []string {
	var lines []string
	for i, f := range w.p.Fields {
		if i == 0 || f.Kind != w.p.Fields[i-1].Kind {
			lines = append(lines, f.Kind.String())
		}
		lines[len(lines)-1] += fmt.Sprintf(" %s:%s", f.Name, f.Type)
		if f.Default != 0 {
			lines[len(lines)-1] += fmt.Sprintf(" = %d", f.Default)
		}
	}
	return lines
}

// line is one printed statement: head, then the expression of root (define) or
// its name. binds is the field whose name means something else from the next line
// on, or -1.
type line struct {
	head   string
	root   sem.Ref
	define bool
	binds  int
}

// body prints the statements. A state's old value that is still read after the
// state's name has been given to the new one gets a name first.
func (w *programWriter) body() []string {
	lines := w.lines()
	lastRead := make([]int, w.nField)
	for k, l := range lines {
		w.reads(l.root, l.define, func(f sem.Ref) { lastRead[f] = k })
	}
	var printed []string
	for k, l := range lines {
		text := l.head + w.expr(l.root, l.define)
		if l.binds >= 0 && lastRead[l.binds] > k {
			name := w.fresh.next()
			printed = append(printed, name+" = "+w.text[l.binds])
			w.text[l.binds] = name
		}
		printed = append(printed, text)
	}
	return printed
}

// lines lists the named values, then the states that take over an existing
// value, then the outputs.
func (w *programWriter) lines() []line {
	var lines []line
	for i, c := range w.p.Code {
		if c.Name != "" {
			lines = append(lines, line{c.Name + " = ", w.nField + sem.Ref(i), true, w.p.FieldIndex(c.Name)})
		}
	}
	for f, r := range w.p.Next {
		if r != sem.Ref(f) && w.text[r] != w.p.Fields[f].Name {
			lines = append(lines, line{w.p.Fields[f].Name + " = ", r, false, f})
		}
	}
	for _, o := range []struct {
		head string
		root sem.Ref
	}{{"spike ", w.p.Spike}, {"payload ", w.p.Payload}, {"out ", w.p.Out}} {
		if o.root != sem.NoRef {
			lines = append(lines, line{o.head, o.root, false, -1})
		}
	}
	return lines
}

// opened reports whether a use of the value is printed as its expression: where it
// is defined, and where it has no name.
func (w *programWriter) opened(r sem.Ref, define bool) bool {
	return w.text[r] == "" || define && r >= w.nField && w.p.Code[r-w.nField].Op != sem.OpConst
}

// reads calls f for every field that the printed expression reads.
func (w *programWriter) reads(r sem.Ref, define bool, f func(field sem.Ref)) {
	if !w.opened(r, define) {
		if r < w.nField {
			f(r)
		}
		return
	}
	c := w.p.Code[r-w.nField]
	for _, a := range c.Args[:sem.Ops[c.Op].Arity] {
		w.reads(a, false, f)
	}
}

func (w *programWriter) expr(r sem.Ref, define bool) string {
	if !w.opened(r, define) {
		return w.text[r]
	}
	c := w.p.Code[r-w.nField]
	info := &sem.Ops[c.Op]
	var args []string
	for _, a := range c.Args[:info.Arity] {
		args = append(args, w.expr(a, false))
	}
	for _, k := range c.K[:info.Ks] {
		args = append(args, strconv.FormatInt(k, 10))
	}
	return info.Name + "(" + strings.Join(args, ", ") + ")"
}
