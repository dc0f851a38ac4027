package ir

import (
	"decc/ir/diag"
	"decc/ir/sem"
)

// Bounds of a program text.
const (
	maxFields = 256
	maxCode   = 1 << 16
	maxBits   = 62
)

// assembler turns a program as written into one as executed, for one profile:
// names become slots, calls of disputed points become the profile's rule.
type assembler struct {
	p       *parser
	profile sem.ProfileID
	prog    *sem.Program
	// scope holds what each name means at this point of the text; made holds all
	// names that the text gave to fields or values.
	scope  map[string]sem.Ref
	made   map[string]bool
	consts map[int64]sem.Ref
}

// assemble returns the canonical program, or nil when the text has errors (they
// are in p then).
func (p *parser) assemble(t *programText, profile sem.ProfileID) *sem.Program {
	before := len(p.diags)
	a := &assembler{
		p: p, profile: profile, prog: &sem.Program{Name: t.name.text, Spike: sem.NoRef, Payload: sem.NoRef, Out: sem.NoRef},
		scope: map[string]sem.Ref{}, made: map[string]bool{}, consts: map[int64]sem.Ref{},
	}
	for _, f := range t.fields {
		a.field(f)
	}
	for i := range a.prog.Fields {
		a.prog.Next = append(a.prog.Next, sem.Ref(i))
	}
	for _, s := range t.statements {
		a.statement(s)
	}
	if len(p.diags) > before {
		return nil
	}
	if err := a.prog.Check(); err != nil {
		p.errorAt(t.name, "ir/program", "%v", err)
		return nil
	}
	return canonical(a.prog)
}

func (a *assembler) field(f fieldDecl) {
	if len(a.prog.Fields) == maxFields {
		a.p.errorAt(f.name, "ir/size", "more than %d fields", maxFields)
	}
	typ, ok := a.fieldType(f.typ)
	a.declare(f.name)
	if !ok || len(a.prog.Fields) >= maxFields {
		return
	}
	if !typ.Holds(f.value) {
		lo, hi := typ.Limits()
		a.p.errorAt(f.valueTok, "ir/number", "default %d of %s is outside %s, which is %d..%d", f.value, f.name.text, typ, lo, hi)
	}
	a.scope[f.name.text] = sem.Ref(len(a.prog.Fields))
	a.prog.Fields = append(a.prog.Fields, sem.Field{Name: f.name.text, Kind: f.kind, Type: typ, Default: f.value})
}

// declare makes a name known; a program uses each only once.
func (a *assembler) declare(name token) {
	if !validIdent(name.text) {
		a.p.errorAt(name, "ir/name", "%s cannot name a value", name.show()).
			WithFix("use at most %d letters, digits and _, and none of the words of the program text", maxName)
	}
	if a.made[name.text] {
		a.p.errorAt(name, "ir/duplicate", "%s is already the name of a field or value", name.show()).
			WithFix("give each value its own name; only a state can be assigned to, once")
	}
	a.made[name.text] = true
}

func (a *assembler) fieldType(t token) (sem.Type, bool) {
	if point, ok := sem.PointByName(t.text); ok {
		return point.Types[a.profile], true
	}
	typ, ok := parseType(t.text, maxBits)
	if !ok {
		d := a.p.errorAt(t, "ir/type", "%s is not a type; types are s1..s%d, u1..u%d and the points limit.…", t.show(), maxBits, maxBits)
		hint(d, t.text, pointNames())
	}
	return typ, ok
}

func pointNames() []string {
	names := make([]string, len(sem.Points))
	for i, p := range sem.Points {
		names[i] = p.Name
	}
	return names
}

// outputs are the words that give a program its outputs.
var outputs = map[string]func(p *sem.Program) *sem.Ref{
	"spike":   func(p *sem.Program) *sem.Ref { return &p.Spike },
	"payload": func(p *sem.Program) *sem.Ref { return &p.Payload },
	"out":     func(p *sem.Program) *sem.Ref { return &p.Out },
}

