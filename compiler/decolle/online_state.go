package decolle

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"decc/ir/diag"
)

// The state of a Twin is the network's tensors and, beside them, for every layer that
// learns
//
//	learn.<l>.mark [out, in]            weights when Drift was last asked
//	learn.<l>.counts [4]                Rows, Inside, Factors, Synapses
//	learn.<l>.weight|bias.n|seen        what AdaMax remembers, by input line, and when it was moved
//	learn.<l>.weight|bias.updates [1]   rows that AdaMax has counted
//
// and learn.seed [2], upper and lower 32 bits. The number of the next presentation is the caller's.
const (
	learnPrefix   = "learn."
	learnSeedName = learnPrefix + "seed"
)

func learnName(l int, what string) string { return fmt.Sprintf("%s%d.%s", learnPrefix, l, what) }

// stored is one array of a state: its name, precision and shape, how it is read and how
// it is set.
type stored struct {
	name  string
	bits  int
	shape []int
	most  float64 // of counters, which are whole numbers from 0; 0: not counters
	get   func() []float64
	set   func([]float64)
}

// layout lists everything that a twin stores beside the network's tensors.
func (t *Twin[F]) layout() []stored {
	seed := []float64{float64(t.cfg.Seed >> 32), float64(t.cfg.Seed & (1<<32 - 1))}
	out := []stored{{
		name: learnSeedName, bits: 64, shape: []int{2}, most: math.MaxUint32,
		get: func() []float64 { return seed }, set: func([]float64) {},
	}}
	for l, p := range t.layers {
		if p == nil {
			continue
		}
		out = append(out, p.layout(l)...)
		out = append(out, p.weights.layout(learnName(l, "weight"))...)
		if p.biases != nil {
			out = append(out, p.biases.layout(learnName(l, "bias"))...)
		}
	}
	return out
}

func (p *plastic[F]) layout(l int) []stored {
	layer := p.layer
	return []stored{
		{
			name: learnName(l, "mark"), bits: bits[F](), shape: layer.spec.weightShape(layer.geo.in),
			get: func() []float64 { return layer.exportWeights(p.mark) },
			set: func(x []float64) { layer.importWeights(p.mark, x) },
		},
		{
			name: learnName(l, "counts"), bits: 64, shape: []int{4}, most: maxCounter,
			get: p.counts.values, set: p.counts.set,
		},
	}
}

func (c *UpdateCounts) values() []float64 {
	return []float64{float64(c.Rows), float64(c.Inside), float64(c.Factors), float64(c.Synapses)}
}

func (c *UpdateCounts) set(x []float64) {
	c.Rows, c.Inside, c.Factors, c.Synapses = int64(x[0]), int64(x[1]), int64(x[2]), int64(x[3])
}

func (s *synapse[F]) layout(prefix string) []stored {
	a := s.age
	if a == nil {
		return nil
	}
	shape := []int{s.lines, len(s.w) / s.lines}
	return []stored{
		{
			name: prefix + ".n", bits: bits[F](), shape: shape,
			get: func() []float64 { return widen(a.n) }, set: func(x []float64) { narrow(a.n, x) },
		},
		{name: prefix + ".seen", bits: 64, shape: shape, most: math.MaxUint32, get: a.seenRows, set: a.setSeen},
		{
			name: prefix + ".updates", bits: 64, shape: []int{1}, most: math.MaxUint32,
			get: func() []float64 { return []float64{float64(a.updates)} },
			set: func(x []float64) { a.updates = uint32(x[0]) },
		},
	}
}

func (a *age[F]) seenRows() []float64 {
	out := make([]float64, len(a.seen))
	for e, x := range a.seen {
		out[e] = float64(x)
	}
	return out
}

func (a *age[F]) setSeen(x []float64) {
	for e, v := range x {
		a.seen[e] = uint32(v)
	}
}

// State copies everything that a run needs to go on bit for bit as if it had not been
// interrupted. It is to be taken between presentations.
func (t *Twin[F]) State() Tensors {
	out := t.net.Tensors()
	for _, s := range t.layout() {
		out[s.name] = Tensor{Shape: s.shape, Bits: s.bits, Data: s.get()}
	}
	return out
}

// Restore puts a twin of the same description back into a State. The error (a diag.List of
// code decolle/state or decolle/tensor) tells what does not belong to it; the twin is
// then unchanged.
func (t *Twin[F]) Restore(s Tensors) error {
	c := checker{code: codeState}
	layout := t.layout()
	values := make([][]float64, len(layout))
	for i, want := range layout {
		values[i] = c.stored(s, want)
	}
	c.known(s, layout)
	for _, name := range t.net.Tensors().Names() {
		c.width(s, name, bits[F]())
	}
	if err := c.list.Err(); err != nil {
		return err
	}
	if err := t.net.SetTensors(s); err != nil {
		return err
	}
	for i, want := range layout {
		want.set(values[i])
	}
	return nil
}

// stored fetches one array, checks its precision, that counters are counters and that
// the seed is the twin's.
func (c *checker) stored(s Tensors, want stored) []float64 {
	x := c.tensor(s, want.name, want.shape...)
	if x == nil {
		return nil
	}
	c.width(s, want.name, want.bits)
	if want.name == learnSeedName && !slices.Equal(x, want.get()) {
		c.list.Add(diag.Pos{}, c.code, "the checkpoint was not made with this seed of learning").WithFix("resume with the seed of the run")
	}
	for i, v := range x {
		if want.most > 0 && (v < 0 || v > want.most || v != math.Trunc(v)) {
			c.list.Add(diag.Pos{}, c.code, "%s[%d] is %v", want.name, i, v).WithFix("counters are whole numbers")
			break
		}
	}
	return x
}

// width checks the precision of a tensor, if it is there: another could not be restored
// bit for bit.
func (c *checker) width(s Tensors, name string, want int) {
	if got, ok := s[name]; ok && got.Bits != want {
		c.list.Add(diag.Pos{}, c.code, "%s has %d bits, not %d", name, got.Bits, want).
			WithFix("resume in the precision of the checkpoint")
	}
}

// known reports the first array of another learning configuration.
func (c *checker) known(s Tensors, layout []stored) {
	for _, name := range s.Names() {
		same := func(want stored) bool { return want.name == name }
		if strings.HasPrefix(name, learnPrefix) && !slices.ContainsFunc(layout, same) {
			c.list.Add(diag.Pos{}, c.code, "the checkpoint holds %s, which this learning does not keep", name).
				WithFix("resume with the plastic layers and the optimiser that wrote the checkpoint")
			return
		}
	}
}
