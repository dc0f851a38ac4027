package model

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"decc/compiler/model/nir"
	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// nirNode is a node with tensors given as NAME SHAPE VALUE (see tensorLine).
func nirNode(t *testing.T, name, kind string, lines ...string) *nir.Node {
	t.Helper()
	n := &nir.Node{Name: name, Type: kind, Values: map[string]*weights.Tensor{}}
	for _, line := range lines {
		x := tensorLine(t, line)
		n.Values[x.Name] = &x
	}
	return n
}

// nirFile writes a graph; edges are given as "from>to".
func nirFile(t *testing.T, nodes []*nir.Node, edges ...string) string {
	t.Helper()
	var more []nir.Edge
	for _, e := range edges {
		from, to, _ := strings.Cut(e, ">")
		more = append(more, nir.Edge{From: from, To: to})
	}
	var b bytes.Buffer
	if err := nir.New("0.2.0", nodes, more).Write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "graph.nir")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// graphOf is a network of two neurons and a readout with all that an import has to decide on.
func graphOf(t *testing.T) string {
	return nirFile(t, []*nir.Node{
		nirNode(t, "input", "Input", "shape 3 2"),
		nirNode(t, "0", "Conv2d", "weight 3x2x1x1 0.5", "bias 3 0.25", "stride 2 1", "padding 2 0", "dilation 2 1", "groups - 1"),
		nirNode(t, "lif.1", "CubaLIF", "tau_syn 3x2x2 0.005", "tau_mem 3x2x2 0.02", "r 3x2x2 2", "v_leak 3x2x2 0", "v_threshold 3x2x2 1", "w_in 3x2x2 1"),
		nirNode(t, "pool", "AvgPool2d", "kernel_size 2 2", "stride 2 2", "padding 2 0"),
		nirNode(t, "fc", "Linear", "weight 2x3 0.125"),
		nirNode(t, "wait", "Delay", "delay 2 0.0031"),
		nirNode(t, "output", "Output", "shape 1 2"),
		nirNode(t, "rec", "Scale", "scale 3x2x2 -1"),
	}, "input>0", "0>lif.1", "lif.1>pool", "pool>fc", "fc>wait", "wait>output", "lif.1>rec", "rec>lif.1")
}

// TestImportNIR: the text of the model is all that the graph and the options say.
func TestImportNIR(t *testing.T) {
	im, err := ImportNIR(NIROptions{File: graphOf(t), Name: "net", Dt: time.Millisecond, Reset: "subtract", Recordings: "a b.csv", Steps: 7, Unit: 64, Decays: "down"})
	if err != nil {
		t.Fatal(err)
	}
	want := `# Imported from graph.nir (NIR 0.2.0) by decc.
decc: 1
name: net
dt: 1ms
inputs:
  - {name: input, shape: [2, 2, 2]}
populations:
  - {name: lif_1, shape: [3, 2, 2], neuron: {kind: CubaLIF, tau_mem: 20, tau_syn: 5, r: 2, w_in: 1, v_leak: 0, v_threshold: 1, reset: subtract}}
  - {name: output, size: 2, neuron: {kind: LI, tau: 1}}
connections:
  - {name: w_input_lif_1, from: input, to: lif_1, conv: {kernel: {file: net.npz, tensor: w_input_lif_1.weight}, stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1}, bias: 0.25}
  - {name: w_lif_1_lif_1, from: lif_1, to: lif_1, one_to_one: -1}
  - {name: w_lif_1_output, from: lif_1, to: output, weights: {file: net.npz, tensor: w_lif_1_output.weight}, delay: 3}
stimulus: {kind: recordings, file: a b.csv, bin: {micros: 1000, steps: 7}}
quantise: {unit: 64, decays: down}
`
	if got := string(im.YAML); got != want {
		t.Errorf("got\n%s", got)
	}
	w, err := im.Weights.Lookup("w_lif_1_output.weight")
	if err != nil || !slices.Equal(w.Shape, []int{2, 12}) || slices.ContainsFunc(w.Data, func(v float64) bool { return v != 0.03125 }) {
		t.Errorf("average and linear: %v, %v", w, err)
	}
	var report strings.Builder
	if _, err := im.Report.WriteTo(&report); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`rounded to whole rows of 1ms`, `mapped    AvgPool2d "pool"`, `derived   Output "output"`, `reset: subtract`} {
		if !strings.Contains(report.String(), line) {
			t.Errorf("the report lacks %q:\n%s", line, report.String())
		}
	}
}

