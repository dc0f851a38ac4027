package events

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"decc/ir/diag"
)

// created writes events as a file of that name and format, "" for the one of the name.
func created(name, format string, info Info, list []Event) ([]byte, error) {
	var b bytes.Buffer
	var extent Extent
	extent.Add(list)
	w, err := Create(&b, name, format, info, extent)
	if err != nil {
		return nil, err
	}
	for range w.Passes() {
		if err := w.Write(list); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return b.Bytes(), err
}

// edges are events at the limits of a format.
func edges(l Limits) []Event {
	list := []Event{{}, {T: l.T / 3, X: l.X / 2, Y: l.Y / 2}, {T: l.T / 3 * 2, X: l.X, P: l.P}, {T: l.T, X: l.X, Y: l.Y, P: l.P}, {T: l.T, X: l.X, Y: l.Y, P: l.P}}
	if l.Negative {
		list[0].T = -l.T
	}
	return list
}

func TestWrittenFormats(t *testing.T) {
	written := 0
	for _, f := range Formats {
		if (f.Limits == nil) != (f.create == nil) {
			t.Errorf("%s has one of limits and writer", f.Name)
		}
		if f.create == nil {
			continue
		}
		written++
		for _, ext := range []string{f.Extensions[0], strings.ToUpper(f.Extensions[0]), f.Extensions[0] + ".gz"} {
			if f.columns > 0 && strings.HasSuffix(ext, ".gz") {
				continue // refused, as TestEventsThatCannotBeWritten shows
			}
			want := edges(*f.Limits)
			data, err := created("a."+ext, f.Name, Info{}, want)
			if err != nil {
				t.Errorf("%s: %v", f.Name, err)
				continue
			}
			got, r, err := read(bytes.NewReader(data), "a."+ext)
			if err != nil || !reflect.DeepEqual(got, want) || r.Info().Format != f.Name {
				t.Errorf("%s: %+v, %v; want %+v", f.Name, got, err, want)
			}
		}
		over := []Event{{T: -f.Limits.T - 1}, {T: 5, Y: f.Limits.Y + 1}, {T: 5, X: f.Limits.X + 1}, {T: f.Limits.T + 1}, {T: 5, P: f.Limits.P + 1}, {T: -1}}
		for i, e := range over {
			if e.T == -1 && f.Limits.Negative || e == (Event{T: 5}) || e.X < 0 || e.Y < 0 {
				continue // the format holds it, or a number has run over
			}
			_, err := created("a."+f.Extensions[0], f.Name, Info{}, []Event{{}, e})
			if found := diag.All(err); len(found) != 1 || found[0].Code != codeNotHeld || !strings.Contains(found[0].Message, "event 1 (") {
				t.Errorf("%s: event %d: %v", f.Name, i, err)
			}
		}
		if empty, err := created("a."+f.Extensions[0], f.Name, Info{}, nil); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		} else if got, _, err := read(bytes.NewReader(empty), "a."+f.Extensions[0]); err != nil || len(got) != 0 {
			t.Errorf("%s: no events become %v, %v", f.Name, got, err)
		}
	}
	if written < 12 {
		t.Errorf("only %d formats are written", written)
	}
}

// FuzzCreate: what is written without an error is read as the same events.
func FuzzCreate(f *testing.F) {
	f.Add([]byte{1, 2, 3, 0, 0, 0, 7, 1, 9, 2, 3, 0xff, 0, 0, 1, 0}, int64(1<<31), uint8(3))
	f.Add([]byte{0, 240, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, int64(1<<23-1), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, stretch int64, kind uint8) {
		var written []Format
		for _, format := range Formats {
			if format.create != nil {
				written = append(written, format)
			}
		}
		format := written[int(kind)%len(written)]
		name := "a." + format.Extensions[0]
		var want []Event
		for ; len(data) >= 8; data = data[8:] {
			e := Event{X: int32(data[0]) | int32(data[2])<<8, Y: int32(data[1]) | int32(data[3]&7)<<8, P: data[7] & 3}
			e.T = int64(binary.BigEndian.Uint16(data[4:])) * (stretch >> 16) * int64(1+data[6]>>6)
			want = append(want, e)
		}
		file, err := created(name, format.Name, Info{}, want)
		if err != nil {
			if len(diag.All(err)) != 1 {
				t.Error(err)
			}
			return
		}
		if got, _, err := read(bytes.NewReader(file), name); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	})
}

