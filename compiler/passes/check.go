package passes

import (
	"fmt"
	"maps"
	"slices"

	"decc/chipsim/image"
	"decc/compiler"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/sem"
)

// Check follows every synapse, join and route of a routed module and counts what
// its cores hold, without the tables and counters of the passes: it is what they are
// judged by. Only the packer of synaptic memory is shared, since what it gives is the
// fact to be counted. The module must pass ir.Verify. The error is a diag.List.
func Check(m *ir.Module, spec *chip.Spec) error {
	if m.Stage != ir.Routed || m.Chip != spec.Name {
		return diag.List{diag.Errorf(m.At, codeCheckStage, "a module of stage %s for chip %q, needed is a routed one for %s", m.Stage, m.Chip, spec.Name).
			WithFix("run the remaining passes for this chip")}
	}
	k := &checker{Context: &compiler.Context{Chip: spec}, m: m, cores: map[int]*coreFacts{}, home: map[string][]spot{}, paths: map[string]map[int][]*arrival{}}
	k.locate()
	k.checkJoins()
	k.readRoutes()
	k.followSynapses()
	k.findDangling()
	for _, id := range slices.Sorted(maps.Keys(k.cores)) {
		k.checkCore(k.cores[id])
	}
	return k.Found.Err()
}

type checker struct {
	*compiler.Context
	m     *ir.Module
	cores map[int]*coreFacts
	home  map[string][]spot             // where each compartment of a group is
	paths map[string]map[int][]*arrival // by source, core and member
}

// spot is a compartment's core and its number there.
type spot struct {
	core  int
	local int32
}

// arrival is what a route stands for: an atom of an in-axon and the synapses found behind it.
type arrival struct {
	parts []image.Part
}

func (a *arrival) learns() bool {
	return slices.ContainsFunc(a.parts, func(p image.Part) bool { return p.Kind.Plastic > 0 })
}

func (a *arrival) add(kind image.Kind, s image.Synapse) {
	at := slices.IndexFunc(a.parts, func(p image.Part) bool { return p.Kind == kind })
	if at < 0 {
		at, a.parts = len(a.parts), append(a.parts, image.Part{Kind: kind})
	}
	a.parts[at].Synapses = append(a.parts[at].Synapses, s)
}

// coreFacts is what the checker counts of a core.
type coreFacts struct {
	*ir.Core
	compartments int
	axons        map[int]map[int]*arrival // by in-axon and atom
	delay        int
	outAxons     int
	rules        []*ir.Rule // of its synapses
}

// maxChecks keeps a table that is wrong everywhere readable.
const maxChecks = 50

func (k *checker) complain(at diag.Pos, code, format string, args ...any) {
	if len(k.Found) < maxChecks {
		k.Errorf(k.m.Pos, at, code, format, args...)
	}
}

// locate numbers the compartments of every core and holds its place against the mesh.
func (k *checker) locate() {
	for _, g := range k.m.Groups {
		k.home[g.Name] = make([]spot, g.N)
	}
	for _, c := range k.m.Cores {
		f := &coreFacts{Core: c, axons: map[int]map[int]*arrival{}}
		k.cores[c.ID] = f
		for _, r := range c.Runs {
			for i := range r.N {
				k.home[r.Group][r.First+i] = spot{c.ID, int32(f.compartments)}
				f.compartments++
			}
		}
		s := k.Chip
		inTile := c.X < s.TilesX && c.Y < s.TilesY && c.Z < s.CoresPerTile
		if !inTile || c.ChipID >= s.Chips || (c.Y*s.TilesX+c.X)*s.CoresPerTile+c.Z >= s.Cores {
			k.complain(c.At, codeCheckPlace, "core %d is at chip %d, tile (%d, %d), core %d; chip %s has %d x %d tiles of %d, %d cores, and %d chips",
				c.ID, c.ChipID, c.X, c.Y, c.Z, s.Name, s.TilesX, s.TilesY, s.CoresPerTile, s.Cores, s.Chips)
		}
	}
}

func (k *checker) checkJoins() {
	for _, j := range k.m.Joins {
		for i := range k.m.GroupByName(j.To).N {
			from, to := k.home[j.From][i].core, k.home[j.To][i].core
			if from != to {
				k.complain(j.At, codeCheckJoin, "compartment %d of @%s is on core %d, that of @%s, which it is joined to, on core %d", i, j.From, from, j.To, to)
				break
			}
		}
	}
}

