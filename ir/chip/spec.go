// Package chip describes the chips that decc compiles for: how many of
// everything a core, a compartment and the mesh have, each number with its
// source. Profiles are data: those of this folder are embedded, a user
// can write another or change rows of one of these.
package chip

import (
	"cmp"
	"math/bits"
	"slices"
)

// Spec is a chip profile. Every limit is a row of the profile file under the
// name that stands behind it; Limits lists them with unit and source.
type Spec struct {
	Name string // "loihi1", "loihi2" or a user's name
	Doc  string // one line for `decc targets`

	// Programs names the builtin neuron programs that the chip's compartments
	// are; nil means that the chip runs any program within ProgramOps and StateBytes.
	Programs []string
	// SynapsePorts and JoinPorts name the ports that synapses and joins can reach;
	// empty means any.
	SynapsePorts []string
	JoinPorts    []string
	// WeightBits lists the weight widths that a synapse format can have.
	WeightBits []int
	// Params tells where the value of a param lives; see Kept.
	Params []ParamRow

	Compartments      int // compartments: of a core
	SynapticWords     int // synaptic_words: 64-bit words of a core
	InAxons           int // in_axons: of a core
	InAxonPlastic     int // in_axon_plastic: in-axons that one with plastic synapses takes
	PopulationAxons   int // population_axons: in-axons of a core that can be populations
	PopulationAtoms   int // population_atoms: members of a population
	OutAxons          int // out_axons: entries of a core
	OutAxonInterchip  int // out_axon_interchip: entries that one to another chip takes
	Accumulators      int // accumulators: compartments times DelaySlots of a core
	DelayMax          int // delay_max: rows
	CxProfiles        int // cx_profiles: of a core
	VthProfiles       int // vth_profiles: of a core
	CoreProfiles      int // core_profiles: sets of params that are kept once a core
	SynapseFormats    int // synapse_formats: of a core
	TraceSettings     int // trace_settings: of the sources of plastic synapses, of a core
	MicrocodeWords    int // microcode_words: sem.Rule.Words of the rules of a core
	StateBytes        int // state_bytes: of a compartment
	CoreBytes         int // core_bytes: state and synapses of a core together
	StateBits         int // state_bits: widest state or param
	ProgramOps        int // program_ops: sem.Program.Cost of a compartment update
	RefractoryMax     int // refractory_max: rows
	VthBits           int // vth_bits: bits of the unsigned mantissa
	VthUnit           int // vth_unit: what one mantissa step is in units of v
	BiasBits          int // bias_bits: bits of the mantissa, sign included
	BiasExpMax        int // bias_exp_max: bias = mantissa * 2^(0..BiasExpMax)
	DecayMax          int // decay_max: in 1/4096 a row
	JoinsIn           int // joins_in: joins into one compartment
	PayloadBits       int // payload_bits: of a spike, 0 for binary spikes
	WeightExpMin      int // weight_exp_min
	WeightExpMax      int // weight_exp_max
	WeightMantissaMin int // weight_mantissa_min
	WeightMantissaMax int // weight_mantissa_max
	TilesX            int // tiles_x: of a chip
	TilesY            int // tiles_y: of a chip
	CoresPerTile      int // cores_per_tile
	Cores             int // cores: usable neuro cores of a chip, at most tiles times cores a tile
	Chips             int // chips: of the largest system
	BoardX            int // board_x: chips in a row of the board

	limits []Limit
	costs  []Cost
}

// Limit is one row of a profile.
type Limit struct {
	Name   string
	Value  int64
	Unit   string
	Source string
	Note   string
}

// Cost is one row of a profile's table of energies (pJ) and times (ns).
type Cost struct {
	// Set names the coefficients that belong together; those of one set have one source.
	Set  string
	Name string
	// Chips is how many chips a system has that a row speaks of, 0 for any.
	Chips  int
	Value  float64
	Unit   string
	Source string
	Note   string
}

// Kept says which table of a core holds a param: that table limits how many
// different values the core can have.
type Kept string

// The places of a param. KeptCompartment: every compartment has its own.
// KeptVthProfile: one of Spec.VthProfiles entries. KeptCxProfile: part of one of
// Spec.CxProfiles entries, together with the other params that live there.
// KeptCore: one value for all compartments of the core.
const (
	KeptCompartment Kept = "compartment"
	KeptVthProfile  Kept = "vth_profile"
	KeptCxProfile   Kept = "cx_profile"
	KeptCore        Kept = "core"
)

