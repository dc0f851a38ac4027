package model

import (
	"fmt"
	"io"
	"strings"
)

// Fate is what became of an entry in an import.
type Fate string

// The fates: taken as it is; computed from it; not given, so that the model has the
// default; and left out.
const (
	Mapped    Fate = "mapped"
	Derived   Fate = "derived"
	Defaulted Fate = "defaulted"
	Ignored   Fate = "ignored"
)

// ImportRow is one line of an import report.
type ImportRow struct {
	Fate  Fate
	From  string // tensor, or key of the parameter file; "" for Defaulted
	To    string // key of the model; "" for Ignored
	Value string
	Why   string
}

// ImportReport says what became of each entry of a checkpoint and parameter file.
type ImportReport []ImportRow

func (r *ImportReport) add(fate Fate, from, to, value, why string) {
	*r = append(*r, ImportRow{fate, from, to, value, why})
}

// String is one line, such as
//
//	derived    LIF_layers.0.tau_m -> neuron.alpha = 0.97 (alpha = 1 - 1/tau)
func (r ImportRow) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-9s ", r.Fate)
	parts := []string{}
	if r.From != "" {
		parts = append(parts, r.From)
	}
	if r.To != "" {
		parts = append(parts, strings.TrimSuffix(r.To+" = "+r.Value, " = "))
	}
	b.WriteString(strings.Join(parts, " -> "))
	if r.Why != "" {
		fmt.Fprintf(&b, " (%s)", r.Why)
	}
	return b.String()
}

// WriteTo writes the report, one line an entry.
func (r ImportReport) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	for _, row := range r {
		b.WriteString(row.String() + "\n")
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}
