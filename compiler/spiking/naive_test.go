package spiking

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// link is a synapse as the naive implementation has it.
type link struct {
	pre, post, delay int
	weight           float64
}

// links writes a connection out, by loops of its own.
func links(s *Spec, c *Connection) []link {
	var all []link
	add := func(pre, post, at int) {
		delay := 0
		switch {
		case len(c.Delay) == 1:
			delay = c.Delay[0]
		case len(c.Delay) == len(c.Weights) && len(c.Delay) > 0:
			delay = c.Delay[at]
		case len(c.Delay) > 0:
			delay = c.Delay[pre]
		}
		all = append(all, link{pre, post, delay, c.Weights[at]})
	}
	if c.Conv == nil {
		from := s.Size(c.From)
		for post := range s.Populations[c.To].N {
			for pre := range from {
				add(pre, post, post*from+pre)
			}
		}
		return all
	}
	v, k := c.Conv, c.Kernel
	height := (v.In[1]+2*v.Padding[0]-v.Dilation[0]*(k[2]-1)-1)/v.Stride[0] + 1
	width := (v.In[2]+2*v.Padding[1]-v.Dilation[1]*(k[3]-1)-1)/v.Stride[1] + 1
	for o := range k[0] {
		for i := range k[1] {
			channel := o/(k[0]/v.Groups)*k[1] + i
			for at := range height * width * k[2] * k[3] {
				y, x, a, b := at/(width*k[2]*k[3]), at/(k[2]*k[3])%width, at/k[3]%k[2], at%k[3]
				row, col := y*v.Stride[0]+a*v.Dilation[0]-v.Padding[0], x*v.Stride[1]+b*v.Dilation[1]-v.Padding[1]
				if row >= 0 && row < v.In[1] && col >= 0 && col < v.In[2] {
					add((channel*v.In[1]+row)*v.In[2]+col, (o*height+y)*width+x, ((o*k[1]+i)*k[2]+a)*k[3]+b)
				}
			}
		}
	}
	return all
}

// naive runs a network with no queue and no event: in each step every synapse looks up
// what its source emitted in the step that it hears now. It gives trains and voltages by population.
func naive(s *Spec, in map[string]spikes.Train, steps int) (trains map[string]spikes.Train, voltages map[string][]float64) {
	trains, voltages = map[string]spikes.Train{}, map[string][]float64{}
	emitted := make([][][]float64, len(s.Inputs)+len(s.Populations)) // by source, step and member
	for src := range emitted {
		for range steps {
			emitted[src] = append(emitted[src], make([]float64, s.Size(src)))
		}
	}
	for i, x := range s.Inputs {
		for _, e := range in[x.Name] {
			if int(e.Row) < steps {
				payload := 1.0
				if x.Payload.Bits > 0 {
					payload = float64(e.Payload)
				}
				emitted[i][e.Row][e.Index] += payload
			}
		}
	}
	var wires [][]link
	for c := range s.Connections {
		wires = append(wires, links(s, &s.Connections[c]))
	}
	current, voltage := make([][]float64, len(s.Populations)), make([][]float64, len(s.Populations))
	adapted := make([][][2]float64, len(s.Populations)) // rise of the threshold, refractory state
	for k, p := range s.Populations {
		adapted[k] = make([][2]float64, p.N)
		current[k], voltage[k] = make([]float64, p.N), make([]float64, p.N)
	}
	for t := range steps {
		for k, p := range s.Populations {
			sum := make([]float64, p.N)
			for c := range s.Connections {
				x := &s.Connections[c]
				if x.To != k {
					continue
				}
				ago := 1
				if x.From < len(s.Inputs)+k {
					ago = 0
				}
				most := make([]float64, p.N) // of the spikes that arrive, for max-pooling
				for _, w := range wires[c] {
					at := t - ago - w.delay
					if at < 0 {
						continue
					}
					if e := emitted[x.From][at][w.pre]; !x.Max {
						sum[w.post] += e * w.weight
					} else if e > most[w.post] {
						sum[w.post] += (e - most[w.post]) * w.weight
						most[w.post] = e
					}
				}
				for m, b := range x.Bias {
					sum[m] += b
				}
			}
			for m := range p.N {
				i := float64((1-At(p.DU, m))*current[k][m]) + float64(At(p.In, m)*sum[m])
				v := float64((1-At(p.DV, m))*voltage[k][m]) + float64(At(p.Gain, m)*i) + At(p.Drift, m)
				payload := 0.0
				if p.Threshold != nil && v > At(p.Threshold, m) {
					payload = 1
				}
				if p.Mode == Adaptive {
					a, b := &adapted[k][m][0], &adapted[k][m][1]
					*a, *b = float64((1-At(p.DTheta, m))**a), float64((1-At(p.DR, m))**b)
					if level := *a + At(p.Threshold, m); v-*b < level {
						payload = 0
					} else {
						payload, *a, *b = 1, *a+At(p.Step, m), *b+level+level
					}
				}
				if p.Mode == Graded && math.Abs(v) > At(p.Threshold, m) || p.Mode == Rectified && v > At(p.Threshold, m) {
					payload = v
				}
				switch {
				case p.Mode == Graded, p.Mode == Rectified, p.Mode == Adaptive:
				case p.Mode == Ternary && v < At(p.Lower, m):
					payload, v = -1, 0
				case payload == 0:
				case p.Mode == Ternary:
					v = 0
				case p.Subtract:
					v -= At(p.Threshold, m)
				default:
					v = At(p.Reset, m)
				}
				if payload != 0 {
					emitted[len(s.Inputs)+k][t][m] = payload
					trains[p.Name] = append(trains[p.Name], spikes.Event{Row: int32(t), Index: int32(m), Payload: int32(math.Copysign(1, payload))})
				}
				current[k][m], voltage[k][m] = i, v
			}
			voltages[p.Name] = append(voltages[p.Name], voltage[k]...)
		}
	}
	return trains, voltages
}

