package sem_test

import (
	"testing"

	"decc/ir"
	"decc/ir/interp"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Every test here stands at the boundary of a rule on which chip and emulators
// differ, or could be thought to; README.md says whose rule is which.

const (
	e21 = 1 << 21
	e23 = 1 << 23
)

// values are fields of a compartment by name.
type values map[string]int64

// compartment runs one compartment of a builtin program.
type compartment struct {
	t    *testing.T
	exec *sem.Exec[int64]
}

func builtin(t *testing.T, name string, profile sem.ProfileID, params values) compartment {
	t.Helper()
	p, err := ir.Builtin(name, profile)
	if err != nil {
		t.Fatal(err)
	}
	c := compartment{t, sem.NewExec[int64](&p.Program, 1)}
	for _, o := range p.Observables() {
		c.exec.Observe(p.Observable(o))
	}
	c.set(params)
	return c
}

// set gives fields their values; ports keep theirs until they are set again.
func (c compartment) set(fields values) {
	c.t.Helper()
	for name, x := range fields {
		f := c.exec.Program().FieldIndex(name)
		if f < 0 || !c.exec.Program().Fields[f].Type.Holds(x) {
			c.t.Fatalf("field %q does not exist or does not hold %d", name, x)
		}
		c.exec.Slot(sem.Ref(f))[0] = x
	}
}

// row runs one row and returns an observable of it.
func (c compartment) row(observable string) int64 {
	c.exec.Step()
	x := c.exec.Slot(c.exec.Program().Observable(observable))[0]
	c.exec.Commit()
	return x
}

// perProfile is what a case gives under each profile.
type perProfile [4]int64

func everywhere(x int64) perProfile { return perProfile{x, x, x, x} }

// checkCases runs one row of a builtin program for each case and profile.
func checkCases(t *testing.T, program, observable string, cases []struct {
	name string
	in   values
	want perProfile
},
) {
	t.Helper()
	for _, c := range cases {
		for id, want := range c.want {
			if got := builtin(t, program, sem.ProfileID(id), c.in).row(observable); got != want {
				t.Errorf("%s, %s: %s = %d, want %d", sem.ProfileID(id), c.name, observable, got, want)
			}
		}
	}
}

type boundary = []struct {
	name string
	in   values
	want perProfile
}

func TestPointDriveWidth(t *testing.T) {
	q := func(x int64) values { return values{"du": 4096, "drive": x} }
	checkCases(t, "cuba", "u", boundary{
		{"q = 2^21-1", q(e21 - 1), everywhere(e21 - 1)},
		{"q = 2^21", q(e21), perProfile{sem.Silicon: e21, sem.Lava: e21, sem.NengoLoihi: -e21, sem.Brian2Loihi: e21}},
		{"q = -2^21", q(-e21), everywhere(-e21)},
		{"q = -2^21-1", q(-e21 - 1), perProfile{sem.Silicon: -e21 - 1, sem.Lava: -e21 - 1, sem.NengoLoihi: e21 - 1, sem.Brian2Loihi: -e21 - 1}},
	})
}

func TestPointCurrentOverflow(t *testing.T) {
	sum := func(u, drive int64) values { return values{"du": 0, "u": u, "drive": drive} }
	checkCases(t, "cuba", "u", boundary{
		{"u = 2^23-1", sum(e23-2, 1), everywhere(e23 - 1)},
		{"u = 2^23", sum(e23-1, 1), perProfile{sem.Silicon: -e23, sem.Lava: e23, sem.NengoLoihi: -e23, sem.Brian2Loihi: e23}},
		{"u = 2^23+1", sum(e23-1, 2), perProfile{sem.Silicon: -e23 + 1, sem.Lava: -e23 + 1, sem.NengoLoihi: -e23 + 1, sem.Brian2Loihi: e23 + 1}},
		{"u = -2^23+1", sum(-e23+2, -1), everywhere(-e23 + 1)},
		{"u = -2^23", sum(-e23+1, -1), perProfile{sem.Silicon: -e23, sem.Lava: e23, sem.NengoLoihi: -e23, sem.Brian2Loihi: -e23}},
		{"u = -2^23-1", sum(-e23+1, -2), perProfile{sem.Silicon: e23 - 1, sem.Lava: e23 - 1, sem.NengoLoihi: e23 - 1, sem.Brian2Loihi: -e23 - 1}},
	})
}

func TestPointInputWidth(t *testing.T) {
	in := func(u, bias int64) values {
		return values{"du": 0, "dv": 4096, "u": u, "bias": bias, "vth": 1<<24 - 1}
	}
	checkCases(t, "cuba", "x", boundary{
		{"u + bias = 2^23-1", in(e23-2, 1), everywhere(e23 - 1)},
		{"u + bias = 2^23", in(e23-1, 1), perProfile{sem.Silicon: e23, sem.Lava: e23, sem.NengoLoihi: -e23, sem.Brian2Loihi: e23}},
		{"u + bias = -2^23-1", in(-e23+1, -2), perProfile{sem.Silicon: -e23 - 1, sem.Lava: -e23 - 1, sem.NengoLoihi: e23 - 1, sem.Brian2Loihi: -e23 - 1}},
	})
}

func TestPointVoltageLimits(t *testing.T) {
	v := func(v, bias int64) values { return values{"dv": 0, "v": v, "bias": bias, "vth": 1<<24 - 1} }
	with := func(in values, name string, x int64) values {
		in[name] = x
		return in
	}
	checkCases(t, "cuba", "v", boundary{
		{"v = 2^23-1", v(e23-2, 1), everywhere(e23 - 1)},
		{"v = 2^23", v(e23-1, 1), perProfile{sem.Silicon: e23 - 1, sem.Lava: e23 - 1, sem.NengoLoihi: e23 - 1, sem.Brian2Loihi: e23}},
		{"v = -(2^23-1)", v(-e23+2, -1), everywhere(-e23 + 1)},
		{"v = -2^23", v(-e23+1, -1), perProfile{sem.Silicon: -e23 + 1, sem.Lava: -e23 + 1, sem.NengoLoihi: -e23 + 1, sem.Brian2Loihi: -e23}},
		{"v = -1, vmin = 0", with(v(0, -1), "vmin", 0), perProfile{sem.Silicon: 0, sem.Lava: -1, sem.NengoLoihi: 0, sem.Brian2Loihi: -1}},
		{"v = 512, vmax = 511", with(v(511, 1), "vmax", 511), perProfile{sem.Silicon: 511, sem.Lava: 512, sem.NengoLoihi: 511, sem.Brian2Loihi: 512}},
	})
}

func TestPointThresholdIsStrict(t *testing.T) {
	at := func(v int64) values { return values{"dv": 0, "v": v, "vth": 6400} }
	checkCases(t, "cuba", "s", boundary{
		{"v = vth - 1", at(6399), everywhere(0)},
		{"v = vth", at(6400), everywhere(0)},
		{"v = vth + 1", at(6401), everywhere(1)},
	})
	// The greatest threshold that the chip stores can be passed (hardware.md 0.1).
	top := func(v int64) values { return values{"dv": 0, "v": v, "vth": 131071 * 64} }
	checkCases(t, "cuba", "s", boundary{
		{"v = greatest vth", top(131071 * 64), everywhere(0)},
		{"v = greatest vth + 1", top(131071*64 + 1), everywhere(1)},
	})
}

func TestPointReset(t *testing.T) {
	spiking := values{"du": 0, "dv": 0, "u": 50, "v": 6401, "vth": 6400}
	checkCases(t, "cuba", "v", boundary{{"v after a spike", spiking, everywhere(0)}})
	checkCases(t, "cuba", "u", boundary{{"u after a spike", spiking, everywhere(50)}})
}

// A compartment that would fire in every row fires every max(refrac, 1) rows; v is 0
// between, and u goes on.
func TestPointRefractory(t *testing.T) {
	for id := range sem.Profiles {
		for refrac, period := range map[int64]int{0: 1, 1: 1, 2: 2, 5: 5, 63: 63, 127: 127} {
			c := builtin(t, "cuba", sem.ProfileID(id), values{"refrac": refrac, "vth": 10, "bias": 100, "dv": 0, "du": 0, "drive": 1})
			s, u := sem.Ref(c.exec.Program().Spike), sem.Ref(c.exec.Program().FieldIndex("u"))
			for k := range 2*period + 1 {
				v := c.row("v")
				fires := k%period == 0
				if got := c.exec.Slot(s)[0] == 1; got != fires || v != 0 {
					t.Errorf("%s, refrac %d, row %d: spike %t, v %d", sem.ProfileID(id), refrac, k, got, v)
				}
				if got := c.exec.Slot(u)[0]; got != int64(k)+1 {
					t.Errorf("%s, refrac %d, row %d: u = %d", sem.ProfileID(id), refrac, k, got)
				}
			}
		}
	}
}

// What the chip's voltage register reads around a spike: 128 times refrac, then one
// more each held row; it is no state.
func TestPointVoltageRegister(t *testing.T) {
	for refrac, want := range map[int64][]int64{
		1: {128, 128, 128}, 2: {256, 257, 256, 257}, 5: {640, 641, 642, 643, 644, 640},
	} {
		c := builtin(t, "cuba", sem.Silicon, values{"refrac": refrac, "vth": 10, "bias": 100})
		for k, w := range want {
			if got := c.row("vreg"); got != w {
				t.Errorf("refrac %d, row %d: vreg = %d, want %d", refrac, k, got, w)
			}
		}
	}
	quiet := builtin(t, "cuba", sem.Silicon, values{"vth": 1000, "bias": 100, "dv": 0})
	if quiet.row("vreg"); quiet.row("vreg") != 200 {
		t.Error("without a spike vreg is v")
	}
}

// Decay rounds the magnitude down, which is the same as brian2_loihi's "subtract the
// rounded up loss"; flooring and rounding differ at negative odd values.
func TestPointDecayRounding(t *testing.T) {
	for id := range sem.Profiles {
		for _, d := range []int64{0, 1, 205, 2048, 4095, 4096} {
			for _, x := range []int64{0, 1, -1, 3, -3, 4095, -4095, 4096, -4096, 4097, -4097, e23 - 1, -e23 + 1} {
				magnitude := max(x, -x)
				want := magnitude - (magnitude*d+4095)/4096
				if x < 0 {
					want = -want
				}
				c := builtin(t, "cuba", sem.ProfileID(id), values{"du": d, "dv": d, "u": x, "vth": 1<<24 - 1})
				if got := c.row("u"); got != want {
					t.Errorf("%s: u %d with decay %d gives %d, want %d", sem.ProfileID(id), x, d, got, want)
				}
			}
		}
	}
}

// Decays are totals: 0 keeps all, 4096 keeps nothing. A register that the chip adds
// one to (nengo-loihi and Lava: du) is read as its total by the importers.
func TestPointDecayRange(t *testing.T) {
	for _, c := range []struct {
		program, state, decay string
	}{{"cuba", "u", "du"}, {"cuba", "v", "dv"}, {"decolle", "r", "dr"}, {"auxiliary", "x", "dx"}, {"dendrite", "v", "dv"}} {
		for id := range sem.Profiles {
			for decay, want := range map[int64]int64{0: 1000, 1: 999, 4095: 0, 4096: 0} {
				in := values{c.state: 1000, c.decay: decay}
				if c.program == "cuba" {
					in["vth"] = 5000
				}
				if got := builtin(t, c.program, sem.ProfileID(id), in).row(c.state); got != want {
					t.Errorf("%s: %s of @%s with %s = %d gives %d, want %d", sem.ProfileID(id), c.state, c.program, c.decay, decay, got, want)
				}
			}
		}
	}
}

// The voltage is fed by the current of the same row.
func TestPointFreshCurrent(t *testing.T) {
	in := values{"du": 2048, "dv": 4096, "u": 100, "drive": 7, "vth": 5000}
	checkCases(t, "cuba", "v", boundary{{"v takes the new u", in, everywhere(57)}})
	in = values{"du": 2048, "dv": 4096, "u": 100, "drive": 7}
	checkCases(t, "decolle", "v", boundary{{"v takes the new u", in, everywhere(57)}})
}

// weightCases holds the effective weight of one spike of a mantissa in units of u
// (Lava's with the exponent applied).
func weightCases(t *testing.T, cases []struct {
	format sem.WeightFormat
	mant   int64
	want   perProfile
},
) {
	t.Helper()
	for _, c := range cases {
		for id, want := range c.want {
			p := sem.Profiles[id]
			got := p.Weight(c.format, c.mant)
			if p.ExpOnSum {
				got = sem.ScaleSum(got, c.format.Exp)
			}
			if got != want {
				t.Errorf("%s: mantissa %d as %+v weighs %d, want %d", p.Name, c.mant, c.format, got, want)
			}
		}
	}
}

type weights = []struct {
	format sem.WeightFormat
	mant   int64
	want   perProfile
}

// in64 is a perProfile in units of 64.
func in64(silicon, lava, nengo, brian int64) perProfile {
	return perProfile{sem.Silicon: silicon * 64, sem.Lava: lava * 64, sem.NengoLoihi: nengo * 64, sem.Brian2Loihi: brian * 64}
}

// Bits that the format does not store: truncated toward zero, floored, or rounded
// half to even.
func TestPointWeightLowBits(t *testing.T) {
	mixed, exc, inh := sem.WeightFormat{Bits: 8}, sem.WeightFormat{Bits: 8, Sign: sem.Excitatory}, sem.WeightFormat{Bits: 8, Sign: sem.Inhibitory}
	coarse := func(sign sem.SignMode) sem.WeightFormat { return sem.WeightFormat{Bits: 6, Sign: sign} }
	weightCases(t, weights{
		{mixed, 2, in64(2, 2, 2, 2)},
		{mixed, -2, in64(-2, -2, -2, -2)},
		{mixed, 1, in64(0, 0, 0, 0)},
		{mixed, 3, in64(2, 2, 4, 2)},
		{mixed, -1, in64(0, -2, 0, 0)},
		{mixed, -3, in64(-2, -4, -4, -2)},
		{exc, 3, in64(3, 3, 3, 3)},
		{inh, -3, in64(-3, -3, -3, -3)},
		{coarse(sem.Mixed), 12, in64(8, 8, 16, 8)},
		{coarse(sem.Mixed), -12, in64(-8, -16, -16, -8)},
		{coarse(sem.Excitatory), 6, in64(4, 4, 8, 4)},
		{coarse(sem.Inhibitory), -6, in64(-4, -4, -8, -4)},
	})
}

// The ends of the mantissas.
func TestPointWeightRange(t *testing.T) {
	mixed, exc, inh := sem.WeightFormat{Bits: 8}, sem.WeightFormat{Bits: 8, Sign: sem.Excitatory}, sem.WeightFormat{Bits: 8, Sign: sem.Inhibitory}
	weightCases(t, weights{
		{mixed, 254, in64(254, 254, 254, 254)},
		{mixed, 255, in64(254, 254, 254, 254)},
		{mixed, -254, in64(-254, -254, -254, -254)},
		{mixed, -255, in64(-254, -256, -254, -254)},
		{mixed, -256, in64(-256, -256, -254, -256)},
		{exc, 255, in64(255, 255, 255, 255)},
		{inh, -255, in64(-255, -255, -255, -255)},
		{inh, -256, in64(-256, -255, -255, -256)},
	})
}

// Greatest effective weight of one spike.
func TestPointWeightLimit(t *testing.T) {
	mixed, exc := sem.WeightFormat{Bits: 8, Exp: 7}, sem.WeightFormat{Bits: 8, Exp: 7, Sign: sem.Excitatory}
	weightCases(t, weights{
		{exc, 255, everywhere(255 * 128 * 64)},
		{mixed, -256, perProfile{sem.Silicon: -e21 + 64, sem.Lava: -e21, sem.NengoLoihi: -254 * 128 * 64, sem.Brian2Loihi: -e21 + 64}},
	})
}

// arriving runs inputs that all spike in row 0 into one readout and returns y of row 1.
func arriving(t *testing.T, profile sem.ProfileID, rows int, build func(b *ir.Builder), trains map[string]spikes.Train) []int64 {
	t.Helper()
	b := ir.NewBuilder("m", profile).GradedInput("in", 2, sem.Type{Bits: 8, Signed: true}).Group("g", "readout", 1)
	build(b)
	m, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	probe := spikes.Probe{Group: "g", Variable: "y"}
	rec, err := interp.New[int64](m).Run(t.Context(), spikes.Request{Rows: rows, Inputs: trains, Probes: []spikes.Probe{probe}})
	if err != nil {
		t.Fatal(err)
	}
	return rec.Values[probe.Key()].Data
}

// together is one plain spike of both inputs in row 0.
var together = map[string]spikes.Train{"in": {{Row: 0, Index: 0, Payload: 1}, {Row: 0, Index: 1, Payload: 1}}}

// quarter has an exponent that takes two bits off.
var quarter = sem.WeightFormat{Bits: 8, Exp: -2}

// The exponent is negative: rounded for each synapse, or on the sum (peers.md 2).
func TestPointNegativeExponent(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		want perProfile
	}{
		{2, 2, in64(0, 1, 0, 0)},
		{2, -2, in64(-1, 0, 0, -1)},
		{-2, -2, in64(-2, -1, 0, -2)},
		{4, 4, in64(2, 2, 2, 2)},
		{6, 6, in64(2, 3, 4, 2)},
	} {
		for id, want := range c.want {
			got := arriving(t, sem.ProfileID(id), 2, func(b *ir.Builder) {
				b.Dense("w", "in", "g", "drive", quarter, []int64{c.a, c.b})
			}, together)[1]
			if got != want {
				t.Errorf("%s: %d and %d at exponent -2 bring %d, want %d", sem.ProfileID(id), c.a, c.b, got, want)
			}
		}
	}
}

