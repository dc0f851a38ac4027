package diag

import (
	"fmt"
	"io"
	"strings"
)

// Source returns the text of a named input, or nil where it cannot be had; Render
// then leaves the excerpt out.
type Source func(file string) []byte

// Render writes d with the guilty line and a caret under it:
//
//	model.yaml:14:12: error[partition/in-axons]: layer "fc2" needs 5120 …
//	   14 |     inputs: 5120
//	      |             ^^^^
func (d *Diagnostic) Render(w io.Writer, src Source) error {
	var b strings.Builder
	b.WriteString(d.head())
	if line, ok := sourceLine(d.Pos, src); ok {
		excerpt(&b, d, line)
	}
	d.tail(&b)
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

func sourceLine(p Pos, src Source) (string, bool) {
	if p.Line <= 0 || src == nil {
		return "", false
	}
	lines := strings.Split(string(src(p.File)), "\n")
	if p.Line > len(lines) || lines[p.Line-1] == "" {
		return "", false
	}
	return strings.TrimRight(lines[p.Line-1], "\r"), true
}

// maxExcerpt bounds the shown part of a line: a weight matrix may be one line of megabytes.
const maxExcerpt = 160

func excerpt(b *strings.Builder, d *Diagnostic, line string) {
	if len(line) > maxExcerpt {
		line = strings.ToValidUTF8(line[:maxExcerpt], "") + " …"
	}
	fmt.Fprintf(b, "\n%5d | %s", d.Pos.Line, line)
	if d.Pos.Col <= 0 || d.Pos.Col > len(line)+1 {
		return
	}
	fmt.Fprintf(b, "\n      | %s%s", blanks(line[:d.Pos.Col-1]), strings.Repeat("^", max(1, d.Width)))
}

// blanks keeps tabs so that the caret stands under its character.
func blanks(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return '\t'
		}
		return ' '
	}, s)
}
