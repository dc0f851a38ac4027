package sem

import (
	"math"

	"decc/ir/fix"
)

// ProfileID names a semantics profile: whose machine the integers are.
type ProfileID uint8

// The profiles. Silicon is the default; the others replay public emulators.
const (
	Silicon ProfileID = iota
	Lava
	NengoLoihi
	Brian2Loihi
	profileEnd
)

// Profile is one row of the table of profiles.
type Profile struct {
	Name string
	Doc  string
	// Weight is the effective weight in units of u of one spike over a synapse
	// with this mantissa; Exp is left out where ExpOnSum.
	Weight func(w WeightFormat, mant int64) int64
	// ExpOnSum tells that the weight exponent acts on the sum of the mantissas of
	// one connection and delay slot of one emission row (Lava).
	ExpOnSum bool
}

// Profiles is the table of semantics profiles.
var Profiles = [profileEnd]Profile{
	Silicon:     {Name: "silicon", Doc: "Loihi as recorded from chips", Weight: weightSilicon},
	Lava:        {Name: "lava", Doc: "Lava 0.11 fixed point CPU models", Weight: weightLava, ExpOnSum: true},
	NengoLoihi:  {Name: "nengo-loihi", Doc: "nengo-loihi 1.1 emulator", Weight: weightNengo},
	Brian2Loihi: {Name: "brian2-loihi", Doc: "brian2_loihi 0.5", Weight: weightBrian2},
}

func (p ProfileID) String() string { return Profiles[p].Name }

// ProfileByName finds a profile.
func ProfileByName(name string) (ProfileID, bool) {
	for id := range profileEnd {
		if Profiles[id].Name == name {
			return id, true
		}
	}
	return 0, false
}

// ProfileNames lists the profiles in table order.
func ProfileNames() []string {
	names := make([]string, 0, len(Profiles))
	for _, p := range Profiles {
		names = append(names, p.Name)
	}
	return names
}

// Point is a rule on which chip and emulators disagree. A neuron program calls
// it by name, as limit.u(x), and the parser writes the profile's rule in its
// place: so one program text serves all profiles. Rules[p] is an expression in
// Arg and the program's own names; Types[p] is the state type that a field
// declared as `u:limit.u` gets.
type Point struct {
	Name   string
	Arg    string
	Doc    string
	Source string
	Rules  [profileEnd]string
	Types  [profileEnd]Type
}

var (
	s24 = Type{Bits: 24, Signed: true}
	s25 = Type{Bits: 25, Signed: true}
	s33 = Type{Bits: 33, Signed: true}
	s52 = Type{Bits: 52, Signed: true}
)

// Points is the table of disputed points; README.md gives each its boundary test.
// The bounds of brian2-loihi stand for "none": float64 holds integers exactly to
// 2^53, and a bound of 2^50 lets the range reader prove 64 bits.
var Points = []Point{
	{
		Name: "limit.drive", Arg: "x", Doc: "width of the synaptic sum of a row",
		Source: "peers.md 1 and 5: nengo-loihi wraps 21 bits + sign, the others do not",
		Rules:  [...]string{Silicon: "x", Lava: "x", NengoLoihi: "wrap(x, 22)", Brian2Loihi: "x"},
		Types:  [...]Type{s52, s52, s52, s52},
	},
	{
		Name: "limit.u", Arg: "x", Doc: "overflow of the current",
		Source: "DESIGN 3; peers.md 5: Lava keeps +2^23 and turns -2^23 into it, brian2_loihi has no limit",
		Rules: [...]string{
			Silicon: "wrap(x, 24)", Lava: "wraponce(x, 24)", NengoLoihi: "wrap(x, 24)",
			Brian2Loihi: "clamp(x, -1125899906842624, 1125899906842624)",
		},
		Types: [...]Type{s24, s25, s24, s52},
	},
	{
		Name: "limit.in", Arg: "x", Doc: "width of current plus bias before it enters the voltage",
		Source: "peers.md 1: nengo-loihi wraps 23 bits + sign",
		Rules:  [...]string{Silicon: "x", Lava: "x", NengoLoihi: "wrap(x, 24)", Brian2Loihi: "x"},
		Types:  [...]Type{s25, s25, s24, s52},
	},
	{
		Name: "limit.v", Arg: "x", Doc: "limits of the voltage; vmin and vmax are params of the program",
		Source: "DESIGN 3; hardware.md 0.1 (wrapping is excluded by silicon labels), 1.5; peers.md 5",
		Rules: [...]string{
			Silicon: "min(max(x, vmin), vmax)", Lava: "clamp(x, -8388607, 8388607)", NengoLoihi: "min(max(x, vmin), vmax)",
			Brian2Loihi: "clamp(x, -1125899906842624, 1125899906842624)",
		},
		Types: [...]Type{s24, s24, s33, s52},
	},
}

// PointByName finds a disputed point.
func PointByName(name string) (*Point, bool) {
	for i := range Points {
		if Points[i].Name == name {
			return &Points[i], true
		}
	}
	return nil, false
}

// SignMode says which signs the weights of a synapse group have.
type SignMode uint8

// The sign modes; Mixed drops the lowest bit of the mantissa.
const (
	Mixed SignMode = iota
	Excitatory
	Inhibitory
	signEnd
)

// SignNames are the sign modes as texts write them.
var SignNames = [signEnd]string{Mixed: "mixed", Excitatory: "excitatory", Inhibitory: "inhibitory"}

