package passes

import (
	"fmt"
	"slices"

	"decc/ir"
	"decc/ir/fix"
	"decc/ir/sem"
)

// Expansion of the builtin @decolle for chips of fixed compartments (reference:
// decolle.md 5.6). Its rows are
//
//	u = dec(u, du) + drive      v = dec(v, dv) + u      r = dec(r, dr) - wr*s'
//	spike when v + r + bias > vth, s' being the spike of the row before
//
// A @dendrite compartment keeps u and v and passes v on in the same row. A @cuba
// compartment with du = dr and dv = 4096 keeps r as its current: its voltage is
// r + v + bias afresh each row, so its reset on a spike changes nothing. Its own
// spike arrives one row later over a synapse of weight -wr, which is when the
// program subtracts it.

const (
	decolleProgram  = "decolle"
	dendriteProgram = "dendrite"
	cubaProgram     = "cuba"
	// unitGain is the gain that hands the current to the membrane whole.
	unitGain = 4096
)

// expandAll expands the @decolle groups of the module, where the chip has both parts.
func (l *legaliser) expandAll() {
	if !slices.Contains(l.Chip.Programs, dendriteProgram) || !slices.Contains(l.Chip.Programs, cubaProgram) {
		return
	}
	var doubled int64
	groups := slices.Clone(l.m.Groups)
	for _, g := range groups {
		if l.builtinName(g.Program) != decolleProgram {
			continue
		}
		self := l.selfSynapse(g)
		if self == nil || !l.expandable(g) {
			l.refused[g] = true
			continue
		}
		doubled += int64(g.N)
		l.expand(g, self)
	}
	if doubled > 0 {
		l.Count("soft refractory compartments", doubled, "")
	}
	l.dropUnused()
}

// expandable refuses what the two compartments cannot do.
func (l *legaliser) expandable(g *ir.Group) bool {
	before := len(l.Found)
	for _, name := range []string{"du", "dv", "dr"} {
		l.checkParam(g, ruleOf(name), name)
	}
	if i := slices.IndexFunc(paramValues(g, "gain"), func(v int64) bool { return v != unitGain }); i >= 0 {
		v := paramValues(g, "gain")[i]
		l.Errorf(g.Pos, g.At, codeGain, "group @%s: gain = %d; chip %s adds the current to the voltage whole, gain %d", g.Name, v, l.Chip.Name, unitGain).
			WithFix("multiply the weights into the group by %d/%d and leave gain out", v, unitGain)
	}
	if p := l.m.Profile; p != sem.Silicon && p != sem.Lava {
		l.Errorf(g.Pos, g.At, codeProgram, "group @%s runs @decolle, which two compartments do not compute alike under semantics %s", g.Name, p).
			WithNote("nengo-loihi wraps the sum of membrane and refractory trace, brian2-loihi has voltages wider than a join").
			WithFix("use semantics silicon or lava")
	}
	if g.Reset.Interval > 0 && slices.ContainsFunc(paramValues(g, "wr"), func(v int64) bool { return v != 0 }) {
		l.Errorf(g.Pos, g.At, codeReset, "group @%s has a periodic reset; on chip %s the refractory spike of the row before it would still arrive", g.Name, l.Chip.Name).
			WithFix("remove the reset and start each sample from the reset state, or use wr = 0, or a chip that runs @decolle, such as loihi2")
	}
	l.checkLimitsAround(g)
	return len(l.Found) == before
}

// checkLimitsAround: the voltage limits are those of the core, so the compartment that
// spikes has them too, on the sum that @decolle does not limit. That changes no
// spike as long as the threshold lies between them.
func (l *legaliser) checkLimitsAround(g *ir.Group) {
	vth, vmin, vmax := spread(paramValues(g, "vth"), g.N), spread(paramValues(g, "vmin"), g.N), spread(paramValues(g, "vmax"), g.N)
	for i := range g.N {
		if vmin[i] <= vth[i] && vth[i] < vmax[i] {
			continue
		}
		l.Errorf(g.Pos, g.At, codeLimits, "group @%s: vth = %d of compartment %d is not within vmin = %d and vmax = %d, which on chip %s limit the sum that it is compared with",
			g.Name, vth[i], i, vmin[i], vmax[i], l.Chip.Name).WithFix("widen the limits, or use a chip that runs @decolle, such as loihi2")
		return
	}
}

