package model

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"decc/compiler/model/weights"
	"decc/ir/diag"
	"decc/ir/hdf5"
)

// netFile writes a network of lava-dl as export_hdf5 does; build adds to the group layer.
func netFile(t *testing.T, build func(layer *hdf5.Tree)) string {
	t.Helper()
	tree := hdf5.NewTree()
	build(tree.Group("layer"))
	data, err := tree.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "net.net")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// netLayer adds a layer with its shape; pairs are names and lists of whole numbers.
func netLayer(to *hdf5.Tree, index, kind string, shape []int64, entries map[string][]int64) *hdf5.Tree {
	l := to.Group(index)
	hdf5.Put(l, "type", []int{1}, []string{kind})
	if shape != nil {
		hdf5.Put(l, "shape", []int{len(shape)}, shape)
	}
	for name, values := range entries {
		hdf5.Put(l, name, []int{len(values)}, values)
	}
	return l
}

// cubaNeuron adds the neuron of a layer.
func cubaNeuron(l *hdf5.Tree, kind string) {
	n := l.Group("neuron")
	hdf5.Put(n, "type", nil, []string{kind})
	hdf5.Put(n, "gradedSpike", nil, []bool{false})
	for name, v := range map[string]int64{"iDecay": 1024, "vDecay": 123, "vThMant": 80, "refDelay": 1} {
		hdf5.Put(n, name, nil, []int64{v})
	}
}

func kernelOf(l *hdf5.Tree, shape []int, values ...float32) { hdf5.Put(l, "weight", shape, values) }

// smallNet has every kind of layer that is mapped.
func smallNet(t *testing.T) string {
	return netFile(t, func(layer *hdf5.Tree) {
		netLayer(layer, "0", "input", []int64{1, 4, 4}, nil)
		conv := netLayer(layer, "1", "conv", []int64{2, 4, 4}, map[string][]int64{"stride": {1, 1}, "padding": {1, 1}, "dilation": {1, 1}, "bias": {3, -3}})
		hdf5.Put(conv, "groups", nil, []int64{1})
		kernelOf(conv, []int{2, 1, 3, 3, 1}, -2, 0, 2, 4, 6, 8, -4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 254)
		cubaNeuron(conv, "CUBA")
		pool := netLayer(layer, "2", "pool", []int64{2, 2, 2}, map[string][]int64{"kernelSize": {2, 2}, "stride": {2, 2}, "padding": {0, 0}, "dilation": {1, 1}})
		kernelOf(pool, []int{1, 1, 2, 2}, 28, 28, 28, 28)
		cubaNeuron(pool, "LOIHI")
		netLayer(layer, "3", "flatten", []int64{8}, nil)
		dense := netLayer(layer, "4", "dense", []int64{2}, map[string][]int64{"delay": {1, 70}})
		kernelOf(dense, []int{2, 8}, 1, -3, 5, -7, 9, -11, 13, -15, 1, 1, 1, 1, 1, 1, 1, 1)
		cubaNeuron(dense, "CUBA")
		rec := netLayer(layer, "5", "dense_rec", []int64{2}, nil)
		kernelOf(rec, []int{2, 2}, 1, 2, 3, 4)
		hdf5.Put(rec, "weight_rec", []int{2, 2}, []float32{5, 6, 7, 255})
		cubaNeuron(rec, "CUBA")
		kernelOf(netLayer(layer, "6", "dense", []int64{1}, nil), []int{1, 2}, -2, 2)
	})
}

func TestImportNetx(t *testing.T) {
	im, err := ImportNetx(NetxOptions{File: smallNet(t), Name: "net", Recordings: "list.csv", Steps: 10})
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, string(im.YAML))
	if err := m.Resolve(memory(map[string]*weights.File{"net.npz": im.Weights}, nil)); err != nil {
		t.Fatal(err)
	}
	f := m.Fixed
	synapse := func(name string) *Synapse {
		i := slices.IndexFunc(f.Synapses, func(s Synapse) bool { return s.Name == name })
		return &f.Synapses[i]
	}
	for name, want := range map[string]struct {
		exp   int
		sign  string
		first int64
	}{
		"w_l1": {0, "mixed", -2}, "w_l2": {0, "excitatory", 28}, // even, and positive weights as they are
		"w_l4": {-1, "mixed", 2}, // odd ones doubled
		"w_l5": {0, "excitatory", 1}, "r_l5": {0, "excitatory", 5}, "w_l6": {0, "mixed", -2},
	} {
		if s := synapse(name); s.Exp != want.exp || s.Sign != want.sign || s.Mantissas[0] != want.first {
			t.Errorf("%s: exp %d, sign %s, first mantissa %d", name, s.Exp, s.Sign, s.Mantissas[0])
		}
	}
	if d := synapse("w_l4").Delays; !slices.Equal(d, []int64{1, 1, 1, 1, 1, 1, 1, 1, 62, 62, 62, 62, 62, 62, 62, 62}) {
		t.Errorf("delays %v", d)
	}
	if b := f.Groups[0].Params[4].Values.Data; len(b) != 32 || b[0] != 192 || b[31] != -192 {
		t.Errorf("biases %v", b)
	}
	last := f.Layers[len(f.Layers)-1]
	if last.Readout != "l6" || last.SpikesLag != 5 || f.Rows != 15 || f.Groups[4].Neuron != "dendrite" {
		t.Errorf("last layer %+v of %d rows, program %s", last, f.Rows, f.Groups[4].Neuron)
	}
}

