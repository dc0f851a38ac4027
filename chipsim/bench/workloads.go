package bench

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Workload is a network, what comes in, and how many spikes each layer sends.
type Workload struct {
	Name   string
	Module *ir.Module
	Inputs map[string]spikes.Train
	Rows   int
	Layers []string // the input, then the groups
	Want   []int64  // spikes of each layer; nil where nobody knows
}

// Request asks for the run without recording anything.
func (w *Workload) Request() spikes.Request {
	return spikes.Request{Rows: w.Rows, Inputs: w.Inputs, SpikesOf: []string{}}
}

// plan is a workload of the folder that simulators share: layers of LIF compartments, fully connected or
// under a kernel.
type plan struct {
	name, events string
	rows         int
	input        int
	perMille     int // of the inputs spike in a row
	layers       []layer
	want         []int64
}

// layer is n compartments with a threshold (times 64), and the file of the weights into them, 8 bits each: by target, then
// source, or a kernel.
type layer struct {
	n, threshold int
	file         string
	kernel       *kernel
}

// kernel is a convolution as the file has it: square, over planes whose channels run fastest, with the kernel turned by half a turn.
type kernel struct{ side, padding, in, channels, size int }

// plans are those of the shared folder, with the spikes that every simulator must give.
var plans = []plan{
	{"W1", "w1_events_t_i.u32", 1000, 1024, 20, []layer{{1024, 1400, "w1_w0_1024x1024_post_major.i8", nil}}, []int64{20507, 72996}},
	{"W2", "w2_events_t_i.u32", 500, 784, 50, []layer{
		{512, 1500, "w2_w0_512x784_post_major.i8", nil},
		{512, 1800, "w2_w1_512x512_post_major.i8", nil},
		{10, 600, "w2_w2_10x512_post_major.i8", nil},
	}, []int64{19751, 11819, 9104, 315}},
	{"W3", "w3_events_t_i.u32", 50, 2048, 50, []layer{
		{57600, 700, "w3_kernel_64x7x7x2.i8", &kernel{side: 7, padding: 2, in: 32, channels: 2, size: 64}},
	}, []int64{5144, 213752}},
}

// Names lists the workloads that Read knows.
func Names() []string {
	var names []string
	for _, p := range plans {
		names = append(names, p.name)
	}
	return names
}

// Read reads a workload from the folder that simulators share.
func Read(folder, name string) (*Workload, error) { return build(name, files{folder}) }

// Generate makes a workload of the same shape from random numbers, for which nobody knows the spikes.
func Generate(name string) (*Workload, error) {
	w, err := build(name, drawn{name})
	if err == nil {
		w.Name, w.Want = w.Name+" generated", nil
	}
	return w, err
}

func build(name string, from source) (*Workload, error) {
	i := slices.IndexFunc(plans, func(p plan) bool { return p.name == name })
	if i < 0 {
		return nil, diag.Errorf(diag.Pos{}, "bench/workload", "there is no workload %q", name).WithFix("use one of %v", Names())
	}
	p := &plans[i]
	w := &Workload{Name: p.name, Rows: p.rows, Layers: []string{"in"}, Want: p.want}
	train, err := from.train(p)
	if err != nil {
		return nil, err
	}
	w.Inputs = map[string]spikes.Train{"in": train}
	b := ir.NewBuilder(p.name, sem.Silicon).Input("in", p.input)
	for i, l := range p.layers {
		group := fmt.Sprintf("h%d", i+1)
		weights, err := from.weights(&l, l.weights(p.sourceOf(i)))
		if err != nil {
			return nil, err
		}
		b.Group(group, "cuba", l.n).Param(group, "du", 1024).Param(group, "dv", 512).Param(group, "vth", int64(l.threshold)*64)
		l.connect(b, w.Layers[i], group, weights)
		w.Layers = append(w.Layers, group)
	}
	w.Module, err = b.Build()
	return w, err
}

// sourceOf is the size of the layer below.
func (p *plan) sourceOf(i int) int {
	if i == 0 {
		return p.input
	}
	return p.layers[i-1].n
}

// weights is how many the file has.
func (l *layer) weights(source int) int {
	if k := l.kernel; k != nil {
		return k.size * k.side * k.side * k.channels
	}
	return l.n * source
}

func (l *layer) connect(b *ir.Builder, from, to string, weights []int64) {
	format := sem.WeightFormat{Bits: 8}
	if l.kernel == nil {
		b.Dense("w_"+to, from, to, "drive", format, weights)
		return
	}
	b.List("w_"+to, from, to, "drive", format, l.kernel.ends(weights))
}

// ends lists the synapses: input (x*in + y)*channels + c, output (x*out + y)*size + o, and
// out[x,y,o] = sum of K[o][side-1-i][side-1-j][c] * in[x+i-padding][y+j-padding][c].
func (k *kernel) ends(weights []int64) []ir.End {
	out := k.in + 2*k.padding - k.side + 1
	var list []ir.End
	for x := range out {
		for y := range out {
			for o := range k.size {
				post := (x*out+y)*k.size + o
				k.eachTap(x, y, func(i, j, place int) {
					for c := range k.channels {
						w := weights[((o*k.side+k.side-1-i)*k.side+k.side-1-j)*k.channels+c]
						list = append(list, ir.End{Pre: place*k.channels + c, Post: post, Mantissa: int(w)})
					}
				})
			}
		}
	}
	return list
}

func (k *kernel) eachTap(x, y int, visit func(i, j, place int)) {
	for i := range k.side {
		for j := range k.side {
			if row, col := x+i-k.padding, y+j-k.padding; min(row, col) >= 0 && max(row, col) < k.in {
				visit(i, j, row*k.in+col)
			}
		}
	}
}

// files are those of a folder.
type files struct{ folder string }

// train reads pairs of a row and a source, little-endian.
func (f files) train(p *plan) (spikes.Train, error) {
	name := filepath.Join(f.folder, p.events)
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if len(data)%8 != 0 {
		return nil, diag.Errorf(diag.Pos{File: name}, "bench/events", "%d bytes, expected pairs of 4", len(data))
	}
	var t spikes.Train
	for at := 0; at < len(data); at += 8 {
		e := spikes.Event{Row: int32(binary.LittleEndian.Uint32(data[at:])), Index: int32(binary.LittleEndian.Uint32(data[at+4:])), Payload: 1}
		if e.Row < 0 || int(e.Row) >= p.rows || e.Index < 0 || int(e.Index) >= p.input {
			return nil, diag.Errorf(diag.Pos{File: name}, "bench/events", "at byte %d: source %d in row %d, there are %d sources and %d rows", at, e.Index, e.Row, p.input, p.rows)
		}
		t = append(t, e)
	}
	return t, nil
}

func (f files) weights(l *layer, n int) ([]int64, error) {
	name := filepath.Join(f.folder, l.file)
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if len(data) != n {
		return nil, diag.Errorf(diag.Pos{File: name}, "bench/weights", "%d bytes, expected %d", len(data), n)
	}
	list := make([]int64, n)
	for i, x := range data {
		list[i] = int64(int8(x))
	}
	return list, nil
}
