package passes

import (
	"cmp"
	"runtime"
	"slices"
	"sync"

	"decc/compiler/hypergraph"
	"decc/ir"
)

// The load of a piece is its share of a core, in units of fullCore. Pieces are small, so
// that a core can be filled. In a round, divisions are made anew mostAgain times at the most while loads are learned, and improved
// mostSettled times. Another round, of mostRounds, follows where it cost more than the part 1/littleLoss to make the division fit.
const (
	fullCore    = 1 << 20
	pieceShare  = fullCore / 32
	mostRounds  = 4
	mostAgain   = 4
	mostSettled = 3
	littleLoss  = 50
)

// piece is a set of rows of a bundle with the same sources: what arrives at one arrives at
// all, so nothing is gained by parting them.
type piece struct {
	bundle  *bundle
	rows    []int   // ascending
	sources []int32 // ascending source numbers
}

// atlasOfPieces is the network as the hypergraph sees it: a vertex for each piece, a net for
// each source member, with pins where it comes from and where it has synapses. A net in
// several parts costs the member's spikes once for each part but its own: the packets on the mesh.
type atlasOfPieces struct {
	p      *partitioner
	pieces []*piece
	load   []int64
	graph  *hypergraph.Graph
	// classes are divided apart, one after the other.
	classes []*class
	room    []int64 // of a core of each chip, as learned; the last holds for all chips after it
}

// division is a way to divide the pieces, a list of pieces for each core, and what each core takes.
type division struct {
	parts [][]int32
	own   []int64 // share of a full core that each part takes, out-axons left out; 0 is not known
	share []int64 // with them
}

// unmeasured is a division of which nothing is known.
func unmeasured(parts [][]int32) division {
	return division{parts: parts, own: make([]int64, len(parts))}
}

// multilevel divides the hypergraph of the pieces by recursive bisection. What a core can
// hold is not a sum: in-axons are shared and words depend on who shares them. So the load of
// a piece is learned: it is its part of what the core that it was on last was measured to
// take of its scarcest resource, beginning with the least that it can take. The sequential mapping is
// kept where nothing better is found, and for networks that are large.
func (p *partitioner) multilevel() error {
	if err := p.sequential(); err != nil || len(p.cores) <= 1 || p.a.total() >= large {
		return err
	}
	best, bestCost := p.cores, p.cost(p.cores)
	ap := p.newPieces()
	for range mostRounds {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		p.rounds++
		wanted, cores, ok := ap.round()
		cost := p.cost(cores)
		if ok && cost < bestCost {
			best, bestCost = cores, cost
		}
		if ok && cost <= wanted+wanted/littleLoss {
			break
		}
	}
	p.cores = best
	return nil
}

// round divides the pieces by what was learned of their loads, learns, and makes the
// division fit. It reports whether that could be done, and what the division cost before.
func (ap *atlasOfPieces) round() (wanted int64, cores [][]stretch, ok bool) {
	how := (*class).divide
	if ap.severalChips() {
		how = (*class).draft
	}
	d := ap.divided(how)
	ap.learn(d)
	for more := mostAgain; more > 0 && ap.scarce(d); more-- {
		d = ap.divided(how)
		ap.learn(d)
	}
	if ap.severalChips() {
		d = ap.divided((*class).divide)
		ap.learn(d)
	}
	for more := mostSettled; more > 0 && len(ap.over(d)) > 0; more-- {
		d = ap.divided((*class).improve)
		ap.learn(d)
	}
	wanted = ap.p.cost(ap.contents(d))
	d = ap.merge(ap.spill(d))
	d = ap.spill(d) // what was joined may be on another chip now
	return wanted, ap.contents(d), len(ap.over(d)) == 0
}

// severalChips reports whether the cores are likely to be on more than one chip: then what they can take is learned in several
// divisions, for which drafts are good enough.
func (ap *atlasOfPieces) severalChips() bool {
	return total(ap.load) > int64(ap.p.a.chip.Cores)*fullCore/2
}

