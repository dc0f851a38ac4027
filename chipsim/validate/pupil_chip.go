package validate

import (
	"context"
	"math"
	"slices"

	"decc/chipsim/host"
	"decc/compiler"
	"decc/compiler/decolle"
	"decc/compiler/model/weights"
	"decc/compiler/quantise"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Learner is an Engine whose plastic synapses keep from run to run what they learned.
type Learner interface {
	Engine
	// Learned is a learned variable of a synapse object, one value a synapse by
	// target member, then source member; nil where the object is unknown or does not learn.
	Learned(synapse string, t sem.Target) []int64
	// SetLearned sets it. The error has code run/learned-values.
	SetLearned(synapse string, t sem.Target, values []int64) error
}

// Teaching is a module that learns, and how it is taught.
type Teaching struct {
	Module   *ir.Module
	Learning decolle.Learning
	Steps    int
	BurnIn   int // steps that neither teach nor vote
	Digits   int // presentations in all, which the schedule divides
	// Host writes the errors of a last layer; nil where the network tells itself its error
	// from the label.
	Host *host.Runner
	// Weigh is that of the requests. Worked is told what every run did, from many goroutines while
	// samples are voted on; nil is fine.
	Weigh  spikes.Weighing
	Worked func(req spikes.Request, did spikes.Record[int64])
}

// ChipPupil is a module that learns on an engine.
type ChipPupil struct {
	Teaching
	On Learner
	// New makes further engines of the module.
	New Factory
}

// NewChipPupil makes a pupil on an engine of the factory. The error has code
// run/no-learner.
func NewChipPupil(t Teaching, f Factory) (*ChipPupil, error) {
	on, ok := f().(Learner)
	if !ok {
		return nil, diag.Errorf(diag.Pos{}, "run/no-learner", "this engine does not learn").WithFix("use --engine chip, native or interp")
	}
	return &ChipPupil{Teaching: t, On: on, New: f}, nil
}

// Learn implements Pupil.
func (p *ChipPupil) Learn(ctx context.Context, train spikes.Train, class, k int) ([]Vote, error) {
	req := p.request(train)
	req.Learn, req.Presentation, req.Params = true, uint64(k)+1, p.rates(k)
	if p.Host != nil {
		p.Host.Teach(class)
		req.Host = p.Host
	} else {
		req.Inputs[quantise.LabelInput] = p.label(class)
	}
	return p.present(ctx, p.On, req)
}

// Voter implements Pupil.
func (p *ChipPupil) Voter() (func(context.Context, spikes.Train) ([]Vote, error), error) {
	copied, err := NewChipPupil(p.Teaching, p.New)
	if err != nil {
		return nil, err
	}
	if err := copied.Instil(p.Know()); err != nil {
		return nil, err
	}
	return func(ctx context.Context, train spikes.Train) ([]Vote, error) {
		return copied.present(ctx, copied.On, copied.request(train))
	}, nil
}

// present runs a request and reads the votes.
func (t *Teaching) present(ctx context.Context, on Engine, req spikes.Request) ([]Vote, error) {
	req.Weigh = t.Weigh
	rec, err := on.Run(ctx, req)
	if err != nil {
		return nil, err
	}
	if t.Worked != nil {
		t.Worked(req, rec)
	}
	votes := make([]Vote, len(t.Module.Layers))
	for i, class := range decide(t.BurnIn, t.Steps, t.Module.Layers, rec) {
		layer := t.Module.Layers[i]
		votes[i] = Vote{Class: class, Spikes: rec.Spikes[layer.Spikes].Shifted(layer.SpikesLag, t.Steps)}
	}
	return votes, nil
}

func (t *Teaching) request(train spikes.Train) spikes.Request {
	req := spikes.Request{
		Rows: t.Steps, Inputs: map[string]spikes.Train{t.Module.Inputs[0].Name: train},
	}
	for _, l := range t.Module.Layers {
		req.Rows = max(req.Rows, t.Steps+l.ReadoutLag)
		if l.Readout != "" {
			req.Probes = append(req.Probes, spikes.Probe{Group: l.Readout, Variable: l.Value})
		}
		req.SpikesOf = append(req.SpikesOf, l.Spikes)
	}
	return req
}

// label is the rows whose error reaches the neurons in a row that updates: every k-th
// from the burn-in on, the error being Latency rows late.
func (t *Teaching) label(class int) spikes.Train {
	var train spikes.Train
	for row := t.BurnIn; row < t.Steps; row += max(1, t.Learning.Every) {
		if at := row - t.Learning.Latency; at >= 0 {
			train = append(train, spikes.Event{Row: int32(at), Index: int32(class), Payload: 1})
		}
	}
	return train
}

// rates are what the host writes for the schedule.
func (t *Teaching) rates(k int) []spikes.ParamValue {
	var values []spikes.ParamValue
	factor := t.Learning.Rate(k, t.Digits)
	for _, g := range t.Module.Groups {
		if g.Program.FieldIndex(quantise.RateParam) < 0 {
			continue
		}
		rate := math.Round(float64(g.Param(quantise.RateParam, 0)) * factor)
		values = append(values, spikes.ParamValue{Group: g.Name, Param: quantise.RateParam, Value: int64(rate)})
	}
	return values
}

// Knowledge is what a module has learned: values by compiler.LearnedKey.
type Knowledge map[string][]int64

// Know copies what the pupil has learned.
func (p *ChipPupil) Know() Knowledge {
	k := Knowledge{}
	for _, s := range p.Module.Synapses {
		for _, target := range compiler.LearnedTargets(p.Module, s) {
			k[compiler.LearnedKey(s.Name, target)] = slices.Clone(p.On.Learned(s.Name, target))
		}
	}
	return k
}

// Instil gives the pupil what another one, or the same one earlier, has learned.
func (p *ChipPupil) Instil(k Knowledge) error {
	for _, s := range p.Module.Synapses {
		for _, target := range compiler.LearnedTargets(p.Module, s) {
			key := compiler.LearnedKey(s.Name, target)
			if k[key] == nil {
				return diag.Errorf(s.Pos, "run/learned-values", "no learned values of %s", key).WithFix("use what this module learned")
			}
			if err := p.On.SetLearned(s.Name, target, k[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Weights implements Pupil.
func (p *ChipPupil) Weights(l int) []float64 {
	name := p.Module.Layers[l].Name
	for _, s := range p.Module.Synapses {
		if s.Rule == "" || s.Post != name {
			continue
		}
		codes := p.On.Learned(s.Name, sem.TargetW)
		out := make([]float64, len(codes))
		for i, m := range codes {
			out[i] = float64(m>>s.Format.LSB()) * p.Learning.WeightStep
		}
		return out
	}
	return nil
}

// State implements Pupil: one tensor a synapse object and variable, [target members,
// source members] where the object is dense.
func (p *ChipPupil) State() []weights.Tensor {
	var list []weights.Tensor
	known := p.Know()
	for _, s := range p.Module.Synapses {
		for _, target := range compiler.LearnedTargets(p.Module, s) {
			key := compiler.LearnedKey(s.Name, target)
			t := weights.Tensor{Name: key, DType: weights.I32, Shape: s.Weights.Shape, Data: make([]float64, len(known[key]))}
			for i, v := range known[key] {
				t.Data[i] = float64(v)
			}
			list = append(list, t)
		}
	}
	return list
}

// Restore implements Pupil. The error has code course/state or run/learned-values.
func (p *ChipPupil) Restore(f *weights.File) error {
	k := Knowledge{}
	for _, s := range p.Module.Synapses {
		for _, target := range compiler.LearnedTargets(p.Module, s) {
			key := compiler.LearnedKey(s.Name, target)
			x, ok := f.Get(key)
			if !ok || !slices.Equal(x.Shape, s.Weights.Shape) {
				return diag.Errorf(diag.Pos{}, "course/state", "there are no %v values of %s", s.Weights.Shape, key).WithFix("give a file that this model learned")
			}
			for _, v := range x.Data {
				k[key] = append(k[key], int64(v))
			}
		}
	}
	return p.Instil(k)
}
