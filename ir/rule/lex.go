package rule

import (
	"fmt"

	"decc/ir/diag"
)

// maxText bounds the length of a sum, maxDigits that of a number in it.
const (
	maxText   = 1 << 14
	maxDigits = 9
)

type parser struct {
	text     string
	pos      diag.Pos
	at       int
	decimate int // k of the u_k seen, -1 for none
}

// errorAt reports an error at an offset of the text, which it quotes as far as a line goes.
func (p *parser) errorAt(at int, code, format string, args ...any) *diag.Diagnostic {
	pos := p.pos
	if pos.Line > 0 {
		pos.Col += at
	}
	d := diag.Errorf(pos, code, format, args...)
	d.Width = 1
	from := max(0, at-quoted/2)
	return d.WithNote("in %q, character %d", p.text[from:min(len(p.text), from+quoted)], at+1)
}

// quoted is how much of a text an error shows.
const quoted = 60

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
		if p.at-start > maxDigits {
			return 0, p.errorAt(start, codeSyntax, "a number of more than %d digits", maxDigits).WithFix("no constant of a rule is that large")
		}
	}
	if p.at == start {
		return 0, p.errorAt(start, codeSyntax, "found %s, expected a number", p.found()).WithFix("write a whole number, or a power of two such as 2^-4")
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
