package model

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"decc/compiler/model/nir"
	"decc/compiler/model/weights"
)

// NIROptions says what to make of a NIR graph.
type NIROptions struct {
	File string
	// Name is the name of the model; "" takes that of the file.
	Name string
	// WeightsFile is what the model will call the file that Imported.Weights is written
	// to; "" is the name with .npz.
	WeightsFile string
	// Dt is the duration of a row, which NIR does not tell; 0 where it is not given.
	Dt time.Duration
	// Reset is "set" or "subtract", "" where it is not given: files of NIR up to 0.2 do not
	// tell which of the two a spike does.
	Reset string
	// Recordings is the list of recordings of events that the model is to be run on, "" for
	// none; Steps are the rows of each.
	Recordings string
	Steps      int
	// Unit and Decays go into the model's section quantise; 0 and "" leave them out.
	Unit   float64
	Decays string
}

// nirImporter is an import under way.
type nirImporter struct {
	NIROptions
	findings
	net     *nir.Network
	report  ImportReport
	names   map[string]string // of populations, by the node's
	taken   map[string]bool
	tensors []weights.Tensor
	yaml    strings.Builder
}

// ImportNIR makes a model of populations out of a NIR graph. The error is a diag.List.
func ImportNIR(o NIROptions) (*Imported, error) {
	g, err := readGraph(o.File)
	if err != nil {
		return nil, err
	}
	o.Name, o.WeightsFile = importNames(o.File, o.Name, o.WeightsFile)
	im := &nirImporter{NIROptions: o, findings: findings{file: o.File}, names: map[string]string{}, taken: map[string]bool{}}
	if im.net, err = g.Reduce(o.File); err != nil {
		return nil, err
	}
	im.settleReset()
	im.settleDt()
	if err := im.found.Err(); err != nil {
		return nil, err
	}
	im.write(g)
	if err := im.found.Err(); err != nil {
		return nil, err
	}
	file, err := weights.NewFile(im.tensors...)
	if err != nil {
		return nil, err
	}
	out := &Imported{YAML: []byte(im.yaml.String()), Weights: file, Report: im.report}
	out.check(im.unmappable, orNone)
	return out, settle(im.found).Err()
}

func readGraph(path string) (*nir.Graph, error) {
	f, size, err := openSized(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return nir.Read(f, size, path)
}

// settleReset asks for the reset where the file does not tell it.
func (im *nirImporter) settleReset() {
	for _, n := range im.net.Neurons {
		if n.Values["v_threshold"] == nil || n.Values["v_reset"] != nil || im.Reset != "" {
			continue
		}
		im.fail(codeReset, "node %q of type %s does not tell what a spike does to the voltage", n.Name, n.Type).
			WithNote("NIR's equation sets it to v_reset; sinabs, Rockpool and others export neurons that subtract the threshold in the same way").
			WithFix("give --reset set or --reset subtract, as the network was trained")
		return
	}
}

// timed are the parameters in seconds.
var timed = map[string]bool{"tau": true, "tau_mem": true, "tau_syn": true}

// settleDt asks for the duration of a row where something depends on it.
func (im *nirImporter) settleDt() {
	if im.Dt > 0 {
		return
	}
	for _, n := range im.net.Neurons {
		for _, name := range slices.Sorted(mapKeys(timed)) {
			if n.Values[name] != nil {
				im.fail(codeDt, "node %q of type %s has time constants, and NIR does not tell the duration of a step", n.Name, n.Type).
					WithFix("give --dt, as the network was trained (snnTorch: 100us unless told otherwise)")
				return
			}
		}
	}
	im.Dt = time.Millisecond
	im.report.add(Defaulted, "", "dt", "1ms", "nothing in the graph depends on it")
}

func mapKeys[V any](m map[string]V) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// member names a population after its node.
func (im *nirImporter) member(node string) string {
	if name, known := im.names[node]; known {
		return name
	}
	name := im.fresh(node)
	im.names[node] = name
	return name
}

// fresh makes a name that is valid and not taken yet.
func (im *nirImporter) fresh(want string) string {
	base := strings.Trim(notInName.ReplaceAllString(want, "_"), "_")
	if base == "" || base[0] >= '0' && base[0] <= '9' {
		base = "n" + base
	}
	base = base[:min(len(base), 56)]
	name := freshName(base, im.taken)
	im.taken[name] = true
	return name
}

// freshName is a name with a number behind it where it is taken.
func freshName(want string, taken map[string]bool) string {
	name := want
	for i := 2; taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", want, i)
	}
	return name
}

