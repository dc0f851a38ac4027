package nir

import (
	"cmp"
	"maps"
	"slices"

	"decc/compiler/model/weights"
)

// Graph is a flat graph. Nodes are ordered by name; edges too, each once.
type Graph struct {
	Version string // of NIR, as the file tells it
	Nodes   []*Node
	Edges   []Edge
}

// Edge leads from a node to another.
type Edge struct{ From, To string }

// Node is one primitive.
type Node struct {
	Name string
	Type string // name of a row of Primitives
	// Values are the parameters that are numbers, Texts those that are texts, by name.
	Values map[string]*weights.Tensor
	Texts  map[string]string
}

// Primitive is one kind of node.
type Primitive struct {
	Name string
	Doc  string
	// Params are needed, Optional may be left out by some version of NIR.
	Params, Optional []string
}

// Primitives lists the kinds of node in the order of their names.
var Primitives = []Primitive{
	{"Affine", "y = W x + b", []string{"weight", "bias"}, nil},
	{"AvgPool2d", "mean of patches", []string{"kernel_size", "stride", "padding"}, nil},
	{"Conv1d", "convolution over one axis", convParams, []string{"input_shape"}},
	{"Conv2d", "convolution over rows and columns", convParams, []string{"input_shape"}},
	{"CubaLI", "leaky integrator with a synaptic current", []string{"tau_syn", "tau_mem", "r", "v_leak"}, []string{"w_in"}},
	{"CubaLIF", "leaky integrate and fire with a synaptic current", []string{"tau_syn", "tau_mem", "r", "v_leak", "v_threshold"}, []string{"w_in", "v_reset"}},
	{"Delay", "y(t) = x(t - delay)", []string{"delay"}, nil},
	{"Flatten", "axes become one", []string{"start_dim", "end_dim"}, []string{"input_type"}},
	{"I", "integrator", []string{"r"}, nil},
	{"IF", "integrate and fire", []string{"r", "v_threshold"}, []string{"v_reset"}},
	{"Input", "where signals come in", []string{"shape"}, nil},
	{"LI", "leaky integrator", []string{"tau", "r", "v_leak"}, nil},
	{"LIF", "leaky integrate and fire", []string{"tau", "r", "v_leak", "v_threshold"}, []string{"v_reset"}},
	{"Linear", "y = W x", []string{"weight"}, nil},
	{"Output", "where signals go out", []string{"shape"}, nil},
	{"Scale", "y = s x, element by element", []string{"scale"}, nil},
	{"SumPool2d", "sum of patches", []string{"kernel_size", "stride", "padding"}, nil},
	{"Threshold", "a spike where the input is above a threshold", []string{"threshold"}, nil},
}

var convParams = []string{"weight", "bias", "stride", "padding", "dilation", "groups"}

// graphType is the type of a node that is a graph.
const graphType = "NIRGraph"

// FindPrimitive finds a row of Primitives.
func FindPrimitive(name string) (*Primitive, bool) {
	i, ok := slices.BinarySearchFunc(Primitives, name, func(p Primitive, name string) int { return cmp.Compare(p.Name, name) })
	if !ok {
		return nil, false
	}
	return &Primitives[i], true
}

// PrimitiveNames are the names of Primitives.
func PrimitiveNames() []string {
	var names []string
	for _, p := range Primitives {
		names = append(names, p.Name)
	}
	return names
}

// Find finds a node, nil where there is none.
func (g *Graph) Find(name string) *Node {
	i, ok := slices.BinarySearchFunc(g.Nodes, name, func(n *Node, name string) int { return cmp.Compare(n.Name, name) })
	if !ok {
		return nil
	}
	return g.Nodes[i]
}

// Into lists the nodes with an edge to the named one, in order of name.
func (g *Graph) Into(name string) []*Node {
	var list []*Node
	for _, e := range g.Edges {
		if e.To == name {
			list = append(list, g.Find(e.From))
		}
	}
	return list
}

// OutOf lists the nodes that an edge of the named one leads to, in order of name.
func (g *Graph) OutOf(name string) []*Node {
	var list []*Node
	for _, e := range g.Edges {
		if e.From == name {
			list = append(list, g.Find(e.To))
		}
	}
	return list
}

// settle puts nodes and edges into their order and drops edges that are there twice.
func (g *Graph) settle() {
	slices.SortFunc(g.Nodes, func(a, b *Node) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(g.Edges, func(a, b Edge) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	g.Edges = slices.Compact(g.Edges)
}

// names are the parameters of a node in order.
func (n *Node) names() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range maps.Keys(n.Values) {
			if !yield(name) {
				return
			}
		}
		for name := range maps.Keys(n.Texts) {
			if !yield(name) {
				return
			}
		}
	})
}
