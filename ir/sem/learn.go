package sem

import (
	"errors"
	"fmt"
	"slices"
)

// Variable is a factor of a learning rule: an index into Variables.
type Variable uint8

// The variables of the learning engine (Davies et al. 2018; hardware.md 3.1, 3.2).
// X0 and Y0 tell that the pre or post side spiked in the learning epoch; X1..Y3 are
// traces; W, T and D are the synapse's own weight, tag and delay.
const (
	X0 Variable = iota
	X1
	X2
	Y0
	Y1
	Y2
	Y3
	W
	T
	D
	variableEnd
)

// Side says whose value a variable is.
type Side uint8

// The sides: one value a source, one a target compartment, one a synapse.
const (
	PreSide Side = iota
	PostSide
	OwnSide
)

// VariableInfo is one row of the table of variables. A factor is clipped to
// -2^Bits..2^Bits-1 after its constant is added.
type VariableInfo struct {
	Name string
	Bits uint
	Side Side
	Doc  string
}

// Variables is the table of variables of a learning rule.
var Variables = [variableEnd]VariableInfo{
	X0: {"x0", 1, PreSide, "1 if the source spiked in the epoch"},
	X1: {"x1", 7, PreSide, "first trace of the source"},
	X2: {"x2", 7, PreSide, "second trace of the source"},
	Y0: {"y0", 1, PostSide, "1 if the target spiked in the epoch"},
	Y1: {"y1", 7, PostSide, "first trace of the target"},
	Y2: {"y2", 7, PostSide, "second trace of the target"},
	Y3: {"y3", 7, PostSide, "third trace of the target"},
	W:  {"w", 9, OwnSide, "the weight's mantissa"},
	T:  {"t", 9, OwnSide, "the synapse's tag"},
	D:  {"d", 9, OwnSide, "the synapse's delay"},
}

func (v Variable) String() string { return Variables[v].Name }

// IsTrace reports whether v is a trace that decays and takes impulses.
func (v Variable) IsTrace() bool { return v != X0 && v != Y0 && v <= Y3 }

// Gate is what a product waits for.
type Gate uint8

// The gates: a spike of the source or of the target in the epoch, or every 2^k-th epoch.
const (
	GateX0 Gate = iota
	GateY0
	GateU
	gateEnd
)

var gateNames = [gateEnd]string{"x0", "y0", "u"}

func (g Gate) String() string { return gateNames[g] }

// Factor is a variable plus a constant, or the sign of that.
type Factor struct {
	Var Variable
	Add int16
	Sgn bool
}

// Product is Mant * 2^Exp times its factors where its gate is open. Mant is -8..7,
// Exp -7..8.
type Product struct {
	Gate    Gate
	Mant    int8
	Exp     int8
	Factors []Factor
}

// The limits of a product (hardware.md 3.2).
const (
	MinMant    = -8
	MaxMant    = 7
	MinProdExp = -7
	MaxProdExp = 8
	// MaxConstant is the greatest constant of a factor: 8 bits and sign.
	MaxConstant = 255
	// MaxEpoch is the longest learning epoch: spike times in it have 6 bits.
	MaxEpoch = 63
	// MaxDecimate is the greatest k of u_k.
	MaxDecimate = 9
)

// Target is what a sum of products changes: an index into Rule.Sums.
type Target uint8

// The targets.
const (
	TargetW Target = iota
	TargetD
	TargetT
	targetEnd
)

// Targets names the targets as rule texts write them.
var Targets = [targetEnd]string{"dw", "dd", "dt"}

func (t Target) String() string { return Targets[t] }

// The graded modes of the x1 trace (Lava's enumeration; hardware.md 2): a spike adds the
// impulse; x1 becomes half the payload; half the payload is added and saturates; it is
// added, and beyond 127 the rest stays and counts as a spike.
const (
	GradedOff = iota
	GradedOverwrite
	GradedSaturate
	GradedOverflow
	gradedEnd
)

