package model

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

var update = flag.Bool("update", false, "write what the tests expect anew")

// shared is the path of a file of the reference data, which may not be there.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	folder, ok := variable(".", "DECC_SHARED")
	path := filepath.Join(append([]string{folder}, elem...)...)
	if _, err := os.Stat(path); !ok || err != nil {
		t.Skipf("no reference data %s: set DECC_SHARED, or put the folder shared beside the repository", strings.Join(elem, "/"))
	}
	return path
}

// shipped is the path of a file of testdata.
func shipped(elem ...string) string {
	return filepath.Join(append([]string{"..", "..", "testdata"}, elem...)...)
}

// memory is Files over a few tensors and texts.
func memory(tensors map[string]*weights.File, texts map[string]string) Files {
	return Files{
		Variable: func(name string) (string, bool) { return "folder", name == "SET" },
		Tensors: func(path string) (*weights.File, error) {
			if f := tensors[path]; f != nil {
				return f, nil
			}
			return nil, os.ErrNotExist
		},
		Text: func(path string) ([]byte, error) {
			if text, ok := texts[path]; ok {
				return []byte(text), nil
			}
			return nil, os.ErrNotExist
		},
	}
}

// matrix is a file of one tensor with the values 0, 1, 2, …, each times factor.
func matrix(t *testing.T, factor float64, shape ...int) *weights.File {
	t.Helper()
	n := 1
	for _, d := range shape {
		n *= d
	}
	data := make([]float64, n)
	for i := range data {
		data[i] = factor * float64(i)
	}
	f, err := weights.NewFile(weights.Tensor{Name: "w", Shape: shape, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func parse(t *testing.T, text string) *Model {
	t.Helper()
	m, err := Parse("m.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// rendered is an error as a user sees it.
func rendered(t *testing.T, err error, content map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	for _, d := range diag.All(err) {
		if err := d.Render(&b, func(file string) []byte { return []byte(content[file]) }); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// wantCode fails unless err has a diagnostic of that code at that place.
func wantCode(t *testing.T, err error, code, place string) {
	t.Helper()
	for _, d := range diag.All(err) {
		if d.Code == code && d.Pos.String() == place {
			return
		}
	}
	t.Errorf("got %v, want %s at %s", err, code, place)
}

// tensorLine reads "name 2x3 0.5": a tensor whose elements are all 0.5.
func tensorLine(t *testing.T, line string) weights.Tensor {
	t.Helper()
	var x weights.Tensor
	var shape string
	var value float64
	if _, err := fmt.Sscan(line, &x.Name, &shape, &value); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	n := 1
	for _, d := range strings.Split(strings.TrimPrefix(shape, "-"), "x") {
		if d == "" {
			continue
		}
		k, err := strconv.Atoi(d)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		x.Shape = append(x.Shape, k)
		n *= k
	}
	x.Data = slices.Repeat([]float64{value}, n)
	return x
}

// memoryTensors is Files over one npz at folder/w.npz and one text matrix.
func memoryTensors(t *testing.T, npz *weights.File, name, text string) Files {
	t.Helper()
	f, err := weights.Decode(name, []byte(text), weights.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return memory(map[string]*weights.File{"folder/w.npz": npz, name: f}, nil)
}
