package sem

import (
	"fmt"
	"math/big"
)

// Interval is a closed range of integers of any size; the range reader must see
// beyond 64 bits to prove that nothing gets there.
type Interval struct{ Lo, Hi *big.Int }

// Span makes an interval of two machine integers.
func Span(lo, hi int64) Interval { return Interval{big.NewInt(lo), big.NewInt(hi)} }

// Fits reports whether every value of the interval is an int64.
func (v Interval) Fits() bool { return v.Lo.IsInt64() && v.Hi.IsInt64() }

// Within reports whether v lies in the limits of t.
func (v Interval) Within(t Type) bool {
	lo, hi := t.Limits()
	return v.Lo.Cmp(big.NewInt(lo)) >= 0 && v.Hi.Cmp(big.NewInt(hi)) <= 0
}

func (v Interval) String() string { return fmt.Sprintf("%s..%s", v.Lo, v.Hi) }

func hull(xs ...*big.Int) Interval {
	lo, hi := xs[0], xs[0]
	for _, x := range xs[1:] {
		if x.Cmp(lo) < 0 {
			lo = x
		}
		if x.Cmp(hi) > 0 {
			hi = x
		}
	}
	return Interval{lo, hi}
}

func bigOp(f func(z, x, y *big.Int) *big.Int, x, y *big.Int) *big.Int { return f(new(big.Int), x, y) }

func plus(x, y *big.Int) *big.Int { return bigOp((*big.Int).Add, x, y) }

func minus(x, y *big.Int) *big.Int { return bigOp((*big.Int).Sub, x, y) }

func times(x, y *big.Int) *big.Int { return bigOp((*big.Int).Mul, x, y) }

func rangeConst(_, _, _ Interval, k [2]int64) Interval { return Span(k[0], k[0]) }
func rangeAdd(a, b, _ Interval, _ [2]int64) Interval {
	return Interval{plus(a.Lo, b.Lo), plus(a.Hi, b.Hi)}
}

func rangeSub(a, b, _ Interval, _ [2]int64) Interval {
	return Interval{minus(a.Lo, b.Hi), minus(a.Hi, b.Lo)}
}

func rangeMul(a, b, _ Interval, _ [2]int64) Interval {
	return hull(times(a.Lo, b.Lo), times(a.Lo, b.Hi), times(a.Hi, b.Lo), times(a.Hi, b.Hi))
}

func rangeNeg(a, _, _ Interval, _ [2]int64) Interval {
	return Interval{new(big.Int).Neg(a.Hi), new(big.Int).Neg(a.Lo)}
}

func rangeAbs(a, b, c Interval, k [2]int64) Interval {
	n := rangeNeg(a, b, c, k)
	return Interval{maxBig(new(big.Int), maxBig(a.Lo, n.Lo)), maxBig(a.Hi, n.Hi)}
}

func rangeMin(a, b, _ Interval, _ [2]int64) Interval {
	return Interval{minBig(a.Lo, b.Lo), minBig(a.Hi, b.Hi)}
}

func rangeMax(a, b, _ Interval, _ [2]int64) Interval {
	return Interval{maxBig(a.Lo, b.Lo), maxBig(a.Hi, b.Hi)}
}

func minBig(x, y *big.Int) *big.Int { return hull(x, y).Lo }
func maxBig(x, y *big.Int) *big.Int { return hull(x, y).Hi }

func rangeShl(a, _, _ Interval, k [2]int64) Interval {
	n := uint(k[0])
	return Interval{new(big.Int).Lsh(a.Lo, n), new(big.Int).Lsh(a.Hi, n)}
}

// rangeShrZ uses that big.Int.Quo rounds toward zero.
func rangeShrZ(a, _, _ Interval, k [2]int64) Interval {
	d := new(big.Int).Lsh(big.NewInt(1), uint(k[0]))
	return Interval{bigOp((*big.Int).Quo, a.Lo, d), bigOp((*big.Int).Quo, a.Hi, d)}
}

// rangeShrF uses that big.Int.Rsh rounds toward minus infinity.
func rangeShrF(a, _, _ Interval, k [2]int64) Interval {
	n := uint(k[0])
	return Interval{new(big.Int).Rsh(a.Lo, n), new(big.Int).Rsh(a.Hi, n)}
}

func rangeWrap(a, _, _ Interval, k [2]int64) Interval {
	t := Type{Bits: uint8(k[0]), Signed: true}
	if a.Within(t) {
		return a
	}
	return Span(t.Limits())
}

