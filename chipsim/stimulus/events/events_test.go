package events

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"decc/ir/diag"
)

func read(r io.Reader, name string) ([]Event, *Reader, error) {
	x, err := Open(r, name)
	if err != nil {
		return nil, nil, err
	}
	var all []Event
	buf := make([]Event, 3)
	for {
		n, err := x.Next(buf)
		if errors.Is(err, io.EOF) {
			return all, x, nil
		}
		if err != nil {
			return all, x, err
		}
		all = append(all, buf[:n]...)
	}
}

func words16(list ...uint16) []byte {
	var b []byte
	for _, w := range list {
		b = binary.LittleEndian.AppendUint16(b, w)
	}
	return b
}

func words32(list ...uint32) []byte {
	var b []byte
	for _, w := range list {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func join(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		case int:
			b = append(b, byte(p))
		}
	}
	return b
}

// aedat3 is a file of one special packet and one of two polarity events, one of them not
// valid.
func aedat3File() []byte {
	head := func(kind, n uint32) []byte { return words32(1<<16|kind, 8, 4, 0, n, n, n) }
	return join("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n",
		head(0, 1), words32(3, 0), head(1, 2), words32(0x00620149, 0x04c4b41c), words32(0x00620148, 0x04c4b41d))
}

// aedat4File is a plain (not compressed) file with two events.
func aedat4File() []byte {
	head := join(words32(16), headID, words16(6, 8, 4), 0, 0, words32(8, 0))
	packet := join(words32(20), eventPacketID, words16(0, 0), words16(6, 8, 4, 0), words32(8, 4), words32(2),
		words32(1000, 0), words16(154, 204), words32(0), words32(1001, 0), words16(3, 4), words32(1))
	packet = join(words32(uint32(len(packet))), packet)
	return join(aedat4Line, words32(uint32(len(head))), head, words32(0, uint32(len(packet))), packet)
}

// worked are the examples of data.md 3, with what is left of each when its last byte is
// cut off.
var worked = map[string]struct {
	bytes []byte
	want  []Event
	cut   int
}{
	"a.bs1": {[]byte{0x00, 0x3f, 0x80, 0x04, 0x00}, []Event{{T: 1024, X: 63, P: 1}}, 0},
	"a.bs2": {[]byte{0x31, 0x52, 0x00, 0x00, 0x1c}, []Event{{T: 28, X: 49, Y: 82}}, 0},
	"A.BS3": {[]byte{0x03, 0x10, 0x52, 0x00, 0x00, 0x00, 0x1c}, []Event{{T: 28, X: 49, Y: 82}}, 0},
	"a.bin": {
		[]byte{0x12, 0x10, 0x80, 0x03, 0x7d, 0, 240, 0, 0, 0, 0, 240, 0, 0, 0, 1, 2, 0, 0, 3, 5, 6, 0, 0, 7},
		[]Event{{T: 893, X: 18, Y: 16, P: 1}, {T: 2*8192 + 3, X: 1, Y: 2}, {T: 2*8192 + 7, X: 5, Y: 6}},
		2,
	},
	"2.aedat": {
		join("#!AER-DAT2.0\r\n# more\r\n", []byte{0, 0, 0x3b, 0x94, 0, 0, 0, 0, 0, 0, 0x46, 0x86, 0, 0, 0, 0x30}),
		[]Event{{T: 0, X: 74, Y: 59}, {T: 48, X: 67, Y: 70}},
		1,
	},
	"1.aedat": {join("#!AER-DAT1.0\r\n", []byte{0x3b, 0x95, 0, 0, 0, 7}), []Event{{T: 7, X: 74, Y: 59, P: 1}}, 0},
	"3.aedat": {aedat3File(), []Event{{T: 80_000_028, X: 49, Y: 82}}, 1},
	"4.any":   {aedat4File(), []Event{{T: 1000, X: 154, Y: 204}, {T: 1001, X: 3, Y: 4, P: 1}}, 0},
	"2.raw": {
		join("% evt 2.0\n% end\n", words32(0x10076879), words32(0x80005070, 0x10076879)), // the first has no time yet
		[]Event{{T: 1_317_888, X: 237, Y: 121, P: 1}}, 0,
	},
	"3.raw": {
		join("% evt 3.0\n", words16(0x8b2d, 0x6000, 0x00c8, 0x236a, 0x3440, 0x4000, 0x4000, 0x50c0)),
		[]Event{{T: 11_718_656, X: 874, Y: 200}, {T: 11_718_656, X: 1118, Y: 200}, {T: 11_718_656, X: 1119, Y: 200}},
		1,
	},
	"s.npy": {
		npyFile("[('t', '>u4'), ('', '|V1'), ('x', '<i2'), ('p', '|b1'), ('y', '|u1')]", "(2,)", []byte{0, 0, 1, 0, 99, 4, 1, 1, 5, 0, 0, 1, 2, 99, 6, 0, 0, 7}),
		[]Event{{T: 256, X: 260, Y: 5, P: 1}, {T: 258, X: 6, Y: 7}},
		1,
	},
	"p.npy": {npyFile("'<f4'", "(2, 4)", floats(3, 4, 1, 1.5, 5, 6, 0, 0.0004)), []Event{{T: 1500, X: 3, Y: 4, P: 1}, {T: 0, X: 5, Y: 6}}, 1},
	"3.npy": {npyFile("'<i2'", "(1, 3)", words16(9, 1, 7)), []Event{{T: 7000, X: 9, P: 1}}, 0},
	"n.dat": {join("% Data file containing CD\n% Version 2\n", []byte{0, 8}, words32(0, 0x00020019)), []Event{{T: 0, X: 25, Y: 8}}, 0},
}

