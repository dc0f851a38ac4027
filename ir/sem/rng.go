package sem

// The random bits of decc come from one counter-based generator: a value is a
// pure function of what it is for, never of how many were drawn before. So
// results do not depend on mapping, threads or engine, and any value can be
// recomputed alone (DESIGN section 3).

// golden is 2^64 divided by the golden ratio, the increment of SplitMix64
// (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
const golden = 0x9E3779B97F4A7C15

// SplitMix64 is output number n (from 0) of the SplitMix64 stream of a seed.
func SplitMix64(seed, n uint64) uint64 { return mix(seed + (n+1)*golden) }

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// Key names a stream by object (FNV-1a of its name, for example "h1.r0").
func Key(name string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3
	}
	return h
}

// Draw is the 64-bit random value for (seed, object, row, index): three nested
// SplitMix64 outputs. Index is the logical number of the compartment or synapse
// in its object, not its place on the chip.
func Draw(seed, object, row, index uint64) uint64 {
	return SplitMix64(SplitMix64(SplitMix64(seed, object), row), index)
}

// PresentationSeed is the seed of the random bits of one presentation of a training;
// presentation 0 is the seed itself.
func PresentationSeed(seed, presentation uint64) uint64 {
	if presentation == 0 {
		return seed
	}
	return SplitMix64(seed, presentation)
}

// DrawBits is the top bits (1..63) of Draw as an unsigned number.
func DrawBits(seed, object, row, index uint64, bits uint) int64 {
	return int64(Draw(seed, object, row, index) >> (64 - bits))
}
