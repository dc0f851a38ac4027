package passes

import (
	"errors"
	"math/rand/v2"
	"testing"

	"decc/compiler"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/irgen"
	"decc/ir/sem"
)

// softNetwork is a random module of two @decolle groups, feed-forward and recurrent,
// that Loihi 1 can express. Some of its numbers are extreme.
func softNetwork(t *testing.T, seed uint64, profile sem.ProfileID) *ir.Module {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	b := ir.NewBuilder("soft", profile).Seed(seed).Input("in", 6)
	for _, name := range []string{"a", "b"} {
		n := 5
		b.Group(name, "decolle", n)
		for _, p := range []string{"du", "dv", "dr"} {
			b.Param(name, p, []int64{r.Int64N(4097), 0, 4096, 328}[r.IntN(4)])
		}
		wr, bias, exp := make([]int64, n), make([]int64, n), r.IntN(8)
		for i := range n {
			wr[i] = []int64{0, 64, 64 * r.Int64N(256), 64 * 255}[r.IntN(4)] << exp
			bias[i] = (r.Int64N(8191) - 4095) << r.IntN(8)
		}
		vth := 64 * []int64{0, 100, r.Int64N(20000), 131071}[r.IntN(4)]
		b.Param(name, "wr", wr...).Param(name, "bias", bias...).Param(name, "vth", vth)
		if vmax := int64(1)<<(9+2*r.IntN(8)) - 1; r.IntN(2) == 0 && vth < vmax {
			b.Param(name, "vmin", 1-1<<r.IntN(24)).Param(name, "vmax", vmax)
		}
	}
	format := sem.WeightFormat{Bits: 8, Exp: r.IntN(10) - 2}
	for _, s := range [][2]string{{"in", "a"}, {"a", "b"}, {"b", "b"}} {
		n := map[string]int{"in": 6, "a": 5, "b": 5}[s[0]]
		w := make([]int64, 5*n)
		for i := range w {
			w[i] = 2 * (r.Int64N(180) - 60)
		}
		name := s[0] + "-" + s[1]
		b.Dense(name, s[0], s[1], "drive", format, w).Delay(name, r.Int64N(4))
	}
	m, err := b.Layer(ir.Layer{Name: "l", Spikes: "b", Readout: "a", Value: []string{"u", "v", "r", "m", "s"}[r.IntN(5)]}).Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The proof that two fixed compartments are a @decolle neuron: spikes and readout
// values are equal row by row, under both semantics that allow it.
func TestExpandedDecolleIsTheSameNeuron(t *testing.T) {
	p := Default(profile(t, "loihi1", "compartments=4"))
	const rows = 80
	fired, busy := 0, 0
	for _, profile := range []sem.ProfileID{sem.Silicon, sem.Lava} {
		for seed := range uint64(60) {
			m := softNetwork(t, seed, profile)
			after := runPipeline(t, &p, m).Module
			if err := Check(after, p.Chip); err != nil {
				t.Fatal(err)
			}
			inputs := irgen.Trains(seed, m, rows)
			comparePreserved(t, m, after, inputs, rows)
			n := len(interpret(t, m, inputs, rows).Spikes["b"])
			if fired += n; n > 0 && n < 5*rows {
				busy++
			}
		}
	}
	if busy < 30 {
		t.Errorf("only %d networks spiked in some rows and not in others (%d spikes): the comparison shows little", busy, fired)
	}
}

// A wrong refractory weight must be seen by the comparison above.
func TestTheExpansionIsSensitive(t *testing.T) {
	p := Default(profile(t, "loihi1"))
	p.Passes = p.Passes[:2]
	differ := 0
	for seed := range uint64(20) {
		m := softNetwork(t, seed, sem.Silicon)
		after := runPipeline(t, &p, m).Module
		for _, s := range after.Synapses {
			if s.Pre == s.Post && s.Port == "drive" && s.IsList() {
				s.Format.Exp--
			}
		}
		inputs := irgen.Trains(seed, m, 80)
		a, b := interpret(t, m, inputs, 80), interpret(t, after, inputs, 80)
		if len(a.Spikes["b"]) != len(b.Spikes["b"]) || len(a.Spikes["a"]) != len(b.Spikes["a"]) {
			differ++
		}
	}
	if differ == 0 {
		t.Error("half the refractory weight changed nothing in 20 networks")
	}
}

// Random modules keep to what loihi2 takes by construction. Loihi 1 has some reason
// to refuse nearly all of them; the reasons are diagnostics, not bugs.
func TestRandomModules(t *testing.T) {
	two, one := Default(profile(t, "loihi2")), Default(profile(t, "loihi1"))
	two.Passes, one.Passes = two.Passes[:2], one.Passes[:2]
	for seed := range uint64(200) {
		m := irgen.Random(seed, irgen.Options{Loihi2: true})
		if got := runPipeline(t, &two, m).Module; got.Chip != "loihi2" || len(got.Groups) != len(m.Groups) {
			t.Errorf("seed %d: chip %s, %d groups of %d", seed, got.Chip, len(got.Groups), len(m.Groups))
		}
		var bug *compiler.Bug
		_, err := one.Run(t.Context(), irgen.Random(seed, irgen.Options{}))
		if errors.As(err, &bug) || err != nil && len(diag.All(err)) == 0 {
			t.Errorf("seed %d: not a diagnostic: %v", seed, err)
		}
	}
}

func TestNearestValuesAreHeldAndNearest(t *testing.T) {
	s := profile(t, "loihi1")
	held := map[string]func(v int64) bool{
		"vth":  func(v int64) bool { return v >= 0 && v%64 == 0 && v <= 131071*64 },
		"bias": biasHeld,
		"vmin": func(v int64) bool { return v <= 0 && -v&(-v+1) == 0 },
		"vmax": func(v int64) bool { return v >= 511 && v&(v+1) == 0 && log2(v+1)%2 == 1 && v < 1<<24 },
		"du":   func(v int64) bool { return v >= 0 && v <= 4096 },
	}
	r := rand.New(rand.NewPCG(5, 5))
	for param, ok := range held {
		rule := ruleOf(param)
		for range 600 {
			v := r.Int64N(1<<24) - 1<<23
			v >>= r.UintN(24)
			near := rule.nearest(s, v)
			if !ok(near) || rule.nearest(s, near) != near || ok(v) && near != v {
				t.Fatalf("%s = %d: nearest %d", param, v, near)
			}
			for d := range distance(near, v) {
				if d < 3000 && (ok(v+d) || ok(v-d)) {
					t.Fatalf("%s = %d: nearest %d, but distance %d is held too", param, v, near, d)
				}
			}
		}
	}
}

func biasHeld(v int64) bool {
	for e := range 8 {
		if m := v >> e; m<<e == v && m >= -4095 && m <= 4095 {
			return true
		}
	}
	return false
}

func log2(v int64) (n int) {
	for ; v > 1; v /= 2 {
		n++
	}
	return n
}

func TestStoredBytes(t *testing.T) {
	for bits, want := range map[uint8]int{1: 1, 8: 1, 9: 2, 16: 2, 17: 4, 24: 4, 32: 4, 33: 8, 52: 8} {
		if got := storedBytes(bits); got != want {
			t.Errorf("%d bits: %d bytes, want %d", bits, got, want)
		}
	}
}

// A name of the greatest length still gets partners.
func TestFreshNamesAreValid(t *testing.T) {
	long := ""
	for len(long) < 128 {
		long += "g"
	}
	m, err := ir.NewBuilder("n", sem.Silicon).Group(long, "decolle", 1).Param(long, "wr", 64).Build()
	if err != nil {
		t.Fatal(err)
	}
	p := Default(profile(t, "loihi1"))
	got := runPipeline(t, &p, m).Module
	if len(got.Groups) != 2 || got.Groups[1].Name != long {
		t.Errorf("%d groups", len(got.Groups))
	}
}

func TestUserChipWithoutPartsRefusesDecolle(t *testing.T) {
	s, err := chip.Parse([]byte("name: dull\nbase: loihi1\nprograms: [readout]\n"), "dull.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p := Default(s)
	_, err = p.Run(t.Context(), softNetwork(t, 1, sem.Silicon))
	if d := diag.All(err); len(d) != 2 || d[0].Code != codeProgram {
		t.Errorf("%v", err)
	}
}