func (a *assembler) statement(s statement) {
	first := len(a.prog.Code)
	r := a.value(s.expr, a.scope, s.expr.tok)
	if output, ok := outputs[s.name.text]; ok {
		a.output(s.name, output(a.prog), r)
		return
	}
	a.assign(s.name, r)
	if r == sem.NoRef {
		return
	}
	// What this statement computed takes its name; anything older keeps its own.
	if i := int(r) - len(a.prog.Fields); i >= first && a.prog.Code[i].Op != sem.OpConst {
		a.prog.Code[i].Name = s.name.text
	}
	a.scope[s.name.text] = r
}

func (a *assembler) output(word token, into *sem.Ref, r sem.Ref) {
	if *into != sem.NoRef {
		a.p.errorAt(word, "ir/duplicate", "a second %s; a program has one", word.show())
	}
	*into = r
}

// assign checks that a name can be given a value, and sets the next value of a state.
func (a *assembler) assign(name token, r sem.Ref) {
	f := a.prog.FieldIndex(name.text)
	if f < 0 {
		a.declare(name)
		return
	}
	switch kind := a.prog.Fields[f].Kind; {
	case kind != sem.State:
		a.p.errorAt(name, "ir/assign", "%s is a %s; only a state can be assigned to", name.show(), kind)
	case a.scope[name.text] != sem.Ref(f):
		a.p.errorAt(name, "ir/duplicate", "state %s is assigned to twice", name.show())
	case r != sem.NoRef:
		a.prog.Next[f] = r
	}
}

// value emits the code of an expression and returns its slot, or NoRef after an
// error. Errors point at the token at.
func (a *assembler) value(e *expr, scope map[string]sem.Ref, at token) sem.Ref {
	switch {
	case e.num:
		return a.constant(e.k)
	case !e.call:
		return a.lookup(e.tok.text, scope, at)
	}
	if point, ok := sem.PointByName(e.tok.text); ok {
		return a.point(point, e, scope, at)
	}
	return a.operation(e, scope, at)
}

func (a *assembler) constant(k int64) sem.Ref {
	if r, ok := a.consts[k]; ok {
		return r
	}
	r := a.emit(sem.Instr{Op: sem.OpConst, K: [2]int64{k}})
	a.consts[k] = r
	return r
}

func (a *assembler) emit(c sem.Instr) sem.Ref {
	a.prog.Code = append(a.prog.Code, c)
	return sem.Ref(len(a.prog.Fields) + len(a.prog.Code) - 1)
}

func (a *assembler) lookup(name string, scope map[string]sem.Ref, at token) sem.Ref {
	if r, ok := scope[name]; ok {
		return r
	}
	if a.made[name] {
		return sem.NoRef // declared, but in error
	}
	d := a.p.errorAt(at, "ir/unknown-name", "no field or earlier value is named %q", shorten(name))
	hint(d, name, sortedKeys(scope))
	return sem.NoRef
}

// operation emits a call of an operation: its values, then its constants.
func (a *assembler) operation(e *expr, scope map[string]sem.Ref, at token) sem.Ref {
	op, ok := sem.OpByName(e.tok.text)
	if !ok || op == sem.OpConst {
		d := a.p.errorAt(at, "ir/unknown-op", "%q is neither an operation nor a point", shorten(e.tok.text))
		hint(d, e.tok.text, append(opNames(), pointNames()...))
		return sem.NoRef
	}
	info := &sem.Ops[op]
	if len(e.args) != info.Arity+info.Ks {
		a.p.errorAt(at, "ir/arity", "%s takes %s, found %s", info.Name, signature(info), diag.Plural(len(e.args), "argument"))
		return sem.NoRef
	}
	c, good := sem.Instr{Op: op}, true
	for i, arg := range e.args[:info.Arity] {
		c.Args[i] = a.value(arg, scope, shownAt(arg, at))
		good = good && c.Args[i] != sem.NoRef
	}
	for i, arg := range e.args[info.Arity:] {
		good = a.k(info, arg, shownAt(arg, at)) && good
		c.K[i] = arg.k
	}
	if !good || !a.checkK(info, c, at) {
		return sem.NoRef
	}
	return a.emit(c)
}

