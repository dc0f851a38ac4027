package stimulus

import (
	"math"
	"slices"
	"strings"
	"testing"

	"decc/ir/diag"
	"decc/ir/spikes"
)

func mustEncoder(t testing.TB, name string, pixels int, params map[string]int64) Encoder {
	t.Helper()
	e, err := NewEncoder(diag.Pos{}, name, pixels, params)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestEncodersKeepTheirWord runs every encoder of images over real digits and the
// extremes.
func TestEncodersKeepTheirWord(t *testing.T) {
	digits := excerpt(t).Head(20)
	white := slices.Repeat([]byte{255}, 784)
	for _, kind := range Encoders {
		if kind.Events {
			continue // TestEventsKeepTheirWord
		}
		e := mustEncoder(t, kind.Name, 784, nil)
		images := [][]byte{white, make([]byte, 784), nil, white[:100], append(slices.Clone(white), white...)}
		for i := range digits.Len() {
			images = append(images, digits.Image(i))
		}
		for i, pixels := range images {
			train := e.Encode(pixels, i)
			if err := train.Check(e.Steps(), e.Size()); err != nil {
				t.Errorf("%s, image %d: %v", kind.Name, i, err)
			}
			if slices.ContainsFunc(train, func(s spikes.Event) bool { return s.Payload != 1 }) {
				t.Errorf("%s, image %d: a payload is not 1", kind.Name, i)
			}
			if !slices.Equal(train, e.Encode(pixels, i)) {
				t.Errorf("%s, image %d: two runs differ", kind.Name, i)
			}
		}
		if got, want := e.Encode(images[4], 3), e.Encode(white, 3); !slices.Equal(got, want) {
			t.Errorf("%s: pixels beyond the end of the image have an effect", kind.Name)
		}
		if got, want := e.Encode(images[3], 3), e.Encode(append(slices.Clone(white[:100]), images[1][100:]...), 3); !slices.Equal(got, want) {
			t.Errorf("%s: a short image is not completed by black", kind.Name)
		}
	}
}

func TestEncoderTable(t *testing.T) {
	for _, kind := range Encoders {
		pixels := max(784, kind.leastPixels())
		for _, p := range kind.Params {
			if p.Meaning == "" || p.Default < p.Min || p.Default > p.Max {
				t.Errorf("%s: parameter %+v", kind.Name, p)
			}
			for _, v := range []int64{p.Min, p.Max} {
				mustEncoder(t, kind.Name, pixels, map[string]int64{p.Name: v})
			}
			outside := []int64{p.Min - 1}
			if p.Max < math.MaxInt64 {
				outside = append(outside, p.Max+1)
			}
			for _, v := range outside {
				_, err := NewEncoder(diag.At("m.yaml", 2, 1), kind.Name, pixels, map[string]int64{p.Name: v})
				wantAt(t, err, codeParameter, "m.yaml:2:1")
			}
		}
		mustEncoder(t, kind.Name, kind.MaxPixels, nil)
		for _, pixels := range []int{-1, 0, kind.leastPixels() - 1, kind.MaxPixels + 1} {
			_, err := NewEncoder(diag.Pos{}, kind.Name, pixels, nil)
			wantCode(t, err, codeParameter)
		}
	}
}

func TestParseEncoder(t *testing.T) {
	e, err := ParseEncoder(diag.Pos{}, "poisson:steps=7,seed=3,gain_q24=99", 784)
	if err != nil || e != Encoder(poisson{seed: 3, gain: 99, steps: 7, pixels: 784}) {
		t.Errorf("found %+v, %v", e, err)
	}
	e, err = ParseEncoder(diag.Pos{}, "latency", 10)
	if err != nil || e != Encoder(latency{steps: 100, pixels: 10, floor: 1}) {
		t.Errorf("found %+v, %v", e, err)
	}
	for text, random := range map[string]bool{"rate": true, "rate:phase=zero": false, "rate:phase=random": true, "rate:phase=0": false} {
		if e, err = ParseEncoder(diag.Pos{}, text, 784); err != nil || e.(rate).random != random {
			t.Errorf("%s: found %+v, %v", text, e, err)
		}
	}
	faults := []struct{ text, code, says string }{
		{"rate:phase=half", codeParameter, "parameter=whole number"},
		{"rate:seed=zero", codeParameter, "parameter=whole number"},
		{"poisson:seed=random", codeParameter, "parameter=whole number"},
		{"", codeEncoder, "poisson"},
		{"poison", codeEncoder, "write poisson"},
		{"poison:seed=x", codeParameter, "parameter=whole number"},
		{"poisson:", codeParameter, "parameter=whole number"},
		{"poisson:seed", codeParameter, "parameter=whole number"},
		{"poisson:seed=0.5", codeParameter, "parameter=whole number"},
		{"poisson:seed=1,seed=1", codeParameter, "twice"},
		{"poisson:sed=1", codeParameter, "write seed"},
		{"poisson:steps=5000", codeParameter, "expected 1..4096"},
		{"latency:seed=1", codeParameter, "steps, floor"},
	}
	for _, fault := range faults {
		_, err := ParseEncoder(diag.At("m.yaml", 4, 9), fault.text, 784)
		wantAt(t, err, fault.code, "m.yaml:4:9")
		if !strings.Contains(err.Error(), fault.says) {
			t.Errorf("%q: found %v, expected %q in it", fault.text, err, fault.says)
		}
	}
}

func FuzzParseEncoder(f *testing.F) {
	for _, kind := range Encoders {
		f.Add(kind.Name, 784)
		f.Add(kind.Name+":steps=3", 9)
	}
	f.Add("poisson:seed=9223372036854775808", 784)
	f.Add("threshold:levels=3,cue=0", 1)
	f.Fuzz(func(t *testing.T, text string, pixels int) {
		e, err := ParseEncoder(diag.Pos{}, text, pixels)
		if err != nil {
			if len(diag.All(err)) == 0 {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		if err := e.Encode([]byte{0, 255, 1, 128}, 1).Check(e.Steps(), e.Size()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLatency works the rule by hand for 11 rows.
func TestLatency(t *testing.T) {
	pixels := []byte{0, 1, 2, 128, 254, 255}
	got := mustEncoder(t, "latency", 6, map[string]int64{"steps": 11}).Encode(pixels, 0)
	// (255-x)*10/254, rounded down: 254/25.4 = 10, 253/25.4 = 9.96, 127/25.4 = 5, 1/25.4, 0.
	want := spikes.Train{{Row: 0, Index: 4, Payload: 1}, {Row: 0, Index: 5, Payload: 1}, {Row: 5, Index: 3, Payload: 1}, {Row: 9, Index: 2, Payload: 1}, {Row: 10, Index: 1, Payload: 1}}
	if !slices.Equal(got, want) {
		t.Errorf("found %v, expected %v", got, want)
	}
	got = mustEncoder(t, "latency", 6, map[string]int64{"steps": 11, "floor": 128}).Encode(pixels, 0)
	if !slices.Equal(got, want[:3]) {
		t.Errorf("floor 128: found %v, expected %v", got, want[:3])
	}
}

// TestConstant counts and measures the gaps between the spikes of one pixel.
func TestConstant(t *testing.T) {
	const steps = 1000
	e := mustEncoder(t, "constant", 3, map[string]int64{"steps": steps})
	levels := []byte{255, 100, 0}
	train := e.Encode(levels, 0)
	for p, x := range levels {
		if got, want := train.Counts(3)[p], steps*int(x)*whiteRate>>24; got != want {
			t.Errorf("grey level %d: found %d spikes, expected %d", x, got, want)
		}
	}
	last := int32(-1)
	for _, s := range train {
		// White fires with rate 0.19999: every fifth row, once in a while the sixth.
		if s.Index == 0 {
			if gap := s.Row - last; gap != 5 && gap != 6 {
				t.Fatalf("gap of %d rows before row %d", gap, s.Row)
			}
			last = s.Row
		}
	}
	full := mustEncoder(t, "constant", 1, map[string]int64{"steps": 50, "gain_q24": fullRate}).Encode([]byte{255}, 0)
	if len(full) != 50 {
		t.Errorf("full rate: found %d spikes in 50 rows", len(full))
	}
}
