package sem

import (
	"math"

	"decc/ir/fix"
)

// Op names one operation of a neuron program: an index into Ops.
type Op uint8

// The operations. Arguments are values of the same compartment; K are constants
// written in the program text.
const (
	OpConst Op = iota
	OpAdd
	OpSub
	OpMul
	OpNeg
	OpAbs
	OpMin
	OpMax
	OpShl
	OpShrZ
	OpShrF
	OpWrap
	OpWrapOnce
	OpClamp
	OpGt
	OpGe
	OpEq
	OpAnd
	OpOr
	OpNot
	OpSelect
	OpRound
	opEnd
)

// Lanes are the values of one slot for a run of compartments: lane i belongs to compartment i.
type Lanes[V int64 | float64] = []V

// OpInfo is one row of the table of operations: everything that any reader of a
// program needs to know of an operation. Int and Real write d[i] for every lane
// from the arguments a, b, c (unused ones are nil) and constants k.
type OpInfo struct {
	Name  string
	Arity int // value arguments
	Ks    int // constants after them
	Int   func(d, a, b, c []int64, k [2]int64)
	Real  func(d, a, b, c []float64, k [2]int64)
	Range func(a, b, c Interval, k [2]int64) Interval
	// MaxK bounds the first constant where it is a shift or a width; 0 means unbounded.
	MinK, MaxK int64
	// Cost is in neuron-microcode operations: an estimate, one per ALU pass.
	Cost int
	Doc  string
}

// Ops is the one table of operations: integer meaning, real meaning (no
// rounding, no wrap), range rule and cost of each (DESIGN section 3).
var Ops = [opEnd]OpInfo{
	OpConst: {
		Name: "const", Ks: 1, Int: intConst, Real: realConst, Range: rangeConst, Doc: "the constant itself; written as a number",
	},
	OpAdd: {Name: "add", Arity: 2, Int: intAdd, Real: realAdd, Range: rangeAdd, Cost: 1, Doc: "a + b"},
	OpSub: {Name: "sub", Arity: 2, Int: intSub, Real: realSub, Range: rangeSub, Cost: 1, Doc: "a - b"},
	OpMul: {Name: "mul", Arity: 2, Int: intMul, Real: realMul, Range: rangeMul, Cost: 1, Doc: "a * b, full width"},
	OpNeg: {Name: "neg", Arity: 1, Int: intNeg, Real: realNeg, Range: rangeNeg, Cost: 1, Doc: "-a"},
	OpAbs: {Name: "abs", Arity: 1, Int: intAbs, Real: realAbs, Range: rangeAbs, Cost: 1, Doc: "|a|"},
	OpMin: {Name: "min", Arity: 2, Int: intMin, Real: realMin, Range: rangeMin, Cost: 1, Doc: "the smaller of a and b"},
	OpMax: {Name: "max", Arity: 2, Int: intMax, Real: realMax, Range: rangeMax, Cost: 1, Doc: "the larger of a and b"},
	OpShl: {
		Name: "shl", Arity: 1, Ks: 1, MinK: 0, MaxK: 62, Int: intShl, Real: realShl, Range: rangeShl, Cost: 1, Doc: "a * 2^k",
	},
	OpShrZ: {
		Name: "shrz", Arity: 1, Ks: 1, MinK: 0, MaxK: 62, Int: intShrZ, Real: realShr, Range: rangeShrZ, Cost: 1,
		Doc: "a / 2^k rounded toward zero; real: not rounded",
	},
	OpShrF: {
		Name: "shrf", Arity: 1, Ks: 1, MinK: 0, MaxK: 62, Int: intShrF, Real: realShr, Range: rangeShrF, Cost: 1,
		Doc: "a / 2^k rounded toward minus infinity; real: not rounded",
	},
	OpWrap: {
		Name: "wrap", Arity: 1, Ks: 1, MinK: 1, MaxK: fix.MaxBits, Int: intWrap, Real: realCopy, Range: rangeWrap, Cost: 1,
		Doc: "two's-complement wrap to k bits, sign included; real: a",
	},
	OpWrapOnce: {
		Name: "wraponce", Arity: 1, Ks: 1, MinK: 2, MaxK: 62, Int: intWrapOnce, Real: realCopy, Range: rangeWrapOnce, Cost: 2,
		Doc: "one subtraction or addition of 2^k outside (-2^(k-1), 2^(k-1)]; real: a",
	},
	OpClamp: {
		Name: "clamp", Arity: 1, Ks: 2, Int: intClamp, Real: realClamp, Range: rangeClamp, Cost: 2, Doc: "a limited to k0..k1, in integers and reals alike",
	},
	OpGt:     {Name: "gt", Arity: 2, Int: intGt, Real: realGt, Range: rangeBool, Cost: 1, Doc: "1 if a > b, else 0"},
	OpGe:     {Name: "ge", Arity: 2, Int: intGe, Real: realGe, Range: rangeBool, Cost: 1, Doc: "1 if a >= b, else 0"},
	OpEq:     {Name: "eq", Arity: 2, Int: intEq, Real: realEq, Range: rangeBool, Cost: 1, Doc: "1 if a = b, else 0"},
	OpAnd:    {Name: "and", Arity: 2, Int: intAnd, Real: realAnd, Range: rangeBool, Cost: 1, Doc: "1 if both are non-zero, else 0"},
	OpOr:     {Name: "or", Arity: 2, Int: intOr, Real: realOr, Range: rangeBool, Cost: 1, Doc: "1 if either is non-zero, else 0"},
	OpNot:    {Name: "not", Arity: 1, Int: intNot, Real: realNot, Range: rangeBool, Cost: 1, Doc: "1 if a is zero, else 0"},
	OpSelect: {Name: "select", Arity: 3, Int: intSelect, Real: realSelect, Range: rangeSelect, Cost: 1, Doc: "b if a is non-zero, else c"},
	OpRound: {
		Name: "round", Arity: 2, Ks: 1, MinK: 0, MaxK: 62, Int: intRound, Real: realRound, Range: rangeRound, Cost: 2,
		Doc: "a / 2^k rounded up with the probability of its fraction, by the random value b; real: a / 2^k",
	},
}

