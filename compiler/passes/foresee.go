package passes

import (
	"math"

	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
)

// large is how many synapses are mapped without a look at what a few cores of them take.
const large = 1 << 25

// foresee estimates a large network before it is mapped, which may take many minutes, and refuses what
// cannot fit with what would.
func (p *partitioner) foresee() error {
	if p.a.total() < large {
		return nil
	}
	f, err := p.choose()
	if err == nil {
		err = f.refusal()
	}
	if err == nil {
		err = p.affords(f)
	}
	if err == nil {
		p.announce(f)
		p.expect(f)
	}
	if found := diag.All(err); len(found) > 0 {
		p.suggest(found[0])
	}
	return err
}

// affords refuses what chips or memory are too few for.
func (p *partitioner) affords(f *forecast) error {
	s, e := p.a.chip, f.sum()
	if surely(float64(e.Cores), s.Cores*s.Chips) {
		return tooManyCores(p.a.m, s, e.Cores)
	}
	if n := f.routes(); n > mostRoutes {
		return tooManyRoutes(p.a.m, s, e, n)
	}
	return nil
}

// announce tells at once what a forecast says.
func (p *partitioner) announce(f *forecast) {
	s, e := p.a.chip, f.sum()
	p.ctx.Tell(diag.Errorf(whereIs(p.a.m), codeForecast, "the network takes about %s on %s of %s", diag.Plural(e.Cores, "core"), diag.Plural(e.Chips, "chip"), s.Name).
		WithNote("estimated from a few cores of each group; to map all %d synapses takes minutes", e.Synapses))
}

// expect lets the first round begin with the out-axons of a forecast.
func (p *partitioner) expect(f *forecast) {
	each := f.entriesEach()
	for i, t := range p.a.groups {
		for row := range t.N {
			p.entries[p.a.first[t.Name]+row] = int(math.Round(f.reachedBy(i, row) * each))
		}
	}
}

// mostRoutes bounds the pairs of a source and a core that a build holds in memory, about 64 bytes each.
const mostRoutes = 1 << 26

// routes is about how many pairs of a source and a core there are.
func (f *forecast) routes() int {
	n := 0
	for _, cores := range f.reached {
		n += int(cores)
	}
	return n
}

func tooManyRoutes(m *ir.Module, s *chip.Spec, e *Estimate, routes int) error {
	return diag.List{
		diag.Errorf(whereIs(m), codeRoutes, "the network fits on about %s on %s of %s, but its image would not fit into memory: about %d routes from a source to a core, at most %d are built",
			diag.Plural(e.Cores, "core"), diag.Plural(e.Chips, "chip"), s.Name, routes, mostRoutes).
			WithNote("estimated from a few cores of each group; build --estimate lists what each takes").
			WithFix("build a part of it, or use fewer channels"),
	}
}

// total is the number of synapses.
func (a *atlas) total() int {
	n := 0
	for _, t := range a.groups {
		for _, in := range t.inbound {
			n += in.Start[t.N]
		}
	}
	return n
}

// suggest finds the largest kernels with which the network would fit, as a fix; where none do, that of the
// refusal stays.
func (p *partitioner) suggest(d *diag.Diagnostic) {
	for side := widest(p.a.m) - 1; side > 0; side-- {
		m, ok := cropped(p.a.m, side)
		if !ok {
			continue
		}
		if e, err := estimateLegal(p.ctx, m, p.a.chip); err == nil && e.Cores <= p.a.chip.Cores*p.a.chip.Chips && e.Routes <= mostRoutes {
			d.WithFix("with kernels of at most %d x %d it takes about %s on %s; fewer channels or fewer weight bits help too",
				side, side, diag.Plural(e.Cores, "core"), diag.Plural(e.Chips, "chip"))
			return
		}
	}
}

// widest is the side of the largest kernel.
func widest(m *ir.Module) int {
	side := 0
	for _, s := range m.Synapses {
		if s.IsConv() {
			side = max(side, s.Weights.Shape[2], s.Weights.Shape[3])
		}
	}
	return side
}

// cropped is the module with the middle of every kernel that is wider than side, over the same targets; false where
// the padding does not allow that.
func cropped(m *ir.Module, side int) (*ir.Module, bool) {
	c := *m
	c.Synapses = nil
	for _, s := range m.Synapses {
		if s.IsConv() && max(s.Weights.Shape[2], s.Weights.Shape[3]) > side {
			small, ok := crop(s, side)
			if !ok {
				return nil, false
			}
			s = small
		}
		c.Synapses = append(c.Synapses, s)
	}
	return &c, true
}

func crop(s *ir.Synapse, side int) (*ir.Synapse, bool) {
	shape, conv := s.Weights.Shape, *s.Conv
	var from, to [2]int
	for i := range 2 {
		cut := max(0, shape[2+i]-side)
		from[i], to[i] = cut/2, shape[2+i]-cut/2
		conv.Padding[i] -= cut / 2 * conv.Dilation[i]
		if cut%2 != 0 || conv.Padding[i] < 0 {
			return nil, false
		}
	}
	var weights []int64
	for at, w := range s.Weights.Data {
		y, x := at/shape[3]%shape[2], at%shape[3]
		if y >= from[0] && y < to[0] && x >= from[1] && x < to[1] {
			weights = append(weights, int64(w))
		}
	}
	small := *s
	small.Conv, small.Weights = &conv, ir.NewTensor(weights, shape[0], shape[1], to[0]-from[0], to[1]-from[1])
	if s.Delay != nil && s.Delay.Len() > 1 {
		return nil, false
	}
	return &small, true
}
