package model

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// network is a checkpoint as the public code saves it: layers as "3x4" for dense or
// "2x1x3x3" for a convolution, then the inputs of their readouts.
func network(t *testing.T, prefix string, layers []string, readouts []string) *weights.File {
	t.Helper()
	var list []weights.Tensor
	for i, shape := range layers {
		out, _, _ := strings.Cut(shape, "x")
		for _, line := range []string{
			"LIF_layers.#.base_layer.weight " + shape + " 0.5",
			"LIF_layers.#.base_layer.bias " + out + " 0.5",
			"LIF_layers.#.tau_m - 33.33333206",
			"LIF_layers.#.tau_s - 12.5",
			"readout_layers.#.weight 10x" + readouts[i] + " 0.5",
			"readout_layers.#.bias 10 0.5",
		} {
			list = append(list, tensorLine(t, prefix+strings.ReplaceAll(line, "#", string(rune('0'+i)))))
		}
	}
	if prefix != "" {
		list = append(list, tensorLine(t, "epoch - 3"), tensorLine(t, "optimizer_state_dict.state.0.step - 7"))
	}
	f, err := weights.NewFile(list...)
	if err != nil {
		t.Fatal(err)
	}
	f.Name = "ckpt.tar"
	return f
}

const params = `Nhid: [2, 4]
Mhid:
- 6
alpha:
- 0.97
alpharp:
- 0.7
wrp: [2.0]
batch_size: 36
beta:
- 0.92
betas: [0.1, 0.9]
burnin_steps: 60
chunk_size_test: 300
chunk_size_train: 200
dataset: torchneuromorphic.nmnist.nmnist_dataloaders
deltat: 500
input_shape: [1, 12, 12]
kernel_size: [3]
pool_size: [2, 1]
lc_ampl: 2.0
learning_rate: 1.e-3
loss: smoothL1
lr_drop_factor: 5
num_epochs: 100
optimizer: adamax
out_channels: 10
random_tau: true
reg_l: [.0, .5, .0]
online_update: false
something_else: 3
init_theta:
`

func convNetwork(t *testing.T) *weights.File {
	return network(t, "model_state_dict.", []string{"2x1x3x3", "4x2x3x3", "6x144"}, []string{"72", "144", "6"})
}

func TestImport(t *testing.T) {
	im, err := importNetwork(ImportOptions{Checkpoint: "a/ckpt.tar", Params: "p.yml"}, convNetwork(t), []byte(params))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse("m.yaml", im.YAML)
	if err != nil {
		t.Fatalf("%v\n%s", err, im.YAML)
	}
	if err := m.Resolve(memory(map[string]*weights.File{"ckpt.npz": im.Weights}, nil)); err != nil {
		t.Fatal(err)
	}
	d := m.Decolle
	if m.Name != "ckpt" || durationText(m.Dt) != "500us" || !slices.Equal(d.Input.Shape, []int{1, 12, 12}) {
		t.Errorf("got %+v, %v", m.Header, d.Input)
	}
	if n := d.Neuron; n.Alpha != 0.97 || n.Beta != 0.92 || n.AlphaRP != 0.7 || n.WRP != 2 {
		t.Errorf("neuron %+v", n)
	}
	if d.Layers[0].Out != (Shape{2, 6, 6}) || d.Layers[1].Out != (Shape{4, 6, 6}) || d.Layers[2].Out != (Shape{6, 1, 1}) || d.Layers[1].Regulariser != 0.5 {
		t.Errorf("layers %+v", d.Layers)
	}
	if d.Data.Set != "nmnist" || d.Data.Steps != 300 || d.Data.BurnIn != 60 || d.Train.Steps != 200 || d.Train.Batch != 36 ||
		d.Train.Optimiser != (Optimiser{"adamax", 1e-3, 0.1, 0.9, 1e-8}) || d.Train.Update != "sequence" || d.Readout != (Readout{10, 2, "all"}) {
		t.Errorf("data %+v, train %+v", d.Data, d.Train)
	}
	for _, x := range im.Weights.Tensors {
		if strings.HasPrefix(x.Name, "model") || x.Name == "epoch" {
			t.Errorf("the weights hold %s", x.Name)
		}
	}
}

// TestImportReport holds that every entry of the inputs is in the report.
func TestImportReport(t *testing.T) {
	file := convNetwork(t)
	file.Ignored = []string{"note", "optimizer_state_dict.foreach"}
	im, err := importNetwork(ImportOptions{Checkpoint: "ckpt.tar", Params: "p.yml"}, file, []byte(params))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := im.Report.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"mapped    alpharp -> neuron.alpharp = 0.7\n",
		"mapped    dataset -> data.set = nmnist (by its name)\n",
		"derived   model_state_dict.LIF_layers.0.tau_m -> neuron.alpha = 0.97 (alpha = 1 - 1/tau, the same in all layers)\n",
		"derived   readout_layers.0.weight -> layers[0].conv.pool = 2 (the pooling that fits the readout)\n",
		"ignored   random_tau (the training script",
		"ignored   lr_drop_factor (it counts epochs",
		"ignored   something_else (it is no key of the public code",
		"ignored   init_theta (it belongs to error-triggered",
		"ignored   epoch (training starts afresh)\n",
		"ignored   optimizer_state_dict.* (2 entries: a trained",
		"mapped    18 tensors -> weights.file = ckpt.npz (by their names after \"model_state_dict.\")\n",
		"ignored   note (it is no tensor of the network)\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(params) {
		if key, _, ok := strings.Cut(line, ":"); ok && !strings.Contains(text, " "+key+" ") {
			t.Errorf("the report lacks %q", key)
		}
	}
}

