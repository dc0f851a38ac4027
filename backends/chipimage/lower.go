// Package chipimage turns a routed module into the image that a chip is loaded
// with: compartments by core, synaptic memory by in-axon, out-axon lists.
package chipimage

import (
	"cmp"
	"context"
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
// is a *diag.Diagnostic: codes chipimage/..., or what image.Pack finds; or that of the context.
func Lower(ctx context.Context, m *ir.Module) (*image.Image, error) {
	if m.Stage < ir.Routed {
		return nil, diag.Errorf(m.At, "chipimage/stage", "the module is at stage %s, an image is made from stage %s", m.Stage, ir.Routed).
			WithFix("partition, place and route it first")
	}
	l := newLowering(m)
	l.route()
	if err := l.learn(); err != nil {
		return nil, err
	}
	if err := l.fill(ctx); err != nil {
		return nil, err
	}
	return l.img, nil
}

// lowering is an image in the making. Source members are numbered through: those of the inputs in order, then those
// of the groups.
type lowering struct {
	m       *ir.Module
	img     *image.Image
	first   map[string]int // number of member 0 of an input or group
	sources int
	cores   map[int]int32 // core number -> index
	routes  listing       // of each core
	inbound []inbound
}

// inbound is a synapse object by target.
type inbound struct {
	*ir.Inbound
	kind  image.Kind
	group int // of the targets
}

func newLowering(m *ir.Module) *lowering {
	l := &lowering{
		m: m, cores: map[int]int32{}, first: map[string]int{},
		img: &image.Image{
			Name: m.Name, Chip: m.Chip, Profile: m.Profile, Seed: m.Seed, DtNanos: m.DtNanos, ModuleDigest: ir.Digest(m),
		},
	}
	for _, p := range m.Programs {
		l.img.Programs = append(l.img.Programs, p.Program)
	}
	for _, in := range m.Inputs {
		l.img.Inputs = append(l.img.Inputs, image.Input{Name: in.Name, N: in.N, Payload: in.Payload})
		l.number(in.Name, in.N)
	}
	for _, g := range m.Groups {
		l.img.Groups = append(l.img.Groups, image.Group{Name: g.Name, N: g.N, Program: slices.Index(m.Programs, g.Program), Reset: image.Reset(g.Reset)})
		l.number(g.Name, g.N)
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

func (l *lowering) number(name string, n int) {
	l.first[name] = l.sources
	l.sources += n
}

func (l *lowering) group(name string) int {
	return slices.IndexFunc(l.m.Groups, func(g *ir.Group) bool { return g.Name == name })
}

func (l *lowering) addCore(c *ir.Core) {
	l.cores[c.ID] = int32(len(l.img.Cores))
	k := &image.Core{ID: c.ID, ChipID: c.ChipID, X: c.X, Y: c.Y, Z: c.Z}
	for _, r := range c.Runs {
		g := l.group(r.Group)
		k.Runs = append(k.Runs, image.Run{Group: g, First: r.First, N: r.N, Params: params(l.m.Groups[g], r)})
	}
	l.img.Cores = append(l.img.Cores, k)
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

// listing has the routes, by their index, in lists.
type listing struct {
	start []int
	index []int32
}

// newListing puts every route into one of n lists, in their order.
func newListing(routes []ir.Route, n int, of func(r *ir.Route) int) listing {
	l := listing{start: make([]int, n+1), index: make([]int32, len(routes))}
	for i := range routes {
		l.start[of(&routes[i])+1]++
	}
	for i := range n {
		l.start[i+1] += l.start[i]
	}
	next := slices.Clone(l.start)
	for i := range routes {
		k := of(&routes[i])
		l.index[next[k]] = int32(i)
		next[k]++
	}
	return l
}

func (l *listing) of(k int) []int32 { return l.index[l.start[k]:l.start[k+1]] }

// route fills the out-axon tables, and lists the routes of each core.
func (l *lowering) route() {
	l.routes = newListing(l.m.Routes, len(l.img.Cores), func(r *ir.Route) int { return int(l.cores[int(r.Core)]) })
	sent := newListing(l.m.Routes, l.sources, func(r *ir.Route) int { return l.first[r.Source] + int(r.Index) })
	for i, in := range l.m.Inputs {
		l.img.Inputs[i].Fan = l.fanout(&sent, []span{{l.first[in.Name], in.N}})
	}
	for _, k := range l.img.Cores {
		var members []span
		for _, r := range k.Runs {
			members = append(members, span{l.first[l.m.Groups[r.Group].Name] + r.First, r.N})
		}
		k.Fan = l.fanout(&sent, members)
	}
}

// span is consecutive source numbers.
type span struct{ first, n int }

// fanout is the table of the out-axons of source members.
func (l *lowering) fanout(sent *listing, members []span) image.Fanout {
	size := 0
	for _, s := range members {
		size += sent.start[s.first+s.n] - sent.start[s.first]
	}
	f := image.Fanout{Start: make([]uint32, 1), Axons: make([]image.Axon, 0, size)}
	for _, s := range members {
		for source := s.first; source < s.first+s.n; source++ {
			for _, i := range sent.of(source) {
				r := &l.m.Routes[i]
				f.Axons = append(f.Axons, image.Axon{Core: uint32(l.cores[int(r.Core)]), Axon: uint32(r.Axon), Atom: uint32(r.Atom)})
			}
			f.Start = append(f.Start, uint32(len(f.Axons)))
		}
	}
	return f
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
