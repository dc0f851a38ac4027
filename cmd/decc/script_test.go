package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"decc/compiler/model/weights"
	"decc/ir/hdf5"
)

var update = flag.Bool("update", false, "rewrite the expected outputs of testdata/scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"decc": main})
}

// TestScripts drives the real command line: every script of testdata/scripts runs in
// a folder of its own, with $REPO naming the root of the repository.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "scripts"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("REPO", repoRoot(t))
			return nil
		},
		Condition: func(name string) (bool, error) {
			if path, ok := strings.CutPrefix(name, "exists:"); ok {
				_, err := os.Stat(path)
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"clips":    scriptClips,
			"tensors":  scriptTensors,
			"truncate": scriptTruncate,
			"status":   runForStatus,
		},
	})
}

// scriptTensors is the script command `tensors FILE.npz NAME 2x3 1,2,3,4,5,6 ...`.
func scriptTensors(ts *testscript.TestScript, _ bool, args []string) {
	if len(args)%3 != 1 {
		ts.Fatalf("usage: tensors file.npz [name shape values]...")
	}
	var tensors []weights.Tensor
	for rest := args[1:]; len(rest) > 0; rest = rest[3:] {
		t := weights.Tensor{Name: rest[0], DType: weights.F64}
		for _, n := range strings.Split(rest[1], "x") {
			size, err := strconv.Atoi(n)
			ts.Check(err)
			t.Shape = append(t.Shape, size)
		}
		for _, v := range strings.Split(rest[2], ",") {
			x, err := strconv.ParseFloat(v, 64)
			ts.Check(err)
			t.Data = append(t.Data, x)
		}
		tensors = append(tensors, t)
	}
	f, err := weights.NewFile(tensors...)
	ts.Check(err)
	ts.Check(weights.WriteNPZ(ts.MkAbs(args[0]), f))
}

// scriptClips is the script command `clips FILE.h5 TEST [KEY LABEL t,x,y,p;...]...`: a HDF5
// file of recordings, of which those with the keys in TEST are its test part.
func scriptClips(ts *testscript.TestScript, _ bool, args []string) {
	root := hdf5.NewTree()
	test := strings.Split(args[1], ",")
	for rest := args[2:]; len(rest) > 2; rest = rest[3:] {
		label, err := strconv.ParseUint(rest[1], 10, 8)
		ts.Check(err)
		times, addrs := []uint32{}, []uint8{}
		for _, e := range strings.FieldsFunc(rest[2], func(r rune) bool { return r == ';' }) {
			var t uint32
			var x, y, p uint8
			_, err := fmt.Sscanf(e, "%d,%d,%d,%d", &t, &x, &y, &p)
			ts.Check(err)
			times, addrs = append(times, t), append(addrs, x, y, p)
		}
		g := root.Group("data").Group(rest[0])
		hdf5.Put(g, "times", []int{len(times)}, times)
		hdf5.Put(g, "addrs", []int{len(times), 3}, addrs)
		hdf5.Put(g, "labels", nil, []uint8{uint8(label)})
	}
	hdf5.Put(root.Group("extra"), "test_keys", []int{len(test)}, test)
	b, err := root.Bytes()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
}

// scriptTruncate is the script command `truncate FILE N`: it keeps the first N bytes.
func scriptTruncate(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// runForStatus is the script command `status N decc ...`: it runs the command and
// fails unless the exit code is N, which `! exec` cannot tell.
func runForStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit interface{ ExitCode() int }
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// repoRoot is the folder with go.mod above the test's.
func repoRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}
