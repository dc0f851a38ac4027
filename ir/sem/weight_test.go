package sem_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"decc/ir/sem"
)

// shared finds a file beside the repository, or skips.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	root := os.Getenv("DECC_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs %s (set DECC_SHARED)", filepath.Join(parts...))
	}
	return path
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func signMode(t *testing.T, name string) sem.SignMode {
	t.Helper()
	i := slices.Index(sem.SignNames[:], name)
	if i < 0 {
		t.Fatalf("sign mode %q", name)
	}
	return sem.SignMode(i)
}

// formats are all weight formats.
func formats() (all []sem.WeightFormat) {
	for sign := range sem.SignNames {
		for bits := 0; bits <= 8; bits++ {
			for exp := -8; exp <= 7; exp++ {
				all = append(all, sem.WeightFormat{Bits: bits, Exp: exp, Sign: sem.SignMode(sign)})
			}
		}
	}
	return all
}

// grid is the step of the stored mantissas: 256 divided by the values of a sign.
func grid(f sem.WeightFormat) float64 {
	step := math.Pow(2, float64(8-f.Bits))
	if f.Sign == sem.Mixed {
		step *= 2
	}
	return step
}

// The weight rules in real arithmetic, as peers.md 2 words them: every number here is
// a small multiple of a power of two, so float64 is exact.
var weightStatements = map[sem.ProfileID]func(f sem.WeightFormat, w float64) float64{
	sem.Silicon:     truncatedWeight,
	sem.Brian2Loihi: truncatedWeight,
	sem.NengoLoihi: func(f sem.WeightFormat, w float64) float64 {
		step := grid(f)
		top := math.Max(math.Floor(256/step)-1, 0)
		x := limit(math.RoundToEven(w/step), -top, top)
		scale := step * math.Pow(2, float64(f.Exp))
		if scale < 1 {
			x = limit(math.RoundToEven(x*scale)/scale, -top, top)
		}
		return math.Floor(x*scale) * 64
	},
	sem.Lava: func(f sem.WeightFormat, w float64) float64 {
		switch f.Sign {
		case sem.Excitatory:
			return math.Floor(limit(w, 0, 255)/grid(f)) * grid(f)
		case sem.Inhibitory:
			return -math.Floor(-limit(w, -255, 0)/grid(f)) * grid(f)
		}
		return math.Floor(limit(w, -256, 255)/grid(f)) * grid(f)
	},
}

func truncatedWeight(f sem.WeightFormat, w float64) float64 {
	stored := math.Trunc(w/grid(f)) * grid(f)
	return limit(math.Floor(stored*math.Pow(2, float64(f.Exp)))*64, -2097088, 2097088)
}

func limit(x, lo, hi float64) float64 { return math.Min(math.Max(x, lo), hi) }

// Every mantissa in every format weighs what the words say, under every profile.
func TestWeightIsItsStatement(t *testing.T) {
	for id, p := range sem.Profiles {
		for _, f := range formats() {
			for m := int64(-256); m <= 255; m++ {
				want := weightStatements[sem.ProfileID(id)](f, float64(m))
				if got := p.Weight(f, m); float64(got) != want {
					t.Fatalf("%s, %+v: mantissa %d weighs %d, want %v", p.Name, f, m, got, want)
				}
			}
		}
	}
}

// Bits that are stored count, bits that are not do not: the weight of a mantissa is
// that of the multiple of the grid beside it, and at 0 bits nothing is left.
func TestPointWeightBits(t *testing.T) {
	for _, p := range sem.Profiles {
		for _, f := range formats() {
			if f.Exp != 0 {
				continue
			}
			distinct := map[int64]bool{}
			for m := int64(0); m <= 255; m++ {
				distinct[p.Weight(sem.WeightFormat{Bits: f.Bits, Sign: f.Sign}, sign(f.Sign)*m)] = true
			}
			if want := max(256>>f.LSB(), 1); len(distinct) != want {
				t.Errorf("%s, %+v: %d magnitudes, want %d", p.Name, f, len(distinct), want)
			}
		}
	}
}

func sign(s sem.SignMode) int64 {
	if s == sem.Inhibitory {
		return -1
	}
	return 1
}

// The limits are stored exactly, and nothing beyond them is.
func TestMantissaLimits(t *testing.T) {
	for _, f := range formats() {
		lo, hi := f.MantissaLimits()
		step := int64(1) << f.LSB()
		if lo%step != 0 || hi%step != 0 || lo > 0 || hi < 0 || hi+step <= 255 && f.Sign != sem.Inhibitory {
			t.Errorf("%+v: limits %d..%d", f, lo, hi)
		}
		plain := sem.WeightFormat{Bits: f.Bits, Sign: f.Sign}
		for m := lo; m <= hi; m += step {
			if got := sem.Profiles[sem.Silicon].Weight(plain, m); got != m*64 {
				t.Errorf("%+v: stored mantissa %d weighs %d", f, m, got)
			}
		}
	}
}

func TestScaleSum(t *testing.T) {
	for exp := -8; exp <= 7; exp++ {
		for sum := int64(-600); sum <= 600; sum++ {
			exact := float64(sum) * math.Pow(2, float64(exp))
			if got := sem.ScaleSum(sum, exp); float64(got) != math.Floor(exact)*64 {
				t.Fatalf("ScaleSum(%d, %d) = %d", sum, exp, got)
			}
			if got := sem.ScaleSum(float64(sum), exp); got != exact*64 {
				t.Fatalf("real ScaleSum(%d, %d) = %v", sum, exp, got)
			}
		}
	}
}

