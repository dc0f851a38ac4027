package fix_test

import (
	"math"
	"math/big"
	"testing"

	"decc/ir/fix"
)

// span is the half-width of the exhaustive tests: every x of -span..span, which is
// several turns of every width up to maxShift.
const (
	span     = 1500
	maxShift = 9
)

func pow2(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

// floorDiv is x / 2^n rounded down, by Euclid's division.
func floorDiv(x int64, n uint) *big.Int { return new(big.Int).Div(big.NewInt(x), pow2(n)) }

// statements says what each primitive of (x, n) is, in unbounded integers.
var statements = []struct {
	name   string
	lo, hi uint // the n that the primitive takes
	got    func(x int64, n uint) int64
	want   func(x int64, n uint) *big.Int
}{
	{"Wrap", 1, 63, fix.Wrap, wantWrap},
	{"WrapOnce", 2, 62, fix.WrapOnce, wantWrapOnce},
	{"ShrZ", 0, 62, fix.ShrZ, func(x int64, n uint) *big.Int { return new(big.Int).Quo(big.NewInt(x), pow2(n)) }},
	{"ShrF", 0, 63, fix.ShrF, floorDiv},
	{"TruncTo", 0, 62, fix.TruncTo, wantTruncTo},
	{"FloorTo", 0, 63, fix.FloorTo, func(x int64, n uint) *big.Int { return new(big.Int).Mul(floorDiv(x, n), pow2(n)) }},
	{"RoundEvenTo", 0, 62, fix.RoundEvenTo, wantRoundEvenTo},
}

// wantWrap is the only number of the width that differs from x by a multiple of 2^n.
func wantWrap(x int64, n uint) *big.Int {
	half := pow2(n - 1)
	r := new(big.Int).Mod(new(big.Int).Add(big.NewInt(x), half), pow2(n))
	return r.Sub(r, half)
}

func wantWrapOnce(x int64, n uint) *big.Int {
	r, half := big.NewInt(x), pow2(n-1)
	above, below := r.Cmp(half) > 0, r.Cmp(new(big.Int).Neg(half)) <= 0
	if above {
		r.Sub(r, pow2(n))
	}
	if below {
		r.Add(r, pow2(n))
	}
	return r
}

func wantTruncTo(x int64, n uint) *big.Int {
	return new(big.Int).Mul(new(big.Int).Quo(big.NewInt(x), pow2(n)), pow2(n))
}

// wantRoundEvenTo picks the nearer of the two neighbouring multiples, or the one
// with an even factor.
func wantRoundEvenTo(x int64, n uint) *big.Int {
	down := floorDiv(x, n)
	up := new(big.Int).Add(down, big.NewInt(1))
	toDown := new(big.Int).Sub(big.NewInt(x), new(big.Int).Mul(down, pow2(n)))
	toUp := new(big.Int).Sub(new(big.Int).Mul(up, pow2(n)), big.NewInt(x))
	pick := down
	if c := toUp.Cmp(toDown); c < 0 || c == 0 && down.Bit(0) == 1 {
		pick = up
	}
	return new(big.Int).Mul(pick, pow2(n))
}

func TestExhaustiveAtSmallWidths(t *testing.T) {
	for _, s := range statements {
		t.Run(s.name, func(t *testing.T) {
			for n := s.lo; n <= maxShift; n++ {
				for x := int64(-span); x <= span; x++ {
					if got, want := s.got(x, n), s.want(x, n); want.Cmp(big.NewInt(got)) != 0 {
						t.Fatalf("%s(%d, %d) = %d, want %d", s.name, x, n, got, want)
					}
				}
			}
		})
	}
}

// edges are the numbers around every power of two and both ends of int64.
func edges() []int64 {
	x := []int64{0, math.MinInt64, math.MinInt64 + 1, math.MaxInt64, math.MaxInt64 - 1}
	for n := range 63 {
		p := int64(1) << n
		x = append(x, p-1, p, p+1, -p-1, -p, -p+1)
	}
	return x
}

func TestEdgesAtEveryWidth(t *testing.T) {
	for _, s := range statements {
		for n := s.lo; n <= s.hi; n++ {
			for _, x := range edges() {
				checkStatement(t, s.name, s.got(x, n), s.want(x, n), x, n)
			}
		}
	}
}

// checkStatement compares where the answer is a machine integer at all
// (RoundEvenTo can step over the greatest int64).
func checkStatement(t *testing.T, name string, got int64, want *big.Int, x int64, n uint) {
	t.Helper()
	if want.IsInt64() && want.Int64() != got {
		t.Fatalf("%s(%d, %d) = %d, want %d", name, x, n, got, want)
	}
}

func FuzzPrimitives(f *testing.F) {
	for _, x := range []int64{0, 1, -1, 1 << 23, -1 << 23, 1<<23 + 1, math.MaxInt64, math.MinInt64} {
		f.Add(x, uint8(12), int64(0x5a5a))
	}
	f.Fuzz(func(t *testing.T, x int64, width uint8, rnd int64) {
		for _, s := range statements {
			n := s.lo + uint(width)%(s.hi-s.lo+1)
			checkStatement(t, s.name, s.got(x, n), s.want(x, n), x, n)
		}
		n := uint(width) % 63
		checkStatement(t, "RoundStochastic", fix.RoundStochastic(x, n, rnd), wantRoundStochastic(x, n, rnd), x, n)
	})
}

func wantRoundStochastic(x int64, n uint, rnd int64) *big.Int {
	low := new(big.Int).Mod(big.NewInt(rnd), pow2(n))
	return low.Div(low.Add(low, big.NewInt(x)), pow2(n))
}

func TestRoundStochasticExhaustive(t *testing.T) {
	for n := uint(0); n <= 5; n++ {
		for x := int64(-200); x <= 200; x++ {
			for rnd := int64(-40); rnd <= 40; rnd++ {
				want := wantRoundStochastic(x, n, rnd)
				if got := fix.RoundStochastic(x, n, rnd); want.Cmp(big.NewInt(got)) != 0 {
					t.Fatalf("RoundStochastic(%d, %d, %d) = %d, want %d", x, n, rnd, got, want)
				}
			}
		}
	}
}

// The mean over all random values is x/2^n exactly: nothing drifts.
func TestRoundStochasticIsUnbiased(t *testing.T) {
	for n := uint(0); n <= 7; n++ {
		for x := int64(-300); x <= 300; x++ {
			sum := int64(0)
			for rnd := range int64(1) << n {
				sum += fix.RoundStochastic(x, n, rnd)
			}
			if sum != x {
				t.Fatalf("n %d, x %d: the 2^n results add up to %d", n, x, sum)
			}
		}
	}
}

// No intermediate of the rounding may overflow while its result fits.
func TestRoundStochasticAtTheEndsOfInt64(t *testing.T) {
	for n := uint(0); n <= 62; n++ {
		for _, x := range edges() {
			for _, rnd := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64} {
				want := wantRoundStochastic(x, n, rnd)
				checkStatement(t, "RoundStochastic", fix.RoundStochastic(x, n, rnd), want, x, n)
			}
		}
	}
}

