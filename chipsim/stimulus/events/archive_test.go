package events

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"decc/ir/diag"
	"decc/ir/hdf5"
)

// archiveClips are recordings by key; the first has a pair of equal events, one has none.
var archiveClips = map[string][]Event{
	"0":  {{T: 0, X: 0, Y: 1, P: 1}, {T: 5, X: 31, Y: 2, P: 0}, {T: 5, X: 31, Y: 2, P: 0}, {T: 9, X: 1, Y: 33, P: 1}},
	"2":  nil,
	"10": {{T: 0, X: 7, Y: 7, P: 0}, {T: 1 << 31, X: 255, Y: 0, P: 1}},
	"b":  {{T: 3, X: 1, Y: 1, P: 1}},
}

// archiveKeys are their keys in the order of an archive.
var archiveKeys = []string{"0", "2", "10", "b"}

// archiveTree lays out the clips; labels are 0, 1, 2 and none.
func archiveTree(axes Axes) *hdf5.Tree {
	root := hdf5.NewTree()
	for label, key := range archiveKeys {
		times, addrs := []uint32{}, []uint8{}
		for _, e := range archiveClips[key] {
			var a [3]uint8
			place := axesPlaces[axes]
			a[place[0]], a[place[1]], a[place[2]] = uint8(e.X), uint8(e.Y), e.P
			times, addrs = append(times, uint32(e.T)), append(addrs, a[:]...)
		}
		g := root.Group("data").Group(key)
		hdf5.Put(g, "times", []int{len(times)}, times)
		hdf5.Put(g, "addrs", []int{len(times), 3}, addrs)
		hdf5.PutAttribute(g, "meta_info", nil, []string{"{'key': '" + key + "'}"})
		if key != "b" {
			hdf5.Put(g, "labels", nil, []uint8{uint8(label)})
		}
	}
	extra := root.Group("extra")
	hdf5.Put(extra, "train_keys", []int{1}, []int64{0})
	hdf5.Put(extra, "test_keys", []int{2}, []int64{10, 2})
	return root
}

func treeBytes(root *hdf5.Tree) []byte {
	b, err := root.Bytes()
	if err != nil {
		panic(err)
	}
	return b
}

func archiveFile(axes Axes) []byte { return treeBytes(archiveTree(axes)) }

func openArchive(b []byte) (*Archive, error) {
	return OpenArchive(bytes.NewReader(b), int64(len(b)), "a.h5")
}

// TestArchive reads both orders of addresses; each recording has the events that a .bs2 file
// of them has.
func TestArchive(t *testing.T) {
	for _, axes := range []Axes{XYP, PXY} {
		data := archiveFile(axes)
		a, err := openArchive(data)
		if err != nil {
			t.Fatal(err)
		}
		found, err := a.Axes()
		if err != nil || found != axes || !slices.Equal(a.Keys(), archiveKeys) {
			t.Errorf("axes %q, keys %q, %v; want %s", found, a.Keys(), err, axes)
		}
		for _, key := range archiveKeys {
			r, err := OpenMember(bytes.NewReader(data), "a.h5", Member{Key: key})
			if err != nil {
				t.Fatal(err)
			}
			var got []Event
			if err := r.Each(func(list []Event) error { got = append(got, list...); return nil }); err != nil {
				t.Fatal(err)
			}
			if key != "10" { // whose last time bs2 does not hold
				var b []byte
				for _, e := range archiveClips[key] {
					b = putBS2(b, e)
				}
				if same, _, err := read(bytes.NewReader(b), "a.bs2"); err != nil || !reflect.DeepEqual(got, same) {
					t.Errorf("%s %s: %v, as bs2 %v, %v", axes, key, got, same, err)
				}
			}
			if !slices.Equal(got, archiveClips[key]) || r.Info().Format != "hdf5" || !slices.Equal(r.Info().Header, []string{"{'key': '" + key + "'}"}) {
				t.Errorf("%s %s: %v, %+v", axes, key, got, r.Info())
			}
		}
	}
}

func TestArchivePartsAndLabels(t *testing.T) {
	a, err := openArchive(archiveFile(XYP))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{"train": {"0"}, "test": {"2", "10"}, "other": nil} {
		keys, known, err := a.Part(name)
		if err != nil || known != (want != nil) || !slices.Equal(keys, want) {
			t.Errorf("%s: %q, %v, %v", name, keys, known, err)
		}
	}
	for i, key := range archiveKeys {
		label, labelled, err := a.Label(key)
		if err != nil || labelled != (key != "b") || labelled && label != int64(i) {
			t.Errorf("label of %s: %d, %v, %v", key, label, labelled, err)
		}
	}
	root := archiveTree(XYP)
	hdf5.Put(root.Group("extra"), "other_keys", []int{2}, []string{"b", "0"})
	if a, err = openArchive(treeBytes(root)); err != nil {
		t.Fatal(err)
	}
	if keys, known, err := a.Part("other"); err != nil || !known || !slices.Equal(keys, []string{"0", "b"}) {
		t.Errorf("keys as texts: %q, %v, %v", keys, known, err)
	}
}

