package rule

import (
	"fmt"
	"math"
	"strings"

	"decc/ir/sem"
)

// Explain tells a rule in words, a sentence a line: when it acts, what its traces do, what
// each product adds and loses.
func Explain(r *sem.Rule) []string {
	lines := []string{epochText(r)}
	for i, t := range r.Traces {
		v := sem.TraceVariables[i]
		if r.Uses(v) {
			lines = append(lines, v.String()+": "+traceText(v, t))
		}
	}
	for t, sum := range r.Sums {
		for i := range sum {
			lines = append(lines, sem.Targets[t]+": "+productText(r, &sum[i]))
		}
	}
	return lines
}

func epochText(r *sem.Rule) string {
	every := "every row"
	if r.Epoch > 1 {
		every = fmt.Sprintf("every %d rows", r.Epoch)
	}
	return fmt.Sprintf("@%s: an epoch ends %s; all changes of an epoch are made at once, from the old values", r.Name, every)
}

func traceText(v sem.Variable, t sem.Trace) string {
	if t.Value != "" {
		return fmt.Sprintf("the target's program writes its value %s into it every row, 0..127", t.Value)
	}
	if t.Host != sem.HostNone {
		return hostTexts[t.Host]
	}
	side := "source"
	if sem.Variables[v].Side == sem.PostSide {
		side = "target"
	}
	s := fmt.Sprintf("a spike of the %s adds %g, 127 at most", side, float64(t.Impulse)/256)
	switch {
	case t.Impulse == 0:
		s = "nothing adds to it: it stays 0"
	case t.Decay > 0:
		s += fmt.Sprintf("; it keeps %.4g of itself a row (time constant %.3g rows), rounded stochastically",
			float64(4096-t.Decay)/4096, -1/math.Log(float64(4096-t.Decay)/4096))
	case t.Tau > 0:
		s += fmt.Sprintf("; it decays with a time constant of %.4g rows, rounded stochastically", float64(t.Tau)/256)
	default:
		s += "; it is gone after one row"
	}
	return s
}

// hostTexts say what the host writes into a trace.
var hostTexts = map[sem.HostWrite]string{
	sem.HostValue:  "the host writes it, 0..127; nothing else moves it",
	sem.HostSigned: "the host writes its magnitude, 0..127, and chooses one of two learning profiles by the sign; nothing else moves it",
}

// gateText says when a product acts.
var gateText = map[sem.Gate]string{sem.GateX0: "where the source spiked", sem.GateY0: "where the target spiked"}

func productText(r *sem.Rule, p *sem.Product) string {
	var factors []string
	for _, f := range p.Factors {
		factors = append(factors, factorText(f))
	}
	what := strings.Join(append([]string{numberText(p)}, factors...), " * ")
	when, gated := gateText[p.Gate]
	if !gated {
		when = "at the end of every epoch"
		if r.Decimate > 0 {
			when = fmt.Sprintf("at the end of every %s epoch", ordinal(1<<r.Decimate))
		}
	}
	s := fmt.Sprintf("%s adds %s", when, what)
	if cut := p.Cut(); cut > 0 {
		s += fmt.Sprintf("; its factors and mantissa are wider than 15 bits, so the result loses %d more bits, rounded down", cut)
	}
	return s
}

func numberText(p *sem.Product) string {
	s := fmt.Sprint(p.Mant)
	if p.Exp != 0 {
		s += fmt.Sprintf(" * 2^%d", p.Exp)
	}
	return s
}

func ordinal(n int) string {
	suffix := "th"
	if n%100/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprint(n) + suffix
}
