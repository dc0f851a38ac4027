package irgen

import (
	"iter"
	"slices"

	"decc/ir"
	"decc/ir/sem"
)

// plainerPrograms replaces values by one of their arguments or by 0, fields by
// their default, and takes away names and outputs.
func plainerPrograms(c Case) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for k, p := range c.Module.Programs {
			for smaller := range programReductions(p) {
				next, ok := c.withProgram(k, smaller)
				if ok && !yield(next) {
					return
				}
			}
		}
	}
}

// withProgram replaces program k by the canonical form of p, if that has less code
// or fewer fields than before.
func (c Case) withProgram(k int, p sem.Program) (Case, bool) {
	old := c.Module.Programs[k]
	if p.Check() != nil {
		return c, false
	}
	canonical, err := ir.ParseProgram(ir.ProgramText(&p), p.Name+".dcir", sem.Silicon)
	if err != nil || programSize(&canonical.Program) >= programSize(&old.Program) {
		return c, false
	}
	return c.edit(func(m *ir.Module) {
		*m.Programs[k] = ir.Program{Program: canonical.Program, Pos: old.Pos}
		for _, g := range m.Groups {
			g.Params = slices.DeleteFunc(g.Params, func(q ir.Param) bool { return g.Program.FieldIndex(q.Name) < 0 })
		}
	}), true
}

// programSize orders programs: fields, code that is no constant, names, outputs.
func programSize(p *sem.Program) int {
	size := 0
	for _, f := range p.Fields {
		size += 1000
		if f.Default != 0 {
			size++
		}
	}
	for _, c := range p.Code {
		size++
		if c.Op != sem.OpConst {
			size += 100
		}
		if c.Name != "" {
			size += 10
		}
	}
	for _, r := range []sem.Ref{p.Spike, p.Payload, p.Out} {
		if r != sem.NoRef {
			size += 10
		}
	}
	return size
}

func programReductions(p *ir.Program) iter.Seq[sem.Program] {
	return func(yield func(sem.Program) bool) {
		for _, output := range []func(q *sem.Program) *sem.Ref{
			func(q *sem.Program) *sem.Ref { return &q.Payload }, func(q *sem.Program) *sem.Ref { return &q.Out }, func(q *sem.Program) *sem.Ref { return &q.Spike },
		} {
			q := cloned(&p.Program)
			*output(&q) = sem.NoRef
			if !yield(q) {
				return
			}
		}
		for i := range p.Code {
			if !unnamed(p, i, yield) || !replaced(p, i, yield) {
				return
			}
		}
		for f := range p.Fields {
			if !yield(withoutField(&p.Program, f)) {
				return
			}
		}
	}
}

func cloned(p *sem.Program) sem.Program {
	q := *p
	q.Fields, q.Code, q.Next = slices.Clone(p.Fields), slices.Clone(p.Code), slices.Clone(p.Next)
	return q
}

// unnamed takes the name of one value away, and the value with it if nothing reads it.
func unnamed(p *ir.Program, i int, yield func(sem.Program) bool) bool {
	if p.Code[i].Name == "" {
		return true
	}
	q := cloned(&p.Program)
	q.Code[i].Name = ""
	return yield(q)
}

// replaced puts an argument of a value, or 0, in its place wherever it is read.
func replaced(p *ir.Program, i int, yield func(sem.Program) bool) bool {
	slot, c := sem.Ref(len(p.Fields)+i), p.Code[i]
	for _, a := range c.Args[:sem.Ops[c.Op].Arity] {
		q := cloned(&p.Program)
		q.Code[i].Name = ""
		rewire(&q, func(r sem.Ref) sem.Ref {
			if r == slot {
				return a
			}
			return r
		})
		if !yield(q) {
			return false
		}
	}
	if c.Op == sem.OpConst {
		return true
	}
	q := cloned(&p.Program)
	q.Code[i] = sem.Instr{Op: sem.OpConst}
	return yield(q)
}

// withoutField reads the default where the field was read. Instructions keep their
// slots: there is one field less and one constant more before them.
func withoutField(p *sem.Program, f int) sem.Program {
	q := cloned(p)
	constant := sem.Ref(len(p.Fields) - 1)
	q.Fields, q.Next = slices.Delete(q.Fields, f, f+1), slices.Delete(q.Next, f, f+1)
	rewire(&q, func(r sem.Ref) sem.Ref {
		switch {
		case int(r) == f:
			return constant
		case int(r) > f && int(r) < len(p.Fields):
			return r - 1
		}
		return r
	})
	q.Code = slices.Insert(q.Code, 0, sem.Instr{Op: sem.OpConst, K: [2]int64{p.Fields[f].Default}})
	return q
}

// rewire maps every slot that the program reads.
func rewire(p *sem.Program, to func(r sem.Ref) sem.Ref) {
	for i := range p.Code {
		for j := range sem.Ops[p.Code[i].Op].Arity {
			p.Code[i].Args[j] = to(p.Code[i].Args[j])
		}
	}
	for i := range p.Next {
		p.Next[i] = to(p.Next[i])
	}
	for _, r := range []*sem.Ref{&p.Spike, &p.Payload, &p.Out} {
		if *r != sem.NoRef {
			*r = to(*r)
		}
	}
}
