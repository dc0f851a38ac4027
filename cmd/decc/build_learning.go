package main

import (
	"fmt"
	"io"

	"decc/compiler"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/rule"
	"decc/ir/sem"
)

// explainLearning prints the learning of a module: how the chip departs from the float
// rule, and every rule in words and as microcode.
func (b *built) explainLearning(w io.Writer) error {
	if onChip := compiler.OnChip(b.project.model); onChip != nil {
		t := newTable("departure", "what the chip does", "in this model")
		for _, d := range compiler.Departures(*onChip) {
			t.AppendRow(row(d.Name, d.Doc, d.Here))
		}
		if err := writeTable(w, t); err != nil {
			return err
		}
		fmt.Fprintln(w, "what each costs: decc validate --learn --budget")
	}
	if err := b.explainHost(w); err != nil {
		return err
	}
	for _, r := range b.compiled.Module.Rules {
		fmt.Fprintf(w, "\nrule @%s\n", r.Name)
		for t, sum := range r.Sums {
			if len(sum) > 0 {
				fmt.Fprintf(w, "  %s = %s\n", sem.Targets[t], rule.Text(sum, r.Decimate))
			}
		}
		for _, line := range rule.Explain(&r.Rule) {
			fmt.Fprintf(w, "  %s\n", line)
		}
		for _, d := range b.findings(&r.Rule) {
			fmt.Fprintf(w, "  %s: %s; fix: %s\n", d.Severity, d.Message, d.Fix)
			for _, note := range d.Notes {
				fmt.Fprintf(w, "    %s\n", note)
			}
		}
		words, err := r.Words()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  microcode of %d words:", len(words))
		for _, word := range words {
			fmt.Fprintf(w, " %016x", word)
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintln(w)
	return err
}

// explainHost says what the embedded processor does, where it has a part in the learning.
func (b *built) explainHost(w io.Writer) error {
	if compiler.LastLayer(b.project.model) == nil {
		return nil
	}
	spec, err := compiler.HostProgram(b.project.model)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nhost program @%s: every %d rows it reads the spike counters of @%s and writes y1", spec.Program.Name, spec.Every, spec.Group)
	for _, p := range spec.Params {
		fmt.Fprintf(w, ", %s %d", p.Name, p.Value)
	}
	lo, hi, err := spec.Limits()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n  what it writes is %d..%d; as C: decc build --emit host -o host.c\n", lo, hi)
	return err
}

// findings are what a rule may lose at the first synapse object that learns by it.
func (b *built) findings(r *sem.Rule) diag.List {
	m := b.compiled.Module
	for _, s := range m.Synapses {
		if s.Rule == r.Name {
			return rule.Check(r, m.Profile, s.Format, b.facts(s))
		}
	}
	return nil
}

// facts are what module and host program tell of the traces that they write.
func (b *built) facts(s *ir.Synapse) rule.Facts {
	facts := ir.RuleFacts(b.compiled.Module, s)
	if compiler.LastLayer(b.project.model) == nil {
		return facts
	}
	if spec, err := compiler.HostProgram(b.project.model); err == nil && spec.Group == s.Post {
		if lo, hi, err := spec.Limits(); err == nil {
			facts[sem.Y1] = rule.Fact{Lo: lo, Hi: hi, Multiple: 1}
		}
	}
	return facts
}