// TestRandomEventsWritten writes bursts and silences in every format: what is written is read as the
// same events, and what is not tells that it does not fit.
func TestRandomEventsWritten(t *testing.T) {
	for _, f := range Formats {
		if f.create == nil {
			continue
		}
		kept := 0
		for seed := range uint64(40) {
			d := rand.New(rand.NewPCG(seed, 4))
			want := randomEvents(d, *f.Limits)
			name := "a." + f.Extensions[0]
			data, err := created(name, f.Name, Info{}, want)
			if err != nil {
				if found := diag.All(err); len(found) != 1 || found[0].Code != codeNotHeld {
					t.Errorf("%s, seed %d: %v", f.Name, seed, err)
				}
				continue
			}
			kept++
			if got, _, err := read(bytes.NewReader(data), name); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, seed %d: %d events, %v; want %d", f.Name, seed, len(got), err, len(want))
			}
		}
		if kept < 10 {
			t.Errorf("only %d of 40 recordings were written as %s", kept, f.Name)
		}
	}
}

// randomEvents lie within limits. Most times rise, by steps up to a bound of the recording.
func randomEvents(d *rand.Rand, l Limits) (list []Event) {
	at, longest := d.Int64N(min(l.T, 1<<40)), d.IntN(24)
	side := int64(1) << (2 + d.IntN(14))
	for range d.IntN(400) {
		e := Event{T: at, X: int32(d.Int64N(min(int64(l.X)+1, side))), Y: int32(d.Int64N(min(int64(l.Y)+1, side))), P: uint8(d.IntN(int(l.P) + 1))}
		if n := len(list); n > 0 && d.IntN(3) > 0 {
			e.Y, e.P, e.X = list[n-1].Y, list[n-1].P, min(list[n-1].X+int32(d.IntN(5)), l.X)
		} else if at += d.Int64N(1 << longest); d.IntN(20) == 0 {
			at -= d.Int64N(1 << longest)
		}
		at = min(max(at, 0), l.T)
		list = append(list, e)
	}
	return list
}

// Events that the limits let through and that a reader would take for others.
func TestEventsThatCannotBeWritten(t *testing.T) {
	for _, c := range []struct {
		name, message string
		list          []Event
		format        string
	}{
		{"a.bin", "event 0 (t 3, x 1, y 240, p 0)", []Event{{T: 3, X: 1, Y: overflowY}}, ""},
		{"a.bin", "the time 5 after one", []Event{{T: 1 << 24}, {T: 5}}, ""},
		{"a.dat", "an overflow", []Event{{T: 1<<32 - 1}, {T: 5}}, ""},
		{"a.raw", "an overflow", []Event{{T: 1<<34 - 1}, {T: 5}}, ""},
		{"a.raw", "an overflow", []Event{{T: 1<<24 - 1}, {T: 5}}, "evt3"},
		{"a.mp4", `found the extension "mp4"`, nil, ""},
		{"a.aedat4", `found the extension "aedat4", expected one of raw`, nil, "evt3"},
		{"a.npz.gz", "found the extension .gz, expected npz as it is", nil, ""},
	} {
		_, err := created(c.name, c.format, Info{}, c.list)
		if found := diag.All(err); len(found) != 1 || !strings.Contains(found[0].Message, c.message) || found[0].Fix == "" || found[0].Pos.File != c.name {
			t.Errorf("%s: %v, want %s", c.name, err, c.message)
		}
	}
	var b bytes.Buffer
	for _, n := range []int{1, 9} {
		w, err := Create(&b, "a.npz", "", Info{}, Extent{Events: 2})
		if err != nil {
			t.Fatal(err)
		}
		err = w.Write(make([]Event, n))
		if err == nil {
			err = w.Close()
		}
		if found := diag.All(err); len(found) != 1 || !strings.Contains(found[0].Message, fmt.Sprintf("found %d events, expected the 8", n)) {
			t.Errorf("four columns of two events that take %d: %v", n, err)
		}
	}
	full := errors.New("full")
	if w, err := Create(failing{full}, "a.csv", "", Info{}, Extent{}); err != nil || !errors.Is(w.Close(), full) {
		t.Errorf("%v; the writer's error is lost", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// The size of the sensor goes with the events.
func TestSensorIsWritten(t *testing.T) {
	for _, c := range []struct {
		name          string
		info          Info
		width, height int
	}{
		{"a.aedat", Info{Width: 304, Height: 240}, 304, 240},
		{"a.aedat", Info{}, 128, 128},
		{"a.aedat", Info{Width: 346, Height: 260}, 346, 260},
		{"a.aedat", Info{Width: 5, Height: 5}, 128, 128}, // the event lies off it
		{"a.dat", Info{Width: 304, Height: 240}, 304, 240},
		{"a.raw", Info{}, 8, 10},
	} {
		data, err := created(c.name, "", c.info, []Event{{X: 7, Y: 9}})
		if err != nil {
			t.Fatal(err)
		}
		if _, r, err := read(bytes.NewReader(data), c.name); err != nil || r.Info().Width != c.width || r.Info().Height != c.height {
			t.Errorf("%s of %+v: %v, want %d x %d", c.name, c.info, err, c.width, c.height)
		}
	}
}

func TestWindow(t *testing.T) {
	list := func() []Event { return []Event{{T: -1}, {T: 5}, {T: 9}, {T: 7}} }
	for _, c := range []struct {
		w      Window
		origin int64
		want   []Event
	}{
		{Window{}, 0, list()},
		{Window{From: 5, Until: 9}, 5, []Event{{T: 0}, {T: 2}}},
		{Window{From: 9, Until: 9}, 0, []Event{}},
	} {
		if got := c.w.Take(list(), c.origin); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.w, got, c.want)
		}
	}
}

// An event of AEDAT 2 whose address has y = 0, polarity 0: the lowest row, and ON.
func TestUpright(t *testing.T) {
	list, r, err := read(bytes.NewReader(join("#!AER-DAT2.0\r\n", []byte{0, 0, 0, 6, 0, 0, 0, 9, 0, 0, 0x7f, 0xff, 0, 0, 0, 9})), "a.aedat")
	if err != nil {
		t.Fatal(err)
	}
	r.Info().Upright(list)
	if want := []Event{{T: 9, X: 3, Y: 127, P: 1}, {T: 9, X: 127, Y: 0, P: 0}}; !reflect.DeepEqual(list, want) {
		t.Errorf("%+v, want %+v", list, want)
	}
	same := []Event{{T: 1, X: 2, Y: 3, P: 1}}
	if (Info{Height: 9}).Upright(same); same[0] != (Event{T: 1, X: 2, Y: 3, P: 1}) {
		t.Errorf("%+v: an upright recording is turned", same)
	}
}

// samples are real recordings of all formats.
func samples(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"event-format-samples/*", "dvsgesture-10/*.[ab]*", "nmnist-small/test/*.bs2"} {
		found, err := filepath.Glob(filepath.Join(reference(t), filepath.FromSlash(pattern)))
		if err != nil || len(found) < 5 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		for _, path := range found {
			if ext := extension(path); ext != "bsn" && ext != "md" && ext != "json" {
				all = append(all, path)
			}
		}
	}
	return all
}

