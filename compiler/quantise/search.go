package quantise

import (
	"math"
	"sync"

	"decc/compiler/decolle"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/spikes"
)

// choice is the plan of a layer that the search settled on.
type choice struct {
	plan                     layerPlan
	before, after, decisions int
}

// stepFactors are the weight steps that the search tries, relative to the step at
// which no weight is clipped: below 1 outliers are clipped, above 1 (where the step
// also fixes the voltage's range) codes are left unused.
var (
	stepFactors       = ladder(0.12, 1, 17)
	coarseStepFactors = ladder(1.15, 4, 9)
)

// thresholdShifts are the shifts of the threshold that the search tries after
// that, in units of U.
var thresholdShifts = []float64{-0.8, -0.4, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.4, 0.8}

// ladder is n values from lo to hi in equal ratios.
func ladder(lo, hi float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo * math.Pow(hi/lo, float64(i)/float64(n-1))
	}
	return x
}

// choose finds the plan of layer l. A neuron's choice does not touch its
// neighbours, so all neurons try a candidate in one run and each keeps its own best.
func (q *quantiser) choose(l int) (choice, error) {
	n := q.units(l)
	start := candidate{factor: constant(n, 1), shift: constant(n, 0)}
	if len(q.inputs) == 0 {
		lp := q.plans(l, start.factor, start.shift)
		q.sharedRefractory(lp)
		return choice{plan: lp}, nil
	}
	scored, err := q.score(l, []candidate{start})
	if err != nil {
		return choice{}, err
	}
	best := scored[0]
	before := best.total()
	if q.o.Search {
		if best, err = q.refine(l, best); err != nil {
			return choice{}, err
		}
	}
	q.inputs = best.spikes
	return choice{plan: best.plan, before: before, after: best.total(), decisions: n * q.plane(l) * q.o.Rows * len(q.inputs)}, nil
}

// refine searches the step, then the shift, and runs the winner once more.
func (q *quantiser) refine(l int, best scored) (scored, error) {
	factors := q.o.factors()
	rounds := []struct {
		values []float64
		set    func(c candidate, x float64) candidate
	}{
		{factors, func(c candidate, x float64) candidate { c.factor = constant(len(c.factor), x); return c }},
		{thresholdShifts, func(c candidate, x float64) candidate { c.shift = constant(len(c.shift), x); return c }},
	}
	for _, r := range rounds {
		var tries []candidate
		for _, x := range r.values {
			tries = append(tries, r.set(best.candidate, x))
		}
		results, err := q.score(l, tries)
		if err != nil {
			return scored{}, err
		}
		winner := pick(append([]scored{best}, results...), q.o.PerLayer)
		if results, err = q.score(l, []candidate{winner}); err != nil {
			return scored{}, err
		}
		best = results[0]
	}
	return best, nil
}

func (o Options) factors() []float64 {
	if o.FreeGain {
		return stepFactors
	}
	return append(append([]float64(nil), stepFactors...), coarseStepFactors...)
}

// Candidates is how often Progress is called for a network of so many layers.
func (o Options) Candidates(layers int) int {
	switch {
	case len(o.Calibration) == 0:
		return 0
	case !o.Search:
		return layers
	}
	return layers * (1 + len(o.factors()) + 1 + len(thresholdShifts) + 1)
}

func (q *quantiser) tick() {
	if q.o.Progress == nil {
		return
	}
	q.ticking.Lock()
	defer q.ticking.Unlock()
	q.o.Progress()
}

// candidate gives every neuron a step factor and a threshold shift.
type candidate struct{ factor, shift []float64 }

// scored is a candidate with what came of it.
type scored struct {
	candidate
	plan   layerPlan
	wrong  []int          // rows of disagreement, by neuron
	spikes []spikes.Train // of the layer, by sample
}

func (s scored) total() int {
	n := 0
	for _, w := range s.wrong {
		n += w
	}
	return n
}

func constant(n int, x float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = x
	}
	return v
}

// pick joins the best of every neuron (or the best of the whole layer) into one
// candidate; ties go to the earlier.
func pick(all []scored, perLayer bool) candidate {
	n := len(all[0].wrong)
	c := candidate{factor: make([]float64, n), shift: make([]float64, n)}
	whole := 0
	for k := range all {
		if all[k].total() < all[whole].total() {
			whole = k
		}
	}
	for i := range n {
		best := whole
		if !perLayer {
			best = bestFor(all, i)
		}
		c.factor[i], c.shift[i] = all[best].factor[i], all[best].shift[i]
	}
	return c
}

// bestFor is the candidate with the fewest disagreements of neuron i. The first
// one, the incumbent, stays unless it is beaten by more than its counting noise:
// what is not a difference on these samples is none on others.
func bestFor(all []scored, i int) int {
	best := 0
	for k := range all {
		if all[k].wrong[i] < all[best].wrong[i] {
			best = k
		}
	}
	incumbent := float64(all[0].wrong[i])
	if incumbent-float64(all[best].wrong[i]) <= 2*math.Sqrt(incumbent) {
		return 0
	}
	return best
}

