// Package rule is the language of learning rules: sums of products of traces, spike
// gates and a synapse's own variables, as people write them for Loihi:
//
//	2^-4*x1*y0 - 2^-3*(y1-2)*x0 + u2*sgn(w)*x1
//
//	sum      = [sign] product { sign product }      sign = "+" | "-"
//	product  = factor { "*" factor }
//	factor   = literal | "(" [sign] literal ")" | variable | bracket | "sgn" bracket | gate
//	bracket  = "(" [sign] term { sign term } ")"    one variable and whole constants
//	literal  = number | "2^" ["-"] number
//	gate     = "x0" | "y0" | "u0" … "u9"            the first of a product; x0 and y0 are factors after it
//
// Parse reads a sum, Text writes its canonical form. What Lava's parser takes by accident
// beside this (peers.md 3.1) is an error here.
package rule

import (
	"decc/ir/diag"
	"decc/ir/sem"
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
	t := &term{mant: 1}
	switch {
	case p.accept('-'):
		t.mant = -1
	case !p.accept('+') && !first:
		return sem.Product{}, p.errorAt(p.at, codeSyntax, "found %s, expected +, - or *", p.found()).WithFix("join factors with *, products with + and -")
	}
	p.peek()
	t.at = p.at
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

// maxLiteral bounds the literals of a product, multiplied, and their exponent.
const (
	maxLiteral  = 1 << 30
	maxExponent = 1000
)

// multiply takes a literal into a product.
func (p *parser) multiply(t *term, mant, exp int) error {
	t.mant, t.exp = t.mant*mant, t.exp+exp
	if max(t.mant, -t.mant) > maxLiteral || max(t.exp, -t.exp) > maxExponent {
		return p.errorAt(t.at, codeMantissa, "the literals of this product are too large").
			WithFix("use a mantissa of %d..%d and powers of two from 2^%d to 2^%d", sem.MinMant, sem.MaxMant, sem.MinProdExp, sem.MaxProdExp)
	}
	return nil
}

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
