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

// ImportOptions says what to import.
type ImportOptions struct {
	// Checkpoint is a file of the public DECOLLE code: a state_dict, or what its
	// save_checkpoint writes; any format that package weights reads.
	Checkpoint string
	// Params is the parameter file (.yml) that it was trained with, "" for none.
	Params string
	// Name is the name of the model; "" takes that of the checkpoint.
	Name string
	// WeightsFile is what the model will call the file that Imported.Weights is written
	// to; "" is the name with .npz.
	WeightsFile string
	// InputShape is [n] or [channels, rows, columns]; nil where Params or the shapes of
	// the weights tell it.
	InputShape []int
	// Set is the data set that the model is to be run on, "" to leave it open.
	Set string
}

// importer is an import under way.
type importer struct {
	options ImportOptions
	list    diag.List
	report  ImportReport
	file    *weights.File
	prefix  string
	used    map[string]bool // tensors that go into the model
	stored  map[string]bool // decays that the checkpoint tells
	params  paramFile
	plan    plan
}

// plan is the model that comes out.
type plan struct {
	name, weightsFile string
	dt                string
	input             []int
	alpha, beta       float64
	alpharp, wrp      float64
	layers            []planLayer
	classes           int
	lcAmpl            float64
	set               string
	steps, burnIn     int
	trainSteps, batch int
	lr, beta1, beta2  float64
	dropout           float64
	update            string
	regularisers      []float64
}

// paramFile is what a parameter file says that is held against the checkpoint, nil
// or -1 where it says nothing.
type paramFile struct {
	alpha, beta             float64
	classes                 int
	conv, dense             []int // neurons of the layers
	kernels, strides, pools []int // one a convolution, or one for all
	pos                     map[string]diag.Pos
}

// planLayer is a layer as the shapes of its weights tell it.
type planLayer struct {
	name          string
	out, in       int // neurons and inputs, or channels
	conv          *Conv
	readoutInputs int
}

// Import makes a model out of a checkpoint and, if there is one, a parameter file of
// the public DECOLLE code. The result parses and resolves with Parse and Resolve. The
// error is a diag.List.
func Import(o ImportOptions) (*Imported, error) {
	file, err := weights.Load(o.Checkpoint)
	if err != nil {
		return nil, err
	}
	var params []byte
	if o.Params != "" {
		if params, err = readFile(o.Params, maxSource+1); err != nil {
			return nil, openError(diag.Pos{File: o.Params}, o.Params, err)
		}
	}
	return importNetwork(o, file, params)
}

// importNetwork is Import after the files have been read.
func importNetwork(o ImportOptions, file *weights.File, params []byte) (*Imported, error) {
	im := &importer{
		options: o, file: file, plan: newPlan(o),
		used: map[string]bool{}, stored: map[string]bool{},
		params: paramFile{alpha: -1, beta: -1, classes: -1, pos: map[string]diag.Pos{}},
	}
	for _, step := range []func(){
		func() { im.readParams(params) },
		im.readLayers,
		im.readDecays,
		im.checkParams,
		im.readGeometry,
	} {
		step()
		if err := settle(im.list).Err(); err != nil {
			return nil, err
		}
	}
	im.reportDefaults()
	im.reportRest()
	return im.result()
}

func newPlan(o ImportOptions) plan {
	name, weightsFile := importNames(o.Checkpoint, o.Name, o.WeightsFile)
	p := plan{
		name: name, weightsFile: weightsFile, dt: "1ms", input: o.InputShape, set: o.Set,
		alpharp: 0.65, wrp: 1, lcAmpl: 0.5, steps: 100, burnIn: 30, batch: 72,
		lr: defaultLR, beta2: 0.95, dropout: 0.5, update: "online",
	}
	return p
}

func (im *importer) fail(code, format string, args ...any) *diag.Diagnostic {
	return im.list.Add(diag.Pos{File: im.file.Name}, code, format, args...)
}

