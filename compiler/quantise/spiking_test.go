package quantise

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"decc/backends/chipimage"
	"decc/chipsim"
	"decc/chipsim/image"
	"decc/compiler/passes"
	"decc/compiler/spiking"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/interp"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// exact draws networks that integers can follow to the last spike: no leak or no memory at
// all, and weights and thresholds that are whole multiples of a step, of which every neuron
// has one weight as large as the codes go.
type exact struct {
	*rand.Rand
	fixed bool // for compartments of Loihi 1
	top   int  // largest code
	spec  spiking.Spec
	width []int // of sources
	exps  [][]int
}

// Populations of these sizes have these shapes.
var (
	wideShape   = [3]int{4, 3, 4}
	narrowShape = [3]int{4, 2, 2}
)

func exactSpec(seed uint64, fixed bool, bits int) *exact {
	d := &exact{Rand: rand.New(rand.NewPCG(seed, 7)), fixed: fixed, top: 1<<(bits-1) - 1, width: []int{48, 5}}
	d.spec.Inputs = []spiking.Input{{Name: "in", N: 48}, {Name: "other", N: 5}}
	sizes := []int{48, 16, 1 + d.IntN(8), 1, 6}
	for k, n := range sizes {
		d.population(fmt.Sprintf("p%d", k), n, k == len(sizes)-1)
	}
	d.join(0, 0)
	d.join(2, 1)
	d.join(3, 2)
	d.join(2+d.IntN(2), 3)
	d.join(2+d.IntN(3), 4)
	for range 2 + d.IntN(5) {
		d.join(d.IntN(6), d.IntN(4))
	}
	if d.IntN(2) == 0 {
		d.join(1, 4)
	}
	return d
}

// step is the value of a code for neuron i of population k: a power of two, which its
// channel has for its own where the chip lets it.
func (d *exact) step(k, i int) float64 { return math.Ldexp(1, -d.exps[k][i]) }

// mostValues is the largest code of networks in which values are sent: those of more bits would
// leave none to the weights behind. Populations that hear values and spikes have one scale.
const mostValues = 3

func (d *exact) population(name string, n int, readout bool) {
	exps := make([]int, n)
	base, channels := d.IntN(8), []int{d.IntN(3), d.IntN(3), d.IntN(3), d.IntN(3)}
	for i := range exps {
		if exps[i] = base; !d.fixed && n%4 == 0 && d.top > mostValues {
			exps[i] += channels[i*4/n]
		}
	}
	k := len(d.exps)
	d.exps, d.width = append(d.exps, exps), append(d.width, n)
	p := spiking.Population{Name: name, N: n, DU: []float64{1}, DV: []float64{0}, In: []float64{1}, Gain: []float64{1}, Drift: []float64{0}}
	least := 0
	switch {
	case readout:
		if !d.fixed && d.IntN(2) == 0 {
			p.Drift = d.each(k, func() float64 { return float64(d.IntN(5) - 2) })
		}
		d.spec.Populations = append(d.spec.Populations, p)
		return
	case d.IntN(4) == 0:
		p.DV = []float64{1}
	case !d.fixed && d.IntN(4) == 0:
		p.Mode, p.Lower = spiking.Ternary, d.each(k, func() float64 { return float64(d.IntN(d.top+2) - d.top - 2) })
	case !d.fixed && d.top <= mostValues && d.IntN(2) == 0:
		p.Mode, p.DV = []spiking.Mode{spiking.Graded, spiking.Rectified}[d.IntN(2)], []float64{1}
		clear(exps) // all have one scale
	case !d.fixed && d.IntN(4) == 0:
		p.Mode, p.DV, p.DTheta, p.DR = spiking.Adaptive, []float64{float64(d.IntN(2))}, []float64{float64(d.IntN(2))}, []float64{float64(d.IntN(2))}
		p.Step, least = d.each(k, func() float64 { return float64(d.IntN(d.top)) }), 1
	default:
		p.Subtract = d.IntN(2) == 0
	}
	p.In, p.Gain = []float64{2}, []float64{0.5}
	p.Threshold, p.Reset = d.each(k, func() float64 { return float64(max(least, d.top/2+d.IntN(d.top+2))) }), []float64{0}
	if !d.fixed && p.Mode == spiking.Plain && d.IntN(3) == 0 {
		p.Reset = d.each(k, func() float64 { return float64(d.IntN(d.top+1) - d.top) })
		p.Drift = d.each(k, func() float64 { return float64(d.IntN(3) - 1) })
	}
	d.spec.Populations = append(d.spec.Populations, p)
}

// each is a value for every neuron of population k, in steps.
func (d *exact) each(k int, code func() float64) []float64 {
	x := make([]float64, len(d.exps[k]))
	for i := range x {
		x[i] = code() * d.step(k, i)
	}
	return x
}

