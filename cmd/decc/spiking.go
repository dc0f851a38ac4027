package main

import (
	"context"
	"fmt"

	"decc/chipsim/stimulus"
	"decc/chipsim/validate"
	"decc/compiler"
	"decc/compiler/model"
	"decc/compiler/quantise"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// quantiseSpiking makes the module of a network of populations.
func (p *project) quantiseSpiking(ctx context.Context, bits int) (quantised, error) {
	net, err := compiler.SpikingNetwork(p.model)
	if err != nil {
		return quantised{}, err
	}
	o, err := p.spikingOptions(bits)
	if err != nil {
		return quantised{}, err
	}
	res, err := quantise.Spiking(ctx, net, o)
	if err != nil {
		return quantised{}, err
	}
	for _, w := range res.Warnings {
		if err := w.Render(p.env.Err, p.model.Source); err != nil {
			return quantised{}, err
		}
	}
	return quantised{module: res.Module, report: res.Report, cells: net, input: p.stimulusInput()}, p.instil(res.Module)
}

func (p *project) spikingOptions(bits int) (quantise.SpikingOptions, error) {
	s := p.model.Spiking
	o := quantise.SpikingOptions{
		Name: p.model.Name, Profile: sem.Silicon, Programmable: p.chip.RunsAny(), MaxThreshold: p.chip.MaxThreshold(), DtNanos: p.model.Dt.Nanoseconds(),
		WeightBits: orDefault(bits, s.Quantise.WeightBits), PerLayer: s.Quantise.Scale == "layer", Unit: s.Quantise.Unit, Down: s.Quantise.Decays == "down", PayloadBits: s.Quantise.PayloadBits,
	}
	for _, x := range s.Populations {
		o.Populations = append(o.Populations, x.Pos)
	}
	for _, x := range s.Connections {
		o.Connections = append(o.Connections, x.Pos)
	}
	n := s.Quantise.Calibrate
	if p.flags.calibrate >= 0 {
		n = p.flags.calibrate
	}
	if n == 0 || s.Stimulus == nil {
		return o, nil
	}
	samples, steps, err := p.samples()
	if err != nil {
		return o, err
	}
	o.Rows = steps
	for i := range min(n, samples.Len()) {
		train, err := samples.Train(i)
		if err != nil {
			return o, err
		}
		o.Calibration = append(o.Calibration, map[string]spikes.Train{s.Stimulus.Input: train})
	}
	return o, nil
}

// samples are those of the stimulus of a network of populations, with the rows of each.
func (p *project) samples() (validate.Samples, int, error) {
	f := p.model.Presented()
	s := f.Stimulus
	switch {
	case s == nil:
		return nil, 0, diag.Errorf(p.model.At("stimulus"), codeNoData, "the model has no stimulus").WithFix("add a stimulus")
	case s.Kind == stimulusRecordings:
		b := binning(f)
		if err := b.Check(); err != nil {
			return nil, 0, diag.Errorf(p.model.At("stimulus.bin"), codeNoRecordings, "%v", err).WithFix("correct stimulus.bin")
		}
		list, err := p.recordings()
		return validate.RecordingSamples{List: list, Binning: b}, b.Steps, err
	case s.Kind == stimulusImages:
		return p.imageSamples(s)
	}
	train, err := stimulusTrain(s)
	rows := f.Rows
	for _, e := range train {
		if f.Rows == 0 {
			rows = max(rows, int(e.Row)+1)
		}
	}
	return validate.TrainSample(train), rows, err
}

func (p *project) imageSamples(s *model.Stimulus) (validate.Samples, int, error) {
	row, err := stimulus.FindDataSet(p.model.At("stimulus.set"), orDefault(p.flags.data.set, s.Set))
	if err != nil {
		return nil, 0, err
	}
	images, err := row.Open(orDefault(p.flags.data.folder, s.Path), orDefault(p.flags.data.split, s.Split))
	if err != nil {
		return nil, 0, err
	}
	if s.Samples != nil {
		if images, err = images.Select(s.Samples); err != nil {
			return nil, 0, err
		}
	} else if s.Count > 0 {
		images = images.Head(s.Count)
	}
	enc, err := images.Encoder(p.model.At("stimulus.encoder"), s.Encoder.Kind, s.Encoder.Params)
	if err != nil {
		return nil, 0, err
	}
	return validate.ImageSamples{Images: images, Encoder: enc}, enc.Steps(), nil
}

// fillSamples gives a comparison its samples and how they are judged.
func (p *project) fillSamples(job *validate.Job) error {
	if p.model.Spiking != nil {
		var err error
		job.Samples, job.Steps, err = p.samples()
		job.BurnIn, job.Input = p.stimulusBurnIn(), p.stimulusInput()
		return err
	}
	images, err := p.images("")
	if err != nil {
		return err
	}
	enc, err := p.encoder(images)
	d := p.model.Decolle.Data
	job.Samples, job.Steps, job.BurnIn = validate.ImageSamples{Images: images, Encoder: enc}, d.Steps, d.BurnIn
	return err
}

// stimulusInput is the input that the stimulus is for, "" where there is none.
func (p *project) stimulusInput() string {
	if s := p.model.Spiking.Stimulus; s != nil {
		return s.Input
	}
	return ""
}

func (p *project) stimulusBurnIn() int {
	if s := p.model.Spiking.Stimulus; s != nil {
		return s.BurnIn
	}
	return 0
}

// encoderOf is the encoder of the model's samples.
func (p *project) encoderOf() model.Encoder {
	if d := p.model.Decolle; d != nil {
		return d.Data.Encoder
	}
	return p.model.Presented().Stimulus.Encoder
}

// protocolText says how samples become spikes, for the key of kept outcomes.
func (p *project) protocolText() string {
	if f := p.model.Presented(); f != nil && f.Stimulus.Kind == stimulusRecordings {
		return fmt.Sprintf("%s: %+v", f.Stimulus.Input, binning(f))
	}
	return encoderText(p.encoderOf())
}
