package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/rule"
	"decc/ir/sem"
)

type inspectOptions struct {
	asJSON    bool
	rules     bool
	programs  bool
	semantics string
}

func newInspectCmd(env *Env) *cobra.Command {
	var o inspectOptions
	cmd := &cobra.Command{
		Use:   "inspect FILE | inspect --programs [NAME]...",
		Short: "Say what a file is and what is in it; print the builtin neuron programs",
		Long: `Inspect tells by its content what a file is (a module or neuron program, a chip image,
a model, tensors in npz, npy, safetensors, PyTorch or HDF5 form (.nir, .net), IDX images)
and sums up what is in it. "-" is stdin.

With --programs it prints the neuron programs that decc carries, as they are written: a
user can copy one, change it and name the copy in a model. --semantics prints instead
what such a program, or that of FILE, means under a semantics profile: the canonical
text with all disputed points decided.`,
		Example: `  decc inspect net.dcir
  decc inspect weights.pth --json
  decc inspect --programs cuba
  decc inspect --rules stdp
  decc inspect --programs decolle --semantics silicon`,
		ValidArgsFunction: completeInspect(&o),
		RunE:              func(_ *cobra.Command, args []string) error { return runInspect(env, o, args) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.asJSON, "json", false, "print JSON")
	flags.BoolVar(&o.programs, "programs", false, "print builtin neuron programs")
	flags.BoolVar(&o.rules, "rules", false, "print the learning rules that come with decc, as text and in words")
	addChoice(cmd, flags, &o.semantics, "semantics", sem.ProfileNames(), "print programs as they are under a profile")
	return cmd
}

func completeInspect(o *inspectOptions) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if o.programs {
			return ir.BuiltinNames(), cobra.ShellCompDirectiveNoFileComp
		}
		if o.rules {
			return rule.Names(), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
}

func runInspect(env *Env, o inspectOptions, args []string) error {
	if o.programs {
		return inspectPrograms(env, o, args)
	}
	if o.rules {
		return inspectRules(env, o, args)
	}
	if len(args) != 1 {
		return usagef("inspect takes one file, --programs or --rules")
	}
	f, err := env.loadInput(args[0])
	if err != nil {
		return err
	}
	if o.semantics != "" {
		return inspectProgramFile(env, o, f)
	}
	d, err := kindOf(f.name, f.data).describe(f.name, f.data)
	if err != nil {
		return err
	}
	return env.WriteResult(toStdout, func(w io.Writer) error { return d.write(w, o.asJSON) })
}

// programText is a neuron program as `decc inspect --programs --json` prints it.
type programText struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// inspectPrograms prints the named builtin programs, all if none is named.
func inspectPrograms(env *Env, o inspectOptions, names []string) error {
	if len(names) == 0 {
		names = ir.BuiltinNames()
	}
	var programs []programText
	for _, name := range names {
		text, err := builtinText(name, o.semantics)
		if err != nil {
			return err
		}
		programs = append(programs, programText{name, text})
	}
	return env.WriteResult(toStdout, func(w io.Writer) error { return writePrograms(w, programs, o.asJSON) })
}

func builtinText(name, semantics string) (string, error) {
	if semantics == "" {
		return ir.BuiltinText(name)
	}
	profile, _ := sem.ProfileByName(semantics) // the flag takes no other word
	p, err := ir.Builtin(name, profile)
	if err != nil {
		return "", err
	}
	return ir.ProgramText(&p.Program) + "\n", nil
}

// inspectProgramFile prints the program of a user's file under a profile.
func inspectProgramFile(env *Env, o inspectOptions, f inputFile) error {
	if !isProgram(f.name, f.data) {
		return diag.Errorf(diag.At(f.name, 1, 1), codeNoProgram, "--semantics needs a neuron program, this is something else").
			WithFix("leave --semantics out, or give a file that begins with `neuron @name {`")
	}
	profile, _ := sem.ProfileByName(o.semantics) // the flag takes no other word
	p, err := ir.ParseProgram(string(f.data), f.name, profile)
	if err != nil {
		return err
	}
	text := []programText{{p.Name, ir.ProgramText(&p.Program) + "\n"}}
	return env.WriteResult(toStdout, func(w io.Writer) error { return writePrograms(w, text, o.asJSON) })
}

func writePrograms(w io.Writer, programs []programText, asJSON bool) error {
	if asJSON {
		return writeJSON(w, programs)
	}
	for i, p := range programs {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprint(w, p.Text)
	}
	return nil
}
