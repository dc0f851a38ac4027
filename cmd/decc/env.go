package main

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// Env is all that a command knows of the world around it: nothing in this package
// reaches for os.Stdout, os.Stderr or an environment variable on its own, so that
// tests run commands side by side.
type Env struct {
	In io.Reader
	// Out takes results, Err diagnostics and progress.
	Out, Err io.Writer
	// ErrTerminal tells that a person watches Err.
	ErrTerminal bool
	// Getenv reads an environment variable.
	Getenv func(string) string

	// progress is the value of --progress, a row of progressModes.
	progress string
}

// NewEnv is the Env of the process.
func NewEnv() *Env {
	return &Env{
		In:          os.Stdin,
		Out:         os.Stdout,
		Err:         os.Stderr,
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Getenv:      os.Getenv,
	}
}

// resultWriter remembers the first failure of the stream of results: commands
// print without looking, and the exit code still tells of a full disk.
type resultWriter struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

// Write passes b on until a write fails, and then gives that failure for ever.
func (r *resultWriter) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.w.Write(b)
	r.err = err
	return n, err
}

// failure is the first failed write, or nil.
func (r *resultWriter) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}
