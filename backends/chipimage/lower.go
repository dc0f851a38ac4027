// Package chipimage turns a routed module into the image that a chip is loaded
// with: compartments by core, synaptic memory by in-axon, out-axon lists.
package chipimage

import (
	"cmp"
	"slices"

	"decc/chipsim/image"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/fix"
	"decc/ir/sem"
)

// Codes explains the diagnostics of this room.
var Codes = []diag.CodeDoc{
	{Code: "chipimage/grid", Meaning: "a plastic weight begins between the values that synaptic memory can hold", Example: "a first mantissa of 108 in 6 bits under profile brian2_loihi", Fix: "begin on the grid, or use --engine interp"},
	{Code: "chipimage/stage", Meaning: "only a routed module has what an image needs", Example: "a module of stage(legal)", Fix: "let `decc build` partition, place and route it"},
	{Code: "chipimage/no-route", Meaning: "a source has synapses on a core that none of its routes reaches", Example: "a core line changed by hand after routing", Fix: "route the module again"},
	{Code: "chipimage/shared-axon", Meaning: "two source members have the same atom of an in-axon of a core", Example: "two route lines with the same core and axon", Fix: "give each source member an in-axon or an atom of its own"},
}

// Lower makes the image of a module at stage routed that ir.Verify passed. The error
// is a *diag.Diagnostic: codes chipimage/..., or what image.Pack finds.
func Lower(m *ir.Module) (*image.Image, error) {
	if m.Stage < ir.Routed {
		return nil, diag.Errorf(m.At, "chipimage/stage", "the module is at stage %s, an image is made from stage %s", m.Stage, ir.Routed).
			WithFix("partition, place and route it first")
	}
	l := newLowering(m)
	steps := []func() error{l.route, l.learn, l.connect, l.pack}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return l.img, nil
}

// lowering is an image in the making.
type lowering struct {
	m     *ir.Module
	img   *image.Image
	cores map[int]int32     // core number -> index
	at    map[string][]seat // by group: where its members stand
	reach map[string][][]image.Axon
	axons [][]image.Atoms // by core, by in-axon
	// plastic is the index plus 1 of synapse objects that learn.
	plastic map[string]int
}

// seat is the core, by index, and the local number of a compartment.
type seat struct{ core, local int32 }

func newLowering(m *ir.Module) *lowering {
	l := &lowering{
		m: m, cores: map[int]int32{}, at: map[string][]seat{}, reach: map[string][][]image.Axon{}, plastic: map[string]int{},
		img: &image.Image{
			Name: m.Name, Chip: m.Chip, Profile: m.Profile, Seed: m.Seed, DtNanos: m.DtNanos, ModuleDigest: ir.Digest(m),
		},
	}
	for _, p := range m.Programs {
		l.img.Programs = append(l.img.Programs, p.Program)
	}
	for _, in := range m.Inputs {
		l.img.Inputs = append(l.img.Inputs, image.Input{Name: in.Name, N: in.N, Payload: in.Payload})
		l.reach[in.Name] = make([][]image.Axon, in.N)
	}
	for _, g := range m.Groups {
		l.img.Groups = append(l.img.Groups, image.Group{Name: g.Name, N: g.N, Program: slices.Index(m.Programs, g.Program), Reset: image.Reset(g.Reset)})
		l.at[g.Name] = make([]seat, g.N)
		l.reach[g.Name] = make([][]image.Axon, g.N)
	}
	for _, x := range m.Layers {
		l.img.Layers = append(l.img.Layers, image.Layer{
			Name: x.Name, Spikes: x.Spikes, SpikesLag: x.SpikesLag, Readout: x.Readout, Value: x.Value, ReadoutLag: x.ReadoutLag,
		})
	}
	for _, j := range m.Joins {
		to := m.GroupByName(j.To)
		l.img.Joins = append(l.img.Joins, image.Join{From: l.group(j.From), To: l.group(j.To), Port: to.Program.FieldIndex(j.Port)})
	}
	for _, c := range m.Cores {
		l.addCore(c)
	}
	return l
}

func (l *lowering) group(name string) int {
	return slices.IndexFunc(l.m.Groups, func(g *ir.Group) bool { return g.Name == name })
}

func (l *lowering) addCore(c *ir.Core) {
	index, local := int32(len(l.img.Cores)), int32(0)
	l.cores[c.ID] = index
	k := &image.Core{ID: c.ID, ChipID: c.ChipID, X: c.X, Y: c.Y, Z: c.Z}
	for _, r := range c.Runs {
		g := l.group(r.Group)
		k.Runs = append(k.Runs, image.Run{Group: g, First: r.First, N: r.N, Params: params(l.m.Groups[g], r)})
		for i := range r.N {
			l.at[r.Group][r.First+i] = seat{index, local}
			local++
		}
	}
	l.img.Cores = append(l.img.Cores, k)
	l.axons = append(l.axons, nil)
}

// params lists the values of a run: one where all are equal.
func params(g *ir.Group, r ir.Run) [][]int64 {
	var lists [][]int64
	for _, f := range g.Program.FieldsOf(sem.Param) {
		values := make([]int64, r.N)
		for i := range values {
			values[i] = g.Param(g.Program.Fields[f].Name, r.First+i)
		}
		if !slices.ContainsFunc(values, func(v int64) bool { return v != values[0] }) {
			values = values[:1]
		}
		lists = append(lists, values)
	}
	return lists
}

