package model

import (
	"fmt"
	"slices"

	"decc/ir"
)

// conv loads a kernel and slides it.
func (r *resolver) conv(path string, s *Synapse) {
	k := s.Conv
	slide := &ir.Conv{Stride: k.Stride, Padding: k.Padding, Dilation: k.Dilation, Groups: k.Groups}
	copy(slide.In[:], s.shapes[0])
	if k.Weights.Tensor != nil && !r.kernelTensor(path+".kernel", &k.Weights) {
		return
	}
	shape := k.Weights.Shape
	if k.Weights.Tensor == nil {
		shape = []int{s.shapes[1][0], slide.In[0] / max(1, k.Groups), k.Size[0], k.Size[1]}
		n := shape[0] * shape[1] * shape[2] * shape[3]
		if n > maxLoaded || len(k.Weights.Data) != 1 && len(k.Weights.Data) != n {
			r.add(path+".kernel", codeShape, "the kernel is %s", k.Weights.form()).WithFix("give one number, or a list of %d: %v", n, shape)
			return
		}
		k.Weights.Data = spread(&k.Weights, n)
	}
	r.slide(path, s, slide, shape, k.Weights.Data)
}

// pool makes the kernel of a pooling: one channel each, all weights the same.
func (r *resolver) pool(path string, s *Synapse) {
	slide, shape := pooling(s.shapes[0], s.Pool.Size, s.Pool.Stride, s.Pool.Padding)
	r.slide(path, s, slide, shape, slices.Repeat([]int64{s.Pool.Weight}, shape[0]*shape[2]*shape[3]))
}

// pooling is how a patch of every channel slides, and the shape of its kernel.
func pooling(in []int, size Pair, stride *Pair, padding Pair) (*ir.Conv, []int) {
	slide := &ir.Conv{Stride: size, Padding: padding, Dilation: [2]int{1, 1}, Groups: in[0]}
	copy(slide.In[:], in)
	if stride != nil {
		slide.Stride = *stride
	}
	return slide, []int{slide.In[0], 1, size[0], size[1]}
}

// slide gives a synapse its kernel.
func (r *resolver) slide(path string, s *Synapse, slide *ir.Conv, shape []int, mantissas []int64) {
	if r.slides(path, s.From, s.To, s.shapes, slide, shape) {
		s.Slide, s.KernelShape, s.Mantissas = slide, shape, mantissas
	}
}

// slides checks that a kernel leads from all of the source to all of the target, which
// have these shapes.
func (r *resolver) slides(path, from, to string, shapes [2][]int, slide *ir.Conv, shape []int) bool {
	if err := slide.Check(shape); err != nil {
		r.add(path, codeShape, "%s: %v", path, err).WithFix("correct the shapes of %q and %q, or the kernel", from, to)
		return false
	}
	out := slide.Out(shape)
	if !slices.Equal(out[:], shapes[1]) {
		r.add(path, codeShape, "%s gives %v channels, rows and columns, %q has %v", path, out, to, shapes[1]).WithFix("give %q the shape %v, or another padding or stride", to, out)
		return false
	}
	n := float64(out[1]*out[2]) * float64(shape[0]*shape[1]*shape[2]*shape[3])
	if r.synapses += n; r.synapses > maxLoaded {
		r.add(path, codeTooLarge, "the kernels stand for %.0f synapses", r.synapses).WithNote("limit: %d synapses of all kernels", maxLoaded).WithFix("make the populations smaller")
		return false
	}
	return true
}

// kernelTensor loads a tensor of four axes.
func (r *resolver) kernelTensor(path string, x *Ints) bool {
	ref := x.Tensor
	if ref.Rows != nil || ref.Cols != nil || ref.Layout != "post_major" {
		r.add(path, codeConflict, "%s takes a part of a file or another layout", path).WithFix("give a file with [channels out, channels in, rows, columns]")
		return false
	}
	file, at := r.load(path+".file", ref.File)
	if file == nil {
		return false
	}
	ref.Path = at
	t := r.named(path, file, ref.Name)
	if t == nil {
		return false
	}
	if len(t.Shape) != 4 {
		r.add(path+".file", codeShape, "tensor %q of %s has shape %v", t.Name, ref.File, t.Shape).WithFix("give a kernel of four axes: channels out, channels in, rows, columns")
		return false
	}
	flat := *t
	flat.Name, flat.Shape = fmt.Sprintf("%s%v", t.Name, t.Shape), []int{len(t.Data)}
	x.Shape = t.Shape
	return r.integers(path, x, &flat, [2]int{0, len(t.Data)}, [2]int{0, 1})
}
