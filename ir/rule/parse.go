// Package rule is the language of learning rules: sums of products of traces, spike
// gates and a synapse's own variables, as people write them for Loihi:
//
//	2^-4*x1*y0 - 2^-3*(y1-2)*x0 + u2*sgn(w)*x1
//
// Parse reads a sum, Text writes its canonical form. The grammar is that of Lava's
// documentation (peers.md 3.1); what its parser takes by accident is an error here.
package rule

import (
	"fmt"
	"strings"

	"decc/ir/diag"
	"decc/ir/sem"
)

// maxText bounds the length of a sum, maxLiteral that of a number in it.
const (
	maxText    = 1 << 14
	maxLiteral = 9
)

// Parse reads one sum of products. pos is the place of its first character; errors are
// *diag.Diagnostic with the place inside the text. decimate is the k of its u_k, 0 where
// it has none.
func Parse(text string, pos diag.Pos) (products []sem.Product, decimate int, err error) {
	p := &parser{text: text, pos: pos, decimate: -1}
	if len(text) > maxText {
		return nil, 0, p.errorAt(0, codeSyntax, "a rule of %d characters", len(text)).WithFix("a rule has at most %d", maxText)
	}
	for {
		product, err := p.product(len(products) == 0)
		if err != nil {
			return nil, 0, err
		}
		products = append(products, product)
		if p.peek() == 0 {
			return products, max(p.decimate, 0), nil
		}
	}
}

type parser struct {
	text     string
	pos      diag.Pos
	at       int
	decimate int // k of the u_k seen, -1 for none
}

// errorAt reports an error at an offset of the text.
func (p *parser) errorAt(at int, code, format string, args ...any) *diag.Diagnostic {
	pos := p.pos
	if pos.Line > 0 {
		pos.Col += at
	}
	d := diag.Errorf(pos, code, format, args...)
	d.Width = 1
	return d.WithNote("in %q, character %d", p.text, at+1)
}

// peek is the next character that is no blank, 0 at the end.
func (p *parser) peek() byte {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) accept(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.at++
	return true
}

// found quotes what stands at the present place.
func (p *parser) found() string {
	if p.peek() == 0 {
		return "the end"
	}
	return fmt.Sprintf("%q", p.text[p.at:p.at+1])
}

// term is a product while it is read: the literals so far as mant * 2^exp, the gate, and
// the factors.
type term struct {
	sem.Product
	mant, exp int
	gated     bool
	at        int
}

// product reads a signed product.
func (p *parser) product(first bool) (sem.Product, error) {
	t := &term{mant: 1, at: p.at}
	switch {
	case p.accept('-'):
		t.mant = -1
	case !p.accept('+') && !first:
		return sem.Product{}, p.errorAt(p.at, codeSyntax, "found %s, expected +, - or *", p.found())
	}
	for {
		if err := p.factor(t); err != nil {
			return sem.Product{}, err
		}
		if !p.accept('*') {
			break
		}
	}
	return p.normalise(t)
}

func (p *parser) factor(t *term) error {
	switch c := p.peek(); {
	case c >= '0' && c <= '9':
		return p.literal(t, 1)
	case c == '(':
		p.at++
		return p.bracket(t)
	case c >= 'a' && c <= 'z':
		return p.variable(t)
	}
	return p.errorAt(p.at, codeSyntax, "found %s, expected a number, a variable or a bracket", p.found())
}

// literal multiplies a number or a power of two into the product.
func (p *parser) literal(t *term, sign int) error {
	mant, exp, err := p.number()
	if err != nil {
		return err
	}
	t.mant, t.exp = t.mant*mant*sign, t.exp+exp
	if t.mant > 1<<30 || t.mant < -(1<<30) || t.exp > 1000 || t.exp < -1000 {
		return p.errorAt(t.at, codeMantissa, "the literals of this product are too large")
	}
	return nil
}

// number reads 12 or 2^-4.
func (p *parser) number() (mant, exp int, err error) {
	at := p.at
	base, err := p.digits()
	if err != nil || !p.accept('^') {
		return base, 0, err
	}
	if base != 2 {
		return 0, 0, p.errorAt(at, codeSyntax, "a power of %d", base).WithFix("the learning engine shifts: use powers of 2")
	}
	negative := p.accept('-')
	exp, err = p.digits()
	if negative {
		exp = -exp
	}
	return 1, exp, err
}

