package hostc_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"decc/backends/hostc"
	"decc/chipsim/host"
	"decc/ir"
	"decc/ir/sem"
)

// programs are the built-in ones with params that differ from their defaults.
func programs(t *testing.T) []host.Spec {
	t.Helper()
	var list []host.Spec
	for name, params := range map[string][]host.Param{
		"soel": {{Name: "target", Value: 9}, {Name: "offset", Value: 21}, {Name: "step", Value: 2}},
		"sign": {{Name: "target", Value: 9}, {Name: "dead", Value: 3}, {Name: "most", Value: 7}},
	} {
		s, err := host.New(name, "out", 4, 20, params...)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// The C of a host program writes what the simulated program writes.
func TestCompiled(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("there is no C compiler cc to build the host program with")
	}
	for _, s := range programs(t) {
		t.Run(s.Program.Name, func(t *testing.T) {
			const epochs, class = 200, 1
			r := rand.New(rand.NewPCG(1, 2))
			runner := host.NewRunner(s)
			runner.Teach(class)
			runner.Begin()
			var counts, want strings.Builder
			for e := range epochs {
				fired := make([]int32, 0, 80)
				for i := range int32(s.N) {
					n := r.IntN(21)
					fmt.Fprintf(&counts, "%d, ", n)
					for range n {
						fired = append(fired, i)
					}
				}
				runner.Row(e*s.Every, fired)
				written := runner.Row((e+1)*s.Every-1, nil)
				for _, y := range written[0] {
					fmt.Fprintln(&want, y)
				}
			}
			var program bytes.Buffer
			if err := hostc.Write(&program, s); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&program, `#include <stdio.h>
static const int64_t counts[] = {%s};
int main(void) {
  NAME_state state[4];
  for (int i = 0; i < 4; i++) NAME_begin(&state[i]);
  for (int e = 0; e < %d; e++) for (int i = 0; i < 4; i++) printf("%%lld\n", (long long)NAME_epoch(&state[i], counts[e * 4 + i], i == %d));
  return 0;
}
`, counts.String(), epochs, class)
			folder := t.TempDir()
			source, binary := filepath.Join(folder, "host.c"), filepath.Join(folder, "host")
			text := strings.ReplaceAll(program.String(), "NAME", s.Program.Name)
			if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(cc, "-std=c99", "-Wall", "-Wno-unused-variable", "-Wno-unused-function", "-Werror", "-o", binary, source).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s\n%s", err, out, text)
			}
			got, err := exec.Command(binary).Output()
			if err != nil || string(got) != want.String() {
				t.Errorf("%v: the compiled program differs from the simulated one", err)
			}
		})
	}
}

// An operation without C text is an error.
func TestUnknownOperation(t *testing.T) {
	p, err := ir.ParseProgram("neuron @x { port count:s40 right:s40 post = wraponce(add(count, right), 24) }", "x.dcir", sem.Silicon)
	if err != nil {
		t.Fatal(err)
	}
	err = hostc.Write(&bytes.Buffer{}, host.Spec{Program: p, N: 1, Every: 1})
	if err == nil || !strings.Contains(err.Error(), "hostc/operation") {
		t.Errorf("got %v", err)
	}
}
