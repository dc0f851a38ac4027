package image

import "decc/ir/sem"

// MostBits bounds what synapses of a kind take on a core of that many compartments, in so many parts and with delays up to
// the given one: the cost of sparse entries, which Pack chooses or what is cheaper. It takes the counts alone, where Pack takes
// the synapses.
func (k Kind) MostBits(profile sem.ProfileID, compartments, delay, parts, synapses int) int {
	l := layout{kind: k, delay: int32(delay)}
	l.lo, l.hi = k.reachable(profile)
	f := SynapseFormat{Kind: k, Compression: Sparse, DelayBits: l.delayBits(), IndexBits: indexBits(compartments)}
	_, f.WeightBits = weightField(k.Weight, l.lo, l.hi)
	f.WeightBits += widerBits
	return (parts+synapses/MaxSynapses)*headBits + synapses*f.synapseBits()
}

// widerBits is how much wider than its format a weight can make its field: one for the other sign, and one for there are
// no fields of 7 bits.
const widerBits = 2

// MostWords bounds the words of in-axons of so many bits, each with its end mark and alignment.
func MostWords(axons, bits int) int { return (bits + axons*(endBits+wordBits-1)) / wordBits }

// MostFormats bounds the formats that synapses of so many kinds take: one for each compression.
func MostFormats(kinds int) int { return kinds * len(compressions) }
