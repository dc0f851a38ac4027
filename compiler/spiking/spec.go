package spiking

import (
	"fmt"
	"slices"

	"decc/ir"
	"decc/ir/sem"
)

// Spec is a network. Populations that are given spikes from outside come first and are
// named by Inputs; a source is counted over inputs, then populations.
type Spec struct {
	Inputs      []Input
	Populations []Population
	Connections []Connection
}

// Input is an external population. Payload is the type of the graded values that multiply
// the weights of its spikes; the zero type means plain spikes, which count once whatever
// their payload.
type Input struct {
	Name    string
	N       int
	Payload sem.Type
}

// Graded tells that payloads count.
func (in Input) Graded() bool { return in.Payload != sem.Type{} }

// Population is N neurons alike. Every slice has one value for all or N.
type Population struct {
	Name string
	N    int
	// DU and DV are the shares of current and voltage that are lost a step, 0..1; a DU of 1
	// is a current without memory.
	DU, DV []float64
	// In is the factor on what arrives, Gain that of the current into the voltage.
	In, Gain []float64
	// Drift is added to the voltage each step.
	Drift []float64
	// Threshold is nil for a population that never spikes: its voltage is the result.
	Threshold []float64
	// Reset is the voltage after a spike of mode Plain, unless Subtract.
	Reset    []float64
	Subtract bool
	// Mode says when the neurons spike, and what a spike does and carries.
	Mode Mode
	// Lower is the lower threshold of mode Ternary.
	Lower []float64
	// DTheta and DR are the shares of the threshold's rise and of the refractory state that mode
	// Adaptive loses a step; Step is what a spike adds to the threshold.
	DTheta, DR, Step []float64
}

// Spikes tells that the population can spike.
func (p *Population) Spikes() bool { return p.Threshold != nil }

// Connection carries spikes from a source to a population. Conv slides Weights of shape
// Kernel over the source; without it Weights is the matrix [to][from], in which 0 is no
// synapse.
type Connection struct {
	Name     string
	From, To int // To counts over Populations alone
	Weights  []float64
	Conv     *ir.Conv
	Kernel   []int
	// Max lets all spikes that arrive at a member of the target in a step count as one: the
	// maximum of plain spikes, which is their OR. It takes a kernel that leads from each channel
	// to itself, with one weight a channel, and a source without payloads.
	Max bool
	// Bias is what the members of the target get each step, before In; nil for none.
	Bias []float64
	// Delay is extra steps: one number, one for each member of the source, or one for each of
	// Weights; a kernel of as many weights as the source has members is given one for each weight.
	Delay []int
}

// Size is the number of members of a source.
func (s *Spec) Size(source int) int {
	if source < len(s.Inputs) {
		return s.Inputs[source].N
	}
	return s.Populations[source-len(s.Inputs)].N
}

// NameOf is the name of a source.
func (s *Spec) NameOf(source int) string {
	if source < len(s.Inputs) {
		return s.Inputs[source].Name
	}
	return s.Populations[source-len(s.Inputs)].Name
}

// Payloads tells that the spikes of a source multiply the weights that they meet.
func (s *Spec) Payloads(source int) bool {
	if source < len(s.Inputs) {
		return s.Inputs[source].Graded()
	}
	return modes[s.Populations[source-len(s.Inputs)].Mode].payloads
}

// Forward tells that a connection passes spikes within the step.
func (s *Spec) Forward(c *Connection) bool { return c.From-len(s.Inputs) < c.To }

// Each visits the synapses of a connection by target, then source, with the place of
// their weight; zeros of a matrix are visited too.
func (s *Spec) Each(c *Connection, visit func(pre, post, weight int)) {
	if c.Conv != nil {
		c.Conv.Each(c.Kernel, visit)
		return
	}
	n := s.Size(c.From)
	for i := range c.Weights {
		visit(i%n, i/n, i)
	}
}

// DelayOf is the extra steps of a synapse.
func (c *Connection) DelayOf(pre, weight int) int {
	switch len(c.Delay) {
	case 0:
		return 0
	case 1:
		return c.Delay[0]
	case len(c.Weights):
		return c.Delay[weight]
	}
	return c.Delay[pre]
}

// At is the value of member i of a slice that has one value for all or one each.
func At(x []float64, i int) float64 {
	if len(x) == 1 {
		return x[0]
	}
	return x[i]
}

