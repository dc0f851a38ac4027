package model

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"decc/compiler/model/weights"
	"decc/ir/sem"
	"decc/ir/spikes"
)

func TestShippedWeights(t *testing.T) {
	path := shipped("models", "mnist-mlp.npz")
	origin, err := weights.Load(shared(t, "data", "checkpoints", "mnist_mlp_128_128.npz"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := weights.WriteNPZ(path, origin); err != nil {
			t.Fatal(err)
		}
	}
	var want bytes.Buffer
	if err := weights.EncodeNPZ(&want, origin); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("the shipped weights are not those of the checkpoint; -update writes them anew")
	}
	for _, x := range origin.Tensors {
		if x.DType != weights.F32 {
			t.Errorf("%s is %s", x.Name, x.DType)
		}
	}
}

func TestLoadMLP(t *testing.T) {
	m, err := Load(shipped("models", "mnist-mlp.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	d := m.Decolle
	if m.Name != "mnist-mlp" || m.Target != "loihi2" || m.Flavour() != "decolle" || len(m.Warnings) != 0 {
		t.Errorf("got %+v, warnings %v", m.Header, m.Warnings)
	}
	if d.Neuron != (Neuron{Model: "LIFLayer", Alpha: 0.97, Beta: 0.92, AlphaRP: 0.65, WRP: 1, Gain: 1, Surrogate: "fast_sigmoid"}) {
		t.Errorf("neuron %+v", d.Neuron)
	}
	if d.Data.Encoder.Kind != "poisson" || d.Data.Encoder.Params["gain_q24"] != 13158 || d.Data.Encoder.Params["seed"] != 20200512 {
		t.Errorf("encoder %+v", d.Data.Encoder)
	}
	for i, l := range d.Layers {
		x := d.Tensors[i]
		if !slices.Equal(x.Weight.Shape, l.WeightShape()) || len(x.Bias.Data) != 128 || len(x.Readout.Data) != 1280 || len(x.ReadoutBias.Data) != 10 {
			t.Errorf("layer %d: %v", i, x.Weight.Shape)
		}
	}
	if got := m.At("layers[1].dense").String(); got != shipped("models", "mnist-mlp.yaml")+":17:23" {
		t.Errorf("layers[1].dense is at %s", got)
	}
}

func TestLoadChipReference(t *testing.T) {
	shared(t, "data", "loihi-chip-reference")
	m, err := Load(shipped("models", "chip-reference.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	f := m.Fixed
	w1, w2 := f.Synapses[0], f.Synapses[1]
	if len(w1.Mantissas) != 25*250 || len(w2.Mantissas) != 25 || w1.Ends != nil || !slices.Equal(w1.Delays, []int64{0}) {
		t.Errorf("%d and %d mantissas", len(w1.Mantissas), len(w2.Mantissas))
	}
	if !slices.Equal(w1.Mantissas[:5], []int64{10, -14, -2, 16, -20}) || w1.SignMode != sem.Mixed || w1.Bits != 8 {
		t.Errorf("w1 begins with %v", w1.Mantissas[:5])
	}
	var names []string
	for _, p := range f.Groups[1].Params {
		names = append(names, p.Name)
	}
	if !slices.Equal(names, []string{"du", "dv", "vth", "refrac"}) || f.Rows != 500 || filepath.Base(f.Stimulus.Path) != "input_t_neuron.txt" {
		t.Errorf("params %v, rows %d, stimulus %s", names, f.Rows, f.Stimulus.Path)
	}
}

func TestLoadLoihi2LIF(t *testing.T) {
	shared(t, "golden", "loihi2-lif")
	m, err := Load(shipped("models", "loihi2-lif.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	train := m.Fixed.Stimulus.Train
	if len(train) != 34 || train[0] != (spikes.Event{Row: 60, Index: 0, Payload: 1}) || m.Dt.String() != "100µs" {
		t.Errorf("%d spikes, first %+v, dt %s", len(train), train[0], m.Dt)
	}
	if err := train.Check(m.Fixed.Rows, 1); err != nil {
		t.Error(err)
	}
}

// simulate runs the sequential MNIST network by the rules of its README, from the
// resolved model alone, and returns the class after the last row. It shows that
// slices, layouts and exponents put each weight in its place.
func simulate(f *Fixed, rows [][]int) int {
	type pop struct{ u, v []int64 }
	dec := func(x, d int64) int64 { return x * (4096 - d) / 4096 }
	state, arrive, fired := map[string]*pop{}, map[string][]int64{}, map[string][]int{}
	for _, g := range f.Groups {
		state[g.Name] = &pop{make([]int64, g.Size), make([]int64, g.Size)}
	}
	param := func(g Group, name string) int64 {
		for _, p := range g.Params {
			if p.Name == name {
				return p.Values.Data[0]
			}
		}
		return 0
	}
	sizes := map[string]int{"in": 80}
	for _, g := range f.Groups {
		sizes[g.Name] = g.Size
	}
	for k := range rows {
		for name, p := range state {
			arrive[name] = make([]int64, len(p.v))
		}
		for _, s := range f.Synapses {
			unit := int64(1) << (6 + s.Exp)
			for _, j := range fired[s.From] {
				if s.Ends != nil {
					arrive[s.To][j] += s.Mantissas[j] * unit
					continue
				}
				for i := range arrive[s.To] {
					arrive[s.To][i] += s.Mantissas[i*sizes[s.From]+j] * unit
				}
			}
		}
		x := state["aux"]
		for i := range x.v {
			x.v[i] = dec(x.v[i], 5) + arrive["aux"][i]
		}
		fired = map[string][]int{"in": rows[k]}
		for _, g := range f.Groups {
			if g.Neuron != "cuba" {
				continue
			}
			p := state[g.Name]
			for i := range p.v {
				v := dec(p.v[i], param(g, "dv")) + arrive[g.Name][i]
				if g.Name == "adaptive" {
					v += x.v[i]
				}
				v = min(max(v, -(1<<23-1)), 1<<23-1)
				if v > param(g, "vth") {
					v, fired[g.Name] = 0, append(fired[g.Name], i)
				}
				p.v[i] = v
			}
		}
	}
	out := state["out"].v
	return slices.Index(out, slices.Max(out))
}

func TestLoadSequentialMNIST(t *testing.T) {
	shared(t, "golden", "loihi1-smnist")
	m, err := Load(shipped("models", "smnist-lsnn.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, s := range m.Fixed.Synapses {
		for _, w := range s.Mantissas {
			if w != 0 {
				count++
			}
			if !s.Split && w&1 != 0 {
				t.Fatalf("%s is %s and has the odd weight %d", s.Name, s.SignMode, w)
			}
		}
	}
	want := 100
	for _, name := range []string{"w_in.npy", "w_rec.npy", "w_out.npy"} {
		f, err := weights.Load(shared(t, "golden", "loihi1-smnist", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range f.Tensors[0].Data {
			if w != 0 {
				want++
			}
		}
	}
	if count != want || m.Fixed.Stimulus.Encoder.Params["cue"] != 56 {
		t.Errorf("%d synapses, want %d", count, want)
	}
	const digit, published = 898, 7
	if got := simulate(m.Fixed, thresholdRows(t, digit)); got != published {
		t.Errorf("test digit %d is classified as %d, the published label is %d", digit, got, published)
	}
}

// thresholdRows encodes a digit of the shipped excerpt as the README of the network
// says: the channels that spike in each row.
func thresholdRows(t *testing.T, digit int) [][]int {
	t.Helper()
	f, err := os.Open(shipped("mnist", "t10k-first1000-images-idx3-ubyte.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	p := all[16+digit*784:][:784]
	rows := make([][]int, 840)
	for i := range rows {
		if i >= 784 {
			rows[i] = []int{79}
			continue
		}
		for k := 1; k <= 38 && i <= 782; k++ {
			level := byte(k * 255 / 39)
			if p[i] < level && level <= p[i+1] {
				rows[i] = append(rows[i], 2*k)
			}
			if p[i] >= level && level > p[i+1] {
				rows[i] = append(rows[i], 2*k+1)
			}
		}
		if p[i] == 255 {
			rows[i] = append(rows[i], 78)
		}
	}
	return rows
}