// selfSynapse is the list that subtracts wr one row after a spike: one synapse for
// each compartment whose wr is not 0. nil, with an error, where a weight cannot hold wr.
func (l *legaliser) selfSynapse(g *ir.Group) *ir.Synapse {
	wr := spread(paramValues(g, "wr"), g.N)
	var ends, weights []int64
	for i, w := range wr {
		if w != 0 {
			ends = append(ends, int64(i), int64(i))
			weights = append(weights, -w)
		}
	}
	format, mantissas := sem.FitWeights(signOf(weights), weights)
	for i, m := range mantissas {
		if l.weight(format, m) != weights[i] {
			l.refuseWeight(g, int(ends[2*i]), -weights[i], m, format)
			return nil
		}
	}
	return &ir.Synapse{
		Name: l.freshName(g.Name+"-refractory", l.hasSynapse), Pre: g.Name, Post: g.Name, Port: "drive", Format: format,
		Weights: ir.Vector(mantissas), PrePost: ir.NewTensor(ends, len(weights), 2), Pos: g.Pos, At: g.At,
	}
}

// weight is the effective weight of one spike under the module's semantics.
func (l *legaliser) weight(f sem.WeightFormat, mantissa int64) int64 {
	p := &sem.Profiles[l.m.Profile]
	w := p.Weight(f, mantissa)
	if p.ExpOnSum {
		return sem.ScaleSum(w, f.Exp)
	}
	return w
}

// refuseWeight names the values around wr that a weight of the format can have.
func (l *legaliser) refuseWeight(g *ir.Group, member int, wr, mantissa int64, f sem.WeightFormat) {
	lo, hi := f.MantissaLimits()
	step := int64(1) << f.LSB()
	var near []int64
	for _, m := range []int64{mantissa - step, mantissa, mantissa + step} {
		near = append(near, -l.weight(f, fix.Clamp(m, lo, hi)))
	}
	slices.Sort(near)
	above, _ := slices.BinarySearch(near, wr)
	d := l.Errorf(g.Pos, g.At, codeRefractoryWeight, "group @%s: wr = %d of compartment %d is not the weight of a synapse", g.Name, wr, member)
	d.WithNote("a weight is mantissa * 2^(6+exp); the largest wr of the group needs exp = %d", f.Exp)
	if above == 0 || above == len(near) {
		d.WithFix("use wr = %d", near[min(above, len(near)-1)])
		return
	}
	d.WithFix("use wr = %d or %d", near[above-1], near[above])
}

// signOf is the sign mode that stores the weights with the finest grid.
func signOf(weights []int64) sem.SignMode {
	switch {
	case len(weights) == 0 || slices.Max(weights) < 0:
		return sem.Inhibitory
	case slices.Min(weights) > 0:
		return sem.Excitatory
	}
	return sem.Mixed
}

// spread gives every compartment its value.
func spread(values []int64, n int) []int64 {
	if len(values) == n {
		return values
	}
	return slices.Repeat(values[:1], n)
}

