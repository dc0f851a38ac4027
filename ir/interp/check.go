package interp

import (
	"maps"
	"slices"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Check holds a request against a verified module. What it finds, with codes run/..., no engine runs.
func Check(m *ir.Module, req spikes.Request) diag.List {
	c := checker{m: m}
	if req.Rows < 0 {
		c.bad.Add(diag.Pos{}, "run/rows", "%d rows asked for", req.Rows)
	}
	for _, name := range slices.Sorted(maps.Keys(req.Inputs)) {
		c.input(name, req.Inputs[name])
	}
	for _, name := range req.SpikesOf {
		c.group(name)
	}
	for _, p := range req.Probes {
		c.probe(p)
	}
	for _, p := range req.Params {
		c.param(p)
	}
	c.host(req)
	return c.bad
}

// checker collects what is wrong with a request.
type checker struct {
	m   *ir.Module
	bad diag.List
}

func (c *checker) unknown(code, what, name string, known []string) {
	d := c.bad.Add(diag.Pos{}, code, "there is no %s %q", what, name)
	if near, ok := diag.Nearest(name, known); ok {
		d.WithFix("did you mean %q?", near)
	}
}

// group finds a group, or reports that there is none.
func (c *checker) group(name string) *ir.Group {
	g := c.m.GroupByName(name)
	if g == nil {
		c.unknown("run/unknown-group", "group", name, names(c.m.Groups, func(g *ir.Group) string { return g.Name }))
	}
	return g
}

func names[T any](list []*T, of func(*T) string) []string {
	var all []string
	for _, x := range list {
		all = append(all, of(x))
	}
	return all
}

// input reports the first event that cannot be played. Events of rows that
// the request does not reach are allowed.
func (c *checker) input(name string, train spikes.Train) {
	in := c.m.InputByName(name)
	if in == nil {
		c.unknown("run/unknown-input", "input", name, names(c.m.Inputs, func(in *ir.Input) string { return in.Name }))
		return
	}
	last := int32(0)
	for _, e := range train {
		switch {
		case e.Index < 0 || int(e.Index) >= in.N:
			c.bad.Add(in.Pos, "run/event-range", "input @%s has %d members, an event of row %d has index %d", in.Name, in.N, e.Row, e.Index)
		case e.Row < last:
			c.bad.Add(in.Pos, "run/event-order", "input @%s: an event of row %d comes after row %d", in.Name, e.Row, last).
				WithFix("sort the events by row; rows are counted from 0")
		default:
			last = e.Row
			continue
		}
		return
	}
}

// probe looks for the variable and its members. Groups come before plastic synapses of the same name.
func (c *checker) probe(p spikes.Probe) {
	if s := c.plastic(p.Group); s != nil {
		c.plasticProbe(s, p)
		return
	}
	g := c.group(p.Group)
	switch {
	case g == nil:
	case g.Program.Observable(p.Variable) == sem.NoRef:
		c.unknown("run/unknown-variable", "variable of @"+p.Group, p.Variable, g.Program.Observables())
	default:
		c.members(g.Pos, p, g.N)
	}
}

// plastic finds synapses that learn where no group has their name.
func (c *checker) plastic(name string) *ir.Synapse {
	i := slices.IndexFunc(c.m.Synapses, func(s *ir.Synapse) bool { return s.Name == name && s.Rule != "" })
	if i < 0 || c.m.GroupByName(name) != nil {
		return nil
	}
	return c.m.Synapses[i]
}

// plasticProbe: a learned variable has a member a synapse, a trace one a member of its side.
func (c *checker) plasticProbe(s *ir.Synapse, p spikes.Probe) {
	v, ok := sem.ProbeOfPlastic(p.Variable)
	if !ok {
		c.unknown("run/unknown-variable", "variable of @"+s.Name, p.Variable, sem.PlasticProbes())
		return
	}
	n := s.Weights.Len()
	if _, learned := v.Target(); !learned && !c.m.Profile.Learning().BySynapse {
		end := s.Pre
		if sem.Variables[v].Side == sem.PostSide {
			end = s.Post
		}
		n, _ = c.m.SourceSize(end)
	}
	c.members(s.Pos, p, n)
}

func (c *checker) members(pos diag.Pos, p spikes.Probe, n int) {
	for _, m := range p.Members {
		if m < 0 || int(m) >= n {
			c.bad.Add(pos, "run/member-range", "probe %s wants member %d of %d", p.Key(), m, n)
			return
		}
	}
}

// param reports a value that the param cannot take.
func (c *checker) param(p spikes.ParamValue) {
	g := c.group(p.Group)
	if g == nil {
		return
	}
	f := g.Program.FieldIndex(p.Param)
	if f < 0 || g.Program.Fields[f].Kind != sem.Param {
		c.unknown("run/unknown-param", "param of @"+p.Group, p.Param, g.Program.ParamNames())
		return
	}
	if t := g.Program.Fields[f].Type; !t.Holds(p.Value) {
		lo, hi := t.Limits()
		c.bad.Add(g.Pos, "run/param-range", "param %s of @%s = %d, allowed is %d..%d", p.Param, p.Group, p.Value, lo, hi)
	}
}

// host holds the host program of a request against the rules.
func (c *checker) host(req spikes.Request) {
	of := ""
	if req.Host != nil {
		of = req.Host.Group()
		c.group(of)
	}
	for _, s := range c.m.Synapses {
		if req.Learn && s.Rule != "" && c.m.RuleByName(s.Rule).HostWrites() && s.Post != of {
			c.bad.Add(s.Pos, "run/no-host", "synapse @%s learns by @%s, whose traces a host program writes, and none runs for @%s", s.Name, s.Rule, s.Post)
		}
	}
}
