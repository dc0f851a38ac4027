package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"decc/compiler/model/weights"
)

// gestureModel writes the network that DECOLLE's authors published for gestures, three convolutions
// of 64, 128 and 128 channels with kernels of 7 x 7 on 2 x 32 x 32, with random weights.
func gestureModel(t *testing.T, folder string) string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	tensor := func(name string, shape ...int) weights.Tensor {
		x := weights.Tensor{Name: name, DType: weights.F32, Shape: shape}
		n := 1
		for _, side := range shape {
			n *= side
		}
		for range n {
			x.Data = append(x.Data, float64(float32(r.Float64()*0.02-0.01)))
		}
		return x
	}
	var list []weights.Tensor
	for i, l := range []struct{ in, out, seen int }{{2, 64, 64 * 16 * 16}, {64, 128, 128 * 16 * 16}, {128, 128, 128 * 8 * 8}} {
		layer, readout := fmt.Sprintf("LIF_layers.%d.base_layer.", i), fmt.Sprintf("readout_layers.%d.", i)
		list = append(list, tensor(layer+"weight", l.out, l.in, 7, 7), tensor(layer+"bias", l.out), tensor(readout+"weight", 11, l.seen), tensor(readout+"bias", 11))
	}
	file, err := weights.NewFile(list...)
	if err == nil {
		err = weights.WriteNPZ(filepath.Join(folder, "w.npz"), file)
	}
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "gesture.yaml")
	text := `decc: 1
name: gesture
input: {shape: [2, 32, 32]}
neuron: {model: LIFLayer, alpha: 0.97, beta: 0.92, alpharp: 0.65, wrp: 1.0}
layers:
  - {name: c1, conv: {channels: 64, kernel: 7, padding: 3, pool: 2}}
  - {name: c2, conv: {channels: 128, kernel: 7, padding: 3}}
  - {name: c3, conv: {channels: 128, kernel: 7, padding: 3, pool: 2}}
readout: {classes: 11, on_chip: last}
weights: {file: w.npz}
`
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestWideConvolutionIsRefusedWithWhatFits: 250 million synapses of 8 bits are on so many cores that a compartment
// below reaches more of them than a core has out-axons for. The answer takes seconds, names the worst compartment
// and the cores that it reaches, and tells with which kernels the network fits.
func TestWideConvolutionIsRefusedWithWhatFits(t *testing.T) {
	name := gestureModel(t, t.TempDir())
	for _, target := range []string{"loihi1", "loihi2"} {
		var stdout, stderr bytes.Buffer
		env := &Env{Getenv: os.Getenv, In: strings.NewReader(""), Out: &stdout, Err: &stderr}
		if code := execute([]string{"build", name, "--target", target}, env, commandTable); code != 1 {
			t.Errorf("%s: exit code %d, expected 1", target, code)
		}
		for _, want := range []string{
			`gesture.yaml:6:5: error\[partition/out-axons\]: compartment \d+ of group @pool_c1 needs \d+ output axon entries on one core, limit is 4096`,
			`note: estimated from a few cores of each group, filled in sequence: it reaches \d+ of about \d+ cores of @c2`,
			`fix: with kernels of at most 5 x 5 it takes about 1\d{4} cores on \d+ chips`,
		} {
			if !regexp.MustCompile(want).MatchString(stderr.String()) {
				t.Errorf("%s: found\n%s\nwithout %q", target, stderr.String(), want)
			}
		}
	}
}
