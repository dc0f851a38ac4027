package passes

import (
	"math"
	"slices"

	"decc/chipsim/image"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/sem"
)

// resource is one row of the table of what a core runs out of.
type resource struct {
	limit string // row of the chip profile
	code  string
	noun  string // "needs 5120 <noun> on one core"
	most  func(s *chip.Spec) int
	fix   string
}

// The resources of a core, in the order of the table.
const (
	useCompartments = iota
	useWords
	useInAxons
	useOutAxons
	useAccumulators
	useCxProfiles
	useVthProfiles
	useCoreProfiles
	useFormats
	useTraceSettings
	useMicrocode
	useBytes
	useEnd
)

var resources = [useEnd]resource{
	useCompartments: {
		"compartments", "partition/compartments", "compartments", func(s *chip.Spec) int { return s.Compartments },
		"split the joined groups",
	},
	useWords: {
		"synaptic_words", "partition/synaptic-words", "words of synaptic memory", func(s *chip.Spec) int { return s.SynapticWords },
		"use fewer weight bits, one delay for all synapses, or fewer inputs",
	},
	useInAxons: {
		"in_axons", "partition/in-axons", "input axons", func(s *chip.Spec) int { return s.InAxons },
		"split the inputs over an intermediate layer",
	},
	useOutAxons: {
		"out_axons", "partition/out-axons", "output axon entries", func(s *chip.Spec) int { return s.OutAxons },
		"let the compartment reach fewer cores, or copy its group",
	},
	useAccumulators: {
		"accumulators", "partition/accumulators", "accumulators (compartments x delay slots)", func(s *chip.Spec) int { return s.Accumulators },
		"shorten the longest delay",
	},
	useCxProfiles: {
		"cx_profiles", "partition/cx-profiles", "compartment profiles", func(s *chip.Spec) int { return s.CxProfiles },
		"give compartments that are joined the same decays",
	},
	useVthProfiles: {
		"vth_profiles", "partition/vth-profiles", "threshold profiles", func(s *chip.Spec) int { return s.VthProfiles },
		"give compartments that are joined the same threshold",
	},
	useCoreProfiles: {
		"core_profiles", "partition/core-profiles", "sets of voltage limits", func(s *chip.Spec) int { return s.CoreProfiles },
		"give joined groups the same vmin and vmax",
	},
	useFormats: {
		"synapse_formats", "partition/synapse-formats", "synapse formats", func(s *chip.Spec) int { return s.SynapseFormats },
		"give the synapses of a compartment the same weight format",
	},
	useTraceSettings: {
		"trace_settings", "partition/trace-settings", "settings of pre traces", func(s *chip.Spec) int { return s.TraceSettings },
		"give the rules of the compartment's synapses the same x1 and x2",
	},
	useMicrocode: {
		"microcode_words", "partition/microcode", "words of microcode", func(s *chip.Spec) int { return s.MicrocodeWords },
		"use fewer rules, or rules of fewer products",
	},
	useBytes: {
		"core_bytes", "partition/core-bytes", "bytes of state and synapses", func(s *chip.Spec) int { return s.CoreBytes },
		"use fewer states, fewer inputs or fewer weight bits",
	},
}

// tables marks the resources of which a core counts the different values only: more
// compartments of the same kind need no more.
var tables = [useEnd]bool{
	useCxProfiles: true, useVthProfiles: true, useCoreProfiles: true, useFormats: true, useTraceSettings: true, useMicrocode: true,
}

// usage is how much of each resource a core needs.
type usage [useEnd]int

// over is the first resource of which u has more than the chip, or -1.
func (u *usage) over(s *chip.Spec) int {
	for i := range resources {
		if u[i] > resources[i].most(s) {
			return i
		}
	}
	return -1
}

// measure tells what the content of a core needs, out-axons left out: those depend
// on where its targets are.
func (a *atlas) measure(content []stretch) usage {
	return a.measureUntil(content, func(_, _ *usage) bool { return false })
}

// judge tells whether a core can hold the content, out-axons left out, and counts no more than that takes:
// the usage is over a limit if and only if the whole is.
func (a *atlas) judge(content []stretch) usage {
	return a.measureUntil(content, func(least, most *usage) bool { return least.over(a.chip) >= 0 || most.over(a.chip) < 0 })
}

// fits reports whether a core can hold the content, out-axons left out.
func (a *atlas) fits(content []stretch) bool {
	u := a.judge(content)
	return u.over(a.chip) < 0
}

// shareOf is the share of a core that the content takes, out-axons left out.
func (a *atlas) shareOf(content []stretch) int64 {
	u := a.measureUntil(content, func(least, most *usage) bool { return a.share(most) == a.share(least) })
	return a.share(&u)
}

// measureUntil counts step by step what the content of a core needs and ends where enough says so, by what is known to be
// needed at least and at most. Packing, the last step, takes longest.
func (a *atlas) measureUntil(content []stretch, enough func(least, most *usage) bool) usage {
	var u usage
	var r *reach
	most := unbounded
	for _, step := range []func(){
		func() { a.countTables(content, &u) },
		func() { a.countRules(content, &u) },
		func() { u[useWords] = a.leastWords(content) },
		func() { r = a.countAxons(content, &u); most = a.most(content, r, u) },
		func() { a.countWords(a.axons(content, r), &u) },
	} {
		if step(); enough(&u, &most) {
			break
		}
	}
	if r != nil {
		a.release(r)
	}
	return u
}

