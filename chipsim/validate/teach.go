package validate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"decc/chipsim/stimulus"
	"decc/compiler/decolle"
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
}

// Lesson presents a sample of a class as presentation k and returns the class that each
// layer votes for meanwhile.
func (t *Teaching) Lesson(ctx context.Context, on Learner, train spikes.Train, class, k int) ([]int, error) {
	req := t.request(train)
	req.Learn, req.Presentation, req.Params = true, uint64(k)+1, t.rates(k)
	req.Inputs[quantise.LabelInput] = t.label(class)
	rec, err := on.Run(ctx, req)
	if err != nil {
		return nil, err
	}
	return decide(t.BurnIn, t.Steps, t.Module.Layers, rec), nil
}

// Vote presents a sample without learning.
func (t *Teaching) Vote(ctx context.Context, on Engine, train spikes.Train) ([]int, error) {
	rec, err := on.Run(ctx, t.request(train))
	if err != nil {
		return nil, err
	}
	return decide(t.BurnIn, t.Steps, t.Module.Layers, rec), nil
}

func (t *Teaching) request(train spikes.Train) spikes.Request {
	req := spikes.Request{
		Rows: t.Steps, SpikesOf: []string{}, Inputs: map[string]spikes.Train{t.Module.Inputs[0].Name: train},
	}
	for _, l := range t.Module.Layers {
		req.Rows = max(req.Rows, t.Steps+l.ReadoutLag)
		req.Probes = append(req.Probes, spikes.Probe{Group: l.Readout, Variable: l.Value})
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

// Knowledge is what a module has learned: values by synapse object and target.
type Knowledge map[string][]int64

// learnedTargets are the parts of a Knowledge, by the ending of its keys.
var learnedTargets = []sem.Target{sem.TargetW, sem.TargetT, sem.TargetD}

// knowledgeKey names a variable of a synapse object: "w_h1.w".
func knowledgeKey(synapse string, t sem.Target) string { return synapse + "." + t.String()[1:] }

// plasticTargets lists the variables that a synapse object learns.
func plasticTargets(m *ir.Module, s *ir.Synapse) []sem.Target {
	r := m.RuleByName(s.Rule)
	if r == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(learnedTargets), func(t sem.Target) bool { return len(r.Sums[t]) == 0 })
}

// Know copies what a learner has learned.
func (t *Teaching) Know(of Learner) Knowledge {
	k := Knowledge{}
	for _, s := range t.Module.Synapses {
		for _, target := range plasticTargets(t.Module, s) {
			k[knowledgeKey(s.Name, target)] = slices.Clone(of.Learned(s.Name, target))
		}
	}
	return k
}

// Instil gives a learner what another one, or the same one earlier, has learned.
func (t *Teaching) Instil(into Learner, k Knowledge) error {
	for _, s := range t.Module.Synapses {
		for _, target := range plasticTargets(t.Module, s) {
			key := knowledgeKey(s.Name, target)
			if k[key] == nil {
				return diag.Errorf(s.Pos, "run/learned-values", "no learned values of %s", key).WithFix("use what this module learned")
			}
			if err := into.SetLearned(s.Name, target, k[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Exam is a test of what was learned: right answers of Of samples by layer.
type Exam struct {
	Of    int   `json:"samples"`
	Right []int `json:"right"`
}

// Accuracy of a layer; 0 where nothing was asked.
func (e Exam) Accuracy(l int) float64 { return float64(e.Right[l]) / float64(max(1, e.Of)) }

// Examine lets learners of the factory, each with the same knowledge, vote on the first n
// samples. done is told after each; it may be nil.
func (t *Teaching) Examine(ctx context.Context, f Factory, k Knowledge, images *stimulus.Images, enc stimulus.Encoder, n, workers int, done func()) (Exam, error) {
	votes := make([][]int, n)
	err := shareOut(ctx, n, workers, func(ctx context.Context) (func(i int) error, error) {
		on, ok := f().(Learner)
		if !ok {
			return nil, notLearning()
		}
		if err := t.Instil(on, k); err != nil {
			return nil, err
		}
		return func(i int) (err error) {
			votes[i], err = t.Vote(ctx, on, enc.Encode(images.Image(i), images.Index[i]))
			if done != nil {
				done()
			}
			return err
		}, nil
	})
	if err != nil {
		return Exam{}, err
	}
	e := Exam{Of: n, Right: make([]int, len(t.Module.Layers))}
	for i, vote := range votes {
		e.mark(vote, images.Labels[i])
	}
	return e, nil
}

func (e *Exam) mark(vote []int, class int) {
	for l, v := range vote {
		if v == class {
			e.Right[l]++
		}
	}
}

func notLearning() error {
	return diag.Errorf(diag.Pos{}, "run/no-learner", "this engine does not learn").WithFix("use --engine chip or interp")
}

// shareOut does pieces 0..n-1 of work, each once, on several goroutines; open makes what
// one goroutine works with. The first error ends all.
func shareOut(ctx context.Context, n, workers int, open func(ctx context.Context) (func(i int) error, error)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var crew sync.WaitGroup
	for range max(1, workers) {
		crew.Go(func() {
			work, err := open(ctx)
			for i := range next {
				if err == nil && ctx.Err() == nil {
					err = work(i)
				}
				if err != nil {
					cancel(err)
				}
			}
			if err != nil {
				cancel(err)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	crew.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("%w", context.Cause(ctx))
	}
	return nil
}
