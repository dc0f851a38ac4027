package stimulus

import "decc/ir/spikes"

// threshold presents an image pixel by pixel, one a row, followed by rows with a cue:
// the input of the sequential MNIST network that ran on Loihi (golden/loihi1-smnist,
// whose 840 rows and 80 channels are the defaults: 40 levels, 56 rows of cue).
// Channel 2k fires where the grey level rises to or over bound k from pixel to pixel,
// channel 2k+1 where it falls below; k = 0 and the last k are not watched. The last
// two channels tell full white and the cue.
type threshold struct {
	bound       []int // [level] grey level, rising
	pixels, cue int
}

func newThreshold(pixels int, value map[string]int64) Encoder {
	levels := int(value["levels"])
	e := threshold{bound: make([]int, levels), pixels: pixels, cue: int(value["cue"])}
	for k := range e.bound {
		e.bound[k] = 255 * k / (levels - 1)
	}
	return e
}

func (e threshold) Steps() int { return e.pixels + e.cue }
func (e threshold) Size() int  { return 2 * len(e.bound) }

// Encode ignores index.
func (e threshold) Encode(pixels []byte, _ int) spikes.Train {
	image := make([]byte, e.pixels)
	copy(image, pixels)
	white, cue := int32(e.Size()-2), int32(e.Size()-1)
	var train spikes.Train
	fire := func(row int, channel int32) {
		train = append(train, spikes.Event{Row: int32(row), Index: channel, Payload: 1})
	}
	for i, x := range image {
		if i+1 < len(image) {
			e.crossings(int(x), int(image[i+1]), func(channel int32) { fire(i, channel) })
		}
		if x == 255 {
			fire(i, white)
		}
	}
	for row := e.pixels; row < e.Steps(); row++ {
		fire(row, cue)
	}
	return train
}

// crossings calls fire for every watched bound between two neighbouring grey levels.
func (e threshold) crossings(from, to int, fire func(channel int32)) {
	for k := 1; k < len(e.bound)-1; k++ {
		if from < e.bound[k] && e.bound[k] <= to {
			fire(int32(2 * k))
		}
		if from >= e.bound[k] && e.bound[k] > to {
			fire(int32(2*k + 1))
		}
	}
}
