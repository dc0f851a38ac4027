package compiler

import (
	"slices"

	"decc/ir"
)

// clone copies a module so far that a pass can change the copy: every list and
// object is new, tensors and the code of programs are shared.
func clone(m *ir.Module) *ir.Module {
	c := *m
	c.Programs = copies(m.Programs)
	c.Inputs = copies(m.Inputs)
	c.Groups = copies(m.Groups)
	c.Synapses = copies(m.Synapses)
	c.Rules = copies(m.Rules)
	c.Joins = copies(m.Joins)
	c.Layers = copies(m.Layers)
	c.Cores = copies(m.Cores)
	c.Routes = slices.Clone(m.Routes)
	for _, g := range c.Groups {
		g.Params = slices.Clone(g.Params)
		g.Program = c.Programs[slices.Index(m.Programs, g.Program)]
	}
	for _, k := range c.Cores {
		k.Runs = slices.Clone(k.Runs)
	}
	return &c
}

// copies makes new objects with the old values, in one block.
func copies[T any](list []*T) []*T {
	if list == nil {
		return nil
	}
	block, out := make([]T, len(list)), make([]*T, len(list))
	for i, x := range list {
		block[i] = *x
		out[i] = &block[i]
	}
	return out
}
