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
	if err := p.foresee(); err != nil {
		return err
	}
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
	// width and plane are those that a kernel fills, else 1 and rows.
	width, plane int
	order        order
	// tried are cuts that were measured on an empty core; that stays true over rounds.
	tried map[cut]trial
	// outlook is what estimates found of it, by order.
	outlook [len(orderNames)]*outlook
}

// cut is n positions from first on in an order of rows.
type cut struct {
	order    order
	first, n int
}

// trial tells what a cut takes of a core, and whether it fits.
type trial struct {
	share int64
	fits  bool
}

type partitioner struct {
	ctx     *compiler.Context
	a       *atlas
	bundles []*bundle
	rounds  int
	cores   [][]stretch
	// entries is how many out-axon entries each source number needs, by the rounds before.
	entries []int
}

func newPartitioner(a *atlas) *partitioner {
	p := &partitioner{a: a, entries: make([]int, a.sources)}
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
			b = &bundle{rows: t.N, width: 1, plane: t.N, tried: map[cut]trial{}}
			byRoot[find(i)] = b
			p.bundles = append(p.bundles, b)
		}
		b.groups = append(b.groups, i)
		if width, plane := t.planeOf(); b.plane == b.rows {
			b.width, b.plane = width, plane
		}
	}
	return p
}

// sequential takes the bundles in the order of the module. One that fits on the last core
// joins it; any other starts on a new core and is cut into the longest parts that fit. The
// cores are filled until the out-axons, which are known when all targets have cores, fit
// too: a round takes of each compartment the entries that it needed in the round before, and
// after freeRounds the most that it ever needed. These only grow, and no compartment reaches more
// cores than there are, so it ends.
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
			if many && !p.a.fits(content) {
				return p.refuse(b, row)
			}
		}
	}
	return nil
}

// freeRounds is how many rounds may take less of a compartment than an earlier one did.
const freeRounds = 8

func (p *partitioner) fill() error {
	p.cores = nil
	for _, b := range p.bundles {
		if err := p.put(b); err != nil {
			return err
		}
	}
	return nil
}

