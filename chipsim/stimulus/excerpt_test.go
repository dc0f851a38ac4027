package stimulus

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "cut the excerpt in testdata/mnist again, from the full set")

// cut is the head of an IDX file: its first ExcerptSize samples with the count in the
// header changed to match.
func cut(plain []byte, header, sample int) []byte {
	head := bytes.Clone(plain[:header+ExcerptSize*sample])
	binary.BigEndian.PutUint32(head[4:], ExcerptSize)
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

// excerptFiles are the two files of the excerpt: how they are called, and what is cut.
var excerptFiles = []struct {
	name           string
	header, sample int // bytes
}{
	{"-images-idx3-ubyte.gz", 16, 28 * 28},
	{"-labels-idx1-ubyte.gz", 8, 1},
}

// TestExcerpt compares the shipped excerpt with the head of the full set; with
// -update it writes the excerpt. The unpacked bytes are compared, because the
// compressed ones may differ between versions of the compressor.
func TestExcerpt(t *testing.T) {
	full, err := LocateMNIST()
	if err != nil {
		t.Skipf("the full MNIST set is not in the module cache: %v", err)
	}
	for _, f := range excerptFiles {
		want := cut(unpack(t, filepath.Join(full, "t10k"+f.name)), f.header, f.sample)
		if *update {
			writeFile(t, excerptDir(t), excerptPrefix+f.name, packed(t, want))
		}
		if got := unpack(t, filepath.Join(excerptDir(t), excerptPrefix+f.name)); !bytes.Equal(got, want) {
			t.Errorf("%s%s is not the head of the full file", excerptPrefix, f.name)
		}
	}
}

// TestExcerptReadme checks that the README of the excerpt names the sums of its files,
// and that nothing about the machine that made them is in them.
func TestExcerptReadme(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(excerptDir(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range excerptFiles {
		data, err := os.ReadFile(filepath.Join(excerptDir(t), excerptPrefix+f.name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		if !strings.Contains(string(readme), hex.EncodeToString(sum[:])) {
			t.Errorf("README.md does not name the sum of %s%s: %x", excerptPrefix, f.name, sum)
		}
		// Bytes 3..7 of a gzip file are the flags (name present) and the time.
		if !bytes.Equal(data[3:8], make([]byte, 5)) {
			t.Errorf("%s%s carries a name or a time", excerptPrefix, f.name)
		}
	}
}