// readLayers finds the layers in the names and shapes of the tensors.
func (im *importer) readLayers() {
	found := prefixes(im.file)
	if len(found) != 1 {
		im.noPrefix(found)
		return
	}
	im.prefix = found[0]
	for i := 0; ; i++ {
		w, ok := im.file.Get(im.prefix + fmt.Sprintf(weightName, i))
		if !ok {
			break
		}
		im.readLayer(i, w)
	}
	im.refuseRest()
}

func (im *importer) noPrefix(found []string) {
	if len(found) > 1 {
		im.fail(codeCheckpoint, "the file holds more than one network: %s", quoted(found)).WithFix("save the state_dict of one of them")
		return
	}
	im.fail(codeCheckpoint, "the file has no tensor %q", fmt.Sprintf(weightName, 0)).
		WithNote("its names: %s", quotedFirst(im.file.Names())).
		WithFix("give a checkpoint of a DECOLLE network")
}

func (im *importer) readLayer(i int, w *weights.Tensor) {
	l := planLayer{name: fmt.Sprintf("h%d", i+1)}
	switch shape := w.Shape; {
	case len(shape) == 2:
		l.out, l.in = shape[0], shape[1]
	case len(shape) == 4 && shape[2] == shape[3]:
		l.out, l.in = shape[0], shape[1]
		l.conv = &Conv{Channels: shape[0], Kernel: shape[2], Stride: 1, Padding: (shape[2] - 1) / 2, Pool: 1}
	default:
		im.fail(codeUnmappable, "tensor %q has shape %v", w.Name, shape).WithFix("use dense layers or convolutions with a square kernel")
		return
	}
	im.use(w.Name)
	im.readReadout(i, &l)
	im.useIfThere(biasName, i)
	im.useIfThere(readoutBiasName, i)
	im.plan.layers = append(im.plan.layers, l)
	im.report.add(Mapped, w.Name, fmt.Sprintf("layers[%d]", i), l.text(), "by its shape")
}

func (im *importer) readReadout(i int, l *planLayer) {
	name := im.prefix + fmt.Sprintf(readoutName, i)
	g, ok := im.file.Get(name)
	if !ok || len(g.Shape) != 2 {
		im.fail(codeUnmappable, "layer %d has no readout matrix %q", i, name).
			WithNote("the public code makes such an output layer with with_output_layer: true; a decc model has none").
			WithFix("train with with_output_layer: false")
		return
	}
	if i > 0 && g.Shape[0] != im.plan.classes {
		im.fail(codeUnmappable, "the readouts have %d and %d classes", im.plan.classes, g.Shape[0]).WithFix("give all layers the same classes")
	}
	im.plan.classes = g.Shape[0]
	l.readoutInputs = g.Shape[1]
	im.use(name)
}

func (im *importer) use(name string) { im.used[name] = true }

func (im *importer) useIfThere(format string, i int) {
	name := im.prefix + fmt.Sprintf(format, i)
	if _, ok := im.file.Get(name); ok {
		im.use(name)
	}
}

// refuseRest refuses tensors of the network that a model has no place for.
func (im *importer) refuseRest() {
	for _, name := range im.file.Names() {
		rest, inside := strings.CutPrefix(name, im.prefix)
		if inside && layerTensor.MatchString(rest) && !im.used[name] && !tauTensor.MatchString(rest) {
			im.fail(codeUnmappable, "tensor %q has no place in a decc model", name).
				WithFix("train a network of plain dense and convolution layers")
			return
		}
	}
}

var tauTensor = regexp.MustCompile(`^LIF_layers\.\d+\.tau_[ms]$`)