// The sum that Lava's exponent acts on is that of one connection and delay slot of
// one emission row: other connections, and spikes of other rows, are rounded apart.
func TestPointExponentOnSum(t *testing.T) {
	apart := arriving(t, sem.Lava, 2, func(b *ir.Builder) {
		b.Dense("w", "in", "g", "drive", quarter, []int64{2, 0}).Dense("x", "in", "g", "drive", quarter, []int64{0, 2})
	}, together)
	if apart[1] != 0 {
		t.Errorf("two connections: %d, want 0", apart[1])
	}
	delayed := arriving(t, sem.Lava, 3, func(b *ir.Builder) {
		b.Dense("w", "in", "g", "drive", quarter, []int64{2, 2}).Delay("w", 1, 0)
	}, map[string]spikes.Train{"in": {{Row: 0, Index: 0, Payload: 1}, {Row: 1, Index: 1, Payload: 1}}})
	if delayed[2] != 0 {
		t.Errorf("two emission rows: %d, want 0", delayed[2])
	}
	slots := arriving(t, sem.Lava, 3, func(b *ir.Builder) {
		b.Dense("w", "in", "g", "drive", quarter, []int64{2, 2}).Delay("w", 0, 1)
	}, together)
	if slots[1] != 0 || slots[2] != 0 {
		t.Errorf("two delay slots: %d and %d, want 0", slots[1], slots[2])
	}
}

