package passes

import (
	"fmt"
	"slices"

	"decc/compiler"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
)

// Partition gives every compartment a core.
//
// Method: groups that joins connect form a bundle, whose row i is compartment i of
// each of them; rows stay together. Which rows share a core is the mapper's choice
// (Options.Mapper, the table mappers). What fits on a core is measured, not
// estimated: synaptic words by the packer that writes the image.
//
// Before: a legal module. After: Cores covers every compartment once, no core
// exceeds a limit, joins are local. Example, with 4 compartments a core:
//
//	group @h : @cuba x 6 {}      core 0 { @h[0:4] }      core 1 { @h[4:6] @out[0:2] }
//	group @out : @cuba x 2 {}
var Partition = compiler.Pass{
	Name: "partition", Doc: "split groups over cores",
	Needs: ir.Legal, Gives: ir.Partitioned, Preserves: true,
	Run: partition,
}

func partition(c *compiler.Context, m *ir.Module) error {
	if err := checkFanIn(m, c.Chip); err != nil {
		return err
	}
	p := newPartitioner(newAtlas(m, c.Chip))
	p.ctx = c
	p.a.traffic = p.a.spikes(c.Options.Traffic)
	if err := p.run(c.Options.Mapper); err != nil {
		return err
	}
	for id, content := range p.cores {
		m.Cores = append(m.Cores, &ir.Core{ID: id, Runs: p.a.runs(content)})
	}
	m.Stage = ir.Partitioned
	c.Count("cores", int64(len(p.cores)), "")
	c.Count("rounds", int64(p.rounds), "")
	return nil
}

func (a *atlas) runs(content []stretch) []ir.Run {
	runs := make([]ir.Run, len(content))
	for i, s := range content {
		runs[i] = ir.Run{Group: a.groups[s.group].Name, First: s.first, N: s.n}
	}
	return runs
}

// bundle is a set of groups of equal size whose compartments go together.
type bundle struct {
	groups []int // indices, ascending
	rows   int
	most   int  // rows that a core may take
	alone  bool // does not share a core with bundles before it
	// known brackets, by first row, how many rows an empty core takes; it stays true
	// over rounds.
	known map[int]bracket
}

// bracket: fine rows fit, over rows do not.
type bracket struct{ fine, over int }

// content is what rows first .. first+n-1 put on a core.
func (b *bundle) content(first, n int) []stretch {
	list := make([]stretch, len(b.groups))
	for i, g := range b.groups {
		list[i] = stretch{g, first, n}
	}
	return list
}

type partitioner struct {
	ctx     *compiler.Context
	a       *atlas
	bundles []*bundle
	rounds  int
	cores   [][]stretch
	holds   [][]*bundle // bundles of each core
}

func newPartitioner(a *atlas) *partitioner {
	p := &partitioner{a: a}
	root := make([]int, len(a.groups))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			i = root[i]
		}
		return i
	}
	for _, j := range a.m.Joins {
		x, y := find(a.byName[j.From]), find(a.byName[j.To])
		root[max(x, y)] = min(x, y)
	}
	byRoot := map[int]*bundle{}
	for i, t := range a.groups {
		b := byRoot[find(i)]
		if b == nil {
			b = &bundle{rows: t.N, most: t.N, known: map[int]bracket{}}
			byRoot[find(i)] = b
			p.bundles = append(p.bundles, b)
		}
		b.groups = append(b.groups, i)
	}
	return p
}

// sequential takes the bundles in the order of the module. One that fits on the last core
// joins it; any other starts on a new core and is cut into the longest parts that fit. The
// cores are filled until the out-axons, which are known when all targets have cores, fit
// too. Every round lowers the share of a core that some bundle may take, so it ends.
func (p *partitioner) sequential() error {
	if err := p.checkRows(); err != nil {
		return err
	}
	for {
		p.rounds++
		if err := p.fill(); err != nil {
			return err
		}
		crowded, err := p.relieve()
		if err != nil || !crowded {
			return err
		}
	}
}

// checkRows finds a row that no core can take before any core is filled, which takes long
// where synapses are many. Only rows with more synapses than packets can name sources of a core, or bits of
// weights than it has words, are looked at.
func (p *partitioner) checkRows() error {
	for _, b := range p.bundles {
		for row := range b.rows {
			if err := p.ctx.Err(); err != nil {
				return err
			}
			content := b.content(row, 1)
			many := p.a.synapses(content) > nameable(p.a.chip) || p.a.leastWords(content) > p.a.chip.SynapticWords
			if many && !p.fits(content) {
				return p.refuse(b, row)
			}
		}
	}
	return nil
}

func (p *partitioner) fill() error {
	p.cores, p.holds = nil, nil
	for _, b := range p.bundles {
		if err := p.put(b); err != nil {
			return err
		}
	}
	return nil
}

// put finds cores for a bundle.
func (p *partitioner) put(b *bundle) error {
	if b.most >= b.rows {
		whole := b.content(0, b.rows)
		if last := len(p.cores) - 1; last >= 0 && !b.alone && p.fits(slices.Concat(p.cores[last], whole)) {
			p.cores[last] = append(p.cores[last], whole...)
			p.holds[last] = append(p.holds[last], b)
			return nil
		}
	}
	for first, guess := 0, firstGuess; first < b.rows; {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		n := p.longest(b, first, guess)
		if n == 0 {
			return p.refuse(b, first)
		}
		p.open(b.content(first, n), b)
		first += n
		guess = n
	}
	return nil
}

