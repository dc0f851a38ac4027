package llvm

import (
	"math"

	"decc/ir"
	"decc/ir/sem"
)

// ranges are what the values of a module can be: the widths of lanes come from them.
type ranges struct {
	bounds map[string]sem.Bounds     // of fields, by group
	slots  map[string][]sem.Interval // of values, by group
}

// liberties are what is taken for granted of params, the most general first: any value of their types,
// their values and everything from there to 0, or their values alone. A host may write within it.
var liberties = []func(f sem.Field, lo, hi int64) (int64, int64){
	func(f sem.Field, _, _ int64) (int64, int64) { return f.Type.Limits() },
	func(_ sem.Field, lo, hi int64) (int64, int64) { return min(lo, 0), max(hi, 0) },
	func(_ sem.Field, lo, hi int64) (int64, int64) { return lo, hi },
}

// rangesOf proves the ranges of a verified module with the most general params.
func rangesOf(m *ir.Module) (r *ranges, err error) {
	for _, liberty := range liberties {
		if r, err = provenRanges(freed(m, liberty)); err == nil {
			return r, nil
		}
	}
	return nil, err
}

func provenRanges(m *ir.Module) (*ranges, error) {
	r := &ranges{bounds: ir.Bounds(m), slots: map[string][]sem.Interval{}}
	for _, g := range m.Groups {
		var err error
		if r.slots[g.Name], err = sem.Ranges(&g.Program.Program, r.bounds[g.Name]); err != nil {
			return nil, err
		}
		if payload := g.Program.Payload; payload != sem.NoRef && width(r.slots[g.Name][payload]) > 32 {
			return nil, &sem.Escape{Program: g.Program.Name, Value: "payload", Range: r.slots[g.Name][payload], Limit: "s32"}
		}
	}
	return r, nil
}

// freed is the module with params of which no more than limits is known. It is for bounds only.
func freed(m *ir.Module, liberty func(f sem.Field, lo, hi int64) (int64, int64)) *ir.Module {
	copied := *m
	copied.Groups = nil
	for _, g := range m.Groups {
		free := *g
		free.Params = nil
		for _, f := range g.Program.FieldsOf(sem.Param) {
			field := g.Program.Fields[f]
			lo, hi := extremes(g, field.Name)
			if lo < math.MinInt32 || hi > math.MaxInt32 {
				continue // a default that no tensor holds
			}
			lo, hi = liberty(field, lo, hi)
			free.Params = append(free.Params, ir.Param{Name: field.Name, Values: ir.Vector([]int64{max(lo, math.MinInt32), min(hi, math.MaxInt32)})})
		}
		copied.Groups = append(copied.Groups, &free)
	}
	return &copied
}

// extremes are the least and greatest value of a param in a group.
func extremes(g *ir.Group, name string) (lo, hi int64) {
	for i, x := range paramValues(g, name) {
		if i == 0 {
			lo, hi = x, x
		}
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// paramValues are those of a param: one, or one a member.
func paramValues(g *ir.Group, name string) []int64 {
	for _, p := range g.Params {
		if p.Name == name {
			return p.Values.Expand(len(p.Values.Data))
		}
	}
	return []int64{g.Program.Fields[g.Program.FieldIndex(name)].Default}
}
