package passes

import (
	"fmt"
	"slices"
	"testing"

	"decc/ir"
	"decc/ir/sem"
)

// boundary is a limit with a network of a size: the largest size that fits, and the next
// that does not, which the pipeline refuses with a code.
type boundary struct {
	limit   string
	changes []string // of the chip; none where the real limit can be reached
	fits    int
	over    int
	code    string
	build   func(b *ir.Builder, n int)
}

var excitatory8 = sem.WeightFormat{Bits: 8, Sign: sem.Excitatory}

// neuron is a group with one value of a param.
func neuron(param string, of func(n int) int64) func(b *ir.Builder, n int) {
	return func(b *ir.Builder, n int) { b.Group("h", "cuba", 2).Param("h", param, of(n)) }
}

func itself(n int) int64 { return int64(n) }

// chain is n compartments, each joined to the next, with one value each of a param.
func chain(param string, of func(i int) int64) func(b *ir.Builder, n int) {
	return func(b *ir.Builder, n int) {
		for i := range n {
			name := fmt.Sprint("h", i)
			b.Group(name, "cuba", 1).Param(name, param, of(i))
			if i > 0 {
				b.Join(fmt.Sprint("h", i-1), name, "dendrite")
			}
		}
	}
}

// fanInto is n inputs into one compartment: a word of synapses each, no two of the first 255 alike.
func fanInto(b *ir.Builder, n int) {
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = int64(1 + i%255)
	}
	b.Input("in", n).Group("h", "cuba", 1).Dense("w", "in", "h", "drive", excitatory8, weights)
}

// fanOut is a compartment with synapses on n others.
func fanOut(b *ir.Builder, n int) {
	b.Group("h", "cuba", 1).Group("k", "cuba", n).Dense("w", "h", "k", "drive", excitatory8, slices.Repeat([]int64{1}, n))
}

// synapse is a single one, with something of it set to n.
func synapse(change func(b *ir.Builder, f *sem.WeightFormat, n int) int64) func(b *ir.Builder, n int) {
	return func(b *ir.Builder, n int) {
		f := sem.WeightFormat{Bits: 8}
		b.Input("in", 1).Group("h", "cuba", 1)
		w := change(b, &f, n)
		b.Dense("w", "in", "h", "drive", f, []int64{w})
		if change(b, &f, n); w == delayed {
			b.Delay("w", int64(n))
		}
	}
}

// delayed is the mantissa of the synapses whose size is their delay.
const delayed = 6

func delay(*ir.Builder, *sem.WeightFormat, int) int64 { return delayed }

func exponent(_ *ir.Builder, f *sem.WeightFormat, n int) int64 {
	f.Exp = n
	return 2
}

func mantissa(_ *ir.Builder, f *sem.WeightFormat, n int) int64 {
	if f.Sign = sem.Excitatory; n < 0 {
		f.Sign = sem.Inhibitory
	}
	return int64(n)
}

