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

// run is a command on its own and what it printed.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	env := &Env{Getenv: os.Getenv, In: strings.NewReader(""), Out: &out, Err: &err}
	code = execute(args, env, commandTable)
	return code, out.String(), err.String()
}

// TestWideConvolutionFits: 250 million synapses of 8 bits fit on more than a hundred chips where cores hold all channels of a
// place. The answer takes seconds.
func TestWideConvolutionFits(t *testing.T) {
	name := gestureModel(t, t.TempDir())
	for _, target := range []string{"loihi1", "loihi2"} {
		code, stdout, stderr := run(t, "build", name, "--estimate", "--target", target)
		if code != 0 {
			t.Errorf("%s: exit code %d\n%s", target, code, stderr)
		}
		for _, want := range []string{
			`c2 .*32768 .* places .* out_axons`,
			`c3 .*32768 .* places .* synaptic_words`,
			`about 16\d{3} cores on 1[34]\d chips of ` + target + ` for 250\d{6} synapses`,
		} {
			if !regexp.MustCompile(want).MatchString(stdout) {
				t.Errorf("%s: found\n%s\nwithout %q", target, stdout, want)
			}
		}
	}
}

// TestWideConvolutionBuilds makes its image, which takes minutes: with DECC_LONG=1.
func TestWideConvolutionBuilds(t *testing.T) {
	if os.Getenv("DECC_LONG") != "1" {
		t.Skip("takes four minutes a chip: set DECC_LONG=1")
	}
	folder := t.TempDir()
	name := gestureModel(t, folder)
	for _, target := range []string{"loihi1", "loihi2"} {
		image := filepath.Join(folder, target+".dimg")
		code, stdout, stderr := run(t, "build", name, "--target", target, "-o", image)
		if code != 0 {
			t.Errorf("%s: exit code %d\n%s", target, code, stderr)
		}
		if want := `16\d{3} cores on 1[34]\d chips`; !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("%s: found\n%s\nwithout %q", target, stdout, want)
		}
		if code, _, stderr := run(t, "inspect", image); code != 0 {
			t.Errorf("%s: the image is not read: exit code %d\n%s", target, code, stderr)
		}
	}
}

// TestWideConvolutionIsRefusedWithWhatFits: a board of 32 chips is too small for it, which is told in seconds with the kernels that
// are not too wide.
func TestWideConvolutionIsRefusedWithWhatFits(t *testing.T) {
	folder := t.TempDir()
	name := gestureModel(t, folder)
	board := filepath.Join(folder, "board.yaml")
	if err := os.WriteFile(board, []byte("base: loihi2\nname: board\nlimits:\n  - {name: chips, value: 32}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := run(t, "build", name, "--target", board)
	if code != 1 {
		t.Errorf("exit code %d, expected 1", code)
	}
	for _, want := range []string{
		`gesture.yaml:\d+:\d+: error\[place/chips\]: the network takes 16\d{3} cores, 32 chips of board have 3840`,
		`fix: with kernels of at most 5 x 5 it takes about 2\d{3} cores on 2\d chips`,
	} {
		if !regexp.MustCompile(want).MatchString(stderr) {
			t.Errorf("found\n%s\nwithout %q", stderr, want)
		}
	}
}
