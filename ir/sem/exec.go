package sem

import "slices"

// Exec runs one program over lanes: n compartments at once, integers or reals.
// It owns the slot memory; a caller fills the inputs of a row, calls Step, reads
// the outputs and calls Commit. An Exec is used by one goroutine at a time.
//
// Only what the states, the spike, the payload and the join value need is
// computed; Observe adds a value that a probe wants to see.
type Exec[V int64 | float64] struct {
	prog   *Program
	slots  [][]V
	n      int
	states []int
	next   [][]V
	steps  []step[V]
	wanted []Ref
}

type step[V int64 | float64] struct {
	run        func(d, a, b, c []V, k [2]int64)
	d, a, b, c []V
	k          [2]int64
}

// NewExec prepares p for n compartments with every state and param at its default.
func NewExec[V int64 | float64](p *Program, n int) *Exec[V] {
	e := &Exec[V]{prog: p, n: n, states: p.FieldsOf(State)}
	block := make([]V, p.Slots()*n)
	for i := range p.Slots() {
		e.slots = append(e.slots, block[i*n:(i+1)*n:(i+1)*n])
	}
	e.next = make([][]V, len(e.states))
	for i := range e.next {
		e.next[i] = make([]V, n)
	}
	for i, f := range p.Fields {
		fill(e.slots[i], V(f.Default))
	}
	e.link()
	return e
}

// Observe makes sure that the value is computed each row.
func (e *Exec[V]) Observe(r Ref) {
	if !slices.Contains(e.wanted, r) {
		e.wanted = append(e.wanted, r)
		e.link()
	}
}

// link lists the live instructions in order with their memory resolved.
func (e *Exec[V]) link() {
	live := e.prog.Live(e.wanted...)
	e.steps = e.steps[:0]
	base := Ref(len(e.prog.Fields))
	for i := range e.prog.Code {
		if !live[int(base)+i] {
			continue
		}
		c := &e.prog.Code[i]
		s := step[V]{run: meaning[V](c.Op), d: e.slots[base+Ref(i)], k: c.K}
		for j, into := range []*[]V{&s.a, &s.b, &s.c}[:Ops[c.Op].Arity] {
			*into = e.slots[c.Args[j]]
		}
		e.steps = append(e.steps, s)
	}
}

func meaning[V int64 | float64](op Op) func(d, a, b, c []V, k [2]int64) {
	var f any = Ops[op].Int
	var zero V
	if _, isReal := any(zero).(float64); isReal {
		f = Ops[op].Real
	}
	return f.(func(d, a, b, c []V, k [2]int64))
}

// N is the number of compartments.
func (e *Exec[V]) N() int { return e.n }

// Program is what e runs.
func (e *Exec[V]) Program() *Program { return e.prog }

// Slot is the memory of a value, one lane a compartment: before Step the inputs of
// the row (fields), after it everything live that the row computed. A state's own
// slot holds the value before the row until Commit.
func (e *Exec[V]) Slot(r Ref) []V { return e.slots[r] }

// Step computes the live values of the row from the fields.
func (e *Exec[V]) Step() {
	for i := range e.steps {
		s := &e.steps[i]
		s.run(s.d, s.a, s.b, s.c, s.k)
	}
}

// Commit makes the next values of the states their values.
func (e *Exec[V]) Commit() {
	fields := Ref(len(e.prog.Fields))
	for i, s := range e.states {
		if r := e.prog.Next[s]; r < fields {
			copy(e.next[i], e.slots[r])
		}
	}
	for i, s := range e.states {
		from := e.next[i]
		if r := e.prog.Next[s]; r >= fields {
			from = e.slots[r]
		}
		copy(e.slots[s], from)
	}
}

// Reset puts every state back to its default.
func (e *Exec[V]) Reset() {
	for _, s := range e.states {
		fill(e.slots[s], V(e.prog.Fields[s].Default))
	}
}

// Live marks the slots that the outputs of p depend on, and the extra ones.
func (p *Program) Live(extra ...Ref) []bool {
	live := make([]bool, p.Slots())
	roots := append(slices.Clone(p.Next), p.Spike, p.Payload, p.Out)
	for _, r := range append(roots, extra...) {
		if r != NoRef {
			live[r] = true
		}
	}
	for i := len(p.Code) - 1; i >= 0; i-- {
		if !live[len(p.Fields)+i] {
			continue
		}
		c := p.Code[i]
		for _, r := range c.Args[:Ops[c.Op].Arity] {
			live[r] = true
		}
	}
	return live
}