// route numbers the in-axons and fills the out-axon tables.
func (l *lowering) route() error {
	taken := map[image.Axon]*ir.Route{}
	for _, r := range l.m.Routes {
		a := image.Axon{Core: uint32(l.cores[r.Core]), Axon: uint32(r.Axon), Atom: uint32(r.Atom)}
		if other := taken[a]; other != nil {
			return diag.Errorf(l.m.At, "chipimage/shared-axon", "@%s[%d] and @%s[%d] share atom %d of in-axon %d of core %d",
				other.Source, other.Index, r.Source, r.Index, r.Atom, r.Axon, r.Core)
		}
		taken[a] = r
		l.reach[r.Source][r.Index] = append(l.reach[r.Source][r.Index], a)
		l.widen(a)
	}
	for i, in := range l.m.Inputs {
		l.img.Inputs[i].Fan = image.NewFanout(l.reach[in.Name])
	}
	for _, k := range l.img.Cores {
		lists := make([][]image.Axon, 0, k.Compartments())
		for _, r := range k.Runs {
			lists = append(lists, l.reach[l.m.Groups[r.Group].Name][r.First:r.First+r.N]...)
		}
		k.Fan = image.NewFanout(lists)
	}
	return nil
}

// widen makes room for an atom of an in-axon.
func (l *lowering) widen(a image.Axon) {
	axons := &l.axons[a.Core]
	for len(*axons) <= int(a.Axon) {
		*axons = append(*axons, make(image.Atoms, 1))
	}
	atoms := &(*axons)[a.Axon]
	for len(*atoms) <= int(a.Atom) {
		*atoms = append(*atoms, nil)
	}
}

// learn lists the synapse objects that learn.
func (l *lowering) learn() error {
	for _, s := range l.m.Synapses {
		if s.Rule == "" {
			continue
		}
		if err := l.onGrid(s); err != nil {
			return err
		}
		pre, _ := l.m.SourceSize(s.Pre)
		l.img.Plastic = append(l.img.Plastic, image.Plastic{
			Name: s.Name, Source: s.Pre, Pre: pre, Group: l.group(s.Post), Rule: l.m.RuleByName(s.Rule).Rule, Format: s.Format,
		})
		l.plastic[s.Name] = len(l.img.Plastic)
	}
	return nil
}

// onGrid finds plastic weights that begin where synaptic memory cannot hold them: the
// profile brian2_loihi lets them.
func (l *lowering) onGrid(s *ir.Synapse) error {
	learning := l.m.Profile.Learning()
	for i, m := range s.Weights.Data {
		if start := learning.Start(s.Format, int64(m)); start != fix.FloorTo(start, s.Format.LSB()) {
			return diag.Errorf(cmp.Or(s.At, s.Pos), "chipimage/grid", "weight %d of plastic synapse @%s begins at %d under profile %s, and %d bits are stored in steps of %d",
				i, s.Name, start, l.m.Profile, s.Format.Bits, 1<<s.Format.LSB()).WithFix("run it with --engine interp")
		}
	}
	return nil
}

// connect puts every synapse into the in-axon that serves it.
func (l *lowering) connect() error {
	for i, s := range l.m.Synapses {
		if err := l.place(s, image.Kind(l.m.Kind(i))); err != nil {
			return err
		}
	}
	return nil
}

func (l *lowering) place(s *ir.Synapse, kind image.Kind) error {
	var err error
	number := -1
	s.Each(func(pre, post int, mantissa int64, delay int) {
		number++
		at := l.at[s.Post][post]
		routes := l.reach[s.Pre][pre]
		r := slices.IndexFunc(routes, func(a image.Axon) bool { return a.Core == uint32(at.core) })
		if r < 0 {
			if err == nil {
				err = diag.Errorf(cmp.Or(s.At, l.m.At), "chipimage/no-route", "synapse @%s: @%s[%d] has no route to core %d, where @%s[%d] is", s.Name, s.Pre, pre, l.img.Cores[at.core].ID, s.Post, post)
			}
			return
		}
		axon := &l.axons[at.core][routes[r].Axon][routes[r].Atom]
		if n := len(*axon); n == 0 || (*axon)[n-1].Kind != kind {
			*axon = append(*axon, image.Part{Kind: kind})
		}
		part := &(*axon)[len(*axon)-1]
		synapse := image.Synapse{Target: at.local, Mantissa: int32(mantissa), Delay: int32(delay)}
		if s.Tags != nil {
			synapse.Tag = int32(s.Tags.At(number))
		}
		part.Synapses = append(part.Synapses, synapse)
	})
	return err
}

// pack writes the synaptic memory of every core.
func (l *lowering) pack() error {
	for i, k := range l.img.Cores {
		memory, err := image.Pack(l.m.Profile, k.Compartments(), l.axons[i])
		if err != nil {
			if d := diag.All(err); len(d) == 1 {
				d[0].WithNote("on core %d", k.ID)
			}
			return err
		}
		k.Memory = *memory
	}
	return nil
}
