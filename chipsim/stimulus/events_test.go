package stimulus

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// record writes one event.
func record(x, y, polarity int, micros uint32) []byte {
	word := uint32(polarity)<<23 | micros
	return []byte{byte(x), byte(y), byte(word >> 16), byte(word >> 8), byte(word)}
}

// TestEventLayout holds the bytes that data.md 3.4 and 3.5 work out.
func TestEventLayout(t *testing.T) {
	cases := []struct {
		bytes []byte
		want  event
	}{
		{[]byte{0x12, 0x10, 0x80, 0x03, 0x7d}, event{18, 16, 1, 893}},
		{[]byte{0x31, 0x52, 0x00, 0x00, 0x1c}, event{49, 82, 0, 28}},
		{[]byte{0x00, 0x21, 0x7f, 0xff, 0xff}, event{0, 33, 0, 1<<23 - 1}},
	}
	for _, c := range cases {
		if got := eventAt(c.bytes); got != c.want {
			t.Errorf("% x: found %+v, expected %+v", c.bytes, got, c.want)
		}
	}
	if got := (event{x: 3, y: 2, polarity: 1}).line(); got != 34*34+2*34+3 {
		t.Errorf("found line %d", got)
	}
}

func TestReadEvents(t *testing.T) {
	data := slices.Concat(record(0, 0, 0, 9), record(33, 33, 1, 3))
	for _, form := range [][]byte{data, packed(t, data)} {
		if got, err := ReadEvents(bytes.NewReader(form), "x"); err != nil || !bytes.Equal(got, data) {
			t.Errorf("found % x, %v", got, err)
		}
	}
	faults := []struct {
		name, code, place string
		data              []byte
	}{
		{"half an event", codeTruncated, "x@10", append(slices.Clone(data), 1, 2)},
		{"beside the sensor", codeEvent, "x@5", slices.Concat(data[:5], record(34, 0, 0, 0), data)},
		{"an overflow record", codeEvent, "x@0", record(0, 240, 0, 0)},
		{"too many", codeTooLarge, fmt.Sprintf("x@%d", maxEvents*EventBytes+1), make([]byte, (maxEvents+2)*EventBytes)},
		{"damaged gzip", codeGzip, "x@0", append(slices.Clone(gzipMagic), bytes.Repeat([]byte{1}, 20)...)},
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			_, err := ReadEvents(bytes.NewReader(f.data), "x")
			wantAt(t, err, f.code, f.place)
		})
	}
	_, err := ReadEvents(iotest.ErrReader(errors.New("disk on fire")), "x")
	wantAt(t, err, codeUnreadable, "x@0")
	if got, err := ReadEvents(bytes.NewReader(nil), "x"); err != nil || len(got) != 0 {
		t.Errorf("an empty recording: %v, %v", got, err)
	}
}

// TestEventsByHand: OR of equal lines and rows, the edge of a row, events too late, and
// any order of times.
func TestEventsByHand(t *testing.T) {
	data := slices.Concat(
		record(1, 0, 0, 2999), record(1, 0, 0, 0), record(1, 0, 0, 999), record(1, 0, 1, 999),
		record(0, 1, 0, 1000), record(5, 5, 0, 3000),
	)
	e := mustEncoder(t, "events", eventLines, map[string]int64{"steps": 3, "bin_us": 1000})
	want := spikes.Train{
		{Row: 0, Index: 1, Payload: 1},
		{Row: 0, Index: 34*34 + 1, Payload: 1},
		{Row: 1, Index: 34, Payload: 1},
		{Row: 2, Index: 1, Payload: 1},
	}
	if got := e.Encode(data, 0); !slices.Equal(got, want) {
		t.Errorf("found %v, expected %v", got, want)
	}
}

// TestEventsKeepTheirWord: random recordings give sound trains that do not depend on the
// order of the events.
func TestEventsKeepTheirWord(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	e := mustEncoder(t, "events", eventLines, nil)
	for range 20 {
		var records [][]byte
		for range 500 {
			records = append(records, record(random.IntN(34), random.IntN(34), random.IntN(2), random.Uint32N(120_000)))
		}
		train := e.Encode(slices.Concat(records...), 0)
		if err := train.Check(e.Steps(), e.Size()); err != nil || len(train) < 300 {
			t.Fatalf("%d spikes, %v", len(train), err)
		}
		random.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		if !slices.Equal(e.Encode(slices.Concat(records...), 1), train) {
			t.Fatal("the order of events has an effect")
		}
	}
}

func FuzzReadEvents(f *testing.F) {
	data := slices.Concat(record(0, 0, 0, 9), record(33, 33, 1, 1<<23-1))
	f.Add(data, int64(1000))
	f.Add(packed(f, data), int64(1))
	f.Add(data[:7], int64(1<<23))
	f.Add(record(0, 240, 0, 0), int64(5))
	f.Fuzz(func(t *testing.T, data []byte, bin int64) {
		got, err := ReadEvents(bytes.NewReader(data), "x")
		if err != nil {
			if len(diag.All(err)) != 1 {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		if len(got)%EventBytes != 0 || !bytes.HasPrefix(data, gzipMagic) && !bytes.Equal(got, data) {
			t.Fatalf("read % x out of % x", got, data)
		}
		e, err := NewEncoder(diag.Pos{}, "events", eventLines, map[string]int64{"bin_us": bin})
		if err != nil {
			return
		}
		if err := e.Encode(got, 0).Check(e.Steps(), e.Size()); err != nil {
			t.Fatal(err)
		}
	})
}
