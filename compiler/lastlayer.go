package compiler

import (
	"math"

	"decc/chipsim/host"
	"decc/compiler/decolle"
	"decc/compiler/model"
)

// LastLayer is how the last layer of a model learns from what a host program writes; nil
// for a model of which it does not.
func LastLayer(m *model.Model) *decolle.HostLearning {
	d := m.Decolle
	if d == nil || d.Learn == nil || d.Learn.Rule == model.RuleDecolle || d.FirstLearning() < 0 {
		return nil
	}
	l, p := d.Learn, d.Layers[len(d.Layers)-1].Plastic
	return &decolle.HostLearning{
		Rule: l.Rule, Eta: p.Eta, Impulse: p.Impulse, WeightStep: l.WeightStep,
		Epoch: l.Host.Epoch, Target: l.Host.Target, Offset: l.Host.Offset, ThetaStep: l.Host.ThetaStep,
		Dead: int(math.Ceil(l.DeadZone * float64(l.Host.Target))), Most: 1<<l.ErrorBits - 1,
	}
}

// hostParams are the params of the host programs, by rule.
var hostParams = map[string]func(l decolle.HostLearning) []host.Param{
	model.RuleSOEL: func(l decolle.HostLearning) []host.Param {
		return []host.Param{{Name: "target", Value: int64(l.Target)}, {Name: "offset", Value: int64(l.Offset)}, {Name: "step", Value: int64(l.ThetaStep)}}
	},
	model.RuleSign: func(l decolle.HostLearning) []host.Param {
		return []host.Param{{Name: "target", Value: int64(l.Target)}, {Name: "dead", Value: int64(l.Dead)}, {Name: "most", Value: int64(l.Most)}}
	},
}

// HostProgram is the embedded processor's part of a model whose LastLayer learns.
func HostProgram(m *model.Model) (host.Spec, error) {
	l, last := LastLayer(m), m.Decolle.Layers[len(m.Decolle.Layers)-1]
	return host.New(l.Rule, last.Name, last.Dense, l.Epoch, hostParams[l.Rule](*l)...)
}

// Learns reports whether any layer of a model learns on its chip.
func Learns(m *model.Model) bool { return OnChip(m) != nil || LastLayer(m) != nil }