// A payload multiplies the effective weight, and before the exponent where that acts
// on the sum.
func TestPointPayload(t *testing.T) {
	graded := map[string]spikes.Train{"in": {{Row: 0, Index: 0, Payload: 2}}}
	for id, want := range in64(0, 1, 0, 0) {
		got := arriving(t, sem.ProfileID(id), 2, func(b *ir.Builder) {
			b.Dense("w", "in", "g", "drive", quarter, []int64{2, 0}).Graded("w")
		}, graded)[1]
		if got != want {
			t.Errorf("%s: payload 2 on mantissa 2 at exponent -2 brings %d, want %d", sem.ProfileID(id), got, want)
		}
	}
	plain := arriving(t, sem.Silicon, 2, func(b *ir.Builder) {
		b.Dense("w", "in", "g", "drive", sem.WeightFormat{Bits: 8}, []int64{2, 0})
	}, graded)[1]
	if plain != 128 {
		t.Errorf("a plain synapse brings %d, want 128: it does not look at the payload", plain)
	}
}

// A spike emitted in row e arrives in row e+1+delay; nothing arrives in row 0.
func TestPointTiming(t *testing.T) {
	for id := range sem.Profiles {
		for _, delay := range []int{0, 1, 7, 62, 63} {
			y := arriving(t, sem.ProfileID(id), 70, func(b *ir.Builder) {
				b.Dense("w", "in", "g", "drive", sem.WeightFormat{Bits: 8}, []int64{2, 0}).Delay("w", int64(delay))
			}, map[string]spikes.Train{"in": {{Row: 0, Index: 0, Payload: 1}, {Row: 3, Index: 0, Payload: 1}}})
			for k, got := range y {
				want := int64(0)
				if k == 1+delay || k == 4+delay {
					want = 128
				}
				if got != want {
					t.Errorf("%s, delay %d, row %d: %d arrived, want %d", sem.ProfileID(id), delay, k, got, want)
				}
			}
		}
	}
}

