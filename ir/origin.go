package ir

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"decc/ir/diag"
)

// An origin is the place of the model file that an object came from, written
// !file:line:col after it. File names are relative: an absolute one would differ
// from machine to machine.

// originText is " !file:line:col", " !file@offset" or " !file", or "" where nothing
// is known. Of an absolute file name only the last element is kept.
func originText(p diag.Pos) string {
	file := p.File
	if path.IsAbs(file) {
		file = strings.TrimPrefix(path.Base(file), "/")
	}
	if file == "" {
		return ""
	}
	if span(file, isPlain) < len(file) {
		file = strconv.Quote(file)
	}
	switch {
	case p.Line > 0:
		return fmt.Sprintf(" !%s:%d:%d", file, p.Line, p.Col)
	case p.HasOffset:
		return fmt.Sprintf(" !%s@%d", file, p.Offset)
	}
	return " !" + file
}

// isPlain reports whether a file name with this byte needs no quotes.
func isPlain(c byte) bool { return c > ' ' && c < 0x7f && !strings.ContainsRune("\"\\:@", rune(c)) }

// origin passes an origin if there is one.
func (p *parser) origin() diag.Pos {
	if p.failed || p.tok.kind != tokOrigin {
		return diag.Pos{}
	}
	t := p.advance()
	pos, ok := parseOrigin(t.text)
	if !ok {
		p.errorAt(t, "ir/origin", "%s is not the place of an origin", t.show()).
			WithFix("write !file:line:col, !file@offset or !file, with a relative file name")
	}
	return pos
}

func parseOrigin(s string) (diag.Pos, bool) {
	file, place := s, ""
	if n := quotedLength(s); n > 0 {
		name, err := strconv.Unquote(s[:n])
		if err != nil {
			return diag.Pos{}, false
		}
		file, place = name, s[n:]
	} else if n := span(s, isPlain); n < len(s) {
		file, place = s[:n], s[n:]
	}
	if file == "" || path.IsAbs(file) {
		return diag.Pos{}, false
	}
	return parsePlace(file, place)
}

// maxPlace bounds line, column and byte offset.
const maxPlace = 1 << 40

func parsePlace(file, s string) (diag.Pos, bool) {
	if s == "" {
		return diag.Pos{File: file}, true
	}
	first, second, two := strings.Cut(s[1:], ":")
	x, ok := parsePlaceNumber(first)
	if s[0] == '@' {
		return diag.AtOffset(file, x), ok && !two
	}
	y, ok2 := parsePlaceNumber(second)
	return diag.At(file, int(x), int(y)), s[0] == ':' && ok && ok2 && x > 0
}

func parsePlaceNumber(s string) (int64, bool) {
	x, err := strconv.ParseInt(s, 10, 64)
	return x, err == nil && x >= 0 && x <= maxPlace && strconv.FormatInt(x, 10) == s
}
