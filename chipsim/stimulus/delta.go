package stimulus

import "decc/ir/spikes"

// delta is delta modulation of an image that is scanned pixel by pixel, one a row: channel 0
// fires where the grey level has risen by the threshold or more, channel 1 where it has
// fallen so. The scan begins at black. The level before is that of the pixel before
// (reference previous, as spikegen.delta of snnTorch has it), or that of the pixel with the
// last spike (reference sent, "send on delta"), by which a slow change is seen too.
type delta struct {
	threshold, pixels int
	sent              bool
}

// The values of the parameter reference, which are those of its words.
const (
	deltaPrevious = iota
	deltaSent
)

func newDelta(pixels int, value map[string]int64) Encoder {
	return delta{threshold: int(value["threshold"]), pixels: pixels, sent: value["reference"] == deltaSent}
}

func (e delta) Steps() int { return e.pixels }

// Size is the two channels.
func (e delta) Size() int { return 2 }

// Encode ignores index.
func (e delta) Encode(pixels []byte, _ int) spikes.Train {
	image := make([]byte, e.pixels)
	copy(image, pixels)
	var train spikes.Train
	before := 0
	for i, x := range image {
		change := int(x) - before
		fires := max(change, -change) >= e.threshold
		if fires {
			channel := int32(0)
			if change < 0 {
				channel = 1
			}
			train = append(train, spikes.Event{Row: int32(i), Index: channel, Payload: 1})
		}
		if fires || !e.sent {
			before = int(x)
		}
	}
	return train
}
