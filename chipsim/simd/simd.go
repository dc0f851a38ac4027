// Package simd is the inner loops of the simulator over many lanes at once: in vectors of 256 bits where the processor has them
// (AVX2), else in Go. Both give the same integers, on any machine; tests hold one against the other.
//
// The kernels for amd64 are written by the generator in _gen (make kernels); -tags purego leaves them out.
package simd

// Lanes is what rows of weights are a multiple of; the rest is filled up with 0.
const Lanes = 16

// MostRows is how many rows of weights of 8 bits lanes of 16 bits take: 256 times -128 and 127 fit, one more
// does not.
const MostRows = 256

// AddRow adds weights, a multiple of Lanes, to the first lanes of 16 bits.
func AddRow(into []int16, weights []int8) {
	if len(weights)%Lanes != 0 || len(weights) > len(into) {
		panic("simd: a row that is no multiple of the lanes, or longer than what it is added to")
	}
	if len(weights) > 0 {
		implementation.addRow(into, weights)
	}
}

// Drain adds lanes of 16 bits, a multiple of Lanes, times 2^shift to the first accumulators, and clears the lanes.
func Drain(into []int64, stage []int16, shift uint) {
	if len(stage)%Lanes != 0 || len(stage) > len(into) {
		panic("simd: lanes that are no multiple, or more than what they are added to")
	}
	if len(stage) > 0 {
		implementation.drain(into, stage, shift)
	}
}

// kernels are one implementation of the loops. A program is nil where there is none: the caller has its own in Go. n is a multiple of
// 4, and the spikes have a byte for each four lanes.
type kernels struct {
	addRow  func(into []int16, weights []int8)
	drain   func(into []int64, stage []int16, shift uint)
	sum     func(words []uint64) uint64
	cuba    Program
	decolle Program

	narrowCuba, narrowDecolle Narrow
}

// Program updates n compartments, a multiple of 4, in place. The fields of the neuron program, and then what else it writes, are
// lists of n or more; with sameParams, those of params are the same value four times. A byte of spikes has the lanes of four
// that fire, the first in bit 0.
type Program func(fields *[16]*int64, n int, sameParams bool, spikes []uint8)

// Cuba is the neuron program of that name, nil where the processor has no vectors.
func Cuba() Program { return implementation.cuba }

// Decolle is the neuron program of that name and then m, nil where the processor has no vectors.
func Decolle() Program { return implementation.decolle }

// Narrow is a Program for lanes of 32 bits: n compartments, a multiple of 8, and eight copies of each param, which all share. It
// returns the bits of states that changed. A byte of spikes has the lanes of eight that fire. Its loops are nil
// where the processor has no vectors.
type Narrow struct {
	// Accumulators takes what arrived from accumulators, of which only the low bits count.
	Accumulators func(states *[4]*int32, drive *int64, params *[8]int32, n int, spikes *uint8) uint32
	// Bank takes it from lanes of 16 bits as AddRow leaves them, times 2^shift, and clears them.
	Bank func(states *[4]*int32, bank *int16, shift uint64, params *[8]int32, n int, spikes *uint8) uint32
}

// NarrowCuba has the states u, v, c and the params 4096-du, 4096-dv, vth, bias, max(refrac, 1)-1, vmin, vmax; decays are
// 0..4096.
func NarrowCuba() Narrow { return implementation.narrowCuba }

// NarrowDecolle has the states u, v, r, s and the params 4096-du, 4096-dv, 4096-dr, gain, wr, bias, vth, vmin, vmax; decays
// are 0..4096.
func NarrowDecolle() Narrow { return implementation.narrowDecolle }

// implementation is what this processor can do.
var implementation = kernels{addRow: addRowGo, drain: drainGo, sum: sumGo}

// Sum adds words, a multiple of Lanes: a plain read of memory, beside which other reads are measured.
func Sum(words []uint64) uint64 {
	if len(words)%Lanes != 0 {
		panic("simd: words that are no multiple of the lanes")
	}
	if len(words) == 0 {
		return 0
	}
	return implementation.sum(words)
}

func sumGo(words []uint64) uint64 {
	total := uint64(0)
	for _, w := range words {
		total += w
	}
	return total
}

func addRowGo(into []int16, weights []int8) {
	into = into[:len(weights)]
	for i, w := range weights {
		into[i] += int16(w)
	}
}

func drainGo(into []int64, stage []int16, shift uint) {
	into = into[:len(stage)]
	for i, x := range stage {
		into[i] += int64(x) << shift
		stage[i] = 0
	}
}
