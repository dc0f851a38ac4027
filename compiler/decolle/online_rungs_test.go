package decolle

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"decc/ir/spikes"
)

// onceRow is the only row of a presentation that updates when it has onceRow+1 rows and
// the burn-in ends there: until then weights and states are those of a Batch.
const onceRow = 12

// once is one update of the first layer of a network, and all that led to it.
type once struct {
	net     *Network[float64]
	p       []float64   // P of the row
	u       []float64   // U of the row
	r       [][]float64 // readout by row
	dw      []float64   // weight change
	class   int
	learned *Twin[float64]
}

// updateOnce lets a twin make one update and records the same presentation with a Batch.
func updateOnce(t *testing.T, l Learning) once {
	t.Helper()
	s := twinSpec(40)
	s.Classes = 3
	train := noise(9, 30, onceRow+1, 0.3)
	o := once{net: scatter[float64](t, s, 4), class: 1}
	batch := o.net.NewBatch(1)
	for _, in := range train.Rows(onceRow + 1) {
		batch.Step([]spikes.Train{in})
		v := batch.View(0, 0)
		o.r, o.u = append(o.r, slices.Clone(v.Readout)), v.U
	}
	o.p = batch.States(0, 0).P
	o.learned = mustTwin(t, scatter[float64](t, s, 4), l, Protocol{Steps: onceRow + 1, BurnIn: onceRow}, 1)
	mustLearn(t, o.learned, train, o.class, 0)
	o.dw = o.learned.Drift(0)
	return o
}

// factors are sum_c G_ci e(r_c - y_c) slope(U_i) with the readout of a row.
func (o once) factors(row int, e, slope func(float64) float64) []float64 {
	g := o.net.Parameters(0).G
	out := make([]float64, len(o.u))
	for i, u := range o.u {
		for c, r := range o.r[row] {
			y := 0.0
			if c == o.class {
				y = 1
			}
			out[i] += g[c*len(o.u)+i] * e(r-y) * slope(u)
		}
	}
	return out
}

// change is -eta M_i P_j.
func (o once) change(eta float64, m []float64) []float64 {
	var out []float64
	for _, x := range m {
		for _, p := range o.p {
			out = append(out, -eta*x*p)
		}
	}
	return out
}

func same(x float64) float64 { return x }

func box(half float64) func(float64) float64 {
	return func(u float64) float64 {
		if u > -half && u <= half {
			return 1
		}
		return 0
	}
}

// TestRealRungs holds one update with each rung against its formula.
func TestRealRungs(t *testing.T) {
	const eta = 0.3
	dead := func(e float64) float64 {
		if math.Abs(e) < 0.4 {
			return 0
		}
		return e
	}
	clip := func(e float64) float64 { return math.Max(-0.3, math.Min(0.3, e)) }
	cases := map[string]struct {
		set      func(*Learning)
		row      int
		e, slope func(float64) float64
	}{
		"none":         {func(*Learning) {}, onceRow, same, box(0.5)},
		"dead zone":    {func(l *Learning) { l.DeadZone = 0.4 }, onceRow, dead, box(0.5)},
		"error limit":  {func(l *Learning) { l.ErrorLimit = 0.3 }, onceRow, clip, box(0.5)},
		"window":       {func(l *Learning) { l.Window = 0.2 }, onceRow, same, box(0.2)},
		"fast sigmoid": {func(l *Learning) { l.Surrogate = "fast_sigmoid" }, onceRow, same, fastSigmoidSlope[float64]},
		"latency 1":    {func(l *Learning) { l.Latency = 1 }, onceRow - 1, same, box(0.5)},
		"latency 5":    {func(l *Learning) { l.Latency = 5 }, onceRow - 5, same, box(0.5)},
		"first of 3":   {func(l *Learning) { l.Every = 3 }, onceRow, same, box(0.5)},
		"CUBA":         {func(l *Learning) { l.CUBA = true }, onceRow, same, box(0.5)},
		"half rate":    {func(l *Learning) { l.Schedule = []RatePoint{{0, 0.5}}; l.Layers[0].Eta = 2 * eta }, onceRow, same, box(0.5)},
	}
	var plain []float64
	for name, c := range cases {
		l := twinLearning(1, eta)
		c.set(&l)
		o := updateOnce(t, l)
		near(t, name, o.dw, o.change(eta, o.factors(c.row, c.e, c.slope)))
		plain = o.change(eta, o.factors(onceRow, same, box(0.5)))
		if moves := !slices.Contains([]string{"none", "first of 3", "CUBA", "half rate"}, name); moves == closeTo(o.dw, plain) {
			t.Errorf("%s: the rung makes a difference: %v", name, !moves)
		}
	}
}

