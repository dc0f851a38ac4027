package image

import (
	"cmp"
	"encoding/binary"
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
	alike := map[string][]*lists{}
	for _, l := range p.axons {
		if !l.learns() && l.findLeast() {
			key := l.key()
			alike[key] = append(alike[key], l)
		}
	}
	for _, list := range alike {
		slices.SortStableFunc(list, func(a, b *lists) int { return cmp.Compare(a.least, b.least) })
		owner := list[0]
		for _, l := range list[1:] {
			if l.least-owner.least <= MaxOffset {
				l.like = owner
			} else {
				owner = l
			}
		}
	}
}

// key is the same for lists that are equal up to a shift, and for no others. Synapses that do not learn have
// no tags.
func (l *lists) key() string {
	var b []byte
	for _, list := range l.atoms {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(list)))
		for _, s := range list {
			b = binary.LittleEndian.AppendUint32(b, uint32(s.number))
			b = binary.LittleEndian.AppendUint32(b, uint32(len(s.codes)))
			b = slices.Grow(b, codeBytes*len(s.codes))
			for _, c := range s.codes {
				b = binary.LittleEndian.AppendUint16(b, uint16(c.target-l.least))
				b = binary.LittleEndian.AppendUint16(b, uint16(c.weight))
				b = append(b, byte(c.delay))
			}
		}
	}
	return string(b)
}

// codeBytes is a code in a key: 13 bits of target, 9 of weight, 6 of delay, each in whole bytes.
const codeBytes = 5
