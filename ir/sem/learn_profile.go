package sem

import (
	"math"

	"decc/ir/fix"
)

// Widths of the learning engine (hardware.md 3.2).
const (
	maxTrace    = 127
	impulseBits = 8    // fraction of an impulse
	decayOne    = 4096 // of a trace, in 1/4096
	accShift    = 7    // fraction of the accumulator below a weight's LSB
	mantBits    = 4
	productBits = 15
)

// Learning is what the profiles disagree on in learning; README.md has the sources.
type Learning struct {
	// Decay is what a trace becomes in a row: the floor, and the fraction that decides
	// about one more.
	Decay func(t Trace, x int64) (floor int64, fraction float64)
	// Left is what a row leaves of 1 where traces decay as real numbers: Decay splits a trace times that. nil where they
	// do not.
	Left func(t Trace) float64
	// AccMin is the least value of the accumulator; the greatest is 32767.
	AccMin int64
	// Held tells that traces that a program writes do not decay, and are limited to
	// 0..127 when they are written.
	Held bool
	// Limits are the limits of a target after the update, Grid the step of its values.
	Limits func(t Target, w WeightFormat) (lo, hi int64)
	Grid   func(t Target, w WeightFormat) uint
	// Delays tells that a learned delay delays.
	Delays bool
	// BySynapse tells that every synapse has traces of its own.
	BySynapse bool
	// Start is the mantissa that a weight of the file begins with, Effective what a
	// spike then adds in units of u (of the sum, where the profile is ExpOnSum).
	Start     func(w WeightFormat, mant int64) int64
	Effective func(w WeightFormat, mant int64) int64
	// Epochs tells that a row's spikes are heard and learning comes at the end of epochs:
	// the order of events that engines other than Unit know.
	Epochs bool
	// New makes the machine of the profile.
	New func(u *Unit) machine
}

// learnings is the table of the profiles' learning.
var learnings = [profileEnd]Learning{
	Silicon: {
		Decay: decaySilicon, AccMin: -32768, Held: true, Delays: true, Limits: limitsSilicon, Grid: gridStored,
		Start: truncated, Effective: weightSilicon, Epochs: true, New: newEpochs,
	},
	Lava: {
		Decay: realDecay(exponential), Left: exponential, AccMin: -32769, Limits: limitsLava, Grid: gridOne,
		Start: floored, Effective: func(_ WeightFormat, m int64) int64 { return m }, Epochs: true, New: newEpochs,
	},
	NengoLoihi: {
		Decay: realDecay(exponential), Left: exponential, AccMin: math.MinInt64, Limits: limitsNengo, Grid: gridStored,
		Start: truncated, Effective: func(w WeightFormat, m int64) int64 { return fix.Scale(m, w.Exp+weightUnit) }, New: newPES,
	},
	Brian2Loihi: {
		Decay: realDecay(linear), Left: linear, AccMin: math.MinInt64, Limits: limitsBrian2, Grid: gridStored, BySynapse: true,
		Start: func(_ WeightFormat, m int64) int64 { return m }, Effective: effectiveBrian2, New: newPerSynapse,
	},
}

// Learning is the profile's row of the learning table.
func (p ProfileID) Learning() *Learning { return &learnings[p] }

func decaySilicon(t Trace, x int64) (int64, float64) {
	z := x * int64(decayOne-t.Decay)
	return z >> 12, float64(z&(decayOne-1)) / decayOne
}

// realDecay is a trace times what is left of it.
func realDecay(left func(t Trace) float64) func(t Trace, x int64) (int64, float64) {
	return func(t Trace, x int64) (int64, float64) { return split(float64(x) * left(t)) }
}

func exponential(t Trace) float64 { return t.LeftAfter(1) }

func linear(t Trace) float64 {
	if t.Tau == 0 {
		return 0
	}
	return 1 - 1/t.rows()
}

// LeftAfter is what so many rows leave of 1 where a trace decays exponentially.
func (t Trace) LeftAfter(rows int) float64 {
	if t.Tau == 0 {
		return 0
	}
	return math.Exp(-float64(rows) / t.rows())
}

func split(z float64) (int64, float64) {
	f := math.Floor(z)
	return int64(f), z - f
}

// rows is the time constant in rows.
func (t Trace) rows() float64 { return float64(t.Tau) / 256 }

func truncated(w WeightFormat, m int64) int64 { return fix.TruncTo(m, w.LSB()) }

// floored keeps the stored bits, of the magnitude where weights are inhibitory; a
// plastic weight is not clipped at the start.
func floored(w WeightFormat, m int64) int64 {
	if w.Sign == Inhibitory {
		return fix.TruncTo(m, w.LSB())
	}
	return fix.FloorTo(m, w.LSB())
}

func effectiveBrian2(w WeightFormat, m int64) int64 {
	return fix.Clamp(fix.Scale(m, w.Exp)<<weightUnit, -effectiveLimit, effectiveLimit)
}

func gridStored(t Target, w WeightFormat) uint {
	if t == TargetW {
		return w.LSB()
	}
	return 0
}

func gridOne(Target, WeightFormat) uint { return 0 }

// MaxLearnedDelay is the greatest delay that learning reaches: 6 bits (hardware.md 3.2).
const MaxLearnedDelay = 63

func limitsSilicon(t Target, w WeightFormat) (int64, int64) {
	switch t {
	case TargetD:
		return 0, MaxLearnedDelay
	case TargetT:
		return -256, 255
	}
	return w.MantissaLimits()
}

func limitsLava(t Target, w WeightFormat) (int64, int64) {
	switch t {
	case TargetD:
		return 0, 255
	case TargetT:
		return -257, 255
	}
	return signLimits(w.Sign, [signEnd][2]int64{Mixed: {-256, 255}, Excitatory: {0, 255}, Inhibitory: {-255, 0}})
}

func limitsBrian2(_ Target, w WeightFormat) (int64, int64) {
	return signLimits(w.Sign, [signEnd][2]int64{Mixed: {-256, 254}, Excitatory: {0, 255}, Inhibitory: {-256, 0}})
}

func limitsNengo(_ Target, w WeightFormat) (int64, int64) {
	top := (int64(256)>>w.LSB() - 1) << w.LSB()
	return -top, top
}

func signLimits(s SignMode, of [signEnd][2]int64) (int64, int64) { return of[s][0], of[s][1] }
