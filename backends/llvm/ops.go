package llvm

import (
	"math"
	"math/big"

	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/value"

	"decc/ir/sem"
)

// val is a value of a program in lanes of 1 bit (a truth), 32 or 64.
type val struct {
	value.Value
	bits int
}

// emitter writes one operation. args have the width that their ranges allow; r is the range of the result,
// which tells the width that it may have.
type emitter func(c *code, args []val, k [2]int64, r sem.Interval) val

// emitters is the table of operations as LLVM instructions: for each of sem.Ops its integer meaning. An
// addition, subtraction or multiplication whose result has 32 bits is done in 32 whatever its arguments
// have: modulo 2^32 they are the same.
var emitters = [...]emitter{
	sem.OpConst: func(_ *code, args []val, k [2]int64, r sem.Interval) val {
		return constantLike(args[0], k[0], width(r))
	},
	sem.OpAdd:      modular((*code).add),
	sem.OpSub:      modular((*code).sub),
	sem.OpMul:      modular((*code).mul),
	sem.OpNeg:      func(c *code, a []val, _ [2]int64, r sem.Interval) val { return c.negate(a[0], width(r)) },
	sem.OpAbs:      emitAbs,
	sem.OpMin:      wide((*code).min),
	sem.OpMax:      wide((*code).max),
	sem.OpShl:      emitShl,
	sem.OpShrZ:     shift((*code).towardZero),
	sem.OpShrF:     shift((*code).ashr),
	sem.OpWrap:     emitWrap,
	sem.OpWrapOnce: emitWrapOnce,
	sem.OpClamp:    emitClamp,
	sem.OpGt:       compare(enum.IPredSGT),
	sem.OpGe:       compare(enum.IPredSGE),
	sem.OpEq:       compare(enum.IPredEQ),
	sem.OpAnd:      logic((*code).and),
	sem.OpOr:       logic((*code).or),
	sem.OpNot: func(c *code, a []val, _ [2]int64, _ sem.Interval) val {
		t := c.truth(a[0])
		return val{c.xor(t, like(t, 1)), 1}
	},
	sem.OpSelect: emitSelect,
	sem.OpRound:  emitRound,
}

// width is that of lanes that hold every value of a range.
func width(r sem.Interval) int {
	if r.Lo.Cmp(big.NewInt(math.MinInt32)) >= 0 && r.Hi.Cmp(big.NewInt(math.MaxInt32)) <= 0 {
		return 32
	}
	return 64
}

func (c *code) widen(x val, bits int) value.Value { return c.as(x.Value, bits) }

// fitted is x in the width of its range.
func (c *code) fitted(x value.Value, r sem.Interval) val {
	if bits := min(bitsOf(x.Type()), width(r)); bits != bitsOf(x.Type()) {
		return val{c.as(x, bits), bits}
	}
	return val{x, bitsOf(x.Type())}
}

// truth is whether x is other than 0.
func (c *code) truth(x val) value.Value {
	if x.bits == 1 {
		return x.Value
	}
	return c.cmp(enum.IPredNE, x.Value, like(x, 0))
}

// common is the width that both have, 32 at least.
func common(list ...val) int {
	bits := 32
	for _, x := range list {
		bits = max(bits, x.bits)
	}
	return bits
}

// constantLike is a constant of as many lanes as shape has.
func constantLike(shape val, k int64, bits int) val {
	return val{num(shaped(shape.Type(), bits), k), bits}
}

func modular(do func(c *code, x, y value.Value) value.Value) emitter {
	return func(c *code, a []val, _ [2]int64, r sem.Interval) val {
		bits := width(r)
		return val{do(c, c.widen(a[0], bits), c.widen(a[1], bits)), bits}
	}
}

func wide(do func(c *code, x, y value.Value) value.Value) emitter {
	return func(c *code, a []val, _ [2]int64, r sem.Interval) val {
		bits := common(a...)
		return c.fitted(do(c, c.widen(a[0], bits), c.widen(a[1], bits)), r)
	}
}

// most is the greatest shift of lanes of 32 bits; a greater one is done in 64.
const most = 30

