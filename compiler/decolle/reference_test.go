package decolle

import "math"

// refNet computes a network straight from the equations of
// golden/decolle/README.md, in PyTorch's layouts and without any of the package's
// shortcuts. It serves as the second opinion for shapes without a recorded trace.
type refNet struct {
	spec    Spec
	opt     Optimiser
	lr      float64
	layers  []*refLayer
	updates int
}

type refLayer struct {
	spec LayerSpec
	geo  geometry
	par  Parameters
	n    [2][]float64 // AdaMax n of W and b
	item []*refItem
	dW   []float64
	db   []float64
	loss float64
}

type refItem struct{ p, q, r, s, pre, u, spikes, readout, delta []float64 }

func newRef(s Spec, params []Parameters, o Optimiser, items int) *refNet {
	s = s.filled()
	ref := &refNet{spec: s, opt: o, lr: o.LR}
	in := s.Input
	for i, l := range s.Layers {
		layer := &refLayer{spec: l, geo: l.geometry(in), par: params[i]}
		layer.n = [2][]float64{make([]float64, len(params[i].W)), make([]float64, len(params[i].B))}
		for range items {
			n := layer.geo.pre.Size()
			item := &refItem{p: make([]float64, in.Size()), q: make([]float64, in.Size())}
			item.r, item.s = make([]float64, n), make([]float64, n)
			layer.item = append(layer.item, item)
		}
		ref.layers = append(ref.layers, layer)
		in = layer.geo.out
	}
	return ref
}

// synapse calls f for every synapse of compartment i: input line, weight number.
func (l *refLayer) synapse(i int, f func(line, w int)) {
	if l.spec.Kind == Dense {
		for j := range l.geo.fanIn {
			f(j, i*l.geo.fanIn+j)
		}
		return
	}
	oc, oy, ox := i/(l.geo.pre.H*l.geo.pre.W), i/l.geo.pre.W%l.geo.pre.H, i%l.geo.pre.W
	k := l.spec.Kernel
	for ic := range l.geo.in.C {
		for ky := range k {
			for kx := range k {
				y, x := oy*l.spec.Stride+ky-l.spec.Padding, ox*l.spec.Stride+kx-l.spec.Padding
				if y >= 0 && y < l.geo.in.H && x >= 0 && x < l.geo.in.W {
					f((ic*l.geo.in.H+y)*l.geo.in.W+x, ((oc*l.geo.in.C+ic)*k+ky)*k+kx)
				}
			}
		}
	}
}

func (l *refLayer) channel(i int) int { return i / (l.geo.pre.H * l.geo.pre.W) }

func (r *refNet) gains() (q, p, rho float64) {
	switch r.spec.Variant {
	case "LIFLayer":
		return 1 - r.spec.Beta, 1 - r.spec.Alpha, 1 - r.spec.AlphaRP
	case "Published":
		return 1 / (1 - r.spec.Beta), 1 / (1 - r.spec.Alpha), 1
	}
	return 1, 1, 1
}

func (r *refNet) spikes(u float64) float64 {
	if u > 0 || u == 0 && r.spec.Surrogate == "boxcar" {
		return 1
	}
	return 0
}

func (r *refNet) slope(u float64) float64 {
	switch {
	case r.spec.Surrogate == "fast_sigmoid":
		return 1 / math.Pow(10*math.Abs(u)+1, 2)
	case u > -0.5 && u <= 0.5:
		return 1
	}
	return 0
}

// step runs one row on dense 0/1 inputs [item][line].
func (r *refNet) step(in [][]float64, class []int) {
	for _, l := range r.layers {
		for n, item := range l.item {
			r.forward(l, item, in[n])
		}
		in = nil
		for _, item := range l.item {
			in = append(in, item.spikes)
		}
		r.backward(l, class)
	}
}

