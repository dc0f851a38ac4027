package quantise

import (
	"decc/compiler/spiking"
	"decc/ir"
)

// special is how a mode that Loihi 1 does not have becomes a program of its own.
type special struct {
	kind    string // in models
	program string
	needs   string // what Loihi 1 lacks
	instead string // what a model for it could have
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
		kind: "TernaryLIF", program: "ternary", needs: "spikes with a sign", instead: "two populations of LIF neurons, one of them with negated weights",
		voltages: []specialParam{
			{"vth", "threshold", threshold},
			{"vlo", "lower threshold", func(p *spiking.Population) []float64 { return p.Lower }},
		},
	},
	spiking.Adaptive: {
		kind: "ATRLIF", program: "adaptive", needs: "threshold that spikes raise", instead: "LIF neurons with a connection to themselves that holds them back",
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

// plainVoltages are the params of other programs that are reported.
var plainVoltages = []specialParam{{"vth", "threshold", threshold}}

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
	params := append(decays(p), n.bias(p))
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
