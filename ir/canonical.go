package ir

import (
	"fmt"
	"maps"
	"slices"

	"decc/ir/sem"
)

// maxDepth is the deepest nesting of a printed expression; deeper values get a
// name of their own.
const maxDepth = 32

// canonical returns p in the one form that its text has: unnamed code that
// nothing needs is gone; equal constants share a slot; a value has a name where
// it is used more than once, is a state's next value or lies too deep; code
// stands in the order in which the printed text computes it. p must pass Check.
func canonical(p *sem.Program) *sem.Program {
	c := &canonicaliser{p: p, fields: sem.Ref(len(p.Fields)), names: make([]string, len(p.Code))}
	c.keepNames()
	c.nameStates()
	c.nameShared()
	return c.rebuild()
}

type canonicaliser struct {
	p      *sem.Program
	fields sem.Ref
	names  []string // name of each instruction, "" for none
	out    *sem.Program
	moved  []sem.Ref // new slot of each old one, NoRef before it has one
	consts map[int64]sem.Ref
}

func (c *canonicaliser) isConst(i int) bool { return c.p.Code[i].Op == sem.OpConst }

// keepNames takes over the names that a text could give: of several equal ones
// the last, as probes see it.
func (c *canonicaliser) keepNames() {
	seen := map[string]bool{}
	for i, in := range slices.Backward(c.p.Code) {
		name := in.Name
		if c.isConst(i) || !validIdent(name) || seen[name] {
			continue
		}
		if f := c.p.FieldIndex(name); f >= 0 && (c.p.Fields[f].Kind != sem.State || c.p.Next[f] != c.fields+sem.Ref(i)) {
			continue
		}
		seen[name] = true
		c.names[i] = name
	}
}

// nameStates gives a nameless next value the name of its state.
func (c *canonicaliser) nameStates() {
	for f, r := range c.p.Next {
		if i := int(r - c.fields); i >= 0 && !c.isConst(i) && c.names[i] == "" {
			c.names[i] = c.p.Fields[f].Name
		}
	}
}

// nameShared names what is read more than once or lies too deep.
func (c *canonicaliser) nameShared() {
	uses, fresh := c.uses(), newFresh(c.p, c.names)
	depth := make([]int, len(c.p.Code))
	for i, in := range c.p.Code {
		if c.isConst(i) || c.names[i] != "" || uses[i] == 0 {
			continue
		}
		for _, a := range in.Args[:sem.Ops[in.Op].Arity] {
			if j := int(a - c.fields); j >= 0 {
				depth[i] = max(depth[i], depth[j]+1)
			}
		}
		if uses[i] > 1 || depth[i] >= maxDepth {
			c.names[i], depth[i] = fresh.next(), 0
		}
	}
}

// uses counts the readers of each instruction among what is live or named.
func (c *canonicaliser) uses() []int {
	uses := make([]int, len(c.p.Code))
	count := func(r sem.Ref) {
		if r >= c.fields {
			uses[r-c.fields]++
		}
	}
	for _, r := range []sem.Ref{c.p.Spike, c.p.Payload, c.p.Out} {
		count(r)
	}
	for i := len(c.p.Code) - 1; i >= 0; i-- {
		if uses[i] == 0 && c.names[i] == "" {
			continue
		}
		in := c.p.Code[i]
		for _, a := range in.Args[:sem.Ops[in.Op].Arity] {
			count(a)
		}
	}
	return uses
}

func (c *canonicaliser) rebuild() *sem.Program {
	c.out = &sem.Program{Name: c.p.Name, Fields: slices.Clone(c.p.Fields)}
	c.consts = map[int64]sem.Ref{}
	c.moved = slices.Repeat([]sem.Ref{sem.NoRef}, c.p.Slots())
	for f := range c.p.Fields {
		c.moved[f] = sem.Ref(f)
	}
	for i, name := range c.names {
		if name != "" {
			c.emit(c.fields + sem.Ref(i))
		}
	}
	for _, r := range c.p.Next {
		c.out.Next = append(c.out.Next, c.emit(r))
	}
	c.out.Spike, c.out.Payload, c.out.Out = c.emit(c.p.Spike), c.emit(c.p.Payload), c.emit(c.p.Out)
	return c.out
}

// emit places a value after its arguments and returns its new slot.
func (c *canonicaliser) emit(r sem.Ref) sem.Ref {
	if r == sem.NoRef || c.moved[r] != sem.NoRef {
		return c.at(r)
	}
	in := c.p.Code[r-c.fields]
	in.Name = c.names[r-c.fields]
	info := &sem.Ops[in.Op]
	for j := range in.Args {
		if j < info.Arity {
			in.Args[j] = c.emit(in.Args[j])
		} else {
			in.Args[j] = 0
		}
	}
	for j := info.Ks; j < len(in.K); j++ {
		in.K[j] = 0
	}
	c.moved[r] = c.place(in)
	return c.moved[r]
}

func (c *canonicaliser) at(r sem.Ref) sem.Ref {
	if r == sem.NoRef {
		return r
	}
	return c.moved[r]
}

func (c *canonicaliser) place(in sem.Instr) sem.Ref {
	if in.Op == sem.OpConst {
		if r, ok := c.consts[in.K[0]]; ok {
			return r
		}
	}
	r := c.fields + sem.Ref(len(c.out.Code))
	c.out.Code = append(c.out.Code, in)
	if in.Op == sem.OpConst {
		c.consts[in.K[0]] = r
	}
	return r
}

// freshNames hands out t1, t2, ... without the names that are taken.
type freshNames struct {
	taken map[string]bool
	n     int
}

func newFresh(p *sem.Program, names []string) *freshNames {
	f := &freshNames{taken: map[string]bool{}}
	for _, field := range p.Fields {
		f.taken[field.Name] = true
	}
	for _, name := range names {
		f.taken[name] = true
	}
	return f
}

func (f *freshNames) next() string {
	for {
		f.n++
		name := fmt.Sprintf("t%d", f.n)
		if !f.taken[name] {
			return name
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
