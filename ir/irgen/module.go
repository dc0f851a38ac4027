package irgen

import (
	"fmt"

	"decc/ir"
	"decc/ir/sem"
)

const (
	maxDelay   = 63 // rows (ir.Verify)
	maxMembers = 24
)

// Random is a module of one to four groups (and the partners that are joined to
// them) that passes ir.Verify: builtin and random programs, dense and list
// synapses, feed-forward and recurrent, of all formats, with delays, payloads,
// periodic resets and random fields, and extreme values of everything often.
func Random(seed uint64, o Options) *ir.Module {
	w := &maker{dice: newDice(seed, "module"), seed: seed, o: o, m: &ir.Module{Name: fmt.Sprintf("random-%d", seed), Seed: seed, DtNanos: 1_000_000}}
	w.m.Profile = sem.ProfileID(w.IntN(len(sem.Profiles)))
	if o.Plastic {
		w.m.Profile = oneOf(w.dice, sem.Silicon, sem.Silicon, sem.Lava)
	}
	if o.Profile != nil {
		w.m.Profile = *o.Profile
	}
	for i := range 1 + w.IntN(3) {
		w.input(fmt.Sprintf("in%d", i))
	}
	for i := range 1 + w.IntN(4) {
		w.group(fmt.Sprintf("g%d", i), 1+w.IntN(maxMembers), w.program(w.spiking()))
	}
	w.joins()
	for range 1 + w.IntN(7) {
		w.synapse()
	}
	if o.Plastic {
		w.learn()
		w.host()
	}
	w.layers()
	w.tame()
	return w.m
}

// maker makes one module.
type maker struct {
	dice
	seed uint64
	o    Options
	m    *ir.Module
}

// payloadTypes are the values that inputs send, plain spikes most of the time.
var payloadTypes = []sem.Type{{}, {}, {}, {Bits: 1, Signed: true}, {Bits: 4}, {Bits: 8, Signed: true}, {Bits: 24, Signed: true}}

func (w *maker) input(name string) {
	in := &ir.Input{Name: name, N: 1 + w.IntN(maxMembers), Payload: oneOf(w.dice, payloadTypes...)}
	if w.o.Exact && in.Payload.Bits > 1 {
		in.Payload = sem.Type{}
	}
	w.m.Inputs = append(w.m.Inputs, in)
}

// spiking are the builtin programs that send spikes; those of learning round.
func (w *maker) spiking() []string {
	if w.o.Exact {
		return []string{"cuba", "cuba", "decolle"}
	}
	return []string{"cuba", "cuba", "decolle", "decolle_late", "decolle_learning", "local_error", "lif", "ternary", "adaptive", "graded", "graded_relu"}
}

// passing are the builtin programs that pass a value to a join. States without
// limits (brian2-loihi) are wider than any port.
func (w *maker) passing() []string {
	if w.m.Profile == sem.Brian2Loihi {
		return []string{"readout"}
	}
	return []string{"auxiliary", "dendrite", "readout", "cuba"}
}

// program takes one of the builtin programs named, or makes a random one.
func (w *maker) program(builtin []string) *ir.Program {
	if !w.o.Builtin && w.chance(40) {
		p := Program(fmt.Sprintf("p%d", len(w.m.Programs)), w.seed, w.o)
		w.m.Programs = append(w.m.Programs, p)
		return p
	}
	name := oneOf(w.dice, builtin...)
	if p := w.m.ProgramByName(name); p != nil {
		return p
	}
	p, err := ir.Builtin(name, w.m.Profile)
	if err != nil {
		panic(fmt.Sprintf("BUG: builtin program %s: %v", name, err))
	}
	w.m.Programs = append(w.m.Programs, p)
	return p
}

func (w *maker) group(name string, n int, p *ir.Program) *ir.Group {
	g := &ir.Group{Name: name, N: n, Program: p}
	for _, f := range p.FieldsOf(sem.Param) {
		if w.chance(75) {
			g.SetParam(p.Fields[f].Name, w.values(g, p.Fields[f]))
		}
	}
	if w.chance(20) {
		g.Reset.Interval = 1 + w.IntN(12)
		g.Reset.Offset = w.IntN(g.Reset.Interval)
	}
	w.m.Groups = append(w.m.Groups, g)
	return g
}

