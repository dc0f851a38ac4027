package decolle

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// shared finds the folder of recorded traces and data beside the repository, or
// skips the test.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	dir := os.Getenv("DECC_SHARED")
	if dir == "" {
		root, err := os.Getwd()
		for err == nil {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil || root == filepath.Dir(root) {
				break
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared")
	}
	path := filepath.Join(append([]string{dir}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no recorded data: %v (set DECC_SHARED)", err)
	}
	return path
}

func goldenFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shared(t, "golden", "decolle"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	return files
}

func TestGolden(t *testing.T) {
	for _, file := range goldenFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := ReplayGolden(context.Background(), filepath.Base(file), data)
			if err != nil {
				t.Fatal(err)
			}
			if r.First != nil {
				t.Fatalf("%+v", *r.First)
			}
			if r.Rows == 0 || r.Updates == 0 || r.Spikes == 0 {
				t.Errorf("nothing ran: %+v", r)
			}
			t.Logf("%+v", r)
		})
	}
}
