package validate

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"decc/ir"
	"decc/ir/sem"
)

// neuronModel is how a neuron of a recording becomes a program of ours.
type neuronModel struct {
	// text is the program, whose name is the model's.
	text func(g *goldenGroup) (string, error)
	// params are the program's and the keys of the recording that they are.
	params [][2]string
	// derived are params that are worked out of the recording; nil for none.
	derived func(g *goldenGroup) (map[string]int64, error)
	// recorded are the arrays of the recording, [row][member], and the values that they are.
	recorded [][2]string
	// signs tells that spikes have payloads, listed with them.
	signs bool
}

// neuronModels are the models by name, or by the kind of the document where groups have none
// (golden/README.md).
var neuronModels = map[string]neuronModel{
	"net": {
		text:     builtinText("cuba"),
		params:   [][2]string{{"du", "decay_u"}, {"dv", "decay_v"}, {"vth", "vth"}, {"bias", "bias"}, {"refrac", "refractory"}, {"vmin", "vmin"}, {"vmax", "vmax"}},
		recorded: [][2]string{{"u", "u"}, {"v", "v"}},
	},
	"ternary": {
		text:     builtinText("ternary"),
		params:   [][2]string{{"du", "decay_u"}, {"dv", "decay_v"}, {"vth", "vth"}, {"vlo", "vth_lo"}, {"bias", "bias"}},
		recorded: [][2]string{{"u", "u"}, {"v", "v"}}, signs: true,
	},
	"noise": {
		text:     noisyText,
		params:   [][2]string{{"du", "decay_u"}, {"dv", "decay_v"}, {"vth", "vth"}, {"bias", "bias"}, {"refrac", "refractory"}, {"vmin", "vmin"}, {"vmax", "vmax"}},
		recorded: [][2]string{{"u", "u"}, {"v", "v"}},
	},
	"atrlif": {
		text:     builtinText("adaptive"),
		params:   [][2]string{{"bias", "bias"}},
		derived:  adaptation,
		recorded: [][2]string{{"u", "u"}, {"v", "v"}, {"theta", "theta"}, {"r", "r"}},
	},
	"graded_vec":  {text: builtinText("graded"), params: [][2]string{{"vth", "vth"}}, recorded: [][2]string{{"payload", "y"}}},
	"graded_relu": {text: builtinText("graded_relu"), params: [][2]string{{"vth", "vth"}}, recorded: [][2]string{{"payload", "y"}}},
	"sigma_delta": {
		text:     sigmaDeltaText,
		params:   [][2]string{{"vth", "vth"}, {"bias", "bias"}},
		recorded: [][2]string{{"payload", "y"}, {"sigma", "sigma"}, {"act", "act"}, {"residue", "residue"}},
	},
	"prod_neuron": {text: timesText, params: [][2]string{{"vth", "vth"}}, recorded: [][2]string{{"payload", "y"}}},
}

func builtinText(name string) func(*goldenGroup) (string, error) {
	return func(*goldenGroup) (string, error) { return ir.BuiltinText(name) }
}

// adaptation are the params of the adaptive threshold: its decays are all or nothing, and the
// current loses one part more.
func adaptation(g *goldenGroup) (map[string]int64, error) {
	params := map[string]int64{}
	for _, p := range []struct {
		param, key  string
		factor, add int64
	}{
		{"du", "delta_i", 4096, 1},
		{"dv", "delta_v", 4096, 0},
		{"dt", "delta_theta", 4096, 0},
		{"dr", "delta_r", 4096, 0},
		{"theta0", "theta_0", 64, 0},
		{"step", "theta_step", 64, 0},
	} {
		x, err := g.number(p.key)
		if err != nil {
			return nil, err
		}
		params[p.param] = p.factor*x + p.add
	}
	return params, nil
}

