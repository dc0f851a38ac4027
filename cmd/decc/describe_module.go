package main

import (
	"strings"

	"decc/ir"
	"decc/ir/sem"
)

func describeModule(name string, data []byte) (*description, error) {
	m, err := ir.Parse(string(data), name)
	if err != nil {
		return nil, err
	}
	if err := ir.Verify(m); err != nil {
		return nil, err
	}
	d := &description{Kind: "module"}
	d.add("name", m.Name)
	d.add("stage", m.Stage.String())
	d.add("chip", orDash(m.Chip))
	d.add("semantics", m.Profile.String())
	d.add("digest", ir.Digest(m))
	d.add("compartments", compartments(m))
	d.add("synapse count", countSynapses(m))
	d.add("core count", len(m.Cores))
	d.add("route count", len(m.Routes))
	d.addTable("inputs", []string{"name", "members"}, tableOf(m.Inputs, func(in *ir.Input) []any { return []any{in.Name, in.N} }))
	d.addTable("groups", []string{"name", "program", "members", "params"}, tableOf(m.Groups, func(g *ir.Group) []any {
		return []any{g.Name, g.Program.Name, g.N, paramNames(g)}
	}))
	d.addTable("synapses", []string{"name", "from", "to", "form", "count", "bits", "exp", "delay"}, tableOf(m.Synapses, synapseRow))
	d.addTable("layers", []string{"name", "spikes", "readout"}, tableOf(m.Layers, func(l *ir.Layer) []any {
		return []any{l.Name, l.Spikes, orDash(l.Readout)}
	}))
	return d, nil
}

func tableOf[T any](list []T, row func(T) []any) [][]any {
	rows := make([][]any, len(list))
	for i, x := range list {
		rows[i] = row(x)
	}
	return rows
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func compartments(m *ir.Module) int {
	n := 0
	for _, g := range m.Groups {
		n += g.N
	}
	return n
}

func countSynapses(m *ir.Module) int {
	n := 0
	for _, s := range m.Synapses {
		n += stored(s)
	}
	return n
}

// stored is the number of synapses of an object, the empty places of a matrix left out.
func stored(s *ir.Synapse) int {
	n := 0
	s.Each(func(int, int, int64, int) { n++ })
	return n
}

func paramNames(g *ir.Group) string {
	var names []string
	for _, p := range g.Params {
		name := p.Name
		if p.Values.Len() > 1 {
			name += "[]"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func synapseRow(s *ir.Synapse) []any {
	form, longest := "dense", 0
	switch {
	case s.IsList():
		form = "list"
	case s.IsConv():
		form = "conv"
	}
	s.Each(func(_, _ int, _ int64, delay int) { longest = max(longest, delay) })
	return []any{s.Name, s.Pre, s.Post + "." + s.Port, form, stored(s), s.Format.Bits, s.Format.Exp, longest}
}

// describeProgram reads the program under the default profile; the profile decides
// types and operations and nothing of what is told here but the cost.
func describeProgram(name string, data []byte) (*description, error) {
	p, err := ir.ParseProgram(string(data), name, sem.Silicon)
	if err != nil {
		return nil, err
	}
	d := &description{Kind: "neuron program"}
	d.add("name", p.Name)
	d.add("cost", p.Cost())
	d.add("observables", strings.Join(p.Observables(), " "))
	var rows [][]any
	for _, f := range p.Fields {
		rows = append(rows, []any{f.Name, f.Kind.String(), f.Type.String(), f.Default})
	}
	d.addTable("fields", []string{"name", "kind", "type", "default"}, rows)
	return d, nil
}
