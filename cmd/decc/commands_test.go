package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand calls visit for the root and all commands below it.
func everyCommand(visit func(cmd *cobra.Command)) {
	env := &Env{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		visit(cmd)
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(env, commandTable))
}

func TestEveryCommandHasHelp(t *testing.T) {
	everyCommand(func(cmd *cobra.Command) {
		if cmd.Short == "" || cmd.Long == "" {
			t.Errorf("%s: Short or Long is missing", cmd.CommandPath())
		}
		if !strings.Contains(cmd.Example, cmd.CommandPath()) {
			t.Errorf("%s: the example %q does not show it", cmd.CommandPath(), cmd.Example)
		}
		if cmd.RunE == nil && cmd.Run == nil {
			t.Errorf("%s: it does nothing", cmd.CommandPath())
		}
	})
}

// wantedCommands are the commands that the tool is agreed to have.
var wantedCommands = []string{
	"build", "completion", "data", "diff", "explain", "export", "fmt", "help", "import", "inspect", "replay", "run", "targets",
	"train", "validate", "version",
}

func TestAllCommandsAreThere(t *testing.T) {
	found := map[string]bool{}
	everyCommand(func(cmd *cobra.Command) { found[cmd.Name()] = true })
	for _, name := range wantedCommands {
		if !found[name] {
			t.Errorf("decc %s is missing", name)
		}
	}
}

// TestExamplesParse holds the examples of all commands against their flags.
func TestExamplesParse(t *testing.T) {
	everyCommand(func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			words := strings.Fields(line)
			if len(words) == 0 || words[0] != "decc" {
				continue
			}
			target, rest, err := cmd.Root().Find(words[1:])
			if err != nil {
				t.Errorf("%q: %v", line, err)
				continue
			}
			target.InitDefaultHelpFlag()
			if err := target.ParseFlags(rest); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	})
}

// TestFlagPlaceholders finds usage texts in which pflag takes a quoted command for the
// name of the value.
func TestFlagPlaceholders(t *testing.T) {
	everyCommand(func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if name, _ := pflag.UnquoteUsage(f); strings.Contains(name, " ") {
				t.Errorf("%s --%s shows %q as its value", cmd.CommandPath(), f.Name, name)
			}
		})
	})
}