// loihi1Boundaries has every limit of the profile that a network can break.
var loihi1Boundaries = []boundary{
	{"compartments", []string{"compartments=3"}, 3, 4, "partition/compartments", chain("vth", func(int) int64 { return 64 })},
	{"synaptic_words", []string{"synaptic_words=10"}, 10, 11, "partition/synaptic-words", fanInto},
	{"in_axons", []string{"population_atoms=1"}, 4096, 4097, "partition/in-axons", fanInto},
	{"population_axons", []string{"in_axons=10", "population_axons=3", "population_atoms=4"}, 12, 13, "partition/in-axons", fanInto},
	{"population_atoms", []string{"in_axons=10", "population_axons=3"}, 96, 97, "partition/in-axons", fanInto},
	{"in_axon_plastic", []string{"in_axons=9"}, 4, 5, "partition/in-axons", fanInto},
	{"out_axons", []string{"out_axons=3", "compartments=1"}, 3, 4, "partition/out-axons", fanOut},
	{"out_axon_interchip", []string{"out_axons=5", "compartments=1", "cores=1"}, 2, 3, "partition/out-axons", fanOut},
	{"accumulators", []string{"accumulators=32"}, 30, 31, "partition/accumulators", synapse(delay)},
	{"delay_max", nil, 62, 63, codeDelay, synapse(delay)},
	{"cx_profiles", nil, 32, 33, "partition/cx-profiles", chain("dv", func(i int) int64 { return int64(i) })},
	{"vth_profiles", nil, 8, 9, "partition/vth-profiles", chain("vth", func(i int) int64 { return int64(64 * i) })},
	{"core_profiles", nil, 1, 2, "partition/core-profiles", chain("vmin", func(i int) int64 { return 1 - int64(1)<<(10+i) })},
	{"synapse_formats", nil, 15, 16, "partition/synapse-formats", kindsOfSynapses},
	{"trace_settings", nil, 3, 4, "partition/trace-settings", kindsOfSynapses},
	{"microcode_words", []string{"microcode_words=14"}, 2, 3, "partition/microcode", kindsOfSynapses},
	{"core_bytes", []string{"core_bytes=89"}, 10, 11, "partition/core-bytes", fanInto}, // 9 of state, 8 a word
	{"refractory_max", nil, 63, 64, codeRefractory, neuron("refrac", itself)},
	{"vth_bits", nil, 1<<17 - 1, 1 << 17, codeThreshold, neuron("vth", func(n int) int64 { return int64(n) * 64 })},
	{"vth_unit", nil, 128, 129, codeThreshold, neuron("vth", itself)},
	{"bias_bits", nil, 4095, 4097, codeBias, neuron("bias", itself)},
	{"bias_exp_max", nil, 4095 << 7, 4096 << 7, codeBias, neuron("bias", itself)},
	{"decay_max", nil, 4096, 4097, codeDecay, neuron("dv", itself)},
	{"joins_in", nil, 2, 3, codeJoin, func(b *ir.Builder, n int) {
		b.Group("h", "cuba", 1)
		for i := range n {
			b.Group(fmt.Sprint("x", i), "auxiliary", 1).Join(fmt.Sprint("x", i), "h", "dendrite")
		}
	}},
	{"payload_bits", nil, 0, 1, codeGraded, func(b *ir.Builder, n int) {
		b.GradedInput("in", 1, sem.Type{Bits: uint8(n)}).Group("h", "cuba", 1)
	}},
	{"weight_exp_min", []string{"weight_exp_min=-7"}, -7, -8, codeExp, synapse(exponent)},
	{"weight_exp_max", nil, 7, 8, codeExp, synapse(exponent)},
	{"weight_mantissa_min", []string{"weight_mantissa_min=-128"}, -128, -129, codeMantissa, synapse(mantissa)},
	{"weight_mantissa_max", []string{"weight_mantissa_max=127"}, 127, 128, codeMantissa, synapse(mantissa)},
	{"cores", []string{"cores=2", "chips=1", "compartments=1"}, 2, 3, codeChips, chainless},
	{"chips", []string{"cores=1", "chips=2", "compartments=1"}, 2, 3, codeChips, chainless},
}

// chainless is n compartments that have nothing to do with each other.
func chainless(b *ir.Builder, n int) { b.Group("h", "cuba", n) }

// kindsOfSynapses is n synapses of different exponents onto one compartment.
func kindsOfSynapses(b *ir.Builder, n int) {
	b.Input("in", 1).Group("h", "cuba", 1)
	for i := range n {
		b.Dense(fmt.Sprint("w", i), "in", "h", "drive", sem.WeightFormat{Bits: 8, Exp: i - 8}, []int64{2})
	}
}

