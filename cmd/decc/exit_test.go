package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"decc/ir/diag"
)

// runWith runs a command line on a tree whose only command is `decc test`.
func runWith(t *testing.T, env *Env, run func(cmd *cobra.Command, args []string) error, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if env == nil {
		env = &Env{Getenv: func(string) string { return "" }}
	}
	if env.Out == nil {
		env.Out = &stdout
	}
	env.In, env.Err = strings.NewReader(""), &stderr
	rows := []commandRow{{sectionWork, func(inner *Env) *cobra.Command {
		env.Out = inner.Out
		return &cobra.Command{Use: "test", RunE: run, Args: cobra.NoArgs}
	}}}
	code = execute(append([]string{"test"}, args...), env, rows)
	return code, stdout.String(), stderr.String()
}

func returning(err error) func(*cobra.Command, []string) error {
	return func(*cobra.Command, []string) error { return err }
}

func TestExitCodes(t *testing.T) {
	finding := diag.Errorf(diag.Pos{}, "cli/open", "m")
	cases := []struct {
		name string
		err  error
		code int
		says string // the whole of stderr
	}{
		{"success", nil, 0, ""},
		{"plain error", errors.New("no good"), 1, "decc: error: no good\n"},
		{"finding", finding, 1, "error[cli/open]: m\n"},
		{"wrapped finding", fmt.Errorf("digit 3: %w", finding), 1, "error[cli/open]: m\n"},
		{"joined", errors.Join(finding, errors.New("x")), 1, "decc: error: x\nerror[cli/open]: m\n"},
		{"failed check", errCheckFailed, 1, ""},
		{"usage", usagef("bad %d", 7), 2, "decc: error: bad 7\n"},
		{"interrupted", interrupted{"a.ckpt; run again"}, 1, "decc: interrupted: a.ckpt; run again\n"},
		{"cancelled", context.Canceled, 1, "decc: interrupted: nothing was written\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, _, errOut := runWith(t, nil, returning(c.err))
			if code != c.code || errOut != c.says {
				t.Errorf("code %d, stderr %q; want %d, %q", code, errOut, c.code, c.says)
			}
		})
	}
}

func TestWrongCommandLineIsUsage(t *testing.T) {
	for _, args := range [][]string{{"extra"}, {"--nope"}, {"--progress=no"}} {
		code, _, errOut := runWith(t, nil, returning(nil), args...)
		if code != exitUsage || !strings.HasPrefix(errOut, "decc: error: ") {
			t.Errorf("%v: code %d, stderr %q", args, code, errOut)
		}
	}
}

func TestPanicIsABug(t *testing.T) {
	panics := func(*cobra.Command, []string) error { panic("lost a core") }
	code, _, errOut := runWith(t, nil, panics)
	if code != exitBug || !strings.HasPrefix(errOut, "BUG: lost a core\n") || strings.Contains(errOut, "goroutine") {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
	env := &Env{Getenv: func(name string) string { return map[string]string{stackVariable: "1"}[name] }}
	if _, _, errOut = runWith(t, env, panics); !strings.Contains(errOut, "goroutine") {
		t.Errorf("no stack with %s=1: %q", stackVariable, errOut)
	}
}

func TestFindingsAreSortedCappedAndShown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.yaml")
	if err := os.WriteFile(file, []byte("one\ntwo\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	list := diag.List{diag.Errorf(diag.At(file, 2, 1), "cli/open", "second"), diag.Errorf(diag.At(file, 1, 1), "cli/open", "first")}
	for i := range 30 {
		list.Add(diag.At(file, 3+i, 1), "cli/open", "more")
	}
	_, _, errOut := runWith(t, nil, returning(list))
	first, second := strings.Index(errOut, "first"), strings.Index(errOut, "second")
	if first < 0 || second < first || !strings.Contains(errOut, "    1 | one\n") {
		t.Errorf("order or excerpt: %q", errOut)
	}
	if n := strings.Count(errOut, "error["); n != maxFindings || !strings.HasSuffix(errOut, "and 12 more\n") {
		t.Errorf("%d findings shown, stderr ends %q", n, errOut[max(0, len(errOut)-40):])
	}
}

func TestSignalCancelsTheContext(t *testing.T) {
	code, _, errOut := runWith(t, nil, func(cmd *cobra.Command, _ []string) error {
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		if err := self.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		select {
		case <-cmd.Context().Done():
			return interrupted{"all of it"}
		case <-time.After(time.Minute):
			return errors.New("the context was not cancelled")
		}
	})
	if code != exitInput || errOut != "decc: interrupted: all of it\n" {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
}

// brokenWriter fails after a number of bytes.
type brokenWriter struct{ left int }

var errBroken = errors.New("no space left")

func (b *brokenWriter) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, errBroken
	}
	b.left -= len(p)
	return len(p), nil
}

func TestFullStdoutIsReportedOnce(t *testing.T) {
	env := &Env{Out: &brokenWriter{left: 10}, Getenv: func(string) string { return "" }}
	code, _, errOut := runWith(t, env, func(*cobra.Command, []string) error {
		for range 5 {
			fmt.Fprintln(env.Out, "result")
		}
		return nil
	})
	want := "stdout: error[cli/write]: cannot write the results: no space left\n   fix: free space where stdout goes, or give a file with -o\n"
	if code != exitInput || errOut != want {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
}