// TestLongArchive crosses the bounds of what is read at a time, in a packed array.
func TestLongArchive(t *testing.T) {
	const n = 2*archiveRows + 3
	times, addrs := make([]uint32, n), make([]uint8, 3*n)
	for i := range times {
		times[i] = uint32(7 * i)
		addrs[3*i], addrs[3*i+1], addrs[3*i+2] = uint8(i%100), uint8(i/100%100), uint8(i&1)
	}
	root := hdf5.NewTree()
	g := root.Group("data").Group("only")
	hdf5.Put(g, "times", []int{n}, times).Deflate()
	hdf5.Put(g, "addrs", []int{n, 3}, addrs).Deflate()
	got, _, err := read(bytes.NewReader(treeBytes(root)), "a.h5")
	if err != nil || len(got) != n {
		t.Fatalf("%d events, %v", len(got), err)
	}
	for i, e := range got {
		if e != (Event{T: int64(7 * i), X: int32(i % 100), Y: int32(i / 100 % 100), P: uint8(i & 1)}) {
			t.Fatalf("event %d is %+v", i, e)
		}
	}
}

// spoiltClip is an archive of one recording that is not sound.
func spoiltClip(spoil func(root, g *hdf5.Tree)) []byte {
	root := hdf5.NewTree()
	spoil(root, root.Group("data").Group("7"))
	return treeBytes(root)
}

// putClip puts times 0 and the addresses.
func putClip(g *hdf5.Tree, addrs ...uint8) {
	hdf5.Put(g, "times", []int{len(addrs) / 3}, make([]uint32, len(addrs)/3))
	hdf5.Put(g, "addrs", []int{len(addrs) / 3, 3}, addrs)
}

func TestArchiveFaults(t *testing.T) {
	for text, c := range map[string]struct {
		code, key string
		axes      Axes
		data      []byte
	}{
		`found 4 recordings, expected the key of one: 0, 2, 10, b`: {codeKey, "", "", archiveFile(XYP)},
		`found no recording "1"`:                                   {codeKey, "1", "", archiveFile(XYP)},
		`the order "yxp" is not known`:                             {codeAxes, "0", "yxp", archiveFile(XYP)},
		`event 1 of recording 0: found polarity 31`:                {codeEvent, "0", PXY, archiveFile(XYP)},
		`nothing tells the order`:                                  {codeAxes, "", "", spoiltClip(func(_, g *hdf5.Tree) { putClip(g, 0, 9, 1) })},
		`found the address [5 9 3] in /data/7/addrs`:               {codeAxes, "", "", spoiltClip(func(_, g *hdf5.Tree) { putClip(g, 5, 9, 3) })},
		`event 1 of recording 7: found polarity 2`:                 {codeEvent, "", "", spoiltClip(func(_, g *hdf5.Tree) { putClip(g, 5, 9, 0, 1, 1, 2) })},
		`group /data/7 has no member "times"`:                      {"hdf5/not-found", "", "", spoiltClip(func(_, _ *hdf5.Tree) {})},
		`times of shape [1] and addrs of shape [1 2]`:              {codeHeader, "", "", spoiltClip(func(_, g *hdf5.Tree) { put(g, "times", 1, 1); put(g, "addrs", 1, 1, 2) })},
		`times of shape [2] and addrs of shape [1 3]`:              {codeHeader, "", "", spoiltClip(func(_, g *hdf5.Tree) { put(g, "times", 1, 2); put(g, "addrs", 1, 1, 3) })},
		`times of shape [1 1] and addrs of shape [1 3]`:            {codeHeader, "", "", spoiltClip(func(_, g *hdf5.Tree) { put(g, "times", 1, 1, 1); put(g, "addrs", 1, 1, 3) })},
		`the time -1`: {codeEvent, "", XYP, spoiltClip(func(_, g *hdf5.Tree) { put(g, "times", -1, 1); put(g, "addrs", 1, 1, 3) })},
		`x = -5`:      {codeEvent, "", XYP, spoiltClip(func(_, g *hdf5.Tree) { put(g, "times", 1, 1); put(g, "addrs", -5, 1, 3) })},
		`found float64 little-endian in /data/7/addrs`: {codeUnsupported, "", "", spoiltClip(func(_, g *hdf5.Tree) {
			put(g, "times", 1, 1)
			hdf5.Put(g, "addrs", []int{1, 3}, []float64{1, 2, 3})
		})},
		`found 0 recordings`: {codeUnsupported, "", "", spoiltFile(func(root *hdf5.Tree) { root.Group("data") })},
		`older form of dcll`: {codeUnsupported, "", "", spoiltFile(func(root *hdf5.Tree) { root.Group("train") })},
		`found a HDF5 file with version, w, expected recordings`: {codeUnsupported, "", "", spoiltFile(func(root *hdf5.Tree) { put(root, "w", 1, 1); put(root, "version", 1, 1) })},
		`with nothing in it`: {codeUnsupported, "", "", spoiltFile(func(*hdf5.Tree) {})},
	} {
		var err error
		r, err := OpenMember(bytes.NewReader(c.data), "a.h5", Member{Key: c.key, Axes: c.axes})
		if err == nil {
			err = r.Each(func([]Event) error { return nil })
		}
		found := diag.All(err)
		if len(found) != 1 || found[0].Code != c.code || found[0].Pos.File != "a.h5" || found[0].Fix == "" || !strings.Contains(found[0].Message, text) {
			t.Errorf("%v, want %s: %s", err, c.code, text)
		}
	}
	if _, err := OpenMember(bytes.NewReader([]byte{1, 2, 0, 0, 9}), "a.bs2", Member{Key: "7"}); err == nil || diag.All(err)[0].Code != codeUnsupported {
		t.Errorf("a key of a.bs2: %v", err)
	}
	if _, _, err := read(io.MultiReader(bytes.NewReader(archiveFile(XYP))), "a.h5"); err == nil || diag.All(err)[0].Code != codeUnsupported {
		t.Errorf("from a pipe: %v", err)
	}
}