// rangeWrapOnce is exact enough: inside the interval nothing moves; up to twice
// outside it one turn brings the value back; further out it does not.
func rangeWrapOnce(a, _, _ Interval, k [2]int64) Interval {
	half := new(big.Int).Lsh(big.NewInt(1), uint(k[0]-1))
	turn := new(big.Int).Lsh(half, 1)
	low := new(big.Int).Neg(half)
	if a.Lo.Cmp(low) > 0 && a.Hi.Cmp(half) <= 0 {
		return a
	}
	lo := minBig(plus(low, big.NewInt(1)), plus(a.Lo, turn))
	return Interval{lo, maxBig(half, minus(a.Hi, turn))}
}

func rangeClamp(a, _, _ Interval, k [2]int64) Interval {
	lo, hi := big.NewInt(k[0]), big.NewInt(k[1])
	return Interval{minBig(maxBig(a.Lo, lo), hi), minBig(maxBig(a.Hi, lo), hi)}
}

func rangeBool(_, _, _ Interval, _ [2]int64) Interval { return Span(0, 1) }

func rangeSelect(_, b, c Interval, _ [2]int64) Interval {
	return Interval{minBig(b.Lo, c.Lo), maxBig(b.Hi, c.Hi)}
}

func rangeRound(a, _, _ Interval, k [2]int64) Interval {
	n := uint(k[0])
	almost := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), n), big.NewInt(1))
	return Interval{new(big.Int).Rsh(a.Lo, n), new(big.Int).Rsh(plus(a.Hi, almost), n)}
}

// Bounds are the intervals that the range reader starts from, by field; a field
// without an entry has the limits of its type.
type Bounds map[string]Interval

// Escape tells that a value of a program can leave its width.
type Escape struct {
	Program string
	Value   string   // the named value or expression that escapes
	Range   Interval // what it can be
	Limit   string   // what it must stay in
	// Fields are the inputs whose bounds allow it: with any one of them at its
	// smallest magnitude the escape is gone.
	Fields []string
}

func (e *Escape) Error() string {
	s := fmt.Sprintf("program @%s: %s can be %s, outside %s", e.Program, e.Value, e.Range, e.Limit)
	if len(e.Fields) > 0 {
		s += fmt.Sprintf("; allowed by %v", e.Fields)
	}
	return s
}

// Ranges proves that no intermediate value of p leaves 64 bits and no state its
// declared type, for all inputs within bounds, and returns the interval of every
// slot. By induction over rows it holds for ever: states start inside their types
// and every row keeps them there. The error is an *Escape.
func Ranges(p *Program, bounds Bounds) ([]Interval, error) {
	v, esc := ranges(p, bounds)
	if esc == nil {
		return v, nil
	}
	esc.Fields = blame(p, bounds)
	return v, esc
}

func ranges(p *Program, bounds Bounds) ([]Interval, *Escape) {
	v := make([]Interval, 0, p.Slots())
	for _, f := range p.Fields {
		v = append(v, bounds.of(f))
	}
	for i, c := range p.Code {
		r := apply(c, v)
		v = append(v, r)
		if !r.Fits() {
			return v, &Escape{Program: p.Name, Value: p.describe(i), Range: r, Limit: "64 bits"}
		}
	}
	for i, f := range p.Fields {
		if r := v[p.Next[i]]; f.Kind == State && !r.Within(f.Type) {
			return v, &Escape{Program: p.Name, Value: "state " + f.Name, Range: r, Limit: f.Type.String()}
		}
	}
	return v, nil
}

func (b Bounds) of(f Field) Interval {
	if v, ok := b[f.Name]; ok {
		return v
	}
	return Span(f.Type.Limits())
}

func apply(c Instr, v []Interval) Interval {
	info := Ops[c.Op]
	var args [3]Interval
	for i, r := range c.Args[:info.Arity] {
		args[i] = v[r]
	}
	return info.Range(args[0], args[1], args[2], c.K)
}

func (p *Program) describe(i int) string {
	for j := i; j < len(p.Code); j++ {
		if p.Code[j].Name != "" {
			return fmt.Sprintf("%s in the computation of %s", p.Code[i].Op, p.Code[j].Name)
		}
	}
	return p.Code[i].Op.String()
}

// blame finds the inputs that allow an escape by pinning each to the value of
// its bounds that is nearest to zero.
func blame(p *Program, bounds Bounds) []string {
	var names []string
	for _, f := range p.Fields {
		if f.Kind == State {
			continue
		}
		pinned := Bounds{f.Name: pin(bounds.of(f))}
		for name, v := range bounds {
			if name != f.Name {
				pinned[name] = v
			}
		}
		if _, esc := ranges(p, pinned); esc == nil {
			names = append(names, f.Name)
		}
	}
	return names
}

func pin(v Interval) Interval {
	zero := new(big.Int)
	x := minBig(maxBig(v.Lo, zero), v.Hi)
	return Interval{x, x}
}
