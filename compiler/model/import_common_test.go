package model

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"decc/ir/diag"
)

func TestImportNames(t *testing.T) {
	for file, want := range map[string]string{
		"a/net.nir": "net", "epoch 00100.tar": "epoch-00100", "7.npz": "net-7", "--.pth": "net", "a.b.net": "a-b",
		strings.Repeat("x", 99) + ".nir": strings.Repeat("x", 64),
	} {
		if got := ImportName(file); got != want {
			t.Errorf("%s becomes %q, want %q", file, got, want)
		}
		if name, weights := importNames(file, "", ""); name != want || weights != want+".npz" {
			t.Errorf("%s: %q, %q", file, name, weights)
		}
		if name, weights := importNames(file, "m", "w.npz"); name != "m" || weights != "w.npz" {
			t.Errorf("%s: %q, %q", file, name, weights)
		}
	}
}

// TestImportersOpen: files that are missing, no HDF5 or another HDF5 are told in the same way,
// with their name, by all importers.
func TestImportersOpen(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.nir")
	if err := os.WriteFile(text, []byte("no graph"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(t.TempDir(), "none.nir"), text} {
		for name, imported := range map[string]func() (*Imported, error){
			"nir":        func() (*Imported, error) { return ImportNIR(NIROptions{File: file}) },
			"netx":       func() (*Imported, error) { return ImportNetx(NetxOptions{File: file}) },
			"checkpoint": func() (*Imported, error) { return Import(ImportOptions{Checkpoint: file}) },
		} {
			if _, err := imported(); len(diag.All(err)) != 1 || diag.All(err)[0].Pos.File != file || diag.All(err)[0].Fix == "" {
				t.Errorf("%s: %s: %v", name, file, err)
			}
		}
		if kind, err := ImportKind(file); kind != KindCheckpoint || err != nil {
			t.Errorf("%s: %q, %v", file, kind, err)
		}
	}
}
