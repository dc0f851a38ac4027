package ir

import (
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
)

// named is an object as the rows about names see it.
type named struct {
	space, what, name string
	pos, at           diag.Pos
}

// allNamed lists the named objects of a module; names are used once in a space.
func allNamed(m *Module) []named {
	var all []named
	for _, p := range m.Programs {
		all = append(all, named{"program", "program", p.Name, p.Pos, p.At})
	}
	for _, in := range m.Inputs {
		all = append(all, named{"source", "input", in.Name, in.Pos, in.At})
	}
	for _, g := range m.Groups {
		all = append(all, named{"source", "group", g.Name, g.Pos, g.At})
	}
	for _, s := range m.Synapses {
		all = append(all, named{"synapse", "synapse", s.Name, s.Pos, s.At})
	}
	for _, r := range m.Rules {
		all = append(all, named{"rule", "rule", r.Name, r.Pos, r.At})
	}
	for _, l := range m.Layers {
		all = append(all, named{"layer", "layer", l.Name, l.Pos, l.At})
	}
	return all
}

func (v *verifier) names() {
	for _, o := range append(allNamed(v.m), named{"", "module", v.m.Name, v.m.Pos, v.m.At}) {
		if !ValidName(o.name) {
			v.add(o.pos, o.at, "%q cannot name a %s", shorten(o.name), o.what).
				WithFix("use at most %d letters, digits, _ and - of ASCII, with - inside only", maxName)
		}
	}
	if v.m.Chip != "" && !validWord(v.m.Chip) {
		v.add(v.m.Pos, v.m.At, "%q cannot name a chip", shorten(v.m.Chip)).
			WithFix("use letters, digits, _ and inner -, and begin with a letter")
	}
}

func (v *verifier) duplicates() {
	seen := map[[2]string]string{}
	for _, o := range allNamed(v.m) {
		key := [2]string{o.space, o.name}
		if first, ok := seen[key]; ok {
			v.add(o.pos, o.at, "%s @%s has the name of another %s", o.what, o.name, first)
			continue
		}
		seen[key] = o.what
	}
}

func (v *verifier) sizes() {
	check := func(what, name string, n int, pos, at diag.Pos) {
		if n < 1 || n > maxMembers {
			v.add(pos, at, "%s @%s has %d members, allowed is 1..%d", what, name, n, maxMembers)
		}
	}
	for _, in := range v.m.Inputs {
		check("input", in.Name, in.N, in.Pos, in.At)
	}
	for _, g := range v.m.Groups {
		check("group", g.Name, g.N, g.Pos, g.At)
	}
}

func (v *verifier) header() {
	m := v.m
	if m.Stage >= stageEnd {
		v.add(m.Pos, m.At, "no stage has the number %d", m.Stage)
	}
	if int(m.Profile) >= len(sem.Profiles) {
		v.add(m.Pos, m.At, "no semantics profile has the number %d", m.Profile)
	}
	if m.DtNanos < 0 {
		v.add(m.Pos, m.At, "dt is %d ns, which is negative", m.DtNanos)
	}
	for _, in := range m.Inputs {
		if in.Payload != (sem.Type{}) && !tensorTypeOK(in.Payload) {
			v.add(in.Pos, in.At, "the payload of input @%s is %s; it has at most 32 bits, s1..s32 or u1..u31", in.Name, in.Payload)
		}
	}
}

func (v *verifier) programs() {
	for _, p := range v.m.Programs {
		if err := p.Check(); err != nil {
			v.add(p.Pos, p.At, "%v", err)
			continue
		}
		v.programNames(p)
	}
}

// programNames holds a program to what its text can say.
func (v *verifier) programNames(p *Program) {
	seen := map[string]bool{}
	use := func(name string, fine bool) {
		if !fine || !validIdent(name) || seen[name] {
			v.add(p.Pos, p.At, "program @%s: the name %q is no identifier or is used before", p.Name, shorten(name))
		}
		seen[name] = true
	}
	for i, c := range p.Code {
		if c.Name == "" {
			continue
		}
		f := p.FieldIndex(c.Name)
		use(c.Name, f < 0 || p.Fields[f].Kind == sem.State && p.Next[f] == sem.Ref(len(p.Fields)+i))
	}
	clear(seen)
	for _, f := range p.Fields {
		use(f.Name, true)
	}
}

func (v *verifier) references() {
	m := v.m
	for _, g := range m.Groups {
		if g.Program == nil || !slices.Contains(m.Programs, g.Program) {
			v.add(g.Pos, g.At, "group @%s runs a program that is not part of the module", g.Name)
		}
	}
	for _, s := range m.Synapses {
		v.needSource("synapse @"+s.Name, s.Pre, s.Pos, s.At)
		v.needGroup("synapse @"+s.Name, s.Post, s.Pos, s.At)
	}
	for _, j := range m.Joins {
		v.needGroup("join", j.From, j.Pos, j.At)
		v.needGroup("join", j.To, j.Pos, j.At)
	}
	for _, l := range m.Layers {
		v.needGroup("layer @"+l.Name, l.Spikes, l.Pos, l.At)
		if l.Readout != "" {
			v.needGroup("layer @"+l.Name, l.Readout, l.Pos, l.At)
		}
	}
	for _, c := range m.Cores {
		for _, r := range c.Runs {
			v.needGroup("core", r.Group, diag.Pos{}, c.At)
		}
	}
	for i, r := range m.Routes {
		if i == 0 || r.Source != m.Routes[i-1].Source {
			v.needSource("a route", r.Source, m.Pos, m.At)
		}
	}
}

func (v *verifier) needSource(who, name string, pos, at diag.Pos) {
	if _, ok := v.source(name); !ok && !v.full() {
		d := v.add(pos, at, "%s: no input or group is named @%s", who, shorten(name))
		hint(d, name, append(sortedKeys(v.inputs), sortedKeys(v.groups)...))
	}
}

func (v *verifier) needGroup(who, name string, pos, at diag.Pos) {
	if v.groups[name] == nil && !v.full() {
		hint(v.add(pos, at, "%s: no group is named @%s", who, shorten(name)), name, sortedKeys(v.groups))
	}
}
