package compiler

import (
	"decc/compiler/decolle"
	"decc/compiler/model"
	"decc/ir/diag"
)

// FloatSpec is the float network that a model describes.
func FloatSpec(m *model.Model) decolle.Spec {
	d := m.Decolle
	in := d.Input.Block()
	s := decolle.Spec{
		Input: decolle.Shape(in), Classes: d.Readout.Classes, Variant: d.Neuron.Model, Surrogate: d.Neuron.Surrogate,
		Alpha: d.Neuron.Alpha, Beta: d.Neuron.Beta, AlphaRP: d.Neuron.AlphaRP, WRP: d.Neuron.WRP, Gain: d.Neuron.Gain,
		Loss: d.Train.Loss, LCAmpl: d.Readout.LCAmpl, Dropout: d.Train.Dropout,
	}
	for _, l := range d.Layers {
		spec := decolle.LayerSpec{Kind: decolle.Dense, Out: l.Dense, Reg: l.Regulariser, Frozen: l.Frozen}
		if c := l.Conv; c != nil {
			spec = decolle.LayerSpec{
				Kind: decolle.Conv, Out: c.Channels, Kernel: c.Kernel, Stride: c.Stride, Padding: c.Padding, Pool: c.Pool,
				Reg: l.Regulariser, Frozen: l.Frozen,
			}
		}
		s.Layers = append(s.Layers, spec)
	}
	return s
}

// FloatNetwork builds the float network with the model's trained parameters. A
// model without weights is an error: Untrained gives the bare network.
func FloatNetwork[F decolle.Float](m *model.Model) (*decolle.Network[F], error) {
	n, err := Untrained[F](m)
	if err != nil {
		return nil, err
	}
	if m.Decolle.Tensors == nil {
		return nil, diag.Errorf(m.At("weights"), codeUntrained, "the model names no trained weights").
			WithFix("add `weights: {file: ...}`, or train it with decc train")
	}
	for l, t := range m.Decolle.Tensors {
		if t.Weight == nil {
			return nil, diag.Errorf(m.Decolle.Layers[l].Pos, codeUntrained, "the weights file has nothing of layer %s, which is to learn on the chip", m.Decolle.Layers[l].Name).
				WithFix("teach it with decc run --learn")
		}
		if err := n.SetParameters(l, parameters(t)); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func parameters(t model.LayerTensors) decolle.Parameters {
	return decolle.Parameters{W: t.Weight.Data, B: t.Bias.Data, G: t.Readout.Data, GB: t.ReadoutBias.Data}
}

// Untrained builds the float network of a model with all parameters zero.
func Untrained[F decolle.Float](m *model.Model) (*decolle.Network[F], error) {
	return decolle.New[F](FloatSpec(m))
}

// FloatTraining is the training run that a model describes.
func FloatTraining(m *model.Model, workers int) decolle.Training {
	d := m.Decolle
	t := decolle.Training{
		Optimiser: decolle.Optimiser{
			Kind: d.Train.Optimiser.Kind, LR: d.Train.Optimiser.LR, Beta1: d.Train.Optimiser.Beta1,
			Beta2: d.Train.Optimiser.Beta2, Eps: d.Train.Optimiser.Eps,
		},
		Batch: d.Train.Batch, Steps: d.Train.Steps, Update: d.Train.Update, Digits: d.Train.Digits,
		Shuffle: true, Seed: d.Train.Seed, Workers: workers,
	}
	if d.Data != nil {
		t.BurnIn = d.Data.BurnIn
	}
	for _, r := range d.Train.Schedule {
		t.Schedule = append(t.Schedule, decolle.Rate{Digits: r.From, LR: r.Rate})
	}
	return t
}
