package decolle

import (
	"math"

	"decc/compiler/decolle/simd"
)

// Kinds of optimiser.
const (
	SGD    = "sgd"
	AdaMax = "adamax"
)

// Optimiser describes how a gradient g moves a parameter w.
//
//	sgd     w -= lr g
//	adamax  m = beta1 m + (1 - beta1) g; n = max(beta2 n, |g| + eps); w -= lr/(1 - beta1^t) m / n
//
// m and n start at 0; t counts the updates from 1 (Kingma and Ba, arXiv 1412.6980,
// section 7.1, with eps as in PyTorch). DECOLLE uses AdaMax with beta1 = 0, beta2 =
// 0.95, eps = 1e-8: no parameter moves by more than lr in one update.
type Optimiser struct {
	Kind  string  // SGD or AdaMax
	LR    float64 // learning rate, >= 0
	Beta1 float64 // AdaMax: [0, 1); SGD ignores the rest
	Beta2 float64 // AdaMax: [0, 1)
	Eps   float64 // AdaMax: [0, 1]
}

// Optimisers are the names of the optimisers.
func Optimisers() []string { return []string{SGD, AdaMax} }

// stepSize is an optimiser's constants for one update.
type stepSize[F Float] struct {
	lr, beta1, beta2, eps F
	kernels               *simd.Kernels[F]
}

// rule is one optimiser. state names what it keeps for every parameter; step moves
// the parameters w by the gradient g; rest does the same when g is all zero.
type rule[F Float] struct {
	kind     string
	momentum bool // keeps a running mean of the gradient, with beta1 > 0
	state    []string
	step     func(k stepSize[F], w, g []F, state moments[F])
	rest     func(k stepSize[F], w, g []F, state moments[F])
}

// rules is the table of optimisers. AdaMax with beta1 = 0 needs no running mean.
func rules[F Float]() []rule[F] {
	return []rule[F]{
		{kind: SGD, step: sgdStep[F], rest: sgdRest[F]},
		{kind: AdaMax, state: []string{"n"}, step: adamaxStep[F], rest: adamaxRest[F]},
		{kind: AdaMax, momentum: true, state: []string{"n", "m"}, step: adamaxMomentumStep[F], rest: adamaxMomentumStep[F]},
	}
}

// ruleOf is the row of a description: with momentum if it asks for it and the kind has it.
func ruleOf[F Float](o Optimiser) rule[F] {
	var found rule[F]
	for _, r := range rules[F]() {
		if r.kind == o.Kind && (!r.momentum || o.Beta1 != 0) {
			found = r
		}
	}
	return found
}

func sgdStep[F Float](k stepSize[F], w, g []F, _ moments[F]) { k.kernels.AddScaled(w, -k.lr, g) }

// sgdRest has nothing to move and nothing to remember.
func sgdRest[F Float](stepSize[F], []F, []F, moments[F]) {}

func adamaxStep[F Float](k stepSize[F], w, g []F, state moments[F]) {
	k.kernels.AdaMax(w, g, state[0], k.lr, k.beta2, k.eps)
}

// adamaxRest leaves w alone: lr 0 / n is 0.
func adamaxRest[F Float](k stepSize[F], _, _ []F, state moments[F]) {
	k.kernels.AdaMaxRest(state[0], k.beta2, k.eps)
}

func adamaxMomentumStep[F Float](k stepSize[F], w, g []F, state moments[F]) {
	n, m := state[0], state[1]
	for i := range w {
		m[i] = F(k.beta1*m[i]) + F((1-k.beta1)*g[i])
		n[i] = max(F(k.beta2*n[i]), max(g[i], -g[i])+k.eps)
		w[i] -= F(k.lr*m[i]) / n[i]
	}
}

// size is the constants of update number t (from 1) at learning rate lr.
func (r rule[F]) size(o Optimiser, lr float64, t uint64) stepSize[F] {
	if r.momentum {
		lr /= 1 - math.Pow(o.Beta1, float64(t))
	}
	return stepSize[F]{lr: F(lr), beta1: F(o.Beta1), beta2: F(o.Beta2), eps: F(o.Eps), kernels: simd.For[F]()}
}

// moments is what an optimiser keeps for some parameters: for each name of rule.state as many numbers.
type moments[F Float] [2][]F

func newMoments[F Float](r rule[F], n int) (m moments[F]) {
	for i := range r.state {
		m[i] = make([]F, n)
	}
	return m
}

// part cuts out the parameters [lo, hi).
func (m moments[F]) part(lo, hi int) moments[F] {
	for i, x := range m {
		if x != nil {
			m[i] = x[lo:hi]
		}
	}
	return m
}
