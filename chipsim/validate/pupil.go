package validate

import (
	"context"
	"fmt"
	"sync"

	"decc/chipsim/stimulus"
	"decc/compiler/decolle"
	"decc/compiler/model/weights"
	"decc/ir/spikes"
)

// Pupil is a network that learns one sample at a time: the chip, or a float twin with
// some of the chip's departures. It is used by one goroutine at a time.
type Pupil interface {
	// Learn presents a sample of a class as presentation k and returns what each layer
	// made of it meanwhile.
	Learn(ctx context.Context, train spikes.Train, class, k int) ([]Vote, error)
	// Voter makes a copy of what the pupil knows now that votes on samples, for a goroutine
	// of its own; the pupil must rest meanwhile.
	Voter() (func(ctx context.Context, train spikes.Train) ([]Vote, error), error)
	// Weights are those of layer l in the float network's unit, [out, in]; nil where it
	// does not learn.
	Weights(l int) []float64
	// State is all that the pupil needs to go on; Restore takes it back.
	State() []weights.Tensor
	Restore(f *weights.File) error
}

// Vote is what a layer made of a sample: the class that its readout voted for, and its
// spikes by step and neuron.
type Vote struct {
	Class  int
	Spikes spikes.Train
}

// TwinPupil is a float twin.
type TwinPupil struct{ *decolle.Twin[float64] }

// Learn implements Pupil.
func (p TwinPupil) Learn(_ context.Context, train spikes.Train, class, k int) ([]Vote, error) {
	verdicts, err := p.Twin.Learn(train, class, k)
	return votesOf(verdicts), err
}

// Voter implements Pupil.
func (p TwinPupil) Voter() (func(context.Context, spikes.Train) ([]Vote, error), error) {
	reader := p.NewReader()
	return func(_ context.Context, train spikes.Train) ([]Vote, error) {
		verdicts, err := reader.Classify(train)
		return votesOf(verdicts), err
	}, nil
}

// Weights implements Pupil.
func (p TwinPupil) Weights(l int) []float64 {
	if !p.Plastic(l) {
		return nil
	}
	return p.Parameters(l).W
}

// State implements Pupil.
func (p TwinPupil) State() []weights.Tensor {
	tensors := p.Twin.State()
	var list []weights.Tensor
	for _, name := range tensors.Names() {
		t := tensors[name]
		dtype := weights.F64
		if t.Bits == 32 {
			dtype = weights.F32
		}
		list = append(list, weights.Tensor{Name: name, DType: dtype, Shape: t.Shape, Data: t.Data})
	}
	return list
}

// Restore implements Pupil.
func (p TwinPupil) Restore(f *weights.File) error {
	tensors := decolle.Tensors{}
	for _, t := range f.Tensors {
		bits := 64
		if t.DType == weights.F32 {
			bits = 32
		}
		tensors[t.Name] = decolle.Tensor{Shape: t.Shape, Bits: bits, Data: t.Data}
	}
	return p.Twin.Restore(tensors)
}

func votesOf(verdicts []decolle.LayerVerdict) []Vote {
	votes := make([]Vote, len(verdicts))
	for i, v := range verdicts {
		votes[i] = Vote{Class: v.Vote, Spikes: v.Train}
	}
	return votes
}

// Exam is a test of what was learned: right answers of Of samples by layer.
type Exam struct {
	Of    int   `json:"samples"`
	Right []int `json:"right"`
}

// Accuracy of a layer; 0 where nothing was asked.
func (e Exam) Accuracy(l int) float64 { return float64(e.Right[l]) / float64(max(1, e.Of)) }

func (e *Exam) mark(votes []Vote, class int) {
	if e.Right == nil {
		e.Right = make([]int, len(votes))
	}
	e.Of++
	for l, v := range votes {
		if v.Class == class {
			e.Right[l]++
		}
	}
}

// Examine lets a pupil vote on the first n samples. done is told after each, from many
// goroutines; it may be nil. The result does not depend on workers.
func Examine(ctx context.Context, p Pupil, images *stimulus.Images, enc stimulus.Encoder, n, workers int, done func()) (Exam, error) {
	votes := make([][]Vote, n)
	err := shareOut(ctx, n, workers, func() (func(i int) error, error) {
		vote, err := p.Voter()
		return func(i int) (err error) {
			votes[i], err = vote(ctx, enc.Encode(images.Image(i), images.Index[i]))
			if done != nil {
				done()
			}
			return err
		}, err
	})
	if err != nil {
		return Exam{}, err
	}
	var e Exam
	for i, v := range votes {
		e.mark(v, images.Labels[i])
	}
	return e, nil
}

// shareOut does pieces 0..n-1 of work, each once, on several goroutines; open makes what
// one goroutine works with, one after the other. The first error ends all.
func shareOut(ctx context.Context, n, workers int, open func() (func(i int) error, error)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var crew sync.WaitGroup
	for range max(1, workers) {
		work, err := open()
		if err != nil {
			cancel(err)
		}
		crew.Go(func() {
			for i := range next {
				if ctx.Err() != nil {
					continue
				}
				if err := work(i); err != nil {
					cancel(err)
				}
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
