package image

import (
	"math/bits"

	"decc/ir/sem"
)

// Compression says how an entry lays out its targets; the values are the chip's.
type Compression uint8

// The compressions (hardware.md 1.4).
const (
	Sparse    Compression = 0
	RunLength Compression = 1
	Dense     Compression = 3
)

// compressions in the order of preference where the cost is equal.
var compressions = [...]Compression{Dense, RunLength, Sparse}

// Kind is what synapses must share to stand in one entry, whatever its layout.
type Kind struct {
	Weight sem.WeightFormat
	// Port is the ordinal of the target's port among the ports of its program.
	Port   int
	Graded bool // the weight is multiplied by the payload of the spike
	// Connection numbers the synapse object of the module where the profile sums by
	// connection (sem.Profile.ExpOnSum); 0 elsewhere, so that formats are shared.
	Connection int
	// Plastic is the index plus 1 of the plastic object that the synapses belong to; 0
	// where they do not learn.
	Plastic int
	// Tagged tells that every synapse has a tag; LearnsDelay that a rule changes or reads
	// its delay, which then has all its bits.
	Tagged      bool
	LearnsDelay bool
}

// SynapseFormat is one row of a core's table of formats. Entries name it by its
// index plus 1, for 0 is the end mark.
type SynapseFormat struct {
	Kind
	Compression Compression
	Coding      Coding
	WeightBits  uint8
	DelayBits   uint8 // 0..6
	IndexBits   uint8 // 0 or 6..13
	SkipBits    uint8 // 2..5 where RunLength, else 0
}

// Widths of an entry's head and limits of its fields (hardware.md 1.4). 13 index
// bits are for cores of more than 4096 compartments, which Loihi 1 does not have.
const (
	idBits       = 4
	countBits    = 6
	headBits     = idBits + countBits
	endBits      = 6
	wordBits     = 64
	MaxFormats   = 1<<idBits - 1
	MaxSynapses  = 1 << countBits // of one entry
	MaxDelay     = 63
	minIndexBits = 6
	maxIndexBits = 13
	maxDelayBits = 6
	minSkipBits  = 2
	maxSkipBits  = 5
	// MaxAtoms, MaxOffset and PopulationStep are those of the synapse map: a packet to a
	// population names one of 32 atoms, compartments are shifted by up to 255, for a
	// population by multiples of 4 (hardware.md 1.3, pop16; nengo-loihi, hardware/builder.py
	// and builder/validate.py).
	MaxAtoms       = 32
	MaxOffset      = 255
	PopulationStep = 4
	// MaxCompartments is the number of compartments that an index can reach.
	MaxCompartments = 1 << maxIndexBits
)

// indexBits is the width of a target on a core of that many compartments.
func indexBits(compartments int) uint8 {
	return uint8(max(minIndexBits, bits.Len(uint(max(compartments-1, 0)))))
}

// delayBits is the width of delays up to the given one.
func delayBits(delay int32) uint8 { return uint8(bits.Len32(uint32(delay))) }

// tagBits is the width of the tags of a kind.
func (k *Kind) tagBits() uint {
	if k.Tagged {
		return sem.TagBits
	}
	return 0
}

// prefixBits is what an entry writes once before its synapses.
func (f *SynapseFormat) prefixBits() int {
	if f.Compression == Sparse {
		return headBits
	}
	return headBits + int(f.IndexBits)
}

// synapseBits is what an entry writes for each synapse.
func (f *SynapseFormat) synapseBits() int {
	n := int(f.WeightBits) + int(f.DelayBits) + int(f.tagBits())
	switch f.Compression {
	case Sparse:
		n += int(f.IndexBits)
	case RunLength:
		n += int(f.SkipBits)
	}
	return n
}

// EntryBits is the size of an entry of n synapses (fillers included where Dense).
func (f *SynapseFormat) EntryBits(n int) int { return f.prefixBits() + n*f.synapseBits() }
