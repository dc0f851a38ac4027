package ir

import (
	"fmt"
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
)

// tensors checks every tensor by itself.
func (v *verifier) tensors() {
	for _, g := range v.m.Groups {
		for _, p := range g.Params {
			v.tensor("group @"+g.Name+": param "+p.Name, p.Values, g.Pos, g.At)
		}
	}
	for _, s := range v.m.Synapses {
		v.tensor("synapse @"+s.Name+": weights", s.Weights, s.Pos, s.At)
		if s.PrePost != nil {
			v.tensor("synapse @"+s.Name+": ends", s.PrePost, s.Pos, s.At)
		}
		if s.Delay != nil {
			v.tensor("synapse @"+s.Name+": delay", s.Delay, s.Pos, s.At)
		}
		if s.Tags != nil {
			v.tensor("synapse @"+s.Name+": tags", s.Tags, s.Pos, s.At)
		}
	}
}

func (v *verifier) tensor(what string, t *Tensor, pos, at diag.Pos) {
	switch {
	case t == nil:
		v.add(pos, at, "%s: no tensor", what)
	case !tensorTypeOK(t.Type):
		v.add(pos, at, "%s: elements of type %s; they are s1..s32 or u1..u31", what, t.Type)
	case !shapeOK(t):
		v.add(pos, at, "%s: %d elements for shape %v", what, len(t.Data), t.Shape)
	default:
		if i := outside(t, t.Type); i >= 0 {
			v.add(pos, at, "%s: element %s is %d, outside %s", what, indexText(t, i), t.Data[i], t.Type)
		}
	}
}

// shapeOK reports whether the shape is sane and the data fill it. Dividing what is
// left avoids a product that overflows.
func shapeOK(t *Tensor) bool {
	if len(t.Shape) == 0 || len(t.Shape) > maxDims || slices.Min(t.Shape) < 0 {
		return false
	}
	if slices.Contains(t.Shape, 0) {
		return len(t.Data) == 0
	}
	left := len(t.Data)
	for _, d := range t.Shape {
		if left%d != 0 {
			return false
		}
		left /= d
	}
	return left == 1 && len(t.Data) <= maxElements
}

// outside is the first element outside the type, or -1.
func outside(t *Tensor, typ sem.Type) int {
	return slices.IndexFunc(t.Data, func(x int32) bool { return !typ.Holds(int64(x)) })
}

// indexText is the row-major index i as [3,17].
func indexText(t *Tensor, i int) string {
	at := make([]string, len(t.Shape))
	for k := len(t.Shape) - 1; k >= 0; k-- {
		at[k] = fmt.Sprint(i % t.Shape[k])
		i /= t.Shape[k]
	}
	return fmt.Sprint(at)
}

func isShape(t *Tensor, shape ...int) bool { return slices.Equal(t.Shape, shape) }

func (v *verifier) params() {
	for _, g := range v.m.Groups {
		last := -1
		for _, p := range g.Params {
			f := g.Program.FieldIndex(p.Name)
			if f < 0 || g.Program.Fields[f].Kind != sem.Param {
				hint(v.add(g.Pos, g.At, "group @%s: program @%s has no param %q", g.Name, g.Program.Name, shorten(p.Name)), p.Name, fieldNames(g.Program, sem.Param))
				continue
			}
			if f <= last {
				v.add(g.Pos, g.At, "group @%s: param %s is set twice or out of the order of the program", g.Name, p.Name)
			}
			last = f
			v.param(g, p, g.Program.Fields[f].Type)
		}
	}
}

func (v *verifier) param(g *Group, p Param, typ sem.Type) {
	if !isShape(p.Values, 1) && !isShape(p.Values, g.N) {
		v.add(g.Pos, g.At, "group @%s: param %s has shape %v, allowed is [1] or [%d]", g.Name, p.Name, p.Values.Shape, g.N)
		return
	}
	if i := outside(p.Values, typ); i >= 0 {
		lo, hi := typ.Limits()
		v.add(g.Pos, g.At, "group @%s: param %s of compartment %d is %d, outside %s, which is %d..%d", g.Name, p.Name, i, p.Values.Data[i], typ, lo, hi)
	}
}

