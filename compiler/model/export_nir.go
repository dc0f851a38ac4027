package model

import (
	"fmt"
	"slices"

	"decc/compiler/model/nir"
	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// nirVersion is the version of NIR whose nodes are written: the first with v_reset.
const nirVersion = "1.0.0"

// ExportNIR makes a graph of NIR of a resolved model of populations. The report says what
// NIR cannot tell; the error is a diag.List of what it has no node for.
func ExportNIR(m *Model) (*nir.Graph, ImportReport, error) {
	if m.Spiking == nil {
		return nil, nil, diag.Errorf(m.At(""), codeExport, "NIR has nodes for populations of real numbers; this is %s", flavourText[m.Flavour()]).
			WithFix("give a model with populations and connections")
	}
	x := &nirExporter{m: m, shapes: map[string][]int{}, taken: map[string]bool{}}
	for name := range m.Spiking.sizes() {
		x.taken[name] = true
	}
	for i := range m.Spiking.Populations {
		x.taken[m.Spiking.Populations[i].Name] = true
	}
	for i := range m.Spiking.Inputs {
		in := &m.Spiking.Inputs[i]
		x.shapes[in.Name] = shapeOr(in.Shape, in.Size)
		x.node(in.Name, "Input", whole("shape", x.shapes[in.Name]...))
	}
	for i := range m.Spiking.Populations {
		x.population(&m.Spiking.Populations[i])
	}
	for i := range m.Spiking.Connections {
		x.connection(&m.Spiking.Connections[i])
	}
	last := m.Spiking.Populations[len(m.Spiking.Populations)-1].Name
	output := x.fresh("output")
	x.node(output, "Output", whole("shape", x.shapes[last]...))
	x.edge(last, output)
	x.report.add(Ignored, "dt", "", m.Dt.String(), "NIR has no steps: give it to the tool that reads the graph")
	return nir.New(nirVersion, x.nodes, x.edges), x.report, x.found.Err()
}

func shapeOr(shape []int, size int) []int {
	if shape != nil {
		return shape
	}
	return []int{size}
}

// nirExporter is an export under way.
type nirExporter struct {
	m      *Model
	shapes map[string][]int
	taken  map[string]bool // names of nodes
	at     string          // the node of the connection under way
	nodes  []*nir.Node
	edges  []nir.Edge
	report ImportReport
	found  diag.List
}

// fresh is the name of a node that is no input or population.
func (x *nirExporter) fresh(want string) string {
	name := freshName(want, x.taken)
	x.taken[name] = true
	return name
}

func (x *nirExporter) node(name, kind string, values ...*weights.Tensor) {
	n := &nir.Node{Name: name, Type: kind, Values: map[string]*weights.Tensor{}}
	for _, t := range values {
		if t != nil {
			n.Values[t.Name] = t
		}
	}
	x.nodes = append(x.nodes, n)
}

func (x *nirExporter) edge(from, to string) { x.edges = append(x.edges, nir.Edge{From: from, To: to}) }

// whole are whole numbers along one axis.
func whole(name string, values ...int) *weights.Tensor {
	t := &weights.Tensor{Name: name, DType: weights.I64, Shape: []int{len(values)}}
	for _, v := range values {
		t.Data = append(t.Data, float64(v))
	}
	return t
}

// scalarOf is one whole number without axes.
func scalarOf(name string, v int) *weights.Tensor {
	return &weights.Tensor{Name: name, DType: weights.I64, Data: []float64{float64(v)}}
}

func real64(name string, shape []int, values []float64) *weights.Tensor {
	return &weights.Tensor{Name: name, DType: weights.F64, Shape: shape, Data: values}
}

// population writes a neuron node with a value for each neuron.
func (x *nirExporter) population(p *Population) {
	shape := shapeOr(p.Shape, p.Size)
	x.shapes[p.Name] = shape
	if _, there := nir.FindPrimitive(p.Cell.Kind); !there {
		x.found.Add(p.Pos, codeExport, "population %q: NIR has no node for neurons of kind %s", p.Name, p.Cell.Kind).WithFix("use a kind of NIR, such as CubaLIF")
		return
	}
	var list []*weights.Tensor
	for _, k := range cellKeys {
		if v := p.Cell.valueOf(k.key); len(v.Data) > 0 && p.Cell.exports(k.param) {
			each := slices.Clone(repeated(v.Data, p.Size))
			for i := range each {
				each[i] /= k.factor
			}
			list = append(list, real64(k.param, shape, each))
		}
	}
	x.node(p.Name, p.Cell.Kind, list...)
	if p.Cell.Reset == "subtract" && p.Cell.Spikes() && p.Cell.Kind != "Threshold" {
		x.report.add(Ignored, "populations."+p.Name+".neuron.reset", "", "subtract", "NIR cannot tell it: the tool that reads the graph has to be told")
	}
}

// exports tells that a parameter of NIR belongs to the kind.
func (c *Cell) exports(param string) bool {
	if param == "v_reset" && c.Reset == "subtract" {
		return false
	}
	p, ok := nir.FindPrimitive(c.Kind)
	return ok && (slices.Contains(p.Params, param) || slices.Contains(p.Optional, param))
}

// valueOf is the value of a key.
func (c *Cell) valueOf(key string) *Reals {
	for _, v := range c.values() {
		if v.key == key {
			return v.values
		}
	}
	return &Reals{}
}

// connection writes the node of a connection, with a Delay and a Flatten in front where it
// needs them.
func (x *nirExporter) connection(k *Connection) {
	from := k.From
	x.at = x.fresh(k.Name)
	if d := k.Delay.Data; slices.ContainsFunc(d, func(rows int64) bool { return rows != 0 }) {
		from = x.delay(k, from)
	}
	biases := k.Biases
	switch {
	case k.OneToOne != nil:
		x.node(x.at, "Scale", real64("scale", x.shapes[k.From], k.Values))
	case k.Pool != nil:
		from = x.pool(k, from)
	case k.Slide != nil:
		x.conv(k)
		biases = nil // of the node
	default:
		from = x.dense(k, from)
		biases = nil
	}
	if slices.ContainsFunc(biases, func(b float64) bool { return b != 0 }) {
		x.fail(k, "bias", "NIR has biases with Affine and Conv2d nodes alone").WithFix("write the connection with weights or conv")
	}
	x.edge(from, x.at)
	x.edge(x.at, k.To)
}

func (x *nirExporter) fail(k *Connection, key, format string, args ...any) *diag.Diagnostic {
	return x.found.Add(k.Pos, codeExport, "connection %q, %s: %s", k.Name, key, fmt.Sprintf(format, args...))
}

// between puts a node on the way from a source and returns its name.
func (x *nirExporter) between(from, name, kind string, values ...*weights.Tensor) string {
	name = x.fresh(name)
	x.node(name, kind, values...)
	x.edge(from, name)
	return name
}

func (x *nirExporter) delay(k *Connection, from string) string {
	n := members(x.shapes[k.From])
	rows := k.Delay.Data
	if len(rows) != 1 && len(rows) != n {
		x.fail(k, "delay", "NIR has delays of signals, none of single weights").WithFix("use one delay, or one for each member of %q", k.From)
		return from
	}
	seconds := make([]float64, n)
	for i := range seconds {
		seconds[i] = float64(rows[i*len(rows)/n]) * x.m.Dt.Seconds()
	}
	return x.between(from, x.at+"_delay", "Delay", real64("delay", x.shapes[k.From], seconds))
}

func (x *nirExporter) pool(k *Connection, from string) string {
	if k.Max() {
		x.fail(k, "pool", "NIR has no node for the maximum of patches").WithFix("pool by sum, or take a stride in the convolution before it")
		return from
	}
	size, stride := k.Pool.Size, k.Pool.Size
	if k.Pool.Stride != nil {
		stride = *k.Pool.Stride
	}
	geometry := []*weights.Tensor{whole("kernel_size", size[:]...), whole("stride", stride[:]...), whole("padding", k.Pool.Padding[:]...)}
	if k.Pool.Weight == 1 {
		x.node(x.at, "SumPool2d", geometry...)
		return from
	}
	if k.Pool.Weight == 1/float64(size[0]*size[1]) {
		x.node(x.at, "AvgPool2d", geometry...)
		return from
	}
	from = x.between(from, x.at+"_sum", "SumPool2d", geometry...)
	x.node(x.at, "Scale", real64("scale", x.shapes[k.To], repeated([]float64{k.Pool.Weight}, members(x.shapes[k.To]))))
	return from
}

func (x *nirExporter) conv(k *Connection) {
	c, channels := k.Slide, k.KernelShape[0]
	bias := make([]float64, channels)
	for i, b := range k.Biases {
		channel := i * channels / len(k.Biases)
		if i%(len(k.Biases)/channels) == 0 {
			bias[channel] = b
		} else if bias[channel] != b {
			x.fail(k, "bias", "a Conv2d of NIR has one bias a channel").WithFix("give one bias a channel")
			return
		}
	}
	x.node(x.at, "Conv2d",
		real64("weight", k.KernelShape, k.Values), real64("bias", []int{channels}, bias), whole("stride", c.Stride[:]...), whole("padding", c.Padding[:]...),
		whole("dilation", c.Dilation[:]...), scalarOf("groups", c.Groups), whole("input_shape", c.In[1], c.In[2]))
}

func (x *nirExporter) dense(k *Connection, from string) string {
	shape := x.shapes[k.From]
	n := members(shape)
	if len(shape) > 1 {
		from = x.between(from, x.at+"_flat", "Flatten", scalarOf("start_dim", 0), scalarOf("end_dim", -1), whole("input_type", shape...))
	}
	weight := real64("weight", []int{len(k.Values) / n, n}, k.Values)
	if k.Biases == nil {
		x.node(x.at, "Linear", weight)
	} else {
		x.node(x.at, "Affine", weight, real64("bias", []int{len(k.Biases)}, k.Biases))
	}
	return from
}