// Check tells what is wrong with the sizes and delays of a network.
func (s *Spec) Check() error {
	for i := range s.Populations {
		if err := s.Populations[i].check(); err != nil {
			return err
		}
	}
	for i := range s.Connections {
		if err := s.checkConnection(&s.Connections[i]); err != nil {
			return fmt.Errorf("connection %s: %w", s.Connections[i].Name, err)
		}
	}
	return nil
}

// check tells what of a population has neither one value nor one each.
func (p *Population) check() error {
	for _, x := range []struct {
		name   string
		values []float64
		needed bool
	}{
		{"du", p.DU, true},
		{"dv", p.DV, true},
		{"in", p.In, true},
		{"gain", p.Gain, true},
		{"drift", p.Drift, true},
		{"threshold", p.Threshold, p.Mode != Plain},
		{"reset", p.Reset, p.Spikes() && p.Mode == Plain && !p.Subtract},
		{"lower threshold", p.Lower, p.Mode == Ternary},
		{"dtheta", p.DTheta, p.Mode == Adaptive},
		{"dr", p.DR, p.Mode == Adaptive},
		{"threshold step", p.Step, p.Mode == Adaptive},
	} {
		if n := len(x.values); n != 1 && n != p.N && (n > 0 || x.needed) {
			return fmt.Errorf("population %s: %d values of %s for %d neurons", p.Name, n, x.name, p.N)
		}
	}
	keeps := func(share float64) bool { return share != 1 }
	if p.Mode.Sends() && (slices.ContainsFunc(p.DU, keeps) || slices.ContainsFunc(p.DV, keeps)) {
		return fmt.Errorf("population %s: neurons that send their voltage keep nothing of it", p.Name)
	}
	return nil
}

// maxDelay bounds the steps for which what arrives is kept.
const maxDelay = 1 << 16

func (s *Spec) checkConnection(c *Connection) error {
	if c.From < 0 || c.From >= len(s.Inputs)+len(s.Populations) || c.To < 0 || c.To >= len(s.Populations) {
		return fmt.Errorf("it leads from source %d to population %d", c.From, c.To)
	}
	from, to := s.Size(c.From), s.Populations[c.To].N
	if c.Conv == nil && len(c.Weights) != from*to {
		return fmt.Errorf("%d weights for %d to %d neurons", len(c.Weights), from, to)
	}
	if c.Conv != nil {
		if err := c.Conv.Check(c.Kernel); err != nil {
			return err
		}
		out := c.Conv.Out(c.Kernel)
		if in := c.Conv.In; in[0]*in[1]*in[2] != from || out[0]*out[1]*out[2] != to {
			return fmt.Errorf("a kernel from %v to %v for %d to %d neurons", in, out, from, to)
		}
		if k := c.Kernel; len(c.Weights) != k[0]*k[1]*k[2]*k[3] {
			return fmt.Errorf("%d weights for a kernel of shape %v", len(c.Weights), k)
		}
	}
	if err := s.checkMax(c); err != nil {
		return err
	}
	if n := len(c.Bias); n != 0 && n != to {
		return fmt.Errorf("%d biases for %d neurons", n, to)
	}
	if n := len(c.Delay); n > 1 && n != from && n != len(c.Weights) {
		return fmt.Errorf("%d delays for %d neurons and %d weights", n, from, len(c.Weights))
	}
	for _, d := range c.Delay {
		if d < 0 || d > maxDelay {
			return fmt.Errorf("delay %d, allowed is 0..%d", d, maxDelay)
		}
	}
	return nil
}

// checkMax makes sure that what a member of the target gets is either nothing or one weight.
func (s *Spec) checkMax(c *Connection) error {
	switch {
	case !c.Max:
		return nil
	case s.Payloads(c.From):
		return fmt.Errorf("max-pooling of %s, whose spikes have payloads", s.NameOf(c.From))
	case c.Conv == nil || c.Conv.Groups != c.Kernel[0] || c.Kernel[1] != 1:
		return fmt.Errorf("max-pooling that is no kernel from each channel to itself")
	}
	window := c.Kernel[2] * c.Kernel[3]
	for i, w := range c.Weights {
		if w != c.Weights[i-i%window] {
			return fmt.Errorf("max-pooling with different weights in channel %d", i/window)
		}
	}
	return nil
}
