package model

import (
	"fmt"
	"slices"
	"strings"

	"decc/ir/diag"
)

// checkLearn fills and checks the learn section and the plastic layers.
func (c *checker) checkLearn(d *Decolle) {
	c.plasticLayers(d)
	l := d.Learn
	if l == nil {
		c.learnMissing(d)
		return
	}
	c.learnData(l, d.Data)
	c.learnSchedule(l)
	c.vainKeys(l)
	if host := l.Host; host.Target > host.Epoch {
		c.add("learn.host.target", codeConflict, "learn.host.target is %d spikes, but an epoch has %d rows", host.Target, host.Epoch).
			WithFix("use at most one spike a row")
	}
	if d.FirstLearning() < 0 {
		c.add("learn", codeConflict, "there is a learn section, but no layer is plastic").
			WithFix("write plastic: true at the layers that shall learn").Severity = diag.Warning
		return
	}
	for i := range d.Layers {
		c.plasticValues(i, d.Layers[i].Plastic, l)
	}
	c.lastOnly(d)
}

// plasticLayers drops plastic: false, and reports layers that cannot learn.
func (c *checker) plasticLayers(d *Decolle) {
	for i := range d.Layers {
		l := &d.Layers[i]
		if l.Plastic == nil || l.Plastic.off {
			l.Plastic = nil
			continue
		}
		path := fmt.Sprintf("layers[%d].plastic", i)
		if l.Frozen {
			c.add(path, codeConflict, "layer %q is both frozen and plastic", l.Name).WithFix("keep one of the two")
		}
		if l.Conv != nil {
			c.add(path, codeConflict, "layer %q is a convolution, whose synapses share weights: the chip's learning engine cannot", l.Name).
				WithFix("make a dense layer plastic")
		}
	}
}

// learnMissing reports plastic layers of a model that does not say how to learn.
func (c *checker) learnMissing(d *Decolle) {
	i := d.FirstLearning()
	if i < 0 {
		return
	}
	c.add(fmt.Sprintf("layers[%d].plastic", i), codeMissing, "layer %q is plastic, but the model has no learn section", d.Layers[i].Name).
		WithFix("add learn: {}, which has the defaults of every key, or remove plastic")
}

// learnData takes what the section leaves out from the data section.
func (c *checker) learnData(l *Learn, data *Data) {
	if data == nil {
		return
	}
	if !c.Has("learn.set") {
		l.Set = data.Set
	}
	if !c.Has("learn.steps") {
		l.Steps = data.Steps
		return
	}
	c.burnIn("learn.steps", data.BurnIn, l.Steps)
}

func (c *checker) learnSchedule(l *Learn) {
	for i, step := range l.Schedule {
		if i == 0 && step.From != 0 || i > 0 && step.From <= l.Schedule[i-1].From {
			c.add(fmt.Sprintf("learn.schedule[%d][0]", i), codeRange, "step %d of learn.schedule is from %v of the digits", i, step.From).
				WithFix("begin at 0 and go up")
		}
	}
}

// ruleKeys are the keys of the learn section that mean nothing with some rules, with
// the rules that have them.
var ruleKeys = []struct {
	key   string
	rules []string
}{
	{"window", []string{RuleDecolle}},
	{"schedule", []string{RuleDecolle}},
	{"every", []string{RuleDecolle}},
	{"rounding", []string{RuleDecolle}},
	{"trigger", []string{RuleDecolle}},
	{"factor_bits", []string{RuleDecolle}},
	{"extra_latency", []string{RuleDecolle}},
	{"dead_zone", []string{RuleDecolle, RuleSign}},
	{"error_bits", []string{RuleDecolle, RuleSign}},
	{"host", []string{RuleSOEL, RuleSign}},
	{"host.offset", []string{RuleSOEL}},
	{"host.theta_step", []string{RuleSOEL}},
}

// vainKeys reports keys that the text gives in vain.
func (c *checker) vainKeys(l *Learn) {
	for _, k := range ruleKeys {
		parent, _, nested := strings.Cut(k.key, ".")
		known := slices.Contains(k.rules, l.Rule)
		if known || !c.Has("learn."+k.key) || nested && !c.ruleHas(parent, l.Rule) {
			continue
		}
		c.add("learn."+k.key, codeConflict, "learn.%s means nothing with rule %s", k.key, l.Rule).
			WithFix("remove it, or use rule %s", strings.Join(k.rules, " or "))
	}
}

// ruleHas reports whether a key has a meaning under a rule.
func (c *checker) ruleHas(key, rule string) bool {
	for _, k := range ruleKeys {
		if k.key == key {
			return slices.Contains(k.rules, rule)
		}
	}
	return true
}

// plasticValues fills what a layer does not say, and holds the impulse to the width
// of a trace.
func (c *checker) plasticValues(i int, p *Plastic, l *Learn) {
	if p == nil {
		return
	}
	path := fmt.Sprintf("layers[%d].plastic", i)
	blame := path + ".impulse"
	if !c.Has(path + ".eta") {
		p.Eta = l.Eta
	}
	if !c.Has(path + ".init") {
		p.Init = l.Init
	}
	if !c.Has(blame) {
		p.Impulse, blame = l.Impulse, "learn.impulse"
	}
	if most := 1<<l.TraceBits - 1; p.Impulse > most {
		c.add(blame, codeConflict, "the impulse %d does not fit a trace of %d bits", p.Impulse, l.TraceBits).
			WithFix("use at most %d, or more trace_bits", most)
	}
}

// lastOnly refuses hidden plastic layers under the rules of Loihi 1.
func (c *checker) lastOnly(d *Decolle) {
	if d.Learn.Rule == RuleDecolle {
		return
	}
	for i := range len(d.Layers) - 1 {
		if d.Layers[i].Plastic == nil {
			continue
		}
		c.add(fmt.Sprintf("layers[%d].plastic", i), codeTarget, "layer %q is hidden, and rule %s teaches the last layer only", d.Layers[i].Name, d.Learn.Rule).
			WithNote("Loihi 1 has no port for a third factor: the host writes the error of each class, and no hidden neuron is a class").
			WithFix("use target loihi2 with rule %s; or freeze the hidden layers; or make each layer that shall learn the last one of a model of its own", RuleDecolle)
	}
}