// Trace is how one trace moves. Impulse is in 1/256, at most 127*256. Decay is in
// 1/4096 a row (profile silicon), Tau in 1/256 rows (the emulators). A trace with
// neither lives for one row.
type Trace struct {
	Impulse int32
	Decay   int32
	Tau     int32
	// Value names the value of the target's neuron program that is written into the trace
	// every row (a third factor); "" means that the trace takes impulses. Only y traces.
	Value string
	// Host tells that the host writes the trace between rows: nothing else moves it.
	Host HostWrite
}

// Moves reports whether anything but a reset changes the trace.
func (t Trace) Moves() bool { return t.Impulse != 0 || t.Value != "" || t.Host != HostNone }

// Concerns reports whether the rule changes or reads a learned variable.
func (r *Rule) Concerns(v Variable) bool {
	t, ok := v.Target()
	return ok && len(r.Sums[t]) > 0 || r.Uses(v)
}

// HostWrite is how the host writes a trace.
type HostWrite uint8

// HostValue is 0..127. HostSigned is -127..127: the trace holds the magnitude, and the
// sign chooses one of two learning profiles that differ in the sign of the mantissas of
// the products that read the trace (decolle.md 5.2), which adds the same as a trace with a sign.
const (
	HostNone HostWrite = iota
	HostValue
	HostSigned
	hostEnd
)

// HostWrites reports whether the host writes traces of the rule.
func (r *Rule) HostWrites() bool {
	return slices.ContainsFunc(r.Traces[:], func(t Trace) bool { return t.Host != HostNone })
}

// Limits are the least and greatest values of a trace that is written.
func (t Trace) Limits() (lo, hi int64) {
	if t.Host == HostSigned {
		return -maxTrace, maxTrace
	}
	return 0, maxTrace
}

// Traces of a rule are kept by Variable-X1 for x and Variable-Y1+2 for y.
const traceCount = 5

// TraceIndex is the place of a trace in Rule.Traces.
func (v Variable) TraceIndex() int {
	if v <= X2 {
		return int(v - X1)
	}
	return int(v-Y1) + 2
}

// TagBits is the width of a tag in synaptic memory, sign included (hardware.md 3.2).
const TagBits = 9

// targetOf is the target of each variable that learning changes.
var targetOf = map[Variable]Target{W: TargetW, D: TargetD, T: TargetT}

// Target is the target that changes v; ok is false for spikes and traces.
func (v Variable) Target() (t Target, ok bool) {
	t, ok = targetOf[v]
	return t, ok
}

// probed are the variables of plastic synapses that an engine can be asked to record.
var probed = []Variable{W, D, T, X1, X2, Y1, Y2, Y3}

// PlasticProbes names what a probe of plastic synapses can record.
func PlasticProbes() []string {
	var names []string
	for _, v := range probed {
		names = append(names, v.String())
	}
	return names
}

// ProbeOfPlastic finds one of PlasticProbes.
func ProbeOfPlastic(name string) (v Variable, ok bool) {
	at := slices.Index(PlasticProbes(), name)
	if at < 0 {
		return 0, false
	}
	return probed[at], true
}

// TraceVariables lists the traces in the order of Rule.Traces.
var TraceVariables = [traceCount]Variable{X1, X2, Y1, Y2, Y3}

// Rule is one learning rule: sums of products for weight, delay and tag, evaluated at
// the end of every epoch of Epoch rows.
type Rule struct {
	Name     string
	Epoch    int
	Decimate int // k of u_k
	Graded   int
	Sums     [targetEnd][]Product
	Traces   [traceCount]Trace
}

// Uses reports whether a product of the rule reads v or is gated by it.
func (r *Rule) Uses(v Variable) bool {
	for _, sum := range r.Sums {
		for _, p := range sum {
			if p.Gate == GateX0 && v == X0 || p.Gate == GateY0 && v == Y0 {
				return true
			}
			for _, f := range p.Factors {
				if f.Var == v {
					return true
				}
			}
		}
	}
	return false
}

