package spiking

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// cellOf is one neuron with the parameters of a spec: du, dv, in, gain, drift.
func cellOf(du, dv, in, gain, drift float64) Population {
	return Population{Name: "p", N: 1, DU: []float64{du}, DV: []float64{dv}, In: []float64{in}, Gain: []float64{gain}, Drift: []float64{drift}}
}

func (p Population) at(threshold, reset float64) Population {
	p.Threshold, p.Reset = []float64{threshold}, []float64{reset}
	return p
}

func (p Population) subtracting() Population { p.Subtract = true; return p }

func (p Population) named(name string, n int) Population { p.Name, p.N = name, n; return p }

// train has a plain spike of member 0 in each of the rows.
func train(rows ...int32) spikes.Train {
	var t spikes.Train
	for _, k := range rows {
		t = append(t, spikes.Event{Row: k, Payload: 1})
	}
	return t
}

func rowsOf(t spikes.Train) []int32 {
	rows := []int32{}
	for _, e := range t {
		rows = append(rows, e.Row)
	}
	return rows
}

func newNetwork(t *testing.T, s Spec) *Network {
	t.Helper()
	n, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func runNetwork(t *testing.T, n *Network, r spikes.Request) spikes.Record[float64] {
	t.Helper()
	rec, err := n.Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestStepByHand has one neuron on one input of weight 1; all numbers are worked out by hand.
func TestStepByHand(t *testing.T) {
	tests := []struct {
		name string
		cell Population
		bias []float64
		rows []int32 // of input spikes
		want []float64
		fire []int32
	}{
		{"I", cellOf(1, 0, 1, 0.5, 0), nil, []int32{0, 1, 3}, []float64{0.5, 1, 1, 1.5}, []int32{}},
		{"IF, the threshold itself is no spike", cellOf(1, 0, 1, 1, 0).at(2, 0), nil, []int32{0, 1, 2, 3}, []float64{1, 2, 0, 1}, []int32{2}},
		{"IF to a voltage", cellOf(1, 0, 1, 1, 0).at(1.5, -0.5), nil, []int32{0, 1, 2, 3}, []float64{1, -0.5, 0.5, 1.5}, []int32{1}},
		{"IF that subtracts", cellOf(1, 0, 1, 1, 0).at(1.5, 0).subtracting(), nil, []int32{0, 1, 2, 3}, []float64{1, 0.5, 1.5, 1}, []int32{1, 3}},
		{"LI to its rest", cellOf(1, 0.5, 1, 0.5, 2), nil, []int32{1}, []float64{2, 3.5, 3.75, 3.875}, []int32{}},
		{"LIF", cellOf(1, 0.25, 1, 0.25, 0).at(0.4, 0), nil, []int32{0, 1, 2, 3}, []float64{0.25, 0, 0.25, 0}, []int32{1, 3}},
		{"LIF, a bias passes In and Gain", cellOf(1, 0.5, 2, 0.5, 0).at(10, 0), []float64{3}, []int32{2}, []float64{3, 4.5, 6.25, 6.125}, []int32{}},
		{"CubaLI, the current of a step enters the voltage of the step", cellOf(0.5, 0.25, 2, 1, 0), nil, []int32{0}, []float64{2, 2.5, 2.375, 2.03125}, []int32{}},
		{"CubaLIF, a spike leaves the current alone", cellOf(0.5, 0, 2, 1, 0).at(1.5, 0), nil, []int32{0}, []float64{0, 1, 1.5, 0}, []int32{0, 3}},
		{"CubaLIF, a bias passes the current", cellOf(0.5, 0, 1, 1, 0).at(10, 0), []float64{1}, nil, []float64{1, 2.5, 4.25, 6.125}, []int32{}},
		{"Threshold", cellOf(1, 1, 1, 1, 0).at(1, 0), []float64{0.5}, []int32{1, 2}, []float64{0.5, 0, 0, 0.5}, []int32{1, 2}},
		{"a threshold below rest", cellOf(1, 1, 1, 1, 0).at(-1, 0), nil, nil, []float64{0, 0, 0, 0}, []int32{0, 1, 2, 3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := newNetwork(t, Spec{
				Inputs: []Input{{Name: "in", N: 1}}, Populations: []Population{test.cell},
				Connections: []Connection{{Name: "w", Weights: []float64{1}, Bias: test.bias}},
			})
			rec := runNetwork(t, n, spikes.Request{Rows: 4, Inputs: map[string]spikes.Train{"in": train(test.rows...)}, Probes: []spikes.Probe{{Group: "p", Variable: Voltage}}})
			got := rec.Values["p.v"]
			if got.Rows != 4 || got.N != 1 || !slices.Equal(got.Data, test.want) {
				t.Errorf("voltages %v, expected %v", got.Data, test.want)
			}
			if fired := rowsOf(rec.Spikes["p"]); !slices.Equal(fired, test.fire) {
				t.Errorf("spikes in rows %v, expected %v", fired, test.fire)
			}
			if want := (spikes.Counts{SynapticEvents: int64(len(test.rows)), InputSpikes: int64(len(test.rows)), CompartmentUpdates: 4, Spikes: int64(len(test.fire))}); rec.Counts != want {
				t.Errorf("counts %+v, expected %+v", rec.Counts, want)
			}
		})
	}
}

// relay fires in the step in which a spike arrives.
func relay(name string) Population { return cellOf(1, 1, 1, 1, 0).at(0.5, 0).named(name, 1) }

// TestOrderOfPopulations: forward within the step, to itself and back in the next.
func TestOrderOfPopulations(t *testing.T) {
	one := []float64{1}
	tests := []struct {
		name        string
		connections []Connection
		a, b, c     []int32
	}{
		{"a chain takes no step", []Connection{{To: 0}, {From: 1, To: 1}, {From: 2, To: 2}}, []int32{2}, []int32{2}, []int32{2}},
		{"the order of the connections does not matter", []Connection{{From: 2, To: 2}, {From: 1, To: 1}, {To: 0}}, []int32{2}, []int32{2}, []int32{2}},
		{"to itself", []Connection{{To: 0}, {From: 1, To: 0}}, []int32{2, 3, 4, 5, 6, 7}, []int32{}, []int32{}},
		{"backwards", []Connection{{To: 2}, {From: 3, To: 1}, {From: 2, To: 0}}, []int32{4}, []int32{3}, []int32{2}},
		{"a loop of three takes one step", []Connection{{To: 0}, {From: 1, To: 1}, {From: 2, To: 2}, {From: 3, To: 0, Delay: []int{1}}}, []int32{2, 4, 6}, []int32{2, 4, 6}, []int32{2, 4, 6}},
		{"delays", []Connection{{To: 0, Delay: []int{1}}, {From: 1, To: 1, Delay: []int{3}}, {From: 2, To: 0, Delay: []int{0}}}, []int32{3, 7}, []int32{6}, []int32{}},
		{"beyond the end", []Connection{{To: 0, Delay: []int{5}}, {To: 1, Delay: []int{6}}}, []int32{7}, []int32{}, []int32{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for i := range test.connections {
				test.connections[i].Weights = one
			}
			n := newNetwork(t, Spec{Inputs: []Input{{Name: "in", N: 1}}, Populations: []Population{relay("a"), relay("b"), relay("c")}, Connections: test.connections})
			rec := runNetwork(t, n, spikes.Request{Rows: 8, Inputs: map[string]spikes.Train{"in": train(2)}})
			got := [3][]int32{rowsOf(rec.Spikes["a"]), rowsOf(rec.Spikes["b"]), rowsOf(rec.Spikes["c"])}
			if want := [3][]int32{test.a, test.b, test.c}; !reflect.DeepEqual(got, want) {
				t.Errorf("found %v, expected %v", got, want)
			}
		})
	}
}

// TestDelaysByHand: one for each member of the source, or one for each weight.
func TestDelaysByHand(t *testing.T) {
	spec := Spec{
		Inputs: []Input{{Name: "in", N: 2}}, Populations: []Population{cellOf(1, 1, 1, 1, 0).named("p", 3)},
		Connections: []Connection{{Name: "w", Weights: []float64{1, 2, 4, 8, 16, 32}}},
	}
	both := spikes.Request{Rows: 4, Inputs: map[string]spikes.Train{"in": {{Index: 0}, {Index: 1}}}, Probes: []spikes.Probe{{Group: "p", Variable: Voltage}}}
	for _, test := range []struct {
		delay []int
		want  []float64
	}{
		{nil, []float64{3, 12, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
		{[]int{2}, []float64{0, 0, 0, 0, 0, 0, 3, 12, 48, 0, 0, 0}},
		{[]int{0, 2}, []float64{1, 4, 16, 0, 0, 0, 2, 8, 32, 0, 0, 0}},
		{[]int{0, 1, 2, 3, 4, 0}, []float64{1, 0, 32, 2, 0, 0, 0, 4, 0, 0, 8, 0}},
	} {
		spec.Connections[0].Delay = test.delay
		if got := runNetwork(t, newNetwork(t, spec), both).Values["p.v"].Data; !slices.Equal(got, test.want) {
			t.Errorf("delays %v: found %v, expected %v", test.delay, got, test.want)
		}
	}
}

// TestPayloads: they count where the input is graded.
func TestPayloads(t *testing.T) {
	for _, test := range []struct {
		payload sem.Type
		want    []float64
	}{{sem.Type{}, []float64{0.5, 0.5, 0.5}}, {sem.Type{Bits: 8, Signed: true}, []float64{1.5, 0, -2}}} {
		n := newNetwork(t, Spec{
			Inputs: []Input{{Name: "in", N: 1, Payload: test.payload}}, Populations: []Population{cellOf(1, 1, 1, 1, 0)},
			Connections: []Connection{{Weights: []float64{0.5}}},
		})
		in := spikes.Train{{Row: 0, Payload: 3}, {Row: 1, Payload: 0}, {Row: 2, Payload: -4}}
		rec := runNetwork(t, n, spikes.Request{Rows: 3, Inputs: map[string]spikes.Train{"in": in}, Probes: []spikes.Probe{{Group: "p", Variable: Voltage}}})
		if got := rec.Values["p.v"].Data; !slices.Equal(got, test.want) {
			t.Errorf("payload %v: found %v, expected %v", test.payload, got, test.want)
		}
	}
}

// TestTernaryByHand: both thresholds are strict, and a spike of either sign sets the voltage to 0
// and brings its sign.
func TestTernaryByHand(t *testing.T) {
	p := cellOf(1, 0, 1, 1, 0).at(2, 9).named("p", 1)
	p.Mode, p.Lower = Ternary, []float64{-1}
	s := Spec{
		Inputs: []Input{{Name: "in", N: 1, Payload: sem.Type{Bits: 8, Signed: true}}}, Populations: []Population{p, cellOf(1, 0, 1, 1, 0).named("sum", 1)},
		Connections: []Connection{{Weights: []float64{1}}, {From: 1, To: 1, Weights: []float64{4}}},
	}
	in := spikes.Train{{Row: 0, Payload: 2}, {Row: 1, Payload: 1}, {Row: 2, Payload: -1}, {Row: 3, Payload: -1}, {Row: 4, Payload: -3}}
	rec := runNetwork(t, newNetwork(t, s), spikes.Request{Rows: 6, Inputs: map[string]spikes.Train{"in": in}, Probes: []spikes.Probe{{Group: "p", Variable: Voltage}, {Group: "sum", Variable: Voltage}}})
	if got, want := rec.Spikes["p"], (spikes.Train{{Row: 1, Payload: 1}, {Row: 3, Payload: -1}, {Row: 4, Payload: -1}}); !slices.Equal(got, want) {
		t.Errorf("found spikes %v, expected %v", got, want)
	}
	if got, want := rec.Values["p.v"].Data, []float64{2, 0, -1, 0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("found voltages %v, expected %v", got, want)
	}
	if got, want := rec.Values["sum.v"].Data, []float64{0, 4, 4, 0, -4, -4}; !slices.Equal(got, want) {
		t.Errorf("found sums %v, expected %v", got, want)
	}
}

// TestAdaptiveByHand: the threshold is not strict, the voltage is left alone.
func TestAdaptiveByHand(t *testing.T) {
	p := cellOf(1, 0, 1, 1, 0).named("p", 1)
	p.Mode, p.Threshold, p.Step, p.DTheta, p.DR = Adaptive, []float64{2}, []float64{4}, []float64{0.5}, []float64{0.75}
	s := Spec{Inputs: []Input{{Name: "in", N: 1}}, Populations: []Population{p}, Connections: []Connection{{Weights: []float64{1}}}}
	r := spikes.Request{Rows: 6, Inputs: map[string]spikes.Train{"in": train(0, 1, 2, 3, 4)}}
	for _, v := range []string{Voltage, Theta, Refractory} {
		r.Probes = append(r.Probes, spikes.Probe{Group: "p", Variable: v})
	}
	n := newNetwork(t, s)
	for range 2 {
		rec := runNetwork(t, n, r)
		// v - r and theta before a spike: 1 2 | 2 2 spike | 3-1 4 | 4-0.25 3 spike | 5-1.5625 4.5 | 5-0.390625 3.25 spike
		for key, want := range map[string][]float64{
			"p.v":     {1, 2, 3, 4, 5, 5},
			"p.theta": {2, 6, 4, 7, 4.5, 7.25},
			"p.r":     {0, 4, 1, 6.25, 1.5625, 6.890625},
		} {
			if got := rec.Values[key].Data; !slices.Equal(got, want) {
				t.Errorf("%s: found %v, expected %v", key, got, want)
			}
		}
		if got := rowsOf(rec.Spikes["p"]); !slices.Equal(got, []int32{1, 3, 5}) {
			t.Errorf("found spikes in rows %v", got)
		}
	}
	peaks, err := n.Observe(context.Background(), []map[string]spikes.Train{{"in": train(0, 1, 2, 3, 4)}}, 6)
	if err != nil || peaks[0].Voltage[0] != 7.25 || peaks[0].Current[0] != 1 {
		t.Errorf("found peaks %v (%v)", peaks, err)
	}
}

// TestGradedByHand: what is sent is a real number, and it multiplies the weights that it meets.
func TestGradedByHand(t *testing.T) {
	p, q := cellOf(1, 1, 0.5, 1, 0.25).named("p", 1), cellOf(1, 1, 0.5, 1, 0.25).named("q", 1)
	p.Mode, p.Threshold, q.Mode, q.Threshold = Graded, []float64{0.75}, Rectified, []float64{0.75}
	s := Spec{
		Inputs:      []Input{{Name: "in", N: 1, Payload: sem.Type{Bits: 8, Signed: true}}},
		Populations: []Population{p, q, cellOf(1, 1, 1, 1, 0).named("sum", 1)},
		Connections: []Connection{{Weights: []float64{1}}, {To: 1, Weights: []float64{1}}, {From: 1, To: 2, Weights: []float64{4}}, {From: 2, To: 2, Weights: []float64{-1}}},
	}
	in := spikes.Train{{Row: 0, Payload: 1}, {Row: 1, Payload: 3}, {Row: 2, Payload: -2}, {Row: 3, Payload: -3}}
	rec := runNetwork(t, newNetwork(t, s), spikes.Request{Rows: 5, Inputs: map[string]spikes.Train{"in": in}, Probes: []spikes.Probe{
		{Group: "p", Variable: Voltage}, {Group: "p", Variable: Value}, {Group: "q", Variable: Value}, {Group: "sum", Variable: Voltage},
	}})
	for key, want := range map[string][]float64{
		"p.v": {0.75, 1.75, -0.75, -1.25, 0.25}, "p.y": {0, 1.75, 0, -1.25, 0}, "q.y": {0, 1.75, 0, 0, 0}, "sum.v": {0, 5.25, 0, -5, 0},
	} {
		if got := rec.Values[key].Data; !slices.Equal(got, want) {
			t.Errorf("%s: found %v, expected %v", key, got, want)
		}
	}
	if got, want := rec.Spikes["p"], (spikes.Train{{Row: 1, Payload: 1}, {Row: 3, Payload: -1}}); !slices.Equal(got, want) {
		t.Errorf("found spikes %v, expected %v", got, want)
	}
}

// TestConvByHand slides a kernel of 2 x 2 with a dilation of 2 and a padding of 1 over 3 x 4.
func TestConvByHand(t *testing.T) {
	conv := &ir.Conv{In: [3]int{1, 3, 4}, Stride: [2]int{2, 1}, Padding: [2]int{1, 1}, Dilation: [2]int{2, 2}, Groups: 1}
	n := newNetwork(t, Spec{
		Inputs: []Input{{Name: "in", N: 12}}, Populations: []Population{cellOf(1, 1, 1, 1, 0).named("p", 8)},
		Connections: []Connection{{Weights: []float64{1, 2, 4, 8}, Conv: conv, Kernel: []int{1, 1, 2, 2}, Bias: []float64{0, 0, 0, 0, 0, 0, 0, 16}}},
	})
	// Member (1, 1): above it in the first row of the target are weights of the kernel's second row,
	// in the second row those of its first.
	rec := runNetwork(t, n, spikes.Request{Rows: 1, Inputs: map[string]spikes.Train{"in": {{Index: 5}}}, Probes: []spikes.Probe{{Group: "p", Variable: Voltage}}})
	if got, want := rec.Values["p.v"].Data, []float64{8, 0, 4, 0, 2, 0, 1, 16}; !slices.Equal(got, want) {
		t.Errorf("found %v, expected %v", got, want)
	}
}

// TestRefusedRequests: what an engine refuses the network refuses.
func TestRefusedRequests(t *testing.T) {
	n := newNetwork(t, Spec{
		Inputs: []Input{{Name: "in", N: 2}}, Populations: []Population{relay("p")},
		Connections: []Connection{{Weights: []float64{1, 1}}},
	})
	in := func(events ...spikes.Event) spikes.Request {
		return spikes.Request{Rows: 3, Inputs: map[string]spikes.Train{"in": events}}
	}
	probe := func(p spikes.Probe) spikes.Request { return spikes.Request{Rows: 3, Probes: []spikes.Probe{p}} }
	for says, r := range map[string]spikes.Request{
		`there is no input "inn"`:                        {Rows: 1, Inputs: map[string]spikes.Train{"inn": nil}},
		"has 2 members, an event of row 1 has index 2":   in(spikes.Event{Row: 1, Index: 2}),
		"has 2 members, an event of row 1 has index -1":  in(spikes.Event{Row: 1, Index: -1}),
		"has 2 members, an event of row 7 has index 2":   in(spikes.Event{Row: 7, Index: 2}),
		"an event of row -1 comes after row 0":           in(spikes.Event{Row: -1}),
		"an event of row 1 comes after row 2":            in(spikes.Event{Row: 2}, spikes.Event{Row: 1}),
		"a probe of q.v":                                 probe(spikes.Probe{Group: "q", Variable: Voltage}),
		"a probe of p.u":                                 probe(spikes.Probe{Group: "p", Variable: "u"}),
		"a probe of p.v, allowed is v of all members of": probe(spikes.Probe{Group: "p", Variable: Voltage, Members: []int32{0}}),
	} {
		if _, err := n.Run(context.Background(), r); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("found error %v, expected %q", err, says)
		}
	}
	rec := runNetwork(t, n, in(spikes.Event{Row: 1}, spikes.Event{Row: 1}, spikes.Event{Row: 3}))
	if got := rowsOf(rec.Spikes["p"]); !slices.Equal(got, []int32{1}) || rec.Counts.InputSpikes != 2 {
		t.Errorf("found spikes in rows %v of %d input spikes; events of rows beyond the request are left out", got, rec.Counts.InputSpikes)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := n.Run(stopped, in()); err != context.Canceled {
		t.Errorf("found error %v of a cancelled run", err)
	}
}

// TestRefusedSpecs has one fault each.
func TestRefusedSpecs(t *testing.T) {
	for says, change := range map[string]func(*Spec){
		"population p: 2 values of du for 3 neurons":      func(s *Spec) { s.Populations[0].DU = []float64{1, 1} },
		"population p: 0 values of gain for 3 neurons":    func(s *Spec) { s.Populations[0].Gain = nil },
		"population p: 2 values of threshold for 3":       func(s *Spec) { s.Populations[0].Threshold = []float64{1, 1} },
		"population p: 0 values of lower threshold for 3": func(s *Spec) { s.Populations[0].Mode = Ternary },
		"population p: 0 values of dtheta for 3 neurons":  func(s *Spec) { s.Populations[0].Mode = Adaptive },
		"population p: neurons that send their voltage keep nothing of it": func(s *Spec) {
			s.Populations[0].Mode, s.Populations[0].DV = Rectified, []float64{0.5}
		},
		"population p: 0 values of threshold for 3 neurons":         func(s *Spec) { s.Populations[0].Threshold, s.Populations[0].Mode = nil, Ternary },
		"population p: 0 values of reset for 3":                     func(s *Spec) { s.Populations[0].Reset = nil },
		"connection w: it leads from source 2 to population 0":      func(s *Spec) { s.Connections[0].From = 2 },
		"connection w: it leads from source 0 to population 1":      func(s *Spec) { s.Connections[0].To = 1 },
		"connection w: 5 weights for 2 to 3 neurons":                func(s *Spec) { s.Connections[0].Weights = make([]float64, 5) },
		"connection w: 2 biases for 3 neurons":                      func(s *Spec) { s.Connections[0].Bias = make([]float64, 2) },
		"connection w: 3 delays for 2 neurons and 6 weights":        func(s *Spec) { s.Connections[0].Delay = make([]int, 3) },
		"connection w: delay -1":                                    func(s *Spec) { s.Connections[0].Delay = []int{-1} },
		"a kernel from [2 1 1] to [2 1 1] for 2 to 3 neurons":       slide(2),
		"connection w: 4 weights for a kernel of shape [3 2 1 1]":   func(s *Spec) { slide(3)(s); s.Connections[0].Weights = make([]float64, 4) },
		"connection w: 1 groups of channels over 2 in and 3 out, w": func(s *Spec) { slide(3)(s); s.Connections[0].Kernel[1] = 1 },
		"connection w: max-pooling that is no kernel from each":     func(s *Spec) { s.Connections[0].Max = true },
		"max-pooling that is no kernel from each channel to itself": func(s *Spec) { slide(3)(s); s.Connections[0].Max = true },
		"max-pooling with different weights in channel 1": func(s *Spec) {
			window(s)
			s.Connections[0].Weights[2] = 1
		},
		"max-pooling of in, whose spikes have payloads": func(s *Spec) {
			window(s)
			s.Inputs[0].Payload.Bits = 8
		},
	} {
		s := Spec{
			Inputs: []Input{{Name: "in", N: 2}}, Populations: []Population{cellOf(1, 1, 1, 1, 0).at(1, 0).named("p", 3)},
			Connections: []Connection{{Name: "w", Weights: make([]float64, 6)}},
		}
		change(&s)
		if _, err := New(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("found error %v, expected %q", err, says)
		}
	}
}

// slide makes the connection a kernel of n channels of 1 x 1.
func slide(n int) func(*Spec) {
	return func(s *Spec) {
		c := &s.Connections[0]
		c.Conv, c.Kernel = &ir.Conv{In: [3]int{2, 1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}, []int{n, 2, 1, 1}
		c.Weights = make([]float64, 2*n)
	}
}

// window makes the connection a max-pooling of two channels of 1 x 2 to 1 x 1.
func window(s *Spec) {
	s.Inputs[0].N, s.Populations[0].N = 4, 2
	c := &s.Connections[0]
	c.Conv, c.Kernel = &ir.Conv{In: [3]int{2, 1, 2}, Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}, Groups: 2}, []int{2, 1, 1, 2}
	c.Weights, c.Max = make([]float64, 4), true
}

// TestMaxByHand pools two channels of two members, of which the second member comes a step late.
func TestMaxByHand(t *testing.T) {
	s := Spec{Inputs: []Input{{Name: "in"}}, Populations: []Population{cellOf(1, 1, 1, 1, 0)}, Connections: []Connection{{Name: "w"}}}
	window(&s)
	c := &s.Connections[0]
	c.Weights, c.Delay = []float64{2, 2, -3, -3}, []int{0, 1, 0, 1}
	in := spikes.Train{{Row: 0, Index: 1}, {Row: 1, Index: 0}, {Row: 1, Index: 2}, {Row: 1, Index: 3}, {Row: 2, Index: 2}}
	rec := runNetwork(t, newNetwork(t, s), spikes.Request{Rows: 4, Inputs: map[string]spikes.Train{"in": in}, Probes: []spikes.Probe{{Group: "p", Variable: Voltage}}})
	if got, want := rec.Values["p.v"].Data, []float64{0, 0, 2, -3, 0, -3, 0, 0}; !slices.Equal(got, want) || rec.Counts.SynapticEvents != 5 {
		t.Errorf("found %v and %d synaptic events, expected %v", got, rec.Counts.SynapticEvents, want)
	}
}

// TestObserve holds the peaks against their definition, over two samples.
func TestObserve(t *testing.T) {
	n := newNetwork(t, Spec{
		Inputs: []Input{{Name: "in", N: 1}}, Populations: []Population{cellOf(0.5, 0.5, 1, 2, 0).at(4, 0).named("p", 2)},
		Connections: []Connection{{Weights: []float64{1, -3}}},
	})
	// i 1 0.5 1.25, v 2 2 3.5 | i 1 1.5 1.75 1.875, v 2 4 5.5 (a spike, which leaves 0) 3.75
	inputs := []map[string]spikes.Train{{"in": train(0, 2)}, {"in": train(0, 1, 2, 3)}}
	want := []Peaks{{[]float64{3.75, 11.25}, []float64{5.5, 19.5}}}
	for range 2 {
		got, err := n.Observe(context.Background(), inputs, 4)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("found %v (%v), expected %v", got, err, want)
		}
	}
	if _, err := n.Observe(context.Background(), []map[string]spikes.Train{{"inn": nil}}, 4); err == nil || fmt.Sprint(err) != `there is no input "inn"` {
		t.Errorf("found error %v", err)
	}
	if n.cells[0].peaks != nil {
		t.Error("peaks are still noted")
	}
}
