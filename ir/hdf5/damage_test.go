package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"decc/ir/diag"
)

// The bounds of work on a damaged fixture.
const (
	maxDamagedBytes = 64 << 20
	maxDamagedTime  = 5 * time.Second
	elementLimit    = 1 << 12
)

// readAll walks a file and reads of each dataset and attribute at most elementLimit
// elements. It returns the first error; one that is no diagnostic fails the test.
func readAll(t testing.TB, raw []byte) error {
	t.Helper()
	var first error
	note := func(err error) {
		var d *diag.Diagnostic
		if err != nil && !errors.As(err, &d) {
			t.Fatalf("no diagnostic: %v", err)
		}
		if first == nil {
			first = err
		}
	}
	f, err := Open(bytes.NewReader(raw), int64(len(raw)), "damaged")
	if err != nil {
		note(err)
		return first
	}
	note(f.Walk(func(o Object) error {
		attributes, err := o.Attributes()
		note(err)
		for _, a := range attributes {
			note(readSome(a.Values))
		}
		if d, ok := o.(*Dataset); ok {
			note(readSome(d.Values))
		}
		return nil
	}))
	return first
}

func readSome(v *Values) error {
	_ = v.Type()
	if v.Kind() == String {
		_, err := v.Strings(elementLimit)
		return err
	}
	if v.Kind() == Float {
		_, err := v.Floats(elementLimit)
		return err
	}
	_, err := v.Ints(elementLimit)
	if rows := v.Rows(); err != nil && rows > 0 {
		perRow := max(1, v.Len()/rows)
		if perRow <= elementLimit {
			_, err = v.IntsAt(rows-1, 1)
		}
	}
	return err
}

// bounded runs readAll and holds it to the bounds.
func bounded(t testing.TB, what string, raw []byte) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	err := readAll(t, raw)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > maxDamagedBytes || took > maxDamagedTime {
		t.Errorf("%s: %d bytes were taken, and %v", what, n, took)
	}
	return err
}

func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.h5"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d fixtures, %v", len(paths), err)
	}
	all := map[string][]byte{}
	for _, path := range paths {
		if all[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestTruncated cuts small files at every 64th byte: each must be refused.
func TestTruncated(t *testing.T) {
	all := fixtures(t)
	for _, name := range []string{"earliest_numbers.h5", "latest_strings.h5", "latest_numbers.h5", "earliest_strings.h5"} {
		raw := all[name]
		for n := 0; n < len(raw); n += 64 {
			if err := bounded(t, name, raw[:n]); err == nil {
				t.Errorf("%s is read though it was cut at %d of %d bytes", name, n, len(raw))
			}
		}
	}
}

// TestFlippedBits damages fixtures all over. A flip in a value or a gap is no error, but
// none may cost more than the bounds.
func TestFlippedBits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, raw := range fixtures(t) {
		refused := 0
		for range 100 {
			damaged := bytes.Clone(raw)
			for range 1 + r.IntN(3) {
				damaged[r.IntN(len(raw))] ^= 1 << r.IntN(8)
			}
			if bounded(t, name, damaged) != nil {
				refused++
			}
		}
		if refused == 0 {
			t.Errorf("%s: none of 100 damaged files is refused", name)
		}
	}
}

// TestHugeSizes writes numbers that are much too large over each word of fixtures.
func TestHugeSizes(t *testing.T) {
	all := fixtures(t)
	for _, name := range []string{"earliest_numbers.h5", "earliest_chunks.h5", "earliest_strings.h5", "earliest_attributes.h5"} {
		raw := all[name]
		for at := 8; at+8 <= len(raw); at += 8 * (1 + len(raw)/2000) {
			for _, huge := range []uint64{1<<63 - 1, 1 << 40, 0xffffffff} {
				damaged := bytes.Clone(raw)
				binary.LittleEndian.PutUint64(damaged[at:], huge)
				_ = bounded(t, name, damaged)
			}
		}
	}
}

// resum puts the right checksum behind every header and node that begins in raw, so that
// damage gets past it.
func resum(raw []byte) {
	for _, part := range []struct {
		name string
		n    int // bytes before the checksum
	}{{"BTHD", 34}, {"FRHP", 142}, {"FAHD", 24}, {"EAHD", 68}} {
		for at := 0; ; {
			i := bytes.Index(raw[at:], []byte(part.name))
			if i < 0 || at+i+part.n+4 > len(raw) {
				break
			}
			at += i
			binary.LittleEndian.PutUint32(raw[at+part.n:], lookup3(raw[at:at+part.n]))
			at += part.n
		}
	}
}

// TestDamagedHeads flips bits in the headers of indexes and heaps under a right checksum.
func TestDamagedHeads(t *testing.T) {
	all := fixtures(t)
	for _, name := range []string{"latest_links.h5", "latest_indexes.h5", "latest_attributes.h5"} {
		raw := all[name]
		resummed := bytes.Clone(raw)
		resum(resummed)
		if !bytes.Equal(resummed, raw) {
			t.Fatalf("%s: the checksums are not where the test expects them", name)
		}
		for _, head := range []string{"BTHD", "FRHP", "FAHD", "EAHD"} {
			at := bytes.Index(raw, []byte(head))
			if at < 0 {
				continue
			}
			for bit := 8 * 4; bit < 8*30; bit += 3 {
				damaged := bytes.Clone(raw)
				damaged[at+bit/8] ^= 1 << (bit % 8)
				resum(damaged)
				_ = bounded(t, name+" "+head, damaged)
			}
		}
	}
}

// FuzzOpen reads whatever a file leads to, within bounds.
func FuzzOpen(f *testing.F) {
	for _, raw := range fixtures(f) {
		if len(raw) < 20000 {
			f.Add(raw)
		}
	}
	f.Add(sampleBytes(f)[:4096])
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) <= 1<<16 {
			_ = bounded(t, "fuzz", raw)
		}
	})
}
