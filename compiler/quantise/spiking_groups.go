package quantise

import (
	"slices"

	"decc/compiler/spiking"
	"decc/ir"
	"decc/ir/fix"
	"decc/ir/sem"
)

// appendPopulation adds the group of a population, with the partners that it needs, and the
// layer that the host sees.
func (n *narrower) appendPopulation(p *populationPlan) {
	layer := &ir.Layer{Name: p.Name, Spikes: p.Name, SpikesLag: n.depth[p.k], Pos: n.positionOf(n.Populations, p.k)}
	if p.Mode.Sends() {
		layer.Readout, layer.Value, layer.ReadoutLag = p.Name, spiking.Value, n.depth[p.k]
	}
	special, own := specials[p.Mode]
	switch {
	case own:
		n.appendSpecial(p, special)
	case p.Threshold == nil:
		layer.Spikes, layer.SpikesLag = n.speaker(p)
		n.appendIntegrator(p, layer.Spikes == p.Name)
		layer.Readout, layer.Value, layer.ReadoutLag = p.Name, spiking.Voltage, n.depth[p.k]
	case !n.Programmable && p.restless():
		n.refuseThreshold(p)
	case n.native(p):
		n.appendCuba(p)
	case n.Programmable:
		n.appendLIF(p)
	case p.Subtract:
		n.appendSplit(p)
	default:
		n.refuseReset(p)
	}
	n.module.Layers = append(n.module.Layers, layer)
	n.explain(p)
}

// speaker is the group whose spikes a layer without spikes of its own reads, and how late
// those are; where it hears inputs alone, itself, which then must be able to.
func (n *narrower) speaker(p *populationPlan) (string, int) {
	for c := range n.spec.Connections {
		if x := &n.spec.Connections[c]; x.To == p.k && x.From >= len(n.spec.Inputs) {
			return n.spec.Populations[x.From-len(n.spec.Inputs)].Name, n.late(x.From)
		}
	}
	return p.Name, n.depth[p.k]
}

// moves tells that a population does something without spikes that arrive, which it would
// do before its first step.
func (p *populationPlan) moves() bool {
	nonzero := func(x float64) bool { return x != 0 }
	return p.restless() || slices.ContainsFunc(p.drift, nonzero) || slices.ContainsFunc(p.feed, nonzero)
}

// restless tells that neurons of a population spike at a voltage of 0.
func (p *populationPlan) restless() bool {
	return slices.ContainsFunc(p.Threshold, func(x float64) bool { return x < 0 })
}

// direct tells that no current is kept, so that a constant input can go to the voltage.
func (p *populationPlan) direct() bool {
	return !slices.ContainsFunc(p.du, func(d int64) bool { return d != decayOne })
}

// native tells that the compartment of Loihi 1 does all that the population does. Where a
// chip has no other, it also serves what it can only do nearly.
func (n *narrower) native(p *populationPlan) bool {
	if p.Subtract || slices.ContainsFunc(p.Reset, func(r float64) bool { return r != 0 }) {
		return false
	}
	return !n.Programmable || !p.moves()
}

func (n *narrower) group(p *populationPlan, name, programName string, params ...ir.Param) *ir.Group {
	g := &ir.Group{Name: name, N: p.N, Program: program(n.module, n.Profile, programName), Pos: n.positionOf(n.Populations, p.k)}
	for _, x := range params {
		g.SetParam(x.Name, x.Values)
	}
	n.module.Groups = append(n.module.Groups, g)
	return g
}

func decays(p *populationPlan) []ir.Param {
	return []ir.Param{{Name: "du", Values: compact(p.du)}, {Name: "dv", Values: compact(p.dv)}}
}

func (n *narrower) appendCuba(p *populationPlan) {
	n.group(p, p.Name, "cuba", append(decays(p), n.bias(p), ir.Param{Name: "vth", Values: n.threshold(p)})...)
}

// appendIntegrator adds a population that never spikes; heard tells that the host listens
// to its spikes all the same, as every layer has a group that could.
func (n *narrower) appendIntegrator(p *populationPlan, heard bool) {
	switch {
	case n.Programmable && p.moves():
		n.group(p, p.Name, "lif", append(n.own(p), ir.Param{Name: "vth", Values: ir.Scalar(biasLimit24)})...)
	case heard:
		n.group(p, p.Name, "cuba", append(decays(p), n.bias(p), ir.Param{Name: "vth", Values: ir.Scalar(n.MaxThreshold)})...)
	default:
		n.group(p, p.Name, "dendrite", append(decays(p), n.bias(p))...)
	}
}

