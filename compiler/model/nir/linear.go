package nir

import (
	"errors"
	"fmt"
	"slices"

	"decc/ir"
)

// Linear is a linear map between two blocks of channels, rows and columns, the channel
// outermost. It is a diagonal (Weights one for all or one each), a kernel that slides
// (Conv) with Weights of shape Kernel, or a matrix [out][in].
type Linear struct {
	In, Out [3]int
	Weights []float64
	Conv    *ir.Conv
	Kernel  []int
	// Matrix tells that Weights are a matrix.
	Matrix bool
	// Delay in seconds of each member of In, of each weight of a matrix, or one for all;
	// nil for none.
	Delay []float64
}

// maxMatrix bounds the matrices that maps are multiplied out to.
const maxMatrix = 1 << 26

// bounded tells that all sides are at least 1 and their product is at most n.
func bounded(sides []int, n int) bool {
	for _, x := range sides {
		if x < 1 || x > n {
			return false
		}
		n /= x
	}
	return true
}

func size(block [3]int) int { return block[0] * block[1] * block[2] }

// identity changes nothing.
func identity(block [3]int) *Linear { return &Linear{In: block, Out: block, Weights: []float64{1}} }

// Diagonal tells that each member goes to its own.
func (m *Linear) Diagonal() bool { return m.Conv == nil && !m.Matrix }

// At is weight i of a diagonal.
func (m *Linear) at(i int) float64 {
	if len(m.Weights) == 1 {
		return m.Weights[0]
	}
	return m.Weights[i]
}

// each visits the weights that are not 0 by target, then source.
func (m *Linear) each(visit func(pre, post int, w float64)) {
	switch {
	case m.Conv != nil:
		m.Conv.Each(m.Kernel, func(pre, post, weight int) {
			if w := m.Weights[weight]; w != 0 {
				visit(pre, post, w)
			}
		})
	case m.Matrix:
		n := size(m.In)
		for i, w := range m.Weights {
			if w != 0 {
				visit(i%n, i/n, w)
			}
		}
	default:
		for i := range size(m.In) {
			if w := m.at(i); w != 0 {
				visit(i, i, w)
			}
		}
	}
}

// times is the map of a vector.
func (m *Linear) times(x []float64) []float64 {
	out := make([]float64, size(m.Out))
	m.each(func(pre, post int, w float64) { out[post] += float64(w * x[pre]) })
	return out
}

// uniform reports whether a diagonal has one factor for all.
func (m *Linear) uniform() bool {
	return m.Diagonal() && !slices.ContainsFunc(m.Weights, func(w float64) bool { return w != m.Weights[0] })
}

// byWeight tells that a matrix has a delay for each weight.
func (m *Linear) byWeight() bool {
	return m.Matrix && len(m.Delay) > 1 && len(m.Delay) == len(m.Weights)
}

// after is m behind first: their product.
func (m *Linear) after(first *Linear) (*Linear, error) {
	if first.byWeight() && (m.Delay != nil || !m.uniform()) {
		return nil, errors.New("it stands behind a delay that differs between members, itself behind a linear map")
	}
	out, err := m.product(first)
	if err != nil {
		return nil, err
	}
	out.Delay = first.Delay
	switch {
	case m.Delay == nil:
		return out, nil
	case first.Delay == nil && first.Diagonal():
		out.Delay = m.Delay
		return out, nil
	case len(first.Delay) <= 1:
		return out.delayed(m.Delay, first.Delay)
	}
	return nil, errors.New("two delays that differ between members lie in a row")
}

// delayed gives a map delays that differ between its targets, on top of one for all.
func (m *Linear) delayed(target, common []float64) (*Linear, error) {
	base := 0.0
	if common != nil {
		base = common[0]
	}
	if !slices.ContainsFunc(target, func(d float64) bool { return d != target[0] }) {
		m.Delay = []float64{base + target[0]}
		return m, nil
	}
	full, err := m.matrix()
	if err != nil {
		return nil, err
	}
	full.Delay = make([]float64, len(full.Weights))
	for i := range full.Delay {
		full.Delay[i] = base + target[i/size(full.In)]
	}
	return full, nil
}

// product multiplies two maps without their delays.
func (m *Linear) product(first *Linear) (*Linear, error) {
	out := &Linear{In: first.In, Out: m.Out}
	switch {
	case m.Diagonal() && first.Diagonal():
		out.Weights = scaled(m, first)
		return out, nil
	case first.uniform():
		copied := *m
		copied.In, copied.Delay, copied.Weights = m.In, nil, multiplied(m.Weights, first.at(0))
		return &copied, nil
	case m.uniform():
		copied := *first
		copied.Out, copied.Delay, copied.Weights = first.Out, nil, multiplied(first.Weights, m.at(0))
		return &copied, nil
	case m.Diagonal() && first.Conv != nil:
		if byChannel := m.channels(first.Kernel[0]); byChannel != nil {
			copied := *first
			copied.Delay, copied.Weights = nil, slices.Clone(first.Weights)
			for i := range copied.Weights {
				copied.Weights[i] *= byChannel[i*first.Kernel[0]/len(copied.Weights)]
			}
			return &copied, nil
		}
	case m.Conv != nil && first.Conv != nil && m.exactAfter(first):
		return m.slide(first)
	}
	return m.multiply(first)
}

func multiplied(x []float64, f float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] *= f
	}
	return out
}