// OpByName finds an operation by the name it has in program text.
func OpByName(name string) (Op, bool) {
	for op := range opEnd {
		if Ops[op].Name == name {
			return op, true
		}
	}
	return 0, false
}

func (o Op) String() string { return Ops[o].Name }

func truth[V int64 | float64](b bool) V {
	if b {
		return 1
	}
	return 0
}

func each1[V int64 | float64](d, a []V, f func(V) V) {
	for i, x := range a[:len(d)] {
		d[i] = f(x)
	}
}

func each2[V int64 | float64](d, a, b []V, f func(x, y V) V) {
	b = b[:len(d)]
	for i, x := range a[:len(d)] {
		d[i] = f(x, b[i])
	}
}

func fill[V int64 | float64](d []V, x V) {
	for i := range d {
		d[i] = x
	}
}

func choose[V int64 | float64](d, a, b, c []V) {
	a, b, c = a[:len(d)], b[:len(d)], c[:len(d)]
	for i := range d {
		if a[i] != 0 {
			d[i] = b[i]
		} else {
			d[i] = c[i]
		}
	}
}

func intConst(d, _, _, _ []int64, k [2]int64) { fill(d, k[0]) }

func intAdd(d, a, b, _ []int64, _ [2]int64) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] = a[i] + b[i]
	}
}

func intSub(d, a, b, _ []int64, _ [2]int64) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] = a[i] - b[i]
	}
}

func intMul(d, a, b, _ []int64, _ [2]int64) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] = a[i] * b[i]
	}
}

func intNeg(d, a, _, _ []int64, _ [2]int64) { each1(d, a, func(x int64) int64 { return -x }) }
func intAbs(d, a, _, _ []int64, _ [2]int64) {
	each1(d, a, func(x int64) int64 { return max(x, -x) })
}

func intMin(d, a, b, _ []int64, _ [2]int64) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] = min(a[i], b[i])
	}
}

func intMax(d, a, b, _ []int64, _ [2]int64) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] = max(a[i], b[i])
	}
}

func intShl(d, a, _, _ []int64, k [2]int64) {
	n := uint(k[0])
	each1(d, a, func(x int64) int64 { return x << n })
}

func intShrZ(d, a, _, _ []int64, k [2]int64) {
	n := uint(k[0]) & 63
	a = a[:len(d)]
	for i := range d {
		d[i] = fix.ShrZ(a[i], n)
	}
}

func intShrF(d, a, _, _ []int64, k [2]int64) {
	n := uint(k[0])
	each1(d, a, func(x int64) int64 { return fix.ShrF(x, n) })
}

func intWrap(d, a, _, _ []int64, k [2]int64) {
	bits := uint(k[0])
	a = a[:len(d)]
	for i := range d {
		d[i] = fix.Wrap(a[i], bits)
	}
}