var keptNames = []string{string(KeptCompartment), string(KeptVthProfile), string(KeptCxProfile), string(KeptCore)}

// ParamRow places one param; the name OtherParams places all that have no row.
type ParamRow struct {
	Param string
	Kept  Kept
}

// OtherParams is the ParamRow name for every param without a row of its own.
const OtherParams = "other"

// row ties a limit's name to its field and to the values that make sense: bounds
// keep a user's file from asking for absurd memory later.
type row struct {
	name   string
	lo, hi int64
	field  func(*Spec) *int
}

var rows = []row{
	{"compartments", 1, 1 << 20, func(s *Spec) *int { return &s.Compartments }},
	{"synaptic_words", 1, 1 << 24, func(s *Spec) *int { return &s.SynapticWords }},
	{"in_axons", 1, 1 << 20, func(s *Spec) *int { return &s.InAxons }},
	{"in_axon_plastic", 1, 16, func(s *Spec) *int { return &s.InAxonPlastic }},
	{"population_axons", 0, 1 << 20, func(s *Spec) *int { return &s.PopulationAxons }},
	{"population_atoms", 1, 32, func(s *Spec) *int { return &s.PopulationAtoms }},
	{"out_axons", 1, 1 << 20, func(s *Spec) *int { return &s.OutAxons }},
	{"out_axon_interchip", 1, 16, func(s *Spec) *int { return &s.OutAxonInterchip }},
	{"accumulators", 2, 1 << 26, func(s *Spec) *int { return &s.Accumulators }},
	{"delay_max", 0, 63, func(s *Spec) *int { return &s.DelayMax }},
	{"cx_profiles", 1, 1 << 20, func(s *Spec) *int { return &s.CxProfiles }},
	{"vth_profiles", 1, 1 << 20, func(s *Spec) *int { return &s.VthProfiles }},
	{"core_profiles", 1, 1 << 10, func(s *Spec) *int { return &s.CoreProfiles }},
	{"synapse_formats", 1, 15, func(s *Spec) *int { return &s.SynapseFormats }},
	{"trace_settings", 1, 1 << 10, func(s *Spec) *int { return &s.TraceSettings }},
	{"microcode_words", 1, 1 << 20, func(s *Spec) *int { return &s.MicrocodeWords }},
	{"state_bytes", 1, 1 << 16, func(s *Spec) *int { return &s.StateBytes }},
	{"core_bytes", 1, 1 << 30, func(s *Spec) *int { return &s.CoreBytes }},
	{"state_bits", 1, 62, func(s *Spec) *int { return &s.StateBits }},
	{"program_ops", 1, 1 << 16, func(s *Spec) *int { return &s.ProgramOps }},
	{"refractory_max", 1, 127, func(s *Spec) *int { return &s.RefractoryMax }},
	{"vth_bits", 1, 31, func(s *Spec) *int { return &s.VthBits }},
	{"vth_unit", 1, 1 << 20, func(s *Spec) *int { return &s.VthUnit }},
	{"bias_bits", 2, 31, func(s *Spec) *int { return &s.BiasBits }},
	{"bias_exp_max", 0, 16, func(s *Spec) *int { return &s.BiasExpMax }},
	{"decay_max", 1, 4096, func(s *Spec) *int { return &s.DecayMax }},
	{"joins_in", 0, 1 << 10, func(s *Spec) *int { return &s.JoinsIn }},
	{"payload_bits", 0, 32, func(s *Spec) *int { return &s.PayloadBits }},
	{"weight_exp_min", -8, 0, func(s *Spec) *int { return &s.WeightExpMin }},
	{"weight_exp_max", 0, 8, func(s *Spec) *int { return &s.WeightExpMax }},
	{"weight_mantissa_min", -256, 0, func(s *Spec) *int { return &s.WeightMantissaMin }},
	{"weight_mantissa_max", 1, 255, func(s *Spec) *int { return &s.WeightMantissaMax }},
	{"tiles_x", 1, 1 << 10, func(s *Spec) *int { return &s.TilesX }},
	{"tiles_y", 1, 1 << 10, func(s *Spec) *int { return &s.TilesY }},
	{"cores_per_tile", 1, 1 << 10, func(s *Spec) *int { return &s.CoresPerTile }},
	{"cores", 1, 1 << 20, func(s *Spec) *int { return &s.Cores }},
	{"chips", 1, 1 << 20, func(s *Spec) *int { return &s.Chips }},
	{"board_x", 1, 1 << 20, func(s *Spec) *int { return &s.BoardX }},
}

