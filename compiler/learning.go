package compiler

import (
	"decc/compiler/decolle"
	"decc/compiler/model"
	"decc/ir/diag"
)

// OnChip is the learning of a model with every departure of the chip from the reals: what
// the quantiser makes integers of, and the last rung of the float twin. nil for a model of
// which no layer learns by DECOLLE's rule.
func OnChip(m *model.Model) *decolle.Learning {
	d := m.Decolle
	if d == nil || d.Learn == nil || d.Learn.Rule != model.RuleDecolle || d.FirstLearning() < 0 {
		return nil
	}
	l := d.Learn
	learning := &decolle.Learning{
		Window: l.Window, DeadZone: l.DeadZone, Every: l.Every, Trigger: l.Trigger, CUBA: true,
		ErrorBits: l.ErrorBits, TraceBits: l.TraceBits, FactorBits: l.FactorBits,
		Latency: decolle.ChipLatency + l.ExtraLatency, WeightStep: l.WeightStep, WeightMax: 1<<(d.Quantise.WeightBits-1) - 1,
		Rounding: l.Rounding, Seed: l.Seed,
	}
	for _, s := range l.Schedule {
		learning.Schedule = append(learning.Schedule, decolle.RatePoint{From: s.From, Factor: s.Factor})
	}
	for _, layer := range d.Layers {
		own := decolle.LayerLearning{}
		if p := layer.Plastic; p != nil {
			own = decolle.LayerLearning{Plastic: true, Eta: p.Eta, Impulse: p.Impulse}
		}
		learning.Layers = append(learning.Layers, own)
	}
	for i := range learning.Layers {
		if learning.Layers[i].Plastic {
			learning.Layers[i].FactorStep = learning.ChipFactorStep(FloatSpec(m).Dynamics(), i)
		}
	}
	return learning
}

// LearningNetwork is the float network that learning starts from: random weights of the
// plastic layers (model key init) and the fixed random readouts; the trained ones of all
// layers where the model names weights, which layers that do not learn need.
func LearningNetwork[F decolle.Float](m *model.Model) (*decolle.Network[F], error) {
	n, err := Untrained[F](m)
	if err != nil {
		return nil, err
	}
	d := m.Decolle
	deviation := make([]float64, len(d.Layers))
	for i, l := range d.Layers {
		if l.Plastic != nil {
			deviation[i] = l.Plastic.Init
		}
	}
	if err := n.InitLearning(deviation, d.Learn.Seed); err != nil {
		return nil, err
	}
	for l := range d.Layers {
		if err := startFrom(n, d, l); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// startFrom gives layer l its trained parameters, which only a layer that learns can miss.
func startFrom[F decolle.Float](n *decolle.Network[F], d *model.Decolle, l int) error {
	layer := &d.Layers[l]
	switch {
	case d.Tensors != nil && d.Tensors[l].Weight == nil: // a plastic layer that the file lacks
		return nil
	case d.Tensors != nil:
		return n.SetParameters(l, parameters(d.Tensors[l]))
	case layer.Plastic == nil:
		return diag.Errorf(layer.Pos, codeUntrained, "layer %s does not learn, and the model names no trained weights", layer.Name).
			WithFix("add `weights: {file: ...}`, or make the layer plastic")
	}
	return nil
}