func (k *checker) readRoutes() {
	for _, r := range k.m.Routes {
		list := k.pathsOf(r)
		f, axon, atom := k.cores[int(r.Core)], int(r.Axon), int(r.Atom)
		switch {
		case list[r.Index] != nil:
			k.complain(k.m.At, codeCheckRoute, "two routes lead from @%s[%d] to core %d", r.Source, r.Index, r.Core)
		case f.axons[axon][atom] != nil:
			k.complain(k.m.At, codeCheckRoute, "atom %d of axon %d of core %d has two sources, one is @%s[%d]", atom, axon, r.Core, r.Source, r.Index)
		case atom >= k.Chip.PopulationAtoms || atom > 0 && axon >= k.Chip.PopulationAxons:
			k.complain(k.m.At, codeCheckLimit, "route @%s[%d] leads to atom %d of axon %d of core %d, populations have axons 0..%d and atoms 0..%d",
				r.Source, r.Index, atom, axon, r.Core, k.Chip.PopulationAxons-1, k.Chip.PopulationAtoms-1)
		case axon >= k.Chip.InAxons:
			k.complain(k.m.At, codeCheckLimit, "route @%s[%d] leads to axon %d of core %d, axons are 0..%d", r.Source, r.Index, axon, r.Core, k.Chip.InAxons-1)
		default:
			a := &arrival{}
			if f.axons[axon] == nil {
				f.axons[axon] = map[int]*arrival{}
			}
			list[r.Index], f.axons[axon][atom] = a, a
		}
		k.payForAxon(r)
	}
}

// pathsOf lists what the members of the route's source have on its core.
func (k *checker) pathsOf(r ir.Route) []*arrival {
	byCore := k.paths[r.Source]
	if byCore == nil {
		byCore = map[int][]*arrival{}
		k.paths[r.Source] = byCore
	}
	if byCore[int(r.Core)] == nil {
		n, _ := k.m.SourceSize(r.Source)
		byCore[int(r.Core)] = make([]*arrival, n)
	}
	return byCore[int(r.Core)]
}

// payForAxon charges the core of the source; inputs are sent by the host.
func (k *checker) payForAxon(r ir.Route) {
	home := k.home[r.Source]
	if home == nil {
		return
	}
	from := k.cores[home[r.Index].core]
	if from.ChipID == k.cores[int(r.Core)].ChipID {
		from.outAxons++
	} else {
		from.outAxons += k.Chip.OutAxonInterchip
	}
}

func (k *checker) followSynapses() {
	for i, s := range k.m.Synapses {
		rule := k.m.RuleByName(s.Rule)
		kind, paths, home := image.Kind(k.m.Kind(i)), k.paths[s.Pre], k.home[s.Post]
		s.Each(func(pre, post int, mantissa int64, delay int) {
			at := home[post]
			list := paths[at.core]
			if list == nil || list[pre] == nil {
				k.complain(s.At, codeCheckRoute, "synapse @%s ends on core %d, where no route from @%s[%d] leads", s.Name, at.core, s.Pre, pre)
				return
			}
			list[pre].add(kind, image.Synapse{Target: at.local, Mantissa: int32(mantissa), Delay: int32(delay)})
			core := k.cores[at.core]
			core.delay = max(core.delay, delay)
			if rule != nil && !slices.Contains(core.rules, rule) {
				core.rules = append(core.rules, rule)
			}
		})
	}
}

func (k *checker) findDangling() {
	for _, r := range k.m.Routes {
		if a := k.paths[r.Source][int(r.Core)][r.Index]; a != nil && len(a.parts) == 0 {
			k.complain(k.m.At, codeCheckDangling, "route @%s[%d] -> core %d axon %d ends where the source has no synapses", r.Source, r.Index, r.Core, r.Axon)
		}
	}
}

