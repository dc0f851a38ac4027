package chipsim

import (
	"cmp"
	"slices"

	"decc/chipsim/image"
	"decc/ir/sem"
)

// axon is an atom of an in-axon, by slot (image.Memory.Slots): the segments lo..hi-1 of its core.
type axon struct {
	lo, hi   int32
	synapses int64 // stored synapses, all segments
}

// segment is the synapses of an in-axon that go to one port of one block with one
// delay: a dense stretch of weights from lane first on, or a list.
type segment struct {
	route
	dense  bool
	first  int32 // lane of the first weight where dense, else index of the first target
	lo, hi int32 // weights
	place  int32 // of the first synapse, where they learn
	bank   int32 // number from 1 of the bank that adds it, where lo and hi count bytes; 0 where none does
	deeper bool  // the bank may get more onto a lane than from the axon's segments before
}

// route is what the synapses of a segment share.
type route struct {
	block  int32
	port   int32 // ordinal
	base   int32 // accumulator of lane 0
	delay  int32
	graded bool
	sum    int32 // index of the sum that is scaled before it is added, or -1
	// plastic is the number from 1 of the object whose synapses learn, 0 where they do not.
	plastic int32
}

// sum collects the mantissas of one connection into one port of one block in one
// delay slot, where the weight exponent acts on their sum (sem.Profile.ExpOnSum)
// and rounds.
type sum struct {
	block, base int32
	delay       int32
	exp         int
}

// sumKey names a sum on a core.
type sumKey struct{ connection, block, port, delay int }

// contact is a synapse on its way into a segment.
type contact struct {
	route
	lane     int32
	weight   int32
	mantissa int32
	wait     int32 // delay in memory; learned delays start with it
	tag      int32
}

// decoder turns the synaptic memory of a core into segments.
type decoder struct {
	*core
	profile  sem.Profile
	blockOf  []int32
	sumOf    map[sumKey]int32
	contacts []contact
	known    map[uint32]known // lists by their first word
}

// known is a list that was decoded: for a slot, with an offset.
type known struct{ slot, offset int32 }

func newDecoder(k *core, img *image.Image) decoder {
	return decoder{core: k, profile: sem.Profiles[img.Profile], blockOf: k.blockOf(), sumOf: map[sumKey]int32{}, known: map[uint32]known{}}
}

// decode reads the in-axons.
func (k *core) decode(img *image.Image) error {
	d := newDecoder(k, img)
	k.slots = 1
	for i, a := range k.InAxons {
		for atom := range int(a.Atoms) {
			if err := d.list(i, atom); err != nil {
				return err
			}
		}
	}
	if len(img.Plastic) == 0 {
		k.makeBanks()
	}
	return nil
}

// list reads the list of an atom, or takes the segments of one that is the same but shifted.
func (d *decoder) list(number, atom int) error {
	a := d.InAxons[number]
	at, this := a.Base+uint32(atom)*a.Words, known{int32(len(d.axons)), int32(a.Offset)}
	earlier, seen := d.known[at]
	if seen && d.again(earlier.slot, this.offset-earlier.offset) {
		return nil
	}
	d.known[at] = this
	d.contacts = d.contacts[:0]
	if err := d.Walk(number, atom, d.add); err != nil {
		return err
	}
	d.finish()
	return nil
}

// again adds the segments of a slot with all lanes shifted, on the same weights. It cannot
// where a segment would leave its block, learns, or has a sum, whose lanes are its own.
func (d *decoder) again(slot, shift int32) bool {
	x := d.axons[slot]
	for _, g := range d.segments[x.lo:x.hi] {
		first, last := d.span(&g)
		n := int32(d.blocks[g.block].n)
		if g.plastic > 0 || g.sum >= 0 || first+shift < 0 || last+shift >= n || g.base+shift < 0 {
			return false
		}
	}
	a := axon{lo: int32(len(d.segments)), synapses: x.synapses}
	for _, g := range d.segments[x.lo:x.hi] {
		if g.dense {
			g.first += shift
		} else {
			g.base += shift
		}
		d.segments = append(d.segments, g)
	}
	a.hi = int32(len(d.segments))
	d.axons = append(d.axons, a)
	return true
}

// span is the first and last lane of a segment that was decoded.
func (d *decoder) span(g *segment) (first, last int32) {
	if g.dense {
		return g.first, g.first + g.hi - g.lo - 1
	}
	return d.targets[g.first], d.targets[g.first+g.hi-g.lo-1]
}

// add takes one synapse with its effective weight.
func (d *decoder) add(format int, s image.Synapse) {
	block := d.blockOf[s.Target]
	d.contact(&d.Formats[format], block, s.Target-int32(d.blocks[block].local), s)
}

