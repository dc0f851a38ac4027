package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"decc/ir/diag"
)

// The exit codes of decc.
const (
	exitOK    = 0
	exitInput = 1
	exitUsage = 2
	exitBug   = 3
)

// usageError is a wrong command line.
type usageError struct {
	message string
	hint    string
}

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) *usageError {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

// runError marks what a command's own code returned.
type runError struct{ err error }

func (e runError) Error() string { return e.err.Error() }
func (e runError) Unwrap() error { return e.err }

// interrupted is what a long command returns when its context was cancelled: kept
// says in a few words what is on disk and how to go on from there.
type interrupted struct{ kept string }

func (e interrupted) Error() string { return "interrupted: " + e.kept }

// Unwrap lets errors.Is find context.Canceled.
func (e interrupted) Unwrap() error { return context.Canceled }

// errCheckFailed is the error of a command whose check failed and whose result
// already says so: it sets the exit code and prints nothing.
var errCheckFailed = errors.New("a check failed")

// classify turns what cobra returns into what conclude understands: an error that
// did not come out of a command is a wrong command line.
func classify(err error) error {
	var run runError
	var usage *usageError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &run):
		return run.err
	case errors.As(err, &usage):
		return usage
	}
	return usagef("%v", err)
}

// withOutputFailure adds that results could not be written; a command that returned
// this very failure is not heard twice.
func withOutputFailure(err, failure error) error {
	switch {
	case failure == nil:
		return err
	case errors.Is(err, failure):
		return writeFailure(failure)
	}
	return errors.Join(err, writeFailure(failure))
}

// conclude prints an error on env.Err and returns the exit code.
func conclude(env *Env, err error) int {
	if err == nil {
		return exitOK
	}
	var usage *usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(env.Err, "decc: error: %s\n", usage.message)
		if usage.hint != "" {
			fmt.Fprintf(env.Err, "   fix: %s\n", usage.hint)
		}
		return exitUsage
	}
	var findings diag.List
	for _, e := range leaves(err) {
		if found := diag.All(e); len(found) > 0 {
			findings = append(findings, found...)
			continue
		}
		reportPlain(env, e)
	}
	renderFindings(env.Err, findings)
	return exitInput
}

// leaves lists the errors that errors.Join put together.
func leaves(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, leaves(e)...)
	}
	return all
}

func reportPlain(env *Env, err error) {
	var stopped interrupted
	switch {
	case errors.Is(err, errCheckFailed):
	case errors.As(err, &stopped):
		fmt.Fprintf(env.Err, "decc: %v\n", stopped)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(env.Err, "decc: interrupted: nothing was written")
	default:
		fmt.Fprintf(env.Err, "decc: error: %v\n", err)
	}
}

// maxFindings bounds how many diagnostics are printed.
const maxFindings = 20

func renderFindings(w io.Writer, findings diag.List) {
	findings.Sort()
	source := newExcerpts()
	for i, d := range findings {
		if i == maxFindings {
			fmt.Fprintf(w, "and %d more\n", len(findings)-maxFindings)
			return
		}
		_ = d.Render(w, source.read) // nobody is left to tell that stderr is gone
	}
}

// maxExcerptFile bounds a file that is read again to show the guilty line.
const maxExcerptFile = 16 << 20

// excerpts reads input files again for the lines that diagnostics show.
type excerpts struct{ texts map[string][]byte }

func newExcerpts() *excerpts { return &excerpts{texts: map[string][]byte{}} }

// read is a diag.Source: nil for what is missing, too long or no regular file.
func (e *excerpts) read(file string) []byte {
	text, ok := e.texts[file]
	if !ok {
		text = readExcerpt(file)
		e.texts[file] = text
	}
	return text
}

func readExcerpt(file string) []byte {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxExcerptFile {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return text
}

// stackVariable makes a bug report carry the stack.
const stackVariable = "DECC_STACK"

// reportBug prints what a panic of decc means for the user and what to send.
func reportBug(env *Env, args []string, fault any, stack []byte) int {
	fmt.Fprintf(env.Err, "BUG: %v\n", fault)
	fmt.Fprintf(env.Err, "   while running: decc %s\n", strings.Join(args, " "))
	fmt.Fprintln(env.Err, "   This is a fault of decc, not of the input. Please report it with the command line,")
	fmt.Fprintf(env.Err, "   the input files, the output of `decc version` and the output of a run with %s=1.\n", stackVariable)
	if env.Getenv(stackVariable) == "1" {
		fmt.Fprintf(env.Err, "\n%s", stack)
	}
	return exitBug
}