func (im *nirImporter) line(format string, args ...any) { fmt.Fprintf(&im.yaml, format+"\n", args...) }

// write writes the model.
func (im *nirImporter) write(g *nir.Graph) {
	im.line("# Imported from %s (NIR %s) by decc.", comment(filepath.Base(im.File)), comment(g.Version))
	im.line("decc: 1")
	im.line("name: %s", im.Name)
	im.line("dt: %s", strings.ReplaceAll(im.Dt.String(), "µ", "u"))
	im.line("inputs:")
	for _, n := range im.net.Inputs {
		name := im.member(n.Name)
		im.line("  - {name: %s, %s}", name, blockText(n.Block))
		im.report.add(Mapped, nodeText(n.Node), "inputs."+name, blockText(n.Block), "")
	}
	im.line("populations:")
	for _, n := range im.net.Neurons {
		im.population(n)
	}
	im.line("connections:")
	seen := map[string]bool{}
	for i := range im.net.Links {
		l := &im.net.Links[i]
		var bias []float64
		if !seen[l.To] {
			bias = im.net.Biases[l.To]
		}
		seen[l.To] = true
		im.link(l, bias)
	}
	im.stimulus()
	im.quantise()
	for _, name := range im.net.Folded {
		im.report.add(Mapped, nodeText(g.Find(name)), "connections", "", "part of the connections through it")
	}
	for _, n := range g.Nodes {
		if n.Type == "Output" && !slices.Contains(im.net.Readouts, n.Name) && !slices.Contains(im.net.Folded, n.Name) {
			im.report.add(Ignored, nodeText(n), "", "", "all populations are observed; the last one decides")
		}
	}
}

func nodeText(n *nir.Node) string { return fmt.Sprintf("%s %q", n.Type, n.Name) }

// blockText is size or shape of a population.
func blockText(b [3]int) string {
	if b[1] == 1 && b[2] == 1 {
		return fmt.Sprintf("size: %d", b[0])
	}
	return "shape: " + flow(b[:])
}

// cellKeys are the keys of a cell that a node gives, with its parameter and a factor: times
// are in seconds there and in ms here.
var cellKeys = []struct {
	key, param string
	factor     float64
}{
	{"tau", "tau", 1000},
	{"tau_mem", "tau_mem", 1000},
	{"tau_syn", "tau_syn", 1000},
	{"r", "r", 1},
	{"w_in", "w_in", 1},
	{"v_leak", "v_leak", 1},
	{"v_threshold", "v_threshold", 1},
	{"v_threshold", "threshold", 1},
	{"v_reset", "v_reset", 1},
}

// population writes a neuron node; an output behind linear maps becomes a sum without memory.
func (im *nirImporter) population(n nir.Member) {
	name := im.member(n.Name)
	if !nir.IsNeuron(n.Type) {
		dt := float64(im.Dt) / float64(time.Millisecond)
		im.line("  - {name: %s, %s, neuron: {kind: LI, tau: %v}}", name, blockText(n.Block), dt)
		im.report.add(Derived, nodeText(n.Node), "populations."+name, "a sum without memory", "linear nodes lead to it, and only neurons have values on the chip")
		return
	}
	parts := []string{"kind: " + n.Type}
	for _, k := range cellKeys {
		if t := n.Values[k.param]; t != nil {
			parts = append(parts, k.key+": "+im.values(name+"."+k.key, t.Data, k.factor))
		}
	}
	why := ""
	if n.Values["v_threshold"] != nil {
		reset := "set"
		if n.Values["v_reset"] == nil || im.Reset != "" {
			reset = im.Reset
		}
		parts = append(parts, "reset: "+reset)
		why = "reset: " + reset
	}
	im.line("  - {name: %s, %s, neuron: {%s}}", name, blockText(n.Block), strings.Join(parts, ", "))
	if n.Type == "I" || n.Type == "IF" {
		why = strings.TrimPrefix(why+"; a row adds r times its input, as tools that export such graphs do, whatever dt", "; ")
	}
	im.report.add(Mapped, nodeText(n.Node), "populations."+name, blockText(n.Block), why)
}

