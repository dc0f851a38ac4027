package hdf5

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sample is a tree with every type of element, attributes and 500 members of a group.
func sample() *Tree {
	root := NewTree()
	Put(root, "version", nil, []string{"1.0.5"})
	node := root.Group("node")
	Put(node, "type", nil, []string{"NIRGraph"})
	Put(node, "edges", []int{2, 2}, []string{"input", "0", "", "Grüße 神経"})
	Put(node, "long", []int{3}, []string{strings.Repeat("x", 70000), "y", strings.Repeat("z", 5000)})
	PutAttribute(node, "unit", nil, []string{"ms"})
	PutAttribute(node, "list", []int{2}, []string{"a", "b"})
	types := root.Group("types")
	Put(types, "int8", []int{2}, []int8{-128, 127})
	Put(types, "int16", []int{2}, []int16{math.MinInt16, math.MaxInt16})
	Put(types, "int32", []int{2}, []int32{math.MinInt32, math.MaxInt32})
	Put(types, "int64", []int{2}, []int64{math.MinInt64, math.MaxInt64})
	Put(types, "uint8", []int{2}, []uint8{0, 255})
	Put(types, "uint16", []int{2}, []uint16{0, 65535})
	Put(types, "uint32", []int{2}, []uint32{0, math.MaxUint32})
	Put(types, "uint64", []int{2}, []uint64{0, math.MaxInt64})
	Put(types, "float32", []int{2}, []float32{-0.5, math.MaxFloat32})
	Put(types, "float64", []int{2}, []float64{1.0 / 3, math.Inf(-1)})
	Put(types, "bool", []int{3}, []bool{true, false, true})
	Put(types, "empty", []int{0, 4}, []float32{}).Deflate()
	big := make([]float32, 60*50)
	for i := range big {
		big[i] = float32(i) / 4
	}
	w := Put(types, "packed", []int{60, 50}, big).Deflate()
	PutAttribute(w, "scale", nil, []float64{0.25})
	PutAttribute(w, "shape", []int{2}, []int32{60, 50})
	many := root.Group("many")
	for i := range 500 {
		Put(many.Group(fmt.Sprint(i)), "labels", nil, []int64{int64(i)})
	}
	return root
}

func sampleBytes(t testing.TB) []byte {
	t.Helper()
	b, err := sample().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	b := sampleBytes(t)
	var out bytes.Buffer
	if err := sample().Write(&out); err != nil || !bytes.Equal(out.Bytes(), b) {
		t.Errorf("a second writing differs, %v", err)
	}
	f, err := Open(bytes.NewReader(b), int64(len(b)), "sample")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"version":         {"1.0.5"},
		"node/edges":      {"input", "0", "", "Grüße 神経"},
		"node/long":       {strings.Repeat("x", 70000), "y", strings.Repeat("z", 5000)},
		"types/int8":      {"-128", "127"},
		"types/int16":     {"-32768", "32767"},
		"types/int32":     {"-2147483648", "2147483647"},
		"types/int64":     {"-9223372036854775808", "9223372036854775807"},
		"types/uint8":     {"0", "255"},
		"types/uint16":    {"0", "65535"},
		"types/uint32":    {"0", "4294967295"},
		"types/uint64":    {"0", "9223372036854775807"},
		"types/float32":   {"-0.5", fmt.Sprint(math.MaxFloat32)},
		"types/float64":   {fmt.Sprint(1.0 / 3), "-Inf"},
		"types/bool":      {"1", "0", "1"},
		"types/empty":     {},
		"many/499/labels": {"499"},
	} {
		d, err := f.Root().Dataset(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := printed(d.Values, 0, d.Rows()); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is %.100q, %v", path, got, err)
		}
	}
	packed, err := f.Root().Dataset("types/packed")
	if err != nil {
		t.Fatal(err)
	}
	row, err := packed.FloatsAt(59, 1)
	if err != nil || len(row) != 50 || row[49] != 2999.0/4 {
		t.Errorf("the last row is %v, %v", row, err)
	}
	scale, err := packed.Attribute("scale")
	if err != nil {
		t.Fatal(err)
	}
	if x, err := scale.Float(); x != 0.25 || err != nil {
		t.Errorf("scale is %v, %v", x, err)
	}
}

