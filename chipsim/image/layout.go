package image

import (
	"math"

	"decc/ir/diag"
	"decc/ir/sem"
)

// rule is a format with the way in which parts are split into its entries.
type rule struct {
	SynapseFormat
	most int   // synapses of an entry
	fill int32 // compartments without synapse in a row that a dense entry spans
}

// newRule gives the rule that packs best: filling a gap must not cost more than the
// prefix of a new entry.
func newRule(f SynapseFormat) rule {
	r := rule{SynapseFormat: f, most: MaxSynapses, fill: MaxSynapses}
	if n := f.synapseBits(); f.Plastic > 0 {
		r.fill = 0 // what fills a gap would learn
	} else if n > 0 {
		r.fill = int32(f.prefixBits() / n)
	}
	return r
}

// takes reports whether an entry of n synapses from first to last may take next.
func (r *rule) takes(first, last, next code, n int) bool {
	gap := next.target - last.target
	switch r.Compression {
	case RunLength:
		return n < r.most && gap < 1<<r.SkipBits
	case Dense:
		return int(next.target-first.target) < r.most && gap-1 <= r.fill
	}
	return n < r.most
}

// split cuts a sorted part into the synapses of its entries.
func (r *rule) split(s []code, visit func([]code)) {
	start := 0
	for i := 1; i < len(s); i++ {
		if !r.takes(s[start], s[i-1], s[i], i-start) {
			visit(s[start:i])
			start = i
		}
	}
	visit(s[start:])
}

// length is the number of synapse fields of an entry, with the fillers.
func (r *rule) length(s []code) int {
	if r.Compression == Dense {
		return int(s[len(s)-1].target-s[0].target) + 1
	}
	return len(s)
}

// impossible is a cost above that of any part.
const impossible = math.MaxInt32

// cost is the bits that a part takes under the rule.
func (r *rule) cost(s *stored) int {
	if r.Compression == Dense && !s.canDense {
		return impossible
	}
	n := 0
	r.split(s.codes, func(part []code) { n += r.EntryBits(r.length(part)) })
	return n
}

// layout is what the packer decides for one kind.
type layout struct {
	kind   Kind
	number int              // among those of the core
	lo, hi int64            // least and greatest stored weight
	delay  int32            // greatest delay
	stored [mantissas]int16 // what memory holds for a mantissa, from least on; nothing while known is false
	known  [mantissas]bool
	rules  [len(compressions)]rule
	ids    [len(compressions)]int // format id, 0 until it is used
}

// The mantissas of any format.
const (
	leastMantissa = -256
	mostMantissa  = 255
	mantissas     = mostMantissa - leastMantissa + 1
)

// store is what memory holds for a mantissa. It is worked out once for each: there are 512, and
// millions of synapses.
func (l *layout) store(profile sem.ProfileID, mantissa int32) int64 {
	at := mantissa - leastMantissa
	if !l.known[at] {
		l.stored[at], l.known[at] = int16(l.kind.storeMantissa(profile, int64(mantissa))), true
	}
	return int64(l.stored[at])
}

// cheapest is the rule under which the parts together take the fewest bits.
func (l *layout) cheapest(parts ...*stored) int {
	best, least := 0, math.MaxInt
	for i := range l.rules {
		if n := l.rules[i].total(parts); n < least {
			best, least = i, n
		}
	}
	return best
}

// chooseFormats makes the rules of all kinds. Where they would need more formats
// than a core has, every kind keeps to the compression that serves it best.
func (p *packer) chooseFormats() error {
	parts := map[*layout][]*stored{}
	for _, axon := range p.axons {
		if axon.like != nil {
			continue
		}
		for _, list := range axon.atoms {
			for i := range list {
				l := list[i].layout
				parts[l] = append(parts[l], &list[i])
			}
		}
	}
	for _, l := range p.kinds {
		l.makeRules(indexBits(p.compartments), parts[l])
	}
	if formatsUsed(p.kinds, parts) <= MaxFormats {
		return nil
	}
	if len(p.kinds) > MaxFormats {
		return diag.Errorf(diag.Pos{}, "image/formats", "synapses of %d kinds (bits, exponent, sign, port, connection) meet on one core, its table has %d formats",
			len(p.kinds), MaxFormats).WithFix("give synapses the same weight format, or spread their targets over more cores")
	}
	for _, l := range p.kinds {
		one := l.cheapest(parts[l]...)
		for _, s := range parts[l] {
			s.chosen = one
		}
	}
	return nil
}

// delayBits are those of the greatest delay, or all where learning moves delays.
func (l *layout) delayBits() uint8 {
	if l.kind.LearnsDelay {
		return maxDelayBits
	}
	return delayBits(l.delay)
}

func (l *layout) makeRules(index uint8, parts []*stored) {
	f := SynapseFormat{Kind: l.kind, DelayBits: l.delayBits(), IndexBits: index}
	f.Coding, f.WeightBits = weightField(l.kind.Weight, l.lo, l.hi)
	for i, c := range compressions {
		f.Compression = c
		l.rules[i] = newRule(f)
		if c == RunLength {
			l.rules[i] = bestSkip(f, parts)
		}
	}
}

// bestSkip finds the skip width that serves the parts of a kind best.
func bestSkip(f SynapseFormat, parts []*stored) rule {
	var best rule
	least := math.MaxInt
	for f.SkipBits = minSkipBits; f.SkipBits <= maxSkipBits; f.SkipBits++ {
		r := newRule(f)
		if n := r.total(parts); n < least {
			best, least = r, n
		}
	}
	return best
}

func (r *rule) total(parts []*stored) int {
	n := 0
	for _, s := range parts {
		n += r.cost(s)
	}
	return n
}

// formatsUsed lets every part choose for itself and counts the formats.
func formatsUsed(kinds []*layout, parts map[*layout][]*stored) int {
	n := 0
	for _, l := range kinds {
		var used [len(compressions)]bool
		for _, s := range parts[l] {
			s.chosen = l.cheapest(s)
			used[s.chosen] = true
		}
		for _, u := range used {
			if u {
				n++
			}
		}
	}
	return n
}
