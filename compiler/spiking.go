package compiler

import (
	"math"
	"math/bits"
	"time"

	"decc/compiler/model"
	"decc/compiler/spiking"
	"decc/ir/diag"
	"decc/ir/sem"
)

// SpikingNetwork builds the float network that a model of populations describes.
func SpikingNetwork(m *model.Model) (*spiking.Network, error) {
	s := m.Spiking
	sources := map[string]int{}
	var spec spiking.Spec
	for _, in := range s.Inputs {
		sources[in.Name] = len(sources)
		spec.Inputs = append(spec.Inputs, spiking.Input{Name: in.Name, N: in.Size, Payload: payload(s.Stimulus, in.Name)})
	}
	for i := range s.Populations {
		p := &s.Populations[i]
		sources[p.Name] = len(sources)
		spec.Populations = append(spec.Populations, population(p, share(m)))
	}
	for i := range s.Connections {
		c := &s.Connections[i]
		spec.Connections = append(spec.Connections, spiking.Connection{
			Name: c.Name, From: sources[c.From], To: sources[c.To] - len(s.Inputs), Weights: c.Values, Conv: c.Slide, Kernel: c.KernelShape, Max: c.Max(),
			Bias: c.Biases, Delay: whole(c.Delay.Data),
		})
	}
	n, err := spiking.New(spec)
	if err != nil {
		return nil, diag.Errorf(m.At(""), codeSpiking, "%v", err).WithFix("correct what the message names")
	}
	return n, nil
}

// countsType is the payload of recordings whose spikes carry the number of their events: a
// wider one would leave too little room for the sums of many synapses.
var countsType = sem.Type{Bits: 8}

// payload is the type of an input's graded spikes, the zero type where the stimulus has plain
// ones. Those of an event file are taken as plain.
func payload(s *model.Stimulus, input string) sem.Type {
	switch {
	case s == nil || s.Input != input:
		return sem.Type{}
	case s.Bin != nil && s.Bin.Counts:
		return countsType
	}
	least, most := int64(1), int64(1)
	for _, e := range s.Train {
		least, most = min(least, int64(e.Payload)), max(most, int64(e.Payload))
	}
	if least == 1 && most == 1 {
		return sem.Type{}
	}
	return sem.Type{Bits: uint8(1 + bits.Len64(uint64(max(most, -1-least)))), Signed: true}
}

func whole(x []int64) []int {
	out := make([]int, len(x))
	for i, v := range x {
		out[i] = int(v)
	}
	return out
}

// share is the part of a state with a time constant (ms) that is lost a row.
func share(m *model.Model) func(tau float64) float64 {
	dt := float64(m.Dt) / float64(time.Millisecond)
	if m.Spiking.Integration == "exponential" {
		return func(tau float64) float64 { return -math.Expm1(-dt / tau) }
	}
	return func(tau float64) float64 { return min(dt/tau, 1) }
}

// cells say how the kinds of NIR step, in terms of the shares of voltage and current that
// are lost a row. The input of a kind with a time constant moves its state by the same share.
var cells = map[string]struct {
	du, dv, in, gain func(c *model.Cell, s shares) []float64
	fire             func(c *model.Cell, s shares, p *spiking.Population) // nil: it never spikes
}{
	"I":          {all, none, all, resistance, nil},
	"IF":         {all, none, all, resistance, resets},
	"LI":         {all, voltage, all, resistedVoltage, nil},
	"LIF":        {all, voltage, all, resistedVoltage, resets},
	"CubaLI":     {current, voltage, weightedCurrent, resistedVoltage, nil},
	"CubaLIF":    {current, voltage, weightedCurrent, resistedVoltage, resets},
	"Threshold":  {all, all, all, all, forgets},
	"TernaryLIF": {current, voltage, weightedCurrent, resistedVoltage, ternary},
	"Graded":     {all, all, all, all, sends(spiking.Graded)},
	"GradedReLU": {all, all, all, all, sends(spiking.Rectified)},
	"ATRLIF":     {current, voltage, weightedCurrent, resistedVoltage, adaptive},
}

// shares are those of the time constants of a cell: without one, a current is lost at once and
// a voltage not at all, which then takes the current as a whole.
type shares struct{ current, voltage, entering, threshold, refractory []float64 }

func all(*model.Cell, shares) []float64                 { return []float64{1} }
func none(*model.Cell, shares) []float64                { return []float64{0} }
func resistance(c *model.Cell, _ shares) []float64      { return c.R.Data }
func voltage(_ *model.Cell, s shares) []float64         { return s.voltage }
func current(_ *model.Cell, s shares) []float64         { return s.current }
func resistedVoltage(c *model.Cell, s shares) []float64 { return product(c.R.Data, s.entering) }
func weightedCurrent(c *model.Cell, s shares) []float64 { return product(c.WIn.Data, s.current) }

func resets(c *model.Cell, _ shares, p *spiking.Population) {
	p.Threshold, p.Reset, p.Subtract = c.VThreshold.Data, c.VReset.Data, c.Reset == "subtract"
}

func forgets(c *model.Cell, _ shares, p *spiking.Population) {
	p.Threshold, p.Reset = c.VThreshold.Data, []float64{0}
}

func ternary(c *model.Cell, _ shares, p *spiking.Population) {
	p.Mode, p.Threshold, p.Lower = spiking.Ternary, c.VThreshold.Data, c.VLower.Data
	if p.Lower == nil {
		p.Lower = each(p.Threshold, func(x float64) float64 { return -x })
	}
}

func adaptive(c *model.Cell, s shares, p *spiking.Population) {
	p.Mode, p.Threshold, p.Step = spiking.Adaptive, c.VThreshold.Data, c.ThresholdStep.Data
	p.DTheta, p.DR = s.threshold, s.refractory
}

func sends(mode spiking.Mode) func(*model.Cell, shares, *spiking.Population) {
	return func(c *model.Cell, _ shares, p *spiking.Population) { p.Mode, p.Threshold = mode, c.VThreshold.Data }
}

func each(x []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = f(v)
	}
	return out
}

// product multiplies values of which there is one for all or one each.
func product(a, b []float64) []float64 {
	out := make([]float64, max(len(a), len(b)))
	for i := range out {
		out[i] = spiking.At(a, i) * spiking.At(b, i)
	}
	return out
}

func population(p *model.Population, share func(float64) float64) spiking.Population {
	c := &p.Cell
	tau := c.Tau.Data
	if tau == nil {
		tau = c.TauMem.Data
	}
	s := shares{
		current: shareOf(c.TauSyn.Data, share, 1), voltage: shareOf(tau, share, 0), entering: shareOf(tau, share, 1),
		threshold: each(c.TauThreshold.Data, share), refractory: each(c.TauRefractory.Data, share),
	}
	how := cells[c.Kind]
	out := spiking.Population{
		Name: p.Name, N: p.Size, DU: how.du(c, s), DV: how.dv(c, s), In: how.in(c, s), Gain: how.gain(c, s), Drift: []float64{0},
	}
	if tau != nil {
		out.Drift = product(c.VLeak.Data, s.voltage)
	}
	if how.fire != nil {
		how.fire(c, s, &out)
	}
	return out
}

// shareOf are the shares of time constants; without one it is that of none.
func shareOf(tau []float64, share func(float64) float64, none float64) []float64 {
	if tau == nil {
		return []float64{none}
	}
	return each(tau, share)
}
