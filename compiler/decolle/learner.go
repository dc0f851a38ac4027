package decolle

import (
	"decc/ir/sem"
	"decc/ir/spikes"
)

// gradient is the slope of the loss in the parameters of one layer, in the order
// of its synapses, and what the optimiser remembers of earlier ones.
type gradient[F Float] struct {
	w, b   []F
	mw, mb moments[F]
}

// unit is one piece of work of an update: some weight rows of a layer, or its biases, which are one row.
type unit[F Float] struct {
	layer  int
	first  int // of the rows
	width  int // of a row
	bias   bool
	moves  []bool     // by row: whether its gradient can differ from 0
	w, g   []F        // parameters and gradient of the rows
	memory moments[F] // what the optimiser remembers of them
}

// Learner trains a network on a batch of items: forward step, local loss of every
// layer, local gradients, update.
type Learner[F Float] struct {
	net      *Network[F]
	batch    *Batch[F]
	opt      Optimiser
	rule     rule[F]
	grads    []gradient[F]
	units    []unit[F]
	updates  uint64 // number of updates so far
	spent    bool   // the gradients have been used
	workers  int
	seed     uint64
	dropouts []uint64 // sem.Key of every layer's dropout
}

// NewLearner makes a learner of n at rest for up to items items. Workers is the
// number of goroutines, from 1; it never changes a result. The error is a
// diag.List of code decolle/spec.
func NewLearner[F Float](n *Network[F], items int, o Optimiser, seed uint64, workers int) (*Learner[F], error) {
	c := checker{code: codeSpec}
	c.optimiser(o)
	c.count("batch", items, 1, maxItems)
	c.count("workers", workers, 1, maxWorkers)
	c.count("batch times lines and compartments", items*n.members(), 1, maxState)
	if err := c.list.Err(); err != nil {
		return nil, err
	}
	l := &Learner[F]{net: n, opt: o, rule: ruleOf[F](o), workers: workers, seed: seed}
	l.batch = n.NewBatch(items)
	l.batch.scratch = make([]scratch[F], workers)
	for i, layer := range n.layers {
		l.dropouts = append(l.dropouts, sem.Key(dropoutName(i)))
		l.grads = append(l.grads, newGradient(l.rule, layer))
		if !layer.spec.Frozen {
			l.addUnits(i, layer)
			prepare(n, layer, l.batch.cells[i])
		}
	}
	return l, nil
}

// Bounds of a training run.
const (
	maxItems   = 1 << 16
	maxWorkers = 1 << 10
	maxState   = 1 << 28 // lines and compartments of all items
)

func (c *checker) optimiser(o Optimiser) {
	c.name("optimizer", o.Kind, Optimisers())
	c.number("lr", o.LR, 0, maxReal)
	c.number("beta1", o.Beta1, 0, oneBelow)
	c.number("beta2", o.Beta2, 0, oneBelow)
	c.number("eps", o.Eps, 0, 1)
}

func newGradient[F Float](r rule[F], l *layer[F]) gradient[F] {
	return gradient[F]{
		w: make([]F, len(l.w)), b: make([]F, len(l.b)),
		mw: newMoments(r, len(l.w)), mb: newMoments(r, len(l.b)),
	}
}

func (l *Learner[F]) addUnits(i int, layer *layer[F]) {
	g := &l.grads[i]
	rows, width, most := layer.syn.rows()
	for k := 0; k < rows; k += most {
		n := min(most, rows-k)
		lo, hi := k*width, (k+n)*width
		l.units = append(l.units, unit[F]{
			layer: i, first: k, width: width, moves: make([]bool, n), w: layer.w[lo:hi], g: g.w[lo:hi], memory: g.mw.part(lo, hi),
		})
	}
	l.units = append(l.units, unit[F]{
		layer: i, width: len(layer.b), bias: true, moves: make([]bool, 1), w: layer.b, g: g.b, memory: g.mb,
	})
}

// prepare gives the cells of a layer what only learning needs.
func prepare[F Float](n *Network[F], l *layer[F], cells []*cell[F]) {
	neurons := l.geo.out.Size()
	slopes := make([]F, neurons*len(cells))
	for i, c := range cells {
		c.slopes, c.bounds = slopes[i*neurons:], make([]int32, len(l.b)+1)
		c.slope = c.slopes[:neurons:neurons]
		if n.spec.Dropout > 0 {
			c.keep = make([]F, l.geo.out.Size())
		}
	}
}

// Batch is the state that the learner runs on.
func (l *Learner[F]) Batch() *Batch[F] { return l.batch }

// Target is what one row asks of the items of a batch.
type Target struct {
	Class []int   // by item: 0..classes-1 or NoTarget
	Digit uint64  // number of the first item since training began: keys the dropout
	Mode  Mode    // what to do with the loss
	LR    float64 // learning rate of an Update
}

// Mode is what a row does with its loss.
type Mode uint8

// Each mode does what the earlier ones do.
const (
	Measure    Mode = iota // compute the loss
	Accumulate             // drop out spikes, add the gradients to those since the last Update
	Update                 // update the parameters with the gradients
)

// Step runs one row without supervision, as in the burn-in.
func (l *Learner[F]) Step(in []spikes.Train) { l.forward(in, 0, false) }

