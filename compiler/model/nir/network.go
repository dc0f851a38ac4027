package nir

import (
	"fmt"
	"slices"

	"decc/ir/diag"
)

// Network is a graph as populations and the maps between them: what lies between two
// nodes with spikes is multiplied out.
type Network struct {
	// Inputs are the Input nodes, in order of name.
	Inputs []Member
	// Neurons are the nodes that are neurons in an order in which signals run forward as far
	// as the graph has no circles.
	Neurons []Member
	Links   []Link
	// Biases are constant inputs of neurons, by name; those of all nodes before them.
	Biases map[string][]float64
	// Readouts are Output nodes that linear maps alone lead to, which count as neurons.
	Readouts []string
	// Folded are the nodes that became part of a map, in order of name.
	Folded []string
}

// Member is a population: its node, and the block that its members stand in.
type Member struct {
	*Node
	Block [3]int
}

// Link is a map from a population to another.
type Link struct {
	From, To string
	*Linear
	// Through are the nodes that it is made of.
	Through []string
}

// The bounds of what lies before one neuron.
const (
	maxVisits  = 1 << 16 // nodes, and paths through them
	maxWeights = 1 << 27 // of all maps that are multiplied out on the way
)

// Reduce makes a network of a graph. Errors are diagnostics of codes nir/*, with the name of
// the file given.
func (g *Graph) Reduce(file string) (*Network, error) {
	r := &reducer{g: g, file: file, blocks: map[string][3]int{}, open: map[string]bool{}, out: &Network{Biases: map[string][]float64{}}}
	r.findReadouts()
	r.order()
	for _, m := range r.inputs {
		if shape := inputShape(m); !bounded(shape, maxMembers) {
			return nil, r.errorf(codeShape, m, "its shape is %v, expected sides of at least 1 and at most %d members", shape, maxMembers).
				WithFix("export the graph with the shapes of its inputs")
		}
		r.out.Inputs = append(r.out.Inputs, Member{m, r.blocks[m.Name]})
	}
	for _, n := range r.sorted {
		if err := r.population(n); err != nil {
			return nil, err
		}
	}
	return r.out, nil
}

// reducer walks a graph from each neuron back to those before it.
type reducer struct {
	g      *Graph
	file   string
	inputs []*Node
	sorted []*Node            // neurons, forward
	blocks map[string][3]int  // of inputs and neurons
	open   map[string]bool    // linear nodes on the way that is walked
	memo   map[string]*signal // of the walk back from one neuron
	// What the walk has met: nodes, paths, and weights of their maps.
	visits, terms, weights int
	out                    *Network
}

// signal is what comes out of a node: maps of spikes, and a constant.
type signal struct {
	terms []Link
	bias  []float64
	block [3]int
}

func (r *reducer) errorf(code string, n *Node, format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(diag.Pos{File: r.file}, code, "node %q of type %s: %s", n.Name, n.Type, fmt.Sprintf(format, args...))
}

// populates tells that a node becomes an input or a population.
func (r *reducer) populates(n *Node) bool {
	return IsNeuron(n.Type) || r.source(n) || slices.Contains(r.out.Readouts, n.Name)
}

// source tells that a node is an input of the whole graph; that of an inner one passes on.
func (r *reducer) source(n *Node) bool { return n.Type == "Input" && len(r.g.Into(n.Name)) == 0 }

// findReadouts finds outputs of the whole graph behind linear maps.
func (r *reducer) findReadouts() {
	for _, n := range r.g.Nodes {
		if n.Type != "Output" || len(r.g.OutOf(n.Name)) > 0 {
			continue
		}
		if slices.ContainsFunc(r.g.Into(n.Name), func(p *Node) bool { return r.valued(p, map[string]bool{}) }) {
			r.out.Readouts = append(r.out.Readouts, n.Name)
		}
	}
}

// passing are the nodes that change no value.
var passing = []string{"Flatten", "Input", "Output"}

// valued tells that what a node gives are values that linear maps made, no spikes.
func (r *reducer) valued(n *Node, seen map[string]bool) bool {
	if IsNeuron(n.Type) || r.source(n) || seen[n.Name] {
		return false
	}
	seen[n.Name] = true
	return !slices.Contains(passing, n.Type) || slices.ContainsFunc(r.g.Into(n.Name), func(p *Node) bool { return r.valued(p, seen) })
}

// order sorts the neurons so that each comes behind those that it hears, but for circles:
// the order in which a walk from the inputs leaves the nodes, turned around.
func (r *reducer) order() {
	seen := map[string]bool{}
	var left []*Node
	var walk func(n *Node)
	walk = func(n *Node) {
		if seen[n.Name] {
			return
		}
		seen[n.Name] = true
		next := r.g.OutOf(n.Name)
		slices.Reverse(next)
		for _, x := range next {
			walk(x)
		}
		left = append(left, n)
	}
	for i := len(r.g.Nodes) - 1; i >= 0; i-- {
		if n := r.g.Nodes[i]; r.source(n) {
			r.blocks[n.Name] = planes(inputShape(n))
			walk(n)
		}
	}
	for _, n := range r.g.Nodes {
		walk(n)
	}
	slices.Reverse(left)
	for _, n := range left {
		if r.source(n) {
			r.inputs = append(r.inputs, n)
		} else if r.populates(n) {
			r.sorted = append(r.sorted, n)
		}
	}
	for _, n := range r.sorted {
		if IsNeuron(n.Type) {
			r.blocks[n.Name] = planes(n.shape())
		}
	}
}