// checkCore counts one core.
func (k *checker) checkCore(f *coreFacts) {
	accumulators, bytes := 0, 0
	tables := map[chip.Kept]map[string]bool{chip.KeptCxProfile: {}, chip.KeptVthProfile: {}, chip.KeptCore: {}}
	for _, r := range f.Runs {
		g := k.m.GroupByName(r.Group)
		accumulators += r.N * max(1, k.portsOf(g.Name)) * chip.DelaySlots(f.delay)
		for i := r.First; i < r.First+r.N; i++ {
			bytes += k.enter(g, i, tables)
		}
	}
	words, formats := k.pack(f)
	settings, microcode := learningTables(f.rules)
	for _, x := range []struct {
		limit      string
		used, most int
	}{
		{"compartments", f.compartments, k.Chip.Compartments},
		{"synaptic_words", words, k.Chip.SynapticWords},
		{"in_axons", k.inAxons(f), k.Chip.InAxons},
		{"out_axons", f.outAxons, k.Chip.OutAxons},
		{"accumulators", accumulators, k.Chip.Accumulators},
		{"cx_profiles", len(tables[chip.KeptCxProfile]), k.Chip.CxProfiles},
		{"vth_profiles", len(tables[chip.KeptVthProfile]), k.Chip.VthProfiles},
		{"core_profiles", len(tables[chip.KeptCore]), k.Chip.CoreProfiles},
		{"synapse_formats", formats, k.Chip.SynapseFormats},
		{"trace_settings", settings, k.Chip.TraceSettings},
		{"microcode_words", microcode, k.Chip.MicrocodeWords},
		{"core_bytes", bytes + words*8, k.Chip.CoreBytes},
	} {
		if x.used > x.most {
			k.complain(f.At, codeCheckLimit, "core %d uses %d %s, limit is %d", f.ID, x.used, x.limit, x.most)
		}
	}
}

// inAxons counts those of a core; plastic synapses behind one cost more.
func (k *checker) inAxons(f *coreFacts) int {
	n := 0
	for _, atoms := range f.axons {
		if atoms[0] != nil && atoms[0].learns() {
			n += k.Chip.InAxonPlastic
		} else {
			n++
		}
	}
	return n
}

// portsOf counts the ports of a group that synapses reach anywhere: the accumulators
// of a compartment are the same on every core.
func (k *checker) portsOf(group string) int {
	ports := map[string]bool{}
	for _, s := range k.m.Synapses {
		if s.Post == group {
			ports[s.Port] = true
		}
	}
	return len(ports)
}

// enter puts a compartment's params into the tables of its core and returns the
// bytes that it keeps for itself.
func (k *checker) enter(g *ir.Group, i int, tables map[chip.Kept]map[string]bool) int {
	entries := map[chip.Kept]string{chip.KeptCxProfile: "@" + g.Program.Name}
	bits := 0
	for _, f := range g.Program.Fields {
		own := f.Kind == sem.State
		if f.Kind == sem.Param {
			entries[k.Chip.Kept(f.Name)] += fmt.Sprintf(" %s=%d", f.Name, g.Param(f.Name, i))
			own = hasOwnValues(g, f.Name)
		}
		if own {
			bits += powerOfTwoBits(int(f.Type.Bits))
		}
	}
	for kept, entry := range entries {
		if tables[kept] != nil {
			tables[kept][entry] = true
		}
	}
	return bits / 8
}

func hasOwnValues(g *ir.Group, param string) bool {
	return slices.ContainsFunc(g.Params, func(p ir.Param) bool { return p.Name == param && len(p.Values.Data) > 1 })
}

func powerOfTwoBits(bits int) int {
	for _, n := range []int{8, 16, 32} {
		if bits <= n {
			return n
		}
	}
	return 64
}

// pack counts the words and formats of a core's synapses.
func (k *checker) pack(f *coreFacts) (words, formats int) {
	var axons []image.Atoms
	for _, id := range slices.Sorted(maps.Keys(f.axons)) {
		atoms := make(image.Atoms, 1+slices.Max(slices.Collect(maps.Keys(f.axons[id]))))
		for i, a := range f.axons[id] {
			atoms[i] = a.parts
		}
		axons = append(axons, atoms)
	}
	memory, err := image.Pack(k.m.Profile, f.compartments, axons)
	if err != nil {
		k.complain(f.At, codeCheckLimit, "core %d: %v", f.ID, err)
		return 0, 0
	}
	return len(memory.Words), len(memory.Formats)
}
