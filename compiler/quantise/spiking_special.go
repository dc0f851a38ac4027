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
	params  func(n *narrower, p *populationPlan) []ir.Param
}

var specials = map[spiking.Mode]special{
	spiking.Ternary: {
		"TernaryLIF", "ternary", "spikes with a sign", "two populations of LIF neurons, one of them with negated weights",
		func(n *narrower, p *populationPlan) []ir.Param {
			return append(decays(p), n.bias(p), ir.Param{Name: "vth", Values: n.threshold(p)}, n.values(p, "vlo", "lower threshold", p.Lower))
		},
	},
}

// appendSpecial adds the group of a population whose mode has a program of its own, or tells that
// the chip cannot run it.
func (n *narrower) appendSpecial(p *populationPlan, s special) {
	if !n.Programmable {
		n.found.Add(n.positionOf(n.Populations, p.k), codeNeuron, "population %q is of kind %s, and the compartments of this chip have no %s", p.Name, s.kind, s.needs).
			WithFix("use a chip that runs any program, such as loihi2, or %s", s.instead)
		return
	}
	n.group(p, p.Name, s.program, s.params(n, p)...)
}

// values is a param that is a voltage.
func (n *narrower) values(p *populationPlan, param, what string, x []float64) ir.Param {
	return ir.Param{Name: param, Values: n.column(p, what, func(i int) float64 { return spiking.At(x, i) })}
}
