package decolle

import (
	"fmt"

	"decc/ir/sem"
)

// Everything random in this package is a pure function of (seed, object, row,
// index) through sem.Draw. The objects and their rows and indices are:
//
//	LIF_layers.<l>.base_layer.weight|bias  row 0, index = element (row-major, PyTorch's shape)
//	readout_layers.<l>.weight|bias         row 0, index = element
//	dropout.<l>                            row = digit number * 2^20 + time step, index = neuron
//	order                                  row = epoch, index = step of the Fisher-Yates shuffle
//	learn.<l>.trace|factor|weight|bias     row = presentation * 2^20 + time step, index = input line, neuron,
//	                                       element (row-major), neuron; 0 where a layer shares one number
//
// where the digit number counts the digits seen since training began.

func weightName(l int) string      { return fmt.Sprintf("LIF_layers.%d.base_layer.weight", l) }
func biasName(l int) string        { return fmt.Sprintf("LIF_layers.%d.base_layer.bias", l) }
func readoutName(l int) string     { return fmt.Sprintf("readout_layers.%d.weight", l) }
func readoutBiasName(l int) string { return fmt.Sprintf("readout_layers.%d.bias", l) }

func dropoutName(l int) string { return fmt.Sprintf("dropout.%d", l) }

// stream is the random values of one (seed, object, row).
type stream uint64

// newStream is the stream of an object's sem.Key.
func newStream(seed, object, row uint64) stream {
	return stream(sem.SplitMix64(sem.SplitMix64(seed, object), row))
}

// bits is value number i.
func (s stream) bits(i uint64) uint64 { return sem.SplitMix64(uint64(s), i) }

// unit is value number i as a number in [0, 1) on a grid of 2^-53.
func (s stream) unit(i uint64) float64 { return float64(int64(s.bits(i)>>11)) / (1 << 53) }

// symmetric is value number i as a number in [-1, 1).
func (s stream) symmetric(i uint64) float64 { return 2*s.unit(i) - 1 }

// bell is sample number i of zero mean and unit variance, nearly normal: the sum of
// twelve uniform numbers less 6 (Irwin-Hall). It needs no transcendental function,
// so that the same bits come out on every processor.
func (s stream) bell(i uint64) float64 {
	sum := 0.0
	for k := range uint64(12) {
		sum += s.unit(12*i + k)
	}
	return sum - 6
}

// shuffled is a random order of 0..n-1.
func (s stream) shuffled(n int) []int32 {
	order := make([]int32, n)
	for i := range order {
		j := int(s.unit(uint64(i)) * float64(i+1))
		order[i] = order[j]
		order[j] = int32(i)
	}
	return order
}