// The states are at their defaults before the update of the rows with
// (k+1) mod interval = offset; what arrives in such a row still counts.
func TestPointPeriodicReset(t *testing.T) {
	for id := range sem.Profiles {
		m, err := ir.NewBuilder("m", sem.ProfileID(id)).Group("g", "cuba", 1).
			Param("g", "bias", 10).Param("g", "vth", 5000).Param("g", "dv", 0).Reset("g", 4, 1).Build()
		if err != nil {
			t.Fatal(err)
		}
		rec, err := interp.New[int64](m).Run(t.Context(), spikes.Request{Rows: 9, Probes: []spikes.Probe{{Group: "g", Variable: "v"}}})
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range []int64{10, 20, 30, 40, 10, 20, 30, 40, 10} {
			if got := rec.Values["g.v"].At(k, 0); got != want {
				t.Errorf("%s, row %d: v = %d, want %d", sem.ProfileID(id), k, got, want)
			}
		}
	}
}

// A joined compartment passes the value of the same row, after its own update.
func TestPointJoinOrder(t *testing.T) {
	m, err := ir.NewBuilder("m", sem.Silicon).
		Group("parent", "cuba", 1).Param("parent", "vth", 50000).Param("parent", "dv", 4096).
		Group("child", "dendrite", 1).Param("child", "bias", 5).Param("child", "dv", 0).
		Join("child", "parent", "dendrite").Build()
	if err != nil {
		t.Fatal(err)
	}
	rec, err := interp.New[int64](m).Run(t.Context(), spikes.Request{Rows: 3, Probes: []spikes.Probe{{Group: "parent", Variable: "v"}}})
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []int64{5, 10, 15} {
		if got := rec.Values["parent.v"].At(k, 0); got != want {
			t.Errorf("row %d: v of the parent is %d, want %d", k, got, want)
		}
	}
}
