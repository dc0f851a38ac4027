package rule

import (
	"strings"

	"decc/ir/sem"
)

func (p *parser) factor(t *term) error {
	switch c := p.peek(); {
	case c >= '0' && c <= '9':
		return p.literal(t)
	case c == '(':
		p.at++
		return p.bracket(t)
	case c >= 'a' && c <= 'z':
		return p.variable(t)
	}
	return p.errorAt(p.at, codeSyntax, "found %s, expected a number, a variable or a bracket", p.found()).
		WithFix("end a product before + and -, and join its factors with *")
}

// literal multiplies a number or a power of two into the product.
func (p *parser) literal(t *term) error {
	mant, exp, err := p.number()
	if err != nil {
		return err
	}
	return p.multiply(t, mant, exp)
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
		return p.errorAt(at, codeVariable, "%s is no gate", name).WithFix("u0 to u%d; a product with %s is written %s*u%s", sem.MaxDecimate, name[2:], name[2:], name[1:2])
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
		return p.errorAt(p.at, codeSyntax, "found %s after sgn, expected (", p.found()).WithFix("write sgn(w), sgn(t) or sgn(d), with a constant if need be")
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
		return p.multiply(t, mant, exp)
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
	if constant < -sem.MaxConstant || constant > sem.MaxConstant {
		return f, false, p.errorAt(at, codeConstant, "the constant %d", constant).WithFix("constants are %d..%d", -sem.MaxConstant, sem.MaxConstant)
	}
	f.Add = int16(constant)
	return f, negative, nil
}
