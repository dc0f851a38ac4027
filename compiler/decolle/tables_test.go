package decolle

import (
	"math"
	"slices"
	"testing"

	"decc/ir/diag"
)

func TestSurrogateValues(t *testing.T) {
	for name, rows := range map[string][][2]float64{
		"fast_sigmoid": {{0, 1}, {0.1, 0.25}, {-0.1, 0.25}, {0.9, 0.01}},
		"boxcar":       {{-0.5, 0}, {-0.4999, 1}, {0, 1}, {0.5, 1}, {0.5001, 0}},
		"sigmoid":      {{0, 0.25}, {math.Log(3), 0.1875}, {-math.Log(3), 0.1875}},
		"none":         {{-9, 1}, {9, 1}},
	} {
		s := surrogateByName[float64](name)
		for _, row := range rows {
			if got := s.slope(row[0]); math.Abs(got-row[1]) > 1e-12 {
				t.Errorf("%s slope(%v) = %v, want %v", name, row[0], got, row[1])
			}
		}
	}
}

// TestSpikeAtZero: only boxcar fires at exactly 0 (golden/decolle/README.md).
func TestSpikeAtZero(t *testing.T) {
	for _, s := range surrogates[float32]() {
		if at0 := bit(0, s.least) == 1; at0 != (s.name == "boxcar") {
			t.Errorf("%s fires at 0: %v", s.name, at0)
		}
		if bit(math.SmallestNonzeroFloat32, s.least) != 1 || bit(-math.SmallestNonzeroFloat32, s.least) != 0 {
			t.Errorf("%s does not tell the signs of the smallest numbers", s.name)
		}
	}
}

// TestLossSlopes holds the slopes against difference quotients of the values.
func TestLossSlopes(t *testing.T) {
	const h = 1e-6
	for _, l := range losses {
		for _, e := range []float64{-2, -0.7, 0.1, 0.6, 1.5} {
			if got, want := l.slope(e), (l.value(e+h)-l.value(e-h))/(2*h); math.Abs(got-want) > 1e-6 {
				t.Errorf("%s slope(%v) = %v, want %v", l.name, e, got, want)
			}
		}
	}
}

// TestRegulariserSlopes does the same for the regulariser, on both sides of its relu.
func TestRegulariserSlopes(t *testing.T) {
	const h = 1e-6
	value := func(u []float64) (float64, regSlopes) {
		var sum regSums
		addPotentials(&sum, u)
		return sum.mean(0.7, len(u))
	}
	for _, u := range [][]float64{{-4, -3, -5, 0.2}, {1, 2, -0.5, 0.3}} {
		_, slopes := value(u)
		for i, x := range u {
			up, down := slices.Clone(u), slices.Clone(u)
			up[i], down[i] = x+h, x-h
			a, _ := value(up)
			b, _ := value(down)
			if got, want := regSlope(slopes, x), (a-b)/(2*h); math.Abs(got-want) > 1e-8 {
				t.Errorf("slope in u[%d] of %v = %v, want %v", i, u, got, want)
			}
		}
	}
}

// TestAdaMaxMomentum computes three updates by the textbook.
func TestAdaMaxMomentum(t *testing.T) {
	o := Optimiser{Kind: AdaMax, LR: 0.1, Beta1: 0.9, Beta2: 0.5, Eps: 0.01}
	r := ruleOf[float64](o)
	w, state := []float64{1}, newMoments(r, 1)
	m, n, want := 0.0, 0.0, 1.0
	for k, g := range []float64{0.5, -0.02, 0} {
		r.step(r.size(o, o.LR, uint64(k+1)), w, []float64{g}, state)
		m = 0.9*m + 0.1*g
		n = math.Max(0.5*n, math.Abs(g)+0.01)
		want -= 0.1 / (1 - math.Pow(0.9, float64(k+1))) * m / n
		if math.Abs(w[0]-want) > 1e-15 {
			t.Fatalf("update %d: w = %v, want %v", k+1, w[0], want)
		}
	}
}

// TestRestEqualsZeroGradient: the short cut for rows that never fired gives the
// bits of an update with a gradient of zeros.
func TestRestEqualsZeroGradient(t *testing.T) {
	for _, o := range []Optimiser{{Kind: SGD}, {Kind: SGD, Beta1: 0.9}, {Kind: AdaMax, Beta2: 0.95, Eps: 1e-8}, {Kind: AdaMax, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8}} {
		r := ruleOf[float32](o)
		k := r.size(o, 0.3, 4)
		run := func(step func(stepSize[float32], []float32, []float32, moments[float32])) []float32 {
			w, state := []float32{1.25, -3e-9, 0}, newMoments(r, 3)
			for i := range state {
				copy(state[i], []float32{0.7, 1e-9, 0})
			}
			step(k, w, make([]float32, 3), state)
			return slices.Concat(w, state[0], state[1])
		}
		if a, b := run(r.step), run(r.rest); !slices.Equal(a, b) {
			t.Errorf("%+v: %v and %v", o, a, b)
		}
	}
}