// sigmaDeltaText sends changes of an activation that are large enough, or, with cum_error,
// changes that have become so together.
func sigmaDeltaText(g *goldenGroup) (string, error) {
	in, err := g.number("spike_exp")
	if err != nil {
		return "", err
	}
	out, err := g.number("state_exp")
	if err != nil {
		return "", err
	}
	if in < 0 || in > 20 || out < 0 || out > 20 {
		return "", fmt.Errorf("exponents %d and %d", in, out)
	}
	var cumulative bool
	if raw := g.raw["cum_error"]; raw != nil {
		if err := json.Unmarshal(raw, &cumulative); err != nil {
			return "", err
		}
	}
	measure := "delta"
	if cumulative {
		measure = "total"
	}
	text := fmt.Sprintf(`neuron @sigma_delta {
  state sigma:s40 act:s40 residue:s40 error:s40
  port drive:s40
  param vth:s32 bias:s32
  sigma = clamp(add(sigma, shl(shrf(drive, 6), %d)), -549755813887, 549755813887)
  now = clamp(max(add(sigma, bias), 0), 0, 549755813887)
  delta = clamp(add(sub(now, act), residue), -549755813887, 549755813887)
  total = clamp(add(error, delta), -549755813887, 549755813887)
  fires = ge(abs(%s), vth)
  sent = select(fires, delta, 0)
  error = select(fires, 0, total)
  residue = clamp(sub(delta, sent), -549755813887, 549755813887)
  act = now
  y = shrf(sent, %d)
  spike fires
  payload clamp(y, -2147483648, 2147483647)
}`, in, measure, out)
	return text, nil
}

// timesText multiplies what two ports get in the same row.
func timesText(g *goldenGroup) (string, error) {
	exp, err := g.number("exp")
	if err != nil || exp < 0 || exp > 40 {
		return "", fmt.Errorf("exponent %d: %w", exp, err)
	}
	return fmt.Sprintf(`neuron @prod_neuron {
  state begun:u1
  port a:s40 b:s40
  param a0:s32 b0:s32 vth:s32
  left = clamp(select(begun, shrf(a, 6), a0), -2147483648, 2147483647)
  right = clamp(select(begun, shrf(b, 6), b0), -2147483648, 2147483647)
  z = shrf(mul(left, right), %d)
  fires = gt(abs(z), vth)
  y = select(fires, z, 0)
  begun = 1
  spike fires
  payload clamp(z, -2147483648, 2147483647)
}`, exp), nil
}

// goldenNoise is the membrane noise of a group, with the numbers that were drawn.
type goldenNoise struct {
	Enable     numbers   `json:"enable"`
	Exp        int       `json:"exp"`
	Offset     int64     `json:"offset"`
	AtMembrane int       `json:"at_membrane"`
	Draws      [][]int64 `json:"draws"`
}

// noisyText is @cuba with the noise of the row, added to the current or to the voltage.
func noisyText(g *goldenGroup) (string, error) {
	text, err := ir.BuiltinText("cuba")
	if err != nil {
		return "", err
	}
	text = strings.Replace(text, "@cuba", "@noise", 1)
	text = strings.Replace(text, "  port drive:s40", "  state begun:u1\n  param noise0:s32\n  port noise:s40 drive:s40", 1)
	text = strings.Replace(text, "  u = ", "  n = select(begun, shrf(noise, 6), noise0)\n  begun = 1\n  u = ", 1)
	if g.noise.AtMembrane != 0 {
		return strings.Replace(text, "add(add(u, dendrite), bias)", "add(add(add(u, dendrite), bias), n)", 1), nil
	}
	return strings.Replace(text, "limit.drive(drive)", "limit.drive(add(drive, n))", 1), nil
}

