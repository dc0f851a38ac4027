package image

import (
	"cmp"
	"slices"
)

// lists are the lists of an in-axon on their way into memory.
type lists struct {
	atoms [][]stored
	least int32  // least target, rounded down to a multiple of PopulationStep for a population
	like  *lists // whose lists in memory serve this in-axon too, shifted; nil where they are its own
	base  uint32 // in memory
	words uint32 // of an atom
}

// learns tells that synapses of the in-axon learn: those are its own.
func (l *lists) learns() bool {
	return slices.ContainsFunc(l.atoms, func(list []stored) bool {
		return slices.ContainsFunc(list, func(s stored) bool { return s.kind.Plastic > 0 })
	})
}

// findLeast sets least; false where the in-axon has no synapses.
func (l *lists) findLeast() bool {
	first := true
	for _, list := range l.atoms {
		for _, s := range list {
			if t := s.codes[0].target; first || t < l.least {
				l.least, first = t, false
			}
		}
	}
	if len(l.atoms) > 1 {
		l.least -= l.least % PopulationStep
	}
	return !first
}

// share finds in-axons whose lists are those of another, shifted: a kernel that slides
// makes many of them. Of those that are alike the one with the least targets is stored,
// and it serves as many as an offset reaches.
func (p *packer) share() {
	alike := map[uint64][]*lists{}
	var keys []uint64
	for _, l := range p.axons {
		if l.learns() || !l.findLeast() {
			continue
		}
		key := l.hash()
		if alike[key] == nil {
			keys = append(keys, key)
		}
		alike[key] = append(alike[key], l)
	}
	for _, key := range keys {
		if list := alike[key]; len(list) > 1 {
			slices.SortStableFunc(list, func(a, b *lists) int { return cmp.Compare(a.least, b.least) })
			serve(list)
		}
	}
}

// serve shares among in-axons in the order of their least targets. Two that hash alike and are not
// have owners of their own.
func serve(list []*lists) {
	var owners []*lists
	for _, l := range list {
		at := slices.IndexFunc(owners, func(o *lists) bool { return l.least-o.least <= MaxOffset && l.equals(o) })
		if at >= 0 {
			l.like = owners[at]
		} else {
			owners = append(owners, l)
		}
	}
}

// hash is the same for lists that are equal up to a shift.
func (l *lists) hash() uint64 {
	h := newHash()
	for _, list := range l.atoms {
		h.add(uint64(len(list)))
		for _, s := range list {
			h.add(uint64(s.number))
			for _, c := range s.codes {
				h.add(uint64(c.target-l.least)<<32 | uint64(uint8(c.delay))<<16 | uint64(uint16(c.weight)))
			}
		}
	}
	return uint64(h)
}

// hash is FNV-1a by words.
type hash uint64

func newHash() hash { return 14695981039346656037 }

func (h *hash) add(x uint64) { *h = (*h ^ hash(x)) * 1099511628211 }

// equals tells that the lists are those of another up to a shift.
func (l *lists) equals(o *lists) bool {
	shift := l.least - o.least
	return slices.EqualFunc(l.atoms, o.atoms, func(a, b []stored) bool {
		return slices.EqualFunc(a, b, func(x, y stored) bool {
			return x.layout == y.layout && slices.EqualFunc(x.codes, y.codes, func(c, d code) bool {
				c.target -= shift
				return c == d
			})
		})
	})
}
