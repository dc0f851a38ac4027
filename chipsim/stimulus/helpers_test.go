package stimulus

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"decc/ir/diag"
)

// idxBytes writes an IDX file of unsigned bytes.
func idxBytes(data []byte, shape ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(shape))}
	for _, n := range shape {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return append(b, data...)
}

// packed compresses without name and time, so equal bytes give equal bytes.
func packed(t testing.TB, plain []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// wantCode checks that err is one diagnostic of that code, with a row in Codes and a
// fix, and returns it.
func wantCode(t *testing.T, err error, code string) *diag.Diagnostic {
	t.Helper()
	all := diag.All(err)
	if len(all) != 1 || all[0].Code != code {
		t.Fatalf("found error %v, expected one %s", err, code)
	}
	return all[0]
}

// wantAt checks code and place of an error.
func wantAt(t *testing.T, err error, code, place string) {
	t.Helper()
	if d := wantCode(t, err, code); d.Pos.String() != place {
		t.Fatalf("found %q at %s, expected it at %s", d.Message, d.Pos, place)
	}
}

// root is the folder of go.mod above the test.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above the test")
	}
}

// shared is the folder of that path below the shared reference data; the test is
// skipped where it is absent.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	base := os.Getenv("DECC_SHARED")
	if base == "" {
		base = filepath.Join(root(t), "..", "shared")
	}
	path := filepath.Join(append([]string{base}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no shared reference data %s (set DECC_SHARED)", strings.Join(elem, "/"))
	}
	return path
}

func excerpt(t testing.TB) *Images {
	t.Helper()
	m, err := openExcerpt(excerptDir(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func excerptDir(t testing.TB) string { return filepath.Join(root(t), "testdata", "mnist") }

// fullMNIST is one part of the full set; the test is skipped where it has not been
// fetched.
func fullMNIST(t testing.TB, split string) *Images {
	t.Helper()
	dir, err := LocateMNIST()
	if err != nil {
		t.Skipf("the full MNIST set is not in the module cache: %v", err)
	}
	m, err := OpenFolder(dir, split)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func writeFile(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}
