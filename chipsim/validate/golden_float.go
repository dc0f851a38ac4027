package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"decc/ir"
	"decc/ir/interp"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// realLIF is a leaky neuron with a refractory period, in real numbers: its integers are
// those of the recording times realUnit, a power of two, so that nothing is rounded that the
// recording did not round.
const realLIF = `neuron @lif_float {
  state u:s40 v:s40 held:u16
  param du:u13 dv:u13 bias:s32 vth:s32 period:u16
  u = clamp(shrz(mul(u, sub(4096, du)), 12), -549755813887, 549755813887)
  grown = clamp(add(add(shrz(mul(v, sub(4096, dv)), 12), u), bias), -549755813887, 549755813887)
  waits = gt(held, 0)
  full = select(waits, v, grown)
  s = gt(full, vth)
  v = select(s, 0, full)
  held = select(s, period, max(sub(held, 1), 0))
  spike s
}`

const realUnit = 1 << 16

// reals are real numbers: one, a list, or a list of lists, flattened.
type reals []float64

func (x *reals) UnmarshalJSON(b []byte) error {
	var one float64
	if json.Unmarshal(b, &one) == nil {
		*x = reals{one}
		return nil
	}
	if json.Unmarshal(b, (*[]float64)(x)) == nil {
		return nil
	}
	var rows [][]float64
	if err := json.Unmarshal(b, &rows); err != nil {
		return fmt.Errorf("neither a number, nor a list, nor a matrix")
	}
	*x = nil
	for _, r := range rows {
		*x = append(*x, r...)
	}
	return nil
}

// realDoc is a document of kind "lif_float".
type realDoc struct {
	Steps  int `json:"steps"`
	Groups []struct {
		Name       string `json:"name"`
		N          int    `json:"n"`
		DU         reals  `json:"du"`
		DV         reals  `json:"dv"`
		Bias       reals  `json:"bias"`
		Vth        reals  `json:"vth"`
		Refractory reals  `json:"refractory_period"`
	} `json:"groups"`
	Expected map[string]struct {
		U      reals     `json:"u"`
		V      reals     `json:"v"`
		Spikes [][]int32 `json:"spikes"`
	} `json:"expected"`
}

// replayReal runs the program on the interpreter's real numbers, the only ones there are.
func replayReal(ctx context.Context, d *realDoc, engine string) (comparison, error) {
	var c comparison
	if engine != "" && engine != "interp" {
		return c, unsupportedError("real numbers are on the interpreter only")
	}
	if d.Steps < 0 || d.Steps > maxGoldenRows {
		return c, fmt.Errorf("%d steps, at most %d can be replayed", d.Steps, maxGoldenRows)
	}
	program, err := ir.ParseProgram(realLIF, "lif_float.dcir", sem.Silicon)
	if err != nil {
		return c, err
	}
	m := &ir.Module{Name: "golden", Chip: emulatorChip, Programs: []*ir.Program{program}}
	req := spikes.Request{Rows: d.Steps}
	for _, g := range d.Groups {
		group := &ir.Group{Name: g.Name, N: g.N, Program: program}
		for _, p := range []struct {
			name   string
			values reals
			unit   float64
		}{{"du", g.DU, 4096}, {"dv", g.DV, 4096}, {"bias", g.Bias, realUnit}, {"vth", g.Vth, realUnit}, {"period", g.Refractory, 1}} {
			values, err := p.values.integers(p.unit)
			if err != nil {
				return c, fmt.Errorf("%s of %q: %w", p.name, g.Name, err)
			}
			group.SetParam(p.name, values)
		}
		m.Groups = append(m.Groups, group)
		req.Probes = append(req.Probes, spikes.Probe{Group: g.Name, Variable: "u"}, spikes.Probe{Group: g.Name, Variable: "v"})
	}
	if err := ir.Verify(m); err != nil {
		return c, err
	}
	rec, err := interp.New[float64](m).Run(ctx, req)
	if err != nil {
		return c, err
	}
	return c, d.compare(&c, rec)
}

// integers are the numbers in a unit in which they must be whole.
func (x reals) integers(unit float64) (*ir.Tensor, error) {
	if len(x) == 0 {
		return nil, fmt.Errorf("there are none")
	}
	out := make([]int64, len(x))
	for i, v := range x {
		if v *= unit; v != math.Trunc(v) || math.Abs(v) > math.MaxInt32 {
			return nil, unsupportedError(fmt.Sprintf("%v has a fraction beyond 1/%v", x[i], unit))
		}
		out[i] = int64(v)
	}
	return ir.Vector(out), nil
}

func (d *realDoc) compare(c *comparison, rec spikes.Record[float64]) error {
	for name, want := range d.Expected {
		for variable, values := range map[string]reals{"u": want.U, "v": want.V} {
			got := rec.Values[name+"."+variable]
			if len(values) != len(got.Data) {
				return fmt.Errorf("%s.%s has %d recorded values, the network gives %d", name, variable, len(values), len(got.Data))
			}
			for i, x := range values {
				c.real(i/got.N, name+"."+variable, i%got.N, x, got.Data[i]/realUnit)
			}
		}
		var recorded spikes.Train
		for i, e := range want.Spikes {
			if len(e) != 2 {
				return fmt.Errorf("spike %d of %q has %d numbers, not 2", i, name, len(e))
			}
			recorded = append(recorded, spikes.Event{Row: e[0], Index: e[1]})
		}
		recorded.Sort()
		c.spikes(name, recorded, rec.Spikes[name])
	}
	return nil
}

// real compares two real numbers, which must be equal.
func (c *comparison) real(row int, object string, index int, want, got float64) {
	c.compared++
	if want != got {
		c.note(Difference{row, object, index, strconv.FormatFloat(want, 'g', -1, 64), strconv.FormatFloat(got, 'g', -1, 64)})
	}
}
