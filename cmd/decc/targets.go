package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"decc/ir/chip"
)

// target is a chip profile as `decc targets --json` prints it.
type target struct {
	Name   string        `json:"name"`
	Doc    string        `json:"doc"`
	Limits []targetLimit `json:"limits"`
	Costs  []targetCost  `json:"costs,omitempty"`
}

type targetLimit struct {
	Name   string `json:"name"`
	Value  int64  `json:"value"`
	Unit   string `json:"unit"`
	Source string `json:"source"`
	Note   string `json:"note,omitempty"`
}

type targetCost struct {
	Set    string  `json:"set"`
	Name   string  `json:"name"`
	Chips  int     `json:"chips,omitempty"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Source string  `json:"source"`
	Note   string  `json:"note,omitempty"`
}

// named is the name with the size of the system.
func (c targetCost) named() string {
	if c.Chips == 0 {
		return c.Name
	}
	return fmt.Sprintf("%s of %d chips", c.Name, c.Chips)
}

func newTargetsCmd(env *Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "targets [NAME|FILE]...",
		Short: "List the chips that decc compiles for, with every limit and its source",
		Long: `Targets prints chip profiles: each limit that the compiler respects, its unit and the
publication or recording that it was taken from. Without an argument it lists all
profiles that decc carries; an argument is the name of one of them or a profile file.`,
		Example:           "  decc targets\n  decc targets loihi2\n  decc targets mychip.yaml --json",
		ValidArgsFunction: cobra.FixedCompletions(chip.Names(), cobra.ShellCompDirectiveDefault),
		RunE: func(_ *cobra.Command, names []string) error {
			specs, err := loadTargets(names)
			if err != nil {
				return err
			}
			return env.WriteResult(toStdout, func(w io.Writer) error { return writeTargets(w, specs, len(names) > 0, asJSON) })
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// loadTargets reads the named profiles, all embedded ones if none is named.
func loadTargets(names []string) ([]*chip.Spec, error) {
	if len(names) == 0 {
		names = chip.Names()
	}
	specs := make([]*chip.Spec, len(names))
	for i, name := range names {
		var err error
		if specs[i], err = chip.Load(name); err != nil {
			return nil, err
		}
	}
	return specs, nil
}

// writeTargets prints whole profiles, or, in text and unless detailed, one table
// that holds the profiles side by side.
func writeTargets(w io.Writer, specs []*chip.Spec, detailed, asJSON bool) error {
	if asJSON {
		list := make([]target, len(specs))
		for i, s := range specs {
			list[i] = describeTarget(s)
		}
		return writeJSON(w, list)
	}
	if !detailed {
		return writeComparison(w, specs)
	}
	for i, s := range specs {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := targetText(describeTarget(s)).writeText(w); err != nil {
			return err
		}
	}
	return nil
}

func describeTarget(s *chip.Spec) target {
	t := target{Name: s.Name, Doc: s.Doc}
	for _, l := range s.Limits() {
		t.Limits = append(t.Limits, targetLimit(l))
	}
	for _, c := range s.Costs() {
		t.Costs = append(t.Costs, targetCost(c))
	}
	return t
}

func targetText(t target) *description {
	d := &description{Kind: t.Name + ": " + t.Doc}
	columns := []string{"name", "value", "unit", "source", "note"}
	ofSets := append([]string{"set"}, columns...)
	var limits, costs [][]any
	for _, l := range t.Limits {
		limits = append(limits, []any{l.Name, l.Value, l.Unit, l.Source, l.Note})
	}
	for _, c := range t.Costs {
		costs = append(costs, []any{c.Set, c.named(), c.Value, c.Unit, c.Source, c.Note})
	}
	d.addTable("limits", columns, limits)
	d.addTable("costs", ofSets, costs)
	return d
}

// writeComparison holds the limits of several profiles side by side.
func writeComparison(w io.Writer, specs []*chip.Spec) error {
	d := &description{Kind: "chip profiles"}
	columns := []string{"limit"}
	for _, s := range specs {
		d.add(s.Name, s.Doc)
		columns = append(columns, s.Name)
	}
	var rows [][]any
	for _, l := range specs[0].Limits() {
		row := []any{l.Name}
		for _, s := range specs {
			other, _ := s.Limit(l.Name)
			row = append(row, other.Value)
		}
		rows = append(rows, append(row, l.Unit))
	}
	d.addTable("limits; `decc targets NAME` gives the source of each", append(columns, "unit"), rows)
	return d.writeText(w)
}
