package sem

// multiples is what is known of the divisor of a result from those of the arguments and
// the constants, by operation; operations that are not here may give any number. 0 is the
// divisor of what is always 0.
var multiples = map[Op]func(a, b, c int64, k [2]int64) int64{
	OpConst:  func(_, _, _ int64, k [2]int64) int64 { return max(k[0], -k[0]) },
	OpAdd:    func(a, b, _ int64, _ [2]int64) int64 { return gcd(a, b) },
	OpSub:    func(a, b, _ int64, _ [2]int64) int64 { return gcd(a, b) },
	OpMin:    func(a, b, _ int64, _ [2]int64) int64 { return gcd(a, b) },
	OpMax:    func(a, b, _ int64, _ [2]int64) int64 { return gcd(a, b) },
	OpMul:    func(a, b, _ int64, _ [2]int64) int64 { return a * b },
	OpNeg:    func(a, _, _ int64, _ [2]int64) int64 { return a },
	OpAbs:    func(a, _, _ int64, _ [2]int64) int64 { return a },
	OpShl:    func(a, _, _ int64, k [2]int64) int64 { return a << min(k[0], maxMultiple) },
	OpSelect: func(_, b, c int64, _ [2]int64) int64 { return gcd(b, c) },
}

// maxMultiple bounds divisors and their shifts, so that products stay in 64 bits.
const maxMultiple = 20

// bounded forgets divisors that are too large to multiply.
func bounded(m int64) int64 {
	if m < 0 || m >= 1<<maxMultiple {
		return 1
	}
	return m
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Multiple is a number that divides every value of a slot: 1 where nothing is known, 0
// where the value is always 0. of tells it of the fields.
func (p *Program) Multiple(r Ref, of func(field int) int64) int64 {
	known := make([]int64, 0, p.Slots())
	for i := range p.Fields {
		known = append(known, bounded(of(i)))
	}
	at := func(r Ref) int64 {
		if r < 0 || int(r) >= len(known) {
			return 1
		}
		return known[r]
	}
	for _, in := range p.Code {
		m := int64(1)
		if f := multiples[in.Op]; f != nil {
			m = f(at(in.Args[0]), at(in.Args[1]), at(in.Args[2]), in.K)
		}
		known = append(known, bounded(m))
	}
	return known[r]
}
