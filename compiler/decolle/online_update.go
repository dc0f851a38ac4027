package decolle

import "math"

// rounding is how a wanted change, in WeightSteps, becomes a whole number: the floor of
// its sum with a number in [0, 1) that fill chooses for the neurons that update at one
// input line.
type rounding struct {
	name string
	fill func(dst []float64, neurons []int32, noise stream, line, lines int)
}

var roundings = []rounding{
	{"stochastic", func(dst []float64, neurons []int32, noise stream, line, lines int) {
		for k, i := range neurons {
			dst[k] = noise.unit(uint64(int(i)*lines + line))
		}
	}},
	{"nearest", func(dst []float64, neurons []int32, _ stream, _, _ int) {
		for k := range neurons {
			dst[k] = 0.5
		}
	}},
	{"shared", func(dst []float64, neurons []int32, noise stream, _, _ int) {
		shared := noise.unit(0)
		for k := range neurons {
			dst[k] = shared
		}
	}},
}

// Roundings are the names of the ways to round weights: a random number for every
// synapse and row, to nearest, or one random number a layer and row.
func Roundings() []string { return names(roundings, func(r rounding) string { return r.name }) }

func roundingByName(name string) rounding {
	r, _ := find(roundings, name, func(r rounding) string { return r.name })
	return r
}

// grid is the set of weights that quantised synapses can have.
type grid struct {
	step, inverse float64 // step 0: all reals
	limit         float64 // largest |weight| in steps
}

func newGrid(l *Learning) grid {
	g := grid{step: l.WeightStep, limit: float64(l.WeightMax)}
	if g.step > 0 {
		g.inverse = 1 / g.step
	}
	return g
}

// clamp keeps a number of steps on the grid.
func (g grid) clamp(code float64) float64 { return min(max(code, -g.limit), g.limit) }

// snap puts weights on the grid, to nearest.
func snap[F Float](g grid, w []F) {
	if g.step == 0 {
		return
	}
	for i, x := range w {
		w[i] = F(g.clamp(math.Floor(float64(float64(x)*g.inverse)+0.5)) * g.step)
	}
}

// saturated counts the weights at the end of the grid.
func saturated[F Float](g grid, w []F) (n int64) {
	if g.step == 0 {
		return 0
	}
	for _, x := range w {
		n += int64(bit(max(x, -x), F(g.limit*g.step)))
	}
	return n
}

// synapse is the learning of one array of weights that lie by input line: row j is
// w[j*out : (j+1)*out]. Only the neurons that post lists and the lines whose P is not
// 0 are visited.
type synapse[F Float] struct {
	grid  grid
	round rounding
	rule  rule[F]
	w     []F
	lines int
	age   *age[F] // of the optimiser's state; nil: it has none

	delta []F       // change of the listed neurons' weights at one line
	noise []float64 // of the rounding
	state []F       // of the optimiser
	grad  []F
}

// linear tells that weights move by exactly -lr M P, so that the sums over lines can be
// taken before the neurons are looked at.
func (s *synapse[F]) linear() bool { return s.age == nil && s.grid.step == 0 }

// slide is moveLine of linear synapses: it keeps no record of the change.
func (s *synapse[F]) slide(p *post[F], lr F, j int) {
	w, factor := s.w[j*len(p.slope):][:len(p.slope)], p.factor[:len(p.neurons)]
	for at, i := range p.neurons {
		w[i] -= F(lr * factor[at])
	}
}

// moveLine proposes the change -lr M_k P of the listed neurons' weights at line j and
// makes as much of it as the grid allows. It leaves in s.delta what was done.
func (s *synapse[F]) moveLine(p *post[F], k stepSize[F], x F, j int, noise stream) {
	s.delta = extend(s.delta, len(p.neurons))
	clear(s.delta)
	if s.age == nil {
		k.lr = F(k.lr * x)
		s.rule.step(k, s.delta, p.factor, moments[F]{})
	} else {
		s.propose(p, k, x, j)
	}
	w := s.w[j*len(p.slope):][:len(p.slope)]
	if s.grid.step > 0 {
		s.noise = extend(s.noise, len(p.neurons))
		s.round.fill(s.noise, p.neurons, noise, j, s.lines)
		cut(s.grid, s.delta, w, p.neurons, s.noise)
	}
	for at, i := range p.neurons {
		w[i] += s.delta[at]
	}
}

// cut replaces the wanted changes of the listed weights by those that keep to the grid:
// floor(change + noise) steps. Most are none, which it sees without rounding.
func cut[F Float](g grid, delta, w []F, neurons []int32, noise []float64) {
	delta, noise = delta[:len(neurons)], noise[:len(neurons)]
	for at, i := range neurons {
		steps := float64(float64(delta[at])*g.inverse) + noise[at]
		if steps >= 0 && steps < 1 {
			delta[at] = 0
			continue
		}
		code := g.clamp(float64(float64(w[i])*g.inverse) + math.Floor(steps))
		delta[at] = F(code*g.step) - w[i]
	}
}

// propose runs an optimiser that remembers: it takes the state of the listed weights
// out, moves it, and puts it back.
func (s *synapse[F]) propose(p *post[F], k stepSize[F], x F, j int) {
	n := len(p.neurons)
	s.state, s.grad = extend(s.state, n), extend(s.grad, n)
	row := j * len(p.slope)
	for at, i := range p.neurons {
		s.state[at] = s.age.take(row+int(i), k)
		s.grad[at] = F(p.factor[at] * x)
	}
	s.rule.step(k, s.delta, s.grad, moments[F]{s.state})
	for at, i := range p.neurons {
		s.age.n[row+int(i)] = s.state[at]
	}
}

func extend[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n, 2*n)
	}
	return x[:n]
}

// age is the running maximum n of AdaMax of every weight, brought up to date only when
// the weight is visited: a row without gradient makes n = max(beta2 n, eps).
type age[F Float] struct {
	n       []F
	seen    []uint32 // update number at which n was last moved, from 1; 0: never
	updates uint32
	faded   []F // powers of beta2
}

// fadedRows is how many rows make beta2^rows negligible beside eps for any n.
const fadedRows = 1 << 10

func newAge[F Float](n int, beta2 float64) *age[F] {
	a := &age[F]{n: make([]F, n), seen: make([]uint32, n), faded: []F{1}}
	for range fadedRows {
		a.faded = append(a.faded, F(a.faded[len(a.faded)-1]*F(beta2)))
	}
	return a
}

// take is n of weight e after the rows without gradient that it has missed.
func (a *age[F]) take(e int, k stepSize[F]) F {
	missed := a.updates - 1 - a.seen[e]
	a.seen[e] = a.updates
	if missed == 0 {
		return a.n[e]
	}
	return max(F(a.faded[min(missed, fadedRows)]*a.n[e]), k.eps)
}
