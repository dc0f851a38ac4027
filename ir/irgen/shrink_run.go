package irgen

import (
	"iter"
	"maps"
	"slices"

	"decc/ir"
	"decc/ir/spikes"
)

// fewerRows halves the run, ends it one row earlier or starts it one row later.
func fewerRows(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for _, smaller := range []Case{c.cut(c.Rows / 2), c.cut(c.Rows - 1), c.later()} {
			if smaller.Rows > 0 && smaller.Rows < c.Rows && !yield(smaller) {
				return
			}
		}
	}
}

// later leaves out the first row; its events go.
func (c Case) later() Case {
	inputs := map[string]spikes.Train{}
	for name, t := range c.Inputs {
		for _, e := range t {
			if e.Row--; e.Row >= 0 {
				inputs[name] = append(inputs[name], e)
			}
		}
	}
	c.Inputs, c.Rows = inputs, c.Rows-1
	return c
}

// cut ends the run after a number of rows; later events go.
func (c Case) cut(rows int) Case {
	inputs := map[string]spikes.Train{}
	for name, t := range c.Inputs {
		inputs[name] = slices.DeleteFunc(slices.Clone(t), func(e spikes.Event) bool { return int(e.Row) >= rows })
	}
	c.Inputs, c.Rows = inputs, rows
	return c
}

// fewerEvents leaves out chunks of the events of each input, then plain payloads.
func fewerEvents(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for _, in := range c.Module.Inputs {
			t := c.Inputs[in.Name]
			for from, to := range chunks(len(t)) {
				if !yield(c.withTrain(in.Name, without(t, from, to))) {
					return
				}
			}
			for i, e := range t {
				if e.Payload == 1 {
					continue
				}
				plain := slices.Clone(t)
				plain[i].Payload = 1
				if !yield(c.withTrain(in.Name, plain)) {
					return
				}
			}
		}
	}
}

func (c Case) withTrain(name string, t spikes.Train) Case {
	c.Inputs = maps.Clone(c.Inputs)
	c.Inputs[name] = t
	if len(t) == 0 {
		delete(c.Inputs, name)
	}
	return c
}

// fewerInputs leaves out an input with its synapses and events.
func fewerInputs(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for i, in := range c.Module.Inputs {
			smaller := c.withTrain(in.Name, nil).edit(func(m *ir.Module) {
				m.Inputs = without(m.Inputs, i, i+1)
				m.Synapses = slices.DeleteFunc(m.Synapses, func(s *ir.Synapse) bool { return s.Pre == in.Name })
			})
			if !yield(smaller) {
				return
			}
		}
	}
}

// fewerGroups leaves out a group with all that touches it.
func fewerGroups(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for _, g := range c.Module.Groups {
			if !yield(c.edit(func(m *ir.Module) { dropGroup(m, g.Name) })) {
				return
			}
		}
	}
}

func dropGroup(m *ir.Module, name string) {
	m.Groups = slices.DeleteFunc(m.Groups, func(g *ir.Group) bool { return g.Name == name })
	m.Synapses = slices.DeleteFunc(m.Synapses, func(s *ir.Synapse) bool { return s.Pre == name || s.Post == name })
	m.Joins = slices.DeleteFunc(m.Joins, func(j *ir.Join) bool { return j.From == name || j.To == name })
	m.Layers = slices.DeleteFunc(m.Layers, func(l *ir.Layer) bool { return l.Spikes == name || l.Readout == name })
}