// scarce reports whether the cores are too few for what was learned, or nearly so, or half of them hold too much: to
// divide anew is better than to move or cut what is too much.
func (ap *atlasOfPieces) scarce(d division) bool {
	have := int64(0)
	for i := range d.parts {
		have += ap.room[i/ap.p.a.chip.Cores]
	}
	return total(ap.load) > have-have/64 || len(ap.over(d))*2 > len(d.parts)
}

// cost weighs packets, which cost energy a spike, and cores, which cost it every row: their
// product, so that a tenth fewer of one is worth a tenth more of the other.
func (p *partitioner) cost(cores [][]stretch) int64 {
	return (p.a.packets(cores) + 1) * int64(len(cores))
}

// OneSpike is a spike in the unit of Options.Traffic.
const OneSpike = 1000

// spikes is the traffic of each source number.
func (a *atlas) spikes(traffic map[string][]int64) []int64 {
	list := make([]int64, a.sources)
	a.eachSource(func(name string, index, source int) {
		switch t := traffic[name]; len(t) {
		case 0:
			list[source] = OneSpike
		case 1:
			list[source] = t[0]
		default:
			list[source] = t[index]
		}
	})
	return list
}

// packets is the weighted number of pairs of a source member and a core other than its own
// where it has synapses.
func (a *atlas) packets(cores [][]stretch) int64 {
	sum := int64(0)
	home := a.homes(cores)
	for at, content := range cores {
		r := a.reach(content)
		for _, source := range r.sources {
			if home[source] != int32(at) {
				sum += a.traffic[source]
			}
		}
		a.release(r)
	}
	return sum
}

// newPieces builds the hypergraph of a network that is mapped in sequence.
func (p *partitioner) newPieces() *atlasOfPieces {
	ap := &atlasOfPieces{p: p, room: []int64{fullCore}}
	rowLoad := p.rowLoads()
	pieceOf := make([]int32, p.a.sources) // by source number: its piece plus 1
	for i, b := range p.bundles {
		for _, rows := range p.alike(b) {
			ap.cut(b, rows, rowLoad[i], pieceOf)
		}
	}
	nets := ap.nets(pieceOf)
	ap.graph = hypergraph.New(ap.load, nets)
	ap.classify(nets)
	return ap
}

// rowLoads is what the rows of each bundle took of a core in sequence.
func (p *partitioner) rowLoads() [][]int64 {
	loads := make([][]int64, len(p.bundles))
	for i, b := range p.bundles {
		loads[i] = make([]int64, b.rows)
	}
	bundleOf := map[int]int{}
	for i, b := range p.bundles {
		for _, g := range b.groups {
			bundleOf[g] = i
		}
	}
	for _, content := range p.cores {
		u := p.a.measure(content)
		each := p.a.share(&u) / int64(u[useCompartments])
		for _, s := range content {
			for row := s.first; row < s.first+s.n; row++ {
				loads[bundleOf[s.group]][row] += max(1, each)
			}
		}
	}
	return loads
}

// share is how much of a core is used: the greatest share of any resource.
func (a *atlas) share(u *usage) int64 { return a.part(u, a.scarcest(u)) }

// scarcest is the resource of which the greatest share is used.
func (a *atlas) scarcest(u *usage) int {
	most := 0
	for i := range resources {
		if a.part(u, i) > a.part(u, most) {
			most = i
		}
	}
	return most
}

// part is how much of a resource of a core is used. Tables count where they overflow: until then they take
// what comes.
func (a *atlas) part(u *usage, resource int) int64 {
	limit := resources[resource].most(a.chip)
	if tables[resource] && u[resource] <= limit {
		return 1
	}
	return max(1, int64(u[resource])*fullCore/int64(max(1, limit)))
}