// Check tells the first field of r that is outside its limits.
func (r *Rule) Check() error {
	switch {
	case r.Epoch < 1 || r.Epoch > MaxEpoch:
		return fmt.Errorf("rule @%s: an epoch of %d rows, allowed is 1..%d", r.Name, r.Epoch, MaxEpoch)
	case r.Decimate < 0 || r.Decimate > MaxDecimate:
		return fmt.Errorf("rule @%s: u%d, allowed is u0..u%d", r.Name, r.Decimate, MaxDecimate)
	case r.Graded < 0 || r.Graded >= gradedEnd:
		return fmt.Errorf("rule @%s: graded mode %d", r.Name, r.Graded)
	}
	for i, t := range r.Traces {
		if t.Host != HostNone && Variables[TraceVariables[i]].Side != PostSide {
			return fmt.Errorf("rule @%s: trace %s: the host writes y traces only", r.Name, TraceVariables[i])
		}
		if err := t.check(); err != nil {
			return fmt.Errorf("rule @%s: trace %s: %w", r.Name, TraceVariables[i], err)
		}
	}
	for _, sum := range r.Sums {
		for _, p := range sum {
			if err := p.check(); err != nil {
				return fmt.Errorf("rule @%s: %w", r.Name, err)
			}
		}
	}
	return nil
}

func (t Trace) check() error {
	switch {
	case t.Impulse < 0 || t.Impulse > maxTrace<<impulseBits:
		return fmt.Errorf("impulse %g, allowed is 0..127", float64(t.Impulse)/(1<<impulseBits))
	case t.Decay < 0 || t.Decay > decayOne:
		return fmt.Errorf("decay %d, allowed is 0..4096", t.Decay)
	case t.Tau < 0 || t.Decay != 0 && t.Tau != 0:
		return fmt.Errorf("time constant %d beside decay %d", t.Tau, t.Decay)
	case t.Host >= hostEnd:
		return fmt.Errorf("written by the host in way %d", t.Host)
	case t.Host != HostNone && (t.Impulse != 0 || t.Decay != 0 || t.Tau != 0 || t.Value != ""):
		return errors.New("written by the host and moved by something else")
	}
	return nil
}

func (f Factor) check() error {
	switch {
	case f.Var >= variableEnd:
		return fmt.Errorf("unknown variable %d", f.Var)
	case f.Add < -MaxConstant || f.Add > MaxConstant:
		return fmt.Errorf("constant %d beside %s, allowed is %d..%d", f.Add, f.Var, -MaxConstant, MaxConstant)
	case f.Sgn && Variables[f.Var].Side != OwnSide:
		return fmt.Errorf("the sign of %s; traces are never negative", f.Var)
	}
	return nil
}

// check holds a product to the widths of its fields and to the normal form that the rule
// language gives it: the mantissa as small as the exponent allows.
func (p Product) check() error {
	switch {
	case p.Gate >= gateEnd:
		return fmt.Errorf("unknown gate %d", p.Gate)
	case p.Mant < MinMant || p.Mant > MaxMant:
		return fmt.Errorf("mantissa %d, allowed is %d..%d", p.Mant, MinMant, MaxMant)
	case p.Exp < MinProdExp || p.Exp > MaxProdExp:
		return fmt.Errorf("exponent %d, allowed is %d..%d", p.Exp, MinProdExp, MaxProdExp)
	case p.Mant == MinMant && p.Exp < MaxProdExp:
		return fmt.Errorf("mantissa %d with exponent %d: normal form is %d with exponent %d", p.Mant, p.Exp, p.Mant/2, p.Exp+1)
	}
	for _, f := range p.Factors {
		if err := f.check(); err != nil {
			return err
		}
	}
	return nil
}
