package decolle

import (
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Twin learns one sample at a time as the chip does, in real numbers but for the rungs
// that its Learning switches on. A result depends on the network, the Learning, the
// samples and their numbers, and on nothing else. One goroutine may use a Twin; its
// Readers may run beside one another while it rests. Regularisers, dropout and the
// loss of the description are for a Trainer: a Twin has none of them.
type Twin[F Float] struct {
	*Reader[F]
	cfg    Learning
	digits int
	layers []*plastic[F] // nil: does not learn
}

// plastic is one layer that learns.
type plastic[F Float] struct {
	eta     float64
	layer   *layer[F]
	cell    *cell[F]
	drive   *drive[F]
	pre     *pre[F]
	post    *post[F]
	weights *synapse[F]
	biases  *synapse[F] // nil: do not learn
	keys    learningKeys
	shift   [2][]F // what the updates of a row do to W P and W Q of the listed neurons

	counts UpdateCounts
	mark   []F // weights when Drift was last asked
}

// learningKeys are the sem.Keys of a layer's random numbers.
type learningKeys struct{ trace, factor, weight, bias uint64 }

func newLearningKeys(l int) learningKeys {
	key := func(what string) uint64 { return sem.Key(learnName(l, what)) }
	return learningKeys{trace: key("trace"), factor: key("factor"), weight: key("weight"), bias: key("bias")}
}

// UpdateCounts is what learning did in one layer since the Twin was made.
type UpdateCounts struct {
	Rows      int64 // supervised rows that could update
	Inside    int64 // neurons with a slope in them
	Factors   int64 // neurons that updated in them: M is not 0
	Synapses  int64 // weights visited
	Saturated int64 // weights at the end of the grid now
}

// NewTwin makes a twin of a network of dense layers for a run of so many digits, which
// the schedule divides. The network is the twin's from now on: its weights are put on
// the grid, if there is one, and learning changes them. The error is a diag.List of
// code decolle/spec.
func NewTwin[F Float](n *Network[F], l Learning, p Protocol, digits int) (*Twin[F], error) {
	c := checker{code: codeSpec}
	c.count("learn.digits", digits, 1, maxDigits)
	for _, err := range []error{l.Validate(n.spec), p.Validate(), c.list.Err()} {
		if err != nil {
			return nil, err
		}
	}
	t := &Twin[F]{Reader: newReader(n, p), cfg: l.Filled(), digits: digits, layers: make([]*plastic[F], len(n.layers))}
	for i, layer := range n.layers {
		snap(newGrid(&t.cfg), layer.w)
		if t.cfg.Layers[i].Plastic {
			t.layers[i] = newPlastic(t, i)
		}
	}
	return t, nil
}

func newPlastic[F Float](t *Twin[F], l int) *plastic[F] {
	layer := t.net.layers[l]
	p := &plastic[F]{
		eta: t.cfg.Layers[l].Eta, layer: layer, cell: t.batch.cells[l][0], drive: &t.drives[l],
		pre: newPre(t.net, l, &t.cfg), post: newPost(t.net, l, &t.cfg), keys: newLearningKeys(l),
	}
	p.weights = newSynapse(&t.cfg, layer.w, layer.geo.in.Size())
	p.mark = append([]F(nil), layer.w...)
	if t.cfg.Bias {
		p.biases = newSynapse(&t.cfg, layer.b, 1)
		snap(p.biases.grid, layer.b)
	}
	return p
}

// optimiser is the reference's, without its learning rate.
func (l *Learning) optimiser() Optimiser { return Optimiser{Kind: l.Optimiser, Beta2: 0.95, Eps: 1e-8} }

func newSynapse[F Float](l *Learning, w []F, lines int) *synapse[F] {
	s := &synapse[F]{grid: newGrid(l), round: roundingByName(l.Rounding), rule: ruleOf[F](l.optimiser()), w: w, lines: lines}
	if len(s.rule.state) > 0 {
		s.age = newAge[F](len(w), l.optimiser().Beta2)
	}
	return s
}

// Network is the network that learns.
func (t *Twin[F]) Network() *Network[F] { return t.net }

// Parameters copies the parameters of layer l.
func (t *Twin[F]) Parameters(l int) Parameters { return t.net.Parameters(l) }

// NewReader makes a further reader of the twin's network, for another goroutine.
func (t *Twin[F]) NewReader() *Reader[F] { return newReader(t.net, t.protocol) }

// Learn presents a sample of a class (NoTarget: without learning) as presentation
// number k of the run, from 0, and returns the verdicts of the passage, in which the
// weights already move. The error has code decolle/data (the sample does not fit) or
// decolle/diverged.
func (t *Twin[F]) Learn(train spikes.Train, class, k int) ([]LayerVerdict, error) {
	if err := t.checkSample(train, class, k); err != nil {
		return nil, err
	}
	for _, p := range t.layers {
		if p != nil {
			p.pre.reset()
			p.post.reset()
		}
	}
	rows := train.Rows(t.protocol.Steps)
	rate := t.cfg.Rate(k, t.digits)
	out := t.present(train, func(row, l int) {
		if p := t.layers[l]; p != nil && class != NoTarget {
			t.learnRow(p, t.input(rows, row, l), moment{row, class, rate, uint64(k)<<20 + uint64(row)})
		}
	})
	return out, t.checkDrives(k + 1)
}

// checkDrives reports a run that has blown up: a weight that is not finite shows in the
// potentials of its neuron.
func (t *Twin[F]) checkDrives(digits int) error {
	for l, d := range t.drives {
		if !finite(d.wp) || !finite(d.wq) {
			return diverged(l, digits)
		}
	}
	return nil
}

func (t *Twin[F]) checkSample(train spikes.Train, class, k int) error {
	if k < 0 || k >= t.digits {
		return diag.Errorf(diag.Pos{}, codeData, "presentation %d of a run of %d", k, t.digits).WithFix("number the presentations from 0")
	}
	if err := t.net.checkClass(k, class); err != nil {
		return err
	}
	return t.net.checkTrain(k, train)
}

// input is the spikes that arrive at layer l in a row.
func (t *Twin[F]) input(rows []spikes.Train, row, l int) spikes.Train {
	if l == 0 {
		return rows[row]
	}
	return t.batch.cells[l-1][0].out
}

// moment is one row of a presentation.
type moment struct {
	row, class int
	rate       float64
	random     uint64 // row of the random numbers
}

// step is the factor on the size of an update of one unit of M: the schedule makes the
// units of M coarser, not the updates smaller (onchip-learning.md 2, K > 14).
func (m moment) step() float64 {
	if m.rate == 0 {
		return 1
	}
	return m.rate
}

// learnRow takes the learning of one layer through a row that it has just run.
func (t *Twin[F]) learnRow(p *plastic[F], in spikes.Train, m moment) {
	if p.pre.integer {
		p.pre.advance(p.cell.trace.active, in, newStream(t.cfg.Seed, p.keys.trace, m.random))
	}
	after := m.row - t.protocol.BurnIn
	if after+t.cfg.Latency >= 0 {
		p.post.hear(p.layer, p.cell, m.row, m.class)
	}
	if after < 0 || after%t.cfg.Every != 0 {
		return
	}
	p.counts.Rows++
	p.counts.Inside += int64(p.post.gate(p.cell, m.row, p.post.step/m.step(), newStream(t.cfg.Seed, p.keys.factor, m.random)))
	p.counts.Factors += int64(len(p.post.neurons))
	k := p.weights.rule.size(t.cfg.optimiser(), p.eta*m.rate, 1)
	p.moveWeights(k, newStream(t.cfg.Seed, p.keys.weight, m.random), !t.cfg.CUBA)
	p.moveBiases(k, newStream(t.cfg.Seed, p.keys.bias, m.random))
}

// moveWeights updates the weights between the lines whose P is not 0 and the listed
// neurons. With follow, W P and W Q follow their weights.
func (p *plastic[F]) moveWeights(k stepSize[F], noise stream, follow bool) {
	p.weights.tick()
	n := len(p.post.neurons)
	if n == 0 {
		return
	}
	for i := range p.shift {
		p.shift[i] = extend(p.shift[i], n)
		clear(p.shift[i])
	}
	lines := 0
	if p.weights.linear() {
		lines = p.moveLinear(k)
	} else {
		lines = p.moveLines(k, noise, follow)
	}
	p.counts.Synapses += int64(n * lines)
	if !follow {
		return
	}
	for at, i := range p.post.neurons {
		p.drive.wp[i] += p.shift[0][at]
		p.drive.wq[i] += p.shift[1][at]
	}
}

// moveLines updates line by line and sums up what W P and W Q have to follow; it returns
// the number of lines.
func (p *plastic[F]) moveLines(k stepSize[F], noise stream, follow bool) (lines int) {
	t := &p.cell.trace
	for _, j := range t.active {
		x := p.pre.at(t, j)
		if x == 0 {
			continue
		}
		lines++
		p.weights.moveLine(p.post, k, x, int(j), noise)
		if follow {
			p.layer.kernels.AddScaled(p.shift[0], t.p[j], p.weights.delta)
			p.layer.kernels.AddScaled(p.shift[1], t.q[j], p.weights.delta)
		}
	}
	return lines
}

// moveLinear is moveLines for linear synapses, where W P moves by
// -lr M_i sum_j P_j (P of the rule)_j.
func (p *plastic[F]) moveLinear(k stepSize[F]) (lines int) {
	t := &p.cell.trace
	var sums [2]F
	for _, j := range t.active {
		x := p.pre.at(t, j)
		if x == 0 {
			continue
		}
		lines++
		lr := F(k.lr * x)
		p.weights.slide(p.post, lr, int(j))
		sums[0] -= F(lr * t.p[j])
		sums[1] -= F(lr * t.q[j])
	}
	p.layer.kernels.AddScaled(p.shift[0], sums[0], p.post.factor)
	p.layer.kernels.AddScaled(p.shift[1], sums[1], p.post.factor)
	return lines
}

func (p *plastic[F]) moveBiases(k stepSize[F], noise stream) {
	if p.biases != nil {
		p.biases.tick()
		p.biases.moveLine(p.post, k, 1, 0, noise)
	}
}

// tick begins an update.
func (s *synapse[F]) tick() {
	if s.age != nil {
		s.age.updates++
	}
}

// Counts is what learning did in layer l so far; zero for a layer that does not learn.
func (t *Twin[F]) Counts(l int) UpdateCounts {
	p := t.layers[l]
	if p == nil {
		return UpdateCounts{}
	}
	c := p.counts
	c.Saturated = saturated(p.weights.grid, p.layer.w)
	return c
}

// Drift is the sum of the weight changes of layer l, [out, in] row-major, since it was
// last asked or the Twin was made: what the chip's accumulated updates are held
// against. nil for a layer that does not learn.
func (t *Twin[F]) Drift(l int) []float64 {
	p := t.layers[l]
	if p == nil {
		return nil
	}
	moved := make([]F, len(p.mark))
	for e, w := range p.layer.w {
		moved[e] = w - p.mark[e]
	}
	copy(p.mark, p.layer.w)
	return p.layer.exportWeights(moved)
}

// Plastic reports whether layer l learns.
func (t *Twin[F]) Plastic(l int) bool { return t.layers[l] != nil }
