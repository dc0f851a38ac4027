package hdf5

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"decc/ir/diag"
)

// opened reads a file whole and opens it.
func opened(t testing.TB, path string) *File {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(bytes.NewReader(raw), int64(len(raw)), filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// reference is a folder of the shared reference data; the test is skipped where it is absent.
func reference(t testing.TB, name string) string {
	t.Helper()
	shared := os.Getenv("DECC_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(shared, "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the reference data are not here (DECC_SHARED names their folder): %v", err)
	}
	return path
}

// code is the code of a diagnostic, or what is wrong with the error.
func code(err error) string {
	all := diag.All(err)
	if len(all) == 0 {
		return fmt.Sprintf("no diagnostic: %v", err)
	}
	if all[0].Fix == "" {
		return all[0].Code + " without a fix"
	}
	return all[0].Code
}

// want is what h5py reads from an object.
type want struct {
	Kind       string
	Shape      []int
	Values     json.RawMessage
	Names      []string
	Attributes map[string]want
}

func readWants(t testing.TB, path string) map[string]want {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var table map[string]want
	if err := json.Unmarshal(raw, &table); err != nil {
		t.Fatal(err)
	}
	return table
}

// elements are the values as JSON gives them; a range is spelt out.
func (w *want) elements(t testing.TB) []string {
	t.Helper()
	var spelt []any
	var short struct{ Range int }
	d := json.NewDecoder(bytes.NewReader(w.Values))
	d.UseNumber()
	if d.Decode(&spelt) == nil {
		text := make([]string, len(spelt))
		for i, x := range spelt {
			text[i] = fmt.Sprint(x)
		}
		return text
	}
	if err := json.Unmarshal(w.Values, &short); err != nil {
		t.Fatal(err)
	}
	text := make([]string, short.Range)
	for i := range text {
		text[i] = fmt.Sprint(i)
	}
	return text
}
