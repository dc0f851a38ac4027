package stimulus

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
	"decc/ir/hdf5"
)

// archiveOf writes a file of recordings: key k of n has the events (1000 k + i, i, k, i&1).
func archiveOf(t *testing.T, add func(root *hdf5.Tree)) string {
	t.Helper()
	root := hdf5.NewTree()
	for k, key := range []string{"0", "1", "2", "10"} {
		g := root.Group("data").Group(key)
		const n = 5
		times, addrs := make([]uint32, n), make([]uint8, 0, 3*n)
		for i := range times {
			times[i] = uint32(1000*k + i)
			addrs = append(addrs, uint8(i&1), uint8(i), uint8(k))
		}
		hdf5.Put(g, "times", []int{n}, times)
		hdf5.Put(g, "addrs", []int{n, 3}, addrs)
		hdf5.Put(g, "labels", nil, []uint8{uint8(k)})
	}
	if add != nil {
		add(root)
	}
	b, err := root.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "r.data") // known by its content
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func putParts(root *hdf5.Tree) {
	hdf5.Put(root.Group("extra"), "train_keys", []int{2}, []int64{2, 0})
	hdf5.Put(root.Group("extra"), "test_keys", []int{2}, []int64{10, 1})
}

func TestArchiveList(t *testing.T) {
	parts, bare := archiveOf(t, putParts), archiveOf(t, nil)
	for _, c := range []struct {
		source RecordingSource
		want   []string
		class  []int
	}{
		{RecordingSource{Path: parts}, []string{"1", "10"}, []int{1, 3}},
		{RecordingSource{Path: parts, Split: "test"}, []string{"1", "10"}, []int{1, 3}},
		{RecordingSource{Path: parts, Split: "train", Axes: events.PXY}, []string{"0", "2"}, []int{0, 2}},
		{RecordingSource{Path: bare}, []string{"0", "1", "2", "10"}, []int{0, 1, 2, 3}},
		{RecordingSource{Path: archiveOf(t, func(r *hdf5.Tree) { hdf5.Put(r.Group("extra"), "test_keys", []int{1}, []int64{10}) }), First: 3}, []string{"10"}, []int{0}},
	} {
		var want []Recording
		for i, key := range c.want {
			want = append(want, Recording{File: key, Path: c.source.Path, Key: key, Axes: events.PXY, Class: c.class[i]})
		}
		list, err := ReadRecordingList(c.source)
		for i := range want {
			want[i].Index = list[0].Index // all share one
		}
		if err != nil || list[0].Index == nil || !reflect.DeepEqual(list, want) {
			t.Errorf("%+v: %+v, %v", c.source, list, err)
		}
	}
	for text, s := range map[string]RecordingSource{
		"found the label 0 of recording 0, expected a whole number of 1..256": {Path: bare, First: 1},
		"found no list extra/train_keys":                                      {Path: bare, Split: "train"},
		"found an empty list extra/test_keys":                                 {Path: archiveOf(t, func(r *hdf5.Tree) { hdf5.Put(r.Group("extra"), "test_keys", []int{0}, []int64{}) })},
		`found no recording "4"`:                                              {Path: archiveOf(t, func(r *hdf5.Tree) { hdf5.Put(r.Group("extra"), "test_keys", []int{1}, []int64{4}) })},
		`found the key "1" twice in extra/test_keys`:                          {Path: archiveOf(t, func(r *hdf5.Tree) { hdf5.Put(r.Group("extra"), "test_keys", []int{2}, []int64{1, 1}) })},
		"found no HDF5 file":                                                  {Path: recordingFile(t, nil), Split: "test"},
	} {
		_, err := ReadRecordingList(s)
		if found := diag.All(err); len(found) != 1 || found[0].Pos.File != s.Path || found[0].Fix == "" || !strings.Contains(found[0].Message, text) {
			t.Errorf("%v, want %s", err, text)
		}
	}
}

// TestArchiveBins holds the spikes of a recording against those of a .bs2 file of its events.
func TestArchiveBins(t *testing.T) {
	list, err := ReadRecordingList(RecordingSource{Path: archiveOf(t, nil)})
	if err != nil || len(list) != 4 {
		t.Fatal(list, err)
	}
	b := Binning{Micros: 2, Steps: 4000, Shape: [3]int{2, 4, 5}, Shrink: [2]int{1, 1}, Counts: true}
	for k, x := range list {
		var same [][4]int
		for i := range 5 {
			same = append(same, [4]int{1000*k + i, i, k, i & 1})
		}
		want, wantN, errWant := b.BinFile(Recording{Path: recordingFile(t, same)})
		got, n, err := b.BinFile(x)
		if err != nil || errWant != nil || n != 5 || n != wantN || len(got) == 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v (%d), want %v (%d); %v, %v", x.Key, got, n, want, wantN, err, errWant)
		}
	}
	b.Shape[1] = 3
	_, _, err = b.BinFile(list[3])
	if found := diag.All(err); len(found) != 1 || found[0].Pos.File != list[3].Path || !strings.Contains(strings.Join(found[0].Notes, " "), "recording 10") {
		t.Errorf("an event beyond the input: %v", err)
	}
}

// BenchmarkArchiveRecording bins one recording of a file of very many, with the index of its list
// and without: then the file is listed for every recording.
func BenchmarkArchiveRecording(b *testing.B) {
	const recordings = 70_000
	root := hdf5.NewTree()
	for k := range recordings {
		g := root.Group("data").Group(strconv.Itoa(k))
		hdf5.Put(g, "times", []int{1}, []uint32{uint32(k)})
		hdf5.Put(g, "addrs", []int{1, 3}, []uint8{5, 6, 1})
	}
	path := filepath.Join(b.TempDir(), "r.h5")
	data, err := root.Bytes()
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	list, err := ReadRecordingList(RecordingSource{Path: path})
	if err != nil || len(list) != recordings {
		b.Fatal(len(list), err)
	}
	bins := Binning{Micros: 1000, Steps: 70, Shape: [3]int{2, 8, 8}, Shrink: [2]int{1, 1}}
	for _, index := range []*events.Index{list[0].Index, nil} {
		b.Run(fmt.Sprintf("listed=%v", index != nil), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				x := list[i%recordings]
				x.Index = index
				if _, n, err := bins.BinFile(x); err != nil || n != 1 {
					b.Fatal(n, err)
				}
			}
		})
	}
}
