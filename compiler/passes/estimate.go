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

// Estimate is about what the sequential mapping of a network takes, worked out from a few cores.
type Estimate struct {
	Synapses int      `json:"synapses"`
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
	Binds   string   `json:"binds"` // a resource, or "" where all rows are on one core
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

// forecast is an estimate in the making.
type forecast struct {
	p     *partitioner
	rows  []float64 // of a core, by bundle
	binds []int     // resource, by bundle; -1 where all rows are on one core
	// reached[k] is on how many cores of bundle k each source number has synapses, where its cores have
	// as many rows as rows tells.
	reached [][]int32
}

// samplesOf is how many cores of a bundle are filled, one after the other.
const samplesOf = 4

func (p *partitioner) estimate() (*Estimate, error) {
	n := len(p.bundles)
	f := &forecast{p: p, rows: make([]float64, n), binds: make([]int, n), reached: make([][]int32, n)}
	for i := range p.bundles {
		if err := f.fill(i); err != nil {
			return nil, err
		}
	}
	for f.relieve() {
		if err := p.ctx.Err(); err != nil {
			return nil, err
		}
	}
	for i := range p.bundles {
		if _, worst, row := f.outAxons(i); surely(worst, p.a.chip.OutAxons) {
			return nil, f.refuse(i, row, int(math.Ceil(worst)))
		}
	}
	return f.sum(), nil
}

// surely tells that what is estimated is more than a limit, even if a fifth of it is too much: the mapping
// decides what is nearer, exactly.
func surely(estimated float64, limit int) bool { return estimated > 1.25*float64(limit) }

// fill fills some cores of a bundle.
func (f *forecast) fill(i int) error {
	b, guess, first, cores := f.p.bundles[i], firstGuess, 0, 0
	for cores < samplesOf && first < b.rows {
		n := f.p.longest(b, first, guess)
		if err := f.p.ctx.Err(); err != nil {
			return err
		}
		if n == 0 {
			return f.p.refuse(b, first)
		}
		if first > 0 && first+n == b.rows {
			break // cut short by the end of the rows
		}
		first, guess, cores = first+n, n, cores+1
	}
	f.rows[i] = float64(first) / float64(cores)
	f.binds[i] = f.p.binds(b, guess)
	f.reach(i)
	return nil
}

// binds is the resource that more rows than n would exceed, or that is the scarcest; -1 where there are no more.
func (p *partitioner) binds(b *bundle, n int) int {
	if n == b.rows {
		return -1
	}
	u := p.a.measure(b.content(0, min(n+b.grid, b.rows)))
	if over := u.over(p.a.chip); over >= 0 {
		return over
	}
	return p.a.scarcest(&u)
}

// reach counts the cores of a bundle that each source reaches.
func (f *forecast) reach(k int) {
	b, a := f.p.bundles[k], f.p.a
	count, last := make([]int32, a.sources), make([]int32, a.sources)
	for _, g := range b.groups {
		for _, in := range a.groups[g].inbound {
			in.eachSource(func(source int32, row int) {
				if core := int32(float64(row)/f.rows[k]) + 1; last[source] != core {
					last[source], count[source] = core, count[source]+1
				}
			})
			in.likeFirst(count)
		}
	}
	f.reached[k] = count
}

// eachSource visits the sources of every row, of a kernel those of the first in channel of each group alone.
func (in *inbound) eachSource(visit func(source int32, row int)) {
	if in.kernel == nil {
		for row := range len(in.start) - 1 {
			for _, source := range in.all.pre[in.start[row]:in.start[row+1]] {
				visit(source, row)
			}
		}
		return
	}
	conv, shape := *in.kernel.Conv, slices.Clone(in.kernel.Weights.Shape)
	plane, channels := conv.In[1]*conv.In[2], shape[1]
	conv.In[0], shape[1] = conv.Groups, 1
	conv.Each(shape, func(pre, post, _ int) {
		visit(in.base+int32(pre/plane*channels*plane+pre%plane), post)
	})
}

// likeFirst gives every in channel of a kernel the counts of the first of its group: but for weights of 0, they
// have the same targets.
func (in *inbound) likeFirst(count []int32) {
	if in.kernel == nil {
		return
	}
	conv := in.kernel.Conv
	plane, channels := conv.In[1]*conv.In[2], in.kernel.Weights.Shape[1]
	for ch := range conv.In[0] {
		first := int(in.base) + ch/channels*channels*plane
		copy(count[int(in.base)+ch*plane:][:plane], count[first:first+plane])
	}
}

func (f *forecast) cores(i int) float64 { return math.Ceil(float64(f.p.bundles[i].rows) / f.rows[i]) }

// outAxons is the entries that the rows of a bundle take of their cores in the mean, and the row that takes
// most. As many of the cores that one reaches are on another chip as there are cores beyond the first chip, among all.
func (f *forecast) outAxons(i int) (mean, worst float64, at int) {
	all := 0.0
	for k := range f.p.bundles {
		all += f.cores(k)
	}
	s := f.p.a.chip
	each := 1 + max(0, 1-float64(s.Cores)/all)*float64(s.OutAxonInterchip-1)
	b := f.p.bundles[i]
	for row := range b.rows {
		n := 0.0
		for _, g := range b.groups {
			for k := range f.reached {
				n += float64(f.reached[k][f.p.a.first[f.p.a.groups[g].Name]+row]) * each
			}
		}
		if n > worst {
			worst, at = n, row
		}
		mean += n / float64(b.rows)
	}
	return mean, worst, at
}

// relieve takes rows from cores whose out-axons are too many; false where none changed by a hundredth.
func (f *forecast) relieve() bool {
	changed := false
	for i := len(f.p.bundles) - 1; i >= 0; i-- {
		mean, _, _ := f.outAxons(i)
		most := max(1, float64(f.p.a.chip.OutAxons)/max(1, mean))
		if most > f.rows[i]*0.99 {
			continue
		}
		if grid := float64(f.p.bundles[i].grid); most > grid {
			most = math.Floor(most/grid) * grid // as longest does it
		}
		changed = true
		f.rows[i], f.binds[i] = most, useOutAxons
		f.reach(i)
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
	for k := range f.p.bundles {
		for _, g := range b.groups {
			if n := f.reached[k][f.p.a.first[f.p.a.groups[g].Name]+row]; n > most {
				far, most = k, n
			}
		}
	}
	why := "all"
	if at := f.binds[far]; at >= 0 {
		why = resources[at].limit + " binds"
	}
	list[0].WithNote("estimated from a few cores of each group, filled in sequence: it reaches %d of about %.0f cores of @%s, each of which takes about %.3g of the group's %d compartments (%s)",
		most, f.cores(far), f.p.a.groups[f.p.bundles[far].groups[0]].Name, f.rows[far], f.p.bundles[far].rows, why)
	return list
}

// sum adds up. Bundles that take less than a core share one with others.
func (f *forecast) sum() *Estimate {
	e, total, shared := &Estimate{Synapses: f.p.a.total()}, 0.0, 0.0
	for i, b := range f.p.bundles {
		d := Demand{Rows: b.rows, PerCore: f.rows[i], Cores: f.cores(i)}
		d.OutAxons, _, _ = f.outAxons(i)
		for _, g := range b.groups {
			d.Groups = append(d.Groups, f.p.a.groups[g].Name)
		}
		if f.binds[i] < 0 {
			d.Cores = float64(f.p.a.shareOf(b.content(0, b.rows))) / fullCore
			shared += d.Cores
		} else {
			d.Binds = resources[f.binds[i]].limit
			total += d.Cores
		}
		e.Demands = append(e.Demands, d)
	}
	e.Cores = int(total + math.Ceil(shared))
	e.Chips = (e.Cores + f.p.a.chip.Cores - 1) / f.p.a.chip.Cores
	return e
}
