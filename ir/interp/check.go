package interp

import (
	"maps"
	"slices"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Codes explains the diagnostics that engines report for a request.
var Codes = []diag.CodeDoc{
	{Code: "run/rows", Meaning: "a run needs a number of rows from 0", Example: "decc run net.dcir --rows -1", Fix: "give --rows N with N >= 0"},
	{Code: "run/unknown-input", Meaning: "spikes were given for an input that the network does not have", Example: "--input inn=events.csv", Fix: "use a name that `decc inspect` lists"},
	{Code: "run/event-range", Meaning: "an input event has an index outside its input population", Example: "event 3,900 for an input of 784", Fix: "check the order of the columns: row, then index"},
	{Code: "run/event-order", Meaning: "input events must be sorted by row", Example: "events 5,0 then 3,0", Fix: "sort the events by row, then index"},
	{Code: "run/unknown-group", Meaning: "a probe names a group that the network does not have", Example: "--probe h9.v", Fix: "use a name that `decc inspect` lists"},
	{Code: "run/unknown-variable", Meaning: "a probe names a value that the group's program does not compute", Example: "--probe h1.w", Fix: "use a state or named value of the program (`decc inspect --programs`)"},
	{Code: "run/learned-values", Meaning: "learned values do not belong to the network that shall take them", Example: "weights of 784-512 for a network of 784-128", Fix: "use values that this module learned"},
	{Code: "run/unknown-param", Meaning: "a run sets a param that the group's program does not have", Example: "rates of @h1 with program @decolle", Fix: "name a param of the program"},
	{Code: "run/param-range", Meaning: "a run sets a param to a value that its type cannot hold", Example: "rate = 20000000 of a u24", Fix: "stay within the limits of the type"},
	{Code: "run/no-host", Meaning: "a run is to learn by a rule whose traces the host writes, and no host program runs beside it", Example: "a module with rule @soel given to decc run without --learn", Fix: "run it with decc run MODEL --learn"},
	{Code: "run/member-range", Meaning: "a probe names a member outside its group", Example: "--probe h1.v[200] of 128", Fix: "members are 0..n-1"},
}

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
