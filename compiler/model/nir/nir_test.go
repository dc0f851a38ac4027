package nir

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"decc/compiler/model/weights"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/hdf5"
)

func tensor(name string, shape []int, values ...float64) *weights.Tensor {
	return &weights.Tensor{Name: name, Shape: shape, Data: values}
}

func node(name, kind string, values ...*weights.Tensor) *Node {
	n := &Node{Name: name, Type: kind, Values: map[string]*weights.Tensor{}, Texts: map[string]string{}}
	for _, t := range values {
		n.Values[t.Name] = t
	}
	return n
}

func input(name string, shape ...float64) *Node {
	return node(name, "Input", tensor("shape", []int{len(shape)}, shape...))
}

// spiking is an IF node of n neurons.
func spiking(name string, n int) *Node {
	ones := slices.Repeat([]float64{1}, n)
	return node(name, "IF", tensor("r", []int{n}, ones...), tensor("v_threshold", []int{n}, ones...))
}

// chain joins nodes one behind the other.
func chain(nodes ...*Node) *Graph {
	var edges []Edge
	for i := 1; i < len(nodes); i++ {
		edges = append(edges, Edge{nodes[i-1].Name, nodes[i].Name})
	}
	return New("1.0", nodes, edges)
}

func random(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-9*(1+math.Abs(want[i])) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestPrimitivesAreInOrderAndComplete(t *testing.T) {
	if len(Primitives) != 18 || !slices.IsSorted(PrimitiveNames()) {
		t.Errorf("%d primitives: %v", len(Primitives), PrimitiveNames())
	}
	for _, p := range Primitives {
		if _, linear := ops[p.Name]; linear == IsNeuron(p.Name) {
			t.Errorf("%s is a linear map and a neuron, or none of them", p.Name)
		}
	}
}

// formsOf are one of each form over the same block, and some that change it.
func formsOf(r *rand.Rand, in [3]int) []*Linear {
	n := size(in)
	list := []*Linear{
		identity(in),
		{In: in, Out: in, Weights: []float64{2.5}},
		{In: in, Out: in, Weights: random(r, n)},
		{In: in, Out: [3]int{5, 1, 1}, Matrix: true, Weights: random(r, 5*n)},
	}
	byChannel := make([]float64, n)
	for i := range byChannel {
		byChannel[i] = float64(1 + i*in[0]/n)
	}
	list = append(list, &Linear{In: in, Out: in, Weights: byChannel})
	for _, c := range []struct {
		kernel []int
		conv   ir.Conv
	}{
		{[]int{3, in[0], 3, 3}, ir.Conv{Stride: [2]int{1, 1}, Padding: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}},
		{[]int{4, in[0] / 2, 2, 1}, ir.Conv{Stride: [2]int{2, 1}, Dilation: [2]int{1, 1}, Groups: 2}},
		{[]int{2, in[0], 2, 2}, ir.Conv{Stride: [2]int{1, 2}, Padding: [2]int{1, 0}, Dilation: [2]int{2, 1}, Groups: 1}},
		{[]int{in[0], 1, 2, 2}, ir.Conv{Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}, Groups: in[0]}},
		{[]int{in[0], 1, 2, 2}, ir.Conv{Stride: [2]int{2, 2}, Padding: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: in[0]}},
	} {
		c.conv.In = in
		if c.conv.Check(c.kernel) != nil {
			continue
		}
		list = append(list, &Linear{In: in, Out: c.conv.Out(c.kernel), Conv: &c.conv, Kernel: c.kernel, Weights: random(r, c.kernel[0]*c.kernel[1]*c.kernel[2]*c.kernel[3])})
	}
	return list
}

// TestProductsByDefinition puts every form of map behind every other, over blocks of even
// and odd sides, and lets both ways take the same vector.
func TestProductsByDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	kernels := 0
	for _, block := range [][3]int{{2, 6, 6}, {2, 5, 7}, {4, 3, 3}} {
		for _, first := range formsOf(r, block) {
			for _, m := range formsOf(r, first.Out) {
				product, err := m.after(first)
				if err != nil {
					t.Fatalf("%+v behind %+v: %v", m, first, err)
				}
				if m.Conv != nil && first.Conv != nil && product.Conv != nil {
					kernels++
				}
				x := random(r, size(block))
				near(t, "product", product.times(x), m.times(first.times(x)))
			}
		}
	}
	if kernels < 10 {
		t.Errorf("only %d pairs of kernels became one kernel", kernels)
	}
}

