package quantise

import (
	"context"
	"fmt"
	"math"
	"slices"

	"decc/compiler/spiking"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// SpikingOptions of the quantisation of a spiking network.
type SpikingOptions struct {
	Name    string // of the module
	Profile sem.ProfileID
	// Programmable tells that the chip runs any neuron program (Loihi 2); without it there
	// are only the compartments of Loihi 1.
	Programmable bool
	// MaxThreshold is the largest that a compartment with fixed functions can have.
	MaxThreshold int64
	WeightBits   int // 2..8, sign included
	// PerLayer makes all neurons of a population share one scale; without Programmable they do.
	PerLayer bool
	// Unit is the integer voltage that stands for 1 in every population; 0 chooses it.
	Unit float64
	// Down rounds the decays down instead of to the nearest.
	Down bool
	// PayloadBits are those of the largest payload of populations that send values, sign
	// included: 2..23. Of several in a chain, each of which multiplies what it hears by its
	// weights, the last has all of them, the first of two half, and so on. 0 where there are none.
	PayloadBits int
	// Calibration are the inputs of samples of Rows steps, on which the float network
	// shows how large its values become; nil for none.
	Calibration []map[string]spikes.Train
	Rows        int
	DtNanos     int64
	// Populations and Connections are their places in the model; may be nil.
	Populations, Connections []diag.Pos
}

// narrower carries the work from population to population.
type narrower struct {
	SpikingOptions
	spec  *spiking.Spec
	peaks []spiking.Peaks
	depth []int // rows that a population is late against its float step
	// plans are those of the populations, nil for those that are not planned yet.
	plans []*populationPlan
	// before and after are how many populations that send values to each other lead to one of
	// them, and on from it.
	before, after []int
	module        *ir.Module
	report        Report
	found         diag.List
}

// Spiking quantises a spiking network. Population k of the network becomes a group of its
// name (on Loihi 1 one that subtracts at a spike becomes two or three), late by as many
// rows as it has populations and max-poolings before it; connections that lead past some of
// these get the delay that makes up for it. Result.Warnings tells what the chip cannot do alike. Equal
// inputs give equal modules.
func Spiking(ctx context.Context, net *spiking.Network, o SpikingOptions) (Result, error) {
	n := &narrower{
		SpikingOptions: o, spec: net.Spec(),
		module: &ir.Module{Name: o.Name, Stage: ir.Quantised, Profile: o.Profile, DtNanos: o.DtNanos},
	}
	if o.WeightBits < 2 || o.WeightBits > 8 {
		return Result{}, diag.Errorf(diag.Pos{}, codeBits, "%d bits for weights", o.WeightBits).WithFix("choose 2..8")
	}
	sends := func(p spiking.Population) bool { return p.Mode.Sends() }
	if (o.PayloadBits < 2 || o.PayloadBits > 23) && slices.ContainsFunc(n.spec.Populations, sends) {
		return Result{}, diag.Errorf(diag.Pos{}, codeBits, "%d bits for payloads", o.PayloadBits).WithFix("choose 2..23")
	}
	if len(o.Calibration) > 0 {
		var err error
		if n.peaks, err = net.Observe(ctx, o.Calibration, o.Rows); err != nil {
			return Result{}, err
		}
	}
	n.layDepths()
	for _, in := range n.spec.Inputs {
		n.module.Inputs = append(n.module.Inputs, &ir.Input{Name: in.Name, N: in.N, Payload: in.Payload})
	}
	n.planAll()
	for _, p := range n.plans {
		n.appendPopulation(p)
	}
	for c := range n.spec.Connections {
		n.appendConnection(c, n.plans[n.spec.Connections[c].To])
	}
	if err := n.found.Err(); err != nil {
		return Result{}, err
	}
	if err := ir.Verify(n.module); err != nil {
		return Result{}, err
	}
	return Result{Module: n.module, Report: n.report, Warnings: n.found}, nil
}

// layDepths makes every population as late as the latest that it hears within a step, and the
// connection from there.
func (n *narrower) layDepths() {
	n.depth = make([]int, len(n.spec.Populations))
	for k := range n.depth {
		n.depth[k] = 1
		for c := range n.spec.Connections {
			if x := &n.spec.Connections[c]; x.To == k && n.spec.Forward(x) {
				n.depth[k] = max(n.depth[k], n.late(x.From)+rowsOf(x))
			}
		}
	}
}

// late is the rows that a source is late against its float step.
func (n *narrower) late(source int) int {
	if k := source - len(n.spec.Inputs); k >= 0 {
		return n.depth[k]
	}
	return 0
}

func (n *narrower) positionOf(list []diag.Pos, i int) diag.Pos {
	if i < len(list) {
		return list[i]
	}
	return diag.Pos{}
}

func (n *narrower) warn(list []diag.Pos, i int, format string, args ...any) *diag.Diagnostic {
	d := n.found.Add(n.positionOf(list, i), codeDeparture, format, args...)
	d.Severity = diag.Warning
	return d
}

// populationPlan is how a population becomes integers.
type populationPlan struct {
	*spiking.Population
	k     int
	plane int       // neurons that share a scale: they stand together
	unit  []float64 // integer voltage that stands for 1, by scale
	scale float64   // of unit, in which the params of the program are: 1, or payloadScale
	du    []int64
	dv    []int64
	// drift is added to the voltage, feed to the current, in 1 of the float voltage.
	drift, feed []float64
	widest      []float64 // by scale, see narrower.widest
}

// effective is what a weight adds to the voltage of neuron i when it arrives.
func (p *populationPlan) effective(i int, w float64) float64 {
	return float64(w * spiking.At(p.In, i) * spiking.At(p.Gain, i))
}

func (p *populationPlan) unitOf(i int) float64 { return p.unit[i/p.plane] }

// planAll plans the populations that send values first: what the others get depends on their scales.
func (n *narrower) planAll() {
	n.plans = make([]*populationPlan, len(n.spec.Populations))
	n.layValues()
	for _, sends := range []bool{true, false} {
		for k := range n.plans {
			if n.sends(k) == sends {
				n.refuseRings(k)
				n.plans[k] = n.plan(k)
			}
		}
	}
}

// plan chooses the scales of population k.
func (n *narrower) plan(k int) *populationPlan {
	p := &populationPlan{Population: &n.spec.Populations[k], k: k, plane: 1, scale: 1}
	if p.Mode.Sends() {
		p.scale = payloadScale
	}
	p.du, p.dv = n.shares(p.DU), n.shares(p.DV)
	p.drift, p.feed = make([]float64, p.N), make([]float64, p.N)
	for i := range p.N {
		p.drift[i] = spiking.At(p.Drift, i)
	}
	for c := range n.spec.Connections {
		if x := &n.spec.Connections[c]; x.To == k {
			n.share(p, x)
		}
	}
	if n.PerLayer || n.Unit > 0 || !n.Programmable || p.Mode.Sends() || n.hearsUnlike(k) {
		p.plane = p.N
	}
	p.widest = n.widest(p)
	p.unit = n.units(p)
	for g, unit := range p.unit {
		if !(unit > 0) || math.IsInf(unit, 0) {
			n.found.Add(n.positionOf(n.Populations, k), codeRange, "population %q: what reaches neuron %d is too large or too small to be scaled to integers", p.Name, g*p.plane).
				WithFix("rescale its weights, threshold and constant inputs")
			p.unit[g] = 1
		}
	}
	if n.splits(p) {
		n.matchReset(p)
	}
	return p
}

// share takes what a connection says of a population: its biases, and which of its neurons
// have the same weights.
func (n *narrower) share(p *populationPlan, c *spiking.Connection) {
	for i, b := range c.Bias {
		p.feed[i] += p.effective(i, b)
	}
	if c.Conv != nil {
		out := c.Conv.Out(c.Kernel)
		p.plane = commonMultiple(p.plane, out[1]*out[2])
	}
}

// commonMultiple is the smallest: neurons that share a scale are whole channels of every
// kernel, however these cut the population up. As both divide its size, so does it.
func commonMultiple(a, b int) int {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}

// shares are decays in 1/4096 a row.
func (n *narrower) shares(x []float64) []int64 {
	out := make([]int64, len(x))
	for i, d := range x {
		if out[i] = round(decayOne * d); n.Down {
			out[i] = int64(decayOne * d)
		}
	}
	return out
}

// units are the integer voltages that stand for 1: as many as let the largest weight take
// the largest code of an exponent that leaves room for what the neurons do.
func (n *narrower) units(p *populationPlan) []float64 {
	switch {
	case n.Unit > 0:
		return []float64{n.Unit}
	case p.Mode.Sends():
		return []float64{n.payloadUnit(p)}
	}
	unit, room := make([]float64, p.N/p.plane), n.room(p)
	f := sem.WeightFormat{Bits: n.WeightBits, Sign: sem.Mixed}
	lossless := -int(f.LSB())
	for f.Exp = largestExp; f.Exp > lossless && !fit(codeLimit(n.WeightBits)*stepUnits(f), p.widest, room); f.Exp-- {
	}
	for g := range unit {
		unit[g] = min(codeLimit(n.WeightBits)*stepUnits(f)/p.widest[g], room[g])
	}
	return unit
}

// fit tells that no scale is beyond its room where its widest weight is top units.
func fit(top float64, widest, room []float64) bool {
	for g := range room {
		if top/widest[g] > room[g] {
			return false
		}
	}
	return true
}

// largestExp is the largest exponent with which all codes weigh what they should: with one
// more those above 127 meet the limit of a weight, 2^15 - 1 steps of 64.
const largestExp = sem.MaxWeightExp - 1

// widest is the largest effective weight by scale; the threshold where there is none.
func (n *narrower) widest(p *populationPlan) []float64 {
	out := make([]float64, p.N/p.plane)
	for c := range n.spec.Connections {
		x := &n.spec.Connections[c]
		if x.To != p.k {
			continue
		}
		step := n.payloadStep(x.From)
		n.spec.Each(x, func(_, post, weight int) {
			out[post/p.plane] = max(out[post/p.plane], math.Abs(p.effective(post, x.Weights[weight]*step)))
		})
	}
	for g := range out {
		if out[g] > 0 {
			continue
		}
		if out[g] = 1; p.Threshold != nil {
			out[g] = max(math.Abs(spiking.At(p.Threshold, g*p.plane)), math.SmallestNonzeroFloat32)
		}
	}
	return out
}

// assumedRange is how many thresholds currents and voltages are taken to reach where no
// calibration tells.
const assumedRange = 64

// room is the largest unit, by scale, with which what the neurons do takes half of 24 bits.
func (n *narrower) room(p *populationPlan) []float64 {
	out := make([]float64, p.N/p.plane)
	for i := range p.N {
		peak := max(assumedRange*n.typical(p, i), n.rest(p, i))
		if n.peaks != nil {
			peak = max(n.peaks[p.k].Current[i], n.peaks[p.k].Voltage[i], 2*n.typical(p, i))
		}
		most := target24 / peak
		if n.splits(p) {
			most = min(most, largestReset/math.Abs(spiking.At(p.Threshold, i)))
		}
		if g := i / p.plane; out[g] == 0 || most < out[g] {
			out[g] = most
		}
	}
	return out
}

// largestReset is the largest weight of a synapse that takes a threshold away.
const largestReset = 255 << (6 + largestExp)

// splits tells that a population is made of several compartments, see appendSplit.
func (n *narrower) splits(p *populationPlan) bool {
	return p.Threshold != nil && p.Subtract && !n.Programmable
}

// typical is the size of a voltage of neuron i: its threshold, or its largest weight, and
// what it is reset to or gets in every row.
func (n *narrower) typical(p *populationPlan, i int) float64 {
	size := 0.0
	for _, s := range p.voltages() {
		size = max(size, magnitude(s.of(p.Population), i))
	}
	if p.Threshold == nil && n.peaks == nil {
		size = p.widest[i/p.plane]
	}
	if !p.Subtract {
		size = max(size, magnitude(p.Reset, i))
	}
	return max(size, math.Abs(p.drift[i]), math.Abs(p.feed[i]), math.SmallestNonzeroFloat32)
}

// magnitude is that of value i, 0 where there are none.
func magnitude(x []float64, i int) float64 {
	if x == nil {
		return 0
	}
	return math.Abs(spiking.At(x, i))
}

// rest is how far the constant input alone takes the voltage of neuron i, 0 where nothing
// ends that: only a threshold that resets keeps it from getting there, and but for ternary
// neurons only above.
func (n *narrower) rest(p *populationPlan, i int) float64 {
	du, dv := spiking.At(p.DU, i), spiking.At(p.DV, i)
	if du == 0 || dv == 0 {
		return 0
	}
	v := (p.drift[i] + p.feed[i]/du) / dv
	resets := p.Spikes() && !p.Subtract && p.Mode != spiking.Adaptive
	if resets && (v >= 0 || p.Mode == spiking.Ternary) {
		return 0
	}
	return math.Abs(v)
}

// limit24 rounds a real in units to 24 bits and reports what does not fit.
func (n *narrower) limit24(p *populationPlan, what string, i int, x float64) int64 {
	v := round(x)
	if !(math.Abs(x) <= 2*biasLimit24) || v > biasLimit24 || v < -biasLimit24 {
		n.found.Add(n.positionOf(n.Populations, p.k), codeRange, "population %q: %s of neuron %d is %.4g units, 24 bits hold %d", p.Name, what, i, x, biasLimit24).
			WithFix("choose a smaller unit, or rescale weights and threshold")
		return 0
	}
	return v
}

// column is a param of all neurons, one value where they are equal.
func (n *narrower) column(p *populationPlan, what string, value func(i int) float64) *ir.Tensor {
	x := make([]int64, p.N)
	for i := range x {
		x[i] = n.limit24(p, what, i, value(i)*p.unitOf(i)*p.scale)
	}
	return compact(x)
}

func program(m *ir.Module, profile sem.ProfileID, name string) *ir.Program {
	if p := m.ProgramByName(name); p != nil {
		return p
	}
	p, err := ir.Builtin(name, profile)
	if err != nil {
		panic(fmt.Sprintf("BUG: builtin program %s: %v", name, err))
	}
	m.Programs = append(m.Programs, p)
	return p
}