// The table recorded from brian2_loihi.
func TestWeightsOfBrian2Loihi(t *testing.T) {
	var doc struct {
		Table []struct {
			SignMode      string  `json:"sign_mode"`
			NumWeightBits int     `json:"num_weight_bits"`
			WeightExp     int     `json:"weight_exp"`
			MantStart     int64   `json:"mant_start"`
			MantStep      int64   `json:"mant_step"`
			WEff          []int64 `json:"w_eff"`
		}
	}
	readJSON(t, shared(t, "golden", "brian2_loihi", "a_weight_table.json"), &doc)
	checked := 0
	for _, row := range doc.Table {
		f := sem.WeightFormat{Bits: row.NumWeightBits, Exp: row.WeightExp, Sign: signMode(t, row.SignMode)}
		for i, want := range row.WEff {
			m := row.MantStart + int64(i)*row.MantStep
			if got := sem.Profiles[sem.Brian2Loihi].Weight(f, m); got != want {
				t.Fatalf("%+v: mantissa %d weighs %d, recorded is %d", f, m, got, want)
			}
			checked++
		}
	}
	if checked < 10_000 {
		t.Errorf("only %d weights in the table", checked)
	}
}

// The weights recorded from nengo-loihi; there mantissa 0 and no synapse are the same.
func TestWeightsOfNengoLoihi(t *testing.T) {
	var doc struct {
		Synapses []struct {
			SignMode      string    `json:"sign_mode"`
			NumWeightBits int       `json:"num_weight_bits"`
			WeightExp     int       `json:"weight_exp"`
			WMant         [][]int64 `json:"w_mant"`
			WEff          [][]int64 `json:"w_eff"`
		}
	}
	readJSON(t, shared(t, "golden", "nengo_loihi", "a_dense_signmodes.json"), &doc)
	checked := 0
	for _, s := range doc.Synapses {
		f := sem.WeightFormat{Bits: s.NumWeightBits, Exp: s.WeightExp, Sign: signMode(t, s.SignMode)}
		for i, row := range s.WMant {
			for j, m := range row {
				if got := sem.Profiles[sem.NengoLoihi].Weight(f, m); got != s.WEff[i][j] {
					t.Fatalf("%+v: mantissa %d weighs %d, recorded is %d", f, m, got, s.WEff[i][j])
				}
				checked++
			}
		}
	}
	if checked < 1000 {
		t.Errorf("only %d weights recorded", checked)
	}
}

// FitBias finds a representable number none of which is nearer.
func TestFitBias(t *testing.T) {
	check := func(b int64) {
		t.Helper()
		mant, exp := sem.FitBias(b)
		if mant < -4095 || mant > 4095 || exp < 0 || exp > 7 {
			t.Fatalf("FitBias(%d) = %d, %d", b, mant, exp)
		}
		got := distance(b, mant<<exp)
		for e := range 8 {
			down := big.NewInt(0).Div(big.NewInt(b), big.NewInt(1<<e)).Int64()
			for _, m := range []int64{down, down + 1} {
				if best := distance(b, min(max(m, -4095), 4095)<<e); best < got {
					t.Fatalf("FitBias(%d) = %d * 2^%d, off by %d; with exponent %d it can be off by %d", b, mant, exp, got, e, best)
				}
			}
		}
	}
	for b := int64(-70_000); b <= 70_000; b++ {
		check(b)
	}
	for _, b := range []int64{4095 << 7, 4095<<7 + 1, -4095 << 7, 1 << 30, -1 << 30} {
		check(b)
	}
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// FitWeights finds exact mantissas where there are some, the nearest else, and the
// smallest exponent.
func TestFitWeights(t *testing.T) {
	for _, c := range []struct {
		sign sem.SignMode
		in   []int64
		exp  int
		want []int64
	}{
		{sem.Mixed, []int64{128, -128, 0, 254 * 64, -256 * 64}, 0, []int64{2, -2, 0, 254, -256}},
		{sem.Mixed, []int64{256 * 64, 64 * 4}, 1, []int64{128, 2}},
		{sem.Mixed, []int64{100}, 0, []int64{2}},
		{sem.Mixed, []int64{64, -64, 3 * 64}, 0, []int64{0, 0, 4}},
		{sem.Excitatory, []int64{64, 255 * 64}, 0, []int64{1, 255}},
		{sem.Excitatory, []int64{64, -5000}, 7, []int64{0, 0}},
		{sem.Inhibitory, []int64{-255 * 64, -64}, 0, []int64{-255, -1}},
		{sem.Mixed, []int64{1 << 40, -1 << 40}, 7, []int64{254, -256}},
		{sem.Mixed, nil, 0, []int64{}},
	} {
		t.Run(fmt.Sprint(c.sign, c.in), func(t *testing.T) {
			f, mant := sem.FitWeights(c.sign, c.in)
			if f.Exp != c.exp || f.Bits != 8 || f.Sign != c.sign || !slices.Equal(mant, c.want) {
				t.Errorf("got %+v %d, want exponent %d and %d", f, mant, c.exp, c.want)
			}
		})
	}
	for sign := range sem.SignNames {
		for exp := 0; exp <= 7; exp++ {
			f := sem.WeightFormat{Bits: 8, Exp: exp, Sign: sem.SignMode(sign)}
			lo, hi := f.MantissaLimits()
			for m := lo; m <= hi; m += 1 << f.LSB() {
				effective := m << (6 + exp)
				g, back := sem.FitWeights(f.Sign, []int64{effective})
				if g.Exp > exp || back[0]<<(6+g.Exp) != effective {
					t.Fatalf("%+v: weight %d is fitted by %d * 2^(6+%d)", f, effective, back[0], g.Exp)
				}
			}
		}
	}
}
