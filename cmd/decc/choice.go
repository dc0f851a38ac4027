package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"decc/ir/diag"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value *string
	words []string
}

// addChoice defines a flag that takes one of words, with its completion. The
// default is what *value holds, "" for none.
func addChoice(cmd *cobra.Command, flags *pflag.FlagSet, value *string, name string, words []string, usage string) {
	flags.Var(&choice{value, words}, name, usage+": "+strings.Join(words, ", "))
	// The only failure is a flag that does not exist or that has a completion already.
	if err := cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

func (c *choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

// Set takes one of the words; the error suggests the nearest.
func (c *choice) Set(word string) error {
	if slices.Contains(c.words, word) {
		*c.value = word
		return nil
	}
	if near, ok := diag.Nearest(word, c.words); ok {
		return fmt.Errorf("did you mean %s?", near)
	}
	return fmt.Errorf("use one of %s", strings.Join(c.words, ", "))
}

// Type is the placeholder in the help text.
func (c *choice) Type() string { return "word" }
