package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
)

func TestProgressIsSilentInPipes(t *testing.T) {
	var out, errOut bytes.Buffer
	env := &Env{Out: &out, Err: &errOut}
	for _, mode := range []string{"auto", "none"} {
		env.progress = mode
		bar := env.Progress("work", 3)
		bar.Note("x")
		bar.Add(3)
		bar.Done()
	}
	if out.Len()+errOut.Len() > 0 {
		t.Errorf("printed %q and %q", out.String(), errOut.String())
	}
}

func TestPlainProgressGoesByWork(t *testing.T) {
	var errOut bytes.Buffer
	env := &Env{Err: &errOut, progress: "plain"}
	bar := env.Progress("work", 1000)
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() { bar.Add(1) })
	}
	all.Wait()
	bar.Done()
	lines := strings.Split(strings.TrimSpace(errOut.String()), "\n")
	if len(lines) != plainLines || lines[0] != "work 100/1000" || lines[9] != "work 1000/1000" {
		t.Errorf("lines %q", lines)
	}
}

func TestBarEndsWhenWorkStops(t *testing.T) {
	var out, errOut bytes.Buffer
	env := &Env{Out: &out, Err: &errOut, progress: "bar"}
	bar := env.Progress("work", 10)
	bar.Add(4)
	bar.Note("half")
	bar.Done()
	bar.Done()
	if out.Len() > 0 || !strings.Contains(errOut.String(), "work 4/10") {
		t.Errorf("stdout %q, stderr %q", out.String(), errOut.String())
	}
}