// TestChainsByDefinition reduces a chain through all linear primitives and compares the one map
// that is left with the nodes one after the other.
func TestChainsByDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	nodes := []*Node{
		input("in", 2, 9, 8),
		node("scale", "Scale", tensor("scale", []int{2, 9, 8}, random(r, 144)...)),
		node("conv", "Conv2d", tensor("weight", []int{4, 1, 3, 2}, random(r, 24)...), tensor("bias", []int{4}, random(r, 4)...),
			tensor("stride", []int{2}, 1, 2), tensor("padding", []int{2}, 1, 0), tensor("dilation", []int{2}, 1, 1), tensor("groups", nil, 2)),
		node("sum", "SumPool2d", tensor("kernel_size", []int{2}, 2, 2), tensor("stride", []int{2}, 2, 2), tensor("padding", []int{2}, 0, 0)),
		node("avg", "AvgPool2d", tensor("kernel_size", []int{2}, 2, 1), tensor("stride", []int{2}, 1, 1), tensor("padding", []int{2}, 1, 0)),
		node("flat", "Flatten", tensor("start_dim", nil, 0), tensor("end_dim", nil, -1)),
		node("affine", "Affine", tensor("weight", []int{3, 40}, random(r, 120)...), tensor("bias", []int{3}, random(r, 3)...)),
		node("linear", "Linear", tensor("weight", []int{2, 3}, random(r, 6)...)),
		spiking("out", 2),
	}
	net, err := chain(nodes...).Reduce("graph")
	if err != nil {
		t.Fatal(err)
	}
	if len(net.Links) != 1 || len(net.Neurons) != 1 || len(net.Folded) != 7 {
		t.Fatalf("%d links, %d neurons, folded %v", len(net.Links), len(net.Neurons), net.Folded)
	}
	x := random(r, 144)
	y, block, zero := x, [3]int{2, 9, 8}, make([]float64, 144)
	for _, n := range nodes[1:8] {
		op, bias, err := ops[n.Type](n, block)
		if err != nil {
			t.Fatal(n.Name, err)
		}
		y, zero, block = added(op.times(y), bias), added(op.times(zero), bias), op.Out
	}
	got := net.Links[0].times(x)
	near(t, "map and bias", added(got, net.Biases["out"]), y)
	near(t, "bias", net.Biases["out"], zero)
}

// TestBiasCountsOnce: a linear node behind two neurons adds its bias once.
func TestBiasCountsOnce(t *testing.T) {
	g := New("1.0", []*Node{
		input("in", 2), spiking("a", 2), spiking("b", 2), spiking("c", 2),
		node("w", "Affine", tensor("weight", []int{2, 2}, 1, 2, 3, 4), tensor("bias", []int{2}, 5, 6)),
	}, []Edge{{"in", "a"}, {"in", "b"}, {"a", "w"}, {"b", "w"}, {"w", "c"}, {"a", "c"}})
	net, err := g.Reduce("graph")
	if err != nil {
		t.Fatal(err)
	}
	near(t, "bias", net.Biases["c"], []float64{5, 6})
	var links []string
	for _, l := range net.Links {
		links = append(links, l.From+">"+l.To+" "+strings.Join(l.Through, ","))
	}
	if want := []string{"in>a ", "in>b ", "a>c ", "a>c w", "b>c w"}; !slices.Equal(links, want) {
		t.Errorf("links %q, want %q", links, want)
	}
}

// TestOrder: neurons come forward, whatever their names; a circle closes backwards.
func TestOrder(t *testing.T) {
	g := New("1.0", []*Node{input("z", 1), spiking("m", 1), spiking("a", 1), spiking("k", 1)}, []Edge{{"z", "m"}, {"m", "a"}, {"a", "k"}, {"k", "m"}, {"z", "k"}})
	net, err := g.Reduce("graph")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range net.Neurons {
		names = append(names, n.Name)
	}
	if !slices.Equal(names, []string{"m", "a", "k"}) {
		t.Errorf("order %v", names)
	}
}

