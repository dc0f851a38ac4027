package nir

import (
	"io"
	"slices"
	"strings"

	"decc/compiler/model/weights"
	"decc/ir/diag"
	"decc/ir/hdf5"
)

// Bounds of a graph.
const (
	maxNodes = 1 << 16
	maxEdges = 1 << 20
	maxDepth = 32
	// maxValues bounds the numbers of all nodes together.
	maxValues = 1 << 27
)

// Read reads a graph from an HDF5 file of size bytes; name is the file's in errors, which
// are diagnostics of codes nir/* and hdf5/*.
func Read(r io.ReaderAt, size int64, name string) (*Graph, error) {
	file, err := hdf5.Open(r, size, name)
	if err != nil {
		return nil, err
	}
	d := &reader{file: name, graph: &Graph{}}
	root := file.Root()
	if d.graph.Version, err = d.text(root, "version"); err != nil {
		return nil, err
	}
	node, err := root.Group("node")
	if err != nil {
		return nil, d.notNIR(err)
	}
	if err := d.node(node, "", 0); err != nil {
		return nil, err
	}
	d.graph.settle()
	return d.graph, d.check()
}

// reader collects a graph.
type reader struct {
	file   string
	graph  *Graph
	values int
	found  diag.List
}

func (d *reader) errorf(code, format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(diag.Pos{File: d.file}, code, format, args...)
}

func (d *reader) notNIR(err error) error {
	found := d.errorf(codeFile, "found an HDF5 file without a graph of NIR, expected the entries version and node").
		WithFix("write the graph with nir.write")
	for _, why := range diag.All(err) {
		found.WithNote("%s", why.Message)
	}
	return found
}

func (d *reader) text(g *hdf5.Group, name string) (string, error) {
	set, err := g.Dataset(name)
	if err != nil {
		return "", d.notNIR(err)
	}
	return set.Text()
}

// node reads a node or, where its type is that of a graph, what is in it.
func (d *reader) node(g *hdf5.Group, name string, depth int) error {
	kind, err := d.text(g, "type")
	if err != nil {
		return err
	}
	if kind == graphType {
		return d.inner(g, name, depth)
	}
	if name == "" {
		name = strings.ToLower(kind) // a file may hold one node alone
	}
	p, known := FindPrimitive(kind)
	if !known {
		bad := d.errorf(codePrimitive, "node %q is of type %q, which NIR does not have", name, kind).WithNote("known: %s", strings.Join(PrimitiveNames(), ", "))
		if near, ok := diag.Nearest(kind, PrimitiveNames()); ok {
			bad.WithFix("did you mean %q?", near)
		} else {
			bad.WithFix("export the graph with a version of NIR up to 1.0")
		}
		return bad
	}
	if len(d.graph.Nodes) == maxNodes {
		return d.errorf(codeTooLarge, "found more than %d nodes", maxNodes).WithFix("split the graph")
	}
	n := &Node{Name: name, Type: kind, Values: map[string]*weights.Tensor{}, Texts: map[string]string{}}
	d.graph.Nodes = append(d.graph.Nodes, n)
	return d.params(g, n, p)
}

// params reads the parameters of a node; others of its entries are left out.
func (d *reader) params(g *hdf5.Group, n *Node, p *Primitive) error {
	for _, name := range slices.Concat(p.Params, p.Optional) {
		has, err := g.Has(name)
		if err != nil {
			return err
		}
		if !has {
			if slices.Contains(p.Params, name) {
				return d.errorf(codeParam, "node %q of type %s has no %q", n.Name, n.Type, name).WithFix("export the graph again with the official writer")
			}
			continue
		}
		set, err := g.Dataset(name)
		if err != nil {
			return err
		}
		if err := d.value(n, name, set); err != nil {
			return err
		}
	}
	return nil
}

