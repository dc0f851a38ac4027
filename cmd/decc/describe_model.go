package main

import (
	"fmt"

	"decc/compiler/model"
)

// describeModel reads the text only: what the model names may be elsewhere.
func describeModel(name string, data []byte) (*description, error) {
	m, err := model.Parse(name, data)
	if err != nil {
		return nil, err
	}
	d := &description{Kind: m.Flavour() + " model"}
	d.add("name", m.Name)
	d.add("target", orDash(m.Target))
	d.add("dt", m.Dt.String())
	switch {
	case m.Fixed != nil:
		describeFixed(d, m.Fixed)
	case m.Spiking != nil:
		describeSpiking(d, m.Spiking)
	default:
		describeDecolle(d, m.Decolle)
	}
	return d, nil
}

func describeSpiking(d *description, s *model.Spiking) {
	d.add("integration", s.Integration)
	d.addTable("populations", []string{"name", "kind", "neurons"}, tableOf(s.Populations, func(p model.Population) []any {
		return []any{p.Name, p.Cell.Kind, p.Size}
	}))
	d.addTable("connections", []string{"name", "from", "to"}, tableOf(s.Connections, func(c model.Connection) []any {
		return []any{c.Name, c.From, c.To}
	}))
}

func describeFixed(d *description, f *model.Fixed) {
	d.add("semantics", f.Semantics)
	d.addTable("groups", []string{"name", "program", "members"}, tableOf(f.Groups, func(g model.Group) []any {
		return []any{g.Name, g.Neuron, g.Size}
	}))
	d.addTable("synapses", []string{"name", "from", "to"}, tableOf(f.Synapses, func(s model.Synapse) []any {
		return []any{s.Name, s.From, s.To}
	}))
}

func describeDecolle(d *description, n *model.Decolle) {
	d.add("input", fmt.Sprint(n.Input.Shape))
	d.add("neuron", n.Neuron.Model)
	if n.Weights != nil {
		d.add("weights", n.Weights.File)
	}
	d.addTable("layers", []string{"name", "kind", "size"}, tableOf(n.Layers, func(l model.Layer) []any {
		if l.Conv != nil {
			return []any{l.Name, "conv", l.Conv.Channels}
		}
		return []any{l.Name, "dense", l.Dense}
	}))
}
