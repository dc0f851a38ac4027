package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// toStdout is the value of -o that means stdout.
const toStdout = "-"

// WriteResult gives the result of a command to the file that -o names, whole or
// not at all, or to stdout where path is "" or "-". write need not look at the errors
// of its writer: it keeps the first one, and that is returned here.
func (env *Env) WriteResult(path string, write func(io.Writer) error) error {
	if path != "" && path != toStdout {
		return weights.AtomicWrite(path, write)
	}
	out := bufio.NewWriterSize(env.Out, 1<<16)
	if err := write(out); err != nil {
		return err
	}
	return out.Flush()
}

// writeFailure says that stdout took no more.
func writeFailure(err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return diag.Errorf(diag.Pos{File: "stdout"}, codeWrite, "cannot write the results: %v", err).
		WithFix("free space where stdout goes, or give a file with -o")
}

// writeJSON writes v for programs: indented, in the order of its fields, with a
// final newline.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// newTable makes a table in the style of all of decc's: a head with a line under
// it, no frame, no colour. Numbers stand to the right.
func newTable(head ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true, SeparateFooter: true}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header, style.Format.Footer = text.FormatDefault, text.FormatDefault
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(head)
	return t
}

// row makes one line of a table.
func row(cells ...any) table.Row { return cells }

// writeTable writes a table that newTable made.
func writeTable(w io.Writer, t table.Writer) error {
	_, err := io.WriteString(w, strings.TrimRight(t.Render(), "\n")+"\n")
	return err
}
