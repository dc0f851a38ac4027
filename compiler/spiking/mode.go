package spiking

import "math"

// Mode is how the neurons of a population spike.
type Mode uint8

// The modes. In all of them thresholds are strict unless they say otherwise.
const (
	// Plain spikes above Threshold, and then sets the voltage to Reset or subtracts Threshold.
	Plain Mode = iota
	// Ternary spikes above Threshold with payload 1 and below Lower with payload -1; either
	// sets the voltage to 0 (Lava's TernaryLIF).
	Ternary
	// Adaptive spikes where the voltage less a refractory state reaches a threshold that is no
	// longer strict; Threshold is that at rest. A spike adds Step to the threshold and twice the
	// threshold to the refractory state, and leaves the voltage alone (Lava's ATRLIF).
	Adaptive
	// Graded keeps nothing: it sends its voltage as the payload of a spike where the magnitude is
	// above Threshold, which is 0 or more (Lava's GradedVec).
	Graded
	// Rectified is Graded for voltages above Threshold alone (Lava's GradedReluVec).
	Rectified
)

// Sends tells that spikes carry the voltage, whatever it is.
func (m Mode) Sends() bool { return m == Graded || m == Rectified }

// modes say by Mode what a step does with the voltage v of neuron m: the payload of its spike,
// 0 for none, and the voltage that it leaves.
var modes = [...]struct {
	payloads bool // other than 1
	fire     func(c *cell, m int, v float64) (payload, left float64)
}{
	Plain:     {false, (*cell).firePlain},
	Ternary:   {true, (*cell).fireTernary},
	Adaptive:  {false, (*cell).fireAdaptive},
	Graded:    {true, func(c *cell, m int, v float64) (payload, left float64) { return c.send(m, v, math.Abs(v)) }},
	Rectified: {true, func(c *cell, m int, v float64) (payload, left float64) { return c.send(m, v, v) }},
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

func (c *cell) fireAdaptive(m int, v float64) (payload, left float64) {
	rest := At(c.Threshold, m)
	theta := float64((1-At(c.DTheta, m))*(c.theta[m]-rest)) + rest
	r := float64((1 - At(c.DR, m)) * c.r[m])
	if v-r >= theta {
		payload = 1
		r += 2 * theta
		theta += At(c.Step, m)
	}
	if c.theta[m], c.r[m] = theta, r; c.peaks != nil {
		c.peaks.note(m, 0, theta)
		c.peaks.note(m, 0, r)
	}
	return payload, v
}

// send sends a voltage whose size is above the threshold.
func (c *cell) send(m int, v, size float64) (payload, left float64) {
	if c.y[m] = 0; size > At(c.Threshold, m) {
		c.y[m] = v
	}
	return c.y[m], v
}

// adapt makes the state of mode Adaptive as it is at rest.
func (c *cell) adapt() {
	clear(c.r)
	for m := range c.theta {
		c.theta[m] = At(c.Threshold, m)
	}
}