// join adds a connection; the first into a population has the largest code for each neuron.
func (d *exact) join(from, to int) {
	if from >= 2+to && d.spec.Populations[from-2].Mode.Sends() && d.spec.Populations[to].Mode.Sends() {
		return // refused
	}
	c := spiking.Connection{Name: fmt.Sprintf("c%d", len(d.spec.Connections)), From: from, To: to}
	first := !slices.ContainsFunc(d.spec.Connections, func(x spiking.Connection) bool { return x.To == to })
	n, m := d.width[from], d.width[2+to]
	group := n // weights of one scale
	if n == 48 && m > 8 && (first || d.IntN(2) == 0) {
		d.slide(&c, m)
		m, group = 4, len(c.Weights)/4
	} else {
		c.Weights = make([]float64, n*m)
	}
	neurons := d.width[2+to] / m
	for g := range m {
		codes := c.Weights[g*group:][:group]
		for w := range codes {
			if d.IntN(3) == 0 {
				codes[w] = float64(d.IntN(2*d.top+1) - d.top)
			}
		}
		if first {
			codes[d.IntN(group)] = float64(d.top)
		}
		if c.Max {
			copy(codes, slices.Repeat([]float64{slices.Max(codes)}, group))
		}
		for w := range codes {
			codes[w] *= d.step(to, g*neurons)
		}
	}
	d.delay(&c)
	if !d.fixed && d.spec.Populations[to].Mode == spiking.Plain && d.IntN(4) == 0 {
		c.Bias = d.each(to, func() float64 { return float64(d.IntN(5) - 2) })
	}
	d.spec.Connections = append(d.spec.Connections, c)
}

func (d *exact) slide(c *spiking.Connection, to int) {
	v := &ir.Conv{In: wideShape, Stride: [2]int{1, 1}, Padding: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1 << d.IntN(3)}
	if c.Max = !d.spec.Payloads(c.From) && d.IntN(3) == 0; c.Max {
		v.Groups = 4
	}
	c.Conv, c.Kernel = v, []int{4, 4 / v.Groups, 3, 3}
	if to == narrowShape[0]*narrowShape[1]*narrowShape[2] {
		v.Stride, v.Padding, c.Kernel[3] = [2]int{2, 2}, [2]int{1, 0}, 2
	}
	c.Weights = make([]float64, c.Kernel[0]*c.Kernel[1]*c.Kernel[2]*c.Kernel[3])
}

// delay makes sure that a connection backwards is late enough for the chip, where a population
// and a pooling take a row each.
func (d *exact) delay(c *spiking.Connection) {
	least := max(0, 2*(c.From-2-c.To))
	if c.Max && c.From-2 >= c.To {
		least++
	}
	n := []int{1, 1, d.width[c.From], len(c.Weights)}[d.IntN(4)]
	if n == 1 && least == 0 && d.IntN(2) == 0 {
		return
	}
	c.Delay = make([]int, n)
	for i := range c.Delay {
		c.Delay[i] = least + d.IntN(4)
	}
}

func (d *exact) train(n, rows int) spikes.Train {
	var t spikes.Train
	for k := range rows {
		for i := range n {
			if d.IntN(12) == 0 {
				t = append(t, spikes.Event{Row: int32(k), Index: int32(i), Payload: 1})
			}
		}
	}
	return t
}

// engine runs modules.
type engine interface {
	Run(ctx context.Context, r spikes.Request) (spikes.Record[int64], error)
}