func rowByName(name string) *row {
	for i := range rows {
		if rows[i].name == name {
			return &rows[i]
		}
	}
	return nil
}

func rowNames() []string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.name
	}
	return names
}

// Limits lists every limit of the profile in the order of Spec's fields.
func (s *Spec) Limits() []Limit { return slices.Clone(s.limits) }

// Costs lists the published energies and times; a profile may have none.
func (s *Spec) Costs() []Cost { return slices.Clone(s.costs) }

// CostSets names the sets of Costs, in their order.
func (s *Spec) CostSets() []string {
	var sets []string
	for _, c := range s.costs {
		if !slices.Contains(sets, c.Set) {
			sets = append(sets, c.Set)
		}
	}
	return sets
}

// Cost finds a cost of a set; ok is false where the set has none of that name.
func (s *Spec) Cost(set, name string) (c Cost, ok bool) {
	i := slices.IndexFunc(s.costs, func(c Cost) bool { return c.Set == set && c.Name == name })
	if i < 0 {
		return c, false
	}
	return s.costs[i], true
}

// Systems lists the costs of a name and a set that speak of systems of some chips, the smallest
// first.
func (s *Spec) Systems(set, name string) []Cost {
	var list []Cost
	for _, c := range s.costs {
		if c.Set == set && c.Name == name && c.Chips > 0 {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b Cost) int { return cmp.Compare(a.Chips, b.Chips) })
	return list
}

// Limit finds a limit by name; ok is false where the name is no limit.
func (s *Spec) Limit(name string) (l Limit, ok bool) {
	for _, l := range s.limits {
		if l.Name == name {
			return l, true
		}
	}
	return Limit{}, false
}

// With returns a copy of s with one limit changed, for instance the number of
// cores; the error tells an unknown name or a value outside the sensible range.
func (s *Spec) With(name string, value int64) (*Spec, error) {
	r := rowByName(name)
	if r == nil {
		return nil, unknownLimit(nowhere, name)
	}
	if err := r.accepts(nowhere, value); err != nil {
		return nil, err
	}
	c := *s
	c.limits = slices.Clone(s.limits)
	c.set(r, Limit{Name: name, Value: value, Unit: unitOf(s, name), Source: "set by hand"})
	if err := c.checkMesh(nowhere); err != nil {
		return nil, err
	}
	return &c, nil
}

func unitOf(s *Spec, name string) string {
	l, _ := s.Limit(name)
	return l.Unit
}

// set stores the limit in its field and in the list, which keeps the order of rows.
func (s *Spec) set(r *row, l Limit) {
	*r.field(s) = int(l.Value)
	for i := range s.limits {
		if s.limits[i].Name == l.Name {
			s.limits[i] = l
			return
		}
	}
	s.limits = append(s.limits, l)
}

// Kept tells where the value of a param lives on this chip.
func (s *Spec) Kept(param string) Kept {
	other := KeptCompartment
	for _, p := range s.Params {
		if p.Param == param {
			return p.Kept
		}
		if p.Param == OtherParams {
			other = p.Kept
		}
	}
	return other
}

// RunsAny reports whether the chip runs programs that a user wrote.
func (s *Spec) RunsAny() bool { return s.Programs == nil }

// MaxThreshold is the largest threshold of a compartment, in units of v.
func (s *Spec) MaxThreshold() int64 { return (int64(1)<<s.VthBits - 1) * int64(s.VthUnit) }

// HasWeightBits reports whether a synapse format can store weights that wide.
func (s *Spec) HasWeightBits(n int) bool { return slices.Contains(s.WeightBits, n) }

// DelaySlots is the number of accumulator slots that each compartment of a core
// takes when the longest delay that arrives there is maxDelay rows (0..62): the
// row that is read, the next one and one for each row of delay, rounded up to a
// power of two since the slot number is a bit field.
func DelaySlots(maxDelay int) int { return 1 << bits.Len(uint(maxDelay+1)) }
