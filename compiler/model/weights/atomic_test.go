package weights

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func writeText(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func wantContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), expected %q", filepath.Base(path), got, err, want)
	}
}

func TestAtomicWrite(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "f")
	for _, text := range []string{"one", "two"} {
		if err := AtomicWrite(path, writeText(text)); err != nil {
			t.Fatal(err)
		}
		wantContent(t, path, text)
	}
	failed := errors.New("no space left on device")
	err := AtomicWrite(path, func(w io.Writer) error {
		if err := writeText(strings.Repeat("x", 1<<20))(w); err != nil {
			return err
		}
		return failed
	})
	if codeOf(t, err) != codeWrite || !strings.Contains(err.Error(), failed.Error()) {
		t.Errorf("found %v", err)
	}
	wantContent(t, path, "two")
	wantFolder(t, folder, "f")
}

func TestAtomicWriteSurvivesAPanic(t *testing.T) {
	folder := t.TempDir()
	defer func() {
		if recover() == nil {
			t.Error("the panic was swallowed")
		}
		wantFolder(t, folder)
	}()
	_ = AtomicWrite(filepath.Join(folder, "f"), func(io.Writer) error { panic("inside") })
}

func TestAtomicWriteRefuses(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{folder, filepath.Join(folder, "absent", "f")} {
		if err := AtomicWrite(path, writeText("x")); codeOf(t, err) != codeWrite {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
	wantFolder(t, folder)
}

func TestAtomicWriteKeepsModeAndLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions and links of Unix")
	}
	folder := t.TempDir()
	target, link := filepath.Join(folder, "target"), filepath.Join(folder, "link")
	if err := os.WriteFile(target, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("target", link); err != nil {
		t.Fatal(err)
	}
	if err := AtomicWrite(link, writeText("new")); err != nil {
		t.Fatal(err)
	}
	wantContent(t, target, "new")
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	wantFolder(t, folder, "link", "target")
}

// A device stays a device: only its content can be written.
func TestAtomicWriteToADevice(t *testing.T) {
	info, err := os.Stat(os.DevNull)
	if err != nil {
		t.Skip(err)
	}
	if err := AtomicWrite(os.DevNull, writeText("x")); err != nil {
		t.Error(err)
	}
	after, err := os.Stat(os.DevNull)
	if err != nil || after.Mode() != info.Mode() {
		t.Errorf("mode %v, expected %v (%v)", after.Mode(), info.Mode(), err)
	}
}

// Writers of one path do not take one another's temporary files.
func TestAtomicWriteTogether(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "f")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 10 {
				if err := AtomicWrite(path, writeText("whole")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	wantContent(t, path, "whole")
	wantFolder(t, folder, "f")
}