// counted counts the bytes that are read.
type counted struct {
	*bytes.Reader
	n int
}

func (c *counted) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.Reader.ReadAt(p, at)
	c.n += n
	return n, err
}

// TestIndexOfArchive opens recordings of a listed file: what is read of it does not grow with its
// keys, a missing key is told as ever, and a file of another size is listed again.
func TestIndexOfArchive(t *testing.T) {
	root := hdf5.NewTree()
	for k := range 2000 {
		putClip(root.Group("data").Group(fmt.Sprint(k)), 5, 6, uint8(k&1))
	}
	data := treeBytes(root)
	a, err := openArchive(data)
	if err != nil {
		t.Fatal(err)
	}
	index := a.Index()
	for _, key := range []string{"0", "77", "1999"} {
		file := &counted{Reader: bytes.NewReader(data)}
		r, err := OpenMember(file, "a.h5", Member{Key: key, Axes: XYP, Index: index})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		if err := r.Each(func(list []Event) error { n += len(list); return nil }); err != nil || n != 1 || file.n > 2000 {
			t.Errorf("%s: %d events out of %d bytes of %d, %v", key, n, file.n, len(data), err)
		}
	}
	_, err = OpenMember(bytes.NewReader(data), "a.h5", Member{Key: "2000", Index: index})
	if err == nil || !strings.Contains(err.Error(), `found no recording "2000"`) {
		t.Errorf("a key that is not there: %v", err)
	}
	if _, err := OpenMember(bytes.NewReader(archiveFile(XYP)), "a.h5", Member{Key: "b", Axes: XYP, Index: index}); err != nil {
		t.Errorf("a file that was written anew: %v", err)
	}
}

// TestLinkedRecordings reads a file whose 40 keys are hard links to one recording of 400 events,
// which h5py wrote: one by one all are read, together they are more than the file holds.
func TestLinkedRecordings(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "links.h5"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := openArchive(data)
	if err != nil || len(a.Keys()) != 40 {
		t.Fatal(err)
	}
	if axes, err := a.Axes(); err != nil || axes != XYP {
		t.Errorf("%q, %v", axes, err)
	}
	read := 0
	err = a.Each(XYP, func(_ string, r *Reader) error {
		read++
		return r.Each(func([]Event) error { return nil })
	})
	if found := diag.All(err); read < 2 || len(found) != 1 || found[0].Code != codeTooLarge || found[0].Pos.File != "a.h5" || !strings.Contains(found[0].Message, "up to recording") {
		t.Errorf("%d recordings, %v", read, err)
	}
	for _, key := range a.Keys() {
		if _, err := a.Open(key, ""); err != nil {
			t.Error(err)
		}
	}
}

// put puts integers of one value.
func put(g *hdf5.Tree, name string, value int32, shape ...int) {
	n := 1
	for _, size := range shape {
		n *= size
	}
	values := make([]int32, n)
	for i := range values {
		values[i] = value
	}
	hdf5.Put(g, name, shape, values)
}