// alike lists the rows of a bundle by what arrives at them.
func (p *partitioner) alike(b *bundle) []*piece {
	var list []*piece
	byHash := map[uint64][]*piece{}
	for row := range b.rows {
		sources := p.a.sourcesOf(b, row)
		key := hypergraph.Hash(sources)
		at := slices.IndexFunc(byHash[key], func(x *piece) bool { return slices.Equal(x.sources, sources) })
		if at < 0 {
			at = len(byHash[key])
			x := &piece{bundle: b, sources: sources}
			byHash[key] = append(byHash[key], x)
			list = append(list, x)
		}
		x := byHash[key][at]
		x.rows = append(x.rows, row)
	}
	return list
}

// sourcesOf lists who sends to a row, ascending.
func (a *atlas) sourcesOf(b *bundle, row int) []int32 {
	var list []int32
	var scratch ir.Arrivals
	for _, s := range b.content(row, 1) {
		for _, in := range a.groups[s.group].inbound {
			list = append(list, in.of(s, &scratch).Pre...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// cut adds rows that are alike in pieces that are small enough.
func (ap *atlasOfPieces) cut(b *bundle, alike *piece, rowLoad []int64, pieceOf []int32) {
	x, load := &piece{bundle: b, sources: alike.sources}, int64(0)
	flush := func() {
		ap.pieces = append(ap.pieces, x)
		ap.load = append(ap.load, ap.leastLoad(x))
		for _, g := range b.groups {
			base := ap.p.a.first[ap.p.a.groups[g].Name]
			for _, row := range x.rows {
				pieceOf[base+row] = int32(len(ap.pieces))
			}
		}
		x, load = &piece{bundle: b, sources: alike.sources}, 0
	}
	for _, row := range alike.rows {
		if load > 0 && load+rowLoad[row] > pieceShare {
			flush()
		}
		x.rows = append(x.rows, row)
		load += rowLoad[row]
	}
	flush()
}

// leastLoad is what a piece takes of a core at least, unless weights are shared: its
// compartments and the bits of its weights.
func (ap *atlasOfPieces) leastLoad(x *piece) int64 {
	content := ap.rowsOf(x.bundle, x.rows)
	var u usage
	for _, s := range content {
		u[useCompartments] += s.n
	}
	u[useWords] = ap.p.a.weightBits(content, func(*inbound) bool { return true }) / 64
	return ap.p.a.share(&u)
}

// nets lists a net for each source: its own piece and those that it reaches.
func (ap *atlasOfPieces) nets(pieceOf []int32) []hypergraph.Net {
	nets := make([]hypergraph.Net, ap.p.a.sources)
	for s := range nets {
		// A source that is silent in this traffic still takes an in-axon of every core.
		nets[s].Weight = max(1, ap.p.a.traffic[s])
	}
	for i, x := range ap.pieces {
		for _, s := range x.sources {
			nets[s].Pins = append(nets[s].Pins, int32(i))
		}
	}
	for s := range nets {
		home := pieceOf[s] - 1
		nets[s].Source = home
		if n := &nets[s]; home >= 0 && len(n.Pins) > 0 && !slices.Contains(n.Pins, home) {
			n.Pins = append(n.Pins, home)
		}
	}
	return nets
}

// divided has each class divided or improved, and measures what came out.
func (ap *atlasOfPieces) divided(how func(c *class, rooms []int64)) division {
	var parts [][]int32
	for _, c := range ap.classes {
		how(c, ap.rooms(len(parts)))
		parts = append(parts, c.named()...)
	}
	return ap.measured(unmeasured(parts))
}

// rooms lists what cores may take from number first on; the last holds for all after it.
func (ap *atlasOfPieces) rooms(first int) []int64 {
	var list []int64
	last := len(ap.room) - 1
	for core := first; core < last*ap.p.a.chip.Cores; core++ {
		list = append(list, ap.room[core/ap.p.a.chip.Cores])
	}
	return append(list, ap.room[last])
}

// measured measures the parts whose own share is not known. Out-axons are known when all parts are, and
// count too.
func (ap *atlasOfPieces) measured(d division) division {
	each(len(d.parts), func(i int) {
		if d.own[i] == 0 {
			d.own[i] = ap.p.a.shareOf(ap.content(d.parts[i]))
		}
	})
	d.share = ap.shares(&d, sequence(ap.p.a.chip, len(d.parts)))
	return d
}

// shares is what each part takes of a core when it is on that chip.
func (ap *atlasOfPieces) shares(d *division, chips []int) []int64 {
	list := slices.Clone(d.own)
	for i, used := range ap.p.a.outAxons(ap.contents(*d), chips) {
		list[i] = max(list[i], ap.outShare(used))
	}
	return list
}

// outShare is the share of a core that out-axons take, with a margin of one in 32: what
// other cores become changes them.
func (ap *atlasOfPieces) outShare(used int) int64 {
	return int64(used) * fullCore / int64(max(1, ap.p.a.chip.OutAxons*31/32))
}

func (ap *atlasOfPieces) outAxons(d division) []int {
	return ap.p.a.outAxons(ap.contents(d), sequence(ap.p.a.chip, len(d.parts)))
}

// each calls f for 0..n-1 on all processors.
func each(n int, f func(i int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}

// content lists the stretches of a part: by bundle, then by row, so that targets of one
// axon are neighbours and take few index bits.
func (ap *atlasOfPieces) content(part []int32) []stretch {
	rows := map[*bundle][]int{}
	for _, v := range part {
		x := ap.pieces[v]
		rows[x.bundle] = append(rows[x.bundle], x.rows...)
	}
	var list []stretch
	for _, b := range ap.p.bundles {
		slices.Sort(rows[b])
		list = append(list, ap.rowsOf(b, rows[b])...)
	}
	return list
}

// rowsOf lists the stretches of rows of a bundle, ascending.
func (ap *atlasOfPieces) rowsOf(b *bundle, rows []int) []stretch {
	var list []stretch
	for _, g := range b.groups {
		list = appendRows(list, g, rows)
	}
	return list
}

// appendRows adds rows of a group, ascending, as few stretches.
func appendRows(list []stretch, group int, rows []int) []stretch {
	for i, row := range rows {
		if i > 0 && rows[i-1] == row-1 {
			list[len(list)-1].n++
		} else {
			list = append(list, stretch{group, row, 1})
		}
	}
	return list
}

func (ap *atlasOfPieces) contents(d division) [][]stretch {
	cores := make([][]stretch, len(d.parts))
	for i, part := range d.parts {
		cores[i] = ap.content(part)
	}
	return cores
}

// learn spreads what each core was measured to take over its pieces. What out-axons to other chips take is not of the pieces
// but of the chip, which is smaller for it: the chip that is full has few, one with a rest of the network has many.
func (ap *atlasOfPieces) learn(d division) {
	load := slices.Clone(ap.load)
	ap.learnRooms(&d)
	for i, part := range d.parts {
		sum := int64(0)
		for _, v := range part {
			sum += ap.load[v]
		}
		share := d.share[i] * ap.room[i/ap.p.a.chip.Cores] / fullCore
		for _, v := range part {
			load[v] = max(1, ap.load[v]*share/sum)
		}
	}
	ap.load = load
	ap.graph.Reload(load)
	for _, c := range ap.classes {
		c.graph.Reload(c.loads(load))
	}
}

// learnRooms finds how much less the cores of each chip can take for its out-axons to others.
func (ap *atlasOfPieces) learnRooms(d *division) {
	chips := sequence(ap.p.a.chip, len(d.parts))
	within := ap.shares(d, make([]int, len(chips)))
	ap.room = ap.room[:0]
	for first := 0; first < len(chips); first += ap.p.a.chip.Cores {
		last := min(first+ap.p.a.chip.Cores, len(chips))
		ap.room = append(ap.room, fullCore*total(within[first:last])/total(d.share[first:last]))
	}
}

func total(list []int64) int64 {
	sum := int64(0)
	for _, x := range list {
		sum += x
	}
	return sum
}

// spill cuts parts that are more than a core until all fit: what is over goes to a part of
// its own, which merge brings together with others. It comes after all others, which so stay on their chips.
func (ap *atlasOfPieces) spill(d division) division {
	for {
		next := division{parts: slices.Clone(d.parts), own: slices.Clone(d.own)}
		for _, i := range ap.over(d) {
			if part := d.parts[i]; len(part) > 1 {
				cut := ap.graph.Cut(part, fullCore*31/32, d.share[i])
				next.parts[i], next.own[i] = cut[0], 0
				next.parts, next.own = append(next.parts, cut[1]), append(next.own, 0)
			}
		}
		if len(next.parts) == len(d.parts) {
			return d
		}
		d = ap.measured(next)
	}
}

// mostPartners bounds the cores that one is tried with.
const mostPartners = 8

// merge joins cores until no two fit on one: what is joined takes fewer out-axons of others.
func (ap *atlasOfPieces) merge(d division) division {
	for {
		next := ap.mergeOnce(d)
		if len(next.parts) == len(d.parts) {
			return next
		}
		d = ap.measured(next)
	}
}

// mergeOnce joins cores that fit on one, those that share most first.
func (ap *atlasOfPieces) mergeOnce(d division) division {
	d.parts, d.own, d.share = slices.Clone(d.parts), slices.Clone(d.own), slices.Clone(d.share)
	part := make([]int32, len(ap.pieces))
	for i, list := range d.parts {
		for _, v := range list {
			part[v] = int32(i)
		}
	}
	order := make([]int, len(d.parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(d.share[x], d.share[y]) })
	out := ap.outAxons(d)
	for _, small := range order {
		if with := ap.partner(d, small, part, out); with >= 0 {
			d.parts[with] = slices.Concat(d.parts[with], d.parts[small])
			slices.Sort(d.parts[with])
			for _, v := range d.parts[small] {
				part[v] = int32(with)
			}
			out[with] += out[small]
			d.own[with] = ap.p.a.shareOf(ap.content(d.parts[with]))
			d.share[with], d.parts[small] = max(d.own[with], ap.outShare(out[with])), nil
		}
	}
	return d.compact()
}

// partner finds a core that can take another as well, or -1.
func (ap *atlasOfPieces) partner(d division, small int, part []int32, out []int) int {
	shared := ap.graph.Shared(d.parts[small], part, len(d.parts))
	var list []int
	for i := range d.parts {
		if i != small && d.parts[i] != nil && ap.outShare(out[i]+out[small]) <= fullCore && d.share[i]+d.share[small] <= fullCore*9/8 {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(x, y int) int {
		return cmp.Or(cmp.Compare(shared[y], shared[x]), cmp.Compare(d.share[x], d.share[y]))
	})
	for _, i := range list[:min(len(list), mostPartners)] {
		if ap.p.a.fits(ap.content(slices.Concat(d.parts[i], d.parts[small]))) {
			return i
		}
	}
	return -1
}

// compact leaves out the parts without pieces.
func (d division) compact() division {
	var c division
	for i, part := range d.parts {
		if part != nil {
			c.parts, c.own, c.share = append(c.parts, part), append(c.own, d.own[i]), append(c.share, d.share[i])
		}
	}
	return c
}

// over lists the parts that are more than a core. Out-axons count without the margin here.
func (ap *atlasOfPieces) over(d division) []int {
	var list []int
	for i, used := range ap.outAxons(d) {
		if d.own[i] > fullCore || used > ap.p.a.chip.OutAxons {
			list = append(list, i)
		}
	}
	return list
}
