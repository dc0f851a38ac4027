package decolle

import (
	"context"

	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Trainer takes a network through a data set. What it does depends on the network,
// the data, the Training and nothing else: not on the number of workers, and not on
// whether it was interrupted and restored.
type Trainer[F Float] struct {
	net     *Network[F]
	cfg     Training
	data    Dataset
	learner *Learner[F]
	digits  int
	batches int

	epoch int     // whose order is kept
	order []int32 // order of the samples in that epoch
}

// Hooks are what a run reports to. All are called between batches, by the
// goroutine that runs; each may be nil.
type Hooks struct {
	Progress   func(Progress)
	Checkpoint func(Tensors) error // an error ends the run
	Every      int                 // batches between checkpoints
}

// Progress is where a run stands after a batch.
type Progress struct {
	Digits, Total int
	Batches       int
	LR            float64   // of this batch
	Loss          []float64 // by layer, mean over the supervised rows of this batch
}

// NewTrainer makes a trainer of the network at the beginning of a run. The error is
// a diag.List of code decolle/spec.
func NewTrainer[F Float](n *Network[F], cfg Training, data Dataset) (*Trainer[F], error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := checkSize(data); err != nil {
		return nil, err
	}
	cfg = cfg.filled()
	learner, err := NewLearner(n, cfg.Batch, cfg.Optimiser, cfg.Seed, cfg.Workers)
	if err != nil {
		return nil, err
	}
	return &Trainer[F]{net: n, cfg: cfg, data: data, learner: learner, epoch: -1}, nil
}

// Run trains until cfg.Digits digits have been seen. A cancelled context stops it
// between two batches with the context's cause; State then continues from there.
func (t *Trainer[F]) Run(ctx context.Context, h Hooks) error {
	for t.digits < t.cfg.Digits {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p, err := t.batch()
		if err != nil {
			return err
		}
		if h.Progress != nil {
			h.Progress(p)
		}
		if h.Checkpoint != nil && h.Every > 0 && t.batches%h.Every == 0 {
			if err := h.Checkpoint(t.State()); err != nil {
				return err
			}
		}
	}
	return nil
}

// batch trains on the next batch.
func (t *Trainer[F]) batch() (Progress, error) {
	rows, class, err := t.load(min(t.cfg.Batch, t.cfg.Digits-t.digits))
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Total: t.cfg.Digits, LR: t.cfg.rate(t.digits), Loss: make([]float64, t.net.Layers())}
	t.learner.batch.Reset()
	for step, in := range rows {
		if step < t.cfg.BurnIn {
			t.learner.Step(in)
			continue
		}
		losses := t.learner.Learn(in, Target{Class: class, Digit: uint64(t.digits), Mode: t.mode(step), LR: p.LR})
		for l, x := range losses {
			p.Loss[l] += x / float64(t.cfg.Steps-t.cfg.BurnIn)
		}
	}
	t.digits += len(class)
	t.batches++
	p.Digits, p.Batches = t.digits, t.batches
	return p, t.net.checkFinite(t.digits)
}

func (t *Trainer[F]) mode(step int) Mode {
	if t.cfg.Update == Online || step == t.cfg.Steps-1 {
		return Update
	}
	return Accumulate
}

// load codes the next items: rows[step][item], and their classes.
func (t *Trainer[F]) load(items int) (rows [][]spikes.Train, class []int, err error) {
	samples := make([]int, items)
	for n := range samples {
		samples[n] = t.pick(t.digits + n)
	}
	class = make([]int, items)
	trains, errs := make([][]spikes.Train, items), make([]error, items)
	parallel(t.cfg.Workers, items, 1, func(lo, hi int) {
		for n := lo; n < hi; n++ {
			var train spikes.Train
			train, class[n], errs[n] = t.net.sample(t.data, samples[n])
			trains[n] = train.Rows(t.cfg.Steps)
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, nil, err
		}
	}
	rows = make([][]spikes.Train, t.cfg.Steps)
	for step := range rows {
		rows[step] = make([]spikes.Train, items)
		for n := range items {
			rows[step][n] = trains[n][step]
		}
	}
	return rows, class, nil
}

// pick is the sample that comes as digit number q of the run.
func (t *Trainer[F]) pick(q int) int {
	epoch, i := q/t.data.Len(), q%t.data.Len()
	if !t.cfg.Shuffle {
		return i
	}
	if epoch != t.epoch {
		t.epoch, t.order = epoch, newStream(t.cfg.Seed, sem.Key("order"), uint64(epoch)).shuffled(t.data.Len())
	}
	return int(t.order[i])
}

// checkFinite reports a training run that has blown up.
func (n *Network[F]) checkFinite(digits int) error {
	for l, layer := range n.layers {
		if !finite(layer.w) || !finite(layer.b) {
			return diverged(l, digits)
		}
	}
	return nil
}

func diverged(l, digits int) error {
	return diag.Errorf(diag.Pos{}, codeDiverged, "the weights of layer %d are no longer finite after %d digits", l, digits).
		WithFix("use a smaller learning rate")
}

func finite[F Float](x []F) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
