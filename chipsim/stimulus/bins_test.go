package stimulus

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// recordingFile writes events (time, x, y, polarity) as a .bs2 file.
func recordingFile(t *testing.T, events [][4]int) string {
	t.Helper()
	var b []byte
	for _, e := range events {
		word := e[3]<<23 | e[0]
		b = append(b, byte(e[1]), byte(e[2]), byte(word>>16), byte(word>>8), byte(word))
	}
	path := filepath.Join(t.TempDir(), "r.bs2")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBinning(t *testing.T) {
	path := recordingFile(t, [][4]int{{400, 1, 0, 0}, {499, 1, 0, 0}, {1500, 3, 2, 1}, {2500, 0, 3, 1}, {9999, 0, 0, 0}})
	whole := Binning{Micros: 1000, Steps: 4, Shape: [3]int{2, 4, 4}, Shrink: [2]int{1, 1}}
	for name, c := range map[string]struct {
		change func(b *Binning)
		want   spikes.Train
	}{
		"as it is": {func(*Binning) {}, spikes.Train{{Row: 0, Index: 1, Payload: 1}, {Row: 1, Index: 16 + 11, Payload: 1}, {Row: 2, Index: 16 + 12, Payload: 1}}},
		"nearest, halves to even": {func(b *Binning) { b.Nearest = true }, spikes.Train{
			{Row: 0, Index: 1, Payload: 1}, {Row: 2, Index: 16 + 11, Payload: 1}, {Row: 2, Index: 16 + 12, Payload: 1},
		}},
		"counts, cropped": {func(b *Binning) { b.Counts, b.Crop = true, [2]int{3, 3} }, spikes.Train{{Row: 0, Index: 1, Payload: 2}}},
		"shrunk, one channel": {func(b *Binning) { b.Shape, b.Shrink = [3]int{1, 2, 2}, [2]int{2, 2} }, spikes.Train{
			{Row: 0, Index: 0, Payload: 1}, {Row: 1, Index: 3, Payload: 1}, {Row: 2, Index: 2, Payload: 1},
		}},
		"merged": {func(b *Binning) { b.Shape[0], b.Polarity = 1, Merge }, spikes.Train{
			{Row: 0, Index: 1, Payload: 1}, {Row: 1, Index: 11, Payload: 1}, {Row: 2, Index: 12, Payload: 1},
		}},
		"on":  {func(b *Binning) { b.Shape[0], b.Polarity = 1, On }, spikes.Train{{Row: 1, Index: 11, Payload: 1}, {Row: 2, Index: 12, Payload: 1}}},
		"off": {func(b *Binning) { b.Shape[0], b.Polarity, b.Counts = 1, Off, true }, spikes.Train{{Row: 0, Index: 1, Payload: 2}}},
	} {
		b := whole
		c.change(&b)
		if err := b.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got, n, err := b.BinFile(Recording{Path: path})
		if err != nil || n != 5 || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, %d events, %v; want %v", name, got, n, err, c.want)
		}
	}
	small := whole
	small.Shape = [3]int{2, 4, 3}
	_, _, err := small.BinFile(Recording{Path: path})
	found := diag.All(err)
	if len(found) != 1 || found[0].Code != codeEvent || found[0].Pos.File != path || !strings.Contains(found[0].Message, "x = 3, y = 2, polarity 1") {
		t.Errorf("an event beyond the input: %v", err)
	}
	for _, spoil := range []func(b *Binning){
		func(b *Binning) { b.Micros = 0 }, func(b *Binning) { b.Steps = 0 }, func(b *Binning) { b.Shape[1] = 0 },
		func(b *Binning) { b.Shape = [3]int{1 << 14, 1 << 14, 1 << 14} }, func(b *Binning) { b.Shrink[0] = 0 }, func(b *Binning) { b.Crop[1] = -1 },
		func(b *Binning) { b.Polarity = "up" }, func(b *Binning) { b.Polarity = On },
	} {
		b := whole
		if spoil(&b); b.Check() == nil {
			t.Errorf("%+v is not refused", b)
		}
	}
}

func TestRecordingList(t *testing.T) {
	list, err := parseRecordingList(strings.NewReader("name,class,file\n# gestures\nclap,1,a/1.bs2\nwave,2,2.bs2\n"), "/set/labels.csv", "", 1)
	want := []Recording{{File: "a/1.bs2", Path: filepath.FromSlash("/set/a/1.bs2")}, {File: "2.bs2", Path: filepath.FromSlash("/set/2.bs2"), Class: 1}}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("got %v, %v", list, err)
	}
	alone, err := ReadRecordingList(RecordingSource{Path: "x/1.aedat"})
	if err != nil || !reflect.DeepEqual(alone, []Recording{{File: "1.aedat", Path: "x/1.aedat", Class: -1}}) {
		t.Errorf("got %v, %v", alone, err)
	}
	for text, want := range map[string]string{
		"":                            `found the header ""`,
		"name,label\n":                `found the header "name,label"`,
		"file,label\n":                "ends after its header",
		"file,label\n../x.bin,1\n":    "expected one in the folder of the list",
		"file,label\nx.bin,0\n":       `found the label "0", expected a whole number of 1..256`,
		"file,label\nx.bin,one\n":     `found the label "one"`,
		"file,label\nx.bin,1,2\n":     "wrong number of fields",
		"file,label\n\"x.bin,1\n":     "quote",
		"file,label\nx.bin,999999\n":  `found the label "999999"`,
		"file,label\n/etc/passwd,1\n": "expected one in the folder of the list",
	} {
		_, err := parseRecordingList(strings.NewReader(text), "l.csv", "", 1)
		if found := diag.All(err); len(found) != 1 || found[0].Pos.File != "l.csv" || !strings.Contains(found[0].Message, want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}