// Learn runs one row with supervision and returns the loss of every layer: the mean
// over items and classes, plus the regulariser. in and t.Class have the same length.
func (l *Learner[F]) Learn(in []spikes.Train, t Target) []float64 {
	l.forward(in, t.Digit, t.Mode >= Accumulate)
	losses, slopes := l.measure(t)
	if t.Mode >= Accumulate {
		parallelBy(l.workers, len(in), 1, func(worker, lo, hi int) {
			for n := lo; n < hi; n++ {
				l.blame(n, t.Class[n], slopes, &l.batch.scratch[worker])
			}
		})
		l.descend(len(in), t)
	}
	return losses
}

func (l *Learner[F]) forward(in []spikes.Train, digit uint64, learn bool) {
	dropout := learn && l.net.spec.Dropout > 0
	parallelBy(l.workers, len(in), 1, func(worker, lo, hi int) {
		for n := lo; n < hi; n++ {
			if dropout {
				l.drop(n, digit+uint64(n))
			}
			l.batch.stepItem(n, in[n], dropout, &l.batch.scratch[worker])
		}
	})
	l.batch.row++
}

// drop draws the dropout factors of item n: 0, or 1/(1-p).
func (l *Learner[F]) drop(n int, digit uint64) {
	p := l.net.spec.Dropout
	factors := [2]F{0, F(1 / (1 - p))}
	for i, cells := range l.batch.cells {
		draw := newStream(l.seed, l.dropouts[i], digit<<20+uint64(l.batch.row))
		for k := range cells[n].keep {
			cells[n].keep[k] = factors[bit(draw.unit(uint64(k)), p)]
		}
	}
}

// measure computes the losses of all layers, items in ascending order, and the
// slopes of their regularisers.
func (l *Learner[F]) measure(t Target) ([]float64, []regSlopes) {
	norm := float64(len(t.Class) * l.net.spec.Classes)
	out, slopes := make([]float64, len(l.net.layers)), make([]regSlopes, len(l.net.layers))
	for i, layer := range l.net.layers {
		sum := 0.0
		for n, class := range t.Class {
			c := l.batch.cells[i][n]
			sum += lossErrors(l.net.loss, c.d, c.r, class, norm)
		}
		out[i] = sum / norm
		if layer.spec.Reg > 0 {
			var value float64
			value, slopes[i] = l.regularise(i, t.Class)
			out[i] += value
		}
	}
	return out, slopes
}

// regularise measures the regulariser of layer i over the supervised items.
func (l *Learner[F]) regularise(i int, class []int) (float64, regSlopes) {
	var sum regSums
	layer := l.net.layers[i]
	for n, target := range class {
		if target != NoTarget {
			addPotentials(&sum, l.batch.cells[i][n].u)
		}
	}
	return sum.mean(layer.spec.Reg, len(class)*layer.geo.out.Size())
}

// blame computes the slopes of item n in all layers that learn.
func (l *Learner[F]) blame(n, class int, slopes []regSlopes, s *scratch[F]) {
	for i, layer := range l.net.layers {
		if !layer.spec.Frozen {
			layer.blame(l.net, l.batch.cells[i][n], slopes[i], class != NoTarget, s)
		}
	}
}

// descend gathers the gradients and updates the parameters, one unit at a time: a
// weight is written by one goroutine only, which adds the items in ascending order.
func (l *Learner[F]) descend(items int, t Target) {
	clean := l.spent
	l.spent = t.Mode == Update
	if l.spent {
		l.updates++
	}
	k := l.rule.size(l.opt, t.LR, max(l.updates, 1))
	parallelBy(l.workers, len(l.units), 1, func(worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			l.descendUnit(&l.units[i], items, clean, k, &l.batch.scratch[worker])
		}
	})
	if l.spent {
		l.settle()
	}
}

func (l *Learner[F]) settle() {
	for _, layer := range l.net.layers {
		if !layer.spec.Frozen {
			layer.settle()
		}
	}
}

// descendUnit does one unit; clean tells that the gradients so far are spent. Neighbouring rows that all have a gradient, or all
// have none, move together.
func (l *Learner[F]) descendUnit(u *unit[F], items int, clean bool, size stepSize[F], s *scratch[F]) {
	if clean {
		clear(u.g)
	}
	l.gather(u, l.batch.cells[u.layer][:items], s)
	begin := 0
	for k, moves := range u.moves {
		if moves != u.moves[begin] {
			l.move(u, begin, k, size)
			begin = k
		}
	}
	l.move(u, begin, len(u.moves), size)
}

// gather adds the gradients of a unit, and notes which of its rows can have one that is not 0.
func (l *Learner[F]) gather(u *unit[F], cells []*cell[F], s *scratch[F]) {
	syn := l.net.layers[u.layer].syn
	if u.bias {
		syn.gatherBias(u.g, cells, s)
		u.moves[0] = true
		return
	}
	syn.gather(u.g, u.first, u.moves, cells, s)
}

// move updates rows [from, to) of a unit, which all move or all rest, if this is the time.
func (l *Learner[F]) move(u *unit[F], from, to int, k stepSize[F]) {
	if !l.spent {
		return
	}
	step := l.rule.rest
	if u.moves[from] {
		step = l.rule.step
	}
	lo, hi := from*u.width, to*u.width
	step(k, u.w[lo:hi], u.g[lo:hi], u.memory.part(lo, hi))
}
