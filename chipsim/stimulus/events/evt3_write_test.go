package events

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// evt3Body is the words of a file of EVT 3.0 behind its head.
func evt3Body(t *testing.T, list []Event) []uint16 {
	t.Helper()
	data, err := created("a.raw", "evt3", Info{Width: 2048, Height: 2048}, list)
	if err != nil {
		t.Fatal(err)
	}
	_, body, found := bytes.Cut(data, []byte("% end\n"))
	if !found || len(body)%2 != 0 {
		t.Fatalf("%q", data)
	}
	var words []uint16
	for ; len(body) > 0; body = body[2:] {
		words = append(words, binary.LittleEndian.Uint16(body))
	}
	return words
}

// evt3ByHand decodes words by the description alone: 24 bits of time, one loop more where the upper
// part falls.
func evt3ByHand(words []uint16) (list []Event) {
	var e Event
	var high, low, loops int64
	var base int32
	for _, w := range words {
		v := int64(w & 0xfff)
		add := func(x int32, p int64) {
			list = append(list, Event{T: loops<<24 | high<<12 | low, X: x, Y: e.Y, P: uint8(p)})
		}
		vector := func(width int32) {
			for k := range width {
				if v>>k&1 == 1 {
					add(base+k, int64(e.P))
				}
			}
			base += width
		}
		switch w >> 12 {
		case 0:
			e.Y = int32(v)
		case 2:
			add(int32(v&0x7ff), v>>11)
		case 3:
			base, e.P = int32(v&0x7ff), uint8(v>>11)
		case 4:
			vector(12)
		case 5:
			vector(8)
		case 6:
			low = v
		case 8:
			if v < high {
				loops++
			}
			high = v
		}
	}
	return list
}

// line is events of one time and row at these x.
func line(at int64, y int32, p uint8, xs ...int32) (list []Event) {
	for _, x := range xs {
		list = append(list, Event{T: at, X: x, Y: y, P: p})
	}
	return list
}

func TestEVT3Words(t *testing.T) {
	for _, c := range []struct {
		what  string
		list  []Event
		words []uint16
	}{
		{"one event", line(5, 7, 1, 9), []uint16{0x8000, 0x6005, 0x0007, 0x2809}},
		{"the example of data.md", line(0xb2d<<12, 200, 0, 874), []uint16{0x87ff, 0x8b2d, 0x6000, 0x00c8, 0x236a}},
		{"two events are single", line(0, 0, 0, 3, 4), []uint16{0x8000, 0x6000, 0x0000, 0x2003, 0x2004}},
		{"a vector of 8", line(0, 0, 1, 3, 5, 10), []uint16{0x8000, 0x6000, 0x0000, 0x3803, 0x5085}},
		{"of 12, which goes on", line(0, 0, 0, 0, 1, 11, 12, 24), []uint16{0x8000, 0x6000, 0x0000, 0x3000, 0x4803, 0x5001, 0x5010}},
		{"over the edge", line(0, 2047, 0, 2045, 2046, 2047), []uint16{0x8000, 0x6000, 0x07ff, 0x37fd, 0x5007}},
		{"x that falls or repeats", line(0, 0, 0, 4, 5, 6, 6, 5), []uint16{0x8000, 0x6000, 0x0000, 0x3004, 0x5007, 0x2006, 0x2005}},
		{"another polarity", append(line(0, 0, 0, 4, 5), line(0, 0, 1, 6)...), []uint16{0x8000, 0x6000, 0x0000, 0x2004, 0x2005, 0x2806}},
		{"the low part again", append(line(1, 0, 0, 4), line(4097, 0, 0, 4)...), []uint16{0x8000, 0x6001, 0x0000, 0x2004, 0x8001, 0x6001, 0x2004}},
		{
			"the overflow", append(line(1<<24-1, 0, 0, 4), line(1<<24, 0, 0, 4)...),
			[]uint16{0x87ff, 0x8ffe, 0x8fff, 0x6fff, 0x0000, 0x2004, 0x8000, 0x6000, 0x2004},
		},
		{
			"a silence over the overflow", append(line(0, 0, 0, 4), line(5000<<12, 0, 0, 4)...),
			[]uint16{0x8000, 0x6000, 0x0000, 0x2004, 0x87ff, 0x8ffe, 0x8388, 0x6000, 0x2004},
		},
	} {
		if got := evt3Body(t, c.list); !slices.Equal(got, c.words) || !slices.Equal(evt3ByHand(got), c.list) {
			t.Errorf("%s: %#04x, want %#04x", c.what, got, c.words)
		}
	}
}

// TestEVT3Random writes events in bursts, and silences of up to three overflows.
func TestEVT3Random(t *testing.T) {
	for seed := range uint64(200) {
		d := rand.New(rand.NewPCG(seed, 3))
		var list []Event
		at := d.Int64N(1 << 26)
		for range 60 {
			y, p := int32(d.IntN(2048)), uint8(d.IntN(2))
			for x := d.IntN(2048); x < 2048 && d.IntN(9) > 0; x += 1 + d.IntN(1+d.IntN(14)) {
				list = append(list, Event{T: at, X: int32(x), Y: y, P: p})
			}
			at += d.Int64N(1 << d.IntN(27))
		}
		words := evt3Body(t, list)
		if !slices.Equal(evt3ByHand(words), list) {
			t.Fatalf("seed %d: other events", seed)
		}
	}
}

// The recording of a camera becomes no longer than the camera wrote it.
func TestEVT3IsAsShortAsTheCameras(t *testing.T) {
	path := filepath.Join(reference(t), "event-format-samples", "evt3_excerpt.raw")
	original, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list, r, err := read(bytes.NewReader(original), path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := created("a.raw", "evt3", r.Info(), list)
	if err != nil || len(data) > len(original) {
		t.Errorf("%d events take %d bytes, in the recording %d, %v", len(list), len(data), len(original), err)
	}
}
