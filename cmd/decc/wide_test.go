package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
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

// TestWideConvolutionIsRefusedWithWhatFits: 128 channels under 7 x 7 are up to 6272 sources of one compartment. No
// chip has that many in-axons a core, and the answer says so of the worst compartment and names what fits.
func TestWideConvolutionIsRefusedWithWhatFits(t *testing.T) {
	name := gestureModel(t, t.TempDir())
	for _, c := range []struct{ target, group string }{{"loihi1", "c3-dendrite"}, {"loihi2", "c3"}} {
		var stdout, stderr bytes.Buffer
		env := &Env{Getenv: os.Getenv, In: strings.NewReader(""), Out: &stdout, Err: &stderr}
		if code := execute([]string{"build", name, "--target", c.target}, env, commandTable); code != 1 {
			t.Errorf("%s: exit code %d, expected 1", c.target, code)
		}
		said := stderr.String()
		for _, want := range []string{
			"gesture.yaml:8:5: error[partition/in-axons]: compartment ", " of group @" + c.group + " needs ", " input axons on one core, limit is 4096; 23552 of its 32768 compartments need too many",
			"synapse @w_c3: 128 channels of @c2 under a kernel of 7 x 7", "use a kernel of at most 5 x 5, or let @c2 have at most 83 channels",
		} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: found\n%s\nwithout %q", c.target, said, want)
			}
		}
		if strings.Contains(said, "group @c2 needs") {
			t.Errorf("%s: c2, which hears 3136 sources, is refused", c.target)
		}
	}
}