func closeTo(a, b []float64) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-9 {
			return false
		}
	}
	return true
}

// TestTrigger: neurons with a small |q| keep their weights, the others update as without.
func TestTrigger(t *testing.T) {
	l := twinLearning(1, 0.3)
	free := updateOnce(t, l)
	l.Trigger = 0.05
	q := free.factors(onceRow, same, func(float64) float64 { return 1 })
	want, quiet := slices.Clone(free.dw), 0
	for i, x := range q {
		if math.Abs(x) <= l.Trigger {
			clear(want[i*30 : (i+1)*30])
			quiet++
		}
	}
	near(t, "triggered", updateOnce(t, l).dw, want)
	if quiet == 0 || quiet == len(q) {
		t.Errorf("%d of %d neurons are below the trigger", quiet, len(q))
	}
}

// TestErrorBits: errors become the recipe's e << ES.
func TestErrorBits(t *testing.T) {
	l := twinLearning(1, 0.3)
	l.ErrorBits = 3
	o := updateOnce(t, l)
	step := ErrorStep(o.net.spec.ReadoutCodes(40), 3)
	code := func(e float64) float64 { return step * max(-7, min(7, math.Floor(e/step+0.5))) }
	near(t, "dw", o.dw, o.change(0.3, o.factors(onceRow, code, box(0.5))))
}

// TestRecipeScales are the constants of onchip-learning.md section 2: neurons, Y, ES and
// M's last bit 2^(SH+ES)/Y^2 with SH 7.
func TestRecipeScales(t *testing.T) {
	for _, c := range [][3]float64{{512, 2874, 5}, {384, 2489, 5}, {1024, 4064, 6}, {128, 1437, 4}, {256, 2032, 5}} {
		y := Spec{LCAmpl: 1}.ReadoutCodes(int(c[0]))
		if y != c[1] || errorShift(y) != int(c[2]) {
			t.Errorf("%v neurons: Y %v ES %v, want %v %v", c[0], y, errorShift(y), c[1], c[2])
		}
		if got, want := factorStep(y, 7), math.Exp2(7+c[2])/(c[1]*c[1]); got != want || ErrorStep(y, 7) != math.Exp2(c[2])/c[1] {
			t.Errorf("%v neurons: factor step %v, want %v; error step %v", c[0], got, want, ErrorStep(y, 7))
		}
		if factorStep(y, 4) != 8*factorStep(y, 7) {
			t.Errorf("a factor of 4 bits has not the range of one of 7")
		}
	}
}

// meanChange averages what updates with many seeds do.
func meanChange(t *testing.T, l Learning, seeds int, see func(once)) []float64 {
	t.Helper()
	var sum []float64
	for seed := range seeds {
		l.Seed = uint64(seed)
		o := updateOnce(t, l)
		see(o)
		if sum == nil {
			sum = make([]float64, len(o.dw))
		}
		for e, x := range o.dw {
			sum[e] += x / float64(seeds)
		}
	}
	return sum
}

// within holds a mean against its expectation; err is its standard error.
func within(t *testing.T, what string, got, want []float64, err float64) {
	t.Helper()
	for e := range want {
		if math.Abs(got[e]-want[e]) > 5*err {
			t.Fatalf("%s[%d]: mean %v, want %v +- %v", what, e, got[e], want[e], err)
		}
	}
}