// own are the params of @lif that say what comes without spikes.
func (n *narrower) own(p *populationPlan) []ir.Param {
	list := append(decays(p), ir.Param{Name: "bias", Values: n.column(p, "drift", func(i int) float64 { return p.drift[i] })},
		ir.Param{Name: "feed", Values: n.column(p, "bias", func(i int) float64 { return p.feed[i] })})
	if !p.moves() {
		return list
	}
	late, most := int64(n.depth[p.k]), n.mostLate()
	if late > most {
		n.found.Add(n.positionOf(n.Populations, p.k), codeRange, "population %q, which spikes or moves without input, has %d rows of populations and poolings before it", p.Name, late-1).
			WithNote("limit: %d", most-1).WithFix("take away its bias and its drift, or make the network less deep")
	}
	return append(list, ir.Param{Name: "late", Values: ir.Scalar(min(late, most))})
}

// mostLate is the largest value of late in @lif.
func (n *narrower) mostLate() int64 {
	lif := program(n.module, n.Profile, "lif")
	_, most := lif.Fields[lif.FieldIndex("late")].Type.Limits()
	return most
}

func (n *narrower) appendLIF(p *populationPlan) {
	params := append(n.own(p), ir.Param{Name: "vth", Values: n.threshold(p)})
	if p.Subtract {
		params = append(params, ir.Param{Name: "soft", Values: ir.Scalar(1)})
	} else {
		params = append(params, n.values(p, "vreset", "reset", p.Reset))
	}
	n.group(p, p.Name, "lif", params...)
}

// appendSplit makes compartments of Loihi 1 subtract at a spike. One that never spikes keeps
// current and voltage and passes the voltage to one without memory, which compares it with
// the threshold; its spike takes the threshold from the voltage a row later, by a synapse.
// A current with memory would smear that, so there the subtracted voltage has a
// compartment of its own: voltages add up.
func (n *narrower) appendSplit(p *populationPlan) {
	keep := n.entrance(p)
	n.group(p, keep, "dendrite", append(decays(p), n.bias(p))...)
	into := keep
	if !p.direct() {
		into = n.spare(p.Name + "-reset")
		n.group(p, into, "dendrite", ir.Param{Name: "du", Values: ir.Scalar(decayOne)}, ir.Param{Name: "dv", Values: compact(p.dv)})
	}
	soma := n.group(p, p.Name, "cuba", ir.Param{Name: "du", Values: ir.Scalar(decayOne)}, ir.Param{Name: "dv", Values: ir.Scalar(decayOne)}, ir.Param{Name: "vth", Values: n.threshold(p)})
	weights, ends := make([]int64, p.N), make([]int64, 0, 2*p.N)
	for i := range weights {
		vth := soma.Param("vth", i)
		weights[i] = -fix.ShrZ(vth*(decayOne-p.dv[min(i, len(p.dv)-1)]), 12)
		ends = append(ends, int64(i), int64(i))
	}
	f, mantissas := sem.FitWeights(sem.Inhibitory, weights)
	for i, m := range mantissas {
		if got := sem.Profiles[n.Profile].Weight(f, m); got != weights[i] {
			n.warn(n.Populations, p.k, "population %q: a spike takes %d from the voltage of neuron %d instead of %d, the nearest weight of chips with fixed compartments", p.Name, -got, i, -weights[i])
			break
		}
	}
	n.module.Synapses = append(n.module.Synapses, &ir.Synapse{
		Name: n.spare(p.Name + "-subtract"), Pre: p.Name, Post: into, Port: "drive", Format: f,
		Weights: ir.Vector(mantissas), PrePost: ir.NewTensor(ends, p.N, 2), Pos: soma.Pos,
	})
	n.module.Joins = append(n.module.Joins, &ir.Join{From: keep, To: p.Name, Port: "dendrite", Pos: soma.Pos})
	if into != keep {
		n.module.Joins = append(n.module.Joins, &ir.Join{From: into, To: p.Name, Port: "dendrite", Pos: soma.Pos})
	}
}

// entrance is the group that spikes into population k are sent to.
func (n *narrower) entrance(p *populationPlan) string {
	if n.splits(p) {
		return n.spare(p.Name + "-dendrite")
	}
	return p.Name
}

