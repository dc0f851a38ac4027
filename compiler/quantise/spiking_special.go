package quantise

import (
	"math"
	"slices"

	"decc/compiler/spiking"
	"decc/ir"
	"decc/ir/sem"
)

// special is how a mode that Loihi 1 does not have becomes a program of its own.
type special struct {
	kind    string // in models
	program string
	needs   string // what Loihi 1 lacks
	instead string // what a model for it could have
	// forgets tells that the program has no memory and no constant input.
	forgets bool
	// shares and voltages are the params of the program that are such, beside those that all
	// programs with a voltage have.
	shares, voltages []specialParam
}

// specialParam is a param of a program, in words and as the network has it.
type specialParam struct {
	name, what string
	of         func(p *spiking.Population) []float64
}

func threshold(p *spiking.Population) []float64 { return p.Threshold }

var specials = map[spiking.Mode]special{
	spiking.Ternary: {
		kind: "TernaryLIF", program: "ternary", needs: "spikes with a sign", instead: "take two populations of LIF neurons, one of them with negated weights",
		voltages: []specialParam{
			{"vth", "threshold", threshold},
			{"vlo", "lower threshold", func(p *spiking.Population) []float64 { return p.Lower }},
		},
	},
	spiking.Graded:    sender("Graded", "graded"),
	spiking.Rectified: sender("GradedReLU", "graded_relu"),
	spiking.Adaptive: {
		kind: "ATRLIF", program: "adaptive", needs: "threshold that spikes raise", instead: "take LIF neurons with a connection to themselves that holds them back",
		shares: []specialParam{
			{"dt", "decay of the threshold", func(p *spiking.Population) []float64 { return p.DTheta }},
			{"dr", "decay of the refractory state", func(p *spiking.Population) []float64 { return p.DR }},
		},
		voltages: []specialParam{
			{"theta0", "threshold", threshold},
			{"step", "threshold step", func(p *spiking.Population) []float64 { return p.Step }},
		},
	},
}

// sender is a program that sends what arrives.
func sender(kind, program string) special {
	return special{
		kind: kind, program: program, needs: "spikes that carry values", instead: "code the values in rates",
		forgets: true, voltages: plainVoltages,
	}
}

// plainVoltages are the params of other programs that are reported.
var plainVoltages = []specialParam{{"vth", "threshold", threshold}}

// plainShares are the decays of all programs that keep something.
var plainShares = []specialParam{
	{"du", "decay of the current", func(p *spiking.Population) []float64 { return p.DU }},
	{"dv", "decay of the voltage", func(p *spiking.Population) []float64 { return p.DV }},
}

// shares are the params of a population that are decays.
func (p *populationPlan) shares() []specialParam {
	s := specials[p.Mode]
	if s.forgets {
		return nil
	}
	return slices.Concat(plainShares, s.shares)
}

// voltages are the params of a population that are thresholds, or steps of one.
func (p *populationPlan) voltages() []specialParam {
	if s, ok := specials[p.Mode]; ok {
		return s.voltages
	}
	return plainVoltages
}

// appendSpecial adds the group of a population whose mode has a program of its own, or tells that
// the chip cannot run it.
func (n *narrower) appendSpecial(p *populationPlan, s special) {
	if !n.Programmable {
		n.found.Add(n.positionOf(n.Populations, p.k), codeNeuron, "population %q is of kind %s, and the compartments of this chip have no %s", p.Name, s.kind, s.needs).
			WithFix("use a chip that runs any program, such as loihi2, or %s", s.instead)
		return
	}
	var params []ir.Param
	if s.forgets {
		n.refuseInput(p, s)
	} else {
		params = append(decays(p), n.bias(p))
	}
	for _, x := range s.shares {
		params = append(params, ir.Param{Name: x.name, Values: compact(n.shares(x.of(p.Population)))})
	}
	for _, x := range s.voltages {
		params = append(params, n.values(p, x.name, x.what, x.of(p.Population)))
	}
	g := n.group(p, p.Name, s.program, params...)
	for i := range p.N {
		if p.Mode == spiking.Adaptive && g.Param("theta0", i) == 0 {
			n.found.Add(n.positionOf(n.Populations, p.k), codeRange, "population %q: threshold of neuron %d is %.4g units, less than one, so that it would spike at rest", p.Name, i, spiking.At(p.Threshold, i)*p.unitOf(i)).
				WithFix("choose a larger unit, or rescale weights and threshold")
			return
		}
	}
}

// values is a param that is a voltage.
func (n *narrower) values(p *populationPlan, param, what string, x []float64) ir.Param {
	return ir.Param{Name: param, Values: n.column(p, what, func(i int) float64 { return spiking.At(x, i) })}
}

// refuseInput refuses a constant input that the program of a population has no param for.
func (n *narrower) refuseInput(p *populationPlan, s special) {
	if p.moves() {
		n.found.Add(n.positionOf(n.Populations, p.k), codeNeuron, "population %q has a constant input, and neurons of kind %s take none on this chip", p.Name, s.kind).
			WithFix("take away the bias of its connections, or feed it from an input that spikes in every row")
	}
}

// payloadScale is the payload that @graded makes of a unit of what arrives.
const payloadScale = 1.0 / 64

// payloadStep is what 1 of the integer payload of a source is in the float network: weights that
// meet it are that much smaller on the chip.
func (n *narrower) payloadStep(source int) float64 {
	k := source - len(n.spec.Inputs)
	if k < 0 || n.plans[k] == nil || !n.sends(k) {
		return 1
	}
	return 1 / (n.plans[k].unit[0] * n.plans[k].scale)
}

