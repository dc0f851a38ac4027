package sem

import (
	"reflect"
	"testing"
)

// half rounds up fractions above one half.
type half struct{}

func (half) Decay(Variable, int, int) float64       { return 0.5 }
func (half) Impulse(Variable, int, int, bool) int64 { return 128 }
func (half) Update(Target, int, int) float64        { return 0.5 }

// dw is a rule of one sum for the weight, evaluated every row.
func dw(products ...Product) *Rule {
	r := &Rule{Name: "r", Epoch: 1}
	r.Sums[TargetW] = products
	r.Traces[X1.TraceIndex()] = Trace{Impulse: 16 << 8, Decay: 1024}
	r.Traces[Y1.TraceIndex()] = Trace{Value: "third"}
	return r
}

func one(w WeightFormat, r *Rule, mantissa int64) *Unit {
	return NewUnit(Silicon, r, w, 1, 1, []Contact{{}}, []int64{mantissa}, nil, nil)
}

func event(pre bool, y1 int64) RowEvents {
	e := RowEvents{Written: [3][]int64{{y1}}}
	if pre {
		e.Pre = []LearnSpike{{0, 1}}
	}
	return e
}

// TestSiliconTrace: x1 decays by 1024/4096 a row, rounds by the threshold, and takes the
// impulse of a row after its decay.
func TestSiliconTrace(t *testing.T) {
	u := one(WeightFormat{Bits: 8}, dw(), 0)
	var got []int64
	for k, spike := range []bool{true, true, false, false, true} {
		u.Row(k, event(spike, 0), half{})
		got = append(got, u.Trace[X1.TraceIndex()][0])
	}
	if want := []int64{16, 28, 21, 16, 28}; !reflect.DeepEqual(got, want) { // 21*3/4 = 15.75
		t.Errorf("got %v, want %v", got, want)
	}
	for k := 5; k < 15; k++ {
		u.Row(k, event(true, 0), half{})
	}
	if x := u.Trace[X1.TraceIndex()][0]; x > 127 || x < 60 {
		t.Errorf("a trace of a source that always spikes is %d", x)
	}
}

// TestSiliconUpdate works out single updates by hand: the product of y1 (7 bits), x1 = 16
// (7 bits) and the mantissa loses 3 bits, is shifted by exponent + 7, and the accumulator
// of 7 bits below the weight is rounded to the stored grid.
func TestSiliconUpdate(t *testing.T) {
	u0 := func(mant, exp int8) Product {
		return Product{Gate: GateU, Mant: mant, Exp: exp, Factors: []Factor{{Var: Y1}, {Var: X1}}}
	}
	mixed := WeightFormat{Bits: 8}
	for _, c := range []struct {
		name        string
		format      WeightFormat
		products    []Product
		w, y1, want int64
	}{
		{"10*16*4>>3 is 80/128 of 1: below half the grid of 2", mixed, []Product{u0(4, -7)}, 20, 10, 20},
		{"2*80/128 of 1 is above half the grid", mixed, []Product{u0(4, -6)}, 20, 10, 22},
		{"negative", mixed, []Product{u0(-4, -6)}, 20, 10, 18},
		{"excitatory weights have a grid of 1", WeightFormat{Bits: 8, Sign: Excitatory}, []Product{u0(4, -7)}, 20, 10, 21},
		{"excitatory stays at 0", WeightFormat{Bits: 8, Sign: Excitatory}, []Product{u0(-4, 8)}, 20, 10, 0},
		{"inhibitory stays at 0", WeightFormat{Bits: 8, Sign: Inhibitory}, []Product{u0(4, 8)}, -20, 10, 0},
		{"the accumulator saturates at 32767, which is 255.99, the weight at 254", mixed, []Product{u0(7, 8)}, 20, 127, 254},
		{"a product saturates at -32768, which is -256", mixed, []Product{u0(-7, 8)}, 20, 127, -236},
		{"and so does the accumulator", mixed, []Product{u0(-7, 8)}, -20, 127, -256},
		{"saturation comes after each product", mixed, []Product{u0(7, 8), u0(-8, -7)}, 0, 127, 240},
		{"what is written is limited to 127", mixed, []Product{u0(4, -6)}, 0, 1000, 16},
		{"and to 0", mixed, []Product{u0(4, -6)}, 0, -5, 0},
		{"4 bits have a grid of 32", WeightFormat{Bits: 4}, []Product{u0(4, -3)}, 32, 20, 64},
	} {
		u := one(c.format, dw(c.products...), c.w)
		u.Row(0, event(true, c.y1), half{})
		if got := u.Values[TargetW][0]; got != c.want {
			t.Errorf("%s: %d becomes %d, want %d", c.name, c.w, got, c.want)
		}
	}
}

// TestSiliconGates: x0, y0 and u_k open where they should.
func TestSiliconGates(t *testing.T) {
	plus := func(g Gate) Product { return Product{Gate: g, Mant: 2} }
	run := func(r *Rule, events ...RowEvents) int64 {
		u := one(WeightFormat{Bits: 8}, r, 0)
		for k, e := range events {
			u.Row(k, e, half{})
		}
		return u.Values[TargetW][0]
	}
	post := RowEvents{Post: []LearnSpike{{0, 1}}}
	if got := run(dw(plus(GateX0)), event(true, 0), event(false, 0), post); got != 2 {
		t.Errorf("x0: %d", got)
	}
	if got := run(dw(plus(GateY0)), event(true, 0), post, post); got != 4 {
		t.Errorf("y0: %d", got)
	}
	r := dw(plus(GateU))
	r.Decimate = 1
	if got := run(r, make([]RowEvents, 7)...); got != 6 {
		t.Errorf("u1 in seven rows: %d", got)
	}
	r.Epoch = 3
	if got := run(r, make([]RowEvents, 12)...); got != 4 {
		t.Errorf("u1 in four epochs of three rows: %d", got)
	}
}

// TestSiliconDelay: a learned delay has 6 bits, a tag 9.
func TestSiliconDelay(t *testing.T) {
	r := &Rule{Epoch: 1}
	r.Sums[TargetD] = []Product{{Gate: GateX0, Mant: 7, Exp: 3}}
	r.Sums[TargetT] = []Product{{Gate: GateX0, Mant: -7, Exp: 6}}
	u := one(WeightFormat{Bits: 8}, r, 0)
	for k := range 3 {
		u.Row(k, event(true, 0), half{})
	}
	if d, tag := u.Values[TargetD][0], u.Values[TargetT][0]; d != 63 || tag != -256 {
		t.Errorf("delay %d, tag %d", d, tag)
	}
}

// TestDrawnIsAFunction: thresholds depend on what they are for and on nothing else, and
// are spread over [0, 1).
func TestDrawnIsAFunction(t *testing.T) {
	a, b := NewDrawn(7, "w"), NewDrawn(7, "w")
	b.Update(TargetW, 9, 1)
	b.Update(TargetW, 2, 5)
	sum := 0.0
	for i := range 1000 {
		x, y := a.Update(TargetW, 4, i), b.Update(TargetW, 4, i)
		if x != y || x < 0 || x >= 1 {
			t.Fatalf("synapse %d: %g and %g", i, x, y)
		}
		sum += x
	}
	if sum < 450 || sum > 550 {
		t.Errorf("mean %g of 1000", sum/1000)
	}
	if a.Update(TargetW, 4, 0) == NewDrawn(8, "w").Update(TargetW, 4, 0) {
		t.Error("another seed gives the same number")
	}
}
