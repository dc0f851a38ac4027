package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"decc/compiler/passes"
	"decc/ir/diag"
)

// estimate prints about what a model takes of its chip, without mapping it.
func (p *project) estimate(ctx context.Context, o buildOptions) error {
	bits, err := o.width()
	if err != nil {
		return err
	}
	q, err := p.quantise(ctx, bits)
	if err != nil {
		return err
	}
	e, notes, err := passes.EstimateOf(ctx, q.module, p.chip)
	if err != nil {
		return err
	}
	for _, d := range notes {
		if err := d.Render(p.env.Err, p.model.Source); err != nil {
			return err
		}
	}
	if o.json {
		return writeJSON(p.env.Out, e)
	}
	return writeEstimate(p.env.Out, e, p.chip.Name)
}

func writeEstimate(w io.Writer, e *passes.Estimate, chip string) error {
	t := newTable("groups", "compartments each", "of each on a core", "in order of", "what binds", "out-axons each", "cores")
	for _, d := range e.Demands {
		binds := d.Binds
		if binds == "" {
			binds = "all on one"
		}
		t.AppendRow(row(strings.Join(d.Groups, ", "), d.Rows, fmt.Sprintf("%.4g", d.PerCore), d.Order, binds, fmt.Sprintf("%.4g", d.OutAxons), fmt.Sprintf("%.3g", d.Cores)))
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "about %s on %s of %s for %s, filled in sequence\n", diag.Plural(e.Cores, "core"), diag.Plural(e.Chips, "chip"), chip, diag.Plural(e.Synapses, "synapse"))
	return err
}