// TestImportNetxRefuses: what cannot be mapped is refused by layer and kind.
func TestImportNetxRefuses(t *testing.T) {
	dense := func(layer *hdf5.Tree, neuron string, w ...float32) *hdf5.Tree {
		l := netLayer(layer, "0", "dense", []int64{1}, nil)
		kernelOf(l, []int{1, len(w)}, w...)
		cubaNeuron(l, neuron)
		return l
	}
	for word, build := range map[string]func(layer *hdf5.Tree){
		`"average"`:           func(l *hdf5.Tree) { netLayer(l, "0", "average", []int64{1}, nil) },
		`"lstm"`:              func(l *hdf5.Tree) { netLayer(l, "0", "lstm", []int64{1}, nil) },
		`"SDNN"`:              func(l *hdf5.Tree) { dense(l, "SDNN", 2) },
		"odd ones among them": func(l *hdf5.Tree) { dense(l, "CUBA", -255, 3) },
		"takes 3 inputs": func(l *hdf5.Tree) {
			netLayer(l, "1", "dense", []int64{1}, nil)
			dense(l, "CUBA", 1, 2)
			kernelOf(l.Group("1"), []int{1, 3}, 2, 2, 2)
		},
		"has no rows and columns":   func(l *hdf5.Tree) { kernelOf(netLayer(l, "0", "conv", []int64{1, 1, 1}, nil), []int{1, 1, 1, 1}, 2) },
		"the network has no layers": func(*hdf5.Tree) {},
		"has shape [-4 1 1]": func(l *hdf5.Tree) {
			netLayer(l, "0", "input", []int64{1, 1, 1}, nil)
			kernelOf(netLayer(l, "1", "conv", []int64{-4, 1, 1}, map[string][]int64{"bias": {1, 2, 3, 4}}), []int{4, 1, 1, 1}, 2, 2, 2, 2)
		},
		"has shape [1073741824 1073741824]": func(l *hdf5.Tree) { netLayer(l, "0", "input", []int64{1 << 30, 1 << 30}, nil) },
		"has [-1 2] in kernelSize": func(l *hdf5.Tree) {
			netLayer(l, "0", "input", []int64{1, 4, 4}, nil)
			kernelOf(netLayer(l, "1", "pool", []int64{1, 2, 2}, map[string][]int64{"kernelSize": {-1, 2}}), []int{1, 1, 2, 2}, 2, 2, 2, 2)
		},
		"pools [1024 1024] over 4096 channels": func(l *hdf5.Tree) {
			netLayer(l, "0", "input", []int64{4096, 4, 4}, nil)
			kernelOf(netLayer(l, "1", "pool", []int64{1, 2, 2}, map[string][]int64{"kernelSize": {1024, 1024}}), []int{1, 1, 2, 2}, 2, 2, 2, 2)
		},
	} {
		_, err := ImportNetx(NetxOptions{File: netFile(t, build)})
		if all := diag.All(err); len(all) == 0 || !strings.Contains(all[0].Message, word) || all[0].Fix == "" {
			t.Errorf("%s: %v", word, err)
		}
	}
}

// TestImportRealNetx holds the published network against the arrays beside it.
func TestImportRealNetx(t *testing.T) {
	im, err := ImportNetx(NetxOptions{File: shared(t, "data", "loihi-nmnist-net", "network_nmnist_small.net"), InputShape: []int{2, 16, 16}})
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, string(im.YAML))
	if err := m.Resolve(memory(map[string]*weights.File{"network_nmnist_small.npz": im.Weights}, nil)); err != nil {
		t.Fatal(err)
	}
	own, err := Load(shipped("models", "nmnist-loihi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range own.Fixed.Synapses {
		got := m.Fixed.Synapses[i]
		if !slices.Equal(s.Mantissas, got.Mantissas) || s.Exp != got.Exp || s.Bits != got.Bits || s.SignMode != got.SignMode {
			t.Errorf("synapses %s are not those of the arrays", got.Name)
		}
		for k, p := range own.Fixed.Groups[i].Params {
			if q := m.Fixed.Groups[i].Params[k]; p.Name != q.Name || !slices.Equal(p.Values.Data, q.Values.Data) {
				t.Errorf("group %d: %s is %v, want %s %v", i, q.Name, q.Values.Data, p.Name, p.Values.Data)
			}
		}
	}
}

// FuzzImportNetx: no bytes do more than fail.
func FuzzImportNetx(f *testing.F) {
	f.Add([]byte("\x89HDF\r\n\x1a\n"))
	tree := hdf5.NewTree()
	l := netLayer(tree.Group("layer"), "0", "dense", []int64{1}, nil)
	kernelOf(l, []int{1, 2}, 2, 4)
	data, err := tree.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x.net")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ImportNetx(NetxOptions{File: path}); err != nil && len(diag.All(err)) == 0 {
			t.Errorf("an error without a code: %v", err)
		}
	})
}