// unbreakable are the limits of loihi1 that no network can break, and why.
var unbreakable = map[string]string{
	"state_bytes":    "the chip's own programs keep less; TestNativeProgramsFit",
	"state_bits":     "the chip's own programs keep less; TestNativeProgramsFit",
	"program_ops":    "the chip's own programs take fewer; TestNativeProgramsFit",
	"tiles_x":        "shape of the mesh: cores are what runs out",
	"tiles_y":        "shape of the mesh: cores are what runs out",
	"cores_per_tile": "shape of the mesh: cores are what runs out",
	"board_x":        "shape of the board: chips are what runs out",
}

// loihi2Unbreakable are the limits of loihi2 that no network breaks, and why; the rest breaks as on loihi1.
var loihi2Unbreakable = map[string]string{
	"state_bytes":    "TestLimitsOfPrograms",
	"state_bits":     "TestLimitsOfPrograms",
	"program_ops":    "TestLimitsOfPrograms",
	"vth_profiles":   "params are kept by compartment",
	"core_profiles":  "params are kept by compartment",
	"refractory_max": "a param is a number of the program, within the width that the program declares",
	"vth_bits":       "a param is a number of the program, within the width that the program declares",
	"vth_unit":       "a param is a number of the program, within the width that the program declares",
	"bias_bits":      "a param is a number of the program, within the width that the program declares",
	"bias_exp_max":   "a param is a number of the program, within the width that the program declares",
	"decay_max":      "a param is a number of the program, within the width that the program declares",
	"tiles_x":        "shape of the mesh: cores are what runs out",
	"tiles_y":        "shape of the mesh: cores are what runs out",
	"cores_per_tile": "shape of the mesh: cores are what runs out",
	"board_x":        "shape of the board: chips are what runs out",
}

// loihi2Boundaries are those of loihi1 that the chip has, with its own numbers.
func loihi2Boundaries() []boundary {
	var list []boundary
	for _, c := range loihi1Boundaries {
		switch _, never := loihi2Unbreakable[c.limit]; {
		case never:
			continue
		case c.limit == "cx_profiles":
			c.changes, c.fits, c.over, c.build = []string{"cx_profiles=2"}, 2, 3, programs
		case c.limit == "joins_in":
			c.fits, c.over = 64, 65
		case c.limit == "payload_bits":
			c.changes, c.fits, c.over = []string{"payload_bits=8"}, 8, 9
		}
		list = append(list, c)
	}
	return list
}

// programs is n compartments of different programs, each joined to the next.
func programs(b *ir.Builder, n int) {
	for i := range n {
		name := fmt.Sprint("p", i)
		b.Program(fmt.Sprintf("neuron @%s {\n state v:s24\n port dendrite:s40\n v = wrap(add(dendrite, %d), 24)\n out v\n}", name, i)).Group(name, name, 1)
		if i > 0 {
			b.Join(fmt.Sprint("p", i-1), name, "dendrite")
		}
	}
}

// TestBoundaries: for every limit of a chip a network just inside builds, and one just
// beyond is refused, with the limit's own code.
func TestBoundaries(t *testing.T) {
	for chip, all := range map[string][]boundary{"loihi1": loihi1Boundaries, "loihi2": loihi2Boundaries()} {
		t.Run(chip, func(t *testing.T) { testBoundaries(t, chip, all) })
	}
}

func testBoundaries(t *testing.T, chip string, all []boundary) {
	never := unbreakable
	if chip == "loihi2" {
		never = loihi2Unbreakable
	}
	var tested []string
	for _, c := range all {
		tested = append(tested, c.limit)
		t.Run(c.limit, func(t *testing.T) {
			s := profile(t, chip, c.changes...)
			p := Default(s)
			p.Options.Mapper = Sequential
			runPipeline(t, &p, c.module(t, c.fits))
			_, err := p.Run(t.Context(), c.module(t, c.over))
			if !hasCode(err, c.code) {
				t.Fatalf("size %d is not refused with %s: %v", c.over, c.code, err)
			}
		})
	}
	for _, l := range profile(t, chip).Limits() {
		if _, ok := never[l.Name]; ok == slices.Contains(tested, l.Name) {
			t.Errorf("limit %s has no boundary test, or one and a reason not to", l.Name)
		}
	}
}

