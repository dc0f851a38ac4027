package compiler

import (
	"fmt"
	"reflect"
	"testing"

	"decc/compiler/model"
	"decc/compiler/spiking"
	"decc/ir/sem"
)

// kindOf builds the one population of a model in rows of 1 ms.
func kindOf(t *testing.T, neuron, more string) *spiking.Spec {
	t.Helper()
	text := fmt.Sprintf("decc: 1\nname: net\ninputs: [{name: in, size: 1}]\npopulations: [{name: p, size: 1, neuron: {%s}}]\nconnections: [{name: w, from: in, to: p, weights: 1}]\n%s", neuron, more)
	m, err := model.Parse("net.yaml", []byte(text))
	if err == nil {
		err = m.Resolve(model.Files{})
	}
	if err != nil {
		t.Fatal(err)
	}
	net, err := SpikingNetwork(m)
	if err != nil {
		t.Fatal(err)
	}
	return net.Spec()
}

// TestKinds holds what a row of each kind does against numbers worked out by hand: du, dv, in,
// gain, drift.
func TestKinds(t *testing.T) {
	for neuron, want := range map[string][5]float64{
		"kind: I, r: 3":                                                                   {1, 0, 1, 3, 0},
		"kind: IF, r: 3, v_threshold: 1":                                                  {1, 0, 1, 3, 0},
		"kind: LI, tau: 4, r: 2, v_leak: 8":                                               {1, 0.25, 1, 0.5, 2},
		"kind: LIF, tau: 4, r: 2, v_leak: 8, v_threshold: 1":                              {1, 0.25, 1, 0.5, 2},
		"kind: CubaLI, tau_mem: 4, tau_syn: 2, r: 2, w_in: 3, v_leak: 8":                  {0.5, 0.25, 1.5, 0.5, 2},
		"kind: CubaLIF, tau_mem: 8, tau_syn: 4, r: 2, w_in: 2, v_leak: 8, v_threshold: 1": {0.25, 0.125, 0.5, 0.25, 1},
		"kind: Threshold, v_threshold: 1":                                                 {1, 1, 1, 1, 0},
		"kind: TernaryLIF, r: 3, w_in: 2":                                                 {1, 0, 2, 3, 0},
		"kind: TernaryLIF, tau_mem: 4, r: 2, v_leak: 8":                                   {1, 0.25, 1, 0.5, 2},
		"kind: TernaryLIF, tau_mem: 8, tau_syn: 4, r: 2, w_in: 2, v_leak: 8":              {0.25, 0.125, 0.5, 0.25, 1},
		"kind: Graded, v_threshold: 2":                                                    {1, 1, 1, 1, 0},
		"kind: GradedReLU, v_threshold: 0":                                                {1, 1, 1, 1, 0},
		"kind: ATRLIF, tau_threshold: 1, tau_refractory: 1, threshold_step: 1, w_in: 2":   {1, 0, 2, 1, 0},
	} {
		p := kindOf(t, neuron, "").Populations[0]
		if got := [5]float64{p.DU[0], p.DV[0], p.In[0], p.Gain[0], p.Drift[0]}; got != want {
			t.Errorf("%s: found %v, expected %v", neuron, got, want)
		}
	}
	// 1 - exp(-1/4)
	p := kindOf(t, "kind: LI, tau: 4", "integration: exponential\n").Populations[0]
	if d := p.DV[0] - 0.22119921692859512; d > 1e-16 || d < -1e-16 || p.Gain[0] != p.DV[0] {
		t.Errorf("exponential: dv %v, gain %v", p.DV[0], p.Gain[0])
	}
}

// TestTernary: the lower threshold is the negative of the upper one unless the model gives it.
func TestTernary(t *testing.T) {
	for neuron, want := range map[string][2]float64{
		"kind: TernaryLIF":                                 {1, -1},
		"kind: TernaryLIF, v_threshold: 3":                 {3, -3},
		"kind: TernaryLIF, v_threshold: 3, v_lower: -0.25": {3, -0.25},
	} {
		p := kindOf(t, neuron, "").Populations[0]
		if got := [2]float64{p.Threshold[0], p.Lower[0]}; p.Mode != spiking.Ternary || got != want {
			t.Errorf("%s: mode %v, thresholds %v, expected %v", neuron, p.Mode, got, want)
		}
	}
}

// TestAdaptive: time constants of the threshold and the refractory state become shares of a row.
func TestAdaptive(t *testing.T) {
	p := kindOf(t, "kind: ATRLIF, v_threshold: 3, tau_threshold: 4, tau_refractory: 2, threshold_step: 0.5", "").Populations[0]
	if got := [4]float64{p.Threshold[0], p.DTheta[0], p.DR[0], p.Step[0]}; p.Mode != spiking.Adaptive || got != [4]float64{3, 0.25, 0.5, 0.5} {
		t.Errorf("mode %v, threshold, shares and step %v", p.Mode, got)
	}
}

// TestPayloadsOfStimuli: plain where all are 1.
func TestPayloadsOfStimuli(t *testing.T) {
	for list, want := range map[string]sem.Type{
		"[0, 0]":              {},
		"[0, 0, 1]":           {},
		"[0, 0, 3]":           {Bits: 3, Signed: true},
		"[0, 0, 127]":         {Bits: 8, Signed: true},
		"[0, 0, -128]":        {Bits: 8, Signed: true},
		"[0, 0, -129]":        {Bits: 9, Signed: true},
		"[0, 0, -2147483648]": {Bits: 32, Signed: true},
	} {
		s := kindOf(t, "kind: I", "stimulus: {kind: events, input: in, list: ["+list+"]}\n")
		if got := s.Inputs[0].Payload; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: payload %v, expected %v", list, got, want)
		}
	}
}