func spoiltFile(spoil func(root *hdf5.Tree)) []byte {
	root := hdf5.NewTree()
	spoil(root)
	return treeBytes(root)
}

// TestCutArchive cuts a file everywhere and turns every byte: what is read is the events or
// an error that names the file.
func TestCutArchive(t *testing.T) {
	whole := archiveFile(XYP)
	errs := 0
	for i := range whole {
		turned := bytes.Clone(whole)
		turned[i] ^= 0x41
		for _, data := range [][]byte{whole[:i], turned} {
			err := readAll(data)
			if err == nil {
				continue
			}
			errs++
			if found := diag.All(err); len(found) != 1 || found[0].Pos.File != "a.h5" || found[0].Fix == "" {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
	if errs < len(whole) {
		t.Errorf("%d of %d files were refused", errs, 2*len(whole))
	}
}

// readAll reads every recording of a file, its parts and its labels.
func readAll(data []byte) error {
	a, err := openArchive(data)
	if err != nil {
		return err
	}
	for _, part := range []string{"train", "test"} {
		if _, _, err := a.Part(part); err != nil {
			return err
		}
	}
	for _, key := range a.Keys() {
		if _, _, err := a.Label(key); err != nil {
			return err
		}
		r, err := a.Open(key, "")
		if err != nil {
			return err
		}
		if err := r.Each(func([]Event) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// FuzzArchive: whatever the bytes, reading ends, with events or an error of the file.
func FuzzArchive(f *testing.F) {
	f.Add(archiveFile(XYP))
	f.Add(archiveFile(PXY))
	f.Add(spoiltClip(func(_, g *hdf5.Tree) {
		hdf5.Put(g, "times", []int{50}, make([]uint32, 50)).Deflate()
		put(g, "addrs", 1, 50, 3)
	}))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := readAll(data)
		if err != nil && (len(diag.All(err)) != 1 || diag.All(err)[0].Pos.File != "a.h5" || diag.All(err)[0].Fix == "") {
			t.Errorf("%v", err)
		}
	})
}

// h5pyScript writes recordings as torchneuromorphic does: events from a text, with h5py's
// defaults and numbers for keys.
const h5pyScript = `
import sys, h5py, numpy
with h5py.File(sys.argv[1], "w") as f:
    data, extra = f.create_group("data"), f.create_group("extra")
    for key in range(120):
        n = 0 if key == 5 else 700 * key
        i = numpy.arange(n)
        g = data.create_group(str(key))
        g.create_dataset("times", data=11 * i, dtype=numpy.uint32)
        g.create_dataset("addrs", data=numpy.stack([i % 128, (i // 128) % 128, i % 2], 1), dtype=numpy.uint8)
        g.create_dataset("labels", data=key % 11, dtype=numpy.uint8)
        g.attrs["meta_info"] = str({"key": str(key), "training sample": key < 100})
    extra.create_dataset("train_keys", data=list(range(100)))
    extra.create_dataset("test_keys", data=list(range(100, 120)))
    f.attrs["N"], f.attrs["Ntrain"], f.attrs["Ntest"] = 120, 100, 20
`

// TestArchiveOfH5py reads a file that h5py wrote.
func TestArchiveOfH5py(t *testing.T) {
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import h5py, numpy").Run(); err != nil {
		t.Skipf("%s has no h5py: %v", python, err)
	}
	path := filepath.Join(t.TempDir(), "made.hdf5")
	if out, err := exec.Command(python, "-c", h5pyScript, path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	a, err := OpenArchive(f, info.Size(), path)
	if err != nil {
		t.Fatal(err)
	}
	test, known, err := a.Part("test")
	if axes, errAxes := a.Axes(); err != nil || !known || len(test) != 20 || test[0] != "100" || len(a.Keys()) != 120 || errAxes != nil || axes != XYP {
		t.Fatalf("%q of %d, %v, %s, %v", test, len(a.Keys()), err, axes, errAxes)
	}
	for key := range 120 {
		name := fmt.Sprint(key)
		label, _, err := a.Label(name)
		r, errOpen := a.Open(name, "")
		if err != nil || errOpen != nil || label != int64(key%11) || a.Keys()[key] != name {
			t.Fatalf("%s: label %d, %v, %v", name, label, err, errOpen)
		}
		n := 0
		if err := r.Each(func(list []Event) error {
			for _, e := range list {
				if e != (Event{T: int64(11 * n), X: int32(n % 128), Y: int32(n / 128 % 128), P: uint8(n % 2)}) {
					return errors.New("another event")
				}
				n++
			}
			return nil
		}); err != nil || key != 5 && n != 700*key || key == 5 && n != 0 {
			t.Fatalf("%s: %d events, %v", name, n, err)
		}
	}
}