// module builds the network of a size. The limits of learning have rules.
func (c *boundary) module(t *testing.T, n int) *ir.Module {
	b := ir.NewBuilder("net", sem.Silicon)
	c.build(b, n)
	m := built(t, b)
	if slices.Contains([]string{"in_axon_plastic", "trace_settings", "microcode_words"}, c.limit) {
		for i, s := range m.Synapses {
			r := &ir.Rule{Rule: sem.Rule{Name: fmt.Sprint("r", i), Epoch: 1}}
			r.Traces[sem.X1.TraceIndex()] = sem.Trace{Impulse: int32(i+1) << 8}
			r.Sums[sem.TargetW] = []sem.Product{{Gate: sem.GateY0, Mant: 1, Factors: []sem.Factor{{Var: sem.X1}}}}
			m.Rules = append(m.Rules, r)
			s.Rule = r.Name
		}
	}
	return m
}

// TestNativeProgramsFit: the programs that are the chip's compartments hold its limits.
func TestNativeProgramsFit(t *testing.T) {
	s := profile(t, "loihi1")
	for _, name := range s.Programs {
		p, err := ir.Builtin(name, sem.Silicon)
		if err != nil {
			t.Fatal(err)
		}
		m := built(t, ir.NewBuilder("net", sem.Silicon).Group("h", name, 1))
		if n := stateBytes(m.Groups[0]); n > s.StateBytes || p.Cost() > s.ProgramOps {
			t.Errorf("%s: %d bytes, %d operations", name, n, p.Cost())
		}
		for _, f := range p.Fields {
			if f.Kind == sem.State && int(f.Type.Bits) > s.StateBits {
				t.Errorf("%s: %s has %d bits", name, f.Name, f.Type.Bits)
			}
		}
	}
}

// TestDelayBitsDivideTheCore: compartments are at most 2^(13-d) where delays take d bits.
func TestDelayBitsDivideTheCore(t *testing.T) {
	for d := 3; d <= 6; d++ {
		n := 1 << (13 - d)
		m := func(n int) *ir.Module {
			return built(t, ir.NewBuilder("net", sem.Silicon).Input("in", 1).Group("h", "cuba", n).
				Dense("w", "in", "h", "drive", excitatory8, slices.Repeat([]int64{1}, n)).Delay("w", 1<<d-2))
		}
		for more, want := range []int{1, 2} {
			if got := len(compile(t, "loihi1", m(n+more)).Cores); got != want {
				t.Errorf("%d compartments with delays of %d bits take %d cores, want %d", n+more, d, got, want)
			}
		}
	}
}

// TestLimitsOfPrograms: what loihi2 holds of a program, at its bounds.
func TestLimitsOfPrograms(t *testing.T) {
	module := func(bits int) *ir.Module {
		program := fmt.Sprintf("neuron @p {\n state v:s%d\n port drive:s24\n v = wrap(add(drive, 1), %d)\n out v\n}", bits, bits)
		return built(t, ir.NewBuilder("net", sem.Silicon).Program(program).Group("h", "p", 1))
	}
	cost := module(24).Programs[0].Cost()
	for _, c := range []struct {
		changes, code string
		bits          int
	}{
		{"state_bits=32", "", 32},
		{"state_bits=32", codeWidth, 33},
		{"state_bytes=4", "", 32},
		{"state_bytes=3", codeState, 32},
		{fmt.Sprint("program_ops=", cost), "", 24},
		{fmt.Sprint("program_ops=", cost-1), codeOps, 24},
	} {
		p := Default(profile(t, "loihi2", c.changes))
		_, err := p.Run(t.Context(), module(c.bits))
		if c.code == "" && err != nil || c.code != "" && !hasCode(err, c.code) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
