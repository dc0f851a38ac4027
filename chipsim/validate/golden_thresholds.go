package validate

import (
	"slices"

	"decc/ir/sem"
)

// thresholds are the random numbers of the recording.
func (b *learnBuilder) thresholds() sem.Thresholds {
	r := &b.d.Rng
	switch {
	case b.d.Peer == "lava":
		return lavaThresholds{r, max(b.plastic.Learning.Epoch, 1)}
	case r.Mode == "recorded" && b.d.Peer == "brian2_loihi":
		return newPerSynapseThresholds(r, b.places())
	case r.Mode == "recorded":
		return newPESThresholds(r, b.plastic.Learning, b.axons())
	}
	return constantThreshold(r.Value)
}

// places finds the places of the file's synapses by the numbers that key random bits.
func (b *learnBuilder) places() map[int]int {
	places, sources := map[int]int{}, b.axons()
	at := 0
	b.learned.Each(func(pre, post int, _ int64, _ int) {
		places[post*sources+pre] = at
		at++
	})
	return places
}

// axons is the number of sources of the plastic synapse.
func (b *learnBuilder) axons() int {
	n, _ := b.module.SourceSize(b.plastic.Pre)
	return n
}

// constantThreshold is one number for everything.
type constantThreshold float64

func (c constantThreshold) Decay(sem.Variable, int, int) float64       { return float64(c) }
func (c constantThreshold) Impulse(sem.Variable, int, int, bool) int64 { return 0 }
func (c constantThreshold) Update(_ sem.Target, _, _ int) float64      { return float64(c) }

// lavaThresholds are shared by all neurons or synapses of an epoch, and listed by the
// row that ends it, those of weights by epoch.
type lavaThresholds struct {
	*learnRng
	epoch int
}

func (l lavaThresholds) end(row int) int { return (row/l.epoch+1)*l.epoch - 1 }

func (l lavaThresholds) Decay(v sem.Variable, row, _ int) float64 {
	list := l.XDecay
	if sem.Variables[v].Side == sem.PostSide {
		list = l.YDecay
	}
	return at(list, l.end(row), l.Trace)
}

// Impulse of a second spike in an epoch is 0 for a source and its own list for a target.
func (l lavaThresholds) Impulse(v sem.Variable, row, _ int, second bool) int64 {
	post := sem.Variables[v].Side == sem.PostSide
	switch {
	case !post && second:
		return 0
	case !post:
		return at(l.XImpulse, l.end(row), l.learnRng.Impulse)
	case second:
		return at(l.YImpulseMid, row, l.learnRng.Impulse)
	}
	return at(l.YImpulse, l.end(row), l.learnRng.Impulse)
}

func (l lavaThresholds) Update(_ sem.Target, row, _ int) float64 {
	if len(l.Weight) == 1 {
		return l.Weight[0]
	}
	return at([]float64(l.Weight), row/l.epoch, 0)
}

// at is an element of a list, or the constant of a file that has no list.
func at[V any](list []V, i int, constant V) V {
	if i < 0 || i >= len(list) {
		return constant
	}
	return list[i]
}

// listed are the thresholds of a recording that lists them in the order of their use.
type listed struct {
	decay  func(v sem.Variable, row, site int) float64
	update func(row, synapse int) float64
}

func (l listed) Decay(v sem.Variable, row, site int) float64   { return l.decay(v, row, site) }
func (l listed) Impulse(sem.Variable, int, int, bool) int64    { return 0 }
func (l listed) Update(_ sem.Target, row, synapse int) float64 { return l.update(row, synapse) }

// none is a threshold beyond every fraction, for what a recording has no number for.
const none = 1

// newPerSynapseThresholds: every row has one list for each entry of order, one number a
// synapse.
func newPerSynapseThresholds(r *learnRng, places map[int]int) sem.Thresholds {
	list := func(name string, row, site int) float64 {
		i := slices.Index(r.Order, name)
		if i < 0 {
			return none
		}
		return at(at(r.Values, row*len(r.Order)+i, nil), places[site], none)
	}
	return listed{
		decay:  func(v sem.Variable, row, site int) float64 { return list(v.String(), row, site) },
		update: func(row, synapse int) float64 { return list(sem.TargetW.String(), row, synapse) },
	}
}

// newPESThresholds: every trace update has one list over the axons, every weight update
// one list over the compartments for each axon, in order of time.
func newPESThresholds(r *learnRng, l *learnRule, axons int) sem.Thresholds {
	before := func(row int) int {
		return (row+1)/l.Train + (row+1)/l.Learn*axons
	}
	return listed{
		decay: func(_ sem.Variable, row, site int) float64 {
			return at(at(r.Values, before(row-1), nil), site, none)
		},
		update: func(row, synapse int) float64 {
			return at(at(r.Values, before(row-1)+1+synapse%axons, nil), synapse/axons, none)
		},
	}
}