func TestDelays(t *testing.T) {
	delay := func(name string, d ...float64) *Node {
		return node(name, "Delay", tensor("delay", []int{len(d)}, d...))
	}
	w := node("w", "Linear", tensor("weight", []int{2, 2}, 1, 2, 3, 4))
	for _, c := range []struct {
		name string
		mid  []*Node
		want []float64
		fail bool
	}{
		{"of sources", []*Node{delay("d", 1, 2), w}, []float64{1, 2}, false},
		{"one for all", []*Node{delay("d", 1), w, delay("e", 2)}, []float64{3}, false},
		{"of targets", []*Node{w, delay("d", 1, 2)}, []float64{1, 1, 2, 2}, false},
		{"equal of targets", []*Node{w, delay("d", 2, 2)}, []float64{2}, false},
		{"of sources and targets", []*Node{delay("d", 1, 2), w, delay("e", 1, 2)}, nil, true},
		{"within a chain", []*Node{w, delay("d", 1, 2), node("v", "Linear", tensor("weight", []int{2, 2}, 1, 1, 1, 1))}, nil, true},
	} {
		nodes := append(append([]*Node{input("in", 2)}, c.mid...), spiking("out", 2))
		net, err := chain(nodes...).Reduce("graph")
		if (err != nil) != c.fail {
			t.Errorf("%s: error %v", c.name, err)
		}
		if err == nil && !slices.Equal(net.Links[0].Delay, c.want) {
			t.Errorf("%s: delays %v, want %v", c.name, net.Links[0].Delay, c.want)
		}
	}
}

