package ir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// repoRoot is the folder with go.mod.
func repoRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// shared gives a file of the shared reference folder, or skips the test.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	dir := os.Getenv("DECC_SHARED")
	if dir == "" {
		dir = filepath.Join(repoRoot(t), "..", "shared")
	}
	name := filepath.Join(append([]string{dir}, elem...)...)
	if _, err := os.Stat(name); err != nil {
		t.Skipf("no reference data: %v (set DECC_SHARED)", err)
	}
	return name
}
