package spiking

import (
	"encoding/json"
	"os"
	"testing"

	"decc/ir/sem"
	"decc/ir/spikes"
)

// recording is what these tests read of a trace of Lava's fixed point models (testdata/golden).
type recording struct {
	Steps  int
	Groups []struct {
		Name   string
		N      int
		Bias   []float64
		Theta  float64 `json:"theta_0"`
		Step   float64 `json:"theta_step"`
		DecayV int64   `json:"decay_v"`
		Vth    float64
		Lower  float64 `json:"vth_lo"`
	}
	Inputs   []struct{ Events, Payload json.RawMessage }
	Synapses []struct {
		Post    string
		Weights [][]int64 `json:"w_mant"`
	}
	Expected map[string]struct {
		U, V, Theta, R [][]int64
		Spikes         [][2]int32
		Payload        json.RawMessage
	}
}

func recorded(t *testing.T, name string) *recording {
	t.Helper()
	data, err := os.ReadFile("../../testdata/golden/lava_" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	read(t, data, &r)
	return &r
}

func read(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// number is an input of whole numbers.
var number = sem.Type{Bits: 32, Signed: true}

// driven is a population each member of which gets a number of its own in every step, times weight.
func driven(p Population, weight float64) Spec {
	w := make([]float64, p.N*p.N)
	for i := range p.N {
		w[i*(p.N+1)] = weight
	}
	return Spec{Inputs: []Input{{Name: "drive", N: p.N, Payload: number}}, Populations: []Population{p}, Connections: []Connection{{Name: "w", Weights: w}}}
}

// numbers has the numbers of all members in all steps.
func numbers(n, steps int, value func(row, i int) int64) spikes.Train {
	var t spikes.Train
	for row := range steps {
		for i := range n {
			t = append(t, spikes.Event{Row: int32(row), Index: int32(i), Payload: int32(value(row, i))})
		}
	}
	return t
}

// same holds a variable of all steps against the recording; it counts the values.
func same(t *testing.T, rec spikes.Record[float64], key string, want [][]int64) (compared int) {
	t.Helper()
	m := rec.Values[key]
	if len(want) == 0 || m.Rows != len(want) {
		t.Fatalf("%s: %d rows, recorded are %d", key, m.Rows, len(want))
	}
	for row := range want {
		for i, x := range want[row] {
			if compared++; m.At(row, i) != float64(x) {
				t.Fatalf("%s[%d] is %v in row %d, recorded %d", key, i, m.At(row, i), row, x)
			}
		}
	}
	return compared
}

// sameSpikes holds a train against the recording.
func sameSpikes(t *testing.T, got spikes.Train, want [][2]int32, payload func(i int) int32) {
	t.Helper()
	if len(got) != len(want) || len(want) < 100 {
		t.Fatalf("%d spikes, recorded are %d", len(got), len(want))
	}
	for i, x := range want {
		if e := (spikes.Event{Row: x[0], Index: x[1], Payload: payload(i)}); got[i] != e {
			t.Fatalf("spike %d is %v, recorded %v", i, got[i], e)
		}
	}
}

// all asks for variables of a population.
func all(name string, variables ...string) (list []spikes.Probe) {
	for _, v := range variables {
		list = append(list, spikes.Probe{Group: name, Variable: v})
	}
	return list
}

// TestAdaptiveIsLavas gives the float network the recorded currents: thresholds, refractory states,
// voltages and spikes of ATRLIF are then whole and equal.
func TestAdaptiveIsLavas(t *testing.T) {
	r := recorded(t, "adaptive_threshold")
	g := r.Groups[0]
	want := r.Expected[g.Name]
	p := cellOf(1, 0, 1, 1, 0).named(g.Name, g.N)
	p.Drift, p.Mode, p.Threshold, p.Step = g.Bias, Adaptive, []float64{64 * g.Theta}, []float64{64 * g.Step}
	p.DTheta, p.DR = []float64{0}, []float64{1} // delta_theta, delta_r
	rec := runNetwork(t, newNetwork(t, driven(p, 1)), spikes.Request{
		Rows: r.Steps, Probes: all(g.Name, Voltage, Theta, Refractory),
		Inputs: map[string]spikes.Train{"drive": numbers(g.N, r.Steps, func(row, i int) int64 { return want.U[row][i] })},
	})
	n := same(t, rec, "g.v", want.V) + same(t, rec, "g.theta", want.Theta) + same(t, rec, "g.r", want.R)
	if n != 3*60*4 {
		t.Errorf("only %d values are compared", n)
	}
	sameSpikes(t, rec.Spikes[g.Name], want.Spikes, func(int) int32 { return 1 })
}

// TestTernaryIsLavas gives the float network the recorded currents and, with them, what the
// recording loses where its voltages decay to whole numbers: voltages, spikes and signs of
// TernaryLIF are then equal.
func TestTernaryIsLavas(t *testing.T) {
	r := recorded(t, "ternary_lif")
	g := r.Groups[0]
	want := r.Expected[g.Name]
	p := cellOf(1, float64(g.DecayV)/4096, 1, 1, 0).named(g.Name, g.N)
	p.Drift, p.Mode, p.Threshold, p.Lower = g.Bias, Ternary, []float64{g.Vth}, []float64{g.Lower}
	drive := numbers(g.N, r.Steps, func(row, i int) int64 {
		x := want.U[row][i] * 4096
		if row == 0 {
			return x
		}
		kept := want.V[row-1][i] * (4096 - g.DecayV)
		return x + kept/4096*4096 - kept // Go divides toward 0, as the decay does
	})
	rec := runNetwork(t, newNetwork(t, driven(p, 1./4096)), spikes.Request{Rows: r.Steps, Probes: all(g.Name, Voltage), Inputs: map[string]spikes.Train{"drive": drive}})
	if n := same(t, rec, "g.v", want.V); n != 90*8 {
		t.Errorf("only %d values are compared", n)
	}
	var signs []int32
	read(t, want.Payload, &signs)
	sameSpikes(t, rec.Spikes[g.Name], want.Spikes, func(i int) int32 { return signs[i] })
}

// TestGradedIsLavas gives the float network the recorded inputs, which come a row later there, and
// what the recording loses where it rounds the sums down: what GradedVec and GradedReluVec send is
// then equal.
func TestGradedIsLavas(t *testing.T) {
	r := recorded(t, "graded_dense")
	var events [][2]int32
	var payloads []int32
	read(t, r.Inputs[0].Events, &events)
	read(t, r.Inputs[0].Payload, &payloads)
	in := make(spikes.Train, len(events))
	for i, e := range events {
		in[i] = spikes.Event{Row: e[0] + 1, Index: e[1], Payload: payloads[i]}
	}
	for k, mode := range []Mode{Graded, Rectified} {
		g, s := r.Groups[k], r.Synapses[k]
		p := cellOf(1, 1, 1, 1, 0).named(g.Name, g.N)
		p.Mode, p.Threshold = mode, []float64{g.Vth}
		spec := driven(p, 1./64)
		from := len(s.Weights[0])
		spec.Inputs = append(spec.Inputs, Input{Name: "in", N: from, Payload: number})
		c := Connection{Name: "in", From: 1}
		for _, row := range s.Weights {
			for _, w := range row {
				c.Weights = append(c.Weights, float64(w&^1)/64) // 8 bits and sign, exponent -6
			}
		}
		spec.Connections = append(spec.Connections, c)
		sums := make([][]int64, r.Steps+1)
		for row := range sums {
			sums[row] = make([]int64, g.N)
		}
		for _, e := range in {
			for i := range sums[e.Row] {
				sums[e.Row][i] += s.Weights[i][e.Index] &^ 1 * int64(e.Payload)
			}
		}
		rec := runNetwork(t, newNetwork(t, spec), spikes.Request{
			Rows: r.Steps, Probes: all(g.Name, Value),
			Inputs: map[string]spikes.Train{"in": in, "drive": numbers(g.N, r.Steps, func(row, i int) int64 { return sums[row][i]&^63 - sums[row][i] })},
		})
		var want [][]int64
		read(t, r.Expected[g.Name].Payload, &want)
		if n := same(t, rec, g.Name+".y", want); n != 50*8 {
			t.Errorf("only %d values are compared", n)
		}
	}
}