// unbounded is the usage of which nothing is known.
var unbounded = func() (u usage) {
	for i := range u {
		u[i] = math.MaxInt32
	}
	return u
}()

// most adds to what is counted the most that synaptic memory can take.
func (a *atlas) most(content []stretch, r *reach, u usage) usage {
	synapses := map[image.Kind]int{}
	for _, s := range content {
		for _, in := range a.groups[s.group].inbound {
			synapses[in.kind] += in.onto(s)
		}
	}
	bits := 0
	for kind, n := range synapses {
		bits += kind.MostBits(a.m.Profile, u[useCompartments], r.delay, min(n, len(r.sources)), n)
	}
	u[useWords] = image.MostWords(len(r.sources), bits)
	if len(r.atoms) < len(r.sources) {
		u[useWords] = math.MaxInt32 // every list of a population is as long as its longest
	}
	u[useBytes] += 8 * u[useWords]
	u[useFormats] = image.MostFormats(len(synapses))
	return u
}

func (a *atlas) countAxons(content []stretch, u *usage) *reach {
	r := a.reach(content)
	u[useInAxons] = r.axons(a.chip)
	for _, s := range content {
		u[useAccumulators] += s.n * a.groups[s.group].ports * chip.DelaySlots(r.delay)
	}
	return r
}

func (a *atlas) countTables(content []stretch, u *usage) {
	var cx, vth, core distinct
	for _, s := range content {
		t := a.groups[s.group]
		u[useCompartments] += s.n
		u[useBytes] += s.n * t.stateBytes
		cx.add(t.cx, s)
		vth.add(t.vth, s)
		core.add(t.core, s)
	}
	u[useCxProfiles], u[useVthProfiles], u[useCoreProfiles] = len(cx), len(vth), len(core)
}

// synapses counts those that end on a core.
func (a *atlas) synapses(content []stretch) int {
	n := 0
	for _, s := range content {
		for _, in := range a.groups[s.group].inbound {
			n += in.onto(s)
		}
	}
	return n
}

// leastWords is what the weights that are not shared fill: packing takes that and more, and
// much longer.
func (a *atlas) leastWords(content []stretch) int {
	return a.weightBits(content, func(in *inbound) bool { return !in.repeats }) / 64
}

// weightBits adds up the weights of the synapses onto a core, of the objects that are wanted.
func (a *atlas) weightBits(content []stretch, wanted func(*inbound) bool) int {
	bits := 0
	for _, s := range content {
		for _, in := range a.groups[s.group].inbound {
			if wanted(in) {
				bits += in.onto(s) * in.kind.Weight.Bits
			}
		}
	}
	return bits
}

// countRules counts what learning needs beside synaptic memory: the microcode of every
// rule once, and every setting of pre traces.
func (a *atlas) countRules(content []stretch, u *usage) {
	var rules []*ir.Rule
	for _, s := range content {
		for _, in := range a.groups[s.group].inbound {
			if in.rule != nil && in.onto(s) > 0 && !slices.Contains(rules, in.rule) {
				rules = append(rules, in.rule)
			}
		}
	}
	u[useTraceSettings], u[useMicrocode] = learningTables(rules)
}

// learningTables is what rules take of a core's tables. Rules that have no words, which
// chipimage finds, count none.
func learningTables(rules []*ir.Rule) (settings, words int) {
	seen := map[[2]sem.Trace]bool{}
	for _, r := range rules {
		seen[[2]sem.Trace{r.Traces[sem.X1.TraceIndex()], r.Traces[sem.X2.TraceIndex()]}] = true
		microcode, _ := r.Words()
		words += len(microcode)
	}
	return len(seen), words
}

// distinct is a set of profile keys.
type distinct map[int32]struct{}

func (d *distinct) add(k keys, s stretch) {
	if len(k) == 0 {
		return
	}
	if *d == nil {
		*d = distinct{}
	}
	n := s.n
	if len(k) == 1 {
		n = 1
	}
	for i := range n {
		(*d)[k.at(s.first+i)] = struct{}{}
	}
}

// countWords packs the synapses as the image will. The only way that packing can
// fail here is by kinds of synapses beyond the table of formats; each kind needs one.
func (a *atlas) countWords(axons []image.Atoms, u *usage) {
	memory, err := image.Pack(a.m.Profile, u[useCompartments], axons)
	if err != nil {
		u[useFormats] = kinds(axons)
		return
	}
	u[useWords], u[useFormats] = len(memory.Words), len(memory.Formats)
	u[useBytes] += 8 * len(memory.Words)
}

func kinds(axons []image.Atoms) int {
	seen := map[image.Kind]bool{}
	for _, atoms := range axons {
		for _, parts := range atoms {
			for _, p := range parts {
				seen[p.Kind] = true
			}
		}
	}
	return len(seen)
}
