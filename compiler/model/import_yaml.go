package model

import (
	"fmt"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// yaml writes the model that a plan is.
func (p *plan) yaml(o ImportOptions) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Imported from %s by decc.", comment(filepath.Base(o.Checkpoint)))
	line("decc: 1")
	line("name: %s", p.name)
	line("dt: %s", p.dt)
	line("input: {shape: %s}", flow(p.input))
	line("neuron: {model: LIFLayer, alpha: %v, beta: %v, alpharp: %v, wrp: %v}", p.alpha, p.beta, p.alpharp, p.wrp)
	line("layers:")
	for i, l := range p.layers {
		line("  - {name: %s, %s%s}", l.name, l.yaml(), p.regulariserOf(i))
	}
	line("readout: {classes: %d, lc_ampl: %v}", p.classes, p.lcAmpl)
	line("weights: {file: %s}", scalar(p.weightsFile))
	p.dataYAML(line)
	line("train:")
	line("  optimiser: {kind: adamax, lr: %v, beta1: %v, beta2: %v}", p.lr, p.beta1, p.beta2)
	line("  batch: %d", p.batch)
	line("  dropout: %v", p.dropout)
	line("  update: %s", p.update)
	if p.trainSteps > 0 {
		line("  steps: %d", p.trainSteps)
	}
	return []byte(b.String())
}

func (p *plan) dataYAML(line func(format string, args ...any)) {
	if p.set == "" {
		line("# Add what it is to be run on:")
		line("# data: {set: mnist, steps: %d, burn_in: %d}", p.steps, p.burnIn)
		return
	}
	line("data: {set: %s, steps: %d, burn_in: %d}", scalar(p.set), p.steps, p.burnIn)
}

func (l *planLayer) yaml() string {
	if c := l.conv; c != nil {
		return fmt.Sprintf("conv: {channels: %d, kernel: %d, stride: %d, padding: %d, pool: %d}", c.Channels, c.Kernel, c.Stride, c.Padding, c.Pool)
	}
	return fmt.Sprintf("dense: %d", l.out)
}

// regulariserOf is the regulariser of layer i where it has one; a single number is
// that of all layers.
func (p *plan) regulariserOf(i int) string {
	if len(p.regularisers) == 1 {
		i = 0
	}
	if i < len(p.regularisers) && p.regularisers[i] != 0 {
		return fmt.Sprintf(", regulariser: %v", p.regularisers[i])
	}
	return ""
}

func flow(list []int) string { return strings.ReplaceAll(fmt.Sprint(list), " ", ", ") }

// scalar writes a text as a YAML value inside braces.
func scalar(s string) string {
	n := yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}}}
	text, err := yaml.Marshal(&n)
	if err != nil {
		return fmt.Sprintf("%q", s)
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(text)), "["), "]")
}

// comment keeps a text on one line.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s)
}