// spare is a name that no input, population or connection of the network has.
func (n *narrower) spare(want string) string {
	taken := func() bool {
		return slices.ContainsFunc(n.spec.Inputs, func(x spiking.Input) bool { return x.Name == want }) ||
			slices.ContainsFunc(n.spec.Populations, func(x spiking.Population) bool { return x.Name == want }) ||
			slices.ContainsFunc(n.spec.Connections, func(x spiking.Connection) bool { return x.Name == want })
	}
	for taken() {
		want += "_"
	}
	return want
}

func (n *narrower) refuseReset(p *populationPlan) {
	n.found.Add(n.positionOf(n.Populations, p.k), codeReset, "population %q is reset to a voltage other than 0, which the compartments of this chip cannot", p.Name).
		WithFix("shift v_leak, v_threshold and v_reset so that v_reset is 0, or use a chip that runs any program, such as loihi2")
}

func (n *narrower) refuseThreshold(p *populationPlan) {
	n.found.Add(n.positionOf(n.Populations, p.k), codeRange, "population %q has a threshold below 0, which the compartments of this chip cannot", p.Name).
		WithFix("shift v_leak, v_threshold and v_reset so that v_threshold is 0 or more, or use a chip that runs any program, such as loihi2")
}

// threshold is vth in units. Fixed compartments hold multiples of 64.
func (n *narrower) threshold(p *populationPlan) *ir.Tensor {
	x := make([]int64, p.N)
	for i := range x {
		x[i] = n.limit24(p, "threshold", i, spiking.At(p.Threshold, i)*p.unitOf(i))
		if !n.Programmable {
			x[i] = fix.RoundEvenTo(x[i], 6)
		}
	}
	return compact(x)
}

// bias is what a compartment of Loihi 1 adds to the voltage: drift, and the constant input as
// the current would pass it on at rest.
func (n *narrower) bias(p *populationPlan) ir.Param {
	if p.moves() {
		n.warn(n.Populations, p.k, "population %q has a constant input, which the chip adds from row 0 on, %d rows before its first step", p.Name, n.depth[p.k])
	}
	if !p.direct() && slices.ContainsFunc(p.feed, func(x float64) bool { return x != 0 }) {
		n.warn(n.Populations, p.k, "population %q: the bias of its connections goes to the voltage at once, not through the current", p.Name)
	}
	x := make([]int64, p.N)
	for i := range x {
		rest := p.drift[i] + p.feed[i]/max(spiking.At(p.DU, i), 1.0/decayOne)
		v := n.limit24(p, "bias", i, rest*p.unitOf(i))
		if !n.Programmable {
			m, e := sem.FitBias(v)
			v = fix.Scale(m, e)
		}
		x[i] = v
	}
	return ir.Param{Name: "bias", Values: compact(x)}
}

// matchReset makes the first threshold of a population that subtracts the weight of a synapse;
// fixed compartments have one scale a population.
func (n *narrower) matchReset(p *populationPlan) {
	thr := spiking.At(p.Threshold, 0)
	v := int64(thr * p.unit[0])
	shift := uint(6)
	for v>>shift > 255 {
		shift++
	}
	if grid := v >> shift << shift; grid > 0 && n.Unit == 0 {
		p.unit[0] = float64(grid) / thr
	}
}

// explain adds the numbers of a population to the report.
func (n *narrower) explain(p *populationPlan) {
	n.report.Layers = append(n.report.Layers, LayerReport{Name: p.Name, Neurons: p.N, WeightBits: n.WeightBits})
	for _, s := range p.shares() {
		float := s.of(p.Population)
		whole := n.shares(float[:1])[0]
		n.report.add(Scaling{Object: p.Name, Param: s.name, Float: float[0], Integer: whole, Unit: "1/4096 per row", Back: float64(whole) / decayOne})
	}
	if p.Threshold == nil {
		return
	}
	for g, unit := range p.unit {
		for _, s := range p.voltages() {
			x, unit := spiking.At(s.of(p.Population), g*p.plane), unit*p.scale
			v := round(x * unit)
			n.report.add(Scaling{Object: p.Name, Param: s.name, Index: g * p.plane, Float: x, Integer: v, Unit: unitText(unit), Back: float64(v) / unit})
		}
	}
}