// dice draws numbers that floats add without rounding.
type dice struct{ *rand.Rand }

func (d dice) among(n, span int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(d.IntN(2*span+1)-span) / 8
	}
	return x
}

// one is one number for all or one each.
func (d dice) one(n int) int { return 1 + d.IntN(2)*(n-1) }

func (d dice) pick(n int, values ...float64) []float64 {
	x := make([]float64, d.one(n))
	for i := range x {
		x[i] = values[d.IntN(len(values))]
	}
	return x
}

func (d dice) population(name string, n int) Population {
	p := Population{
		Name: name, N: n, DU: d.pick(n, 1, 1, 0.5, 0.25), DV: d.pick(n, 0, 0.5, 0.25, 1), In: d.pick(n, 1, 2, 0.5),
		Gain: d.pick(n, 1, 0.5, -1), Drift: d.pick(n, 0, 0, 0.125, -0.25),
	}
	switch d.IntN(9) {
	case 0: // never spikes
	case 1:
		p.Mode, p.Threshold, p.Lower = Ternary, d.pick(n, 0.5, 1, 2), d.pick(n, -0.5, -1, 0)
	case 2:
		p.Mode, p.Threshold, p.Step = Adaptive, d.pick(n, 0.5, 1, 2), d.pick(n, 0.125, 0.5)
		p.DTheta, p.DR = d.pick(n, 1, 0.5, 0), d.pick(n, 1, 0.5)
	case 3:
		p.Mode, p.Threshold, p.DU, p.DV = []Mode{Graded, Rectified}[d.IntN(2)], d.pick(n, 0, 0.5, 1), []float64{1}, []float64{1}
	default:
		p.Threshold, p.Reset, p.Subtract = d.pick(n, 0.5, 1, 2), d.pick(n, 0, -0.5, 0.25), d.IntN(2) == 0
	}
	return p
}

// kernel joins two populations of the shape [4 3 4] or, from the second to the third, halves the plane.
func (d dice) kernel(half bool) (*ir.Conv, []int) {
	v := &ir.Conv{In: [3]int{4, 3, 4}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1 + d.IntN(2)}, Groups: 1 << d.IntN(3)}
	k := []int{4, 4 / v.Groups, 3, 3}
	v.Padding = [2]int{1, v.Dilation[1]}
	if half {
		v.Stride, v.Padding, v.Dilation, k = [2]int{2, 2}, [2]int{1, 0}, [2]int{1, 1}, []int{4, 4 / v.Groups, 3, 2}
	}
	return v, k
}

// pooling makes a connection of the shapes of kernel a max-pooling with one weight a channel.
func (d dice) pooling(c *Connection, half bool) {
	c.Max = true
	c.Conv, c.Kernel = d.kernel(half)
	c.Conv.Groups, c.Kernel[1] = 4, 1
	window := c.Kernel[2] * c.Kernel[3]
	for _, w := range d.among(4, 4) {
		c.Weights = append(c.Weights, slices.Repeat([]float64{w}, window)...)
	}
}

