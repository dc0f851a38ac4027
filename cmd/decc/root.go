package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"decc/ir/diag"
)

// commandRow places one command in a section of `decc help`.
type commandRow struct {
	section string
	make    func(env *Env) *cobra.Command
}

// The sections of `decc help`, in its order.
const (
	sectionWork  = "work"
	sectionLook  = "look"
	sectionAbout = "about"
)

var sections = []*cobra.Group{
	{ID: sectionWork, Title: "Compile, run and compare:"},
	{ID: sectionLook, Title: "Look at files:"},
	{ID: sectionAbout, Title: "Ask decc:"},
}

// commandTable lists every command.
var commandTable = []commandRow{
	{sectionWork, newBuildCmd},
	{sectionWork, newRunCmd},
	{sectionWork, newTrainCmd},
	{sectionWork, newValidateCmd},
	{sectionWork, newReplayCmd},
	{sectionWork, newImportCmd},
	{sectionWork, newExportCmd},
	{sectionLook, newInspectCmd},
	{sectionLook, newFmtCmd},
	{sectionLook, newDiffCmd},
	{sectionLook, newCurvesCmd},
	{sectionWork, newDataCmd},
	{sectionAbout, newBenchCmd},
	{sectionAbout, newTargetsCmd},
	{sectionAbout, newExplainCmd},
	{sectionAbout, newVersionCmd},
}

// Main runs one command line and returns the exit code: 0 for success, 1 where
// the input is wrong or a check failed, 2 for a wrong command line, 3 for a bug
// of decc. SIGINT and SIGTERM cancel the command's context; a second one ends the
// process at once.
func Main(args []string, env *Env) int { return execute(args, env, commandTable) }

func execute(args []string, env *Env, rows []commandRow) (code int) {
	results := &resultWriter{w: env.Out}
	inner := *env
	inner.Out = results
	defer func() {
		if fault := recover(); fault != nil {
			code = reportBug(&inner, args, fault, debug.Stack())
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	root := newRoot(&inner, rows)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return conclude(&inner, withOutputFailure(classify(err), results.failure()))
}

// newRoot builds the tree of commands. Every error of a command's own code is
// marked, so that classify can tell it from a wrong command line.
func newRoot(env *Env, rows []commandRow) *cobra.Command {
	root := &cobra.Command{
		Use:   "decc",
		Short: "Compile DECOLLE networks for neuromorphic chips, simulate them bit by bit, compare",
		Long: `decc compiles spiking networks that learn with DECOLLE for Loihi-style
neuromorphic chips and simulates the chip bit for bit.

Results go to stdout or -o, progress and diagnostics to stderr.
Exit codes: 0 ok, 1 the input is wrong or a check failed, 2 wrong command line,
3 a bug of decc.`,
		Example:       "  decc validate testdata/models/mnist-mlp.yaml\n  decc explain weights/npy",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          needSubcommand,
		Args:          cobra.ArbitraryArgs,
	}
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.SetFlagErrorFunc(flagError)
	root.AddGroup(sections...)
	env.progress = progressNames()[0]
	addChoice(root, root.PersistentFlags(), &env.progress, "progress", progressNames(), "how progress is shown on stderr")
	for _, row := range rows {
		cmd := row.make(env)
		cmd.GroupID = row.section
		root.AddCommand(cmd)
	}
	addStandardCommands(root)
	markRuns(root)
	return root
}

// addStandardCommands adds cobra's help and completion, with the examples that
// cobra leaves out.
func addStandardCommands(root *cobra.Command) {
	root.SetHelpCommandGroupID(sectionAbout)
	root.SetCompletionCommandGroupID(sectionAbout)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Example = "  decc help validate"
		case "completion":
			cmd.Example = "  source <(decc completion bash)"
			cmd.RunE, cmd.Args = needSubcommand, cobra.ArbitraryArgs
			for _, shell := range cmd.Commands() {
				shell.Example = "  decc completion " + shell.Name()
			}
		}
	}
}

// needSubcommand is the RunE of a command that only holds others: cobra would
// print the help and succeed whatever the argument.
func needSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	var names []string
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	err := usagef("unknown command %q for %q", args[0], cmd.CommandPath())
	err.hint = "`" + cmd.CommandPath() + " --help` lists the commands"
	if near, ok := diag.Nearest(args[0], names); ok {
		err.hint = "did you mean " + near + "?"
	}
	return err
}

// markRuns wraps the errors of all commands' own code into runError.
func markRuns(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if err := run(cmd, args); err != nil {
				return runError{err}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		markRuns(sub)
	}
}

// flagError explains an unknown flag by the nearest known one.
func flagError(cmd *cobra.Command, err error) error {
	u := usagef("%v", err)
	u.hint = "`" + cmd.CommandPath() + " --help` lists the flags"
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return u
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near, ok := diag.Nearest(unknown.GetSpecifiedName(), names); ok {
		u.hint = "did you mean --" + near + "?"
	}
	return u
}
