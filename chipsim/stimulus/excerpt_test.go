package stimulus

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"decc/ir/diag"
)

var update = flag.Bool("update", false, "cut the excerpts in testdata/mnist again, from the full set")

// cut is the head of an IDX file: its first digits with the count in the header
// changed to match.
func cut(plain []byte, f excerptFile) []byte {
	head := bytes.Clone(plain[:f.header+f.digits*f.sample])
	binary.BigEndian.PutUint32(head[4:], uint32(f.digits))
	return head
}

func unpack(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// excerptFile is one of the four files of testdata/mnist, and what it is cut from.
type excerptFile struct {
	name, source           string
	header, sample, digits int // bytes, bytes, count
}

func excerptFiles() []excerptFile {
	var files []excerptFile
	for _, e := range Excerpts {
		const images, labels = "-images-idx3-ubyte.gz", "-labels-idx1-ubyte.gz"
		files = append(files,
			excerptFile{e.prefix + images, e.source + images, 16, 28 * 28, e.Digits},
			excerptFile{e.prefix + labels, e.source + labels, 8, 1, e.Digits})
	}
	return files
}

// TestExcerpt compares the shipped excerpts with the heads of the full set; with
// -update it writes them. The unpacked bytes are compared, because the compressed
// ones may differ between versions of the compressor.
func TestExcerpt(t *testing.T) {
	full, err := LocateMNIST()
	if err != nil {
		t.Skipf("the full MNIST set is not in the module cache: %v", err)
	}
	for _, f := range excerptFiles() {
		want := cut(unpack(t, filepath.Join(full, f.source)), f)
		if *update {
			writeFile(t, excerptDir(t), f.name, packed(t, want))
		}
		if got := unpack(t, filepath.Join(excerptDir(t), f.name)); !bytes.Equal(got, want) {
			t.Errorf("%s is not the head of the full file", f.name)
		}
	}
}

// TestExcerptReadme checks that the README of the excerpts names the sums of their
// files, and that nothing about the machine that made them is in them.
func TestExcerptReadme(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(excerptDir(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range excerptFiles() {
		data, err := os.ReadFile(filepath.Join(excerptDir(t), f.name))
		if err != nil {
			t.Fatal(err)
		}
		row := fmt.Sprintf("| %s | %d | %x |", f.name, len(data), sha256.Sum256(data))
		if !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks the row %s", row)
		}
		// Bytes 3..7 of a gzip file are the flags (name present) and the time.
		if !bytes.Equal(data[3:8], make([]byte, 5)) {
			t.Errorf("%s carries a name or a time", f.name)
		}
	}
}

// TestLocateExcerpt opens the set without naming a folder: from the test's own folder,
// which lies below the root, from the root, and from outside the repository.
func TestLocateExcerpt(t *testing.T) {
	set, err := FindDataSet(diag.Pos{}, excerptSet)
	if err != nil {
		t.Fatal(err)
	}
	top := root(t)
	for _, from := range []string{".", top} {
		t.Chdir(from)
		for _, e := range Excerpts {
			if m, err := set.Open("", e.Split); err != nil || m.Len() != e.Digits || m.Name != excerptSet+"/"+e.Split {
				t.Errorf("from %s: found %v, %v", from, m, err)
			}
		}
	}
	outside := t.TempDir()
	writeFile(t, outside, "go.mod", []byte("module other\n"))
	t.Chdir(outside)
	_, err = set.Open("", "train")
	d := wantCode(t, err, codeNotFound)
	for _, hint := range []string{"decc data fetch mnist", "--data mnist"} {
		if !strings.Contains(d.Fix, hint) {
			t.Errorf("the fix %q does not name %s", d.Fix, hint)
		}
	}
}