// hearsUnlike tells that what 1 of a payload is differs between the sources of a population. Its
// neurons then share a scale: the weights of a connection have one exponent, and with scales that
// follow the widest weight, here of one connection and there of another, those of some neurons
// would be small against it.
func (n *narrower) hearsUnlike(k int) bool {
	steps := map[float64]bool{}
	for c := range n.spec.Connections {
		if x := &n.spec.Connections[c]; x.To == k {
			steps[n.payloadStep(x.From)] = true
		}
	}
	return len(steps) > 1
}

// payloadUnit is the unit of a population that sends values: as in units the widest weight takes
// the largest code, of the smallest exponent with which all weights and thresholds are whole, else
// of the largest that leaves the payloads their bits.
func (n *narrower) payloadUnit(p *populationPlan) float64 {
	room := n.payloadRoom(p)
	unit, f := room, sem.WeightFormat{Bits: n.WeightBits, Sign: sem.Mixed}
	for f.Exp = -int(f.LSB()); f.Exp < largestExp; f.Exp++ {
		next := codeLimit(n.WeightBits) * stepUnits(f) / p.widest[0]
		if next > room {
			break
		}
		if unit = next; n.wholeWith(p, unit) {
			break
		}
	}
	return unit
}

// wholeWith tells that a unit makes whole payloads of all weights into a population, and of its
// thresholds, but for the rounding of floats.
func (n *narrower) wholeWith(p *populationPlan, unit float64) bool {
	whole := true
	add := func(x float64) {
		x *= unit * p.scale
		whole = whole && math.Abs(x-math.RoundToEven(x)) <= 1e-9*max(1, math.Abs(x))
	}
	for _, x := range p.Threshold {
		add(x)
	}
	for c := range n.spec.Connections {
		if x := &n.spec.Connections[c]; x.To == p.k {
			step := n.payloadStep(x.From)
			n.spec.Each(x, func(_, post, weight int) { add(p.effective(post, x.Weights[weight]*step)) })
		}
	}
	return whole
}

// layValues counts the chains of populations that send values.
func (n *narrower) layValues() {
	n.before, n.after = make([]int, len(n.plans)), make([]int, len(n.plans))
	for k := range n.plans {
		n.eachValue(k, func(from int) { n.before[k] = max(n.before[k], n.before[from]+1) })
	}
	for k := len(n.plans) - 1; k >= 0; k-- {
		n.eachValue(k, func(from int) { n.after[from] = max(n.after[from], n.after[k]+1) })
	}
}

// eachValue visits the populations before k that send values to it, where it does so too.
func (n *narrower) eachValue(k int, visit func(from int)) {
	for c := range n.spec.Connections {
		x := &n.spec.Connections[c]
		from := x.From - len(n.spec.Inputs)
		if x.To == k && from >= 0 && from < k && n.sends(k) && n.sends(from) {
			visit(from)
		}
	}
}

func (n *narrower) sends(k int) bool { return n.spec.Populations[k].Mode.Sends() }

// payloadRoom is the largest unit with which the payloads of a population take the bits that are
// theirs.
func (n *narrower) payloadRoom(p *populationPlan) float64 {
	peak := 0.0
	for i, x := range n.largestSums(p) {
		if n.peaks != nil {
			x = max(n.peaks[p.k].Voltage[i], magnitude(p.Threshold, i))
		}
		peak = max(peak, x)
	}
	bits := (n.PayloadBits - 1) * (n.before[p.k] + 1) / (n.before[p.k] + 1 + n.after[p.k])
	most := math.Ldexp(1, max(1, bits)) - 1
	return most / max(peak, math.SmallestNonzeroFloat32) / p.scale
}

// largestSums are what can arrive at the neurons of a population in a row, in 1 of its voltage,
// where plain spikes carry 1.
func (n *narrower) largestSums(p *populationPlan) []float64 {
	sums := make([]float64, p.N)
	for c := range n.spec.Connections {
		x := &n.spec.Connections[c]
		if x.To != p.k {
			continue
		}
		most := n.largestPayload(x.From)
		n.spec.Each(x, func(_, post, weight int) { sums[post] += math.Abs(p.effective(post, x.Weights[weight])) * most })
	}
	return sums
}

// largestPayload is the most that a spike of a source brings.
func (n *narrower) largestPayload(source int) float64 {
	if source < len(n.spec.Inputs) && n.spec.Inputs[source].Graded() {
		least, most := n.spec.Inputs[source].Payload.Limits()
		return math.Max(float64(most), -float64(least))
	}
	k := source - len(n.spec.Inputs)
	if k < 0 || n.plans[k] == nil || !n.sends(k) {
		return 1
	}
	return slices.Max(n.largestSums(n.plans[k]))
}

// refuseRings refuses connections from a population that sends values back to one that does: with
// whole numbers those could only grow.
func (n *narrower) refuseRings(k int) {
	for c := range n.spec.Connections {
		x := &n.spec.Connections[c]
		from := x.From - len(n.spec.Inputs)
		if x.To == k && from >= k && n.sends(k) && n.sends(from) {
			n.found.Add(n.positionOf(n.Connections, c), codeNeuron, "connection %q leads values back to %q, which sends values", x.Name, n.spec.Populations[k].Name).
				WithNote("payloads are whole numbers, so that values that go round can only grow").
				WithFix("order the populations so that values lead to later ones, or put neurons that spike in between")
		}
	}
}