// put finds cores for a bundle.
func (p *partitioner) put(b *bundle) error {
	if last := len(p.cores) - 1; last >= 0 {
		both := slices.Concat(p.cores[last], b.content(0, b.rows))
		if p.entriesOf(both) <= p.a.chip.OutAxons && p.a.fits(both) {
			p.cores[last] = both
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
		p.cores = append(p.cores, b.content(first, n))
		first += n
		p.ctx.Step("round %d, %d cores filled", p.rounds, len(p.cores))
		guess = n
	}
	return nil
}

// entriesOf is the out-axon entries that a content needs, by the rounds before.
func (p *partitioner) entriesOf(content []stretch) int {
	sum := 0
	for _, s := range content {
		base := p.a.first[p.a.groups[s.group].Name] + s.first
		for _, n := range p.entries[base : base+s.n] {
			sum += n
		}
	}
	return sum
}

// reachable is the number of rows from first on, at least one, whose compartments and out-axon entries a core
// has.
func (p *partitioner) reachable(b *bundle, first int) int {
	most := min(b.rows-first, p.a.chip.Compartments/len(b.groups))
	sum := 0
	for n := range most {
		if sum += p.entriesOf(b.content(first+n, 1)); sum > p.a.chip.OutAxons {
			return max(1, n)
		}
	}
	return most
}

// firstGuess is a number of rows that many networks put on a core.
const firstGuess = 64

// longest is about the greatest number of rows from a position on that an empty core takes; 0 when it
// cannot take one. Where units of the order fit, they are not cut; where a guess is less than half of one, none is tried.
func (p *partitioner) longest(b *bundle, first, guess int) int {
	most := p.reachable(b, first)
	if unit := b.unit(); most >= unit && 2*guess >= unit {
		if n := p.search(b, first, unit, most/unit, guess/unit); n > 0 {
			return n
		}
		most = unit
	}
	return p.search(b, first, 1, most, guess)
}

// search finds how many times unit rows fit, at most so many. What was measured last tells where to look
// next, for what a core needs goes about with its rows, and measuring costs most for what is too large.
// What is found fits; where lists are shared, more rows sometimes need less, so it may not be the most.
func (p *partitioner) search(b *bundle, first, unit, most, guess int) int {
	k := bracket{fine: 0, over: (b.rows-first+unit-1)/unit + 1}
	for n, tries := guess, 0; k.fine < most && k.fine+1 < k.over; tries++ {
		n = min(max(n, k.fine+1), k.over-1, most)
		t := p.try(b, first, min(n*unit, b.rows-first))
		if t.fits {
			k.fine = n
		} else {
			k.over = n
		}
		n = k.next(int(int64(n)*fullCore/t.share), tries)
	}
	return min(k.fine*unit, b.rows-first)
}

// try measures rows on an empty core, once.
func (p *partitioner) try(b *bundle, first, n int) trial {
	key := cut{b.order, first, n}
	t, ok := b.tried[key]
	if !ok {
		u := p.a.judge(b.content(first, n))
		t = trial{p.a.share(&u), u.over(p.a.chip) < 0}
		b.tried[key] = t
	}
	return t
}

// bracket: fine rows fit, over rows do not.
type bracket struct{ fine, over int }

// guided is how often the next number comes from what the last took, before the middle does.
const guided = 4

// next is the number to try, where about that many fill a core.
func (k bracket) next(full, tries int) int {
	if tries < guided {
		return min(full, 2*k.fine+firstGuess)
	}
	return min((k.fine+k.over)/2, 2*k.fine+1)
}

// refuse says which limit the row at a position breaks alone, and where.
func (p *partitioner) refuse(b *bundle, position int) error {
	u := p.a.measure(b.content(position, 1))
	return p.tooMuch(b, b.row(position), u, u.over(p.a.chip))
}

func (p *partitioner) tooMuch(b *bundle, row int, u usage, over int) diag.List {
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

// outAxons counts the entries of the out-axon list of every core.
func (a *atlas) outAxons(cores [][]stretch, chips []int) []int {
	used := make([]int, len(cores))
	home := a.homes(cores)
	for source, n := range a.outEntries(cores, home, chips) {
		if home[source] >= 0 {
			used[home[source]] += n
		}
	}
	return used
}

// outEntries counts those of every source member: one for each core that it reaches, more where
// that core is on another chip. The host sends the inputs, which have none.
func (a *atlas) outEntries(cores [][]stretch, home []int32, chips []int) []int {
	entries := make([]int, a.sources)
	for at, content := range cores {
		r := a.reach(content)
		for _, source := range r.sources {
			from := home[source]
			if from < 0 {
				continue
			}
			if entries[source]++; chips[from] != chips[at] {
				entries[source] += a.chip.OutAxonInterchip - 1
			}
		}
		a.release(r)
	}
	return entries
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

// relieve notes what the sources need of out-axons and reports whether a core has too many.
func (p *partitioner) relieve() (crowded bool, err error) {
	home := p.a.homes(p.cores)
	used := make([]int, len(p.cores))
	for source, n := range p.a.outEntries(p.cores, home, sequence(p.a.chip, len(p.cores))) {
		if p.rounds < freeRounds {
			p.entries[source] = 0
		}
		p.entries[source] = max(p.entries[source], n)
		if home[source] >= 0 {
			used[home[source]] += n
		}
	}
	for id, n := range used {
		if n <= p.a.chip.OutAxons {
			continue
		}
		crowded = true
		if s := p.cores[id][0]; s.n == 1 {
			if b := p.bundleOf(s.group); len(b.groups) == len(p.cores[id]) {
				var u usage
				u[useOutAxons] = n
				return false, p.tooMuch(b, s.first, u, useOutAxons)
			}
		}
	}
	return crowded, nil
}

func (p *partitioner) bundleOf(group int) *bundle {
	return p.bundles[slices.IndexFunc(p.bundles, func(b *bundle) bool { return slices.Contains(b.groups, group) })]
}
