package nir

import (
	"io"
	"slices"

	"decc/compiler/model/weights"
	"decc/ir/diag"
	"decc/ir/hdf5"
)

// Write writes a graph as an HDF5 file that the official reader takes. Equal graphs give
// equal bytes.
func (g *Graph) Write(w io.Writer) error {
	tree := hdf5.NewTree()
	hdf5.Put(tree, "version", nil, []string{g.Version})
	node := tree.Group("node")
	hdf5.Put(node, "type", nil, []string{graphType})
	edges := make([]string, 0, 2*len(g.Edges))
	for _, e := range g.Edges {
		edges = append(edges, e.From, e.To)
	}
	hdf5.Put(node, "edges", []int{len(g.Edges), 2}, edges)
	nodes := node.Group("nodes")
	for _, n := range g.Nodes {
		to := nodes.Group(n.Name)
		hdf5.Put(to, "type", nil, []string{n.Type})
		for _, name := range n.names() {
			if err := n.put(to, name); err != nil {
				return err
			}
		}
	}
	return tree.Write(w)
}

// puts write numbers in each type that Read keeps.
var puts = map[weights.DType]func(to *hdf5.Tree, t *weights.Tensor){
	weights.F64: put[float64], weights.F32: put[float32],
	weights.I64: put[int64], weights.I32: put[int32], weights.I16: put[int16], weights.I8: put[int8],
	weights.U64: put[uint64], weights.U32: put[uint32], weights.U16: put[uint16], weights.U8: put[uint8],
}

func put[V float64 | float32 | int64 | int32 | int16 | int8 | uint64 | uint32 | uint16 | uint8](to *hdf5.Tree, t *weights.Tensor) {
	values := make([]V, len(t.Data))
	for i, x := range t.Data {
		values[i] = V(x)
	}
	if len(t.Shape) == 0 {
		hdf5.Put(to, t.Name, nil, values)
		return
	}
	hdf5.Put(to, t.Name, t.Shape, values).Deflate()
}

func (n *Node) put(to *hdf5.Tree, name string) error {
	if text, ok := n.Texts[name]; ok {
		hdf5.Put(to, name, nil, []string{text})
		return nil
	}
	t := n.Values[name]
	write := puts[t.DType]
	if write == nil {
		return diag.Errorf(diag.Pos{}, codeParam, "node %q: %s is of type %s, which is not written", n.Name, name, t.DType).WithFix("use float32 or float64")
	}
	write(to, t)
	return nil
}

// New makes a graph of nodes and edges, in order.
func New(version string, nodes []*Node, edges []Edge) *Graph {
	g := &Graph{Version: version, Nodes: slices.Clone(nodes), Edges: slices.Clone(edges)}
	g.settle()
	return g
}
