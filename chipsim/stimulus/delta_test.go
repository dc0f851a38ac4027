package stimulus

import (
	"slices"
	"testing"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// TestDelta works both references by hand, with threshold 10.
func TestDelta(t *testing.T) {
	pixels := []byte{10, 19, 20, 29, 39, 30, 21, 21, 11, 255, 0}
	for reference, want := range map[int64]spikes.Train{
		// The changes are +10 +9 +1 +9 +10 -9 -9 0 -10 +244 -255, the last pixel is black.
		deltaPrevious: {{Row: 0, Index: 0}, {Row: 4, Index: 0}, {Row: 8, Index: 1}, {Row: 9, Index: 0}, {Row: 10, Index: 1}},
		// Against the level of the last spike: 10; 20; 39 (29 is +9); 21 (30 is -9); 11; 255; 0.
		deltaSent: {
			{Row: 0, Index: 0},
			{Row: 2, Index: 0},
			{Row: 4, Index: 0},
			{Row: 6, Index: 1},
			{Row: 8, Index: 1},
			{Row: 9, Index: 0},
			{Row: 10, Index: 1},
		},
	} {
		e := mustEncoder(t, "delta", len(pixels)+1, map[string]int64{"threshold": 10, "reference": reference})
		if e.Steps() != 12 || e.Size() != 2 {
			t.Errorf("%d rows, %d members", e.Steps(), e.Size())
		}
		for i := range want {
			want[i].Payload = 1
		}
		if got := e.Encode(pixels, 0); !slices.Equal(got, want) {
			t.Errorf("reference %d: %v, want %v", reference, got, want)
		}
	}
	e, err := ParseEncoder(diag.Pos{}, "delta:reference=sent,threshold=255", 2)
	if err != nil || e != Encoder(delta{255, 2, true}) {
		t.Errorf("found %+v, %v", e, err)
	}
	if got := e.Encode([]byte{255, 1}, 0); len(got) != 1 || got[0].Index != 0 {
		t.Errorf("threshold 255: %v, want white alone", got)
	}
}

// On real digits the level that the spikes send stays within the threshold of the image.
func TestDeltaFollowsDigits(t *testing.T) {
	digits := excerpt(t).Head(20)
	e := mustEncoder(t, "delta", 784, map[string]int64{"threshold": 40, "reference": deltaSent})
	for i := range digits.Len() {
		image, sent := digits.Image(i), 0
		train := e.Encode(image, i)
		if len(train) < 20 {
			t.Errorf("digit %d: %d spikes", i, len(train))
		}
		for p, x := range image {
			if len(train) > 0 && int(train[0].Row) == p {
				if up := int(x) > sent; up != (train[0].Index == 0) {
					t.Errorf("digit %d, pixel %d: the wrong channel fires", i, p)
				}
				sent, train = int(x), train[1:]
			}
			if d := int(x) - sent; d <= -40 || d >= 40 {
				t.Fatalf("digit %d, pixel %d is %d, sent is %d", i, p, x, sent)
			}
		}
	}
}
