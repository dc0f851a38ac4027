package weights

import (
	"math"
	"sort"
)

// miniFloat is a binary float of at most 16 bits: sign, exponent, mantissa.
type miniFloat struct {
	exponent, mantissa int // bits
	bias               int
	// finite formats have no infinity and one NaN per sign: all ones.
	finite bool
}

var (
	binary16   = miniFloat{exponent: 5, mantissa: 10, bias: 15}
	bfloat16   = miniFloat{exponent: 8, mantissa: 7, bias: 127}
	float8e5m2 = miniFloat{exponent: 5, mantissa: 2, bias: 15}
	float8e4m3 = miniFloat{exponent: 4, mantissa: 3, bias: 7, finite: true}
)

func (m miniFloat) decode(b []byte) (float64, bool) {
	word := int(loadWord(b))
	sign := 1 << (m.exponent + m.mantissa)
	v := m.magnitude(word & (sign - 1))
	if word&sign != 0 {
		v = -v
	}
	return v, true
}

// magnitude is the value of a code without its sign bit.
func (m miniFloat) magnitude(code int) float64 {
	one := 1 << m.mantissa
	fraction, exponent := code&(one-1), code>>m.mantissa
	if v, special := m.special(code); special {
		return v
	}
	if exponent == 0 {
		return math.Ldexp(float64(fraction), 1-m.bias-m.mantissa)
	}
	return math.Ldexp(float64(fraction+one), exponent-m.bias-m.mantissa)
}

func (m miniFloat) special(code int) (float64, bool) {
	switch top := m.top(); {
	case m.finite && code > top:
		return math.NaN(), true
	case m.finite || code < top:
		return 0, false
	case code == top:
		return math.Inf(1), true
	}
	return math.NaN(), true
}

// top is the code of infinity, or of the largest number of a finite format.
func (m miniFloat) top() int {
	codes := 1 << (m.exponent + m.mantissa)
	if m.finite {
		return codes - 2
	}
	return codes - 1<<m.mantissa
}

// encode searches the code, as magnitudes grow with codes from 0 to top. It
// refuses what would have to be rounded.
func (m miniFloat) encode(b []byte, v float64) bool {
	if math.IsNaN(v) {
		storeWord(b, uint64(1<<(m.exponent+m.mantissa)-1))
		return true
	}
	want := math.Abs(v)
	code := sort.Search(m.top(), func(c int) bool { return m.magnitude(c) >= want })
	word := uint64(code)
	if math.Signbit(v) {
		word |= 1 << (m.exponent + m.mantissa)
	}
	storeWord(b, word)
	return m.magnitude(code) == want
}

const e8m0NaN = 0xff

func decodeE8M0(b []byte) (float64, bool) {
	if b[0] == e8m0NaN {
		return math.NaN(), true
	}
	return math.Ldexp(1, int(b[0])-127), true
}

func encodeE8M0(b []byte, v float64) bool {
	if math.IsNaN(v) {
		b[0] = e8m0NaN
		return true
	}
	fraction, exponent := math.Frexp(v)
	code := exponent - 1 + 127
	b[0] = byte(code)
	return fraction == 0.5 && 0 <= code && code < e8m0NaN
}