// values writes numbers: one, where all are equal, else a tensor of the weights file.
func (im *nirImporter) values(name string, x []float64, factor float64) string {
	if !slices.ContainsFunc(x, func(v float64) bool { return v != x[0] }) && len(x) > 0 {
		return fmt.Sprint(x[0] * factor)
	}
	scaled := slices.Clone(x)
	for i := range scaled {
		scaled[i] *= factor
	}
	return im.tensor(name, scaled, len(x))
}

// tensor puts numbers into the weights file and writes the reference to them.
func (im *nirImporter) tensor(name string, x []float64, shape ...int) string {
	t := weights.Tensor{Name: name, DType: weights.F32, Shape: shape, Data: x}
	if slices.ContainsFunc(x, func(v float64) bool { return float64(float32(v)) != v }) {
		t.DType = weights.F64
	}
	im.tensors = append(im.tensors, t)
	return fmt.Sprintf("{file: %s, tensor: %s}", scalar(im.WeightsFile), name)
}

// link writes a connection.
func (im *nirImporter) link(l *nir.Link, bias []float64) {
	from, to := im.member(l.From), im.member(l.To)
	name := im.fresh("w_" + from + "_" + to)
	parts := []string{"name: " + name, "from: " + from, "to: " + to}
	what := ""
	switch {
	case l.Conv != nil:
		c := l.Conv
		what = fmt.Sprintf("a kernel of %v", l.Kernel)
		parts = append(parts, fmt.Sprintf("conv: {kernel: %s, stride: %s, padding: %s, dilation: %s, groups: %d}",
			im.tensor(name+".weight", l.Weights, l.Kernel...), flow(c.Stride[:]), flow(c.Padding[:]), flow(c.Dilation[:]), c.Groups))
	case l.Matrix:
		outs := len(l.Weights) / max(1, l.In[0]*l.In[1]*l.In[2])
		what = fmt.Sprintf("a matrix of %d x %d", outs, len(l.Weights)/max(1, outs))
		parts = append(parts, "weights: "+im.tensor(name+".weight", l.Weights, outs, len(l.Weights)/max(1, outs)))
	default:
		what = "member to member"
		parts = append(parts, "one_to_one: "+im.values(name+".weight", l.Weights, 1))
	}
	if bias != nil {
		parts = append(parts, "bias: "+im.values(name+".bias", bias, 1))
	}
	if l.Delay != nil {
		parts = append(parts, "delay: "+im.delays(name+".delay", l.Delay))
	}
	im.line("  - {%s}", strings.Join(parts, ", "))
	im.report.add(Derived, strings.Join(l.Through, " -> "), "connections."+name, what, "")
}

// delays writes seconds as rows.
func (im *nirImporter) delays(name string, seconds []float64) string {
	rows := make([]float64, len(seconds))
	for i, s := range seconds {
		exact := s / im.Dt.Seconds()
		rows[i] = math.RoundToEven(exact)
		if s < 0 || rows[i] > maxRealDelay {
			im.unmappable("%s: a delay of %v s is %v rows of %s, allowed is 0..%d", name, s, exact, im.Dt, maxRealDelay).WithFix("give another --dt")
			return ""
		}
		if math.Abs(rows[i]-exact) > 0.01 {
			im.report.add(Derived, fmt.Sprintf("delay of %v s", s), name, fmt.Sprintf("%v rows", rows[i]), "rounded to whole rows of "+im.Dt.String())
		}
	}
	return im.values(name, rows, 1)
}

func (im *nirImporter) quantise() {
	var parts []string
	if im.Unit > 0 {
		parts = append(parts, fmt.Sprintf("unit: %v", im.Unit))
	}
	if im.Decays != "" {
		parts = append(parts, "decays: "+im.Decays)
	}
	if parts != nil {
		im.line("quantise: {%s}", strings.Join(parts, ", "))
	}
}

func (im *nirImporter) stimulus() {
	if im.Recordings == "" {
		im.line("# Add what it is to be run on:")
		im.line("# stimulus: {kind: recordings, file: list.csv, bin: {micros: %d, steps: 300}}", max(1, im.Dt.Microseconds()))
		return
	}
	im.line("stimulus: {kind: recordings, file: %s, bin: {micros: %d, steps: %d}}", scalar(im.Recordings), max(1, im.Dt.Microseconds()), im.Steps)
}

func orNone(fix string) string {
	if fix == "" {
		return "correct the graph or the options"
	}
	return fix
}
