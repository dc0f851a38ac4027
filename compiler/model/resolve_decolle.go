package model

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// The names that the public DECOLLE code gives the tensors of layer %d in a state_dict.
const (
	weightName      = "LIF_layers.%d.base_layer.weight"
	biasName        = "LIF_layers.%d.base_layer.bias"
	readoutName     = "readout_layers.%d.weight"
	readoutBiasName = "readout_layers.%d.bias"
	tauMemName      = "LIF_layers.%d.tau_m"
	tauSynName      = "LIF_layers.%d.tau_s"
)

func (r *resolver) decolle(d *Decolle) {
	if d.Data != nil && d.Data.Folder != "" {
		d.Data.Path, _ = r.path("data.folder", d.Data.Folder)
	}
	if d.Weights == nil || r.unwritten(d.Weights) {
		return
	}
	file, path := r.load("weights.file", d.Weights.File)
	if file == nil {
		return
	}
	d.Weights.Path = path
	t := stateDict{resolver: r, file: file, prefix: d.Weights.Prefix, names: d.Weights.Names}
	if !t.findPrefix() {
		return
	}
	d.Tensors = make([]LayerTensors, len(d.Layers))
	for i := range d.Layers {
		if d.Layers[i].Plastic != nil && !t.has(i) {
			continue // it starts from random weights
		}
		d.Tensors[i] = t.layer(i, &d.Layers[i], d.Readout.Classes)
		t.timeConstants(i, d.Neuron)
	}
	t.unused(len(d.Layers))
}

// unwritten reports that the weights are yet to be made by the caller; it sets Path then.
func (r *resolver) unwritten(w *WeightFile) bool {
	if r.files.Unwritten == nil {
		return false
	}
	path, missing := r.files.Path(w.File)
	if missing != nil || !r.files.Unwritten(path) {
		return false
	}
	w.Path = path
	return true
}

// stateDict finds the tensors of a network in a file.
type stateDict struct {
	*resolver
	file   *weights.File
	prefix string
	names  map[string]string
}

// inFile is the name that a tensor of layer i has in the file.
func (t *stateDict) inFile(format string, i int) string {
	usual := fmt.Sprintf(format, i) // format is one of the constants above
	if other := t.names[usual]; other != "" {
		return other
	}
	return t.prefix + usual
}

// findPrefix looks for what stands before the names, unless the model says it.
func (t *stateDict) findPrefix() bool {
	if t.Has("weights.prefix") {
		return true
	}
	found := prefixes(t.file)
	if len(found) > 1 && !slices.Contains(found, "") {
		t.add("weights.file", codeTensor, "%s holds more than one network: %s", t.file.Name, quoted(found)).
			WithFix("choose one with weights.prefix")
		return false
	}
	if len(found) == 1 {
		t.prefix = found[0]
	}
	return true
}

// prefixes lists what stands before the name of a first layer's weights.
func prefixes(f *weights.File) []string {
	var found []string
	for _, name := range f.Names() {
		if p, ok := strings.CutSuffix(name, fmt.Sprintf(weightName, 0)); ok && (p == "" || strings.HasSuffix(p, ".")) {
			found = append(found, p)
		}
	}
	return found
}

func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strconv.Quote(w)
	}
	return strings.Join(out, ", ")
}

// has reports whether the file has weights of layer i.
func (t *stateDict) has(i int) bool {
	_, ok := t.file.Get(t.inFile(weightName, i))
	return ok
}

func (t *stateDict) layer(i int, l *Layer, classes int) LayerTensors {
	var p LayerTensors
	if p.Weight = t.tensor(weightName, i, l.WeightShape()); p.Weight != nil {
		p.Bias = t.bias(biasName, i, p.Weight.Shape[0])
	}
	if p.Readout = t.tensor(readoutName, i, []int{classes, l.Out.Size()}); p.Readout != nil {
		p.ReadoutBias = t.bias(readoutBiasName, i, classes)
	}
	return p
}

// tensor finds a tensor that must be there and checks it.
func (t *stateDict) tensor(format string, i int, shape []int) *weights.Tensor {
	name := t.inFile(format, i)
	found, ok := t.file.Get(name)
	if !ok {
		t.lacks(name)
		return nil
	}
	if !slices.Equal(found.Shape, shape) {
		t.add("weights.file", codeShape, "%s: tensor %q has shape %v, layer %d needs %v", t.file.Name, name, found.Shape, i, shape).
			WithNote("layer %d is at %s", i, t.At(fmt.Sprintf("layers[%d]", i))).
			WithFix("use the weights of this network, or correct the layer")
		return nil
	}
	if err := found.CheckFinite(); err != nil {
		t.readFailure("weights.file", t.file.Name, err)
	}
	return found
}

func (t *stateDict) lacks(name string) {
	d := t.add("weights.file", codeTensor, "%s has no tensor %q", t.file.Name, name)
	if near, ok := diag.Nearest(name, t.file.Names()); ok {
		d.WithNote("the nearest name is %q", near)
	}
	d.WithFix("use the weights of this network, or give weights.prefix or weights.names")
}

// bias is tensor for what may be left out.
func (t *stateDict) bias(format string, i, n int) *weights.Tensor {
	name := t.inFile(format, i)
	if _, ok := t.file.Get(name); ok {
		return t.tensor(format, i, []int{n})
	}
	t.add("weights.file", codeNoBias, "%s has no tensor %q: the bias is taken as zero", t.file.Name, name).Severity = diag.Warning
	return &weights.Tensor{Name: name, DType: weights.F32, Shape: []int{n}, Data: make([]float64, n)}
}

// decayTolerance is the difference that float32 storage of a time constant makes, and more.
const decayTolerance = 1e-6

// timeConstants holds the decays of the model against those that the weights were
// trained with, as far as the file knows them.
func (t *stateDict) timeConstants(i int, n Neuron) {
	t.timeConstant(t.inFile(tauMemName, i), "alpha", n.Alpha)
	t.timeConstant(t.inFile(tauSynName, i), "beta", n.Beta)
}

func (t *stateDict) timeConstant(name, key string, decay float64) {
	tau, ok := t.file.Get(name)
	if !ok {
		return
	}
	for _, x := range tau.Data {
		stored := 1 - 1/x
		if math.Abs(stored-decay) <= decayTolerance {
			continue
		}
		given := ""
		if !t.Has("neuron." + key) {
			given = " (the default)"
		}
		t.add("neuron."+key, codeTime, "%s is %v%s, but the weights were trained with %s = %v", key, decay, given, key, short(stored)).
			WithNote("tensor %q of %s is %v, and %s = 1 - 1/tau", tau.Name, t.file.Name, short(x), key).
			WithFix("set neuron.%s to %v", key, short(stored))
		return
	}
}

// short rounds a number that was stored in float32 to the digits that it means.
func short(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 7, 64), 64)
	return y
}

var layerTensor = regexp.MustCompile(`^(?:LIF_layers|readout_layers)\.(\d+)\.`)

// unused warns of layers of the file that the model does not have.
func (t *stateDict) unused(layers int) {
	var extra []string
	for _, name := range t.file.Names() {
		rest, ok := strings.CutPrefix(name, t.prefix)
		m := layerTensor.FindStringSubmatch(rest)
		if !ok || m == nil {
			continue
		}
		if k, err := strconv.Atoi(m[1]); err != nil || k >= layers {
			extra = append(extra, name)
		}
	}
	if extra != nil {
		t.add("weights.file", codeUnused, "%s holds %d tensors of layers that the model does not have, %q first", t.file.Name, len(extra), extra[0]).
			Severity = diag.Warning
	}
}