func (p *partitioner) open(content []stretch, b *bundle) {
	p.cores = append(p.cores, content)
	p.holds = append(p.holds, []*bundle{b})
}

func (p *partitioner) fits(content []stretch) bool {
	u := p.a.measure(content, true)
	return u.over(p.a.chip) < 0
}

// firstGuess is a number of rows that many networks put on a core.
const firstGuess = 64

// longest is the greatest number of rows from first on that an empty core takes; 0
// when it cannot take one. More rows never need less. It looks around the guess, for
// the cores of a bundle take about the same, and measuring costs most for what is too
// large.
func (p *partitioner) longest(b *bundle, first, guess int) int {
	most := min(b.rows-first, b.most, p.a.chip.Compartments/len(b.groups))
	k, ok := b.known[first]
	if !ok {
		k = bracket{fine: 0, over: b.rows - first + 1}
	}
	up, down := false, false
	for n, step := guess, 1; k.fine < most && k.fine+1 < k.over; step *= 2 {
		n = min(max(n, k.fine+1), k.over-1, most)
		if p.fits(b.content(first, n)) {
			k.fine, up = n, true
		} else {
			k.over, down = n, true
		}
		n = k.next(up, down, step)
	}
	b.known[first] = k
	return min(k.fine, most)
}

// next is the number to try: ever further from the guess while all fits or nothing
// does, then the middle.
func (k bracket) next(up, down bool, step int) int {
	switch {
	case up && down:
		return (k.fine + k.over) / 2
	case up:
		return k.fine + step
	}
	return k.over - step
}

// refuse says which limit a single row breaks, and where.
func (p *partitioner) refuse(b *bundle, row int) error {
	u := p.a.measure(b.content(row, 1), false)
	return p.tooMuch(b, row, u, u.over(p.a.chip))
}

func (p *partitioner) tooMuch(b *bundle, row int, u usage, over int) error {
	r, g := &resources[over], p.a.groups[b.groups[0]]
	who := fmt.Sprintf("compartment %d of group @%s", row, g.Name)
	if n := len(b.groups) - 1; n > 0 {
		who += fmt.Sprintf(" (with the %d joined to it)", n)
	}
	pos := g.At
	if pos.IsZero() {
		pos = g.Pos
	}
	return diag.List{
		diag.Errorf(pos, r.code, "%s needs %d %s on one core, limit is %d", who, u[over], r.noun, r.most(p.a.chip)).
			WithNote("%s", limitText(p.a.chip, r.limit)).
			WithFix("%s, or choose a chip with %s >= %d", r.fix, r.limit, u[over]),
	}
}

// outAxons counts the entries of the out-axon list of every core: one for each
// compartment and core it reaches, more where that core is on another chip.
func (a *atlas) outAxons(cores [][]stretch, chips []int) []int {
	home := a.homes(cores)
	used := make([]int, len(cores))
	for at, content := range cores {
		for _, source := range a.reach(content).sources {
			from := home[source]
			if from < 0 {
				continue
			}
			if used[from]++; chips[from] != chips[at] {
				used[from] += a.chip.OutAxonInterchip - 1
			}
		}
	}
	return used
}

// homes is the core of each source member, -1 for inputs, which the host sends.
func (a *atlas) homes(cores [][]stretch) []int32 {
	home := make([]int32, a.sources)
	for i := range a.inputs {
		home[i] = -1
	}
	for at, content := range cores {
		for _, s := range content {
			base := a.first[a.groups[s.group].Name] + s.first
			for i := range s.n {
				home[base+i] = int32(at)
			}
		}
	}
	return home
}

// sequence is the chip of each of n cores when they are placed in sequence.
func sequence(s *chip.Spec, n int) []int {
	chips := make([]int, n)
	for id := range chips {
		chips[id] = s.Coordinate(id).Chip
	}
	return chips
}

// relieve lowers the share of the bundles on cores with too many out-axons and
// reports whether there were any.
func (p *partitioner) relieve() (crowded bool, err error) {
	limit := p.a.chip.OutAxons
	for id, used := range p.a.outAxons(p.cores, sequence(p.a.chip, len(p.cores))) {
		if used <= limit {
			continue
		}
		if !p.thin(id, used, limit) {
			var u usage
			u[useOutAxons] = used
			return false, p.tooMuch(p.holds[id][0], p.cores[id][0].first, u, useOutAxons)
		}
		crowded = true
	}
	return crowded, nil
}

// thin puts less on a core next time: bundles that share it part, one that has it
// alone gets fewer rows. It fails when the core holds a single row.
func (p *partitioner) thin(id, used, limit int) bool {
	if shared := p.holds[id][1:]; len(shared) > 0 {
		for _, b := range shared {
			b.alone = true
		}
		return true
	}
	b := p.holds[id][0]
	rows := p.rowsOn(id, b)
	b.most = max(1, rows*limit/used)
	return rows > 1
}

func (p *partitioner) rowsOn(id int, b *bundle) int {
	for _, s := range p.cores[id] {
		if s.group == b.groups[0] {
			return s.n
		}
	}
	return 0
}