func TestWorkedExamples(t *testing.T) {
	for name, c := range worked {
		got, _, err := read(bytes.NewReader(c.bytes), name)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(c.bytes); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		if unpacked, _, err := read(&packed, name+".gz"); err != nil || !reflect.DeepEqual(unpacked, c.want) {
			t.Errorf("%s.gz: %+v, %v", name, unpacked, err)
		}
		cut, _, err := read(bytes.NewReader(c.bytes[:len(c.bytes)-1]), name)
		if found := diag.All(err); len(cut) != c.cut || len(found) != 1 || found[0].Code != codeTruncated || found[0].Pos.File != name {
			t.Errorf("%s, cut: %+v, %v", name, cut, err)
		}
	}
}

// replaced is a worked example with other bytes in it.
func replaced(name, old, fresh string) []byte {
	return []byte(strings.Replace(string(worked[name].bytes), old, fresh, 1))
}

func TestFaults(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(bytes.Repeat([]byte{1, 2, 0, 0, 9}, 4000)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	packed.Bytes()[packed.Len()-6] ^= 1
	for _, c := range []struct {
		name, code string
		data       []byte
	}{
		{"clip.mp4", codeFormat, []byte("what")},
		{"a.aedat", codeUnsupported, []byte("#!AER-DAT3.0\r\n")},
		{"a.raw", codeUnsupported, []byte("% evt 2.1\n")},
		{"a.h5", codeFormat, []byte("\x89HDF\r\n")},
		{"3.aedat", codeUnsupported, replaced("3.aedat", "RAW", "SER")},
		{"n.dat", codeUnsupported, replaced("n.dat", "\x00\x08", "\x0e\x08")},
		{"4.any", codeUnsupported, replaced("4.any", string(words32(8, 0)), string(words32(8, 3)))},
		{"2.aedat", codeUnsupported, replaced("2.aedat", "\x00\x00\x46", "\x00\x01\x46")},
		{"a.bsn", codeTargets, []byte{0, 0, 0, 0, 0, 4, 0x93, 0xe0, 0, 0x3c}},
		{"3.aedat", codeHeader, replaced("3.aedat", "#!END-HEADER\r\n", "")},
		{"a.raw", codeHeader, []byte("% evt 3.0\n% geometry 0x7\n")},
		{"3.aedat", codePacket, replaced("3.aedat", string(words32(1<<16|1, 8)), string(words32(1<<16|1, 7)))},
		{"4.any", codePacket, replaced("4.any", headID, "IOHX")},
		{"4.any", codePacket, replaced("4.any", string(words32(8, 4)), string(words32(8, 400)))},
		{"2.raw", codeWord, replaced("2.raw", string(words32(0x80005070)), string(words32(0x90005070)))},
		{"3.raw", codeWord, replaced("3.raw", string(words16(0x6000)), string(words16(0x1000)))},
		{"3.aedat", codeEvent, replaced("3.aedat", string(words32(0x00620149)), string(words32(0x07000149)))},
		{"4.any", codeTooLarge, replaced("4.any", aedat4Line, aedat4Line+"\xff\xff\xff\xff")},
		{"a.bs2", codeGzip, packed.Bytes()},
	} {
		_, _, err := read(bytes.NewReader(c.data), c.name)
		if found := diag.All(err); len(found) != 1 || found[0].Code != c.code || found[0].Pos.File != c.name || found[0].Fix == "" {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
	_, _, err := read(iotest.TimeoutReader(bytes.NewReader(bytes.Repeat([]byte{1, 2, 0, 0, 9}, 40000))), "a.bs2")
	if found := diag.All(err); len(found) != 1 || found[0].Code != codeUnreadable {
		t.Errorf("got %v", err)
	}
	counts, err := ReadCounts(bytes.NewReader([]byte{0, 0, 0, 0, 0, 4, 0x93, 0xe0, 0, 0x3c}), "a.bsn")
	if err != nil || !reflect.DeepEqual(counts, []Count{{0, 0, 300_000, 60}}) {
		t.Errorf("got %v, %v", counts, err)
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

func reference(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("DECC_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	if _, err := os.Stat(shared); err != nil {
		t.Skipf("the reference recordings are not here (DECC_SHARED names their folder): %v", err)
	}
	return filepath.Join(shared, "data")
}

// TestRealRecordings reads a real file of every format; the hashes of their events come with
// them.
func TestRealRecordings(t *testing.T) {
	samples := filepath.Join(reference(t), "event-format-samples")
	text, err := os.ReadFile(filepath.Join(samples, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct {
		Events int        `json:"events"`
		P1     int        `json:"p1"`
		Hash   string     `json:"event_text_sha256"`
		Rows   [][4]int64 `json:"rows"` // of target counts
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	held := 0
	for name, want := range expected {
		if filepath.Ext(name) == ".bsn" {
			data, err := os.ReadFile(filepath.Join(samples, name))
			if err != nil {
				t.Fatal(err)
			}
			counts, err := ReadCounts(bytes.NewReader(data), name)
			var rows [][4]int64
			for _, c := range counts {
				rows = append(rows, [4]int64{int64(c.Neuron), c.Start, c.End, int64(c.Spikes)})
			}
			if err != nil || !reflect.DeepEqual(rows, want.Rows) {
				t.Errorf("%s: %v, %v; want %v", name, rows, err, want.Rows)
			}
			continue
		}
		list := readFile(t, filepath.Join(samples, name))
		if len(list) != want.Events || hash(list) != want.Hash {
			t.Errorf("%s: %d events of hash %s, want %d of %s", name, len(list), hash(list), want.Events, want.Hash)
		}
		held++
	}
	if held < 8 {
		t.Errorf("only %d files were held against their hashes", held)
	}
}

func TestRealGestures(t *testing.T) {
	gestures := filepath.Join(reference(t), "dvsgesture-10")
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
	text, err := os.ReadFile(filepath.Join(gestures, "trial_shared_expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if trial := hash(readFile(t, filepath.Join(gestures, "trial_shared.aedat"))); !strings.Contains(string(text), trial) {
		t.Errorf("trial_shared.aedat has the hash %s, which is not in %.600s", trial, text)
	}
}

func readFile(t *testing.T, path string) []Event {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, _, err := read(f, path)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// FuzzOpen: whatever the bytes, reading ends, with events or an error that tells a place.
func FuzzOpen(f *testing.F) {
	for name, c := range worked {
		f.Add(name, c.bytes)
	}
	f.Add("a.npz", npzFile(false))
	f.Add("a.npz", npzFile(true))
	f.Add("a.npy", fortranFile())
	f.Add("a.h5", archiveFile(XYP))
	f.Add("a.h5", archiveFile(PXY))
	f.Add("a.csv", []byte("t,x,y,p\n1,2,3,1\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		_, _, err := read(bytes.NewReader(data), name)
		if err != nil && (len(diag.All(err)) != 1 || !strings.HasPrefix(diag.All(err)[0].Pos.File, name) || diag.All(err)[0].Fix == "") {
			t.Errorf("%v", err)
		}
	})
}