// TestFactorBits: M is a whole number of steps and right in the mean.
func TestFactorBits(t *testing.T) {
	const eta, seeds, step = 0.3, 400, 0.05
	l := twinLearning(1, eta)
	exact := updateOnce(t, l)
	l.FactorBits, l.Layers[0].FactorStep = 4, step
	greatest := slices.Max(exact.p)
	mean := meanChange(t, l, seeds, func(o once) {
		for e, dw := range o.dw {
			if m := dw / (-eta * o.p[e%30] * step); o.p[e%30] != 0 && math.Abs(m-math.Round(m)) > 1e-6 {
				t.Fatalf("M is %v steps", m)
			}
		}
	})
	within(t, "dw", mean, exact.dw, eta*greatest*step/2/math.Sqrt(seeds))
	l.FactorBits, l.Layers[0].FactorStep = 1, 0.001
	limited := updateOnce(t, l)
	for e, dw := range limited.dw {
		if math.Abs(dw) > eta*greatest*0.001*(1+1e-9) {
			t.Fatalf("dw[%d] = %v: M is beyond its one bit", e, dw)
		}
	}
}

// TestTraceBits: P of 7-bit traces with stochastic decay has the mean of the float trace.
func TestTraceBits(t *testing.T) {
	const rows, seeds = 40, 3000
	s := twinSpec(3)
	s.Alpha, s.Beta = 0.97, 0.92
	n := scatter[float64](t, s, 1)
	l := twinLearning(1, 1)
	l.TraceBits = 7
	l = l.Filled()
	train := noise(2, 30, rows, 0.1)
	sum := make([]float64, 30)
	var want []float64
	for seed := range uint64(seeds) {
		p, batch := newPre(n, 0, &l), n.NewBatch(1)
		for row, in := range train.Rows(rows) {
			tr := &batch.cells[0][0].trace
			tr.advance(&n.coef, in)
			p.advance(tr.active, in, newStream(seed, 1, uint64(row)))
		}
		want = batch.cells[0][0].trace.p
		for j := range sum {
			sum[j] += p.at(nil, int32(j)) / seeds
			if x := p.x[j]; x[0] < 0 || x[1] > 127 || x[1] < 0 {
				t.Fatalf("traces %v", x)
			}
		}
	}
	// one unit of x is 0.003; a trace of 40 rows varies by about 2 units
	within(t, "P", sum, want, 2*0.048/16/math.Sqrt(seeds)+2e-4)
	if slices.Max(want) < 0.05 {
		t.Error("no trace to speak of")
	}
}

// TestTraceLimit: a trace stays within its bits.
func TestTraceLimit(t *testing.T) {
	n := scatter[float64](t, twinSpec(3), 1)
	l := twinLearning(1, 1)
	l.TraceBits, l.Layers[0].Impulse = 3, 6
	l = l.Filled()
	p := newPre(n, 0, &l)
	p.advance([]int32{2}, spikes.Train{{Index: 2, Payload: 1}}, 0)
	p.advance([]int32{2}, spikes.Train{{Index: 2, Payload: 3}}, 0)
	if p.x[2] != [2]int64{7, 7} || p.x[1] != [2]int64{} {
		t.Errorf("traces %v", p.x[:3])
	}
}

// TestWeightStep: weights stay on the grid, the mean of stochastic rounding is the wanted
// change, nearest loses changes below half a step, shared gives equal changes one fate.
func TestWeightStep(t *testing.T) {
	const eta, seeds, step = 0.3, 400, 1. / 16
	l := twinLearning(1, eta)
	l.WeightStep = step
	exact := updateOnceSnapped(t, l)
	check := func(o once) {
		for e, w := range o.learned.Parameters(0).W {
			if w != math.Round(w/step)*step {
				t.Fatalf("weight %d is %v", e, w)
			}
		}
	}
	mean := meanChange(t, l, seeds, check)
	within(t, "dw", mean, exact, step/2/math.Sqrt(seeds))
	l.Rounding = "nearest"
	for e, dw := range updateOnce(t, l).dw {
		if math.Abs(exact[e]) >= step/2 || dw != 0 {
			t.Fatalf("dw[%d]: %v wanted, %v done", e, exact[e], dw)
		}
	}
	l.Rounding = "shared"
	seen := 0
	mean = meanChange(t, l, seeds, func(o once) {
		check(o)
		least := math.Inf(1)
		for e, dw := range o.dw {
			if dw > 0 {
				least, seen = min(least, exact[e]), seen+1
			}
		}
		for e, dw := range o.dw {
			if exact[e] > least && dw <= 0 {
				t.Fatalf("a change of %v is made, one of %v is not", least, exact[e])
			}
		}
	})
	within(t, "shared dw", mean, exact, step/2/math.Sqrt(seeds))
	if seen == 0 {
		t.Error("no weight moved")
	}
}

