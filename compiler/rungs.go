package compiler

import (
	"fmt"
	"slices"

	"decc/compiler/decolle"
)

// Rung is one step of the error budget between the float rule and the chip's: a Learning
// with the departures of the rungs before it and one more.
type Rung struct {
	Name string
	Doc  string
	decolle.Learning
}

// The rule as the float code of the paper has it (decolle.md 2): AdaMax, and a slope that
// is nowhere 0. paperRate is AdaMax's step: the better of the two that
// onchip-learning.md 5 tried.
const (
	paperSurrogate = "fast_sigmoid"
	paperRate      = 5e-4
)

// paper is the rule of the paper in place of the chip's simplified one.
func paper(l decolle.Learning) decolle.Learning {
	l.Surrogate, l.Optimiser = paperSurrogate, decolle.AdaMax
	l.Layers = slices.Clone(l.Layers)
	for i := range l.Layers {
		l.Layers[i].Eta = paperRate
	}
	return l
}

// departures are what the chip does otherwise than the paper, in the order of the budget.
var departures = []struct {
	name, doc string
	take      func(l *decolle.Learning, chip decolle.Learning)
	here      func(chip decolle.Learning) string
}{
	{
		"box", "a box around the threshold is the slope, not a smooth surrogate",
		func(l *decolle.Learning, chip decolle.Learning) { l.Surrogate = chip.Surrogate },
		func(chip decolle.Learning) string { return fmt.Sprintf("half width %g in U", chip.Filled().Window) },
	},
	{
		FloatRung, "plain steps, not AdaMax's: the chip's rule in real numbers",
		func(l *decolle.Learning, chip decolle.Learning) { l.Optimiser, l.Layers = chip.Optimiser, chip.Layers },
		func(chip decolle.Learning) string { return "the learning engine keeps no state beside the weight" },
	},
	{
		"compartment", "a spike that has arrived keeps the weight that it met",
		func(l *decolle.Learning, chip decolle.Learning) { l.CUBA = true },
		func(decolle.Learning) string { return "current and voltage, 24 bits each" },
	},
	{
		"latency", "the error comes rows later than the membrane that it meets",
		func(l *decolle.Learning, chip decolle.Learning) { l.Latency = chip.Latency },
		func(chip decolle.Learning) string { return fmt.Sprintf("%d rows", chip.Latency) },
	},
	{
		"traces", "the pre trace is the difference of two traces of few bits",
		func(l *decolle.Learning, chip decolle.Learning) { l.TraceBits = chip.TraceBits },
		func(chip decolle.Learning) string { return fmt.Sprintf("%d bits", chip.TraceBits) },
	},
	{
		"error", "the error is a payload of few bits",
		func(l *decolle.Learning, chip decolle.Learning) { l.ErrorBits = chip.ErrorBits },
		func(chip decolle.Learning) string { return fmt.Sprintf("%d bits and sign", chip.ErrorBits) },
	},
	{
		"third factor", "the third factor has few bits, rounded stochastically",
		func(l *decolle.Learning, chip decolle.Learning) { l.FactorBits = chip.FactorBits },
		func(chip decolle.Learning) string { return fmt.Sprintf("%d bits and sign", chip.FactorBits) },
	},
	{
		"weights", "weights have 8 bits or fewer, and no others behind them",
		func(l *decolle.Learning, chip decolle.Learning) {
			l.WeightStep, l.WeightMax, l.Rounding = chip.WeightStep, chip.WeightMax, chip.Rounding
		},
		func(chip decolle.Learning) string {
			return fmt.Sprintf("-%d..%d times %g, %s rounding", chip.WeightMax, chip.WeightMax, chip.WeightStep, chip.Rounding)
		},
	},
}

// Departure is one way in which a chip's learning departs from the reals, and how far.
type Departure struct{ Name, Doc, Here string }

// Departures lists those of a chip's learning (OnChip), in the order of the budget.
func Departures(chip decolle.Learning) []Departure {
	var list []Departure
	for _, d := range departures {
		list = append(list, Departure{d.name, d.doc, d.here(chip)})
	}
	return list
}

// FloatRung names the rung of the chip's rule in real numbers.
const FloatRung = "float"

// Rungs are the rule of the paper and then, one by one and each on top of those before,
// the departures of a chip's learning (OnChip). The last is the float twin of the chip.
func Rungs(chip decolle.Learning) []Rung {
	l := chip
	l.CUBA, l.Latency, l.TraceBits, l.ErrorBits, l.FactorBits, l.WeightStep, l.Rounding = false, 0, 0, 0, 0, 0, ""
	l = paper(l)
	rungs := []Rung{{"paper", "AdaMax and a smooth surrogate, in real numbers", l}}
	for _, d := range departures {
		d.take(&l, chip)
		rungs = append(rungs, Rung{d.name, d.doc, l})
	}
	return rungs
}

// FloatAndTwin are the two ends of the budget that speak of rounding alone: the chip's rule
// in real numbers, and its float twin.
func FloatAndTwin(chip decolle.Learning) []Rung {
	rungs := Rungs(chip)
	at := slices.IndexFunc(rungs, func(r Rung) bool { return r.Name == FloatRung })
	float, twin := rungs[at], rungs[len(rungs)-1]
	float.Doc = "the rule in real numbers"
	twin.Name, twin.Doc = "twin", "all departures of the chip, in float arithmetic"
	return []Rung{float, twin}
}

// WhatIfs are the chip's float twin with one thing changed: what the budget predicts of
// choices that a model or another chip could make.
func WhatIfs(chip decolle.Learning) []Rung {
	var rungs []Rung
	for _, w := range []struct {
		name, doc string
		change    func(l *decolle.Learning)
	}{
		{"nearest rounding", "weights are rounded to nearest", func(l *decolle.Learning) { l.Rounding = "nearest" }},
		{"shared rounding", "one random number a row for all synapses", func(l *decolle.Learning) { l.Rounding = "shared" }},
		{"half the trace bits", "traces of half as many bits, rounded up", func(l *decolle.Learning) { halveTraces(l) }},
		{"6 rows later", "the error comes 6 more rows late", func(l *decolle.Learning) { l.Latency += 6 }},
	} {
		l := chip
		l.Layers = slices.Clone(chip.Layers)
		w.change(&l)
		rungs = append(rungs, Rung{w.name, w.doc, l})
	}
	return rungs
}

// halveTraces gives the traces half their bits, and spikes an impulse that is as much less.
func halveTraces(l *decolle.Learning) {
	before := l.TraceBits
	l.TraceBits = max(2, (before+1)/2)
	for i := range l.Layers {
		l.Layers[i].Impulse = max(1, l.Layers[i].Impulse>>(before-l.TraceBits))
	}
}