func TestTreesThatCannotBeWritten(t *testing.T) {
	for name, build := range map[string]func(root *Tree){
		"5 values for a shape": func(r *Tree) { Put(r, "a", []int{2, 3}, make([]int8, 5)) },
		"two members":          func(r *Tree) { Put(r, "a", nil, []bool{true}); Put(r, "a", nil, []bool{true}) },
		"group over dataset":   func(r *Tree) { Put(r.Group("g"), "a", nil, []bool{true}); r.Group("g").Group("a") },
		"in / is no name":      func(r *Tree) { r.Group(strings.Repeat("n", maxMessageBytes+1)) },
		"[0 70368744177664 70": func(r *Tree) { Put(r, "a", []int{0, 1 << 46, 1 << 46}, []int8{}) },
		"is no name":           func(r *Tree) { r.Group("a/b") },
		"has the shape":        func(r *Tree) { Put(r, "a", []int{-1}, []int8{}) },
		"two attributes":       func(r *Tree) { PutAttribute(r, "a", nil, []int8{1}); PutAttribute(r, "a", nil, []int8{1}) },
		"is no UTF-8":          func(r *Tree) { Put(r, "a", nil, []string{"\xff"}) },
		"takes 80001 bytes":    func(r *Tree) { PutAttribute(r, "a", []int{10000}, make([]int64, 10000)) },
	} {
		root := NewTree()
		build(root)
		b, err := root.Bytes()
		if b != nil || err == nil || code(err) != codeTree {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
			continue
		}
		if name != "group over dataset" && !strings.Contains(err.Error(), name) {
			t.Errorf("%q is not told by %v", name, err)
		}
	}
}

// h5pyChecks is run by python3: it asserts what h5py reads from sample.
const h5pyChecks = `
import sys, h5py, numpy as np
f = h5py.File(sys.argv[1])
assert f["version"][()] == b"1.0.5"
assert f["node/type"].asstr()[()] == "NIRGraph"
assert f["node/edges"].asstr()[()].tolist() == [["input", "0"], ["", "Grüße 神経"]]
assert [len(s) for s in f["node/long"][()]] == [70000, 1, 5000]
assert f["node"].attrs["unit"] == "ms" and list(f["node"].attrs["list"]) == ["a", "b"]
for k in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"):
    d = f["types"][k]
    assert d.dtype == k and d[()].tolist() == [np.iinfo(k).min, np.iinfo(k).max], k
for k in ("float32", "float64"):
    assert f["types"][k].dtype == k
assert f["types/float64"][()].tolist() == [1 / 3, -np.inf]
assert f["types/bool"].dtype == bool and f["types/bool"][()].tolist() == [True, False, True]
assert f["types/empty"].shape == (0, 4)
p = f["types/packed"]
assert p.compression == "gzip" and (p[()] == np.arange(3000, dtype="f4").reshape(60, 50) / 4).all()
assert p.attrs["scale"] == 0.25 and p.attrs["shape"].tolist() == [60, 50]
assert sorted(f["many"]) == sorted(map(str, range(500)))
assert all(f["many"][str(i)]["labels"][()] == i for i in range(500))
`

// TestH5pyReadsWhatIsWritten holds the writer against the library itself.
func TestH5pyReadsWhatIsWritten(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import h5py").CombinedOutput(); err != nil {
		t.Skipf("there is no python3 with h5py: %v\n%s", err, out)
	}
	path := filepath.Join(t.TempDir(), "sample.h5")
	if err := os.WriteFile(path, sampleBytes(t), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(python, "-c", h5pyChecks, path).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	h5dump, err := exec.LookPath("h5dump")
	if err != nil {
		t.Skip("there is no h5dump")
	}
	if out, err := exec.Command(h5dump, path).CombinedOutput(); err != nil || bytes.Contains(out, []byte("error")) {
		t.Errorf("h5dump: %v\n%.2000s", err, out)
	}
}
