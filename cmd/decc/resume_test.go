package main

import (
	"bytes"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// interruptingWriter sends this process a SIGTERM at every line that it gets, and
// waits until it has arrived.
type interruptingWriter struct {
	bytes.Buffer
	arrived chan os.Signal
}

func newInterruptingWriter(t *testing.T) *interruptingWriter {
	w := &interruptingWriter{arrived: make(chan os.Signal, 1)}
	signal.Notify(w.arrived, syscall.SIGTERM)
	t.Cleanup(func() { signal.Stop(w.arrived) })
	return w
}

func (w *interruptingWriter) Write(p []byte) (int, error) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return 0, err
	}
	if err := self.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	<-w.arrived
	return w.Buffer.Write(p)
}

// runLine runs a command line in this process.
func runLine(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := &Env{In: strings.NewReader(""), Out: &stdout, Err: &stderr, Getenv: func(string) string { return "" }}
	code = Main(args, env)
	return code, stdout.String(), stderr.String()
}

// runInterrupted runs a command line that must stop on a signal at its first line of
// progress, and returns what it says.
func runInterrupted(t *testing.T, args ...string) string {
	t.Helper()
	stderr := newInterruptingWriter(t)
	env := &Env{In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: stderr, Getenv: func(string) string { return "" }}
	if code := Main(append(args, "--progress=plain"), env); code != exitInput || !strings.Contains(stderr.String(), "decc: interrupted: ") {
		t.Fatalf("%v: code %d, stderr %q", args, code, stderr.String())
	}
	return stderr.String()
}

const resumeModel = `decc: 1
name: small
target: loihi2
input: {shape: [1, 28, 28]}
neuron: {model: LIFLayer, alpha: 0.97, beta: 0.92, alpharp: 0.65, wrp: 1.0}
layers:
  - {name: h1, dense: 12}
readout: {classes: 10}
data: {set: mnist-first1000, split: test, encoder: {kind: poisson}, steps: 20, burn_in: 5}
train: {set: mnist-first1000, split: train, digits: 480, batch: 12, seed: 1, dropout: 0.5, schedule: [[0, 0.003], [300, 0.001]]}
quantise: {calibrate: {digits: 0}}
`

// TestInterruptedWorkResumes holds an interrupted and resumed training, and then a
// validation of its weights, against uninterrupted ones: byte for byte.
func TestInterruptedWorkResumes(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	images := filepath.Join(repoRoot(t), "testdata", "mnist")
	write(t, in("fresh.yaml"), resumeModel)
	write(t, in("net.yaml"), strings.Replace(resumeModel, "data:", "weights: {file: a.npz}\ndata:", 1))

	train := func(out string) []string {
		return []string{"train", in("fresh.yaml"), "--folder", images, "--test", "0", "-o", in(out)}
	}
	succeed(t, train("a.npz")...)
	said := runInterrupted(t, train("b.npz")...)
	if _, err := os.Stat(in("b.npz")); err == nil {
		t.Errorf("an interrupted training left weights; it said %q", said)
	}
	succeed(t, train("b.npz")...)
	sameFile(t, in("a.npz"), in("b.npz"))

	validate := func(checkpoint, out string) []string {
		return []string{
			"validate", in("net.yaml"), "--folder", images, "--digits", "40",
			"--checkpoint", in(checkpoint), "--baseline", in(out),
		}
	}
	succeed(t, validate("a.done", "a.json")...)
	runInterrupted(t, validate("b.done", "b.json")...)
	succeed(t, validate("b.done", "b.json")...)
	sameFile(t, in("a.json"), in("b.json"))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func succeed(t *testing.T, args ...string) {
	t.Helper()
	if code, _, errOut := runLine(t, args...); code != exitOK {
		t.Fatalf("%v: code %d, stderr %q", args, code, errOut)
	}
}

func sameFile(t *testing.T, a, b string) {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Errorf("%s and %s differ", filepath.Base(a), filepath.Base(b))
	}
}
