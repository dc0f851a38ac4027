package compiler

import (
	"slices"

	"decc/compiler/model"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
)

// Assemble turns a model that is already in chip terms into a quantised module.
// Nothing is rounded; the error is a diag.List with places in the model.
func Assemble(m *model.Model) (*ir.Module, error) {
	f := m.Fixed
	a := &assembler{fixed: f, module: &ir.Module{Name: m.Name, Profile: f.Profile, Seed: f.Seed, DtNanos: m.Dt.Nanoseconds()}}
	for _, in := range f.Inputs {
		a.module.Inputs = append(a.module.Inputs, &ir.Input{Name: in.Name, N: in.Size, Pos: in.Pos})
	}
	for _, g := range f.Groups {
		a.group(g)
	}
	if err := a.found.Err(); err != nil {
		return nil, err
	}
	for _, s := range f.Synapses {
		a.synapse(s)
	}
	for _, j := range f.Joins {
		a.module.Joins = append(a.module.Joins, &ir.Join{From: j.From, To: j.To, Port: j.Port, Pos: j.Pos})
	}
	for _, l := range f.Layers {
		a.module.Layers = append(a.module.Layers, &ir.Layer{
			Name: l.Name, Spikes: l.Spikes, SpikesLag: l.SpikesLag, Readout: l.Readout, Value: l.Value, ReadoutLag: l.ReadoutLag, Pos: l.Pos,
		})
	}
	if err := a.found.Err(); err != nil {
		return nil, err
	}
	return a.module, ir.Verify(a.module)
}

type assembler struct {
	fixed  *model.Fixed
	module *ir.Module
	found  diag.List
}

func (a *assembler) group(g model.Group) {
	program := a.program(g)
	if program == nil {
		return
	}
	group := &ir.Group{Name: g.Name, N: g.Size, Program: program, Pos: g.Pos}
	if g.Reset != nil {
		group.Reset = ir.Reset{Interval: g.Reset.Interval, Offset: g.Reset.Offset}
	}
	for _, p := range g.Params {
		if i := program.FieldIndex(p.Name); i < 0 || program.Fields[i].Kind != sem.Param {
			a.unknownParam(program, p)
			continue
		}
		if t := a.tensor(p.Values.Data, p.Pos, "param "+p.Name); t != nil {
			group.SetParam(p.Name, t)
		}
	}
	a.module.Groups = append(a.module.Groups, group)
}

func (a *assembler) unknownParam(program *ir.Program, p model.Param) {
	var names []string
	for _, i := range program.FieldsOf(sem.Param) {
		names = append(names, program.Fields[i].Name)
	}
	d := a.found.Add(p.Pos, codeParam, "program %q has no param %q", program.Name, p.Name).WithNote("it has %v", names)
	if near, ok := diag.Nearest(p.Name, names); ok {
		d.WithFix("did you mean %q?", near)
	}
}

// program finds the user's program or the built-in one of that name, once each.
func (a *assembler) program(g model.Group) *ir.Program {
	if p := a.module.ProgramByName(g.Neuron); p != nil {
		return p
	}
	p, err := a.read(g)
	if err != nil {
		a.fail(g.Pos, err)
		return nil
	}
	a.module.Programs = append(a.module.Programs, p)
	return p
}

func (a *assembler) read(g model.Group) (*ir.Program, error) {
	for _, own := range a.fixed.Programs {
		if own.Name != g.Neuron {
			continue
		}
		p, err := ir.ParseProgram(string(own.Text), own.Path, a.fixed.Profile)
		if err == nil && p.Name != own.Name {
			err = diag.Errorf(own.Pos, codeProgram, "%s defines @%s, the model calls it %q", own.File, p.Name, own.Name)
		}
		return p, err
	}
	return ir.Builtin(g.Neuron, a.fixed.Profile)
}

// fail adds an error; one without a place gets pos.
func (a *assembler) fail(pos diag.Pos, err error) {
	all := diag.All(err)
	if all == nil {
		a.found.Add(pos, codeProgram, "%v", err)
	}
	for _, d := range all {
		if d.Pos.IsZero() {
			d.Pos = pos
		}
		a.found = append(a.found, d)
	}
}

// tensor makes a tensor of values that fit 32 bits.
func (a *assembler) tensor(x []int64, pos diag.Pos, what string, shape ...int) *ir.Tensor {
	for i, v := range x {
		if v != int64(int32(v)) {
			a.found.Add(pos, codeParam, "%s: value %d of element %d does not fit 32 bits", what, v, i)
			return nil
		}
	}
	if len(shape) == 0 {
		shape = []int{len(x)}
	}
	return ir.NewTensor(x, shape...)
}

// synapse adds a connection; one of sign "split" becomes an excitatory and an
// inhibitory one, which together keep the lowest bit of every weight.
func (a *assembler) synapse(s model.Synapse) {
	if !s.Split {
		a.connection(s, s.Name, s.SignMode, s.Mantissas)
		return
	}
	excitatory, inhibitory := make([]int64, len(s.Mantissas)), make([]int64, len(s.Mantissas))
	for i, m := range s.Mantissas {
		excitatory[i], inhibitory[i] = max(m, 0), min(m, 0)
	}
	halves := []struct {
		suffix    string
		sign      sem.SignMode
		mantissas []int64
	}{{"-exc", sem.Excitatory, excitatory}, {"-inh", sem.Inhibitory, inhibitory}}
	for _, h := range halves {
		if slices.ContainsFunc(h.mantissas, func(m int64) bool { return m != 0 }) {
			a.connection(s, s.Name+h.suffix, h.sign, h.mantissas)
		}
	}
}

func (a *assembler) connection(s model.Synapse, name string, sign sem.SignMode, mantissas []int64) {
	to := &ir.Synapse{
		Name: name, Pre: s.From, Post: s.To, Port: s.Port, Graded: s.Graded, Pos: s.Pos,
		Format: sem.WeightFormat{Bits: s.Bits, Exp: s.Exp, Sign: sign},
	}
	switch {
	case s.Slide != nil:
		to.Weights, to.Conv = a.tensor(mantissas, s.Pos, name, s.KernelShape...), s.Slide
	case s.Ends != nil:
		to.Weights = a.tensor(mantissas, s.Pos, name)
		to.PrePost = ends(s.Ends)
	default:
		pre, _ := a.module.SourceSize(s.From)
		post, _ := a.module.SourceSize(s.To)
		to.Weights = a.tensor(mantissas, s.Pos, name, post, pre)
	}
	if to.Weights == nil {
		return
	}
	if len(s.Delays) == 1 {
		to.Delay = ir.Scalar(s.Delays[0])
	} else if len(s.Delays) > 1 {
		to.Delay = ir.NewTensor(s.Delays, to.Weights.Shape...)
	}
	a.module.Synapses = append(a.module.Synapses, to)
}

func ends(pairs [][2]int) *ir.Tensor {
	x := make([]int64, 0, 2*len(pairs))
	for _, e := range pairs {
		x = append(x, int64(e[0]), int64(e[1]))
	}
	return ir.NewTensor(x, len(pairs), 2)
}
