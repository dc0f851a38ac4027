package stimulus

import (
	"decc/ir/sem"
	"decc/ir/spikes"
)

// The key of one random number is (index*4096 + row)*1024 + pixel.
const (
	poissonRows   = maxSteps
	poissonPixels = 1024
)

// poisson is the portable Bernoulli rule of the recorded checkpoints (their README):
// pixel p of grey level x fires in row t of digit d iff the upper 24 bits of output
// (d*4096+t)*1024+p of SplitMix64 are below x*gain, that is with probability
// x*gain/2^24.
type poisson struct {
	seed          uint64
	gain          uint64
	steps, pixels int
}

func newPoisson(pixels int, value map[string]int64) Encoder {
	return poisson{seed: uint64(value["seed"]), gain: uint64(value["gain_q24"]), steps: int(value["steps"]), pixels: pixels}
}

func (e poisson) withSeed(seed uint64) Encoder {
	e.seed = seed
	return e
}

func (e poisson) Steps() int { return e.steps }
func (e poisson) Size() int  { return e.pixels }

// inked is a pixel that can fire: its number and the bound of its random number.
type inked struct {
	pixel int32
	bound uint64
}

// Encode draws numbers for the pixels that are not black only: a counter-based
// generator has nothing to skip.
func (e poisson) Encode(pixels []byte, index int) spikes.Train {
	ink, sum := e.ink(pixels)
	// The mean count plus an eighth: above four standard deviations for real digits.
	mean := sum * e.gain >> 24 * uint64(e.steps)
	train := make(spikes.Train, 0, mean+mean/8+16)
	row := make(spikes.Train, len(ink)+1)
	for t := range e.steps {
		key := (uint64(index)*poissonRows + uint64(t)) * poissonPixels
		// Every candidate is written and kept only if it fires: a branch on a random
		// bit would cost more than the hash.
		fired := uint64(0)
		for _, k := range ink {
			row[fired] = spikes.Event{Row: int32(t), Index: k.pixel, Payload: 1}
			fired += (sem.SplitMix64(e.seed, key+uint64(k.pixel))>>40 - k.bound) >> 63
		}
		train = append(train, row[:fired]...)
	}
	return train
}

// ink lists the pixels that can fire and adds up their grey levels.
func (e poisson) ink(pixels []byte) (list []inked, sum uint64) {
	list = make([]inked, 0, e.pixels/2)
	for p, x := range clip(pixels, e.pixels) {
		if x > 0 {
			list = append(list, inked{pixel: int32(p), bound: uint64(x) * e.gain})
			sum += uint64(x)
		}
	}
	return list, sum
}

// clip cuts an image that is longer than n pixels.
func clip(pixels []byte, n int) []byte { return pixels[:min(len(pixels), n)] }
