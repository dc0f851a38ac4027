package model

import (
	"slices"
	"testing"

	"decc/compiler/model/weights"
)

// TestDelaysFollowTheirWeights: delays of a file in the order [from, to] are turned over like weights.
func TestDelaysFollowTheirWeights(t *testing.T) {
	m := parse(t, `decc: 1
name: turned
inputs: [{name: in, size: 2}]
populations: [{name: a, size: 3, neuron: {kind: IF}}]
connections:
  - {name: w, from: in, to: a, weights: {file: w, layout: pre_major}, delay: {file: w, layout: pre_major}}
`)
	across := &weights.File{Tensors: []weights.Tensor{{Name: "across", DType: weights.I32, Shape: []int{2, 3}, Data: []float64{1, 2, 3, 4, 5, 6}}}}
	if err := m.Resolve(memory(map[string]*weights.File{"w": across}, nil)); err != nil {
		t.Fatal(err)
	}
	k := m.Spiking.Connections[0]
	if !slices.Equal(k.Values, []float64{1, 4, 2, 5, 3, 6}) || !slices.Equal(k.Delay.Data, []int64{1, 4, 2, 5, 3, 6}) {
		t.Errorf("weights %v, delays %v", k.Values, k.Delay.Data)
	}
}
