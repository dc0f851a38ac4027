package irgen

import (
	"math/big"

	"decc/ir/sem"
)

// Exact is what an operation gives in integers without any width: the statement
// that sem.Ops is tested against. Unused arguments may be nil.
func Exact(op sem.Op, a, b, c *big.Int, k [2]int64) *big.Int {
	return exactOps[op](operands{a, b, c, k})
}

// operands are the arguments and constants of one operation of one compartment.
type operands struct {
	a, b, c *big.Int
	k       [2]int64
}

var exactOps = [len(sem.Ops)]func(o operands) *big.Int{
	sem.OpConst:    func(o operands) *big.Int { return big.NewInt(o.k[0]) },
	sem.OpAdd:      func(o operands) *big.Int { return new(big.Int).Add(o.a, o.b) },
	sem.OpSub:      func(o operands) *big.Int { return new(big.Int).Sub(o.a, o.b) },
	sem.OpMul:      func(o operands) *big.Int { return new(big.Int).Mul(o.a, o.b) },
	sem.OpNeg:      func(o operands) *big.Int { return new(big.Int).Neg(o.a) },
	sem.OpAbs:      func(o operands) *big.Int { return new(big.Int).Abs(o.a) },
	sem.OpMin:      func(o operands) *big.Int { return pick(o.a.Cmp(o.b) < 0, o.a, o.b) },
	sem.OpMax:      func(o operands) *big.Int { return pick(o.a.Cmp(o.b) > 0, o.a, o.b) },
	sem.OpShl:      func(o operands) *big.Int { return new(big.Int).Mul(o.a, power(o.k[0])) },
	sem.OpShrZ:     func(o operands) *big.Int { return new(big.Int).Quo(o.a, power(o.k[0])) },
	sem.OpShrF:     func(o operands) *big.Int { return new(big.Int).Div(o.a, power(o.k[0])) },
	sem.OpWrap:     exactWrap,
	sem.OpWrapOnce: exactWrapOnce,
	sem.OpClamp:    exactClamp,
	sem.OpGt:       func(o operands) *big.Int { return bit(o.a.Cmp(o.b) > 0) },
	sem.OpGe:       func(o operands) *big.Int { return bit(o.a.Cmp(o.b) >= 0) },
	sem.OpEq:       func(o operands) *big.Int { return bit(o.a.Cmp(o.b) == 0) },
	sem.OpAnd:      func(o operands) *big.Int { return bit(o.a.Sign() != 0 && o.b.Sign() != 0) },
	sem.OpOr:       func(o operands) *big.Int { return bit(o.a.Sign() != 0 || o.b.Sign() != 0) },
	sem.OpNot:      func(o operands) *big.Int { return bit(o.a.Sign() == 0) },
	sem.OpSelect:   func(o operands) *big.Int { return pick(o.a.Sign() != 0, o.b, o.c) },
	sem.OpRound:    exactRound,
}

func power(n int64) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(n)) }

func pick(first bool, x, y *big.Int) *big.Int {
	if first {
		return x
	}
	return y
}

func bit(b bool) *big.Int { return pick(b, big.NewInt(1), big.NewInt(0)) }

// exactWrap moves a by whole turns into -2^(k-1) .. 2^(k-1)-1.
func exactWrap(o operands) *big.Int {
	turn, half := power(o.k[0]), power(o.k[0]-1)
	r := new(big.Int).Mod(o.a, turn)
	if r.Cmp(half) >= 0 {
		r.Sub(r, turn)
	}
	return r
}

// exactWrapOnce moves a by at most one turn, toward (-2^(k-1), 2^(k-1)].
func exactWrapOnce(o operands) *big.Int {
	turn, half := power(o.k[0]), power(o.k[0]-1)
	if o.a.Cmp(half) > 0 {
		return new(big.Int).Sub(o.a, turn)
	}
	if o.a.Cmp(new(big.Int).Neg(half)) <= 0 {
		return new(big.Int).Add(o.a, turn)
	}
	return o.a
}

func exactClamp(o operands) *big.Int {
	lo, hi := big.NewInt(o.k[0]), big.NewInt(o.k[1])
	if o.a.Cmp(lo) < 0 {
		return lo
	}
	return pick(o.a.Cmp(hi) > 0, hi, o.a)
}

// exactRound rounds down, and up where fraction and random bits together make a whole.
func exactRound(o operands) *big.Int {
	unit := power(o.k[0])
	down, fraction := new(big.Int).DivMod(o.a, unit, new(big.Int))
	chance := new(big.Int).Mod(o.b, unit)
	if chance.Add(chance, fraction).Cmp(unit) >= 0 {
		down.Add(down, big.NewInt(1))
	}
	return down
}
