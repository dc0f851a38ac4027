package stimulus

import "decc/ir/spikes"

// constant spreads the spikes of each pixel evenly: after n rows a pixel of grey level
// x has fired floor(n*x*gain/2^24) times, the mean of the Poisson encoder rounded down.
type constant struct {
	gain          uint64
	steps, pixels int
}

func newConstant(pixels int, value map[string]int64) Encoder {
	return constant{gain: uint64(value["gain_q24"]), steps: int(value["steps"]), pixels: pixels}
}

func (e constant) Steps() int { return e.steps }
func (e constant) Size() int  { return e.pixels }

// Encode ignores index. A gain above 2^24/255 makes white fire in every row, no more:
// what exceeds one spike a row is dropped by capping the rate at 1.
func (e constant) Encode(pixels []byte, _ int) spikes.Train {
	var train spikes.Train
	for t := range uint64(e.steps) {
		for p, x := range clip(pixels, e.pixels) {
			rate := min(uint64(x)*e.gain, 1<<24)
			if (t+1)*rate>>24 != t*rate>>24 {
				train = append(train, spikes.Event{Row: int32(t), Index: int32(p), Payload: 1})
			}
		}
	}
	return train
}

// latency gives each pixel of at least floor one spike: white in row 0, grey level 1
// in the last row, levels between in proportion, rounded down.
type latency struct {
	steps, pixels int
	floor         byte
}

func newLatency(pixels int, value map[string]int64) Encoder {
	return latency{steps: int(value["steps"]), pixels: pixels, floor: byte(value["floor"])}
}

func (e latency) Steps() int { return e.steps }
func (e latency) Size() int  { return e.pixels }

// Encode ignores index.
func (e latency) Encode(pixels []byte, _ int) spikes.Train {
	var train spikes.Train
	for p, x := range clip(pixels, e.pixels) {
		if x >= e.floor {
			row := (255 - int(x)) * (e.steps - 1) / 254
			train = append(train, spikes.Event{Row: int32(row), Index: int32(p), Payload: 1})
		}
	}
	train.Sort()
	return train
}
