// Package diag is how every room of decc reports what is wrong with its
// input: a position, a code that `decc explain` knows, the message, the limit
// that was broken and a fix. It sits at the bottom of the import ladder; other
// packages construct its values and cmd/decc renders them.
package diag

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Pos is a place in an input. Text files use Line and Col (both from 1, Col in
// bytes); binary files use Offset (bytes from 0) with Line = 0. The zero Pos is
// "no known place".
type Pos struct {
	File   string
	Line   int
	Col    int
	Offset int64 // meaningful only where Line == 0 and HasOffset
	// HasOffset tells offset 0 of a binary file from "no offset known".
	HasOffset bool
}

// At returns the position of a line and column of a text file.
func At(file string, line, col int) Pos { return Pos{File: file, Line: line, Col: col} }

// AtOffset returns the position of a byte of a binary file.
func AtOffset(file string, offset int64) Pos {
	return Pos{File: file, Offset: offset, HasOffset: true}
}

// IsZero reports whether nothing is known about the place.
func (p Pos) IsZero() bool { return p == Pos{} }

// String gives file:line:col, file@offset, file, or "-".
func (p Pos) String() string {
	switch {
	case p.Line > 0 && p.Col > 0:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
	case p.Line > 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	case p.HasOffset:
		return fmt.Sprintf("%s@%d", p.File, p.Offset)
	case p.File != "":
		return p.File
	}
	return "-"
}

// Severity orders diagnostics by how much they matter.
type Severity uint8

// Error stops the command with exit code 1; Warning and Note do not.
const (
	Error Severity = iota
	Warning
	Note
)

var severityNames = [...]string{Error: "error", Warning: "warning", Note: "note"}

func (s Severity) String() string { return severityNames[s] }

// Diagnostic is one finding. Code is "room/name" (for example "model/unknown-key")
// and must be a row of Codes. Width is the length of the underlined text, 0 for one caret.
type Diagnostic struct {
	Pos      Pos
	Width    int
	Severity Severity
	Code     string
	Message  string
	Notes    []string
	Fix      string
}

// Errorf makes an error diagnostic.
func Errorf(pos Pos, code, format string, args ...any) *Diagnostic {
	return &Diagnostic{Pos: pos, Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithNote adds a note line and returns d.
func (d *Diagnostic) WithNote(format string, args ...any) *Diagnostic {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
	return d
}

// WithFix sets what would put it right and returns d.
func (d *Diagnostic) WithFix(format string, args ...any) *Diagnostic {
	d.Fix = fmt.Sprintf(format, args...)
	return d
}

// Error is the head line followed by notes and fix, without the source excerpt.
func (d *Diagnostic) Error() string {
	var b strings.Builder
	b.WriteString(d.head())
	d.tail(&b)
	return b.String()
}

func (d *Diagnostic) head() string {
	where := ""
	if !d.Pos.IsZero() {
		where = d.Pos.String() + ": "
	}
	return fmt.Sprintf("%s%s[%s]: %s", where, d.Severity, d.Code, d.Message)
}

func (d *Diagnostic) tail(b *strings.Builder) {
	for _, n := range d.Notes {
		fmt.Fprintf(b, "\n   note: %s", n)
	}
	if d.Fix != "" {
		fmt.Fprintf(b, "\n   fix: %s", d.Fix)
	}
}

// List is a set of findings; as an error it prints them all in order of position.
type List []*Diagnostic

// Add appends an error and returns it for WithNote and WithFix.
func (l *List) Add(pos Pos, code, format string, args ...any) *Diagnostic {
	d := Errorf(pos, code, format, args...)
	*l = append(*l, d)
	return d
}

// Err is nil when the list holds no error, else the sorted list.
func (l List) Err() error {
	for _, d := range l {
		if d.Severity == Error {
			l.Sort()
			return l
		}
	}
	return nil
}

// Sort orders by file, then line, column and offset; equal places keep their order.
func (l List) Sort() {
	sort.SliceStable(l, func(i, j int) bool { return before(l[i].Pos, l[j].Pos) })
}

func before(a, b Pos) bool {
	if a.File != b.File {
		return a.File < b.File
	}
	if a.Line != b.Line {
		return a.Line < b.Line
	}
	if a.Col != b.Col {
		return a.Col < b.Col
	}
	return a.Offset < b.Offset
}

func (l List) Error() string {
	parts := make([]string, len(l))
	for i, d := range l {
		parts[i] = d.Error()
	}
	return strings.Join(parts, "\n")
}

// All flattens an error into its diagnostics: a List, a *Diagnostic, or (for
// any other error) none.
func All(err error) List {
	var l List
	if errors.As(err, &l) {
		return l
	}
	var d *Diagnostic
	if errors.As(err, &d) {
		return List{d}
	}
	return nil
}
