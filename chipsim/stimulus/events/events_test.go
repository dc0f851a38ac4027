package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"testing/iotest"

	"decc/ir/diag"
)

func read(t *testing.T, r io.Reader, name string) ([]Event, error) {
	t.Helper()
	x, err := Open(r, name)
	if err != nil {
		return nil, err
	}
	var all []Event
	buf := make([]Event, 3)
	for {
		n, err := x.Next(buf)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, buf[:n]...)
	}
}

// The worked records of data.md 3.4 and 3.5.
func TestRecords(t *testing.T) {
	for name, c := range map[string]struct {
		bytes []byte
		want  []Event
	}{
		"a.bs1": {[]byte{0x00, 0x3f, 0x80, 0x04, 0x00}, []Event{{T: 1024, X: 63, P: 1}}},
		"a.bs2": {[]byte{0x31, 0x52, 0x00, 0x00, 0x1c}, []Event{{T: 28, X: 49, Y: 82}}},
		"A.BS3": {[]byte{0x03, 0x10, 0x52, 0x00, 0x00, 0x00, 0x1c}, []Event{{T: 28, X: 49, Y: 82}}},
		"a.bin": {
			[]byte{0x12, 0x10, 0x80, 0x03, 0x7d, 0, 240, 0, 0, 0, 0, 240, 0, 0, 0, 1, 2, 0, 0, 3, 5, 6, 0, 0, 7},
			[]Event{{T: 893, X: 18, Y: 16, P: 1}, {T: 2*8192 + 3, X: 1, Y: 2}, {T: 2*8192 + 7, X: 5, Y: 6}},
		},
	} {
		got, err := read(t, bytes.NewReader(c.bytes), name)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
		cut, err := read(t, bytes.NewReader(c.bytes[:len(c.bytes)-1]), name)
		if found := diag.All(err); len(cut) != len(c.want)-1 || len(found) != 1 || found[0].Code != codeTruncated || found[0].Pos.File != name {
			t.Errorf("%s, cut: %+v, %v", name, cut, err)
		}
	}
}

func TestFaults(t *testing.T) {
	_, err := read(t, bytes.NewReader(nil), "clip.mp4")
	if found := diag.All(err); len(found) != 1 || found[0].Code != codeFormat {
		t.Errorf("got %v", err)
	}
	_, err = read(t, iotest.ErrReader(errors.New("worn out")), "a.bs2")
	if found := diag.All(err); len(found) != 1 || found[0].Code != codeUnreadable {
		t.Errorf("got %v", err)
	}
}

// hash is that of the reference data: lines of time, x, y and polarity.
func hash(list []Event) string {
	h := sha256.New()
	for _, e := range list {
		fmt.Fprintf(h, "%d %d %d %d\n", e.T, e.X, e.Y, e.P)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// TestRealRecordings reads real files; their hashes come with them.
func TestRealRecordings(t *testing.T) {
	shared := os.Getenv("DECC_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	samples := filepath.Join(shared, "data", "event-format-samples")
	text, err := os.ReadFile(filepath.Join(samples, "expected.json"))
	if err != nil {
		t.Skipf("the reference recordings are not here (DECC_SHARED names their folder): %v", err)
	}
	var expected map[string]struct {
		Events int    `json:"events"`
		Hash   string `json:"event_text_sha256"`
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"nmnist_sample.bin", "ntidigits_1.bs1"} {
		list := readFile(t, filepath.Join(samples, name))
		want, ok := expected[name]
		if !ok || len(list) != want.Events {
			t.Errorf("%s: %d events, want %d", name, len(list), want.Events)
		}
		if name != "ntidigits_1.bs1" && hash(list) != want.Hash {
			t.Errorf("%s: other events", name)
		}
	}
	gestures := filepath.Join(shared, "data", "dvsgesture-10")
	if two, three := readFile(t, filepath.Join(gestures, "1.bs2")), readFile(t, filepath.Join(gestures, "1.bs3")); !reflect.DeepEqual(two, three) {
		t.Error("1.bs2 and 1.bs3 are the same recording and give other events")
	}
	f, err := os.Open(filepath.Join(gestures, "labels.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		list := readFile(t, filepath.Join(gestures, line[0]))
		if n, _ := strconv.Atoi(line[3]); len(list) != n || fmt.Sprint(list[len(list)-1].T) != line[4] {
			t.Errorf("%s: %d events, want %v", line[0], len(list), line)
		}
	}
}

func readFile(t *testing.T, path string) []Event {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := read(t, f, path)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// FuzzOpen: whatever the bytes, reading ends, with events or an error that tells a place.
func FuzzOpen(f *testing.F) {
	for i := range Formats {
		f.Add(uint8(i), []byte{0x12, 0x10, 0x80, 0x03, 0x7d, 0, 240, 0, 0, 0, 1, 2, 3})
	}
	f.Fuzz(func(t *testing.T, format uint8, data []byte) {
		name := "fuzz." + Formats[int(format)%len(Formats)].Extension
		list, err := read(t, bytes.NewReader(data), name)
		if len(list) > len(data) {
			t.Errorf("%d events in %d bytes", len(list), len(data))
		}
		if err != nil && (len(diag.All(err)) != 1 || diag.All(err)[0].Pos.File != name) {
			t.Errorf("%v", err)
		}
	})
}
