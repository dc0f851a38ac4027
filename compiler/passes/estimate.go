package passes

import (
	"context"
	"math"
	"slices"

	"decc/compiler"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
)

// Estimate is about what the cores of a network are when they are filled in sequence, worked out from a few of them.
type Estimate struct {
	Synapses int      `json:"synapses"`
	Routes   int      `json:"routes"` // pairs of a source and a core
	Cores    int      `json:"cores"`
	Chips    int      `json:"chips"`
	Demands  []Demand `json:"demands"`
}

// Demand is what groups that joins tie together take: PerCore rows of them, one compartment of
// each group, are on a core, and one more would not fit for lack of Binds.
type Demand struct {
	Groups  []string `json:"groups"`
	Rows    int      `json:"rows"`
	PerCore float64  `json:"rows_a_core"`
	Cores   float64  `json:"cores"`
	Binds   string   `json:"binds"`           // a resource, or "" where all rows are on one core
	Order   string   `json:"order,omitempty"` // of a kernel's rows: "channels" one after the other, or "places" with all channels of each
	// OutAxons are the entries that a row takes of its core.
	OutAxons float64 `json:"out_axons_a_row"`
}

// EstimateOf tells about what a module takes of a chip, in seconds where to map it takes
// minutes: from a few cores of each group, which are filled and packed as the mapper does it, and from
// who reaches them. The notes are those of the passes that make the module legal. The errors are theirs, those of
// the partitioner for rows that no core can take, and the context's.
func EstimateOf(ctx context.Context, m *ir.Module, s *chip.Spec) (*Estimate, diag.List, error) {
	legal, err := (&compiler.Pipeline{Chip: s, Passes: []compiler.Pass{Lower, Legalise}}).Run(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	e, err := estimateLegal(ctx, legal.Module, s)
	return e, legal.Notes, err
}

func estimateLegal(ctx context.Context, m *ir.Module, s *chip.Spec) (*Estimate, error) {
	if err := checkFanIn(m, s); err != nil {
		return nil, err
	}
	p := newPartitioner(newAtlas(m, s))
	p.ctx = &compiler.Context{Context: ctx, Chip: s}
	return p.estimate()
}

// estimate tells what the network takes in the orders that foresee chooses; that of a network which is mapped
// without it, by channel.
func (p *partitioner) estimate() (*Estimate, error) {
	f, err := p.forecast()
	if err == nil && p.a.total() >= large {
		f, err = p.choose()
	}
	if err != nil {
		return nil, err
	}
	return f.sum(), f.refusal()
}

// forecast is an estimate in the making: an outlook for each bundle.
type forecast struct {
	p  *partitioner
	of []outlook
	// reached is on how many cores each source number has synapses.
	reached []int32
}

// outlook is what a bundle takes in an order of its rows.
type outlook struct {
	order   order
	full    float64 // rows of a core where no out-axons are taken
	binds   int     // resource; -1 where all rows are on one core
	share   int64   // of that core, where they are
	core    []int32 // of each position
	reached tally
	// mean and worst are the entries that a row takes of its core, and crowded the row that takes most.
	mean, worst float64
	crowded     int
}

// samplesOf is how many cores of a bundle are filled.
const samplesOf = 4

// forecast is what the bundles take in their orders.
func (p *partitioner) forecast() (*forecast, error) {
	f := &forecast{p: p, of: make([]outlook, len(p.bundles)), reached: make([]int32, p.a.sources)}
	errs := make([]error, len(p.bundles))
	each(len(p.bundles), func(i int) {
		if b := p.bundles[i]; b.outlook[b.order] == nil {
			b.outlook[b.order], errs[i] = p.fillSome(b)
		}
	})
	for i, b := range p.bundles {
		if errs[i] != nil {
			return nil, errs[i]
		}
		f.of[i] = *b.outlook[b.order]
		f.of[i].reached.addTo(f.reached, 1)
	}
	for f.countOutAxons(); f.relieve(); f.countOutAxons() {
		if err := p.ctx.Err(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// surely tells that what is estimated is more than a limit, even if a fifth of it is too much: the mapping
// decides what is nearer, exactly.
func surely(estimated float64, limit int) bool { return estimated > 1.25*float64(limit) }

// excess is how much more out-axons the bundles need than the limit is, 0 where none surely does.
func (f *forecast) excess() float64 {
	sum := 0.0
	for _, o := range f.of {
		if surely(o.worst, f.p.a.chip.OutAxons) {
			sum += o.worst
		}
	}
	return sum
}

// better compares with the forecast of other orders: what fits is better, then what takes fewer cores.
func (f *forecast) better(than *forecast) bool {
	a, b := f.excess(), than.excess()
	return a < b || a == b && f.sum().Cores < than.sum().Cores
}

// refusal tells of the first bundle with a row that surely needs more out-axons than a core has.
func (f *forecast) refusal() error {
	for i, o := range f.of {
		if surely(o.worst, f.p.a.chip.OutAxons) {
			return f.refuse(i, o.crowded, int(math.Ceil(o.worst)))
		}
	}
	return nil
}

// fillSome fills some cores of a bundle, as if no out-axons were taken.
func (p *partitioner) fillSome(b *bundle) (*outlook, error) {
	rows, err := p.sample(b)
	if err != nil {
		return nil, err
	}
	cores := 0.0
	for _, n := range rows {
		cores += 1 / float64(n)
	}
	o := &outlook{order: b.order, full: float64(len(rows)) / cores, binds: p.binds(b, rows[len(rows)-1])}
	if o.binds < 0 {
		o.share = p.a.shareOf(b.content(0, b.rows))
	}
	o.core = b.cut(o.full, func(int) float64 { return 0 }, 0)
	o.reached = p.reached(b, o.core)
	return o, nil
}

// sample is how many rows some cores of a bundle take: of the first, one after the other, or at some places from corner to
// corner of the plane, where each has all channels.
func (p *partitioner) sample(b *bundle) (rows []int, err error) {
	for first, guess := 0, firstGuess; len(rows) < samplesOf && first < b.rows; {
		if b.order == byPlace {
			first = b.diagonal(len(rows))
		}
		n := p.longest(b, first, guess)
		if err := p.ctx.Err(); err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, p.refuse(b, first)
		}
		if first > 0 && first+n == b.rows && len(rows) > 0 {
			break // cut short by the end of the rows
		}
		rows, first, guess = append(rows, n), first+n, n
	}
	return rows, nil
}

// diagonal is the position of the first channel of the k-th place that is sampled.
func (b *bundle) diagonal(k int) int {
	height := b.plane / b.width
	y, x := height*(2*k+1)/(2*samplesOf), b.width*(2*k+1)/(2*samplesOf)
	return b.position(y*b.width + x)
}

// binds is the resource that more rows than n would exceed, or that is the scarcest; -1 where there are no more.
func (p *partitioner) binds(b *bundle, n int) int {
	if n == b.rows {
		return -1
	}
	u := p.a.measure(b.content(0, min(n+b.unit(), b.rows)))
	if over := u.over(p.a.chip); over >= 0 {
		return over
	}
	return p.a.scarcest(&u)
}

// cut is the core of every position of a bundle, counted from 1, where a core has at most so many rows, in the mean, and so many
// entries of them.
func (b *bundle) cut(full float64, entries func(row int) float64, most float64) []int32 {
	list := make([]int32, b.rows)
	rest := 0.0 // of a row that the cores so far had no use for
	for first, core := 0, int32(1); first < b.rows; core++ {
		n, sum := 0, 0.0
		for first+n < b.rows && float64(n+1) <= full+rest {
			if sum += entries(b.row(first + n)); sum > most {
				break
			}
			n++
		}
		if rest = math.Mod(full+rest, 1); sum > most {
			rest = 0
			if unit := b.unit(); n > unit {
				n -= n % unit // as longest does it
			}
		}
		n = max(1, n)
		for i := range n {
			list[first+i] = core
		}
		first += n
	}
	return list
}

// cores is how many an outlook has.
func (o *outlook) cores() int { return int(o.core[len(o.core)-1]) }

// each is how many rows the cores have in the mean.
func (o *outlook) each() float64 { return float64(len(o.core)) / float64(o.cores()) }

// reached counts the cores of a bundle that each source reaches.
func (p *partitioner) reached(b *bundle, cores []int32) tally {
	a := p.a
	t, _ := a.tallies.Get().(*tallying)
	if t == nil {
		t = &tallying{count: make([]int32, a.sources), last: make([]int32, a.sources)}
	}
	for _, g := range b.groups {
		for _, in := range a.groups[g].inbound {
			base := a.first[in.Pre]
			source := in.sources(base)
			for position := range b.rows {
				core := cores[position]
				source(b.row(position), func(source int32) { t.see(source, core) })
			}
			in.likeFirst(t, base)
		}
	}
	list := t.take()
	a.tallies.Put(t)
	return list
}

// sources visits those of a row, of a kernel those of the first in channel of each group alone.
func (in *inbound) sources(base int) func(row int, visit func(source int32)) {
	if !in.IsConv() {
		var scratch ir.Arrivals
		return func(row int, visit func(source int32)) {
			for _, source := range in.of(stretch{first: row, n: 1}, &scratch).Pre {
				visit(source)
			}
		}
	}
	conv, shape := *in.Conv, slices.Clone(in.Weights.Shape)
	plane, channels := conv.In[1]*conv.In[2], shape[1]
	conv.In[0], shape[1] = conv.Groups, 1
	return func(row int, visit func(source int32)) {
		conv.EachOf(shape, row, 1, func(pre, _, _ int) {
			visit(int32(base + pre/plane*channels*plane + pre%plane))
		})
	}
}

// likeFirst gives every in channel of a kernel the counts of the first of its group: but for weights of 0, they
// have the same targets.
func (in *inbound) likeFirst(t *tallying, base int) {
	if !in.IsConv() {
		return
	}
	plane, channels := in.Conv.In[1]*in.Conv.In[2], in.Weights.Shape[1]
	for ch := range in.Conv.In[0] {
		first := base + ch/channels*channels*plane
		for i := range plane {
			t.set(int32(base+ch*plane+i), t.count[first+i])
		}
	}
}

// countOutAxons counts the entries that the rows of every bundle take of their cores. As many of the cores that one
// reaches are on another chip as there are cores beyond the first chip, among all.
func (f *forecast) countOutAxons() {
	each := f.entriesEach()
	for i, b := range f.p.bundles {
		o := &f.of[i]
		o.mean, o.worst, o.crowded = 0, 0, 0
		for row := range b.rows {
			n := f.entries(b, row, each)
			if n > o.worst {
				o.worst, o.crowded = n, row
			}
			o.mean += n / float64(b.rows)
		}
	}
}

// entriesEach is how many entries a core takes that is reached, in the mean.
func (f *forecast) entriesEach() float64 {
	all := 0.0
	for k := range f.p.bundles {
		all += float64(f.of[k].cores())
	}
	s := f.p.a.chip
	return 1 + max(0, 1-float64(s.Cores)/all)*float64(s.OutAxonInterchip-1)
}

// reachedBy is how many cores a compartment reaches.
func (f *forecast) reachedBy(group, row int) float64 {
	return float64(f.reached[f.p.a.first[f.p.a.groups[group].Name]+row])
}

// entries is what a row takes of its core's out-axons.
func (f *forecast) entries(b *bundle, row int, each float64) float64 {
	n := 0.0
	for _, g := range b.groups {
		n += f.reachedBy(g, row) * each
	}
	return n
}

// relieve takes rows from cores whose out-axons are too many; false where none changed by a hundredth.
func (f *forecast) relieve() bool {
	changed := false
	each, most := f.entriesEach(), float64(f.p.a.chip.OutAxons)
	for i := len(f.p.bundles) - 1; i >= 0; i-- {
		o, b := &f.of[i], f.p.bundles[i]
		core := b.cut(o.full, func(row int) float64 { return f.entries(b, row, each) }, most)
		if n := int(core[len(core)-1]); n*100 > o.cores()*101 {
			changed = true
			o.reached.addTo(f.reached, -1)
			o.core, o.binds, o.reached = core, useOutAxons, f.p.reached(b, core)
			o.reached.addTo(f.reached, 1)
		}
	}
	return changed
}

// refuse tells of a row that reaches more cores than a core has out-axons for, and why it does.
func (f *forecast) refuse(i, row, entries int) error {
	b := f.p.bundles[i]
	var u usage
	u[useOutAxons] = entries
	list := f.p.tooMuch(b, row, u, useOutAxons)
	far, most := 0, int32(0)
	for k := range f.of {
		for _, g := range b.groups {
			if n := f.of[k].reached.of(f.p.a.first[f.p.a.groups[g].Name] + row); n > most {
				far, most = k, n
			}
		}
	}
	why := "all"
	if at := f.of[far].binds; at >= 0 {
		why = resources[at].limit + " binds"
	}
	list[0].WithNote("estimated from a few cores of each group, filled in sequence: it reaches %d of about %d cores of @%s, each of which takes about %.3g of the group's %d compartments (%s)",
		most, f.of[far].cores(), f.p.a.groups[f.p.bundles[far].groups[0]].Name, f.of[far].each(), f.p.bundles[far].rows, why)
	return list
}

// sum adds up. Bundles that take less than a core share one with others.
func (f *forecast) sum() *Estimate {
	e, total, shared := &Estimate{Synapses: f.p.a.total(), Routes: f.routes()}, 0.0, 0.0
	for i, b := range f.p.bundles {
		o := f.of[i]
		d := Demand{Rows: b.rows, PerCore: o.each(), Cores: float64(o.cores()), OutAxons: o.mean}
		if b.plane < b.rows {
			d.Order = o.order.String()
		}
		for _, g := range b.groups {
			d.Groups = append(d.Groups, f.p.a.groups[g].Name)
		}
		if o.binds < 0 {
			d.Cores = float64(o.share) / fullCore
			shared += d.Cores
		} else {
			d.Binds = resources[o.binds].limit
			total += d.Cores
		}
		e.Demands = append(e.Demands, d)
	}
	e.Cores = int(total + math.Ceil(shared))
	e.Chips = (e.Cores + f.p.a.chip.Cores - 1) / f.p.a.chip.Cores
	return e
}