func intWrapOnce(d, a, _, _ []int64, k [2]int64) {
	bits := uint(k[0])
	each1(d, a, func(x int64) int64 { return fix.WrapOnce(x, bits) })
}

func intClamp(d, a, _, _ []int64, k [2]int64) {
	a = a[:len(d)]
	for i := range d {
		d[i] = fix.Clamp(a[i], k[0], k[1])
	}
}

func intGt(d, a, b, _ []int64, _ [2]int64) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] = truth[int64](a[i] > b[i])
	}
}

func intGe(d, a, b, _ []int64, _ [2]int64) {
	each2(d, a, b, func(x, y int64) int64 { return truth[int64](x >= y) })
}

func intEq(d, a, b, _ []int64, _ [2]int64) {
	each2(d, a, b, func(x, y int64) int64 { return truth[int64](x == y) })
}

func intAnd(d, a, b, _ []int64, _ [2]int64) {
	each2(d, a, b, func(x, y int64) int64 { return truth[int64](x != 0 && y != 0) })
}

func intOr(d, a, b, _ []int64, _ [2]int64) {
	each2(d, a, b, func(x, y int64) int64 { return truth[int64](x != 0 || y != 0) })
}

func intNot(d, a, _, _ []int64, _ [2]int64) {
	each1(d, a, func(x int64) int64 { return truth[int64](x == 0) })
}
func intSelect(d, a, b, c []int64, _ [2]int64) { choose(d, a, b, c) }
func intRound(d, a, b, _ []int64, k [2]int64) {
	n := uint(k[0])
	each2(d, a, b, func(x, r int64) int64 { return fix.RoundStochastic(x, n, r) })
}

func realConst(d, _, _, _ []float64, k [2]int64) { fill(d, float64(k[0])) }

func realAdd(d, a, b, _ []float64, _ [2]int64) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] = a[i] + b[i]
	}
}

func realSub(d, a, b, _ []float64, _ [2]int64) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] = a[i] - b[i]
	}
}

func realMul(d, a, b, _ []float64, _ [2]int64) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] = a[i] * b[i]
	}
}

func realNeg(d, a, _, _ []float64, _ [2]int64) { each1(d, a, func(x float64) float64 { return -x }) }
func realAbs(d, a, _, _ []float64, _ [2]int64) { each1(d, a, math.Abs) }
func realMin(d, a, b, _ []float64, _ [2]int64) { each2(d, a, b, math.Min) }
func realMax(d, a, b, _ []float64, _ [2]int64) { each2(d, a, b, math.Max) }
func realShl(d, a, _, _ []float64, k [2]int64) { realScale(d, a, int(k[0])) }
func realShr(d, a, _, _ []float64, k [2]int64) { realScale(d, a, -int(k[0])) }

func realScale(d, a []float64, n int) {
	f := math.Ldexp(1, n)
	a = a[:len(d)]
	for i := range d {
		d[i] = a[i] * f
	}
}

func realCopy(d, a, _, _ []float64, _ [2]int64) { copy(d, a) }
func realClamp(d, a, _, _ []float64, k [2]int64) {
	lo, hi := float64(k[0]), float64(k[1])
	each1(d, a, func(x float64) float64 { return min(max(x, lo), hi) })
}

func realGt(d, a, b, _ []float64, _ [2]int64) {
	each2(d, a, b, func(x, y float64) float64 { return truth[float64](x > y) })
}

func realGe(d, a, b, _ []float64, _ [2]int64) {
	each2(d, a, b, func(x, y float64) float64 { return truth[float64](x >= y) })
}

func realEq(d, a, b, _ []float64, _ [2]int64) {
	each2(d, a, b, func(x, y float64) float64 { return truth[float64](x == y) })
}

func realAnd(d, a, b, _ []float64, _ [2]int64) {
	each2(d, a, b, func(x, y float64) float64 { return truth[float64](x != 0 && y != 0) })
}

func realOr(d, a, b, _ []float64, _ [2]int64) {
	each2(d, a, b, func(x, y float64) float64 { return truth[float64](x != 0 || y != 0) })
}

func realNot(d, a, _, _ []float64, _ [2]int64) {
	each1(d, a, func(x float64) float64 { return truth[float64](x == 0) })
}
func realSelect(d, a, b, c []float64, _ [2]int64) { choose(d, a, b, c) }
func realRound(d, a, _, _ []float64, k [2]int64)  { realScale(d, a, -int(k[0])) }