func (s SignMode) String() string { return SignNames[s] }

// The exponents that any emulator takes; chips take fewer (ir/chip). Lava's
// recordings use 8.
const (
	MinWeightExp = -8
	MaxWeightExp = 8
)

// WeightFormat is how the mantissas of a synapse group are stored. Bits is 0..8
// (sign included for Mixed), Exp is MinWeightExp..MaxWeightExp.
type WeightFormat struct {
	Bits int
	Exp  int
	Sign SignMode
}

// LSB is the number of low mantissa bits that the format does not store.
func (w WeightFormat) LSB() uint {
	n := 8 - w.Bits
	if w.Sign == Mixed {
		n++
	}
	return uint(n)
}

// MantissaLimits returns the least and greatest mantissa that the format stores:
// multiples of 2^LSB within -256..255 of the sign mode (hardware.md 1.5).
func (w WeightFormat) MantissaLimits() (lo, hi int64) {
	top := fix.FloorTo(255, w.LSB())
	switch w.Sign {
	case Excitatory:
		return 0, top
	case Inhibitory:
		return -top, 0
	}
	return fix.TruncTo(-256, w.LSB()), top
}

// weightUnit is the position of a weight's unit in u: one LSB of floor(m*2^exp) is 64.
const weightUnit = 6

// effectiveLimit is the greatest effective weight in units of u (hardware.md 1.5).
const effectiveLimit = 1<<21 - 1<<weightUnit

// weightSilicon: stored low bits truncated toward zero, exponent by floor for each
// synapse, in steps of 64 (brian2_loihi's model, which its authors measured equal
// to the chip; peers.md 2, 5).
func weightSilicon(w WeightFormat, m int64) int64 { return weightBrian2(w, m) }

func weightBrian2(w WeightFormat, m int64) int64 {
	s := fix.Scale(fix.TruncTo(m, w.LSB()), w.Exp) << weightUnit
	return fix.Clamp(s, -effectiveLimit, effectiveLimit)
}

// weightNengo rounds half to even on the stored grid, twice where the exponent is
// negative enough to lose bits (peers.md 2).
func weightNengo(w WeightFormat, m int64) int64 {
	s := w.LSB()
	top := max(int64(256)>>s-1, 0)
	x := fix.Clamp(fix.RoundEvenTo(m, s)>>s, -top, top)
	t := int(s) + w.Exp
	if t < 0 {
		x = fix.Clamp(fix.RoundEvenTo(x, uint(-t)), -top, top)
	}
	return fix.Scale(x, t) << weightUnit
}

// weightLava clips to the sign mode and floors to the stored grid (inhibitory: the
// magnitude); the exponent waits for the sum (peers.md 2).
func weightLava(w WeightFormat, m int64) int64 {
	n := w.LSB()
	switch w.Sign {
	case Excitatory:
		return fix.FloorTo(fix.Clamp(m, 0, 255), n)
	case Inhibitory:
		return fix.TruncTo(fix.Clamp(m, -255, 0), n)
	}
	return fix.FloorTo(fix.Clamp(m, -256, 255), n)
}

// ScaleSum applies the exponent to the sum of a connection where the profile is
// ExpOnSum; the result is in units of u: integers by floor, reals exactly.
func ScaleSum[V int64 | float64](sum V, exp int) V {
	if f, isReal := any(sum).(float64); isReal {
		return V(math.Ldexp(f, exp+weightUnit))
	}
	return V(fix.Scale(int64(sum), exp) << weightUnit)
}

// biasMantissa is the greatest bias mantissa: 12 bits and sign (hardware.md 1.5).
const biasMantissa = 4095

// FitBias finds the mantissa (within ±4095) and exponent (0..7) whose
// mantissa*2^exponent is nearest to b, the finer exponent first.
func FitBias(b int64) (mantissa int64, exp int) {
	for exp < 7 && (fix.RoundEvenTo(b, uint(exp))>>uint(exp) > biasMantissa || fix.RoundEvenTo(b, uint(exp))>>uint(exp) < -biasMantissa) {
		exp++
	}
	return fix.Clamp(fix.RoundEvenTo(b, uint(exp))>>uint(exp), -biasMantissa, biasMantissa), exp
}

// FitWeights finds the 8-bit format of a sign mode with the smallest exponent
// (0..7) that holds all effective weights, and the mantissas nearest to them.
// Values beyond the largest exponent saturate. Values of the wrong sign become 0.
func FitWeights(sign SignMode, effective []int64) (WeightFormat, []int64) {
	f := WeightFormat{Bits: 8, Sign: sign}
	lo, hi := f.MantissaLimits()
	for f.Exp = 0; f.Exp < 7; f.Exp++ {
		if all(effective, func(w int64) bool { m := f.nearest(w); return lo <= m && m <= hi }) {
			break
		}
	}
	mant := make([]int64, len(effective))
	for i, w := range effective {
		mant[i] = fix.Clamp(f.nearest(w), lo, hi)
	}
	return f, mant
}

// nearest is the mantissa on the format's grid whose effective weight is nearest
// to w, without limits.
func (w WeightFormat) nearest(effective int64) int64 {
	unit := uint(weightUnit + w.Exp)
	return fix.RoundEvenTo(effective, unit+w.LSB()) >> unit
}

func all(x []int64, ok func(int64) bool) bool {
	for _, v := range x {
		if !ok(v) {
			return false
		}
	}
	return true
}
