package llvm

import (
	"context"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// tiny is two inputs, a group that fires whenever it gets a spike, and a graded one behind it.
const tiny = `module @tiny seed(7) {
  neuron @relay {
    port drive:s40
    spike gt(drive, 0)
  }
  neuron @sum {
    state v:s24
    port drive:s40
    param gain:u8 = 3
    v = clamp(add(shrz(mul(v, 4000), 12), shrf(mul(clamp(drive, -30000, 30000), gain), 2)), -8388607, 8388607)
    spike gt(v, 1000)
    payload v
  }
  input @in x 2
  group @a : @relay x 2
  group @b : @sum x 3
  synapse @w : @in -> @a.drive dense s8[2x2]{2, 0, 0, 2}
  synapse @x : @a -> @b.drive dense s8[3x2]{2, 4, 0, 6, -8, 10} delay(1)
}
`

func parsed(t *testing.T, text string) *ir.Module {
	t.Helper()
	m, err := ir.Parse(text, "test.dcir")
	if err == nil {
		err = ir.Verify(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func built(t *testing.T, text string) *Native {
	t.Helper()
	if err := Available(); err != nil {
		t.Skipf("no native programs here: %v", err)
	}
	n, err := Build(t.Context(), parsed(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func codeOf(err error) string {
	var d *diag.Diagnostic
	if all := diag.All(err); len(all) > 0 {
		return all[0].Code
	}
	if errors.As(err, &d) {
		return d.Code
	}
	return ""
}

func ask(rows int) spikes.Request {
	return spikes.Request{
		Rows: rows, Inputs: map[string]spikes.Train{"in": {{Row: 0, Index: 0, Payload: 1}, {Row: 1, Index: 1, Payload: 1}}},
		Probes: []spikes.Probe{{Group: "b", Variable: "v", Members: []int32{2, 0}}},
	}
}

var update = flag.Bool("update", false, "write the kept text anew")

// TestTextIsStable: the same module gives the same text, that of the kept file.
func TestTextIsStable(t *testing.T) {
	target := Target{Triple: "x86_64-unknown-linux-gnu", CPU: "x86-64-v3"}
	var texts [2]string
	for i := range texts {
		p, err := Lower(parsed(t, tiny), target)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(p.Text)
	}
	file := filepath.Join("..", "..", "testdata", "llvm", "tiny.ll")
	if *update {
		if err := os.WriteFile(file, []byte(texts[0]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if texts[0] != texts[1] || texts[0] != string(want) {
		t.Errorf("two texts equal: %t; equal to %s: %t", texts[0] == texts[1], file, texts[0] == string(want))
	}
}

// TestProgramsAreReproducible: the same module gives the same executable.
func TestProgramsAreReproducible(t *testing.T) {
	if one, two := built(t, tiny), built(t, tiny); !slices.Equal(one.executable, two.executable) {
		t.Error("two builds differ")
	}
}

// TestEveryProcessor compiles for all processors of this architecture and runs on those that this one can stand for.
func TestEveryProcessor(t *testing.T) {
	var want *spikes.Record[int64]
	n := built(t, tiny)
	for _, l := range levels {
		if l.arch != runtime.GOARCH || !l.here() {
			continue
		}
		target, err := TargetFor(l.name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Lower(n.program.module, target)
		if err != nil {
			t.Fatal(err)
		}
		executable, err := p.Compile(t.Context(), Executable)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := (&Native{program: p, executable: executable}).Engine().Run(t.Context(), ask(40))
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = &rec
		}
		if !slices.Equal(rec.Values["b.v"].Data, want.Values["b.v"].Data) || rec.Counts != want.Counts {
			t.Errorf("%s differs", l.name)
		}
	}
	if _, err := TargetFor("z80"); codeOf(err) != codeCPU {
		t.Errorf("got %v", err)
	}
}

// TestMissingTools: one diagnostic that names what to install.
func TestMissingTools(t *testing.T) {
	m := parsed(t, tiny)
	t.Setenv("PATH", t.TempDir())
	_, err := Build(t.Context(), m)
	if codeOf(err) != codeTools || !strings.Contains(diag.All(err)[0].Fix, "apt-get install") {
		t.Errorf("got %v", err)
	}
}

// TestTooLarge: sizes beyond the limits are refused before anything is written.
func TestTooLarge(t *testing.T) {
	target := Target{Triple: "x86_64-unknown-linux-gnu", CPU: "x86-64"}
	m := parsed(t, tiny)
	m.Groups[0].N = maxMembers
	if _, err := Lower(m, target); codeOf(err) != codeSize {
		t.Errorf("got %v", err)
	}
	m = parsed(t, tiny)
	m.Synapses[0].Weights.Shape = []int{1 << 14, 1<<12 + 1}
	if _, err := Lower(m, target); codeOf(err) != codeSize {
		t.Errorf("got %v", err)
	}
}

// TestRefusedRequests: what a request can have wrong is told with its code, and the engine goes on.
func TestRefusedRequests(t *testing.T) {
	e := built(t, tiny).Engine()
	in := func(events ...spikes.Event) map[string]spikes.Train { return map[string]spikes.Train{"in": events} }
	for _, c := range []struct {
		code string
		req  spikes.Request
	}{
		{"run/rows", spikes.Request{Rows: -1}},
		{"run/unknown-input", spikes.Request{Inputs: map[string]spikes.Train{"inn": {}}}},
		{"run/event-range", spikes.Request{Inputs: in(spikes.Event{Index: 2})}},
		{"run/event-order", spikes.Request{Inputs: in(spikes.Event{Row: 3}, spikes.Event{Row: 1})}},
		{"run/unknown-group", spikes.Request{SpikesOf: []string{"c"}}},
		{"run/unknown-group", spikes.Request{Probes: []spikes.Probe{{Group: "c", Variable: "v"}}}},
		{"run/unknown-variable", spikes.Request{Probes: []spikes.Probe{{Group: "b", Variable: "w"}}}},
		{"run/member-range", spikes.Request{Probes: []spikes.Probe{{Group: "b", Variable: "v", Members: []int32{3}}}}},
		{"run/unknown-param", spikes.Request{Params: []spikes.ParamValue{{Group: "b", Param: "v"}}}},
		{"run/param-range", spikes.Request{Params: []spikes.ParamValue{{Group: "b", Param: "gain", Value: 256}}}},
		{codeTwice, spikes.Request{Rows: 9, Inputs: in(spikes.Event{Row: 3}, spikes.Event{Row: 3})}},
	} {
		if _, err := e.Run(t.Context(), c.req); codeOf(err) != c.code {
			t.Errorf("got %v, want %s", err, c.code)
		}
	}
	if _, err := e.Run(t.Context(), ask(5)); err != nil {
		t.Error(err)
	}
}

// TestDamagedRequests sends requests with words cut off or changed: the program refuses or answers, and is never gone.
func TestDamagedRequests(t *testing.T) {
	n := built(t, tiny)
	c, err := n.start()
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	good := n.program.layout.encode(ask(9), 7)
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for i := range 2000 {
		bad := slices.Clone([]byte(good))
		if i < len(bad) {
			bad = bad[:i]
		} else {
			// A word other than the number of rows, which may be large, becomes one that is small, negative or wild.
			at := 8 * (r.IntN(len(bad)/8-2) + 2)
			var w words
			w.add([]int64{0, 1, 5, -1, 1 << 40, -1 << 63}[r.IntN(6)])
			copy(bad[at:], w)
		}
		if _, err := c.ask(bad, nil); err != nil {
			if !strings.Contains(err.Error(), "refuses") {
				t.Fatalf("request %d: %v", i, err)
			}
			refused++
		}
	}
	if refused < 500 {
		t.Errorf("only %d of 2000 were refused", refused)
	}
	if _, err := c.ask(good, nil); err != nil {
		t.Error(err)
	}
}

// TestInterruption: a run of hours ends with its context, and the engine says that it stopped.
func TestInterruption(t *testing.T) {
	e := built(t, tiny).Engine()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	req := ask(1 << 30)
	req.Probes = nil
	start := time.Now()
	if _, err := e.Run(ctx, req); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 10*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
	if _, err := e.Run(t.Context(), ask(5)); codeOf(err) != codeStopped {
		t.Errorf("got %v", err)
	}
}

// TestCrash: a program that is killed is a diagnostic, and so is one that does not start.
func TestCrash(t *testing.T) {
	n := built(t, tiny)
	e := n.Engine()
	if _, err := e.Run(t.Context(), ask(5)); err != nil {
		t.Fatal(err)
	}
	_ = e.child.cmd.Process.Kill()
	if _, err := e.Run(t.Context(), ask(5)); codeOf(err) != codeProgram {
		t.Errorf("got %v", err)
	}
	broken := &Native{program: n.program, executable: []byte("#!/bin/true\n")}
	if _, err := broken.Engine().Run(t.Context(), ask(5)); codeOf(err) != codeProgram {
		t.Errorf("got %v", err)
	}
}

// TestEndOfInput: the program ends when nobody can ask it any more.
func TestEndOfInput(t *testing.T) {
	c, err := built(t, tiny).start()
	if err != nil {
		t.Fatal(err)
	}
	_ = c.in.Close()
	if rest, err := io.ReadAll(c.out); err != nil || len(rest) > 0 {
		t.Errorf("%d bytes more, %v", len(rest), err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// driver calls a shared object with the request of a file, and writes status and answer.
const driver = `#include <stdio.h>
#include <stdlib.h>
long long decc_call(void *, long long, void **, long long *);
int main(int argc, char **argv) {
  static long long request[1 << 16];
  void *answer = 0;
  long long length = 0, size = fread(request, 1, sizeof request, stdin);
  long long status = decc_call(request, size, &answer, &length);
  fwrite(answer, 1, length, stdout);
  return (int)status;
}
`

// TestSharedObject calls the library from C: it answers what the program answers.
func TestSharedObject(t *testing.T) {
	n := built(t, tiny)
	cc := firstOf([]string{"cc", "gcc", "clang"})
	if cc == "" {
		t.Skip("no C compiler to call the library with")
	}
	library, err := n.program.Compile(t.Context(), SharedObject)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string]string{"libnet.so": string(library), "driver.c": driver} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := runTool(t.Context(), dir, []string{cc, "driver.c", "-o", "driver", "-L.", "-lnet", "-Wl,-rpath," + dir}); err != nil {
		t.Fatal(err)
	}
	req := ask(30)
	cmd := exec.Command(filepath.Join(dir, "driver"))
	cmd.Stdin = strings.NewReader(string(n.program.layout.encode(req, 7)))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	got, err := n.program.layout.decode(out, req)
	if err != nil {
		t.Fatal(err)
	}
	want, err := n.Engine().Run(t.Context(), req)
	if err != nil || got.Counts != want.Counts || got.Counts.Spikes == 0 || !slices.Equal(got.Values["b.v"].Data, want.Values["b.v"].Data) {
		t.Errorf("%+v, %v; want %+v", got.Counts, err, want.Counts)
	}
}

// TestLearnedValuesAreChecked: values of another network, or beyond what a spike can find, are refused.
func TestLearnedValuesAreChecked(t *testing.T) {
	e := built(t, `module @plastic {
  neuron @relay { port drive:s40 spike gt(drive, 0) }
  input @in x 2
  group @a : @relay x 1
  rule @r { x1 impulse(64) decay(2048) dw "2^-2*x1*y0" }
  synapse @w : @in -> @a.drive dense s8[1x2]{20, -20} learn(@r)
}`).Engine()
	if err := e.SetLearned("w", sem.TargetW, []int64{40, 60}); err != nil {
		t.Error(err)
	}
	if got := e.Learned("w", sem.TargetW); !slices.Equal(got, []int64{40, 60}) {
		t.Errorf("learned %v", got)
	}
	for _, err := range []error{
		e.SetLearned("w", sem.TargetW, []int64{1}), e.SetLearned("v", sem.TargetW, []int64{1, 2}), e.SetLearned("w", sem.TargetW, []int64{1, 1 << 20}),
	} {
		if codeOf(err) != "run/learned-values" {
			t.Errorf("got %v", err)
		}
	}
	if e.Learned("v", sem.TargetW) != nil {
		t.Error("values of an object that is not there")
	}
}
