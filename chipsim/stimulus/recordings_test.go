package stimulus

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"decc/ir/diag"
)

// recordingFolder writes a folder of three training recordings.
func recordingFolder(t *testing.T) (dir string, data [][]byte) {
	t.Helper()
	dir = t.TempDir()
	data = [][]byte{
		slices.Concat(record(1, 2, 0, 0), record(3, 4, 1, 1500)),
		{},
		record(33, 0, 1, 7),
	}
	for i, name := range []string{"a.bs2", "b.bin", "c.bs2"} {
		writeFile(t, dir, name, data[i])
	}
	writeFile(t, dir, "train.csv", []byte("file,label,mnist_index,events\na.bs2,5,0,2\nb.bin,0,9,0\nc.bs2,4,2,1\n"))
	return dir, data
}

func TestOpenRecordings(t *testing.T) {
	dir, data := recordingFolder(t)
	m, err := OpenRecordings(dir, "train")
	if err != nil {
		t.Fatal(err)
	}
	if m.Len() != 3 || m.Size() != 2312 || !slices.Equal(m.Labels, []int{5, 0, 4}) || !slices.Equal(m.Index, []int{0, 9, 2}) {
		t.Errorf("found %+v", m)
	}
	for i, want := range data {
		if !bytes.Equal(m.Image(i), want) {
			t.Errorf("recording %d is % x", i, m.Image(i))
		}
	}
	head := m.Head(2)
	if head.Len() != 2 || len(head.Ends) != 2 || !bytes.Equal(head.Image(0), data[0]) || len(head.Pixels) != 10 {
		t.Errorf("head %+v", head)
	}
	if m.Head(0).Digest() == head.Digest() || m.Head(9).Digest() != m.Digest() {
		t.Error("the digests of heads are wrong")
	}
	part, err := m.Select([]int{2, 0})
	if err != nil || !bytes.Equal(part.Image(0), data[2]) || !bytes.Equal(part.Image(1), data[0]) || part.Size() != 2312 {
		t.Errorf("selection %+v, %v", part, err)
	}
	_, err = m.Select([]int{1})
	wantCode(t, err, codeNoSample)
}

// TestRecordingDigest: moving a border between two recordings changes the digest.
func TestRecordingDigest(t *testing.T) {
	m := &Images{Rows: 34, Cols: 34, Pixels: make([]byte, 15), Labels: []int{1, 1}, Index: []int{0, 1}, Ends: []int{5, 15}}
	one := m.Digest()
	m.Ends = []int{10, 15}
	if m.Digest() == one {
		t.Error("the digest does not see where recordings end")
	}
}

// TestEncoderOfSet: an encoder takes the kind of samples that it is for.
func TestEncoderOfSet(t *testing.T) {
	dir, data := recordingFolder(t)
	recordings, err := OpenRecordings(dir, "train")
	if err != nil {
		t.Fatal(err)
	}
	e, err := recordings.Encoder(diag.Pos{}, "events", map[string]int64{"steps": 2})
	if err != nil || len(e.Encode(data[0], 0)) != 2 {
		t.Errorf("found %v, %v", e, err)
	}
	if _, err := excerpt(t).Encoder(diag.Pos{}, "rate", nil); err != nil {
		t.Error(err)
	}
	at := diag.At("m.yaml", 3, 4)
	_, err = recordings.Encoder(at, "latency", nil)
	wantAt(t, err, codeParameter, "m.yaml:3:4")
	_, err = excerpt(t).Encoder(at, "events", nil)
	wantAt(t, err, codeParameter, "m.yaml:3:4")
	_, err = excerpt(t).Encoder(at, "event", nil)
	wantAt(t, err, codeEncoder, "m.yaml:3:4")
}

func TestOpenRecordingsFaults(t *testing.T) {
	const header = "file,label,mnist_index,events\n"
	tests := []struct{ name, list, code, place string }{
		{"empty", "", codeHeader, "train.csv:1:1"},
		{"another header", "file,label\n", codeHeader, "train.csv:1:1"},
		{"columns in another order", "label,file,mnist_index,events\n", codeHeader, "train.csv:1:1"},
		{"a field less", header + "a.bs2,5,0\n", codeLine, "train.csv:2:1"},
		{"a label that is no number", header + "a.bs2,five,0,2\n", codeField, "train.csv:2:7"},
		{"a label too large", header + "a.bs2,256,0,2\n", codeField, "train.csv:2:7"},
		{"a negative position", header + "a.bs2,5,-1,2\n", codeField, "train.csv:2:9"},
		{"a path upwards", header + "../a.bs2,5,0,2\n", codeField, "train.csv:2:1"},
		{"an absolute path", header + "/a.bs2,5,0,2\n", codeField, "train.csv:2:1"},
		{"no path", header + "\"\",5,0,2\n", codeField, "train.csv:2:1"},
		{"twice", header + "a.bs2,5,0,2\nc.bs2,5,0,1\n", codeLine, "train.csv:3:1"},
		{"absent", header + "d.bs2,5,0,2\n", codeNotFound, "d.bs2"},
		{"another count", header + "a.bs2,5,0,3\n", codeMismatch, "a.bs2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir, _ := recordingFolder(t)
			writeFile(t, dir, "train.csv", []byte(test.list))
			_, err := OpenRecordings(dir, "train")
			wantAt(t, err, test.code, filepath.Join(dir, test.place))
		})
	}
	_, err := OpenRecordings(t.TempDir(), "test")
	wantCode(t, err, codeNotFound)
	set, err := FindDataSet(diag.Pos{}, recordingSet)
	if err != nil {
		t.Fatal(err)
	}
	_, err = set.Open("", "test")
	wantCode(t, err, codeNotFound)
}

// TestRealRecordings holds the recordings against their README and reference data.md.
func TestRealRecordings(t *testing.T) {
	dir := shared(t, "data", "nmnist-small")
	want := map[string][]int{"train": {69, 90, 76, 67, 71, 62, 63, 75, 55, 72}, "test": {7, 10, 5, 7, 12, 7, 6, 8, 1, 7}}
	for split, counts := range want {
		m, err := OpenRecordings(dir, split)
		if err != nil {
			t.Fatal(err)
		}
		if got := labelCounts(m); !slices.Equal(got, counts) {
			t.Errorf("%s: found label counts %v, expected %v", split, got, counts)
		}
		e, err := m.Encoder(diag.Pos{}, "events", map[string]int64{"steps": 337})
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.Len() {
			train := e.Encode(m.Image(i), m.Index[i])
			events := len(m.Image(i)) / EventBytes
			// Hardly any line has two events in a millisecond (data.md 4.3: 0.13 %).
			if err := train.Check(337, 2312); err != nil || len(train) > events || len(train) < events*99/100 {
				t.Fatalf("%s %d: %d spikes of %d events, %v", split, i, len(train), events, err)
			}
		}
	}
}

func FuzzRecordingList(f *testing.F) {
	f.Add([]byte("file,label,mnist_index,events\ntrain/1.bs2,5,0,4681\n"))
	f.Add([]byte("file,label,index,events\n# note\n\"a\n\",1,2,3\n"))
	f.Add([]byte("file,label,mnist_index,events\n../x,1,2,3\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := readRecordingList(bytes.NewReader(text), "x")
		if err != nil {
			if len(diag.All(err)) != 1 {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		for _, row := range rows {
			if row.label < 0 || row.label > maxLabel || row.index < 0 || row.events < 0 || strings.HasPrefix(row.path, "../") || os.IsPathSeparator(row.path[0]) {
				t.Fatalf("read %+v", row)
			}
		}
	})
}
