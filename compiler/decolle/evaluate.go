package decolle

import "context"

// Evaluation is the outcome of a classification run over a data set.
type Evaluation struct {
	Class       []int   // by digit: the true class
	Vote        [][]int // [layer][digit]: class by votes
	Summed      [][]int // [layer][digit]: class by summed readout
	Spikes      []int64 // by layer: spikes of all digits in all rows
	Counted     []int64 // by layer: spikes of all digits in the counted rows
	InputSpikes int64   // of all digits in all rows
	Neurons     []int   // by layer
	Protocol    Protocol
}

// Accuracy is the part of the digits that layer l classifies rightly by votes.
func (e *Evaluation) Accuracy(l int) float64 { return e.right(e.Vote[l]) }

// SummedAccuracy is the same by summed readouts.
func (e *Evaluation) SummedAccuracy(l int) float64 { return e.right(e.Summed[l]) }

func (e *Evaluation) right(predicted []int) float64 {
	n := 0
	for i, class := range predicted {
		if class == e.Class[i] {
			n++
		}
	}
	return float64(n) / float64(len(e.Class))
}

// Rate is the spikes of layer l per neuron and row, over the counted rows.
func (e *Evaluation) Rate(l int) float64 {
	rows := e.Protocol.Steps - e.Protocol.BurnIn
	return float64(e.Counted[l]) / float64(e.Neurons[l]*len(e.Class)*rows)
}

// evaluatePiece is the digits between two looks at the context.
const evaluatePiece = 256

// Evaluate classifies all digits of a data set. progress (may be nil) is told the
// number of digits done, by the calling goroutine. A cancelled context ends the run
// with its cause; a sample that does not fit is an error of code decolle/data.
func Evaluate[F Float](ctx context.Context, n *Network[F], d Dataset, p Protocol, progress func(done int)) (*Evaluation, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if err := checkSize(d); err != nil {
		return nil, err
	}
	e := newEvaluation(n, d.Len(), p)
	digits := make([]digit, d.Len())
	for lo := 0; lo < d.Len(); lo += evaluatePiece {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		piece := digits[lo:min(lo+evaluatePiece, d.Len())]
		evaluate(n, d, p, lo, piece)
		for i := range piece {
			if piece[i].err != nil {
				return nil, piece[i].err
			}
			e.add(lo+i, piece[i])
		}
		if progress != nil {
			progress(lo + len(piece))
		}
	}
	return e, nil
}

// digit is the outcome of one presentation.
type digit struct {
	class, input int
	layers       []LayerVerdict
	err          error
}

// evaluate fills the outcomes of the samples from number first on.
func evaluate[F Float](n *Network[F], d Dataset, p Protocol, first int, out []digit) {
	parallel(max(p.Workers, 1), len(out), 8, func(lo, hi int) {
		b := n.NewBatch(1)
		for i := lo; i < hi; i++ {
			train, class, err := n.sample(d, first+i)
			if out[i] = (digit{class: class, err: err}); err != nil {
				continue
			}
			for _, row := range train.Rows(p.Steps) {
				out[i].input += len(row)
			}
			out[i].layers = b.classify(train, p, nil)
		}
	})
}

func newEvaluation[F Float](n *Network[F], digits int, p Protocol) *Evaluation {
	e := &Evaluation{Class: make([]int, digits), Protocol: p}
	e.Spikes, e.Counted = make([]int64, n.Layers()), make([]int64, n.Layers())
	for l := range n.layers {
		_, _, neurons := n.LayerShape(l)
		e.Neurons = append(e.Neurons, neurons.Size())
		e.Vote, e.Summed = append(e.Vote, make([]int, digits)), append(e.Summed, make([]int, digits))
	}
	return e
}

func (e *Evaluation) add(i int, d digit) {
	e.Class[i] = d.class
	e.InputSpikes += int64(d.input)
	for l, v := range d.layers {
		e.Vote[l][i], e.Summed[l][i] = v.Vote, v.Summed
		e.Spikes[l] += int64(v.Spikes)
		e.Counted[l] += int64(v.Counted)
	}
}
