package ir

import (
	"math"

	"decc/ir/diag"
	"decc/ir/sem"
)

// Builder makes a module step by step. Groups come before the steps that name them.
// Errors are collected; Build reports them all. Slices that are passed in are copied.
type Builder struct {
	m     *Module
	diags diag.List
}

// End is one synapse of a list: from member Pre to member Post with a mantissa and
// a delay of 0..63 rows.
type End struct{ Pre, Post, Mantissa, Delay int }

// NewBuilder begins a module of stage quantised.
func NewBuilder(name string, profile sem.ProfileID) *Builder {
	return &Builder{m: &Module{Name: name, Profile: profile}}
}

func (b *Builder) fail(code, format string, args ...any) *Builder {
	b.diags.Add(diag.Pos{}, code, format, args...)
	return b
}

// At sets the stage and the chip ("" for none).
func (b *Builder) At(stage Stage, chip string) *Builder {
	b.m.Stage, b.m.Chip = stage, chip
	return b
}

// Dt sets the duration of a row in nanoseconds.
func (b *Builder) Dt(nanos int64) *Builder {
	b.m.DtNanos = nanos
	return b
}

// Seed sets the key of the module's random bits.
func (b *Builder) Seed(seed uint64) *Builder {
	b.m.Seed = seed
	return b
}

// Program adds a program by its text (see ParseProgram).
func (b *Builder) Program(text string) *Builder {
	p, err := ParseProgram(text, "program.dcir", b.m.Profile)
	if err != nil {
		b.diags = append(b.diags, diag.All(err)...)
		return b
	}
	p.At = diag.Pos{}
	b.m.Programs = append(b.m.Programs, p)
	return b
}

// Input adds n spike sources with plain spikes.
func (b *Builder) Input(name string, n int) *Builder { return b.GradedInput(name, n, sem.Type{}) }

// GradedInput adds n spike sources whose spikes carry values of a type of at most 32 bits.
func (b *Builder) GradedInput(name string, n int, payload sem.Type) *Builder {
	b.m.Inputs = append(b.m.Inputs, &Input{Name: name, N: n, Payload: payload})
	return b
}

// Group adds n compartments of a program of the module or, where the module has
// none of that name, of a builtin one, which it adds.
func (b *Builder) Group(name, program string, n int) *Builder {
	p := b.m.ProgramByName(program)
	if p == nil {
		builtin, err := Builtin(program, b.m.Profile)
		if err != nil {
			b.diags = append(b.diags, diag.All(err)...)
			return b
		}
		p = builtin
		b.m.Programs = append(b.m.Programs, p)
	}
	b.m.Groups = append(b.m.Groups, &Group{Name: name, N: n, Program: p})
	return b
}

// Param sets a param of a group made before: one value for all or one a compartment.
func (b *Builder) Param(group, param string, values ...int64) *Builder {
	g := b.m.GroupByName(group)
	if g == nil {
		return b.fail("ir/reference", "param %s: no group is named @%s yet", param, group)
	}
	if f := g.Program.FieldIndex(param); f < 0 || g.Program.Fields[f].Kind != sem.Param {
		return b.fail("ir/param", "group @%s: program @%s has no param %q", group, g.Program.Name, param)
	}
	if t, ok := b.tensor("group @"+group+": param "+param, values, len(values)); ok {
		g.SetParam(param, t)
	}
	return b
}

// tensor copies values of at most 32 bits.
func (b *Builder) tensor(what string, values []int64, shape ...int) (*Tensor, bool) {
	for i, x := range values {
		if x < math.MinInt32 || x > math.MaxInt32 {
			b.fail("ir/number", "%s: value %d is %d, outside 32 bits", what, i, x)
			return nil, false
		}
	}
	return NewTensor(values, shape...), true
}

// Reset makes a group start anew before every row k with (k+1) mod interval = offset.
func (b *Builder) Reset(group string, interval, offset int) *Builder {
	g := b.m.GroupByName(group)
	if g == nil {
		return b.fail("ir/reference", "reset: no group is named @%s yet", group)
	}
	g.Reset = Reset{interval, offset}
	return b
}

// Dense adds a matrix of mantissas, row-major [post][pre], between groups made before.
func (b *Builder) Dense(name, pre, post, port string, f sem.WeightFormat, mantissas []int64) *Builder {
	n, okPre := b.m.SourceSize(pre)
	g := b.m.GroupByName(post)
	if !okPre || g == nil {
		return b.fail("ir/reference", "synapse @%s: @%s or @%s does not exist yet", name, pre, post)
	}
	w, ok := b.tensor("synapse @"+name, mantissas, g.N, n)
	if ok {
		b.m.Synapses = append(b.m.Synapses, &Synapse{Name: name, Pre: pre, Post: post, Port: port, Format: f, Weights: w})
	}
	return b
}

// List adds single synapses, in order.
func (b *Builder) List(name, pre, post, port string, f sem.WeightFormat, list []End) *Builder {
	var mantissas, ends, delays []int64
	delayed := false
	for _, e := range list {
		mantissas = append(mantissas, int64(e.Mantissa))
		ends = append(ends, int64(e.Pre), int64(e.Post))
		delays = append(delays, int64(e.Delay))
		delayed = delayed || e.Delay != 0
	}
	s := &Synapse{Name: name, Pre: pre, Post: post, Port: port, Format: f}
	what := "synapse @" + name
	var ok [3]bool
	s.Weights, ok[0] = b.tensor(what, mantissas, len(list))
	s.PrePost, ok[1] = b.tensor(what+": ends", ends, len(list), 2)
	ok[2] = true
	if delayed {
		s.Delay, ok[2] = b.tensor(what+": delays", delays, len(list))
	}
	if ok == [3]bool{true, true, true} {
		b.m.Synapses = append(b.m.Synapses, s)
	}
	return b
}

// Delay sets the delays of a synapse made before, in rows: one for all, or one a
// weight in the order of the weights.
func (b *Builder) Delay(synapse string, rows ...int64) *Builder {
	return b.synapse(synapse, func(s *Synapse) {
		shape := []int{len(rows)}
		if len(rows) != 1 && len(rows) == s.Weights.Len() {
			shape = s.Weights.Shape
		}
		if t, ok := b.tensor("synapse @"+synapse+": delays", rows, shape...); ok {
			s.Delay = t
		}
	})
}

// Graded makes a synapse made before multiply its weights by the payload of the spike.
func (b *Builder) Graded(synapse string) *Builder {
	return b.synapse(synapse, func(s *Synapse) { s.Graded = true })
}

func (b *Builder) synapse(name string, change func(*Synapse)) *Builder {
	s := find(b.m.Synapses, func(s *Synapse) bool { return s.Name == name })
	if s == nil {
		return b.fail("ir/reference", "no synapse is named @%s yet", name)
	}
	change(s)
	return b
}

// Join adds the out value of each compartment of one group to a port of the
// compartment of the same number of another, in the same row.
func (b *Builder) Join(from, to, port string) *Builder {
	b.m.Joins = append(b.m.Joins, &Join{From: from, To: to, Port: port})
	return b
}

// Layer tells the host what a layer of the model became.
func (b *Builder) Layer(l Layer) *Builder {
	b.m.Layers = append(b.m.Layers, &l)
	return b
}

// Build returns the module if it passes Verify, else a diag.List. The builder must
// not be used after it.
func (b *Builder) Build() (*Module, error) {
	if err := b.diags.Err(); err != nil {
		return nil, err
	}
	if err := Verify(b.m); err != nil {
		return nil, err
	}
	return b.m, nil
}