// expand puts the two compartments in the place of g; g itself becomes the one
// that spikes, so everything that names it for its spikes stays right.
func (l *legaliser) expand(g *ir.Group, self *ir.Synapse) {
	dendrite := &ir.Group{Name: l.freshName(g.Name+"-dendrite", l.hasSource), N: g.N, Program: l.program(dendriteProgram, g), Reset: g.Reset, Pos: g.Pos, At: g.At}
	soma := &ir.Group{Name: g.Name, N: g.N, Program: l.program(cubaProgram, g), Reset: g.Reset, Pos: g.Pos, At: g.At}
	move := func(to *ir.Group, name, from string) {
		for _, p := range g.Params {
			if p.Name == from {
				to.SetParam(name, p.Values)
			}
		}
	}
	for _, name := range []string{"du", "dv", "vmin", "vmax"} {
		move(dendrite, name, name)
	}
	move(soma, "du", "dr")
	for _, name := range []string{"vth", "bias", "vmin", "vmax"} {
		move(soma, name, name)
	}
	soma.SetParam("dv", ir.Scalar(int64(l.Chip.DecayMax)))
	l.moveArrivals(g.Name, dendrite.Name)
	l.moveReadouts(g.Name, dendrite.Name)
	at := slices.Index(l.m.Groups, g)
	l.m.Groups = slices.Replace(l.m.Groups, at, at+1, dendrite, soma)
	if len(self.Weights.Data) > 0 {
		l.m.Synapses = append(l.m.Synapses, self)
	}
	l.m.Joins = append(l.m.Joins, &ir.Join{From: dendrite.Name, To: soma.Name, Port: "dendrite", Pos: g.Pos, At: g.At})
	l.Notef(g.Pos, g.At, codeSoftRefractory, "group @%s: the soft refractory trace takes a second compartment a neuron on chip %s; u and v are those of @%s, r is u of @%s",
		g.Name, l.Chip.Name, dendrite.Name, soma.Name)
}

// moveArrivals ends at the dendrite what ended at the group.
func (l *legaliser) moveArrivals(group, dendrite string) {
	for _, s := range l.m.Synapses {
		if s.Post == group {
			s.Post = dendrite
		}
	}
	for _, j := range l.m.Joins {
		if j.To == group {
			j.To = dendrite
		}
	}
}

// readoutMoves tells where the values of @decolle are after the expansion.
var readoutMoves = map[string]struct {
	dendrite bool
	value    string
}{"u": {true, "u"}, "v": {true, "v"}, "r": {false, "u"}, "m": {false, "x"}, "s": {false, "s"}}

func (l *legaliser) moveReadouts(group, dendrite string) {
	for _, layer := range l.m.Layers {
		to, ok := readoutMoves[layer.Value]
		if layer.Readout != group || !ok {
			continue
		}
		layer.Value = to.value
		if to.dendrite {
			layer.Readout = dendrite
		}
	}
}

// program finds the builtin program in the module or adds it in front of the one it replaces.
func (l *legaliser) program(name string, g *ir.Group) *ir.Program {
	for _, p := range l.m.Programs {
		if l.builtinName(p) == name {
			return p
		}
	}
	p, err := ir.Builtin(name, l.m.Profile)
	if err != nil {
		panic(fmt.Sprintf("BUG: builtin program @%s: %v", name, err)) // learnPrograms has read it
	}
	p.Name = l.freshName(name, func(s string) bool { return l.m.ProgramByName(s) != nil })
	p.Pos, p.At = g.Program.Pos, g.Program.At
	l.m.Programs = slices.Insert(l.m.Programs, slices.Index(l.m.Programs, g.Program), p)
	return p
}

// dropUnused removes @decolle where no group runs it any more.
func (l *legaliser) dropUnused() {
	l.m.Programs = slices.DeleteFunc(l.m.Programs, func(p *ir.Program) bool {
		used := slices.ContainsFunc(l.m.Groups, func(g *ir.Group) bool { return g.Program == p })
		return !used && l.builtinName(p) == decolleProgram
	})
}

func (l *legaliser) hasSource(name string) bool {
	_, ok := l.m.SourceSize(name)
	return ok
}

func (l *legaliser) hasSynapse(name string) bool {
	return slices.ContainsFunc(l.m.Synapses, func(s *ir.Synapse) bool { return s.Name == name })
}

// freshName is base, or base with the first number behind it that is free; a base
// that is too long for a name loses its beginning.
func (l *legaliser) freshName(base string, taken func(string) bool) string {
	name := base
	for i := 1; ; i++ {
		for !ir.ValidName(name) {
			name = name[1:]
		}
		if !taken(name) {
			return name
		}
		name = fmt.Sprintf("%s-%d", base, i)
	}
}
