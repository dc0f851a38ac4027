// Package fix holds the width-limited integer primitives of decc. Every name
// says how it rounds or limits; no other package shifts or wraps a state
// variable by hand.
package fix

// MaxBits is the widest width that Wrap and the signed limits take.
const MaxBits = 63

// Wrap keeps the low bits of x as a two's-complement number of that width
// (sign included): the result lies in -2^(bits-1) .. 2^(bits-1)-1. bits is 1..63.
func Wrap(x int64, bits uint) int64 {
	s := 64 - bits
	return x << s >> s
}

// WrapOnce adds or subtracts 2^bits once where x has left the open-closed
// interval (-2^(bits-1), 2^(bits-1)]. It is Lava's limit of the current: +2^23
// stays and -2^23 becomes +2^23 (reference: peers.md section 5).
func WrapOnce(x int64, bits uint) int64 {
	half := int64(1) << (bits - 1)
	if x > half {
		return x - 2*half
	}
	if x <= -half {
		return x + 2*half
	}
	return x
}

// Clamp limits x to lo..hi (lo <= hi).
func Clamp(x, lo, hi int64) int64 { return min(max(x, lo), hi) }

// ShrZ divides by 2^n and rounds toward zero, n in 0..62: the chip's decay rounding.
func ShrZ(x int64, n uint) int64 {
	bias := x >> 63 & (int64(1)<<n - 1)
	return (x + bias) >> n
}

// ShrF divides by 2^n and rounds toward minus infinity, n in 0..63.
func ShrF(x int64, n uint) int64 { return x >> n }

// Scale multiplies by 2^n for positive n and rounds toward minus infinity for
// negative n: the weight exponent.
func Scale(x int64, n int) int64 {
	if n >= 0 {
		return x << uint(n)
	}
	return x >> uint(-n)
}

// RoundStochastic divides by 2^n and rounds up when the fraction (n bits) plus
// the low n bits of rnd reaches 2^n: the expectation over uniform rnd is x/2^n
// exactly. n is 0..62; whole part and fraction are added apart, so that nothing overflows.
func RoundStochastic(x int64, n uint, rnd int64) int64 {
	mask := int64(1)<<n - 1
	return x>>n + (x&mask+rnd&mask)>>n
}

// TruncTo clears the low n bits of the magnitude of x.
func TruncTo(x int64, n uint) int64 { return ShrZ(x, n) << n }

// FloorTo clears the low n bits of x: rounds to a multiple of 2^n toward minus infinity.
func FloorTo(x int64, n uint) int64 { return x >> n << n }

// RoundEvenTo rounds x to a multiple of 2^n, ties to the even multiple.
func RoundEvenTo(x int64, n uint) int64 {
	if n == 0 {
		return x
	}
	q, half := x>>n, int64(1)<<(n-1)
	frac := x - q<<n
	if frac > half || frac == half && q&1 == 1 {
		q++
	}
	return q << n
}

// SignedLimits returns the least and greatest value of a two's-complement width 1..63.
func SignedLimits(bits uint) (lo, hi int64) {
	half := int64(1) << (bits - 1)
	return -half, half - 1
}
