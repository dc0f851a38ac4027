package ir

import (
	"fmt"
	"strconv"
	"strings"

	"decc/ir/diag"
)

// maxErrors ends a parse that goes nowhere.
const maxErrors = 20

// parser reads tokens with one token of lookahead and collects findings. After
// the first error of a statement failed is set and every expectation yields
// nothing, until the statement's loop calls recover.
type parser struct {
	lex    *lexer
	tok    token
	ahead  *token
	diags  diag.List
	failed bool
}

func newParser(src, file string) *parser {
	p := &parser{lex: newLexer(src, file)}
	p.tok = p.lex.next()
	return p
}

func (p *parser) advance() token {
	t := p.tok
	if p.ahead != nil {
		p.tok, p.ahead = *p.ahead, nil
	} else {
		p.tok = p.lex.next()
	}
	return t
}

func (p *parser) peek() token {
	if p.ahead == nil {
		t := p.lex.next()
		p.ahead = &t
	}
	return *p.ahead
}

// errorAt records a finding that leaves the parser in step.
func (p *parser) errorAt(t token, code, format string, args ...any) *diag.Diagnostic {
	d := diag.Errorf(t.pos, code, format, args...)
	d.Width = t.width
	if len(p.diags) <= maxErrors {
		p.diags = append(p.diags, d)
	}
	return d
}

// adopt records what another parser found in a part of the text.
func (p *parser) adopt(err error) {
	p.diags = append(p.diags, diag.All(err)...)
}

// fail records that the text cannot be read on from here.
func (p *parser) fail(expected string) {
	// One complaint about a text that ends too early is enough.
	if !p.failed && (p.tok.kind != tokEOF || len(p.diags) == 0) {
		p.errorAt(p.tok, "ir/syntax", "found %s, expected %s", p.tok.show(), expected)
	}
	p.failed = true
}

// recover skips to the next token that begins a line and that resume accepts, or
// to the end.
func (p *parser) recover(resume func(t token) bool) {
	if !p.failed {
		return
	}
	p.failed = false
	for p.tok.kind != tokEOF && (!p.tok.first || !resume(p.tok)) {
		p.advance()
	}
	if len(p.diags) > maxErrors {
		p.tok = token{pos: p.tok.pos}
		p.lex.at = len(p.lex.src)
		p.ahead = nil
	}
}

// punct passes the given punctuation.
func (p *parser) punct(s string) {
	if p.failed || !p.tok.is(s) {
		p.fail(fmt.Sprintf("%q", s))
		return
	}
	p.advance()
}

// accept passes the given punctuation if it is there.
func (p *parser) accept(s string) bool {
	ok := !p.failed && p.tok.is(s)
	if ok {
		p.advance()
	}
	return ok
}

func (p *parser) atWord(s string) bool {
	return !p.failed && p.tok.kind == tokIdent && p.tok.text == s
}

// word passes the given word.
func (p *parser) word(s string) {
	if !p.atWord(s) {
		p.fail(fmt.Sprintf("%q", s))
		return
	}
	p.advance()
}

// take passes a token of the kind; its text is "" where there is none.
func (p *parser) take(kind tokenKind, expected string) token {
	if p.failed || p.tok.kind != kind {
		p.fail(expected)
		return token{pos: p.tok.pos}
	}
	return p.advance()
}

// object passes @name.
func (p *parser) object(what string) token {
	t := p.take(tokObject, what+" (@name)")
	if len(t.text) > maxName {
		p.errorAt(t, "ir/name", "a name of %d bytes, at most %d are allowed", len(t.text), maxName)
	}
	return t
}

// number passes an integer within lo..hi.
func (p *parser) number(what string, lo, hi int64) int64 {
	t := p.take(tokNumber, what+" (an integer)")
	if p.failed {
		return 0
	}
	x, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil || x < lo || x > hi {
		p.errorAt(t, "ir/number", "%s is %s, allowed is %d..%d", what, shorten(t.text), lo, hi)
		return lo
	}
	return x
}

func shorten(s string) string {
	if len(s) <= maxName {
		return s
	}
	return s[:maxName] + "…"
}

// oneOf explains which words fit where another one stands.
func oneOf(words []string) string { return "one of " + strings.Join(words, ", ") }

// hint adds the nearest name, if one is near, as the fix of d.
func hint(d *diag.Diagnostic, name string, candidates []string) {
	if near, ok := diag.Nearest(name, candidates); ok {
		d.WithFix("did you mean %q?", near)
	}
}

// err is what the parse comes to, in order of position.
func (p *parser) err() error { return p.diags.Err() }