// rows are the values that the noise adds, by row and compartment.
func (x *goldenNoise) rows(n int) ([][]int64, error) {
	out := make([][]int64, len(x.Draws))
	for k, draws := range x.Draws {
		if len(draws) != n {
			return nil, fmt.Errorf("row %d of the noise has %d draws for %d compartments", k, len(draws), n)
		}
		out[k] = make([]int64, n)
		for i, d := range draws {
			if at := min(i, len(x.Enable.Data)-1); at >= 0 && x.Enable.Data[at] != 0 {
				out[k][i] = int64(math.Trunc(math.Ldexp(float64(d+64*x.Offset), x.Exp-7)))
			}
		}
	}
	return out, nil
}

// number is a number that a group has.
func (g *goldenGroup) number(key string) (int64, error) {
	var x int64
	if g.raw[key] == nil {
		return 0, fmt.Errorf("there is no %s", key)
	}
	err := json.Unmarshal(g.raw[key], &x)
	return x, err
}

// UnmarshalJSON keeps what models ask for by name.
func (g *goldenGroup) UnmarshalJSON(b []byte) error {
	type plain goldenGroup
	if err := json.Unmarshal(b, (*plain)(g)); err != nil {
		return err
	}
	if err := json.Unmarshal(b, &g.raw); err != nil {
		return err
	}
	if raw := g.raw["noise"]; raw != nil && string(raw) != "null" {
		g.noise = &goldenNoise{}
		return json.Unmarshal(raw, g.noise)
	}
	return nil
}

// model is that of a group in a document of a kind.
func (g *goldenGroup) model(kind string) (string, neuronModel, error) {
	name := g.Model
	switch {
	case g.noise != nil:
		name = "noise"
	case name == "":
		name = kind
	}
	m, ok := neuronModels[name]
	if !ok {
		return "", m, unsupportedError(fmt.Sprintf("neuron model %q", name))
	}
	return name, m, nil
}

// lower makes the group and its program.
func (g *goldenGroup) lower(m *ir.Module, kind string) error {
	_, model, err := g.model(kind)
	if err != nil {
		return err
	}
	text, err := model.text(g)
	if err != nil {
		return err
	}
	program, err := ir.ParseProgram(text, g.Name+".dcir", m.Profile)
	if err != nil {
		return err
	}
	if known := m.ProgramByName(program.Name); known != nil && ir.ProgramText(&known.Program) == ir.ProgramText(&program.Program) {
		program = known
	} else {
		m.Programs = append(m.Programs, program)
	}
	group := &ir.Group{Name: g.Name, N: g.N, Program: program, Reset: ir.Reset{Interval: g.ResetInterval, Offset: g.ResetOffset}}
	for _, p := range model.params {
		var values numbers
		if raw := g.raw[p[1]]; raw != nil {
			if err := json.Unmarshal(raw, &values); err != nil {
				return fmt.Errorf("%s: %w", p[1], err)
			}
		}
		t, err := values.tensor(g.N)
		if err != nil {
			return fmt.Errorf("%s: %w", p[1], err)
		}
		if t != nil {
			group.SetParam(p[0], t)
		}
	}
	if model.derived != nil {
		params, err := model.derived(g)
		if err != nil {
			return err
		}
		for name, v := range params {
			group.SetParam(name, ir.Scalar(v))
		}
	}
	m.Groups = append(m.Groups, group)
	return nil
}

// feed brings what a document lists row by row to the ports of a group.
func (f *feeder) feed(g *ir.Group, port string, rows [][]int64) error {
	if len(rows) == 0 || len(rows[0]) != g.N {
		return fmt.Errorf("%s of %q has no numbers for %d compartments", port, g.Name, g.N)
	}
	g.SetParam(port+"0", ir.Vector(rows[0]))
	if len(rows) > 1 {
		f.send(g.Name+"_"+port, g.Name, port, rows[1:])
	}
	return nil
}

// payloadType is the least type that holds the payloads, of which there are some.
func payloadType(payloads []int32) sem.Type {
	typ := sem.Type{Bits: 2, Signed: true}
	for _, x := range payloads {
		for !typ.Holds(int64(x)) {
			typ.Bits++
		}
	}
	return typ
}