func (r *refNet) forward(l *refLayer, it *refItem, in []float64) {
	q, p, rho := r.gains()
	for j := range it.p {
		it.p[j] = r.spec.Alpha*it.p[j] + p*it.q[j]
		it.q[j] = r.spec.Beta*it.q[j] + q*in[j]
	}
	it.pre = make([]float64, len(it.r))
	for i := range it.r {
		it.r[i] = r.spec.AlphaRP*it.r[i] - rho*it.s[i]*r.spec.WRP
		it.pre[i] = l.par.B[l.channel(i)] + it.r[i]
		l.synapse(i, func(line, w int) { it.pre[i] += l.par.W[w] * it.p[line] })
		it.s[i] = r.spikes(it.pre[i])
	}
	it.u, it.spikes = nil, nil
	for i := range l.geo.out.Size() {
		u := it.pre[l.window(it, i)]
		it.u, it.spikes = append(it.u, u), append(it.spikes, r.spikes(u))
	}
	it.readout = append([]float64(nil), l.par.GB...)
	for c := range it.readout {
		for i, s := range it.spikes {
			it.readout[c] += l.par.G[c*len(it.spikes)+i] * s
		}
	}
}

// window is the compartment that neuron i takes its potential from.
func (l *refLayer) window(it *refItem, i int) int {
	c, y, x := i/(l.geo.out.H*l.geo.out.W), i/l.geo.out.W%l.geo.out.H, i%l.geo.out.W
	best := -1
	for dy := range l.spec.Pool {
		for dx := range l.spec.Pool {
			k := (c*l.geo.pre.H+y*l.spec.Pool+dy)*l.geo.pre.W + x*l.spec.Pool + dx
			if best < 0 || it.pre[k] > it.pre[best] {
				best = k
			}
		}
	}
	return best
}

func (r *refNet) backward(l *refLayer, class []int) {
	items, classes, neurons := len(class), r.spec.Classes, l.geo.out.Size()
	l.dW, l.db, l.loss = make([]float64, len(l.par.W)), make([]float64, len(l.par.B)), 0
	values := float64(items * neurons)
	idle := 0.0
	for n, it := range l.item {
		for _, u := range it.u {
			if class[n] >= 0 {
				l.loss += l.spec.Reg * math.Max(u+0.01, 0) / values
				idle += (0.1 - 1/(1+math.Exp(-u))) / values
			}
		}
	}
	l.loss += 0.003 * l.spec.Reg * math.Max(idle, 0)
	for n, it := range l.item {
		it.delta = make([]float64, len(it.pre))
		if class[n] < 0 {
			continue
		}
		for i, u := range it.u {
			back := 0.0
			for c, x := range it.readout {
				e := x
				if c == class[n] {
					e--
				}
				d := math.Max(-1, math.Min(1, e))
				value := e * e / 2
				if math.Abs(e) >= 1 {
					value = math.Abs(e) - 0.5
				}
				if r.spec.Loss == "mse" {
					d, value = 2*e, e*e
				}
				back += l.par.G[c*neurons+i] * d / float64(items*classes)
				if i == 0 {
					l.loss += value / float64(items*classes)
				}
			}
			d := r.slope(u) * back
			y := 1 / (1 + math.Exp(-u))
			if u+0.01 > 0 {
				d += l.spec.Reg / values
			}
			if idle > 0 {
				d -= 0.003 * l.spec.Reg * y * (1 - y) / values
			}
			it.delta[l.window(it, i)] += d
		}
	}
	for _, it := range l.item {
		for i, d := range it.delta {
			l.db[l.channel(i)] += d
			l.synapse(i, func(line, w int) { l.dW[w] += d * it.p[line] })
		}
	}
}

// update applies the gradients of the row.
func (r *refNet) update() {
	r.updates++
	for _, l := range r.layers {
		r.descend(l.par.W, l.dW, l.n[0])
		r.descend(l.par.B, l.db, l.n[1])
	}
}

func (r *refNet) descend(w, g, n []float64) {
	for i := range w {
		if r.opt.Kind == SGD {
			w[i] -= r.lr * g[i]
			continue
		}
		n[i] = math.Max(r.opt.Beta2*n[i], math.Abs(g[i])+r.opt.Eps)
		w[i] -= r.lr * g[i] / n[i]
	}
}