// score runs candidates on the integer machine, Workers at a time; the results
// stand in the order of the candidates.
func (q *quantiser) score(l int, tries []candidate) ([]scored, error) {
	out, errs := make([]scored, len(tries)), make([]error, len(tries))
	var group sync.WaitGroup
	gate := make(chan struct{}, max(1, q.o.Workers))
	for i, c := range tries {
		group.Add(1)
		gate <- struct{}{}
		go func() {
			defer group.Done()
			out[i], errs[i] = q.try(l, c)
			q.tick()
			<-gate
		}()
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// try quantises layer l in that way and compares its spikes with the float
// network's, row by row.
func (q *quantiser) try(l int, c candidate) (scored, error) {
	s := scored{candidate: c, plan: q.plans(l, c.factor, c.shift)}
	q.sharedRefractory(s.plan)
	m := q.empty()
	in, _, _ := q.net.LayerShape(l)
	m.Inputs[0].N = in.Size()
	if err := q.appendLayer(m, l, inputName, s.plan, 0); err != nil {
		return s, err
	}
	machine := interp.New[int64](m)
	s.wrong = make([]int, len(s.plan.neurons))
	group, lag := layerName(q.o, l), 0
	if q.pool(l) > 1 {
		group, _ = q.spiking(l)
		lag = 1
	}
	for k, train := range q.inputs {
		rec, err := machine.Run(q.ctx, spikes.Request{Rows: q.o.Rows + lag, SpikesOf: []string{group}, Inputs: map[string]spikes.Train{inputName: train}})
		if err != nil {
			return s, err
		}
		got := rec.Spikes[group]
		if lag > 0 {
			got = got.Shifted(lag, q.o.Rows)
		}
		countDifferences(s.wrong, got, q.float[l].spikes[k], q.plane(l))
		s.spikes = append(s.spikes, got)
	}
	return s, nil
}

// countDifferences adds to wrong[i] the spikes of the neurons of unit i, plane each, that
// exactly one of the trains has. Both are sorted.
func countDifferences(wrong []int, a, b spikes.Train, plane int) {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case j == len(b) || i < len(a) && earlier(a[i], b[j]):
			wrong[int(a[i].Index)/plane]++
			i++
		case i == len(a) || earlier(b[j], a[i]):
			wrong[int(b[j].Index)/plane]++
			j++
		default:
			i, j = i+1, j+1
		}
	}
}

func earlier(a, b spikes.Event) bool {
	return a.Row < b.Row || a.Row == b.Row && a.Index < b.Index
}

// The moments of the inputs want many different samples, but neighbouring rows say
// nearly the same; the search on the integer machine is content with fewer samples.
const (
	momentStride  = 5
	searchSamples = 100
)

// layerRun is what the float network did on the calibration samples.
type layerRun struct {
	spikes  []spikes.Train // by sample
	peak    []float64      // greatest |U| of each unit
	plane   int            // neurons of a unit
	moments *moments       // of the layer's inputs
}

// observe runs the float network on the calibration samples.
func (q *quantiser) observe() {
	q.inputs = q.o.Calibration[:min(searchSamples, len(q.o.Calibration))]
	q.float = make([]layerRun, q.net.Layers())
	for l := range q.float {
		q.float[l].peak, q.float[l].plane = make([]float64, q.units(l)), q.plane(l)
		if in, _, _ := q.net.LayerShape(l); q.rounds(l) {
			q.float[l].moments = newMoments(in.Size())
		}
	}
	batch := q.net.NewBatch(1)
	for _, train := range q.o.Calibration {
		batch.Reset()
		for l := range q.float {
			q.float[l].spikes = append(q.float[l].spikes, nil)
		}
		for t, row := range train.Rows(q.o.Rows) {
			batch.Step([]spikes.Train{row})
			for l, v := range batch.Views(0) {
				q.float[l].take(v.U, v.Spikes)
				if q.rounds(l) && t%momentStride == momentStride-1 {
					q.float[l].moments.add(batch.States(l, 0).P)
				}
			}
		}
	}
	q.rounders = make([]*rounder, len(q.float))
	for l := range q.rounders {
		if q.rounds(l) && len(q.o.Calibration) > 0 {
			q.rounders[l] = newRounder(q.float[l].moments)
		}
	}
}

// rounds tells that the weights of layer l are rounded together, by the moments of their
// inputs: those of a kernel, which meet other inputs at every place, are not.
func (q *quantiser) rounds(l int) bool {
	return q.o.Search && q.net.Spec().Layers[l].Kind == decolle.Dense
}

func (r *layerRun) take(u []float64, fired spikes.Train) {
	last := len(r.spikes) - 1
	r.spikes[last] = append(r.spikes[last], fired...)
	for i, x := range u {
		r.peak[i/r.plane] = max(r.peak[i/r.plane], math.Abs(x))
	}
}

// pooledRoom is how much further below 0 a potential may go than the greatest of its pooling
// window, which is all that calibration sees.
const pooledRoom = 4

// peak is the greatest |U| that unit i of layer l reaches: seen in calibration
// (never below 1), or without calibration the bound from its weights.
func (q *quantiser) peak(l, i int) float64 {
	if len(q.o.Calibration) > 0 {
		room := 1.0
		if q.pool(l) > 1 {
			room = pooledRoom
		}
		return max(1, room*q.float[l].peak[i])
	}
	weights, bias := q.weights(l, i)
	sum := math.Abs(bias) + q.dyn.Refractory/(1-q.dyn.AlphaRP)
	for _, w := range weights {
		sum += math.Abs(w) * q.floatGain()
	}
	return max(1, sum)
}

// rangeError says that a value fits no scale.
func rangeError(q *quantiser, l int, what string) error {
	return diag.Errorf(position(q.o, l), "quantise/range", "layer %s: %s", layerName(q.o, l), what).
		WithFix("retrain with a smaller step, or clip the value")
}