func TestImportWithoutParams(t *testing.T) {
	file := network(t, "", []string{"8x20", "6x8"}, []string{"8", "6"})
	im, err := importNetwork(ImportOptions{Checkpoint: "7 up!.pth", Set: "mnist", WeightsFile: "out/w: 1.npz"}, file, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, string(im.YAML))
	if m.Name != "net-7-up" || !slices.Equal(m.Decolle.Input.Shape, []int{20}) || m.Decolle.Data.Set != "mnist" || m.Decolle.Weights.File != "out/w: 1.npz" {
		t.Errorf("got %+v\n%s", m, im.YAML)
	}
	defaulted := 0
	for _, r := range im.Report {
		if r.Fate == Defaulted {
			defaulted++
		}
	}
	if defaulted != 5 { // alpharp, wrp, dt, steps, burn_in
		t.Errorf("%d rows are defaulted: %v", defaulted, im.Report)
	}
}

func TestImportRefuses(t *testing.T) {
	dense := func() *weights.File { return network(t, "", []string{"8x20"}, []string{"8"}) }
	drop := func(f *weights.File, name string) *weights.File {
		f.Tensors = slices.DeleteFunc(f.Tensors, func(x weights.Tensor) bool { return x.Name == name })
		return f
	}
	add := func(f *weights.File, lines ...string) *weights.File {
		list := f.Tensors
		for _, line := range lines {
			list = append(list, tensorLine(t, line))
		}
		out, err := weights.NewFile(list...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	set := func(f *weights.File, name string, data ...float64) *weights.File {
		x, _ := f.Get(name)
		x.Data, x.Shape = data, []int{len(data)}
		return f
	}
	for name, c := range map[string]struct {
		file   *weights.File
		params string
		code   string
		text   string
	}{
		"no network":      {add(&weights.File{}, "fc1.weight 2x3 1"), "", codeCheckpoint, "no tensor"},
		"two networks":    {add(dense(), "b.LIF_layers.0.base_layer.weight 2x2 1"), "", codeCheckpoint, "more than one"},
		"output layer":    {drop(dense(), "readout_layers.0.weight"), "", codeUnmappable, "no readout"},
		"recurrent":       {add(dense(), "LIF_layers.0.rec_layer.weight 8x8 1"), "", codeUnmappable, "rec_layer"},
		"gap":             {add(dense(), "LIF_layers.2.base_layer.weight 8x8 1"), "", codeUnmappable, "LIF_layers.2"},
		"kernel":          {network(t, "", []string{"2x1x3x5"}, []string{"8"}), "", codeUnmappable, "shape [2 1 3 5]"},
		"time constants":  {set(dense(), "LIF_layers.0.tau_m", 33, 20), "", codeUnmappable, "alpha"},
		"tau of zero":     {set(dense(), "LIF_layers.0.tau_m", 0), "", codeUnmappable, "alpha"},
		"tau not finite":  {set(dense(), "LIF_layers.0.tau_s", math.NaN()), "", codeUnmappable, "beta"},
		"alpha":           {dense(), "alpha: [0.9]", codeParameter, "alpha is 0.9, but the checkpoint was trained with 0.97"},
		"alpha by layer":  {dense(), "alpha: [0.9, 0.97]", codeParameter, "alpha"},
		"Mhid":            {dense(), "Mhid: [9]", codeParameter, "Mhid is [9]"},
		"Nhid":            {dense(), "Nhid: [9]", codeParameter, "Nhid is [9]"},
		"classes":         {dense(), "out_channels: 11", codeParameter, "out_channels"},
		"kernel size":     {network(t, "", []string{"2x1x3x3"}, []string{"8"}), "kernel_size: [5]", codeParameter, "kernel_size"},
		"no input shape":  {network(t, "", []string{"2x1x3x3"}, []string{"8"}), "", codeGeometry, "the input shape is []"},
		"wrong channels":  {network(t, "", []string{"2x3x3x3"}, []string{"8"}), "input_shape: [1, 4, 4]", codeGeometry, "layer 0"},
		"wrong pool":      {network(t, "", []string{"2x1x3x3"}, []string{"8"}), "input_shape: [1, 4, 4]\npool_size: [4]", codeGeometry, "layer 0"},
		"wrong dense":     {network(t, "", []string{"8x20", "6x9"}, []string{"8", "6"}), "", codeGeometry, "layer 1"},
		"input shape":     {dense(), "input_shape: [0]", codeParameter, "input_shape"},
		"no number":       {dense(), "batch_size: many", codeParameter, "batch_size"},
		"fraction":        {dense(), "batch_size: 1.5", codeParameter, "batch_size"},
		"betas":           {dense(), "betas: [0.5]", codeParameter, "betas"},
		"update":          {dense(), "online_update: perhaps", codeParameter, "online_update"},
		"deltat":          {dense(), "deltat: 0", codeParameter, "deltat"},
		"reg":             {dense(), "reg_l: {a: 1}", codeParameter, "reg_l"},
		"strides":         {dense(), "stride: [a]", codeParameter, "stride"},
		"unsound batch":   {dense(), "batch_size: 0", codeParameter, "not sound"},
		"not a mapping":   {dense(), "[1]", codeParameter, "mapping"},
		"syntax":          {dense(), "a: [", codeSyntax, "line"},
		"classes differ":  {add(drop(network(t, "", []string{"8x20", "6x8"}, []string{"8", "6"}), "readout_layers.1.weight"), "readout_layers.1.weight 9x6 1"), "", codeUnmappable, "10 and 9"},
		"burn-in of data": {dense(), "burnin_steps: 100\ndataset: mnist", codeParameter, "not sound"},
	} {
		t.Run(name, func(t *testing.T) {
			var text []byte
			if c.params != "" {
				text = []byte(c.params)
			}
			_, err := importNetwork(ImportOptions{Checkpoint: "c.pth", Params: "p.yml"}, c.file, text)
			found := diag.All(err)
			if len(found) == 0 || found[0].Code != c.code || name != "syntax" && !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %s with %q", err, c.code, c.text)
			}
			knownCodes(t, err)
		})
	}
}

func TestDecayOf(t *testing.T) {
	for _, decay := range []float64{0.97, 0.92, 0.85, 0.5, 0, 0.9283333333333333} {
		if got := decayOf(float64(float32(1 / (1 - decay)))); math.Abs(got-decay) > 1e-7 {
			t.Errorf("%v became %v", decay, got)
		}
	}
	if got := decayOf(float64(float32(1 / (1 - float32(0.97))))); got != 0.97 {
		t.Errorf("got %v", got)
	}
}

// TestImportReal imports the checkpoints of the reference data from disk, writes the
// result and loads it.
func TestImportReal(t *testing.T) {
	for name, o := range map[string]ImportOptions{
		"mnist_mlp_128_128.npz":         {},
		"mnist_conv_8_16_d32.pth":       {InputShape: []int{1, 28, 28}, Set: "mnist", Name: "conv"},
		"mnist_mlp_128_128.pth":         {WeightsFile: "other.npz"},
		"mnist_conv_8_16_d32.npz":       {InputShape: []int{1, 28, 28}},
		"mnist_mlp_128_128.safetensors": {},
	} {
		t.Run(name, func(t *testing.T) {
			o.Checkpoint = shared(t, "data", "checkpoints", name)
			im, err := Import(o)
			if err != nil {
				t.Fatal(err)
			}
			m := writeImport(t, im)
			d := m.Decolle
			if d.Neuron.Alpha != 0.97 || d.Neuron.Beta != 0.92 || d.Readout.Classes != 10 || len(m.Warnings) > 0 {
				t.Errorf("got %+v, %v", d.Neuron, m.Warnings)
			}
			if last := d.Layers[len(d.Layers)-1]; last.Dense != map[bool]int{true: 32, false: 128}[len(d.Layers) == 3] {
				t.Errorf("got %+v", last)
			}
			if c := d.Layers[0].Conv; c != nil && (*c != Conv{8, 5, 1, 2, 2} || *d.Layers[1].Conv != Conv{16, 5, 1, 2, 2}) {
				t.Errorf("got %+v", c)
			}
		})
	}
}

func writeImport(t *testing.T, im *Imported) *Model {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "model.yaml")
	if err := os.WriteFile(path, im.YAML, 0o600); err != nil {
		t.Fatal(err)
	}
	name := parse(t, string(im.YAML)).Decolle.Weights.File
	if err := weights.WriteNPZ(filepath.Join(dir, name), im.Weights); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestImportOpens(t *testing.T) {
	if _, err := Import(ImportOptions{Checkpoint: filepath.Join(t.TempDir(), "none.pth")}); len(diag.All(err)) != 1 {
		t.Errorf("got %v", err)
	}
	o := ImportOptions{Checkpoint: shipped("models", "mnist-mlp.npz"), Params: filepath.Join(t.TempDir(), "none.yml")}
	if _, err := Import(o); len(diag.All(err)) != 1 || diag.All(err)[0].Code != codeOpen {
		t.Errorf("got %v", err)
	}
}
