package llvm

import (
	"maps"
	"math/big"
	"slices"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// check holds a request against the module: what no engine runs, and what native programs do not run.
func (l *layout) check(m *ir.Module, req spikes.Request) error {
	if err := interp.Check(m, req).Err(); err != nil {
		return err
	}
	var bad diag.List
	for _, name := range slices.Sorted(maps.Keys(req.Inputs)) {
		i := slices.IndexFunc(l.inputs, func(i inputLayout) bool { return i.name == name })
		l.inputs[i].check(m.InputByName(name), req.Inputs[name], req.Rows, &bad)
	}
	for _, p := range req.Params {
		if proved := l.limits[[2]string{p.Group, p.Param}]; !holds(proved, p.Value) {
			bad.Add(m.GroupByName(p.Group).Pos, codeParam, "param %s of @%s = %d; the widths of the native program are proved for %s", p.Param, p.Group, p.Value, proved).
				WithFix("use --engine chip")
		}
	}
	return bad.Err()
}

// check reports events for which the widths of the program are not proved.
func (in *inputLayout) check(of *ir.Input, train spikes.Train, rows int, bad *diag.List) {
	sorted := in.sorted(train, rows)
	for i, e := range sorted {
		if in.graded && !holds(in.limits, int64(e.Payload)) {
			bad.Add(of.Pos, codePayload, "input @%s: payload %d in row %d, declared is %s", of.Name, e.Payload, e.Row, in.limits).
				WithFix("declare the type of the payload, or use --engine chip")
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