func (p *parser) digits() (int, error) {
	p.peek()
	start := p.at
	n := 0
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		n = n*10 + int(p.text[p.at]-'0')
		p.at++
		if p.at-start > maxLiteral {
			return 0, p.errorAt(start, codeSyntax, "a number of more than %d digits", maxLiteral)
		}
	}
	if p.at == start {
		return 0, p.errorAt(start, codeSyntax, "found %s, expected a number", p.found())
	}
	return n, nil
}

// word reads a name with its digits.
func (p *parser) word() (name string, at int) {
	p.peek()
	at = p.at
	for p.at < len(p.text) && isWord(p.text[p.at]) {
		p.at++
	}
	return p.text[at:p.at], at
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// variable reads x1, a gate or sgn( ).
func (p *parser) variable(t *term) error {
	name, at := p.word()
	switch {
	case name == "sgn":
		return p.signOf(t, at)
	case len(name) > 1 && name[0] == 'u' && strings.Trim(name[1:], "0123456789") == "":
		return p.gateU(t, name, at)
	}
	v, err := p.named(name, at)
	if err != nil {
		return err
	}
	if gate, is := gates[v]; is && !t.gated {
		t.gated, t.Gate = true, gate
		return nil
	}
	t.Factors = append(t.Factors, sem.Factor{Var: v})
	return nil
}

var gates = map[sem.Variable]sem.Gate{sem.X0: sem.GateX0, sem.Y0: sem.GateY0}

func (p *parser) gateU(t *term, name string, at int) error {
	if len(name) > 2 {
		return p.errorAt(at, codeVariable, "%s is no gate", name).WithFix("u0 to u%d; a product with 2 is written 2*u%s", sem.MaxDecimate, name[2:])
	}
	k := int(name[1] - '0')
	switch {
	case t.gated:
		return p.errorAt(at, codeGate, "%s after another gate", name).WithFix("write u%d first: it gates the product, x0 and y0 are then factors", k)
	case p.decimate >= 0 && p.decimate != k:
		return p.errorAt(at, codeGate, "u%d beside u%d", k, p.decimate).WithFix("a rule has one u_k: the engine has one decimation")
	}
	p.decimate = k
	t.gated, t.Gate = true, sem.GateU
	return nil
}

// hints are names of other tools that mean something here.
var hints = map[string]string{
	"sign": "write sgn(...)", "r0": "there is no reward trace: a third factor is written into y1, y2 or y3 by the neuron program",
	"r1": "there is no reward trace: a third factor is written into y1, y2 or y3 by the neuron program", "x3": "a source has two traces, x1 and x2",
}

func (p *parser) named(name string, at int) (sem.Variable, error) {
	var names []string
	for v, info := range sem.Variables {
		if info.Name == name {
			return sem.Variable(v), nil
		}
		names = append(names, info.Name)
	}
	d := p.errorAt(at, codeVariable, "%q is no variable of a learning rule", name)
	d.Width = max(len(name), 1)
	if hint, ok := hints[name]; ok {
		return 0, d.WithFix("%s", hint)
	}
	return 0, d.WithFix("the variables are %s, and the gates u0 to u%d", strings.Join(names, " "), sem.MaxDecimate)
}

// signOf reads sgn(w), sgn(t+3).
func (p *parser) signOf(t *term, at int) error {
	if !p.accept('(') {
		return p.errorAt(p.at, codeSyntax, "found %s after sgn, expected (", p.found())
	}
	f, negated, err := p.shifted(at)
	if err != nil {
		return err
	}
	if sem.Variables[f.Var].Side != sem.OwnSide {
		return p.errorAt(at, codeVariable, "sgn of %s", f.Var).WithFix("sgn takes w, t or d: traces are never negative")
	}
	if negated {
		t.mant = -t.mant
	}
	f.Sgn = true
	t.Factors = append(t.Factors, f)
	return nil
}

// bracket reads what follows a (: a literal with its sign, or a variable with a constant.
func (p *parser) bracket(t *term) error {
	at := p.at
	if mant, exp, ok := p.bracketed(); ok {
		t.mant, t.exp = t.mant*mant, t.exp+exp
		return nil
	}
	p.at = at
	f, negated, err := p.shifted(at)
	if err != nil {
		return err
	}
	if negated {
		t.mant = -t.mant
	}
	t.Factors = append(t.Factors, f)
	return nil
}

// bracketed tries to read a literal up to the closing bracket.
func (p *parser) bracketed() (mant, exp int, ok bool) {
	sign := 1
	if p.accept('-') {
		sign = -1
	}
	if c := p.peek(); c < '0' || c > '9' {
		return 0, 0, false
	}
	mant, exp, err := p.number()
	return sign * mant, exp, err == nil && p.accept(')')
}

// shifted reads a variable plus constants up to the closing bracket; c - v is -(v - c).
func (p *parser) shifted(at int) (f sem.Factor, negated bool, err error) {
	constant, seen, negative := 0, false, false
	for first := true; ; first = false {
		sign := 1
		switch {
		case p.accept('-'):
			sign = -1
		case !p.accept('+') && !first:
			return f, false, p.errorAt(p.at, codeSyntax, "found %s in a bracket, expected +, - or )", p.found()).
				WithFix("a bracket holds a variable plus or minus a constant")
		}
		if c := p.peek(); c >= '0' && c <= '9' {
			mant, exp, err := p.number()
			if err != nil {
				return f, false, err
			}
			if exp < 0 || exp > 8 {
				return f, false, p.errorAt(at, codeConstant, "the constant 2^%d", exp).WithFix("constants are whole and have 8 bits")
			}
			constant += sign * mant << exp
		} else {
			if seen {
				return f, false, p.errorAt(p.at, codeSyntax, "a second variable in a bracket").WithFix("write a product for each")
			}
			name, where := p.word()
			if f.Var, err = p.named(name, where); err != nil {
				return f, false, err
			}
			seen, negative = true, sign < 0
		}
		if p.accept(')') {
			break
		}
	}
	if !seen {
		return f, false, p.errorAt(at, codeSyntax, "a bracket without a variable").WithFix("write the number that it stands for")
	}
	if negative {
		constant = -constant
	}
	if constant < -maxConstant || constant > maxConstant {
		return f, false, p.errorAt(at, codeConstant, "the constant %d", constant).WithFix("constants are %d..%d", -maxConstant, maxConstant)
	}
	f.Add = int16(constant)
	return f, negative, nil
}

// maxConstant is the greatest constant of a factor: 8 bits and sign (hardware.md 3.2).
const maxConstant = 255

// normalise brings the literals to a 4-bit mantissa and an exponent.
func (p *parser) normalise(t *term) (sem.Product, error) {
	if !t.gated {
		return sem.Product{}, p.errorAt(t.at, codeGate, "a product without a gate").
			WithFix("multiply by x0 (source spiked), y0 (target spiked) or u0 (every epoch)")
	}
	for (t.mant > sem.MaxMant || t.mant < -sem.MaxMant) && t.mant%2 == 0 && t.exp < sem.MaxProdExp {
		t.mant, t.exp = t.mant/2, t.exp+1
	}
	if t.mant < sem.MinMant || t.mant > sem.MaxMant {
		return sem.Product{}, p.errorAt(t.at, codeMantissa, "the factor %d*2^%d needs more than a 4-bit mantissa", t.mant, t.exp).
			WithFix("use a mantissa of %d..%d, or two products", sem.MinMant, sem.MaxMant)
	}
	if t.exp < sem.MinProdExp || t.exp > sem.MaxProdExp {
		return sem.Product{}, p.errorAt(t.at, codeMantissa, "the exponent of %d*2^%d is outside %d..%d", t.mant, t.exp, sem.MinProdExp, sem.MaxProdExp).
			WithFix("scale the traces' impulses instead")
	}
	t.Mant, t.Exp = int8(t.mant), int8(t.exp)
	return t.Product, nil
}
