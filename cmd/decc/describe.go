package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// description is what decc says about one file: a few facts, then tables. It is
// built once and printed as text or as JSON.
type description struct {
	Kind   string
	Facts  []fact
	Tables []listing
}

type fact struct {
	Name  string
	Value any
}

// listing is a titled table; Rows have one value for each of Columns.
type listing struct {
	Title   string
	Columns []string
	Rows    [][]any
}

func (d *description) add(name string, value any) {
	d.Facts = append(d.Facts, fact{name, value})
}

// addTable leaves a table without rows out.
func (d *description) addTable(title string, columns []string, rows [][]any) {
	if len(rows) > 0 {
		d.Tables = append(d.Tables, listing{title, columns, rows})
	}
}

// writeText writes the kind, one line a fact, and the tables.
func (d *description) writeText(w io.Writer) error {
	fmt.Fprintln(w, d.Kind)
	width := 0
	for _, f := range d.Facts {
		width = max(width, len(f.Name))
	}
	for _, f := range d.Facts {
		fmt.Fprintf(w, "  %-*s  %v\n", width, f.Name, f.Value)
	}
	for _, l := range d.Tables {
		if err := l.writeText(w); err != nil {
			return err
		}
	}
	return nil
}

func (l *listing) writeText(w io.Writer) error {
	head := make(table.Row, len(l.Columns))
	for i, c := range l.Columns {
		head[i] = c
	}
	t := newTable(head...)
	for _, row := range l.Rows {
		t.AppendRow(row)
	}
	fmt.Fprintf(w, "\n%s\n", l.Title)
	return writeTable(w, t)
}

// object is the description as JSON: facts by name, tables by title as lists of
// objects. Keys have underscores for blanks; encoding/json sorts them.
func (d *description) object() map[string]any {
	o := map[string]any{"kind": d.Kind}
	for _, f := range d.Facts {
		o[jsonKey(f.Name)] = f.Value
	}
	for _, l := range d.Tables {
		rows := make([]map[string]any, len(l.Rows))
		for i, row := range l.Rows {
			rows[i] = map[string]any{}
			for j, column := range l.Columns {
				rows[i][jsonKey(column)] = row[j]
			}
		}
		o[jsonKey(l.Title)] = rows
	}
	return o
}

func jsonKey(name string) string { return strings.ReplaceAll(name, " ", "_") }

// write chooses between text and JSON.
func (d *description) write(w io.Writer, asJSON bool) error {
	if asJSON {
		return writeJSON(w, d.object())
	}
	return d.writeText(w)
}