func (v *verifier) formats() {
	for _, s := range v.m.Synapses {
		f := s.Format
		if f.Bits < 0 || f.Bits > 8 || f.Exp < sem.MinWeightExp || f.Exp > sem.MaxWeightExp || int(f.Sign) >= len(sem.SignNames) {
			v.add(s.Pos, s.At, "synapse @%s: weight format bits %d, exp %d, sign mode %d; allowed are 0..8, -8..8 and the modes %v",
				s.Name, f.Bits, f.Exp, f.Sign, sem.SignNames)
		}
	}
}

// mantissaType is 9 bits, sign included (hardware.md 1.5).
var mantissaType = sem.Type{Bits: 9, Signed: true}

func (v *verifier) weights() {
	for _, s := range v.m.Synapses {
		pre, _ := v.source(s.Pre)
		want := []int{v.groups[s.Post].N, pre}
		switch {
		case s.IsList():
			want = []int{len(s.Weights.Data)}
		case s.IsConv():
			want = s.Weights.Shape
			v.conv(s, pre)
		}
		if !isShape(s.Weights, want...) {
			v.add(s.Pos, s.At, "synapse @%s: weights have shape %v, needed is %v", s.Name, s.Weights.Shape, want)
		}
		if i := outside(s.Weights, mantissaType); i >= 0 {
			v.add(s.Pos, s.At, "synapse @%s: weight %s is %d, a mantissa is -256..255", s.Name, indexText(s.Weights, i), s.Weights.Data[i])
		}
	}
}

// conv checks that the kernel slides from all of the source to all of the target.
func (v *verifier) conv(s *Synapse, pre int) {
	if err := s.Conv.Check(s.Weights.Shape); err != nil {
		v.add(s.Pos, s.At, "synapse @%s: %v", s.Name, err)
		return
	}
	in, out, post := s.Conv.In, s.Conv.Out(s.Weights.Shape), v.groups[s.Post].N
	if in[0]*in[1]*in[2] != pre || out[0]*out[1]*out[2] != post {
		v.add(s.Pos, s.At, "synapse @%s: the kernel takes %v to %v channels, rows and columns; @%s has %d members and @%s %d", s.Name, in, out, s.Pre, pre, s.Post, post)
	}
	if s.Rule != "" {
		v.add(s.Pos, s.At, "synapse @%s: weights that several synapses share do not learn", s.Name)
	}
}

func (v *verifier) ends() {
	for _, s := range v.m.Synapses {
		if !s.IsList() {
			continue
		}
		if !isShape(s.PrePost, len(s.Weights.Data), 2) {
			v.add(s.Pos, s.At, "synapse @%s: ends have shape %v, needed is %v", s.Name, s.PrePost.Shape, []int{len(s.Weights.Data), 2})
			continue
		}
		v.endsWithin(s)
	}
}

func (v *verifier) endsWithin(s *Synapse) {
	pre, _ := v.source(s.Pre)
	sizes := [2]int{pre, v.groups[s.Post].N}
	for i, x := range s.PrePost.Data {
		if x < 0 || int(x) >= sizes[i%2] {
			v.add(s.Pos, s.At, "synapse @%s: end %s is member %d of %d", s.Name, indexText(s.PrePost, i), x, sizes[i%2])
			return
		}
	}
}

// maxDelay is in rows; 6 bits (hardware.md 1.2).
const maxDelay = 63

func (v *verifier) delays() {
	for _, s := range v.m.Synapses {
		if s.Delay == nil {
			continue
		}
		if !isShape(s.Delay, 1) && !isShape(s.Delay, s.Weights.Shape...) {
			v.add(s.Pos, s.At, "synapse @%s: delay has shape %v, allowed is [1] or %v", s.Name, s.Delay.Shape, s.Weights.Shape)
		}
		limit := int32(maxDelay)
		if s.Rule != "" && !v.m.Profile.Learning().Delays {
			limit = 255 // Lava's second tag, which delays nothing
		}
		if i := slices.IndexFunc(s.Delay.Data, func(x int32) bool { return x < 0 || x > limit }); i >= 0 {
			v.add(s.Pos, s.At, "synapse @%s: delay %s is %d, allowed is 0..%d", s.Name, indexText(s.Delay, i), s.Delay.Data[i], limit)
		}
	}
}
