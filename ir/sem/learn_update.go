package sem

import "decc/ir/fix"

// Updater is the pipeline from products to a new value of one learned variable
// (hardware.md 3.3): an accumulator with 7 bits below the value takes the products one
// by one and saturates; the sum is rounded stochastically to the value's grid and clipped.
type Updater struct {
	accMin, lo, hi, least, most int64
	grid, bits                  uint
}

// Updater is the pipeline of a target.
func (l *Learning) Updater(t Target, w WeightFormat) Updater {
	u := Updater{accMin: l.AccMin, grid: l.Grid(t, w), least: -1 << 62, most: 1 << 62}
	u.lo, u.hi = l.Limits(t, w)
	u.bits = accShift + u.grid
	switch {
	case t == TargetD, t == TargetW && w.Sign == Excitatory:
		u.least = 0
	case t == TargetW && w.Sign == Inhibitory:
		u.most = 0
	}
	return u
}

// Start is the accumulator of a value.
func (u *Updater) Start(value int64) int64 { return value << accShift }

// Least and Most are the limits of the accumulator.
func (u *Updater) Least() int64 { return u.accMin }

// Most is the upper limit.
func (u *Updater) Most() int64 { return 1<<productBits - 1 }

// Limited is a product (Scale.Of) within the limits of the accumulator.
func (u *Updater) Limited(product int64) int64 { return fix.Clamp(product, u.Least(), u.Most()) }

// Add is the accumulator after a product (Scale.Of).
func (u *Updater) Add(acc, product int64) int64 {
	return fix.Clamp(acc+u.Limited(product), u.Least(), u.Most())
}

// Bounds are the limits within which Split takes an accumulator as it is.
func (u *Updater) Bounds() (lo, hi int64) { return max(u.Least(), u.least), min(u.Most(), u.most) }

// Grid is the step of values, as a power of two.
func (u *Updater) Grid() uint { return u.grid }

// Limits are the least and the greatest Value.
func (u *Updater) Limits() (lo, hi int64) { return u.lo, u.hi }

// Split is the accumulator on its side of 0, in steps of the grid: the value is floor, or
// one more with the probability rest / 2^Bits.
func (u *Updater) Split(acc int64) (floor, rest int64) {
	acc = max(min(acc, u.most), u.least)
	floor = acc >> u.bits
	return floor, acc - floor<<u.bits
}

// Bits is the width of Split's rest: at most 16.
func (u *Updater) Bits() uint { return u.bits }

// Value is the clipped value of so many steps of the grid.
func (u *Updater) Value(steps int64) int64 { return fix.Clamp(steps<<u.grid, u.lo, u.hi) }

// Part is what the factors of one side contribute to a product, modulo 2^32: the parts of
// the three sides are multiplied and given to Scale.Of.
func (p *Product) Part(side Side, value func(Variable) int64) int32 {
	m := int32(1)
	for _, f := range p.Factors {
		if info := &Variables[f.Var]; info.Side == side {
			m *= int32(f.clipped(value(f.Var), info.Bits))
		}
	}
	return m
}

// Reads reports whether a factor of the product is on that side.
func (p *Product) Reads(side Side) bool {
	for _, f := range p.Factors {
		if Variables[f.Var].Side == side {
			return true
		}
	}
	return false
}

// Scale is what a product makes of its multiplied factors.
type Scale struct {
	mant       int32
	cut, shift uint
}

// Scale is that of the product: times the mantissa, cut by the bits that factors and
// mantissa have beyond 15, then shifted by exponent and accumulator fraction, in 32 bits
// (hardware.md 3.3).
func (p *Product) Scale() Scale {
	return Scale{mant: int32(p.Mant), cut: uint(p.Cut()), shift: uint(int(p.Exp) + accShift)}
}

// Of is the product in the accumulator's units.
func (s Scale) Of(factors int32) int64 { return int64(factors * s.mant >> s.cut << s.shift) }

// Cut is how many bits the product loses.
func (p *Product) Cut() int {
	bits := mantBits
	for _, f := range p.Factors {
		bits += int(Variables[f.Var].Bits)
	}
	return max(0, bits-productBits)
}

// Multiply is the product for the values of its variables; alive tells that neither its source's nor
// its target's part is 0, so that the chip has to visit the synapse.
func (p *Product) Multiply(value func(Variable) int64) (result int64, alive bool) {
	pre, post := p.Part(PreSide, value), p.Part(PostSide, value)
	if pre == 0 || post == 0 {
		return 0, false
	}
	return p.Scale().Of(pre * post * p.Part(OwnSide, value)), true
}

// clipped is the factor for a value of its variable.
func (f Factor) clipped(x int64, bits uint) int64 {
	x += int64(f.Add)
	if f.Sgn {
		return sign(x)
	}
	return fix.Clamp(x, -1<<bits, 1<<bits-1)
}

func sign(x int64) int64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}
