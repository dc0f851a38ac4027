package llvm

import (
	"maps"
	"math/big"
	"slices"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// check holds a request against the module: the codes are those of every engine, and those of what native programs do not do.
func (l *layout) check(m *ir.Module, req spikes.Request) error {
	var bad diag.List
	if req.Rows < 0 {
		bad.Add(diag.Pos{}, "run/rows", "%d rows asked for", req.Rows)
	}
	for _, name := range slices.Sorted(maps.Keys(req.Inputs)) {
		l.checkInput(m, name, req, &bad)
	}
	for _, name := range req.SpikesOf {
		l.knows(name, &bad)
	}
	for _, p := range req.Probes {
		l.checkProbe(m, p, &bad)
	}
	for _, p := range req.Params {
		l.checkParam(m, p, &bad)
	}
	l.checkHost(m, req, &bad)
	return bad.Err()
}

func unknown(bad *diag.List, code, what, name string, known []string) {
	d := bad.Add(diag.Pos{}, code, "there is no %s %q", what, name)
	if near, ok := diag.Nearest(name, known); ok {
		d.WithFix("did you mean %q?", near)
	}
}

func (l *layout) knows(group string, bad *diag.List) bool {
	var names []string
	for _, g := range l.groups {
		if g.name == group {
			return true
		}
		names = append(names, g.name)
	}
	unknown(bad, "run/unknown-group", "group", group, names)
	return false
}

func (l *layout) checkInput(m *ir.Module, name string, req spikes.Request, bad *diag.List) {
	in := m.InputByName(name)
	if in == nil {
		var names []string
		for _, i := range l.inputs {
			names = append(names, i.name)
		}
		unknown(bad, "run/unknown-input", "input", name, names)
		return
	}
	i := slices.IndexFunc(l.inputs, func(i inputLayout) bool { return i.name == name })
	if checkOrder(in, req.Inputs[name], bad) {
		l.inputs[i].checkTrain(in, req.Inputs[name], req.Rows, bad)
	}
}

// checkOrder reports the first event that cannot be played. Events of rows that the request does not reach are allowed.
func checkOrder(in *ir.Input, train spikes.Train, bad *diag.List) bool {
	last := int32(0)
	for _, e := range train {
		switch {
		case e.Index < 0 || int(e.Index) >= in.N:
			bad.Add(in.Pos, "run/event-range", "input @%s has %d members, an event of row %d has index %d", in.Name, in.N, e.Row, e.Index)
		case e.Row < last:
			bad.Add(in.Pos, "run/event-order", "input @%s: an event of row %d comes after row %d", in.Name, e.Row, last).
				WithFix("sort the events by row; rows are counted from 0")
		default:
			last = e.Row
			continue
		}
		return false
	}
	return true
}

// checkTrain reports events for which the widths of the program are not proved.
func (in *inputLayout) checkTrain(of *ir.Input, train spikes.Train, rows int, bad *diag.List) {
	sorted := in.sorted(train, rows)
	for i, e := range sorted {
		if in.graded && !holds(in.limits, int64(e.Payload)) {
			bad.Add(of.Pos, codePayload, "input @%s: payload %d in row %d, declared is %s", of.Name, e.Payload, e.Row, in.limits)
			return
		}
		if i > 0 && place(sorted[i-1]) == place(e) {
			bad.Add(of.Pos, codeTwice, "input @%s: two events of member %d in row %d", of.Name, e.Index, e.Row).WithFix("use --engine chip")
			return
		}
	}
}

func holds(limits sem.Interval, x int64) bool {
	v := big.NewInt(x)
	return limits.Lo.Cmp(v) <= 0 && v.Cmp(limits.Hi) <= 0
}

func (l *layout) checkProbe(m *ir.Module, p spikes.Probe, bad *diag.List) {
	g := m.GroupByName(p.Group)
	if g == nil && l.plasticOf(p.Group) != nil {
		if _, ok := sem.ProbeOfPlastic(p.Variable); !ok {
			unknown(bad, "run/unknown-variable", "variable of @"+p.Group, p.Variable, sem.PlasticProbes())
			return
		}
		checkMembers(p, len(l.all(p)), diag.Pos{}, bad)
		return
	}
	if !l.knows(p.Group, bad) {
		return
	}
	if g.Program.Observable(p.Variable) == sem.NoRef {
		unknown(bad, "run/unknown-variable", "variable of @"+p.Group, p.Variable, g.Program.Observables())
		return
	}
	checkMembers(p, g.N, g.Pos, bad)
}

func checkMembers(p spikes.Probe, n int, pos diag.Pos, bad *diag.List) {
	for _, m := range p.Members {
		if m < 0 || int(m) >= n {
			bad.Add(pos, "run/member-range", "probe %s wants member %d of %d", p.Key(), m, n)
			return
		}
	}
}

// checkParam reports values that a param cannot take, or for which the widths of the program are not proved.
func (l *layout) checkParam(m *ir.Module, p spikes.ParamValue, bad *diag.List) {
	if !l.knows(p.Group, bad) {
		return
	}
	g := m.GroupByName(p.Group)
	f := g.Program.FieldIndex(p.Param)
	if f < 0 || g.Program.Fields[f].Kind != sem.Param {
		unknown(bad, "run/unknown-param", "param of @"+p.Group, p.Param, g.Program.ParamNames())
		return
	}
	proved := l.limits[[2]string{p.Group, p.Param}]
	if t := g.Program.Fields[f].Type; !t.Holds(p.Value) {
		lo, hi := t.Limits()
		bad.Add(g.Pos, "run/param-range", "param %s of @%s = %d, allowed is %d..%d", p.Param, p.Group, p.Value, lo, hi)
	} else if !holds(proved, p.Value) {
		bad.Add(g.Pos, codeParam, "param %s of @%s = %d; the widths of the native program are proved for %s", p.Param, p.Group, p.Value, proved).
			WithFix("use --engine chip")
	}
}

// checkHost holds the host program of a request against the rules.
func (l *layout) checkHost(m *ir.Module, req spikes.Request, bad *diag.List) {
	of := ""
	if req.Host != nil {
		of = req.Host.Group()
		l.knows(of, bad)
	}
	for _, s := range m.Synapses {
		if req.Learn && s.Rule != "" && m.RuleByName(s.Rule).HostWrites() && s.Post != of {
			bad.Add(s.Pos, "run/no-host", "synapse @%s learns by @%s, whose traces a host program writes, and none runs for @%s", s.Name, s.Rule, s.Post)
		}
	}
}