// updateOnceSnapped is the real change of a network whose weights lie on l's grid.
func updateOnceSnapped(t *testing.T, l Learning) []float64 {
	t.Helper()
	s := twinSpec(40)
	s.Classes = 3
	n := scatter[float64](t, s, 4)
	snap(newGrid(&Learning{WeightStep: l.WeightStep, WeightMax: 127}), n.layers[0].w)
	l.WeightStep = 0
	twin := mustTwin(t, n, l, Protocol{Steps: onceRow + 1, BurnIn: onceRow}, 1)
	mustLearn(t, twin, noise(9, 30, onceRow+1, 0.3), 1, 0)
	return twin.Drift(0)
}

// TestSaturation: weights end at the limit and are counted there.
func TestSaturation(t *testing.T) {
	l := twinLearning(1, 50)
	l.WeightStep, l.WeightMax, l.Bias = 1./16, 5, true
	o := updateOnce(t, l)
	p := o.learned.Parameters(0)
	ends := int64(0)
	for _, w := range p.W {
		if math.Abs(w) == 5./16 {
			ends++
		}
	}
	if most := max(slices.Max(p.W), slices.Max(p.B)); most != 5./16 || ends == 0 || o.learned.Counts(0).Saturated != ends {
		t.Errorf("largest %v, %d at the end, counted %+v", most, ends, o.learned.Counts(0))
	}
}

// TestCUBA: after an update, the chip's compartment goes on with the spikes that have
// arrived, the paper's with the present weights.
func TestCUBA(t *testing.T) {
	s := twinSpec(40)
	train := noise(9, 30, onceRow+4, 0.3)
	for _, cuba := range []bool{false, true} {
		l := twinLearning(1, 0.5)
		l.CUBA, l.Every = cuba, 100
		twin := mustTwin(t, scatter[float64](t, s, 4), l, Protocol{Steps: onceRow + 4, BurnIn: onceRow}, 1)
		mustLearn(t, twin, train, 1, 0)
		old, now := scatter[float64](t, s, 4), twin.Network()
		want := weightedSpikes(old, now, train, cuba)
		if rows := twin.Counts(0).Rows; rows != 1 {
			t.Errorf("%d updates in 4 rows, every 100th", rows)
		}
		near(t, fmt.Sprint("W P with CUBA ", cuba), twin.drives[0].wp, want)
		if other := weightedSpikes(old, now, train, !cuba); closeTo(other, want) {
			t.Error("the forms do not differ")
		}
	}
}

// weightedSpikes is W P at the end of a train in closed form: every spike adds its kernel
// times its weight. kept: spikes up to onceRow keep the weight of old.
func weightedSpikes(old, now *Network[float64], train spikes.Train, kept bool) []float64 {
	d := now.Spec().Dynamics()
	w := [2][]float64{old.Parameters(0).W, now.Parameters(0).W}
	out := make([]float64, 40)
	last := float64(onceRow + 3)
	for _, e := range train {
		age := last - float64(e.Row)
		kernel := d.InputGain * (math.Pow(d.Alpha, age) - math.Pow(d.Beta, age)) / (d.Alpha - d.Beta)
		from := 1
		if kept && e.Row <= onceRow {
			from = 0
		}
		for i := range out {
			out[i] += kernel * w[from][i*30+int(e.Index)]
		}
	}
	return out
}

// TestSchedule: the factor follows the part of the run that is over.
func TestSchedule(t *testing.T) {
	l := Learning{}.Filled()
	for k, want := range map[int]float64{0: 1, 249: 1, 250: 0.5, 500: 0.25, 749: 0.25, 750: 0.125, 900: 0.0625, 999: 0.0625} {
		if got := l.Rate(k, 1000); got != want {
			t.Errorf("rate of digit %d = %v, want %v", k, got, want)
		}
	}
}
