package hdf5

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// largeFile is run by python3: it makes what is too long for a fixture. Indexes and heaps
// change their form with their size.
const largeFile = `
import sys, h5py, numpy as np
f = h5py.File(sys.argv[1], "w", libver=sys.argv[2])
x = f.create_dataset("x", data=7)
g = f.create_group("links")
n = 40000 if sys.argv[2] == "latest" else 4000
for i in range(n):
    g[f"a_rather_long_name_of_a_member_{i}"] = x
def many(name, a, **options):
    d = f.create_dataset(name, shape=a.shape, dtype=a.dtype, **options)
    d[...] = a
n = 300000 if sys.argv[2] == "latest" else 30000
many("rows", np.arange(n, dtype="u4"), chunks=(2,), maxshape=(None,))
many("packed", np.arange(40000, dtype="u4"), chunks=(2,), maxshape=(None,), compression="gzip")
many("both", np.arange(30000, dtype="u4").reshape(3000, 10), chunks=(2, 2), maxshape=(None, None))
d = f.create_dataset("sparse", shape=(400000,), dtype="i4", chunks=(1,), maxshape=(None,), fillvalue=-1)
for i in (0, 17, 150000, 152000, 399999):
    d[i] = i
d = f.create_dataset("bounded", shape=(50000,), dtype="i4", chunks=(1,), fillvalue=-1)
for i in (0, 17, 1500, 49999):
    d[i] = i
`

// TestLargeFiles reads indexes of several levels and in pages, in both forms of the format.
func TestLargeFiles(t *testing.T) {
	const python = "/usr/bin/python3"
	if testing.Short() {
		t.Skip("it takes seconds to make the files")
	}
	if out, err := exec.Command(python, "-c", "import h5py").CombinedOutput(); err != nil {
		t.Skipf("there is no python3 with h5py: %v\n%s", err, out)
	}
	for _, version := range []string{"earliest", "latest"} {
		path := filepath.Join(t.TempDir(), version+".h5")
		if out, err := exec.Command(python, "-c", largeFile, path, version).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		r, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := r.Stat()
		if err != nil {
			t.Fatal(err)
		}
		f, err := Open(r, info.Size(), version)
		if err != nil {
			t.Fatal(err)
		}
		checkLarge(t, f)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func checkLarge(t *testing.T, f *File) {
	t.Helper()
	g, err := f.Root().Group("links")
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]int{"earliest": 4000, "latest": 40000}[f.Name()]
	names, err := g.Names()
	if err != nil || len(names) != members {
		t.Errorf("%s: %d names, %v", f.Name(), len(names), err)
	}
	for i := range members {
		if _, ok := g.link(fmt.Sprintf("a_rather_long_name_of_a_member_%d", i)); !ok {
			t.Fatalf("%s: member %d is not found", f.Name(), i)
		}
	}
	set := map[string]map[int64]bool{
		"sparse":  {0: true, 17: true, 150000: true, 152000: true, 399999: true},
		"bounded": {0: true, 17: true, 1500: true, 49999: true},
	}
	for name, n := range map[string]int{"rows": map[string]int{"earliest": 30000, "latest": 300000}[f.Name()], "packed": 40000, "both": 30000, "sparse": 400000, "bounded": 50000} {
		d, err := f.Root().Dataset(name)
		if err != nil {
			t.Fatal(err)
		}
		all, err := d.Ints(n)
		if err != nil || len(all) != n {
			t.Errorf("%s: %d of %d elements of %s, %v", f.Name(), len(all), n, name, err)
		}
		for i, x := range all {
			want := int64(i)
			if some := set[name]; some != nil && !some[want] {
				want = -1
			}
			if x != want {
				t.Errorf("%s: element %d of %s is %d, expected %d", f.Name(), i, name, x, want)
				break
			}
		}
	}
}