// TestRefusals: what cannot be reduced names its node.
func TestRefusals(t *testing.T) {
	wide := node("w", "Linear", tensor("weight", []int{2, 3}, 1, 2, 3, 4, 5, 6))
	loop := New("1.0", []*Node{input("in", 2), spiking("a", 2), node("s", "Scale", tensor("scale", []int{2}, 1, 1))}, []Edge{{"in", "a"}, {"s", "s"}, {"s", "a"}})
	constant := New("1.0", []*Node{
		input("in", 3), spiking("a", 3), node("s", "Scale", tensor("scale", []int{1}, 2)),
		node("b", "Affine", tensor("weight", []int{1, 1}, 1), tensor("bias", []int{1}, 1)),
	}, []Edge{{"b", "s"}, {"in", "s"}, {"s", "a"}})
	for name, c := range map[string]struct {
		g    *Graph
		code string
	}{
		"columns":   {chain(input("in", 2), wide, spiking("w2", 2)), codeShape},
		"members":   {chain(input("in", 3), wide, spiking("w2", 3)), codeShape},
		"unfed":     {New("1.0", []*Node{input("in", 2), spiking("w", 2)}, nil), codeShape},
		"circle":    {loop, codeEdge},
		"same":      {chain(input("in", 1, 4, 4), sameConv("w", 2, 2), spiking("o", 4)), codeShape},
		"same word": {chain(input("in", 1, 4, 4), sameConv("w", 1, 2), spiking("o", 16)), codeShape},
		"below 0":   {chain(input("in", -2), spiking("o", 2)), codeShape},
		"no number": {chain(input("in", math.NaN(), 2), spiking("o", 2)), codeShape},
		"too many":  {chain(input("in", 1<<40, 1<<40), spiking("o", 2)), codeShape},
		"patches":   {chain(input("in", 1<<14, 8, 8), sumPool("w", 1<<10, 1, 1<<9), spiking("o", 2)), codeShape},
		"padded":    {chain(input("in", 1, 1<<12, 1<<12), sumPool("w", 1<<9, 1, 1<<9), spiking("o", 2)), codeShape},
		"constant":  {constant, codeShape},
		"diamonds":  {diamonds(20), codeTooLarge},
		"synapses":  {chain(input("in", 1, 1024, 1024), patches(32), node("w", "Linear", tensor("weight", []int{1, 993 * 993}, make([]float64, 993*993)...)), spiking("o", 1)), codeUnmappable},
		"kernels":   {chain(input("in", 1<<14, 8, 8), sumPool("v", 2, 2, 0), sumPool("w", 2, 2, 0), spiking("o", 2)), codeUnmappable},
	} {
		_, err := c.g.Reduce("graph.nir")
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != c.code || d.Fix == "" || d.Pos.File != "graph.nir" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := chain(input("in", 1, 4, 4), sameConv("w", 1, 3), spiking("o", 16)).Reduce("graph.nir"); err != nil {
		t.Errorf("padding same of an odd kernel: %v", err)
	}
}

// diamonds are n pairs of paths, one behind the other: 2^n paths in all.
func diamonds(n int) *Graph {
	nodes, edges, from := []*Node{input("in", 1)}, []Edge{}, "in"
	for i := range n {
		var name [3]string
		for k := range name {
			name[k] = string(rune('a'+k)) + strconv.Itoa(i)
			nodes = append(nodes, node(name[k], "Scale", tensor("scale", []int{1}, 1)))
		}
		edges = append(edges, Edge{from, name[0]}, Edge{from, name[1]}, Edge{name[0], name[2]}, Edge{name[1], name[2]})
		from = name[2]
	}
	return New("1.0", append(nodes, spiking("o", 1)), append(edges, Edge{from, "o"}))
}

// patches is a kernel over all of a plane.
func patches(side int) *Node {
	return node("k", "Conv2d", tensor("weight", []int{1, 1, side, side}, slices.Repeat([]float64{1}, side*side)...), tensor("bias", []int{1}, 0),
		tensor("stride", []int{2}, 1, 1), tensor("padding", []int{2}, 0, 0), tensor("dilation", []int{2}, 1, 1), tensor("groups", nil, 1))
}

func sumPool(name string, side, stride, padding float64) *Node {
	return node(name, "SumPool2d", tensor("kernel_size", []int{1}, side), tensor("stride", []int{1}, stride), tensor("padding", []int{1}, padding))
}

// sameConv is a convolution with the padding "same".
func sameConv(name string, stride float64, side int) *Node {
	n := node(name, "Conv2d", tensor("weight", []int{1, 1, side, side}, slices.Repeat([]float64{1}, side*side)...), tensor("bias", []int{1}, 0),
		tensor("stride", []int{2}, stride, stride), tensor("dilation", []int{2}, 1, 1), tensor("groups", nil, 1))
	n.Texts["padding"] = "same"
	return n
}

func encoded(t testing.TB, g *Graph) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := g.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(data []byte) (*Graph, error) {
	return Read(bytes.NewReader(data), int64(len(data)), "graph.nir")
}

func TestRoundTrip(t *testing.T) {
	g := chain(input("in", 1, 4, 4), sameConv("w", 1, 3), spiking("o", 16), node("out", "Output", tensor("shape", []int{1}, 16)))
	g.Find("o").Values["r"].DType = weights.F32
	data := encoded(t, g)
	back, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(g, back); d != "" {
		t.Error(d)
	}
	if !bytes.Equal(data, encoded(t, back)) {
		t.Error("the same graph gives other bytes")
	}
}

// TestRealGraphs reads what other tools wrote, writes it and reads it again.
func TestRealGraphs(t *testing.T) {
	dir := os.Getenv("DECC_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(dir, "data", "nir", "*.nir"))
	if err != nil || len(files) == 0 {
		t.Skip("no NIR graphs of other tools here (DECC_SHARED names the folder of reference data)")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		g, err := read(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		back, err := read(encoded(t, g))
		if err != nil {
			t.Fatalf("%s: written again: %v", file, err)
		}
		if d := cmp.Diff(g, back); d != "" {
			t.Errorf("%s: %s", file, d)
		}
		if _, err := g.Reduce(file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// inner writes a graph that holds a graph: in -> sub(a -> b) -> out.
func inner(t *testing.T) []byte {
	tree := hdf5.NewTree()
	hdf5.Put(tree, "version", nil, []string{"0.2"})
	top := tree.Group("node")
	graph := func(at *hdf5.Tree, edges ...string) *hdf5.Tree {
		hdf5.Put(at, "type", nil, []string{graphType})
		hdf5.Put(at, "edges", []int{len(edges) / 2, 2}, edges)
		return at.Group("nodes")
	}
	port := func(at *hdf5.Tree, name, kind string) {
		hdf5.Put(at.Group(name), "type", nil, []string{kind})
		hdf5.Put(at.Group(name), "shape", []int{1}, []int64{1})
	}
	nodes := graph(top, "in", "sub", "sub", "out")
	port(nodes, "in", "Input")
	port(nodes, "out", "Output")
	sub := graph(nodes.Group("sub"), "i", "n", "n", "o")
	port(sub, "i", "Input")
	port(sub, "o", "Output")
	for name, v := range map[string]float64{"r": 1, "v_threshold": 2} {
		hdf5.Put(sub.Group("n"), name, []int{1}, []float64{v})
	}
	hdf5.Put(sub.Group("n"), "type", nil, []string{"IF"})
	data, err := tree.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGraphInGraph(t *testing.T) {
	g, err := read(inner(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []Edge{{"in", "sub.i"}, {"sub.i", "sub.n"}, {"sub.n", "sub.o"}, {"sub.o", "out"}}
	if !slices.Equal(g.Edges, want) {
		t.Errorf("edges %v", g.Edges)
	}
	net, err := g.Reduce("graph")
	if err != nil || len(net.Inputs) != 1 || len(net.Neurons) != 1 || net.Links[0].From != "in" || len(net.Readouts) != 0 {
		t.Errorf("%+v, %v", net, err)
	}
}

// TestBadFiles: files that hold no sound graph are refused by code.
func TestBadFiles(t *testing.T) {
	bad := func(change func(g *Graph)) []byte {
		g := chain(input("in", 1), spiking("o", 1))
		change(g)
		return encoded(t, g)
	}
	for name, c := range map[string]struct {
		data []byte
		code string
	}{
		"primitive": {bad(func(g *Graph) { g.Nodes[1].Type = "Conv3d" }), codePrimitive},
		"parameter": {bad(func(g *Graph) { delete(g.Nodes[1].Values, "r") }), codeParam},
		"edge":      {bad(func(g *Graph) { g.Edges[0].To = "nowhere" }), codeEdge},
		"infinite":  {bad(func(g *Graph) { g.Nodes[1].Values["r"].Data[0] = math.Inf(1) }), codeParam},
		"empty":     {bad(func(g *Graph) { g.Nodes[1].Values["r"] = tensor("r", []int{0}) }), codeParam},
		"text": {bad(func(g *Graph) {
			delete(g.Nodes[1].Values, "r")
			g.Nodes[1].Texts["r"] = "one"
		}), codeParam},
		"no hdf5":  {[]byte("# a text"), "hdf5/unknown-format"},
		"no graph": {mustBytes(t, hdf5.NewTree()), codeFile},
	} {
		_, err := read(c.data)
		all := diag.All(err)
		if len(all) != 1 || all[0].Code != c.code || all[0].Fix == "" || all[0].Pos.File != "graph.nir" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func mustBytes(t *testing.T, tree *hdf5.Tree) []byte {
	t.Helper()
	data, err := tree.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// FuzzRead: no bytes do more than fail, and a graph that is read is written and read alike.
func FuzzRead(f *testing.F) {
	g := chain(input("in", 1, 4, 4), sameConv("w", 1, 3), spiking("o", 16))
	data := encoded(f, g)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := read(data)
		if err != nil {
			if len(diag.All(err)) == 0 {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		_, _ = g.Reduce("graph.nir")
		var b bytes.Buffer
		if g.Write(&b) != nil {
			return // names that HDF5 does not take
		}
		back, err := read(b.Bytes())
		if err != nil || len(back.Nodes) != len(g.Nodes) {
			t.Errorf("written again: %v", err)
		}
	})
}
