package ir

import (
	"errors"
	"math/big"
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
)

// drives computes the bounds of every group and holds the ports to their types.
func (v *verifier) drives() {
	b := newBounder(v.m)
	v.bounder, v.bounds = b, b.all()
	for _, g := range v.m.Groups {
		for _, f := range g.Program.FieldsOf(sem.Port) {
			field := g.Program.Fields[f]
			arriving := v.bounds[g.Name][field.Name]
			if arriving.Within(field.Type) {
				continue
			}
			d := v.add(g.Pos, g.At, "group @%s: in one row %s can arrive at port %s, outside %s", g.Name, arriving, field.Name, field.Type)
			b.explain(d, g, field.Name)
		}
	}
}

// escapes proves each group's program on its own params and drives.
func (v *verifier) escapes() {
	for _, g := range v.m.Groups {
		intervals, err := sem.Ranges(&g.Program.Program, v.bounds[g.Name])
		var escape *sem.Escape
		if errors.As(err, &escape) {
			v.escape(g, escape)
			continue
		}
		if p := g.Program.Payload; p != sem.NoRef && !intervals[p].Within(payloadType) {
			v.add(g.Pos, g.At, "group @%s: the payload of its spikes can be %s, outside %s", g.Name, intervals[p], payloadType).
				WithFix("limit it in the program: payload clamp(…, lo, hi)")
		}
	}
}

func (v *verifier) escape(g *Group, e *sem.Escape) {
	d := v.add(g.Pos, g.At, "group @%s (program @%s): %s can be %s, outside %s", g.Name, g.Program.Name, e.Value, e.Range, e.Limit)
	for _, name := range e.Fields {
		d.WithNote("%s %s, which can be %s, allows it", g.Program.Fields[g.Program.FieldIndex(name)].Kind, name, v.bounds[g.Name][name])
		if slices.Contains(fieldNames(g.Program, sem.Port), name) {
			v.bounder.explain(d, g, name)
		}
	}
}

// maxBlame is the number of synapses that a message lists.
const maxBlame = 3

// explain lists the synapses that bring most to a port.
func (b *bounder) explain(d *diag.Diagnostic, g *Group, port string) {
	type share struct {
		name string
		x    sem.Interval
	}
	var shares []share
	for _, s := range b.into[[2]string{g.Name, port}] {
		shares = append(shares, share{s.Name, b.synapses(g.N, []*Synapse{s})})
	}
	slices.SortStableFunc(shares, func(a, b share) int { return magnitude(b.x).Cmp(magnitude(a.x)) })
	for _, s := range shares[:min(len(shares), maxBlame)] {
		d.WithNote("synapse @%s can bring %s in a row", s.name, s.x)
	}
}

// magnitude is the size of an interval that holds 0.
func magnitude(x sem.Interval) *big.Int { return new(big.Int).Sub(x.Hi, x.Lo) }
