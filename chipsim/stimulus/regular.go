package stimulus

import (
	"decc/ir/sem"
	"decc/ir/spikes"
)

// rate is deterministic rate coding: the accumulator of a pixel of grey level x starts at
// its phase, grows by x*gain in every row, and gives a spike whenever it passes a multiple
// of 2^24. After n rows the pixel has fired floor((n*x*gain + phase)/2^24) times, the mean
// of the Poisson encoder up to one spike.
type rate struct {
	gain          uint64
	steps, pixels int
	random        bool   // phases are drawn; else all are 0
	seed          uint64 // of the phases
}

// phaseRandom is the value of parameter phase that draws them.
const phaseRandom = 1

// ratePhase names the stream of the phases.
var ratePhase = sem.Key("encoder.rate.phase")

func newRate(pixels int, value map[string]int64) Encoder {
	e := rate{gain: uint64(value["gain_q24"]), steps: int(value["steps"]), pixels: pixels}
	if value["phase"] == phaseRandom {
		e.random, e.seed = true, uint64(value["seed"])
	}
	return e
}

// newConstant spreads the spikes of each pixel evenly: rate with all phases 0.
func newConstant(pixels int, value map[string]int64) Encoder {
	return rate{gain: uint64(value["gain_q24"]), steps: int(value["steps"]), pixels: pixels}
}

func (e rate) withSeed(seed uint64) Encoder {
	if e.random {
		e.seed = seed
	}
	return e
}

func (e rate) Steps() int { return e.steps }
func (e rate) Size() int  { return e.pixels }

// accumulator is a pixel that can fire: after n rows it holds phase + n*step.
type accumulator struct {
	pixel       int32
	phase, step uint64
}

// Encode needs index for random phases only. A gain above 2^24/255 makes white fire in
// every row, no more: what exceeds one spike a row is dropped by capping the rate at 1.
func (e rate) Encode(pixels []byte, index int) spikes.Train {
	var train spikes.Train
	ink := e.ink(pixels, index)
	for t := range uint64(e.steps) {
		for _, a := range ink {
			if (a.phase+(t+1)*a.step)>>24 != (a.phase+t*a.step)>>24 {
				train = append(train, spikes.Event{Row: int32(t), Index: a.pixel, Payload: 1})
			}
		}
	}
	return train
}

// ink lists the pixels that are not black.
func (e rate) ink(pixels []byte, index int) []accumulator {
	var list []accumulator
	for p, x := range clip(pixels, e.pixels) {
		if x > 0 {
			list = append(list, accumulator{int32(p), e.phase(index, p), min(uint64(x)*e.gain, 1<<24)})
		}
	}
	return list
}

// phase is where the accumulator of a pixel starts, below 2^24.
func (e rate) phase(index, pixel int) uint64 {
	if !e.random {
		return 0
	}
	return uint64(sem.DrawBits(e.seed, ratePhase, uint64(index), uint64(pixel), 24))
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
