package ir

import (
	"decc/ir/diag"
	"decc/ir/sem"
)

func (v *verifier) ports() {
	for _, s := range v.m.Synapses {
		v.port("synapse @"+s.Name, v.groups[s.Post], s.Port, s.Pos, s.At)
	}
	for _, j := range v.m.Joins {
		v.port("join", v.groups[j.To], j.Port, j.Pos, j.At)
	}
}

func (v *verifier) port(who string, g *Group, port string, pos, at diag.Pos) {
	f := g.Program.FieldIndex(port)
	if f < 0 || g.Program.Fields[f].Kind != sem.Port {
		hint(v.add(pos, at, "%s: group @%s (program @%s) has no port %q", who, g.Name, g.Program.Name, shorten(port)), port, fieldNames(g.Program, sem.Port))
	}
}

func (v *verifier) resets() {
	for _, g := range v.m.Groups {
		if r := g.Reset; r != (Reset{}) && (r.Interval < 1 || r.Interval > maxRows || r.Offset < 0 || r.Offset >= r.Interval) {
			v.add(g.Pos, g.At, "group @%s: reset with interval %d and offset %d; the interval is 1..%d, the offset less and not negative",
				g.Name, r.Interval, r.Offset, maxRows)
		}
	}
}

func (v *verifier) graded() {
	for _, s := range v.m.Synapses {
		if in := v.inputs[s.Pre]; s.Graded && in != nil && in.Payload == (sem.Type{}) {
			v.add(s.Pos, s.At, "synapse @%s multiplies by the payload of input @%s, which has none", s.Name, in.Name).
				WithFix("give the input a payload type, as in payload(s8)")
		}
	}
}

func (v *verifier) joins() {
	for _, j := range v.m.Joins {
		from, to := v.groups[j.From], v.groups[j.To]
		if from.N != to.N {
			v.add(j.Pos, j.At, "join: @%s has %d compartments and @%s has %d; a join goes one to one", from.Name, from.N, to.Name, to.N)
		}
		if from.Program.Out == sem.NoRef {
			v.add(j.Pos, j.At, "join: program @%s of group @%s has no out value", from.Program.Name, from.Name)
		}
	}
	if _, cycle := joinOrder(v.m); cycle != nil {
		v.add(cycle.Pos, cycle.At, "join: @%s -> @%s closes a cycle, and all of it would be needed in the same row", cycle.From, cycle.To).
			WithFix("use a synapse, which takes a row, for one of the joins")
	}
}

// JoinOrder lists the groups so that every join leads from an earlier to a later
// one; groups that joins do not order keep the order of the module. It is the
// order in which the compartments of a row are updated. m must pass Verify.
func JoinOrder(m *Module) []*Group {
	order, _ := joinOrder(m)
	return order
}

// joinOrder stops at a join that closes a cycle and returns it.
func joinOrder(m *Module) (order []*Group, cycle *Join) {
	groups, into := map[string]*Group{}, map[string][]*Join{}
	for _, g := range m.Groups {
		groups[g.Name] = g
	}
	for _, j := range m.Joins {
		into[j.To] = append(into[j.To], j)
	}
	const open, done = 1, 2
	state := map[string]int{}
	var visit func(g *Group, by *Join)
	visit = func(g *Group, by *Join) {
		if state[g.Name] == open {
			cycle = by
		}
		if state[g.Name] != 0 {
			return
		}
		state[g.Name] = open
		for _, j := range into[g.Name] {
			visit(groups[j.From], j)
		}
		state[g.Name] = done
		order = append(order, g)
	}
	for _, g := range m.Groups {
		visit(g, nil)
	}
	return order, cycle
}

func (v *verifier) layers() {
	for _, l := range v.m.Layers {
		if g := v.groups[l.Spikes]; g.Program.Spike == sem.NoRef {
			v.add(l.Pos, l.At, "layer @%s: program @%s of group @%s never spikes", l.Name, g.Program.Name, g.Name)
		}
		if min(l.SpikesLag, l.ReadoutLag) < 0 || max(l.SpikesLag, l.ReadoutLag) > maxRows {
			v.add(l.Pos, l.At, "layer @%s: lags %d and %d, allowed is 0..%d", l.Name, l.SpikesLag, l.ReadoutLag, maxRows)
		}
		v.readout(l)
	}
}

func (v *verifier) readout(l *Layer) {
	if l.Readout == "" {
		if l.Value != "" || l.ReadoutLag != 0 {
			v.add(l.Pos, l.At, "layer @%s: a value or lag of a readout, but no readout group", l.Name)
		}
		return
	}
	g := v.groups[l.Readout]
	if g.Program.Observable(l.Value) == sem.NoRef {
		hint(v.add(l.Pos, l.At, "layer @%s: program @%s of group @%s has no value %q", l.Name, g.Program.Name, g.Name, shorten(l.Value)), l.Value, observables(g.Program))
	}
}

// observables lists what a probe of the program can name.
func observables(p *Program) []string {
	var names []string
	for _, f := range p.Fields {
		names = append(names, f.Name)
	}
	for _, c := range p.Code {
		if c.Name != "" && p.FieldIndex(c.Name) < 0 {
			names = append(names, c.Name)
		}
	}
	return names
}