// values draws a param, one for all members or one each.
func (w *maker) values(g *ir.Group, f sem.Field) *ir.Tensor {
	n := 1
	if w.chance(40) {
		n = g.N
	}
	values := make([]int64, n)
	for i := range values {
		values[i] = w.param(f)
	}
	return ir.Vector(values)
}

// usual are the ranges in which params of builtin programs have a meaning.
var usual = map[string][2]int64{
	"du": {0, 4096}, "dv": {0, 4096}, "dr": {0, 4096}, "dx": {0, 4096}, "gain": {0, 4096},
	"vth": {0, 131071 * 64}, "bias": {-4095 << 7, 4095 << 7}, "wr": {-8388608, 8388607},
	"vmin": {-8388607, 0}, "vmax": {511, 8388607}, "feed": {-1 << 16, 1 << 16}, "vreset": {-1 << 20, 1 << 20},
}

// mild are the ranges that let compartments spike now and then.
var mild = map[string][2]int64{"vth": {0, 1 << 15}, "bias": {-1 << 10, 1 << 12}, "wr": {0, 1 << 14}, "refrac": {0, 5}}

// exactParams keep a builtin program from rounding and wrapping.
var exactParams = map[string][2]int64{
	"vth": {0, 1 << 12}, "bias": {-1 << 10, 1 << 10}, "wr": {-1 << 10, 1 << 10}, "vmin": {-8388607, 0}, "vmax": {511, 8388607},
}

func (w *maker) param(f sem.Field) int64 {
	lo, hi := f.Type.Limits()
	if w.o.Exact {
		return w.exactParam(f.Name, lo, hi)
	}
	// Unlimited currents (brian2-loihi) times more than 1 would leave 64 bits.
	bounded := f.Name == "gain" && w.m.Profile == sem.Brian2Loihi
	if r, ok := usual[f.Name]; ok && (bounded || w.chance(90)) {
		lo, hi = r[0], r[1]
	}
	if r, ok := mild[f.Name]; ok && w.chance(70) {
		lo, hi = r[0], r[1]
	}
	return w.extreme(max(lo, -1<<31), min(hi, 1<<31-1))
}

func (w *maker) exactParam(name string, lo, hi int64) int64 {
	switch name {
	case "du", "dv", "dr", "dx", "gain":
		return oneOf[int64](w.dice, 0, 4096)
	}
	if r, ok := exactParams[name]; ok {
		return w.extreme(r[0], r[1])
	}
	return w.extreme(max(lo, -99), min(hi, 99))
}

// joins gives some groups that have a dendrite a partner of the same size; in some
// modules the partner has one too.
func (w *maker) joins() {
	for i := 0; i < len(w.m.Groups) && len(w.m.Groups) < 8; i++ {
		g := w.m.Groups[i]
		if g.Program.FieldIndex("dendrite") < 0 || !w.chance(50) {
			continue
		}
		p := w.program(w.passing())
		if p.Out == sem.NoRef {
			continue
		}
		partner := w.group(g.Name+"-dendrite", g.N, p)
		if w.o.Exact && p.FieldIndex("dv") >= 0 {
			partner.SetParam("dv", ir.Scalar(4096)) // the sum of two full voltages would not fit
		}
		w.m.Joins = append(w.m.Joins, &ir.Join{From: partner.Name, To: g.Name, Port: "dendrite"})
	}
}

func (w *maker) layers() {
	for _, g := range w.m.Groups {
		if g.Program.Spike != sem.NoRef && w.chance(30) {
			w.m.Layers = append(w.m.Layers, &ir.Layer{Name: g.Name, Spikes: g.Name, SpikesLag: w.IntN(3)})
		}
	}
}

// tame weakens the synapses until Verify can prove the module: the bounds of random
// sums may pass the type of a port, or what the program's states can hold.
func (w *maker) tame() {
	err := ir.Verify(w.m)
	for step := 0; err != nil && step < 8; step++ {
		for _, s := range w.m.Synapses {
			s.Format.Exp = max(s.Format.Exp-2, -8)
			s.Graded = s.Graded && step < 4
		}
		err = ir.Verify(w.m)
	}
	if err != nil {
		panic(fmt.Sprintf("BUG: random module %d: %v", w.seed, err))
	}
}