// TestRealRecordingsConverted writes every real recording in every format that can hold its
// events, and reads the same events back.
func TestRealRecordingsConverted(t *testing.T) {
	pairs := map[string]int{}
	// Their heads have more lines, and other writers gather events in other ways.
	otherBytes := []string{"dat", "evt2", "evt3", "aedat4"}
	for _, path := range samples(t) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		list, r, err := read(f, path)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range Formats {
			if format.create == nil {
				continue
			}
			name := "a." + format.Extensions[0]
			data, err := created(name, format.Name, r.Info(), list)
			if holds(&format, list) != (err == nil) {
				t.Errorf("%s as %s: %v", path, format.Name, err)
			}
			if err != nil {
				continue
			}
			got, _, err := read(bytes.NewReader(data), name)
			if err != nil || !slices.Equal(got, list) {
				t.Errorf("%s as %s: %d events, %v; want %d", path, format.Name, len(got), err, len(list))
			}
			pairs[format.Name]++
			if original, err := os.ReadFile(path); extension(path) == format.Extensions[0] && r.Info().Format == format.Name && !slices.Contains(otherBytes, format.Name) && (err != nil || !bytes.Equal(data, original)) {
				t.Errorf("%s, written as it was, has other bytes (%v)", path, err)
			}
		}
	}
	for name, least := range map[string]int{"aedat3": 80, "aedat4": 80, "evt2": 80, "evt3": 80, "npz": 80, "dat": 80, "bin": 70, "bs1": 1, "bs2": 70, "bs3": 70, "npy": 80, "csv": 80} {
		if pairs[name] < least {
			t.Errorf("%d recordings were written as %s, want %d or more", pairs[name], name, least)
		}
	}
	t.Log(pairs)
}

// holds tells whether a format has room for all events, from its limits alone; of bin it
// knows that y = 240 is none.
func holds(f *Format, list []Event) bool {
	for _, e := range list {
		if f.Limits.excess(e) != "" || f.Name == "bin" && e.Y == overflowY {
			return false
		}
	}
	return true
}