// readDecays takes alpha and beta from the time constants of the checkpoint.
func (im *importer) readDecays() {
	alpha, okAlpha := im.decay(tauMemName, "alpha")
	beta, okBeta := im.decay(tauSynName, "beta")
	im.stored["alpha"], im.stored["beta"] = okAlpha, okBeta
	im.plan.alpha = chosen(alpha, okAlpha, im.params.alpha, 0.97)
	im.plan.beta = chosen(beta, okBeta, im.params.beta, 0.92)
}

// chosen is the value of the checkpoint, else that of the parameter file, else the default.
func chosen(stored float64, ok bool, param, standard float64) float64 {
	if ok {
		return stored
	}
	if param >= 0 {
		return param
	}
	return standard
}

// decay is what all layers have, as far as the checkpoint stores it.
func (im *importer) decay(format, key string) (float64, bool) {
	decay, first := -1.0, ""
	for i := range im.plan.layers {
		t, ok := im.file.Get(im.prefix + fmt.Sprintf(format, i))
		if !ok {
			return 0, false
		}
		im.use(t.Name)
		for _, tau := range t.Data {
			x := decayOf(tau)
			if decay < 0 {
				decay, first = x, t.Name
			}
			if x != decay || x < 0 || x > maxDecay {
				im.fail(codeUnmappable, "%q is %v, %s %v; %q gives %v", t.Name, tau, key, x, first, decay).
					WithNote("%s = 1 - 1/tau; a decc model has one %s for all inputs and layers, at least 0 and at most %v", key, key, maxDecay).
					WithFix("train with fixed, equal time constants")
				return 0, false
			}
		}
	}
	if first != "" {
		im.report.add(Derived, first, "neuron."+key, fmt.Sprint(decay), key+" = 1 - 1/tau, the same in all layers")
	}
	return decay, first != ""
}

// decayOf is 1 - 1/tau in the fewest digits that a float32 tells apart: the public
// code rounds the decay to float32 before it forms tau.
func decayOf(tau float64) float64 {
	const resolution = 1.0 / (1 << 24)
	exact := 1 - 1/tau
	for digits := 1; digits < 17; digits++ {
		x, _ := strconv.ParseFloat(strconv.FormatFloat(exact, 'g', digits, 64), 64)
		if math.Abs(x-exact) <= resolution {
			return x
		}
	}
	return exact
}

// readGeometry finds the input shape and the geometry of the convolutions.
func (im *importer) readGeometry() {
	p := &im.plan
	if p.input == nil && p.layers[0].conv == nil {
		p.input = []int{p.layers[0].in}
		im.report.add(Derived, fmt.Sprintf(weightName, 0), "input.shape", fmt.Sprint(p.input), "inputs of the first layer")
	}
	if !soundShape(p.input) {
		im.fail(codeGeometry, "the input shape is %v", p.input).
			WithNote("where the first layer is a convolution, the checkpoint does not tell it").
			WithFix("give a parameter file with input_shape, or [channels, rows, columns] itself")
		return
	}
	block := Input{p.input}.Block()
	for i := range p.layers {
		l := &p.layers[i]
		if l.conv == nil {
			block = im.dense(i, l, block)
		} else {
			block = im.convolution(i, l, block)
		}
		if len(im.list) > 0 {
			return
		}
	}
}

func (im *importer) dense(i int, l *planLayer, in Shape) Shape {
	if l.in != in.Size() || l.readoutInputs != l.out {
		im.fail(codeGeometry, "layer %d takes %d inputs and its readout %d; it gets %d and gives %d", i, l.in, l.readoutInputs, in.Size(), l.out).
			WithFix("correct the input shape")
	}
	return Shape{l.out, 1, 1}
}

