package rule

import (
	"fmt"
	"math"
	"strings"

	"decc/ir/diag"
	"decc/ir/fix"
	"decc/ir/sem"
)

// Check tells what a rule may lose under a profile, as warnings and notes: products that
// saturate the accumulator, products so small that they are cut to nothing, traces that
// are read and never move, traces that move and are never read. Each names the values of the
// variables that cause it. facts is what is known of traces that a program writes; nil
// stands for nothing. Codes rule/saturation, rule/truncation, rule/idle.
func Check(r *sem.Rule, profile sem.ProfileID, w sem.WeightFormat, facts Facts) diag.List {
	c := checker{rule: r, format: w, learning: profile.Learning(), facts: facts}
	c.traces()
	for t, sum := range r.Sums {
		for i := range sum {
			c.product(sem.Target(t), &sum[i])
		}
	}
	return c.found
}

// Fact is what a module knows of a trace: its limits, and a number that divides all its
// values (0 where it is always 0).
type Fact struct{ Lo, Hi, Multiple int64 }

// Facts are those of the traces that a program writes.
type Facts map[sem.Variable]Fact

type checker struct {
	facts    Facts
	rule     *sem.Rule
	format   sem.WeightFormat
	learning *sem.Learning
	found    diag.List
}

func (c *checker) add(severity diag.Severity, code, format string, args ...any) *diag.Diagnostic {
	d := c.found.Add(diag.Pos{}, code, "rule @"+c.rule.Name+": "+format, args...)
	d.Severity = severity
	return d
}

// traces reports those that stand still and those that nobody reads.
func (c *checker) traces() {
	for i, t := range c.rule.Traces {
		v := sem.TraceVariables[i]
		moves := t.Impulse > 0 || t.Value != "" || t.Host != sem.HostNone
		switch {
		case c.rule.Uses(v) && !moves:
			c.add(diag.Warning, codeIdle, "%s is read, and nothing ever moves it from 0", v).WithFix("give it an impulse, or a value of the target's program")
		case !c.rule.Uses(v) && moves:
			c.add(diag.Note, codeIdle, "%s moves, and no product reads it", v).WithFix("leave it out")
		}
	}
}

// interval is what a variable can be.
type interval struct{ lo, hi int64 }

// of is the range of a factor.
func (c *checker) of(f sem.Factor) interval {
	x := c.variable(f.Var)
	x.lo, x.hi = x.lo+int64(f.Add), x.hi+int64(f.Add)
	if f.Sgn {
		return interval{max(-1, min(x.lo, 1)), min(1, max(x.hi, -1))}
	}
	bits := sem.Variables[f.Var].Bits
	return interval{fix.Clamp(x.lo, -1<<bits, 1<<bits-1), fix.Clamp(x.hi, -1<<bits, 1<<bits-1)}
}

func (c *checker) variable(v sem.Variable) interval {
	switch v {
	case sem.X0, sem.Y0:
		return interval{0, 1}
	case sem.W:
		return c.limits(sem.TargetW)
	case sem.T:
		return c.limits(sem.TargetT)
	case sem.D:
		return c.limits(sem.TargetD)
	}
	if x, ok := c.facts[v]; ok {
		return interval{x.Lo, x.Hi}
	}
	t := c.rule.Traces[v.TraceIndex()]
	if t.Host != sem.HostNone {
		lo, hi := t.Limits()
		return interval{lo, hi}
	}
	return interval{0, traceMax(t)}
}

func (c *checker) limits(t sem.Target) interval {
	lo, hi := c.learning.Limits(t, c.format)
	return interval{lo, hi}
}

// traceMax bounds a trace whose side spikes in every row: impulses of a geometric sum,
// each rounded up, and never more than 7 bits.
func traceMax(t sem.Trace) int64 {
	const most = 127
	step := int64(t.Impulse+255) >> 8
	switch keep := keeps(t); {
	case t.Value != "":
		return most
	case step == 0:
		return 0
	case keep >= 1:
		return most
	default:
		return min(most, int64(math.Ceil(float64(step+1)/(1-keep))))
	}
}

// keeps is the part of a trace that is there after a row.
func keeps(t sem.Trace) float64 {
	switch {
	case t.Decay > 0:
		return 1 - float64(t.Decay)/4096
	case t.Tau > 0:
		return math.Exp(-256 / float64(t.Tau))
	}
	return 0
}

// product holds the extremes of a product against the accumulator.
func (c *checker) product(t sem.Target, p *sem.Product) {
	way := c.learning.Updater(t, c.format)
	scale := p.Scale()
	text := strings.Join(parts(*p, int(p.Mant), c.rule.Decimate), "*")
	greatest, at := c.extreme(p)
	whole := greatest * int64(p.Mant)
	switch x := scale.Of(int32(greatest)); {
	case whole != int64(int32(whole)):
		c.add(diag.Warning, codeSaturation, "%s: the factors of %s leave 32 bits and wrap", sem.Targets[t], text).
			WithNote("so with %s", at).WithFix("use fewer factors, or smaller constants")
	case x > way.Most() || x < way.Least():
		c.add(diag.Warning, codeSaturation, "%s: %s saturates the accumulator, which holds %s of -256..255", sem.Targets[t], text, sem.Targets[t][1:]).
			WithNote("with %s it would add %g", at, float64(x)/128).WithFix("use a smaller exponent, or smaller impulses")
	}
	if cut := p.Cut(); cut > 0 && len(p.Factors) > 1 && c.divisor(p)%(1<<cut) != 0 && scale.Of(int32(sign(greatest))) == 0 {
		c.add(diag.Note, codeTruncation, "%s: %s loses %d bits", sem.Targets[t], text, cut).
			WithNote("factors whose product with the mantissa is below %d add 0: so with all factors 1", 1<<cut).
			WithFix("make a factor a multiple of %d, as the third factor of DECOLLE is", 1<<cut)
	}
}

// divisor is a number that divides every value of a product, mantissa included.
func (c *checker) divisor(p *sem.Product) int64 {
	all := int64(p.Mant)
	for _, f := range p.Factors {
		if x, ok := c.facts[f.Var]; ok && f.Add == 0 && !f.Sgn {
			all *= x.Multiple
		}
	}
	return all
}

func sign(x int64) int64 {
	if x < 0 {
		return -1
	}
	return 1
}

// beyond is more than any product of factors that does not wrap.
const beyond = 1 << 40

// extreme is the product of the factors that is largest in size, and the values that make it.
func (c *checker) extreme(p *sem.Product) (product int64, at string) {
	product = 1
	var values []string
	for _, f := range p.Factors {
		x := c.of(f)
		far := x.hi
		if -x.lo > x.hi {
			far = x.lo
		}
		product = fix.Clamp(product*far, -beyond, beyond)
		values = append(values, fmt.Sprintf("%s = %d", factorText(f), far))
	}
	return product, strings.Join(values, ", ")
}
