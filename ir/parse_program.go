package ir

import (
	"math"
	"strconv"
	"strings"

	"decc/ir/diag"
	"decc/ir/sem"
)

// maxNesting bounds the depth of an expression in a text.
const maxNesting = 200

// expr is an expression of a neuron program as it was written: a number, a
// name, or a call of an operation or of a disputed point.
type expr struct {
	tok  token
	args []*expr
	call bool
	num  bool
	k    int64 // value of a number
}

// statement is `name = expr`, or an output where name is one of its words.
type statement struct {
	name token
	expr *expr
}

// fieldDecl is name:type = default, of one kind.
type fieldDecl struct {
	name, typ token
	kind      sem.FieldKind
	value     int64
	valueTok  token
}

// programText is a neuron program as it was written.
type programText struct {
	name       token
	origin     diag.Pos
	fields     []fieldDecl
	statements []statement
}

// programItems say what a word at the start of a line of a program begins.
var programItems = map[string]func(p *parser, into *programText){
	"state":   func(p *parser, into *programText) { p.fields(into, sem.State) },
	"port":    func(p *parser, into *programText) { p.fields(into, sem.Port) },
	"param":   func(p *parser, into *programText) { p.fields(into, sem.Param) },
	"random":  func(p *parser, into *programText) { p.fields(into, sem.Random) },
	"spike":   (*parser).output,
	"payload": (*parser).output,
	"out":     (*parser).output,
}

// program reads `neuron @name { ... }`; the word neuron is the current token.
func (p *parser) program() *programText {
	p.word("neuron")
	t := &programText{name: p.object("the program's name")}
	t.origin = p.origin()
	p.punct("{")
	for !p.failed && !p.tok.is("}") {
		p.programItem(t)
		p.recover(func(t token) bool { return t.kind == tokIdent || t.is("}") })
		if p.tok.kind == tokEOF {
			break
		}
	}
	p.punct("}")
	return t
}

func (p *parser) programItem(into *programText) {
	if p.tok.kind != tokIdent {
		p.fail("a declaration (state, port, param, random), an assignment or an output (spike, payload, out)")
		return
	}
	if item, ok := programItems[p.tok.text]; ok {
		item(p, into)
		return
	}
	s := statement{name: p.advance()}
	p.punct("=")
	s.expr = p.expr(0)
	into.add(p, s)
}

func (t *programText) add(p *parser, s statement) {
	if !p.failed {
		t.statements = append(t.statements, s)
	}
}

func (p *parser) output(into *programText) {
	s := statement{name: p.advance()}
	s.expr = p.expr(0)
	into.add(p, s)
}

// fields reads the declarations after a word of kind: all that follow of the form name:type.
func (p *parser) fields(into *programText, kind sem.FieldKind) {
	p.advance()
	for first := true; first || p.tok.kind == tokIdent && p.peek().is(":"); first = false {
		f := fieldDecl{kind: kind, name: p.take(tokIdent, "a field name")}
		p.punct(":")
		f.typ = p.typeName()
		if p.accept("=") {
			f.valueTok = p.tok
			f.value = p.number("the default", math.MinInt64, math.MaxInt64)
		}
		if p.failed {
			return
		}
		into.fields = append(into.fields, f)
	}
}

// typeName passes s24, u7 or the name of a disputed point.
func (p *parser) typeName() token {
	t := p.take(tokIdent, "a type (s24, u7, limit.u)")
	if p.accept(".") {
		rest := p.take(tokIdent, "the second half of a point's name")
		t.text += "." + rest.text
		t.width += 1 + rest.width
	}
	return t
}

// parseType reads s<bits> or u<bits>, 1..limit bits.
func parseType(s string, limit int) (sem.Type, bool) {
	digits := strings.TrimLeft(s, "su")
	bits, err := strconv.Atoi(digits)
	ok := err == nil && len(digits) == len(s)-1 && digits[0] != '0' && bits <= limit
	return sem.Type{Bits: uint8(bits), Signed: s != "" && s[0] == 's'}, ok
}

func (p *parser) expr(depth int) *expr {
	if depth > maxNesting {
		p.fail("an expression of at most 200 levels")
		return nil
	}
	if p.tok.kind == tokNumber {
		e := &expr{tok: p.tok, num: true}
		e.k = p.number("the constant", math.MinInt64, math.MaxInt64)
		return e
	}
	e := &expr{tok: p.takeOperand()}
	if p.accept("(") {
		e.call = true
		for first := true; first || p.accept(","); first = false {
			e.args = append(e.args, p.expr(depth+1))
		}
		p.punct(")")
	}
	return e
}

func (p *parser) takeOperand() token {
	if p.tok.kind == tokIdent && programWords[p.tok.text] {
		p.fail("an expression")
	}
	t := p.take(tokIdent, "an expression (a number, a name or an operation)")
	if p.accept(".") {
		t.text += "." + p.take(tokIdent, "the second half of a point's name").text
		t.width = len(t.text)
	}
	return t
}