// onChip compiles a module and loads it into the simulator.
func onChip(t *testing.T, m *ir.Module, target string) engine {
	t.Helper()
	spec, err := chip.Load(target)
	if err != nil {
		t.Fatal(err)
	}
	pipeline := passes.Default(spec)
	res, err := pipeline.Run(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	img, err := chipimage.Lower(t.Context(), res.Module)
	if err != nil {
		t.Fatal(err)
	}
	data, err := image.Encode(img)
	if err != nil {
		t.Fatal(err)
	}
	if img, err = image.Decode(m.Name, data); err != nil {
		t.Fatal(err)
	}
	c, err := chipsim.Load(img)
	if err != nil {
		t.Fatal(err)
	}
	return c.NewSession(chipsim.Options{Workers: 1})
}

func spikingOptions(programmable bool, bits int) SpikingOptions {
	spec, err := chip.Builtin("loihi1")
	if err != nil {
		panic(err)
	}
	return SpikingOptions{Name: "net", Profile: sem.Silicon, Programmable: programmable, MaxThreshold: spec.MaxThreshold(), WeightBits: bits}
}

// narrow quantises, with the units of all populations.
func narrow(t *testing.T, net *spiking.Network, o SpikingOptions) (Result, [][]float64) {
	t.Helper()
	res, err := Spiking(context.Background(), net, o)
	if err != nil {
		t.Fatal(err)
	}
	n := &narrower{SpikingOptions: o, spec: net.Spec()}
	if n.peaks, err = net.Observe(context.Background(), o.Calibration, o.Rows); err != nil {
		t.Fatal(err)
	}
	if len(o.Calibration) == 0 {
		n.peaks = nil
	}
	n.planAll()
	units := make([][]float64, len(n.spec.Populations))
	for k, p := range n.plans {
		for i := range p.N {
			units[k] = append(units[k], p.unitOf(i)*p.scale)
		}
	}
	return res, units
}

func newNet(t *testing.T, s spiking.Spec) *spiking.Network {
	t.Helper()
	net, err := spiking.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// follow demands that an engine gives every population the float spikes and every readout
// the float voltages times their units, late by the lags of the layers. It counts the spikes.
func follow(t *testing.T, what string, net *spiking.Network, m *ir.Module, units [][]float64, e engine, in map[string]spikes.Train, steps int) int {
	t.Helper()
	float, chip := spikes.Request{Rows: steps, Inputs: in}, spikes.Request{Rows: steps, Inputs: in}
	for _, l := range m.Layers {
		chip.Rows = max(chip.Rows, steps+max(l.SpikesLag, l.ReadoutLag))
		if l.Readout != "" {
			probe := spikes.Probe{Group: l.Readout, Variable: l.Value}
			float.Probes, chip.Probes = append(float.Probes, probe), append(chip.Probes, probe)
		}
	}
	want, err := net.Run(context.Background(), float)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Run(context.Background(), chip)
	if err != nil {
		t.Fatal(err)
	}
	spiked := 0
	for k, l := range m.Layers {
		a, b := want.Spikes[l.Spikes], got.Spikes[l.Spikes].Shifted(l.SpikesLag, steps)
		if l.Value == spiking.Value { // the float trains have signs, the values have a probe
			for i, e := range a {
				a[i].Payload = int32(want.Values[l.Readout+"."+l.Value].At(int(e.Row), int(e.Index)) * units[k][e.Index])
			}
		}
		if spiked += len(a); !slices.Equal(a, b) {
			t.Fatalf("%s: population %s spikes %v, in the float network %v", what, l.Name, b, a)
		}
		if l.Readout == "" {
			continue
		}
		whole, real := got.Values[l.Readout+"."+l.Value], want.Values[l.Readout+"."+l.Value]
		for row := range steps {
			for i, v := range real.Row(row) {
				if x := whole.At(row+l.ReadoutLag, i); float64(x) != v*units[k][i] {
					t.Fatalf("%s: %s of neuron %d in step %d is %d, in the float network %v times %v", what, l.Name, i, row, x, v, units[k][i])
				}
			}
		}
	}
	return spiked
}

// TestSpikingIsExact runs random networks on both targets with 2 to 8 bits.
func TestSpikingIsExact(t *testing.T) {
	const steps = 40
	for _, target := range []string{"loihi2", "loihi1"} {
		total, modes := 0, map[spiking.Mode]int{}
		for seed := range uint64(140) {
			bits := 2 + int(seed%7)
			d := exactSpec(seed, target == "loihi1", bits)
			what := fmt.Sprintf("%s, seed %d, %d bits", target, seed, bits)
			net := newNet(t, d.spec)
			o := spikingOptions(target == "loihi2", bits)
			o.PayloadBits = 23
			in := map[string]spikes.Train{"in": d.train(48, steps), "other": d.train(5, steps)}
			// An integrator of few codes soon has more than assumedRange of them, and so does one
			// that no spike resets.
			special := slices.ContainsFunc(d.spec.Populations, func(p spiking.Population) bool { return p.Mode != spiking.Plain })
			if seed%3 != 2 || bits < 5 || special {
				o.Calibration, o.Rows = []map[string]spikes.Train{in}, steps
			}
			res, units := narrow(t, net, o)
			if len(res.Warnings) > 0 {
				t.Fatalf("%s: found %v", what, res.Warnings)
			}
			total += follow(t, what, net, res.Module, units, interp.New[int64](res.Module), in, steps)
			for _, p := range d.spec.Populations {
				modes[p.Mode]++
			}
			if seed%7 == 6 || special && seed%3 == 0 && bits != 7 { // which no chip stores
				follow(t, what+", chip", net, res.Module, units, onChip(t, res.Module, target), in, steps)
			}
			if again, _ := narrow(t, newNet(t, d.spec), o); ir.Digest(again.Module) != ir.Digest(res.Module) {
				t.Fatalf("%s: equal inputs give another module", what)
			}
		}
		if t.Logf("%s: %d spikes, populations by mode %v", target, total, modes); total < 140*200 {
			t.Errorf("%s: only %d spikes", target, total)
		}
		for mode := range specials {
			if target == "loihi2" && modes[mode] < 20 {
				t.Errorf("only %d populations of mode %d", modes[mode], mode)
			}
		}
	}
}
