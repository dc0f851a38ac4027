package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"decc/compiler/model/weights"
	"decc/ir/diag"
	"decc/ir/hdf5"
)

// NetxOptions says what to make of a lava-dl network file (.net).
type NetxOptions struct {
	File string
	// Name is the name of the model; "" takes that of the file.
	Name string
	// WeightsFile is what the model will call the file that Imported.Weights is written
	// to; "" is the name with .npz.
	WeightsFile string
	// InputShape is [n] or [channels, rows, columns] of the spikes that come in; nil takes
	// it from the file, as far as that tells it.
	InputShape []int
	// Recordings is the list of recordings of events that the model is to be run on, "" for
	// none; Steps are the rows of each.
	Recordings string
	Steps      int
}

// netxImporter is an import under way.
type netxImporter struct {
	NetxOptions
	findings
	report  ImportReport
	tensors []weights.Tensor
	lines   map[string][]string // of groups, synapses and layers

	first []int  // shape of the input
	shape []int  // of the source of the next layer
	from  string // its name
	late  int    // rows that it is late
}

// netxLayer is one layer of the file.
type netxLayer struct {
	*hdf5.Group
	im    *netxImporter
	index int
	kind  string
}

// netxKinds are the layers that can be mapped, and why others are not.
var netxKinds = map[string]struct {
	add func(l *netxLayer)
	why string
}{
	"input":      {add: (*netxLayer).input},
	"flatten":    {add: (*netxLayer).flatten},
	"dense":      {add: (*netxLayer).dense},
	"dense_rec":  {add: (*netxLayer).dense},
	"recurrent":  {add: (*netxLayer).dense},
	"conv":       {add: (*netxLayer).conv},
	"pool":       {add: (*netxLayer).pool},
	"average":    {why: "an average over time or neurons is no spiking layer; take it on the host"},
	"affine":     {why: "an affine layer has values, not spikes; train with a spiking or an integrating last layer"},
	"concat":     {why: "the file does not tell which layers are joined"},
	"convT":      {why: "transposed convolutions are not among decc's connections"},
	"unpool":     {why: "unpooling is not among decc's connections"},
	"dense_comp": {why: "complex weights belong to resonate-and-fire neurons, which decc has no program for"},
}

