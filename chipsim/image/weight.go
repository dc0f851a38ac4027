package image

import "decc/ir/sem"

// StoreWeight is the number that synaptic memory holds for a mantissa: its place
// on the stored grid of the format. The rounding to the grid is the profile's own,
// read off its effective weight without exponent.
func StoreWeight(profile sem.ProfileID, w sem.WeightFormat, mantissa int64) int64 {
	p := &sem.Profiles[profile]
	lsb := w.LSB()
	if p.ExpOnSum {
		return p.Weight(w, mantissa) >> lsb
	}
	w.Exp = 0
	return p.Weight(w, mantissa) / sem.ScaleSum(int64(1), 0) >> lsb
}

// LoadWeight is the mantissa of a stored number: StoreWeight's inverse on the grid.
func LoadWeight(w sem.WeightFormat, code int64) int64 { return code << w.LSB() }

// Coding says how a weight field holds its number.
type Coding uint8

// The codings: two's complement for mixed signs, magnitudes for one sign.
const (
	Twos Coding = iota
	Positive
	Negative
	codingEnd
)

// codings gives the natural coding of a sign mode.
var codings = [...]Coding{sem.Mixed: Twos, sem.Excitatory: Positive, sem.Inhibitory: Negative}

// limits are the numbers that a field of that width holds.
func (c Coding) limits(bits uint8) (lo, hi int64) {
	if c != Twos {
		lo, hi = sem.Type{Bits: bits}.Limits()
		if c == Negative {
			lo, hi = -hi, -lo
		}
		return lo, hi
	}
	if bits == 0 {
		return 0, 0
	}
	return sem.Type{Bits: bits, Signed: true}.Limits()
}

// field is the bit pattern of a number within limits.
func (c Coding) field(x int64, bits uint8) uint64 {
	if c == Negative {
		x = -x
	}
	return uint64(x) & (1<<bits - 1)
}

// number is field's inverse.
func (c Coding) number(field uint64, bits uint8) int64 {
	switch c {
	case Negative:
		return -int64(field)
	case Positive:
		return int64(field)
	}
	s := 64 - uint(bits)
	return int64(field<<s) >> s
}

// maxWeightBits bounds a weight field; the widest that a profile asks for is 9.
const maxWeightBits = 16

// weightField finds the coding and width of the weights of a kind: those of its
// format, widened where a number of lo..hi does not fit (a weight of the other sign,
// brian2-loihi's inhibitory -256). The chip has no fields of 7 bits.
func weightField(w sem.WeightFormat, lo, hi int64) (Coding, uint8) {
	coding, width := codings[w.Sign], uint8(w.Bits)
	if coding == Positive && lo < 0 || coding == Negative && hi > 0 {
		coding = Twos
	}
	for {
		if l, h := coding.limits(width); width != 7 && l <= lo && hi <= h {
			return coding, width
		}
		width++
	}
}