// inputShape is what an Input says.
func inputShape(n *Node) []int {
	var shape []int
	if t := n.Values["shape"]; t != nil {
		for _, v := range t.Data {
			shape = append(shape, int(v))
		}
	}
	return shape
}

// shape is that of the largest parameter of a neuron.
func (n *Node) shape() []int {
	var best []int
	most := 0
	for _, name := range n.names() {
		if t := n.Values[name]; t != nil && len(t.Data) > most {
			best, most = t.Shape, len(t.Data)
		}
	}
	return best
}

// planes are channels, rows and columns of a shape.
func planes(shape []int) [3]int {
	switch len(shape) {
	case 3:
		return [3]int(shape)
	case 2:
		return [3]int{shape[0], 1, shape[1]}
	}
	n := 1
	for _, x := range shape {
		n *= x
	}
	return [3]int{n, 1, 1}
}

// population adds a neuron with all that comes into it.
func (r *reducer) population(n *Node) error {
	r.memo, r.visits, r.terms, r.weights = map[string]*signal{}, 0, 0, 0
	in, err := r.into(n)
	if err != nil {
		return err
	}
	block := r.blocks[n.Name]
	if !IsNeuron(n.Type) || size(block) == 1 && size(in.block) > 1 {
		block = in.block
	}
	if size(in.block) != size(block) {
		return r.errorf(codeShape, n, "it has %d members, and %d come in", size(block), size(in.block)).WithFix("export the graph with the shapes of its layers")
	}
	if len(in.terms) == 0 {
		return r.errorf(codeShape, n, "nothing leads to it from an input").WithFix("connect it, or take it out of the graph")
	}
	r.blocks[n.Name] = in.block // how a kernel leaves the members standing, where one does
	r.out.Neurons = append(r.out.Neurons, Member{n, in.block})
	for _, t := range in.terms {
		t.To = n.Name
		r.out.Links = append(r.out.Links, t)
	}
	if in.bias != nil {
		r.out.Biases[n.Name] = in.bias
	}
	return nil
}

// into is the sum of what leads to a node.
func (r *reducer) into(n *Node) (*signal, error) {
	var sum signal
	for _, p := range r.g.Into(n.Name) {
		s, err := r.signalOf(p)
		if err != nil {
			return nil, err
		}
		if r.terms += len(s.terms); r.terms > maxVisits {
			return nil, r.errorf(codeTooLarge, n, "more than %d paths lead between neurons", maxVisits).WithFix("simplify the graph")
		}
		if (sum.terms != nil || sum.bias != nil) && size(s.block) != size(sum.block) {
			return nil, r.errorf(codeShape, n, "%d and %d members come in", size(sum.block), size(s.block)).WithFix("export the graph with the shapes of its layers")
		}
		if sum.terms == nil || s.block[1]*s.block[2] > 1 {
			sum.block = s.block
		}
		sum.terms = append(sum.terms, s.terms...)
		sum.bias = added(sum.bias, s.bias)
	}
	return &sum, nil
}

func added(a, b []float64) []float64 {
	if a == nil || b == nil {
		return slices.Concat(a, b)
	}
	out := slices.Clone(a)
	for i := range out {
		out[i] += b[i]
	}
	return out
}

// signalOf is what comes out of a node.
func (r *reducer) signalOf(n *Node) (*signal, error) {
	if known := r.memo[n.Name]; known != nil {
		return known, nil
	}
	if r.populates(n) {
		block := r.blocks[n.Name]
		return &signal{terms: []Link{{From: n.Name, Linear: identity(block)}}, block: block}, nil
	}
	if r.open[n.Name] {
		return nil, r.errorf(codeEdge, n, "it leads back to itself without a neuron between").WithFix("put a neuron or take an edge out")
	}
	if r.visits++; r.visits > maxVisits {
		return nil, r.errorf(codeTooLarge, n, "more than %d nodes lie between neurons", maxVisits).WithFix("simplify the graph")
	}
	r.open[n.Name] = true
	defer delete(r.open, n.Name)
	in, err := r.into(n)
	if err != nil {
		return nil, err
	}
	out, err := r.apply(n, in)
	if err != nil {
		return nil, err
	}
	r.memo[n.Name] = out
	if at, folded := slices.BinarySearch(r.out.Folded, n.Name); !folded {
		r.out.Folded = slices.Insert(r.out.Folded, at, n.Name)
	}
	return out, nil
}

// apply puts a linear node behind what comes into it.
func (r *reducer) apply(n *Node, in *signal) (*signal, error) {
	if len(in.terms) == 0 {
		return nil, r.errorf(codeShape, n, "nothing leads to it from an input").WithFix("connect it, or take it out of the graph")
	}
	op, bias, err := ops[n.Type](n, in.block)
	if err != nil {
		return nil, r.errorf(codeShape, n, "%v", err).WithFix("export the graph with the shapes of its layers")
	}
	out := &signal{block: op.Out}
	if in.bias != nil {
		out.bias = op.times(in.bias)
	}
	out.bias = added(out.bias, bias)
	for _, t := range in.terms {
		m, err := op.after(t.Linear)
		if err != nil {
			return nil, r.errorf(codeUnmappable, n, "%v", err).WithFix("simplify the graph between %q and the neurons behind it", t.From)
		}
		if r.weights += len(m.Weights); r.weights > maxWeights {
			return nil, r.errorf(codeTooLarge, n, "the maps before a neuron have more than %d weights, multiplied out", maxWeights).WithFix("simplify the graph")
		}
		out.terms = append(out.terms, Link{From: t.From, Linear: m, Through: append(slices.Clone(t.Through), n.Name)})
	}
	return out, nil
}