// ImportNetx makes a model in chip terms out of a lava-dl network: its integers become the
// mantissas that Loihi has for them. The error is a diag.List.
func ImportNetx(o NetxOptions) (*Imported, error) {
	f, size, err := openSized(o.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := hdf5.Open(f, size, o.File)
	if err != nil {
		return nil, err
	}
	o.Name, o.WeightsFile = importNames(o.File, o.Name, o.WeightsFile)
	im := &netxImporter{NetxOptions: o, findings: findings{file: o.File}, lines: map[string][]string{}, from: "in", shape: o.InputShape}
	layers, err := im.layers(file.Root())
	if err != nil {
		return nil, err
	}
	for _, l := range layers {
		netxKinds[l.kind].add(l)
		if err := im.found.Err(); err != nil {
			return nil, err
		}
	}
	return im.result()
}

// layers opens the layers in the order of their numbers and refuses those that cannot be mapped.
func (im *netxImporter) layers(root *hdf5.Group) ([]*netxLayer, error) {
	group, err := root.Group("layer")
	if err != nil {
		d := im.fail(codeCheckpoint, "found an HDF5 file without the group layer, expected a network of lava-dl").WithFix("give a .net file that export_hdf5 wrote")
		for _, why := range diag.All(err) {
			d.WithNote("%s", why.Message)
		}
		return nil, im.found.Err()
	}
	names, err := group.Names()
	if err != nil {
		return nil, err
	}
	var list []*netxLayer
	for i := range names {
		g, err := group.Group(strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		l := &netxLayer{Group: g, im: im, index: i}
		l.kind = l.text("type")
		if how, known := netxKinds[l.kind]; !known {
			l.fail("is of type %q", l.kind).WithFix("use dense, conv, pool and flatten layers")
		} else if how.add == nil {
			l.fail("is of type %q: %s", l.kind, how.why).WithFix("use dense, conv, pool and flatten layers")
		}
		list = append(list, l)
	}
	if len(list) == 0 {
		im.fail(codeCheckpoint, "the network has no layers").WithFix("give a .net file that export_hdf5 wrote")
	}
	return list, im.found.Err()
}

func (l *netxLayer) fail(format string, args ...any) *diag.Diagnostic {
	return l.im.unmappable("layer %d %s", l.index, fmt.Sprintf(format, args...))
}

// has tells that the layer has an entry. One that cannot be read is an error, not a layer without it.
func (l *netxLayer) has(name string) bool {
	dir, leaf := "", name
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		dir, leaf = name[:i], name[i+1:]
	}
	g := l.Group
	if dir != "" {
		if !l.has(dir) {
			return false
		}
		var err error
		if g, err = l.Group.Group(dir); err != nil {
			l.im.found = append(l.im.found, diag.All(err)...)
			return false
		}
	}
	ok, err := g.Has(leaf)
	l.im.found = append(l.im.found, diag.All(err)...)
	return ok
}

// read takes an entry apart, keeping the reader's diagnostics.
func (l *netxLayer) read(name string, take func(d *hdf5.Dataset) error) {
	d, err := l.Dataset(name)
	if err == nil {
		err = take(d)
	}
	l.im.found = append(l.im.found, diag.All(err)...)
}

func (l *netxLayer) text(name string) (text string) {
	l.read(name, func(d *hdf5.Dataset) error {
		list, err := d.Strings(16)
		if err == nil && len(list) > 0 {
			text = strings.TrimRight(list[0], " \x00")
		}
		return err
	})
	return text
}

// numbers are the whole numbers of an entry with their shape.
func (l *netxLayer) numbers(name string) (values []int64, shape []int) {
	l.read(name, func(d *hdf5.Dataset) (err error) {
		shape = d.Shape()
		values, err = d.Ints(maxLoaded)
		return err
	})
	return values, shape
}

// number is an entry of one whole number, or standard where there is none.
func (l *netxLayer) number(name string, standard int64) int64 {
	if !l.has(name) {
		return standard
	}
	values, _ := l.numbers(name)
	if len(values) != 1 {
		l.fail("has %d numbers in %s, expected one", len(values), name).WithFix("export the network again")
		return standard
	}
	return values[0]
}

// pairOf is an entry of one number or one for rows and one for columns.
func (l *netxLayer) pairOf(name string, standard int64) []int {
	values := []int64{standard}
	if l.has(name) {
		values, _ = l.numbers(name)
	}
	if len(values) == 0 || slices.Min(values) < 0 || slices.Max(values) > maxNetxSide {
		l.fail("has %v in %s, expected one number or two of 0..%d", values, name, maxNetxSide).WithFix("export the network again")
		return []int{int(standard), int(standard)}
	}
	return []int{int(values[0]), int(values[min(1, len(values)-1)])} // a third axis is time
}

// maxNetxSide bounds what a kernel has and does along an axis.
const maxNetxSide = 1 << 10

// block is the shape of the layer: [n], or channels, rows and columns; nil after an error.
func (l *netxLayer) block() []int {
	values, _ := l.numbers("shape")
	var shape []int
	n := int64(1)
	for _, v := range values {
		if v < 1 || v > maxLoaded/n {
			l.fail("has shape %v, expected sides of at least 1 and at most %d neurons", values, maxLoaded).WithFix("export the network again")
			return nil
		}
		n *= v
		shape = append(shape, int(v))
	}
	return shape
}

func members(shape []int) int {
	n := 1
	for _, x := range shape {
		n *= x
	}
	return n
}

// input is where spikes come in. Where the file has a neuron that codes frames, decc begins
// behind it.
func (l *netxLayer) input() {
	if l.im.InputShape == nil {
		l.im.shape = l.block()
		l.im.first = l.im.shape
	}
	why := ""
	if l.has("neuron") {
		why = "the neurons that code frames as spikes are left to the host: give the network their spikes"
	}
	l.im.report.add(Mapped, l.label(), "inputs.in", fmt.Sprint(l.im.shape), why)
}

func (l *netxLayer) label() string { return fmt.Sprintf("layer %d (%s)", l.index, l.kind) }

func (l *netxLayer) flatten() {
	l.im.report.add(Mapped, l.label(), "", "", "the order of members stays: channel, row, column")
}

// name is that of the layer's group.
func (l *netxLayer) name() string { return fmt.Sprintf("l%d", l.index) }

// add puts a group and what the host sees of it into the model.
func (l *netxLayer) add(shape []int) {
	im := l.im
	size := fmt.Sprintf("size: %d", members(shape))
	if len(shape) == 3 {
		size = "shape: " + flow(shape)
	}
	im.late++
	neuron, observed := l.neuron(members(shape))
	im.lines["groups"] = append(im.lines["groups"], fmt.Sprintf("{name: %s, %s, neuron: %s}", l.name(), size, neuron))
	im.lines["layers"] = append(im.lines["layers"], fmt.Sprintf("{name: %s, spikes: %s, spikes_lag: %d%s}", l.name(), l.name(), im.late, observed))
	im.report.add(Mapped, l.label(), "groups."+l.name(), size, "")
	im.shape, im.from = shape, l.name()
}

// neuron is the program of a layer with its params. A layer without a neuron sums all that it gets.
func (l *netxLayer) neuron(n int) (program, observed string) {
	if !l.has("neuron") {
		l.im.report.add(Defaulted, l.label(), "groups."+l.name()+".params", "du 0, dv 4096", "no neuron: a sum of all that comes, as lava-dl runs it")
		return "dendrite, params: {du: 0, dv: 4096}", fmt.Sprintf(", readout: %s, value: v, readout_lag: %d", l.name(), l.im.late)
	}
	if kind := l.text("neuron/type"); kind != "CUBA" && kind != "LOIHI" {
		l.fail("has neurons of type %q; decc maps CUBA and LOIHI", kind).WithFix("train with CUBA neurons, or write the program and name it under programs")
	}
	if l.number("neuron/gradedSpike", 0) != 0 {
		l.fail("sends graded spikes").WithFix("train with gradedSpike False, or write the program and name it under programs")
	}
	vth := l.number("neuron/vThMant", 0) * 64
	params := fmt.Sprintf("du: %d, dv: %d, vth: %d, refrac: %d", l.number("neuron/iDecay", 4096), l.number("neuron/vDecay", 0), vth, l.number("neuron/refDelay", 1))
	if bias := l.bias(n); bias != "" {
		params += ", bias: " + bias
	}
	return "cuba, params: {" + params + "}", ""
}

// bias is that of the members, which the file has in 64 units of voltage, one a channel or one each.
func (l *netxLayer) bias(n int) string {
	if !l.has("bias") {
		return ""
	}
	values, _ := l.numbers("bias")
	if len(values) == 0 || n%len(values) != 0 {
		l.fail("has %d biases for %d neurons", len(values), n).WithFix("export the network again")
		return ""
	}
	full := make([]float64, n)
	for i := range full {
		full[i] = float64(values[i*len(values)/n] * 64)
	}
	if !slices.ContainsFunc(full, func(x float64) bool { return x != full[0] }) {
		return fmt.Sprint(int64(full[0]))
	}
	return l.tensor("bias", full, n)
}

func (l *netxLayer) tensor(what string, x []float64, shape ...int) string {
	name := l.name() + "." + what
	l.im.tensors = append(l.im.tensors, weights.Tensor{Name: name, DType: weights.I32, Shape: shape, Data: x})
	return fmt.Sprintf("{file: %s, tensor: %s}", scalar(l.im.WeightsFile), name)
}

// format is the weight format that holds the weights of a layer, and what a mantissa is of
// them: mixed mantissas have even values, so odd weights of at most 7 bits and sign are doubled and
// their exponent is one less.
func (l *netxLayer) format(lists ...[]int64) (keys string, factor int64) {
	lo, hi, odd := int64(0), int64(0), false
	for _, w := range slices.Concat(lists...) {
		lo, hi, odd = min(lo, w), max(hi, w), odd || w%2 != 0
	}
	exp := l.number("neuron/wgtExp", 0)
	switch {
	case lo >= 0 && hi <= 255:
		return fmt.Sprintf("sign: excitatory, exp: %d", exp), 1
	case lo >= -256 && hi <= 254 && !odd:
		return fmt.Sprintf("exp: %d", exp), 1
	case lo >= -128 && hi <= 127:
		return fmt.Sprintf("exp: %d", exp-1), 2
	}
	l.fail("has weights of %d..%d, odd ones among them; Loihi holds -256..254 in steps of 2, or -128..127", lo, hi).WithFix("train with 8-bit weights")
	return "", 1
}

// synapse adds the connection from the layer before.
func (l *netxLayer) synapse(name, from, what string, values []int64, shape []int, factor int64, format, geometry string) {
	x := make([]float64, len(values))
	for i, v := range values {
		x[i] = float64(v * factor)
	}
	body := l.tensor(what, x, shape...)
	if geometry != "" {
		body = fmt.Sprintf("conv: {kernel: %s, %s}", body, geometry)
	} else {
		body = "weights: " + body
	}
	l.im.lines["synapses"] = append(l.im.lines["synapses"], fmt.Sprintf("{name: %s, from: %s, to: %s, %s, %s%s}", name, from, l.name(), body, format, l.delay(what, shape)))
}

// delay are the axonal delays of the layer, which lava-dl puts into the synapses that lead to it.
func (l *netxLayer) delay(what string, shape []int) string {
	if !l.has("delay") || what == "weight_rec" {
		return ""
	}
	values, _ := l.numbers("delay")
	for i := range values {
		values[i] = min(max(values[i], 0), 62) // as lava-dl limits them
	}
	if len(values) == 1 {
		return fmt.Sprintf(", delay: %d", values[0])
	}
	if len(shape) != 2 || len(values) != shape[0] && len(values) != shape[1] {
		l.fail("has %d delays and weights of shape %v", len(values), shape).WithFix("use delays with dense layers")
		return ""
	}
	full := make([]float64, shape[0]*shape[1])
	for i := range full {
		at := i % shape[1]
		if len(values) == shape[0] {
			at = i / shape[1]
		}
		full[i] = float64(values[at])
	}
	return ", delay: " + l.tensor("delay", full, shape...)
}

func (l *netxLayer) dense() {
	w, shape := l.numbers("weight")
	n := members(l.block())
	if n < 1 || len(w) == 0 || len(w)%n != 0 {
		l.fail("has weights of shape %v for %d neurons", shape, n).WithFix("export the network again")
		return
	}
	shape = []int{n, len(w) / n}
	l.source(shape[1])
	var rec []int64
	if l.has("weight_rec") {
		rec, _ = l.numbers("weight_rec")
		if len(rec) != n*n {
			l.fail("has %d recurrent weights for %d neurons", len(rec), n).WithFix("export the network again")
			return
		}
	}
	format, factor := l.format(w, rec)
	if l.im.found.Err() != nil {
		return
	}
	l.synapse("w_"+l.name(), l.im.from, "weight", w, shape, factor, format, "")
	if rec != nil {
		l.synapse("r_"+l.name(), l.name(), "weight_rec", rec, []int{n, n}, factor, format, "")
	}
	l.add([]int{n})
}

// source checks what the layer before gives; the first layer says how large the input is.
func (l *netxLayer) source(n int) {
	if l.im.shape == nil {
		l.im.shape = []int{n}
		l.im.first = l.im.shape
		l.im.report.add(Derived, l.label(), "inputs.in.size", fmt.Sprint(n), "the inputs of the first layer")
	}
	if members(l.im.shape) != n {
		l.fail("takes %d inputs; %q has %v", n, l.im.from, l.im.shape).WithFix("correct --input-shape")
	}
}

func (l *netxLayer) conv() {
	w, shape := l.numbers("weight")
	for len(shape) > 4 && shape[len(shape)-1] == 1 {
		shape = shape[:len(shape)-1] // the axis of time
	}
	if len(shape) != 4 {
		l.fail("has a kernel of shape %v", shape).WithFix("export the network again")
		return
	}
	l.slide(w, shape, int(l.number("groups", 1)))
}

// pool is a kernel over each channel alone, with the weight of the layer.
func (l *netxLayer) pool() {
	w, _ := l.numbers("weight")
	size := l.pairOf("kernelSize", 1)
	if len(l.im.shape) != 3 || len(w) == 0 || slices.ContainsFunc(w, func(x int64) bool { return x != w[0] }) {
		l.fail("has %d weights that are not one, over %v", len(w), l.im.shape).WithFix("give --input-shape, and pool with one weight")
		return
	}
	channels := l.im.shape[0]
	if n := channels * size[0] * size[1]; n < 1 || n > maxLoaded {
		l.fail("pools %v over %d channels", size, channels).WithFix("export the network again")
		return
	}
	l.slide(slices.Repeat(w[:1], channels*size[0]*size[1]), []int{channels, 1, size[0], size[1]}, channels)
}

func (l *netxLayer) slide(w []int64, kernel []int, groups int) {
	if len(l.im.shape) != 3 {
		l.fail("slides over %v, which has no rows and columns", l.im.shape).WithFix("give --input-shape channels,rows,columns")
		return
	}
	format, factor := l.format(w)
	if l.im.found.Err() != nil {
		return
	}
	geometry := fmt.Sprintf("stride: %s, padding: %s, dilation: %s, groups: %d", flow(l.pairOf("stride", 1)), flow(l.pairOf("padding", 0)), flow(l.pairOf("dilation", 1)), groups)
	l.synapse("w_"+l.name(), l.im.from, "weight", w, kernel, factor, format, geometry)
	block := l.block()
	if l.im.found.Err() == nil {
		l.add(block)
	}
}