// contact takes a synapse onto a lane of a block.
func (d *decoder) contact(f *image.SynapseFormat, block, lane int32, s image.Synapse) {
	b := &d.blocks[block]
	c := contact{lane: lane, weight: int32(d.profile.Weight(f.Weight, int64(s.Mantissa)))}
	c.route = route{block: block, port: int32(f.Port), base: int32(b.ports[f.Port]), delay: s.Delay, graded: f.Graded, sum: -1, plastic: int32(f.Plastic)}
	c.mantissa, c.wait, c.tag = s.Mantissa, s.Delay, s.Tag
	if f.Plastic > 0 {
		d.plastics[f.Plastic-1].open(d.core)
		d.learns(&c, &d.plastics[f.Plastic-1])
	}
	d.slots = max(d.slots, int(c.route.delay)+1)
	if d.profile.ExpOnSum {
		d.scale(&c, f)
	}
	if f.Plastic > 0 {
		c.weight = d.plastics[f.Plastic-1].effective[c.mantissa-leastMantissa]
	}
	d.contacts = append(d.contacts, c)
}

// learns gives a plastic synapse the route of its delay. A learned delay is read synapse
// by synapse; one that is a second tag delays nothing.
func (d *decoder) learns(c *contact, p *plastic) {
	switch {
	case p.learnsDelays():
		d.slots = sem.MaxLearnedDelay + 1
		c.route.delay = 0
	case p.tagsDelays():
		c.route.delay = 0
	}
}

// scale applies the exponent to each weight where that is the same as to their
// sum, and else finds the sum.
func (d *decoder) scale(c *contact, f *image.SynapseFormat) {
	exp := f.Weight.Exp
	if exp >= 0 {
		c.weight = int32(sem.ScaleSum(int64(c.weight), exp))
		return
	}
	key := sumKey{f.Connection, int(c.block), f.Port, int(c.delay)}
	at, ok := d.sumOf[key]
	if !ok {
		at = int32(len(d.sums))
		d.sumOf[key] = at
		d.sums = append(d.sums, sum{block: c.block, base: c.base, delay: c.delay, exp: exp})
	}
	c.sum = at
}

func (r route) compare(o route) int {
	graded := 0
	if r.graded != o.graded {
		graded = 1
		if o.graded {
			graded = -1
		}
	}
	return cmp.Or(cmp.Compare(r.block, o.block), cmp.Compare(r.port, o.port), cmp.Compare(r.delay, o.delay), graded, cmp.Compare(r.sum, o.sum), cmp.Compare(r.plastic, o.plastic))
}

// finish makes the segments of the next slot from its contacts.
func (d *decoder) finish() {
	slices.SortStableFunc(d.contacts, func(a, b contact) int {
		return cmp.Or(a.route.compare(b.route), cmp.Compare(a.lane, b.lane))
	})
	slot := len(d.axons)
	a := axon{lo: int32(len(d.segments)), synapses: int64(len(d.contacts))}
	for rest := d.contacts; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].route == rest[0].route {
			n++
		}
		if rest[0].plastic > 0 {
			d.segment(slot, rest[:n])
		} else {
			d.cut(slot, rest[:n])
		}
		rest = rest[n:]
	}
	a.hi = int32(len(d.segments))
	d.axons = append(d.axons, a)
}

// denseFill is how many lanes a dense segment may have for each synapse: adding a
// weight of 0 is cheaper than reading a target.
const denseFill = 2

func (d *decoder) segment(slot int, s []contact) {
	g := segment{route: s[0].route, first: s[0].lane, lo: int32(len(d.weights))}
	span := int(s[len(s)-1].lane-s[0].lane) + 1
	fill := denseFill
	if g.plastic > 0 {
		fill = 1
		g.place = d.plastics[g.plastic-1].addStrip(slot, s, g.lo)
	}
	if g.dense = span <= fill*len(s) && distinct(s); g.dense {
		d.weights = append(d.weights, make([]int32, span)...)
		for _, c := range s {
			d.weights[g.lo+c.lane-g.first] = c.weight
		}
	} else {
		g.first = int32(len(d.targets))
		for _, c := range s {
			d.weights = append(d.weights, c.weight)
			d.targets = append(d.targets, c.lane)
		}
	}
	g.hi = int32(len(d.weights))
	d.segments = append(d.segments, g)
}

// Neighbours of a list that are wider apart than widestGap lanes are in different segments, where each has at least
// longRun synapses.
const (
	widestGap = 8
	longRun   = 16
)

// cut makes a dense segment of every stretch of a list that is dense and long, and one of the rest.
func (d *decoder) cut(slot int, s []contact) {
	var rest []contact
	for len(s) > 0 {
		n := 1
		for n < len(s) && s[n].lane-s[n-1].lane <= widestGap {
			n++
		}
		if run := s[:n]; n >= longRun && int(run[n-1].lane-run[0].lane) < denseFill*n && distinct(run) {
			d.segment(slot, run)
		} else {
			rest = append(rest, run...)
		}
		s = s[n:]
	}
	if len(rest) > 0 {
		d.segment(slot, rest)
	}
}

// distinct reports whether no lane occurs twice in a sorted list.
func distinct(s []contact) bool {
	for i := 1; i < len(s); i++ {
		if s[i].lane == s[i-1].lane {
			return false
		}
	}
	return true
}