func scaled(a, b *Linear) []float64 {
	out := make([]float64, max(len(a.Weights), len(b.Weights)))
	for i := range out {
		out[i] = a.at(i) * b.at(i)
	}
	return out
}

// channels are the factors of a diagonal by channel, nil where they differ within one.
func (m *Linear) channels(n int) []float64 {
	plane := size(m.In) / n
	out := make([]float64, n)
	for i := range size(m.In) {
		if i%plane == 0 {
			out[i/plane] = m.at(i)
		} else if out[i/plane] != m.at(i) {
			return nil
		}
	}
	return out
}

// exactAfter tells that a kernel behind another is one kernel: where it reads the zeros
// around its input, the first must see zeros alone.
func (m *Linear) exactAfter(first *Linear) bool {
	if m.Conv.In != first.Conv.Out(first.Kernel) {
		return false
	}
	for axis := range 2 {
		f := first.Conv
		reach := f.Dilation[axis]*(first.Kernel[2+axis]-1) + 1
		covered := m.Conv.In[1+axis] * f.Stride[axis]
		if m.Conv.Padding[axis] > 0 && (f.Padding[axis] > 0 || reach > f.Stride[axis] || covered < f.In[1+axis]) {
			return false
		}
	}
	return true
}

// kernelTap is a weight of a kernel: from a channel, and the row and column that it reaches.
type kernelTap struct {
	in, y, x int
	w        float64
}

// slide is one kernel that does what first and then m do.
func (m *Linear) slide(first *Linear) (*Linear, error) {
	a, b := first.Conv, m.Conv
	out := &Linear{In: first.In, Out: m.Out, Conv: &ir.Conv{In: a.In, Dilation: [2]int{1, 1}, Groups: 1}}
	out.Kernel = []int{m.Kernel[0], a.In[0], 0, 0}
	for axis := range 2 {
		out.Conv.Stride[axis] = a.Stride[axis] * b.Stride[axis]
		out.Conv.Padding[axis] = a.Padding[axis] + a.Stride[axis]*b.Padding[axis]
		out.Kernel[2+axis] = a.Dilation[axis]*(first.Kernel[2+axis]-1) + a.Stride[axis]*b.Dilation[axis]*(m.Kernel[2+axis]-1) + 1
	}
	if !bounded(out.Kernel, maxMatrix) {
		return nil, fmt.Errorf("two kernels in a row make one of %v, too large to be multiplied out", out.Kernel)
	}
	out.Weights = make([]float64, out.Kernel[0]*out.Kernel[1]*out.Kernel[2]*out.Kernel[3])
	into := make([][]kernelTap, first.Kernel[0])
	first.taps(func(mid int, t kernelTap) { into[mid] = append(into[mid], t) })
	m.taps(func(o int, t kernelTap) {
		for _, f := range into[t.in] {
			row, col := t.y*a.Stride[0]+f.y, t.x*a.Stride[1]+f.x
			out.Weights[((o*a.In[0]+f.in)*out.Kernel[2]+row)*out.Kernel[3]+col] += float64(t.w * f.w)
		}
	})
	return out, nil
}

// taps visits the weights of a kernel that are not 0 with their channel out.
func (m *Linear) taps(visit func(out int, t kernelTap)) {
	k, share := m.Kernel, m.Kernel[0]/m.Conv.Groups
	for i, w := range m.Weights {
		if w == 0 {
			continue
		}
		x, y, c, o := i%k[3], i/k[3]%k[2], i/k[3]/k[2]%k[1], i/k[3]/k[2]/k[1]
		visit(o, kernelTap{o/share*k[1] + c, y * m.Conv.Dilation[0], x * m.Conv.Dilation[1], w})
	}
}

// matrix writes a map out.
func (m *Linear) matrix() (*Linear, error) {
	if m.Matrix {
		return m, nil
	}
	out, err := newMatrix(m.In, m.Out)
	if err != nil {
		return nil, err
	}
	in := size(m.In)
	m.each(func(pre, post int, w float64) { out.Weights[post*in+pre] += w })
	return out, nil
}

// newMatrix is a matrix of zeros.
func newMatrix(from, to [3]int) (*Linear, error) {
	in, outs := size(from), size(to)
	if in > maxMatrix/max(1, outs) {
		return nil, fmt.Errorf("a matrix of %d x %d is too large to be multiplied out", outs, in)
	}
	return &Linear{In: from, Out: to, Matrix: true, Weights: make([]float64, in*outs)}, nil
}

// multiply is the product as a matrix.
func (m *Linear) multiply(first *Linear) (*Linear, error) {
	out, err := newMatrix(first.In, m.Out)
	if err != nil {
		return nil, err
	}
	if k := first.Kernel; first.Conv != nil && !bounded([]int{size(first.Out), k[1], k[2], k[3]}, maxMatrix) {
		return nil, fmt.Errorf("a kernel of %v over %v has more than %d synapses to be multiplied out", k, first.In, maxMatrix)
	}
	in := size(first.In)
	type tap struct {
		pre int
		w   float64
	}
	rows := make([][]tap, size(first.Out))
	first.each(func(pre, post int, w float64) { rows[post] = append(rows[post], tap{pre, w}) })
	m.each(func(mid, post int, w float64) {
		for _, t := range rows[mid] {
			out.Weights[post*in+t.pre] += float64(w * t.w)
		}
	})
	return out, nil
}