// value reads one parameter.
func (d *reader) value(n *Node, name string, set *hdf5.Dataset) error {
	if set.Kind() == hdf5.String && name == "padding" {
		text, err := set.Text()
		n.Texts[name] = text
		return err
	}
	if d.values += set.Len(); d.values > maxValues {
		return d.errorf(codeTooLarge, "found more than %d numbers in all nodes", maxValues).WithFix("split the graph")
	}
	if kind := set.Kind(); kind == hdf5.String || set.Len() == 0 {
		return d.errorf(codeParam, "node %q: %s is %s of shape %v, expected numbers", n.Name, name, set.Type(), set.Shape()).WithFix("export the graph again with the official writer")
	}
	data, err := set.Floats(maxValues)
	if err != nil {
		return err
	}
	t := &weights.Tensor{Name: name, DType: dtypeOf(set), Shape: set.Shape(), Data: data}
	if err := t.CheckFinite(); err != nil {
		return d.errorf(codeParam, "node %q: %s has a number that is not finite", n.Name, name).WithFix("the training that wrote it diverged: export the graph again")
	}
	n.Values[name] = t
	return nil
}

// inner opens a graph up: its nodes get its name in front.
func (d *reader) inner(g *hdf5.Group, name string, depth int) error {
	if depth == maxDepth {
		return d.errorf(codeTooLarge, "found graphs nested deeper than %d", maxDepth).WithFix("flatten the graph")
	}
	nodes, err := g.Group("nodes")
	if err != nil {
		return d.notNIR(err)
	}
	names, err := nodes.Names()
	if err != nil {
		return err
	}
	graphs := map[string]bool{} // nodes that are graphs themselves
	for _, child := range names {
		in, err := nodes.Group(child)
		if err != nil {
			return err
		}
		kind, err := d.text(in, "type")
		if err != nil {
			return err
		}
		graphs[joined(name, child)] = kind == graphType
		if err := d.node(in, joined(name, child), depth+1); err != nil {
			return err
		}
	}
	return d.edges(g, name, graphs)
}

func joined(graph, node string) string {
	if graph == "" {
		return node
	}
	return graph + "." + node
}

// edges reads the edges of a graph; one to or from a graph in it goes to its input or
// comes from its output.
func (d *reader) edges(g *hdf5.Group, name string, graphs map[string]bool) error {
	set, err := g.Dataset("edges")
	if err != nil {
		return d.notNIR(err)
	}
	shape := set.Shape()
	if set.Len() == 0 {
		return nil
	}
	if len(shape) != 2 || shape[1] != 2 || len(d.graph.Edges)+shape[0] > maxEdges {
		return d.errorf(codeEdge, "found edges of shape %v, expected at most %d rows of two names", shape, maxEdges).WithFix("export the graph again")
	}
	list, err := set.Strings(2 * maxEdges)
	if err != nil {
		return err
	}
	for pair := range slices.Chunk(list, 2) {
		from, to := joined(name, pair[0]), joined(name, pair[1])
		if graphs[from] {
			from = d.port(from, "Output")
		}
		if graphs[to] {
			to = d.port(to, "Input")
		}
		d.graph.Edges = append(d.graph.Edges, Edge{from, to})
	}
	return nil
}

// port is the first node of a type in an inner graph.
func (d *reader) port(graph, kind string) string {
	for _, n := range d.graph.Nodes {
		if rest, inside := strings.CutPrefix(n.Name, graph+"."); inside && n.Type == kind && !strings.Contains(rest, ".") {
			return n.Name
		}
	}
	return graph + "." + strings.ToLower(kind)
}

// check refuses edges that lead nowhere, and nodes that have the name of another.
func (d *reader) check() error {
	for i := 1; i < len(d.graph.Nodes); i++ {
		if d.graph.Nodes[i].Name == d.graph.Nodes[i-1].Name {
			d.found = append(d.found, d.errorf(codeEdge, "two nodes are named %q", d.graph.Nodes[i].Name).WithFix("rename one of them"))
		}
	}
	for _, e := range d.graph.Edges {
		for _, end := range []string{e.From, e.To} {
			if d.graph.Find(end) == nil {
				d.found = append(d.found, d.errorf(codeEdge, "the edge %s -> %s: there is no node %q", e.From, e.To, end).WithFix("export the graph again"))
			}
		}
	}
	return d.found.Err()
}

// dtypes are the number types that HDF5 names as numpy does.
var dtypes = map[string]weights.DType{
	"float64": weights.F64, "float32": weights.F32, "float16": weights.F16,
	"int64": weights.I64, "int32": weights.I32, "int16": weights.I16, "int8": weights.I8,
	"uint64": weights.U64, "uint32": weights.U32, "uint16": weights.U16, "uint8": weights.U8,
}

func dtypeOf(set *hdf5.Dataset) weights.DType {
	name, _, _ := strings.Cut(set.Type(), " ")
	return dtypes[name]
}
