package model

import (
	"fmt"
	"math"
	"slices"

	"decc/compiler/model/weights"
	"decc/ir"
)

func (r *resolver) spiking(s *Spiking) {
	sizes := s.sizes()
	for i := range s.Populations {
		p := &s.Populations[i]
		sizes[p.Name] = p.Size
		path := fmt.Sprintf("populations[%d]", i)
		for _, v := range p.Cell.values() {
			vector(r, path+".neuron."+v.key, v.values, p.Size, r.wholeList())
		}
		r.boundCell(path, p)
	}
	for i := range s.Connections {
		k := &s.Connections[i]
		r.connection(fmt.Sprintf("connections[%d]", i), k, sizes[k.To], sizes[k.From])
	}
	r.held(s)
	if s.Stimulus != nil {
		r.stimulus(s.Stimulus, sizes[s.Stimulus.Input])
	}
}

// stateNumbers are those that a member has beside what arrives.
const stateNumbers = 6

// maxHeld bounds the numbers that a float network keeps between steps.
const maxHeld = 1 << 26

// held counts them: the state of each member, what arrives later in one box a row, and for each
// box which members a max-pooling has reached, in bytes.
func (r *resolver) held(s *Spiking) {
	longest, poolings := map[string]float64{}, map[string]float64{}
	for i := range s.Connections {
		k := &s.Connections[i]
		if k.Max() {
			poolings[k.To]++
		}
		for _, d := range k.Delay.Data {
			longest[k.To] = max(longest[k.To], float64(d))
		}
	}
	total := 0.0
	for i := range s.Populations {
		p := &s.Populations[i]
		boxes := longest[p.Name] + 2
		if total += float64(p.Size) * (boxes*(1+poolings[p.Name]/8) + stateNumbers); total > maxHeld {
			r.add(fmt.Sprintf("populations[%d].neuron", i), codeTooLarge, "the populations up to %q keep %.0f numbers, with the longest delays that lead to them", p.Name, total).
				WithNote("limit: %d numbers of all populations", maxHeld).WithFix("make the populations smaller, or the delays shorter")
			return
		}
	}
}

// wholeReals loads a tensor that is no matrix of weights.
func (r *resolver) wholeReals(path string, x *Reals) bool {
	return r.whole(path, x.Tensor, "a file with the numbers in the order of the members") && r.reals(path, x)
}

// reals loads the tensor that x names, times its scale.
func (r *resolver) reals(path string, x *Reals) bool {
	ref := x.Tensor
	x.Data, x.Shape = nil, nil
	t := r.lookup(path, ref)
	if t == nil || !r.finite(path, ref, t) {
		return false
	}
	x.Shape, x.Data = t.Shape, slices.Clone(t.Data)
	for i := range x.Data {
		x.Data[i] *= ref.Scale
	}
	return true
}

func (r *resolver) finite(path string, ref *TensorRef, t *weights.Tensor) bool {
	bad := slices.IndexFunc(t.Data, func(v float64) bool { v *= ref.Scale; return math.IsNaN(v) || math.IsInf(v, 0) })
	if bad < 0 {
		return true
	}
	r.add(path+".file", codeTensor, "tensor %q of %s: element %s is %v", t.Name, ref.File, index(t.Shape, bad), t.Data[bad]*ref.Scale).
		WithFix("give finite numbers")
	return false
}

func (r *resolver) connection(path string, k *Connection, to, from int) {
	k.Values, k.Slide, k.KernelShape, k.Biases = nil, nil, nil, nil
	switch {
	case k.Conv != nil:
		k.Values, k.KernelShape, k.Slide = kernel(r, path+".conv", k.Conv, ends{k.From, k.To, k.shapes}, r.wholeReals)
	case k.Pool != nil:
		k.Values, k.KernelShape, k.Slide = pool(r, path+".pool", &k.Pool.Pool, ends{k.From, k.To, k.shapes})
	case k.OneToOne != nil:
		vector(r, path+".one_to_one", k.OneToOne, to, r.wholeList())
		k.pairs(to)
	default:
		matrixOf(r, path+".weights", k.Weights, to, from, r.reals)
		k.Values = repeated(k.Weights.Data, to*from)
	}
	if len(k.Values) > 0 {
		r.realBias(path+".bias", k, to)
		r.realDelay(path+".delay", k, to, from)
	}
}

// pairs joins member i to member i: a kernel of one weight for each of n channels.
func (k *Connection) pairs(n int) {
	k.Slide = &ir.Conv{In: [3]int{n, 1, 1}, Stride: Pair{1, 1}, Dilation: Pair{1, 1}, Groups: n}
	k.KernelShape, k.Values = []int{n, 1, 1, 1}, repeated(k.OneToOne.Data, n)
}

// realBias loads what each member of the target gets: one number, one each, or one a channel.
func (r *resolver) realBias(path string, k *Connection, to int) {
	b := k.Bias
	if b == nil || b.Tensor != nil && !r.wholeReals(path, b) {
		return
	}
	n := len(b.Data)
	channels := to
	if k.Slide != nil {
		channels = k.KernelShape[0]
	}
	if n != 1 && n != to && n != channels {
		r.add(path, codeShape, "%s has %d numbers", path, n).WithFix("give one number, %d, or %d", channels, to)
		return
	}
	k.Biases = make([]float64, to)
	for i := range k.Biases {
		k.Biases[i] = b.Data[i*n/to]
	}
}

// realDelay loads the delays and holds them against the sizes.
func (r *resolver) realDelay(path string, k *Connection, to, from int) {
	x := &k.Delay
	if x.Tensor != nil && !r.delayTensor(path, k, to, from) {
		return
	}
	if n := len(x.Data); x.ragged || n != 1 && n != from && n != len(k.Values) {
		r.add(path, codeShape, "%s has %d numbers", path, n).WithFix("give one number, %d (one a member of %q), or %d (one a weight)", from, k.From, len(k.Values))
		return
	}
	r.bounds(path, "delay", x.Data, 0, maxRealDelay)
}

// delayTensor loads the delays of a file: those of a matrix lie as it does, all others in their order.
func (r *resolver) delayTensor(path string, k *Connection, to, from int) bool {
	x := &k.Delay
	t := r.lookup(path, x.Tensor)
	if t == nil {
		return false
	}
	if k.Slide == nil && len(t.Shape) == 2 {
		matrixOf(r, path, x, to, from, r.tensor)
		return x.Data != nil
	}
	return r.whole(path, x.Tensor, "a file with all delays in the order of the members or the weights") && r.all(path, x, t)
}

// maxRealDelay bounds the delays of a float network; chips have tighter ones.
const maxRealDelay = 1 << 12