func TestScale(t *testing.T) {
	for n := -12; n <= 12; n++ {
		for x := int64(-span); x <= span; x++ {
			want := new(big.Int).Mul(big.NewInt(x), pow2(uint(max(n, 0))))
			want.Div(want, pow2(uint(max(-n, 0))))
			if got := fix.Scale(x, n); want.Cmp(big.NewInt(got)) != 0 {
				t.Fatalf("Scale(%d, %d) = %d, want %d", x, n, got, want)
			}
		}
	}
}

// Clamp is the member of lo..hi nearest to x, found by looking at all of them.
func TestClamp(t *testing.T) {
	for lo := int64(-6); lo <= 6; lo++ {
		for hi := lo; hi <= 6; hi++ {
			for x := int64(-9); x <= 9; x++ {
				want := lo
				for y := lo; y <= hi; y++ {
					if (y-x)*(y-x) < (want-x)*(want-x) {
						want = y
					}
				}
				if got := fix.Clamp(x, lo, hi); got != want {
					t.Fatalf("Clamp(%d, %d, %d) = %d, want %d", x, lo, hi, got, want)
				}
			}
		}
	}
}

func TestSignedLimits(t *testing.T) {
	for bits := uint(1); bits <= 63; bits++ {
		lo, hi := fix.SignedLimits(bits)
		if fix.Wrap(lo, bits) != lo || fix.Wrap(hi, bits) != hi {
			t.Errorf("%d bits: the limits %d..%d do not fit", bits, lo, hi)
		}
		if fix.Wrap(lo-1, bits) != hi || fix.Wrap(hi+1, bits) != lo {
			t.Errorf("%d bits: one step beyond %d..%d is not the other end", bits, lo, hi)
		}
	}
}