// convolution finds the pooling that gives the readout of a layer its inputs.
func (im *importer) convolution(i int, l *planLayer, in Shape) Shape {
	conv := im.convOf(i, l)
	h, w := conv.side(in.H), conv.side(in.W)
	var fits []int
	for pool := 1; pool <= min(h, w); pool++ {
		if l.out*(h/pool)*(w/pool) == l.readoutInputs && (im.params.pools == nil || conv.Pool == pool) {
			fits = append(fits, pool)
		}
	}
	if l.in != in.C || len(fits) == 0 {
		im.fail(codeGeometry, "layer %d, a convolution %s over %dx%dx%d with stride %d, cannot give its readout %d inputs",
			i, l.text(), in.C, in.H, in.W, conv.Stride, l.readoutInputs).
			WithFix("give the input_shape, stride and pool_size that it was trained with")
		return in
	}
	conv.Pool = fits[0]
	why := "the pooling that fits the readout"
	if len(fits) > 1 {
		why = fmt.Sprintf("the smallest of the poolings %v that fit the readout", fits)
	}
	im.report.add(Derived, fmt.Sprintf(readoutName, i), fmt.Sprintf("layers[%d].conv.pool", i), fmt.Sprint(conv.Pool), why)
	return Shape{l.out, h / conv.Pool, w / conv.Pool}
}

// convOf puts what the parameter file says into the geometry of layer i.
func (im *importer) convOf(i int, l *planLayer) *Conv {
	for _, given := range []struct {
		list []int
		to   *int
	}{{im.params.strides, &l.conv.Stride}, {im.params.pools, &l.conv.Pool}} {
		if len(given.list) == 1 {
			*given.to = given.list[0]
		} else if i < len(given.list) {
			*given.to = given.list[i]
		}
	}
	l.conv.Stride = max(1, l.conv.Stride)
	return l.conv
}

func (l *planLayer) text() string {
	if l.conv != nil {
		return fmt.Sprintf("conv of %d channels, kernel %d", l.out, l.conv.Kernel)
	}
	return fmt.Sprintf("dense of %d", l.out)
}

// optimiserState is what the names of an optimiser's state begin with.
const optimiserState = "optimizer_state_dict."

// reportRest tells which tensors the model takes and which not.
func (im *importer) reportRest() {
	im.report.add(Mapped, fmt.Sprintf("%d tensors", len(im.used)), "weights.file", im.plan.weightsFile, fmt.Sprintf("by their names after %q", im.prefix))
	im.report.add(Mapped, im.prefix+fmt.Sprintf(readoutName, 0), "readout.classes", fmt.Sprint(im.plan.classes), "by its shape")
	state := 0
	for _, name := range slices.Concat(im.file.Names(), im.file.Ignored) {
		switch {
		case strings.HasPrefix(name, optimiserState):
			state++
		case !im.used[name]:
			im.report.add(Ignored, name, "", "", unusedTensor(name))
		}
	}
	if state > 0 {
		im.report.add(Ignored, optimiserState+"*", "", "", fmt.Sprintf("%d entries: a trained network has no use for the state of its optimiser", state))
	}
}

func unusedTensor(name string) string {
	if name == "epoch" {
		return "training starts afresh"
	}
	return "it is no tensor of the network"
}

// result writes the model and its weights.
func (im *importer) result() (*Imported, error) {
	var kept []weights.Tensor
	for _, t := range im.file.Tensors {
		if im.used[t.Name] {
			t.Name = strings.TrimPrefix(t.Name, im.prefix)
			kept = append(kept, t)
		}
	}
	file, err := weights.NewFile(slices.Clip(kept)...)
	if err != nil {
		return nil, err
	}
	if err := file.CheckFinite(); err != nil {
		return nil, err
	}
	out := &Imported{YAML: im.plan.yaml(im.options), Weights: file, Report: im.report}
	return out, im.verify(out)
}

// verify reads the model that came out: what it refuses came from the parameter
// file or the options, which were not held against the schema.
func (im *importer) verify(out *Imported) error {
	out.check(func(format string, args ...any) *diag.Diagnostic {
		return im.list.Add(diag.Pos{File: im.options.Params}, codeParameter, format, args...)
	}, func(string) string { return "correct the parameter file or the options" })
	return settle(im.list).Err()
}
