package decolle

import "math"

// post is the postsynaptic side of a layer that learns: from the readout of earlier
// rows and the potentials of this one to the third factors M of the neurons that
// update.
type post[F Float] struct {
	cfg     *Learning
	slopeOf surrogate[F]
	stretch F    // U is looked up at stretch U: 0.5 / Window
	loss    loss // dead zone, limit and width of the error, as a slope of the loss
	step    float64

	d     []F    // e_c of a row
	late  [][]F  // q of the latest Latency+1 rows, by row modulo their number
	live  []bool // which of them are not all zero
	u     []F    // stretched potentials
	slope []F    // by neuron

	neurons []int32 // that update, ascending
	factor  []F     // their M
}

func newPost[F Float](n *Network[F], l int, cfg *Learning) *post[F] {
	size := n.layers[l].geo.out.Size()
	codes := n.spec.ReadoutCodes(size)
	p := &post[F]{cfg: cfg, slopeOf: surrogateByName[F](cfg.Surrogate), stretch: F(0.5 / cfg.Window)}
	p.loss = loss{name: "error", value: func(float64) float64 { return 0 }, slope: cfg.errorOf(codes)}
	p.step = orDefault(cfg.Layers[l].FactorStep, factorStep(codes, cfg.FactorBits))
	p.d, p.u, p.slope = make([]F, n.spec.Classes), make([]F, size), make([]F, size)
	p.live = make([]bool, cfg.Latency+1)
	for range p.live {
		p.late = append(p.late, make([]F, size))
	}
	return p
}

func (p *post[F]) reset() { clear(p.live) }

// errorOf is e_c as a function of r_c - y_c.
func (l *Learning) errorOf(codes float64) func(float64) float64 {
	limit := orDefault(l.ErrorLimit, math.Inf(1))
	step := 0.0
	if l.ErrorBits > 0 {
		step = ErrorStep(codes, l.ErrorBits)
		limit = min(limit, step*float64(traceMax(l.ErrorBits)))
	}
	return func(e float64) float64 {
		if max(e, -e) < l.DeadZone {
			return 0
		}
		if step > 0 {
			e = float64(step * math.Floor(float64(e/step)+0.5))
		}
		return min(max(e, -limit), limit)
	}
}

// hear takes the error of a row into the feedback q that neurons will meet Latency
// rows later.
func (p *post[F]) hear(l *layer[F], c *cell[F], row, target int) {
	lossErrors(p.loss, p.d, c.r, target, 1)
	at := row % len(p.late)
	p.live[at] = false
	for _, e := range p.d {
		p.live[at] = p.live[at] || e != 0
	}
	if p.live[at] {
		l.feedback(p.late[at], p.d)
	}
}

// gate lists the neurons that update in a row, with their M, and returns how many
// have a slope. step is the value of the last bit of M where it has bits.
func (p *post[F]) gate(c *cell[F], row int, step float64, noise stream) (inside int) {
	p.neurons, p.factor = p.neurons[:0], p.factor[:0]
	for i, u := range c.u {
		p.u[i] = F(p.stretch * u)
	}
	p.slopeOf.slopes(p.slope, p.u)
	from := (row - p.cfg.Latency + len(p.late)) % len(p.late)
	q, trigger := p.late[from], F(p.cfg.Trigger)
	for i, s := range p.slope {
		if s == 0 {
			continue
		}
		inside++
		if p.live[from] && max(q[i], -q[i]) > trigger {
			p.keep(int32(i), F(q[i]*s), step, noise)
		}
	}
	return inside
}

// keep lists a neuron unless its M is 0.
func (p *post[F]) keep(i int32, m F, step float64, noise stream) {
	if p.cfg.FactorBits > 0 {
		limit := float64(traceMax(p.cfg.FactorBits))
		code := math.Floor(float64(m)/step + noise.unit(uint64(i)))
		m = F(step * min(max(code, -limit), limit))
	}
	if m != 0 {
		p.neurons, p.factor = append(p.neurons, i), append(p.factor, m)
	}
}