func shift(do func(c *code, x value.Value, k uint) value.Value) emitter {
	return func(c *code, a []val, k [2]int64, r sem.Interval) val {
		return c.fitted(do(c, c.widen(a[0], roomFor(k[0], a[0])), uint(k[0])), r)
	}
}

// roomFor is the width in which values are shifted by k.
func roomFor(k int64, list ...val) int {
	if k > most {
		return 64
	}
	return common(list...)
}

// towardZero is x / 2^k: a negative x is first raised by 2^k - 1.
func (c *code) towardZero(x value.Value, k uint) value.Value {
	if k == 0 {
		return x
	}
	bits := uint(bitsOf(x.Type()))
	return c.ashr(c.add(x, c.lshr(c.ashr(x, bits-1), bits-k)), k)
}

func compare(p enum.IPred) emitter {
	return func(c *code, a []val, _ [2]int64, _ sem.Interval) val {
		bits := common(a...)
		return val{c.cmp(p, c.widen(a[0], bits), c.widen(a[1], bits)), 1}
	}
}

func logic(do func(c *code, x, y value.Value) value.Value) emitter {
	return func(c *code, a []val, _ [2]int64, _ sem.Interval) val {
		return val{do(c, c.truth(a[0]), c.truth(a[1])), 1}
	}
}

func (c *code) negate(x val, bits int) val {
	v := c.widen(x, bits)
	return val{c.sub(like(v, 0), v), bits}
}

func emitAbs(c *code, a []val, _ [2]int64, r sem.Interval) val {
	x := c.widen(a[0], max(common(a...), width(r)))
	sign := c.ashr(x, uint(bitsOf(x.Type())-1))
	return c.fitted(c.sub(c.xor(x, sign), sign), r)
}

func emitShl(c *code, a []val, k [2]int64, r sem.Interval) val {
	bits := width(r)
	if k[0] > most {
		bits = 64
	}
	return c.fitted(c.shl(c.widen(a[0], bits), uint(k[0])), r)
}

// emitWrap keeps the low bits: those of 32 are enough for a width up to 32.
func emitWrap(c *code, a []val, k [2]int64, r sem.Interval) val {
	bits := 64
	if k[0] <= 32 {
		bits = 32
	}
	by := uint(int64(bits) - k[0])
	return c.fitted(c.ashr(c.shl(c.widen(a[0], bits), by), by), r)
}

func emitWrapOnce(c *code, a []val, k [2]int64, r sem.Interval) val {
	x := c.widen(a[0], roomFor(k[0], a[0]))
	half := int64(1) << (k[0] - 1)
	low := c.sel(c.cmp(enum.IPredSLE, x, like(x, -half)), c.add(x, like(x, 2*half)), x)
	return c.fitted(c.sel(c.cmp(enum.IPredSGT, x, like(x, half)), c.sub(x, like(x, 2*half)), low), r)
}

func emitClamp(c *code, a []val, k [2]int64, r sem.Interval) val {
	x := c.widen(a[0], max(common(a...), width(sem.Span(k[0], k[0])), width(sem.Span(k[1], k[1]))))
	return c.fitted(c.clamp(x, k[0], k[1]), r)
}

func emitSelect(c *code, a []val, _ [2]int64, r sem.Interval) val {
	bits := common(a[1:]...)
	if a[1].bits == 1 && a[2].bits == 1 {
		bits = 1
	}
	return c.fitted(c.sel(c.truth(a[0]), c.widen(a[1], bits), c.widen(a[2], bits)), r)
}

// emitRound adds the low bits of value and random value; what they carry rounds up.
func emitRound(c *code, a []val, k [2]int64, r sem.Interval) val {
	bits := roomFor(k[0], a...)
	x, random := c.widen(a[0], bits), c.widen(a[1], bits)
	mask := like(x, int64(1)<<k[0]-1)
	carried := c.ashr(c.add(c.and(x, mask), c.and(random, mask)), uint(k[0]))
	return c.fitted(c.add(c.ashr(x, uint(k[0])), carried), r)
}