// TestImportNIRAsks: what the file cannot tell has to be said.
func TestImportNIRAsks(t *testing.T) {
	for code, o := range map[string]NIROptions{
		codeReset: {Dt: time.Millisecond}, codeDt: {Reset: "set"}, codeUnmappable: {Reset: "set", Dt: 10 * time.Millisecond},
		codeOpen: {File: "nowhere.nir"},
	} {
		if o.File == "" {
			o.File = graphOf(t)
		}
		_, err := ImportNIR(o)
		if all := diag.All(err); len(all) == 0 || all[0].Code != code || all[0].Fix == "" {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// TestExportNIR: a model is the same after a way through a graph.
func TestExportNIR(t *testing.T) {
	text := `
decc: 1
name: net
dt: 2ms
inputs: [{name: in, shape: [1, 4, 4]}]
populations:
  - {name: a, shape: [2, 4, 4], neuron: {kind: LIF, tau: 20, r: 2, v_leak: 0.5, v_threshold: 1.5, v_reset: -0.5}}
  - {name: b, shape: [2, 2, 2], neuron: {kind: IF, v_threshold: [1, 2, 3, 4, 5, 6, 7, 8]}}
  - {name: c, size: 3, neuron: {kind: CubaLIF, tau_mem: 10, tau_syn: 4, w_in: 2}}
  - {name: output, size: 3, neuron: {kind: Threshold, v_threshold: 0.5}}
connections:
  - {name: k, from: in, to: a, conv: {kernel: 0.5, size: 3, padding: 1}, bias: [0.25, -0.25]}
  - {name: p, from: a, to: b, pool: {size: 2, weight: 0.25}}
  - {name: w, from: b, to: c, weights: 0.125, bias: [1, 2, 3], delay: 2}
  - {name: r, from: c, to: c, weights: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}
  - {name: output, from: c, to: output, one_to_one: [1, 2, 3]}
`
	m := parse(t, text)
	if err := m.Resolve(memory(nil, nil)); err != nil {
		t.Fatal(err)
	}
	g, _, err := ExportNIR(m)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := g.Write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "net.nir")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	im, err := ImportNIR(NIROptions{File: path, Dt: m.Dt})
	if err != nil {
		t.Fatal(err)
	}
	back := parse(t, string(im.YAML))
	if err := back.Resolve(memory(map[string]*weights.File{"net.npz": im.Weights}, nil)); err != nil {
		t.Fatal(err)
	}
	for i, p := range m.Spiking.Populations {
		q := back.Spiking.Populations[i]
		if p.Name != q.Name || p.Size != q.Size || p.Cell.Kind != q.Cell.Kind {
			t.Errorf("population %d is %s %s, was %s %s", i, q.Name, q.Cell.Kind, p.Name, p.Cell.Kind)
		}
		for k, v := range p.Cell.values() {
			if got := q.Cell.values()[k].values.Data; !slices.Equal(repeated(got, p.Size), repeated(v.values.Data, p.Size)) {
				t.Errorf("population %s, %s: %v, was %v", p.Name, v.key, got, v.values.Data)
			}
		}
	}
	sameConnections(t, m.Spiking.Connections, back.Spiking.Connections)
}

func sameConnections(t *testing.T, want, got []Connection) {
	t.Helper()
	find := func(from, to string) *Connection {
		for i := range got {
			if got[i].From == from && got[i].To == to {
				return &got[i]
			}
		}
		return nil
	}
	for _, k := range want {
		q := find(k.From, k.To)
		if q == nil {
			t.Errorf("no connection %s > %s", k.From, k.To)
			continue
		}
		if !slices.Equal(k.Values, q.Values) || !slices.Equal(k.Delay.Data, q.Delay.Data) {
			t.Errorf("%s: %v %v, was %v %v", k.Name, q.Values, q.Delay.Data, k.Values, k.Delay.Data)
		}
		if a, b := biasInto(want, k.To), biasInto(got, k.To); !slices.Equal(a, b) {
			t.Errorf("biases into %s: %v, were %v", k.To, b, a)
		}
	}
}

// biasInto is the sum of the biases into a population, by whichever connection they come.
func biasInto(list []Connection, to string) []float64 {
	var sum []float64
	for _, k := range list {
		if k.To != to || k.Biases == nil {
			continue
		}
		if sum == nil {
			sum = make([]float64, len(k.Biases))
		}
		for i, b := range k.Biases {
			sum[i] += b
		}
	}
	return sum
}

// TestExportRefuses: what NIR has no node for is refused by name.
func TestExportRefuses(t *testing.T) {
	text := "decc: 1\nname: net\ninputs: [{name: in, size: 2}, {name: sq, shape: [1, 2, 2]}]\npopulations: [{name: a, size: 2, neuron: {%s}}, {name: b, shape: [1, 1, 1], neuron: {kind: IF}}]\nconnections: [%s]\n"
	for _, test := range []struct{ neuron, connection, word string }{
		{"kind: IF", "{name: w, from: in, to: a, weights: 1, delay: [1, 2, 3, 4]}", "delay"},
		{"kind: IF", "{name: w, from: in, to: a, one_to_one: 1, bias: 1}", "bias"},
		{"kind: IF", "{name: w, from: sq, to: b, pool: {kind: max, size: 2}}", "NIR has no node for the maximum of patches"},
		{"kind: ATRLIF, tau_threshold: 2, tau_refractory: 2, threshold_step: 1", "", `population "a": NIR has no node for neurons of kind ATRLIF`},
		{"kind: Graded", "", `population "a": NIR has no node for neurons of kind Graded`},
		{"kind: GradedReLU", "", `population "a": NIR has no node for neurons of kind GradedReLU`},
		{"kind: TernaryLIF", "", `population "a": NIR has no node for neurons of kind TernaryLIF`},
	} {
		m := parse(t, fmt.Sprintf(text, test.neuron, test.connection))
		if err := m.Resolve(memory(nil, nil)); err != nil {
			t.Fatal(err)
		}
		_, _, err := ExportNIR(m)
		if all := diag.All(err); len(all) != 1 || all[0].Code != codeExport || all[0].Pos.Line == 0 || !strings.Contains(all[0].Message, test.word) {
			t.Errorf("%s: %v", test.word, err)
		}
	}
	m := parse(t, "decc: 1\nname: net\ngroups: [{name: a, size: 2, neuron: cuba}]")
	if _, _, err := ExportNIR(m); err == nil {
		t.Error("a model in chip terms has become a graph")
	}
}

// TestImportRealNIR imports the graphs of other tools.
func TestImportRealNIR(t *testing.T) {
	for name, c := range map[string]struct {
		dt          time.Duration
		populations int
		synapses    int // weights of all connections
	}{
		"cnn_sinabs.nir":                {time.Millisecond, 5, 16*2*25 + 16*16*9 + 8*16*36 + 256*512 + 10*256},
		"braille_noDelay_bias_zero.nir": {100 * time.Microsecond, 2, 38*12 + 38*38 + 7*38},
		"lif_norse.nir":                 {100 * time.Microsecond, 1, 1},
	} {
		im, err := ImportNIR(NIROptions{File: shared(t, "data", "nir", name), Dt: c.dt, Reset: "set"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m := parse(t, string(im.YAML))
		n := 0
		for _, x := range im.Weights.Tensors {
			if strings.HasSuffix(x.Name, ".weight") {
				n += len(x.Data)
			}
		}
		if len(m.Spiking.Populations) != c.populations || n != c.synapses {
			t.Errorf("%s: %d populations, %d weights", name, len(m.Spiking.Populations), n)
		}
	}
}
