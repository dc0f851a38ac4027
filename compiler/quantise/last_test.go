package quantise

import (
	"testing"

	"decc/compiler/decolle"
)

// Eta is in weight codes whatever their width: a code of fewer bits is a higher bit of the
// mantissa, and a product of two traces loses 3 bits.
func TestHostExponent(t *testing.T) {
	for bits, want := range map[int]int{8: -2, 6: 0, 5: 1} {
		h := hostLearning{&decolle.HostLearning{Eta: 1. / 64}, halfMantissa(bits)}
		if got := h.exponent(); got != want {
			t.Errorf("%d bits: %d, expected %d", bits, got, want)
		}
	}
}
