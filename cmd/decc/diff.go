package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"decc/ir"
	"decc/ir/diag"
)

func newDiffCmd(env *Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Tell where two modules or two recordings first differ",
		Long: `Diff compares two files of one kind and exits with 1 if they differ. Of two modules it
names each object that differs (positions in the model aside), with the first differing
line or element. Of two files of tensors (npz, npy, safetensors, PyTorch) it names each
tensor that differs, with the first differing element and both values. Of two CSV files
it names the first differing line and column. Numbers are compared exactly.`,
		Example: "  decc diff before.dcir after.dcir\n  decc diff chip.npz simulator.npz\n  decc diff a.csv b.csv --json",
		Args:    cobra.ExactArgs(2),
		RunE:    func(_ *cobra.Command, args []string) error { return runDiff(env, args[0], args[1], asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// comparison compares two files of a kind.
type comparison struct {
	kind    string
	compare func(a, b inputFile) ([]ir.Difference, error)
}

var comparisons = []comparison{
	{"module", diffModules},
	{"CSV", diffCSV},
	{"tensors", diffTensors},
}

func runDiff(env *Env, nameA, nameB string, asJSON bool) error {
	a, err := env.loadInput(nameA)
	if err != nil {
		return err
	}
	b, err := env.loadInput(nameB)
	if err != nil {
		return err
	}
	found, err := compareFiles(a, b)
	if err != nil {
		return err
	}
	err = env.WriteResult(toStdout, func(w io.Writer) error { return writeDifferences(w, found, asJSON) })
	if err == nil && len(found) > 0 {
		return errCheckFailed
	}
	return err
}

func compareFiles(a, b inputFile) ([]ir.Difference, error) {
	kind, other := comparedAs(a), comparedAs(b)
	for _, c := range comparisons {
		if c.kind == kind && kind == other {
			return c.compare(a, b)
		}
	}
	d := diag.Errorf(diag.Pos{File: b.name}, codeCompare, "cannot compare %s (%s) with %s (%s)", a.name, kind, b.name, other)
	return nil, d.WithFix("give two modules, two files of tensors or two CSV files")
}

// comparedAs is the kind of a file as comparisons names it.
func comparedAs(f inputFile) string {
	kind := kindOf(f.name, f.data).name
	if kind == "tensors" && isCSV(f.data) {
		return "CSV"
	}
	return kind
}

func diffModules(a, b inputFile) ([]ir.Difference, error) {
	x, err := ir.Parse(string(a.data), a.name)
	if err != nil {
		return nil, err
	}
	y, err := ir.Parse(string(b.data), b.name)
	if err != nil {
		return nil, err
	}
	return ir.Diff(x, y), nil
}

// maxDifferences bounds how many are printed as text; JSON has them all.
const maxDifferences = 20

// differenceJSON is one difference as `decc diff --json` prints it.
type differenceJSON struct {
	Object string `json:"object"`
	What   string `json:"what"`
	A      string `json:"a"`
	B      string `json:"b"`
	Count  int    `json:"count,omitempty"`
}

func writeDifferences(w io.Writer, found []ir.Difference, asJSON bool) error {
	if asJSON {
		list := make([]differenceJSON, len(found))
		for i, d := range found {
			list[i] = differenceJSON(d)
		}
		return writeJSON(w, list)
	}
	if len(found) == 0 {
		fmt.Fprintln(w, "equal")
	}
	for _, d := range found[:min(len(found), maxDifferences)] {
		fmt.Fprintln(w, d.String())
	}
	if len(found) > maxDifferences {
		fmt.Fprintf(w, "and %d more\n", len(found)-maxDifferences)
	}
	return nil
}
