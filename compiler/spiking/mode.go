package spiking

// Mode is how the neurons of a population spike.
type Mode uint8

// The modes. In all of them thresholds are strict unless they say otherwise.
const (
	// Plain spikes above Threshold, and then sets the voltage to Reset or subtracts Threshold.
	Plain Mode = iota
	// Ternary spikes above Threshold with payload 1 and below Lower with payload -1; either
	// sets the voltage to 0 (Lava's TernaryLIF).
	Ternary
)

// modes say by Mode what a step does with the voltage v of neuron m: the payload of its spike,
// 0 for none, and the voltage that it leaves.
var modes = [...]struct {
	payloads bool // other than 1
	fire     func(c *cell, m int, v float64) (payload, left float64)
}{
	Plain:   {false, (*cell).firePlain},
	Ternary: {true, (*cell).fireTernary},
}

func (c *cell) firePlain(m int, v float64) (payload, left float64) {
	switch {
	case c.Threshold == nil || !(v > At(c.Threshold, m)):
		return 0, v
	case c.Subtract:
		return 1, v - At(c.Threshold, m)
	}
	return 1, At(c.Reset, m)
}

func (c *cell) fireTernary(m int, v float64) (payload, left float64) {
	switch {
	case v > At(c.Threshold, m):
		return 1, 0
	case v < At(c.Lower, m):
		return -1, 0
	}
	return 0, v
}
