package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"decc/compiler/model/weights"
	"decc/ir"
	"decc/ir/diag"
)

type fmtOptions struct {
	write, list, check, dropComments bool
}

func newFmtCmd(env *Env) *cobra.Command {
	var o fmtOptions
	cmd := &cobra.Command{
		Use:   "fmt FILE.dcir...",
		Short: "Print modules in their canonical text",
		Long: `Fmt reads modules and prints their canonical text, the one that the compiler writes and
that digests are made of. The canonical text has no comments: -w refuses to rewrite a
file that has some, unless --drop-comments says so. "-" is stdin.`,
		Example: "  decc fmt net.dcir\n  decc fmt -w *.dcir\n  decc fmt --check *.dcir",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, files []string) error { return runFmt(env, o, files) },
	}
	flags := cmd.Flags()
	flags.BoolVarP(&o.write, "write", "w", false, "rewrite the files that differ")
	flags.BoolVarP(&o.list, "list", "l", false, "print the names of the files that differ instead of their text")
	flags.BoolVar(&o.check, "check", false, "as -l, and exit with 1 if any differs")
	flags.BoolVar(&o.dropComments, "drop-comments", false, "let -w remove comments")
	return cmd
}

// runFmt goes on after a file that cannot be read, so that one run names all.
func runFmt(env *Env, o fmtOptions, files []string) error {
	if o.write && slices.Contains(files, fromStdin) {
		return usagef("-w needs files, not stdin")
	}
	var failed diag.List
	differs := false
	for _, file := range files {
		changed, err := formatFile(env, o, file)
		if err != nil {
			found := diag.All(err)
			if found == nil {
				return err
			}
			failed = append(failed, found...)
		}
		differs = differs || changed
	}
	if err := failed.Err(); err != nil {
		return err
	}
	if o.check && differs {
		return errCheckFailed
	}
	return nil
}

// formatFile formats one file and tells whether it was not canonical.
func formatFile(env *Env, o fmtOptions, file string) (changed bool, err error) {
	f, err := env.loadInput(file)
	if err != nil {
		return false, err
	}
	m, err := ir.Parse(string(f.data), f.name)
	if err != nil {
		return false, err
	}
	var canonical bytes.Buffer
	if err := ir.Print(&canonical, m, ir.PrintOptions{}); err != nil {
		return false, err
	}
	changed = !bytes.Equal(f.data, canonical.Bytes())
	if changed && (o.list || o.check) {
		fmt.Fprintln(env.Out, f.name)
	}
	if o.write {
		return changed, rewrite(o, file, string(f.data), canonical.Bytes())
	}
	if !o.list && !o.check {
		_, err = env.Out.Write(canonical.Bytes())
	}
	return changed, err
}

// rewrite leaves a canonical file untouched.
func rewrite(o fmtOptions, file, src string, canonical []byte) error {
	if src == string(canonical) {
		return nil
	}
	if line := commentLine(src); line > 0 && !o.dropComments {
		return diag.Errorf(diag.At(file, line, 1), codeComments, "the canonical text has no comments, and this file has").
			WithFix("give --drop-comments to lose them, or leave -w out to print the canonical text")
	}
	return weights.AtomicWrite(file, func(w io.Writer) error {
		_, err := w.Write(canonical)
		return err
	})
}

// commentLine is the number of the first line with a comment, 0 if there is none.
// The payload of a blob is base64, in which // means nothing.
func commentLine(src string) int {
	inBlob := false
	for i, line := range strings.Split(src, "\n") {
		switch {
		case strings.HasPrefix(line, "blob "):
			inBlob = true
		case line == "}":
			inBlob = false
		case !inBlob && strings.Contains(line, "//"):
			return i + 1
		}
	}
	return 0
}