func TestSGDIgnoresBetas(t *testing.T) {
	o := Optimiser{Kind: SGD, Beta1: 0.9, Beta2: 0.9}
	r := ruleOf[float64](o)
	if k := r.size(o, 0.25, 1); k.lr != 0.25 || len(r.state) != 0 {
		t.Errorf("%+v keeps %v", k, r.state)
	}
}

func TestShuffled(t *testing.T) {
	a, b := newStream(1, 2, 0).shuffled(100), newStream(1, 2, 1).shuffled(100)
	if slices.Equal(a, b) || slices.IsSorted(a) {
		t.Error("the orders of two epochs are not random")
	}
	slices.Sort(a)
	for i, x := range a {
		if int(x) != i {
			t.Fatalf("%d is missing", i)
		}
	}
}

func TestSpecFindings(t *testing.T) {
	valid := func() Spec { return small()["conv+dense"] }
	for want, change := range map[string]func(*Spec){
		"alpha is 1":              func(s *Spec) { s.Alpha = 1 },
		"beta is NaN":             func(s *Spec) { s.Beta = math.NaN() },
		"wrp is -1":               func(s *Spec) { s.WRP = -1 },
		"dropout is 1":            func(s *Spec) { s.Dropout = 1 },
		"classes is 0":            func(s *Spec) { s.Classes = 0 },
		`variant is "LIFlayer"`:   func(s *Spec) { s.Variant = "LIFlayer" },
		`surrogate is "box"`:      func(s *Spec) { s.Surrogate = "box" },
		`loss is "l2"`:            func(s *Spec) { s.Loss = "l2" },
		"layers is 0":             func(s *Spec) { s.Layers = nil },
		`layers[0].kind is "fc"`:  func(s *Spec) { s.Layers[0].Kind = "fc" },
		"layers[0].kernel is 10":  func(s *Spec) { s.Layers[0].Kernel = 10 },
		"layers[0].kernel is 0":   func(s *Spec) { s.Layers[0].Kernel = 0 },
		"layers[0].pool is 7":     func(s *Spec) { s.Layers[0].Pool = 7 },
		"layers[0].out is 0":      func(s *Spec) { s.Layers[0].Out = 0 },
		"layers[0].padding is -1": func(s *Spec) { s.Layers[0].Padding = -1 },
		"layers[0].stride is -2":  func(s *Spec) { s.Layers[0].Stride = -2 },
		"layers[1].kernel is 3":   func(s *Spec) { s.Layers[1].Kernel = 3 },
		"layers[1].reg is -1":     func(s *Spec) { s.Layers[1].Reg = -1 },
		"input_shape.channels":    func(s *Spec) { s.Input.C = 0 },
		"input_shape members":     func(s *Spec) { s.Input = Shape{1 << 12, 1 << 12, 1 << 12} },
		"layers[1].weights is":    func(s *Spec) { s.Layers[1].Out = 1 << 24 },
		"layers[0].fan-in is": func(s *Spec) {
			s.Input = Shape{1 << 24, 1, 1}
			s.Layers[0] = LayerSpec{Kind: Conv, Out: 1 << 15, Kernel: 1 << 15, Padding: 1 << 15}
		},
		"layers[0].compartments members": func(s *Spec) { s.Layers[0].Padding = 4000 },
	} {
		s := valid()
		change(&s)
		checkFinding(t, s.Validate(), codeSpec, want)
	}
	if err := valid().Validate(); err != nil {
		t.Error(err)
	}
}

// checkFinding wants a diagnostic of the code whose message begins with want, with
// a fix.
func checkFinding(t *testing.T, err error, code, want string) {
	t.Helper()
	found := diag.All(err)
	if len(found) == 0 {
		t.Errorf("no diagnostic for %q: %v", want, err)
		return
	}
	if d := found[0]; d.Code != code || d.Fix == "" || len(d.Message) < len(want) || d.Message[:len(want)] != want {
		t.Errorf("got %v, want %s: %s...", d, code, want)
	}
}

func TestCodesAreExplained(t *testing.T) {
	for _, code := range []string{codeSpec, codeTensor, codeState, codeData, codeInit, codeGolden, codeDiverged} {
		if !slices.ContainsFunc(Codes, func(d diag.CodeDoc) bool { return d.Code == code && d.Meaning != "" && d.Fix != "" }) {
			t.Errorf("%s is not explained", code)
		}
	}
}