// delays are none, one, one a source member or one a weight.
func (d dice) delays(from, weights int) []int {
	x := make([]int, []int{0, 1, from, weights}[d.IntN(4)])
	for i := range x {
		x[i] = d.IntN(6)
	}
	return x
}

// randomSpec has two inputs and three or more populations, joined forward, backward, to
// themselves and past each other.
func randomSpec(d dice) Spec {
	s := Spec{Inputs: []Input{{Name: "in", N: 48}, {Name: "graded", N: 5, Payload: sem.Type{Bits: 8}}}}
	sizes := []int{48, 5, 48, 48, 16}
	for k, n := range append([]int{48, 48, 16}, make([]int, d.IntN(3))...) {
		if n == 0 {
			n = 1 + d.IntN(7)
			sizes = append(sizes, n)
		}
		s.Populations = append(s.Populations, d.population(fmt.Sprintf("p%d", k), n))
	}
	add := func(from, to int) {
		if from-2 >= to && s.Populations[from-2].Mode.Sends() {
			return // values that go round soon have more bits than a float
		}
		c := Connection{Name: fmt.Sprintf("c%d", len(s.Connections)), From: from, To: to}
		n := sizes[2+to]
		if sizes[from] == 48 && to < 3 && !s.Payloads(from) && d.IntN(3) == 0 {
			d.pooling(&c, n == 16)
		} else if sizes[from] == 48 && to < 3 && d.IntN(2) == 0 {
			c.Conv, c.Kernel = d.kernel(n == 16)
			c.Weights = d.among(c.Kernel[0]*c.Kernel[1]*c.Kernel[2]*c.Kernel[3], 4)
		} else {
			c.Weights = d.among(n*sizes[from], 2)
		}
		if d.IntN(4) == 0 {
			c.Bias = d.among(n, 2)
		}
		c.Delay = d.delays(sizes[from], len(c.Weights))
		s.Connections = append(s.Connections, c)
	}
	add(0, 0)
	add(2, 1)
	add(3, 2)
	for range 3 + d.IntN(5) {
		add(d.IntN(len(sizes)), d.IntN(len(sizes)-2))
	}
	return s
}

func (d dice) train(n, steps, most int) spikes.Train {
	var t spikes.Train
	for k := range steps {
		for i := range n {
			if d.IntN(5) == 0 {
				t = append(t, spikes.Event{Row: int32(k), Index: int32(i), Payload: int32(1 + d.IntN(most))})
			}
		}
	}
	return t
}

// TestNetworkIsNaive holds random networks against the naive implementation, voltages to the
// last bit, and two runs, and one after a longer one, against each other.
func TestNetworkIsNaive(t *testing.T) {
	const steps = 40
	spiked, silent := 0, 0
	for seed := range uint64(150) {
		d := dice{rand.New(rand.NewPCG(seed, 1))}
		s := randomSpec(d)
		in := map[string]spikes.Train{"in": d.train(48, steps+9, 1), "graded": d.train(5, steps+9, 3)}
		n := newNetwork(t, s)
		r := spikes.Request{Rows: steps, Inputs: in}
		for _, p := range s.Populations {
			r.Probes = append(r.Probes, spikes.Probe{Group: p.Name, Variable: Voltage})
		}
		got := runNetwork(t, n, r)
		trains, voltages := naive(&s, in, steps)
		for _, p := range s.Populations {
			if m := got.Values[p.Name+".v"]; m.Rows != steps || m.N != p.N || !reflect.DeepEqual(m.Data, voltages[p.Name]) {
				t.Fatalf("seed %d: voltages of %s differ", seed, p.Name)
			}
			if !reflect.DeepEqual(got.Spikes[p.Name], trains[p.Name]) {
				t.Fatalf("seed %d: spikes of %s differ: %v, expected %v", seed, p.Name, got.Spikes[p.Name], trains[p.Name])
			}
			if len(trains[p.Name]) > 0 {
				spiked++
			} else {
				silent++
			}
		}
		if again := runNetwork(t, newNetwork(t, s), r); !reflect.DeepEqual(again, got) {
			t.Fatalf("seed %d: a second network gives another record", seed)
		}
		runNetwork(t, n, spikes.Request{Rows: steps + 9, Inputs: in})
		if again := runNetwork(t, n, r); !reflect.DeepEqual(again, got) {
			t.Fatalf("seed %d: a run after a longer one differs", seed)
		}
	}
	if spiked < silent {
		t.Errorf("only %d of %d populations spike", spiked, spiked+silent)
	}
}
