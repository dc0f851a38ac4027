package decolle

import (
	"fmt"
	"strings"

	"decc/ir/diag"
)

// A training state is the network's tensors and, beside them,
//
//	optimizer.<l>.weight.<m|n>, optimizer.<l>.bias.<m|n>  what the optimiser remembers
//	trainer.counters [3]  digits seen, batches run, updates made
//	trainer.seed [2]      upper and lower 32 bits of the seed
//
// which is all that the rest of a run depends on.
const (
	optimiserPrefix = "optimizer."
	countersName    = "trainer.counters"
	seedName        = "trainer.seed"
)

func momentName(l int, array, moment string) string {
	return fmt.Sprintf("%s%d.%s.%s", optimiserPrefix, l, array, moment)
}

// State copies everything that a run needs to go on bit for bit as if it had not
// been interrupted. It is to be taken between batches.
func (t *Trainer[F]) State() Tensors {
	out := t.net.Tensors()
	for l, layer := range t.net.layers {
		g := &t.learner.grads[l]
		for i, moment := range t.learner.rule.state {
			w := layer.exportWeights(g.mw[i])
			out[momentName(l, "weight", moment)] = tensor[F](w, layer.spec.weightShape(layer.geo.in)...)
			out[momentName(l, "bias", moment)] = tensor[F](widen(g.mb[i]), layer.spec.Out)
		}
	}
	counters := []float64{float64(t.digits), float64(t.batches), float64(t.learner.updates)}
	out[countersName] = Tensor{Shape: []int{3}, Bits: 64, Data: counters}
	seed := []float64{float64(t.cfg.Seed >> 32), float64(t.cfg.Seed & (1<<32 - 1))}
	out[seedName] = Tensor{Shape: []int{2}, Bits: 64, Data: seed}
	return out
}

// Restore puts the trainer back into a State. The error (a diag.List of code
// decolle/state or decolle/tensor) tells what does not belong to this network,
// precision, optimiser or seed; the trainer is then unchanged.
func (t *Trainer[F]) Restore(s Tensors) error {
	c := checker{code: codeState}
	c.precision(s, bits[F]())
	moments := t.readMoments(&c, s)
	counters, seed := c.tensor(s, countersName, 3), c.tensor(s, seedName, 2)
	t.checkCounters(&c, counters, seed)
	if err := c.list.Err(); err != nil {
		return err
	}
	if err := t.net.SetTensors(s); err != nil {
		return err
	}
	for _, set := range moments {
		set()
	}
	t.digits, t.batches = int(counters[0]), int(counters[1])
	t.learner.updates = uint64(counters[2])
	t.learner.spent = true
	return nil
}

// readMoments checks the optimiser's tensors and returns what sets them.
func (t *Trainer[F]) readMoments(c *checker, s Tensors) []func() {
	var set []func()
	known := 0
	for l, layer := range t.net.layers {
		g := &t.learner.grads[l]
		for i, moment := range t.learner.rule.state {
			w := c.tensor(s, momentName(l, "weight", moment), layer.spec.weightShape(layer.geo.in)...)
			b := c.tensor(s, momentName(l, "bias", moment), layer.spec.Out)
			set = append(set, func() {
				layer.importWeights(g.mw[i], w)
				narrow(g.mb[i], b)
			})
			known += 2
		}
	}
	stored := 0
	for name := range s {
		if strings.HasPrefix(name, optimiserPrefix) {
			stored++
		}
	}
	if stored > known {
		c.list.Add(diag.Pos{}, c.code, "the checkpoint holds %d tensors of an optimiser, %s keeps %d", stored, t.cfg.Optimiser.Kind, known).
			WithFix("resume with the optimiser that wrote the checkpoint")
	}
	return set
}

func (t *Trainer[F]) checkCounters(c *checker, counters, seed []float64) {
	for i, x := range counters {
		if x < 0 || x > maxCounter || x != float64(int64(x)) {
			c.list.Add(diag.Pos{}, c.code, "%s[%d] is %v", countersName, i, x).WithFix("counters are whole numbers")
		}
	}
	if len(seed) == 2 && (seed[0] != float64(t.cfg.Seed>>32) || seed[1] != float64(t.cfg.Seed&(1<<32-1))) {
		c.list.Add(diag.Pos{}, c.code, "the checkpoint was not made with seed %d", t.cfg.Seed).
			WithFix("resume with the seed of the run")
	}
}

// maxCounter keeps counters exact in float64.
const maxCounter = 1 << 52

// precision reports the first tensor of another precision: it could not be
// restored bit for bit.
func (c *checker) precision(s Tensors, want int) {
	for _, name := range s.Names() {
		if got := s[name].Bits; got != want && name != countersName && name != seedName {
			c.list.Add(diag.Pos{}, c.code, "%s has %d bits, the network runs in %d", name, got, want).
				WithFix("resume in the precision of the checkpoint")
			return
		}
	}
}
