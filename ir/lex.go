package ir

import (
	"strings"
	"unicode/utf8"

	"decc/ir/diag"
)

// tokenKind classifies a token of the text form.
type tokenKind uint8

const (
	tokEOF    tokenKind = iota
	tokIdent            // u, group, s24
	tokNumber           // 12, -3
	tokDims             // 128x784
	tokObject           // @h1, text without the @
	tokHash             // #9f31..., text without the #
	tokOrigin           // !model.yaml:3:8, text without the !
	tokString           // "x0*y1", text with its quotes
	tokPunct            // { } ( ) [ ] , : = . + ->
	tokBad              // anything else
)

// token is a word of the text with its place. first tells that nothing but
// blanks stands before it on its line: error recovery resumes there.
type token struct {
	kind  tokenKind
	text  string
	pos   diag.Pos
	width int
	first bool
}

func (t token) is(punct string) bool { return t.kind == tokPunct && t.text == punct }

// show is how messages quote a token.
func (t token) show() string {
	if t.kind == tokEOF {
		return "the end of the file"
	}
	if len(t.text) > maxName {
		return `"` + strings.ToValidUTF8(t.text[:maxName], "?") + `…"`
	}
	return `"` + sigils[t.kind] + strings.ToValidUTF8(t.text, "?") + `"`
}

// sigils are the first characters that a token's text leaves out.
var sigils = [tokBad + 1]string{tokObject: "@", tokHash: "#", tokOrigin: "!"}

// lexer cuts a text into tokens on demand.
type lexer struct {
	src   string
	file  string
	at    int // byte offset of the next character
	line  int
	start int // byte offset of the line
	fresh bool
}

func newLexer(src, file string) *lexer { return &lexer{src: src, file: file, line: 1, fresh: true} }

// skip passes blanks and // comments.
func (l *lexer) skip() {
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == '\n':
			l.at++
			l.line, l.start, l.fresh = l.line+1, l.at, true
		case c == ' ' || c == '\t' || c == '\r':
			l.at++
		case strings.HasPrefix(l.src[l.at:], "//"):
			l.at += lineLength(l.src[l.at:])
		default:
			return
		}
	}
}

func lineLength(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

func (l *lexer) next() token {
	l.skip()
	t := token{pos: diag.At(l.file, l.line, l.at-l.start+1), first: l.fresh}
	l.fresh = false
	if l.at == len(l.src) {
		return t
	}
	rest := l.src[l.at:]
	for _, rule := range lexRules {
		if n := rule.length(rest); n > 0 {
			t.kind, t.width = rule.kind, n
			t.text = rest[len(sigils[rule.kind]):n]
			break
		}
	}
	l.at += t.width
	return t
}

// lexRules are tried in order; a rule gives the length of its token at the start
// of a non-empty text, 0 where there is none. The last one always fits.
var lexRules = []struct {
	kind   tokenKind
	length func(s string) int
}{
	{tokIdent, identLength},
	{tokDims, dimsLength},
	{tokNumber, numberLength},
	{tokObject, objectLength},
	{tokHash, hashLength},
	{tokOrigin, originLength},
	{tokString, quotedLength},
	{tokPunct, punctLength},
	{tokBad, badLength},
}

func span(s string, in func(c byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) }

// identLength takes inner dashes (nengo-loihi); names of programs have none.
func identLength(s string) int {
	if !isLetter(s[0]) {
		return 0
	}
	return nameLength(s)
}

func numberLength(s string) int {
	sign := 0
	if s[0] == '-' {
		sign = 1
	}
	n := span(s[sign:], isDigit)
	if n == 0 {
		return 0
	}
	return sign + n
}

func dimsLength(s string) int {
	n := span(s, isDigit)
	whole := 0
	for n > 0 && n+1 < len(s) && s[n] == 'x' && isDigit(s[n+1]) {
		n += 1 + span(s[n+1:], isDigit)
		whole = n
	}
	return whole
}

func objectLength(s string) int {
	if s[0] != '@' {
		return 0
	}
	n := 1 + nameLength(s[1:])
	if n == 1 {
		return 0
	}
	return n
}

// nameLength takes the dashes inside a name but not the one of an arrow after it.
func nameLength(s string) int {
	n := span(s, func(c byte) bool { return isWord(c) || c == '-' })
	for n > 0 && s[n-1] == '-' {
		n--
	}
	return n
}

func hashLength(s string) int {
	if s[0] != '#' {
		return 0
	}
	return 1 + span(s[1:], func(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' })
}

// originLength reaches to the next blank; a quoted file name may hold blanks.
func originLength(s string) int {
	if s[0] != '!' {
		return 0
	}
	n := 1 + quotedLength(s[1:])
	return n + span(s[n:], func(c byte) bool { return c > ' ' })
}

func quotedLength(s string) int {
	if s == "" || s[0] != '"' {
		return 0
	}
	for i := 1; i < len(s) && s[i] != '\n'; i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

func punctLength(s string) int {
	if strings.HasPrefix(s, "->") {
		return 2
	}
	if strings.IndexByte("{}()[],:=.+", s[0]) >= 0 {
		return 1
	}
	return 0
}

func badLength(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// raw returns the text up to, and not with, the next closing brace, and moves
// there; without a brace everything that is left.
func (l *lexer) raw() string {
	body := l.src[l.at:]
	if n := strings.IndexByte(body, '}'); n >= 0 {
		body = body[:n]
	}
	l.at += len(body)
	l.line += strings.Count(body, "\n")
	if n := strings.LastIndexByte(body, '\n'); n >= 0 {
		l.start = l.at - len(body) + n + 1
	}
	return body
}