// shownAt is where errors of an argument are shown: at itself, or, when it stands
// in the rule of a point (which has no place in the text), at the call.
func shownAt(arg *expr, at token) token {
	if arg.tok.pos.File == ruleFile {
		return at
	}
	return arg.tok
}

func (a *assembler) k(info *sem.OpInfo, arg *expr, at token) bool {
	if !arg.num {
		a.p.errorAt(at, "ir/constant", "%s takes %s; a constant is a number, found %s", info.Name, signature(info), at.show())
	}
	return arg.num
}

func (a *assembler) checkK(info *sem.OpInfo, c sem.Instr, at token) bool {
	if len(a.prog.Code) >= maxCode {
		a.p.errorAt(at, "ir/size", "more than %d operations", maxCode)
		return false
	}
	if info.MaxK > 0 && (c.K[0] < info.MinK || c.K[0] > info.MaxK) {
		a.p.errorAt(at, "ir/constant", "the constant of %s is %d, allowed is %d..%d", info.Name, c.K[0], info.MinK, info.MaxK)
		return false
	}
	if c.Op == sem.OpClamp && c.K[0] > c.K[1] {
		a.p.errorAt(at, "ir/constant", "%s to %d..%d, which is empty", info.Name, c.K[0], c.K[1])
		return false
	}
	return true
}

// signature is "2 values and 1 constant", as an operation takes them.
func signature(info *sem.OpInfo) string {
	s := diag.Plural(info.Arity, "value")
	if info.Ks > 0 {
		s += " and " + diag.Plural(info.Ks, "constant")
	}
	return s
}

// opNames lists what can be called: all but the constant, which is a number.
func opNames() []string {
	var names []string
	for op := range sem.Ops {
		if sem.Op(op) != sem.OpConst {
			names = append(names, sem.Ops[op].Name)
		}
	}
	return names
}

// ruleFile marks the tokens of a point's rule.
const ruleFile = "rule of a point"

// point writes the profile's rule in place of a call. Its argument is computed
// once; the rule may read the program's fields beside it.
func (a *assembler) point(point *sem.Point, e *expr, scope map[string]sem.Ref, at token) sem.Ref {
	if len(e.args) != 1 {
		a.p.errorAt(at, "ir/arity", "%s takes 1 value, found %s", point.Name, diag.Plural(len(e.args), "argument"))
		return sem.NoRef
	}
	arg := a.value(e.args[0], scope, shownAt(e.args[0], at))
	if arg == sem.NoRef {
		return sem.NoRef
	}
	inner := map[string]sem.Ref{}
	for i, f := range a.prog.Fields {
		inner[f.Name] = sem.Ref(i)
	}
	inner[point.Arg] = arg
	rule := newParser(point.Rules[a.profile], ruleFile).expr(0)
	if missing := freeName(rule, inner); missing != "" {
		a.p.errorAt(at, "ir/unknown-name", "%s reads %q, which the program does not have", point.Name, missing).
			WithNote("its rule in %s is %s", a.profile, point.Rules[a.profile]).
			WithFix("declare param %s", missing)
		return sem.NoRef
	}
	return a.value(rule, inner, at)
}

// freeName is a name that the expression reads and the scope does not have, or "".
func freeName(e *expr, scope map[string]sem.Ref) string {
	if _, ok := scope[e.tok.text]; !e.num && !e.call && !ok {
		return e.tok.text
	}
	for _, arg := range e.args {
		if name := freeName(arg, scope); name != "" {
			return name
		}
	}
	return ""
}

// ParseProgram reads one neuron program of the text form, `neuron @name { ... }`,
// for the profile that decides the disputed points. The result is canonical:
// printing it and parsing that gives an equal program. file is for messages; the
// error is a diag.List.
func ParseProgram(src, file string, profile sem.ProfileID) (*Program, error) {
	p := newParser(src, file)
	t := p.program()
	if !p.failed && p.tok.kind != tokEOF {
		p.fail("the end of the file")
	}
	if len(p.diags) > 0 {
		return nil, p.err()
	}
	prog := p.assemble(t, profile)
	if prog == nil {
		return nil, p.err()
	}
	return &Program{Program: *prog, Pos: t.origin, At: t.name.pos}, nil
}
