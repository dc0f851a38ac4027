package model

import (
	"slices"

	"decc/ir"
)

// ends are the populations that a kernel joins, source and target, and their shapes.
type ends struct {
	from, to string
	shapes   [2][]int
}

// kernel is the weights of a convolution, their shape and how they slide; nothing after an error.
func kernel[T Number](r *resolver, path string, k *Kernel[T], e ends, load func(path string, x *Numbers[T]) bool) ([]T, []int, *ir.Conv) {
	slide := &ir.Conv{Stride: k.Stride, Padding: k.Padding, Dilation: k.Dilation, Groups: k.Groups}
	copy(slide.In[:], e.shapes[0])
	x := &k.Weights
	if x.Tensor != nil && !load(path+".kernel", x) {
		return nil, nil, nil
	}
	values, shape := x.Data, x.Shape
	if x.Tensor == nil {
		shape = []int{e.shapes[1][0], slide.In[0] / max(1, k.Groups), k.Size[0], k.Size[1]}
		n := shape[0] * shape[1] * shape[2] * shape[3]
		if n > maxLoaded || len(values) != 1 && len(values) != n {
			r.add(path+".kernel", codeShape, "the kernel is %s", x.form()).WithFix("give one number, or a list of %d: %v", n, shape)
			return nil, nil, nil
		}
		values = repeated(values, n)
	}
	if !r.slides(path, e, slide, shape) {
		return nil, nil, nil
	}
	return values, shape, slide
}

// pool is the kernel of a pooling as kernel gives it: one channel each, all weights the same.
func pool[T Number](r *resolver, path string, p *Pool[T], e ends) ([]T, []int, *ir.Conv) {
	slide := &ir.Conv{Stride: p.Size, Padding: p.Padding, Dilation: [2]int{1, 1}, Groups: e.shapes[0][0]}
	copy(slide.In[:], e.shapes[0])
	if p.Stride != nil {
		slide.Stride = *p.Stride
	}
	shape := []int{slide.Groups, 1, p.Size[0], p.Size[1]}
	if !r.slides(path, e, slide, shape) {
		return nil, nil, nil
	}
	return slices.Repeat([]T{p.Weight}, shape[0]*shape[2]*shape[3]), shape, slide
}

// slides checks that a kernel leads from all of the source to all of the target.
func (r *resolver) slides(path string, e ends, slide *ir.Conv, shape []int) bool {
	if err := slide.Check(shape); err != nil {
		r.add(path, codeShape, "%s: %v", path, err).WithFix("correct the shapes of %q and %q, or the kernel", e.from, e.to)
		return false
	}
	out := slide.Out(shape)
	if !slices.Equal(out[:], e.shapes[1]) {
		r.add(path, codeShape, "%s gives %v channels, rows and columns, %q has %v", path, out, e.to, e.shapes[1]).WithFix("give %q the shape %v, or another padding or stride", e.to, out)
		return false
	}
	n := float64(out[1]*out[2]) * float64(shape[0]*shape[1]*shape[2]*shape[3])
	if r.synapses += n; r.synapses > maxLoaded {
		r.add(path, codeTooLarge, "the kernels stand for %.0f synapses", r.synapses).WithNote("limit: %d synapses of all kernels", maxLoaded).WithFix("make the populations smaller")
		return false
	}
	return true
}

// whole refuses a part of a file, and the order of a matrix for what is none.
func (r *resolver) whole(path string, ref *TensorRef, expected string) bool {
	if ref.Rows != nil || ref.Cols != nil || ref.Layout != "post_major" {
		r.add(path, codeConflict, "%s takes a part of a file or another layout", path).WithFix("give %s", expected)
		return false
	}
	return true
}

// kernelTensor loads a tensor of four axes.
func (r *resolver) kernelTensor(path string, x *Ints) bool {
	ref := x.Tensor
	if !r.whole(path, ref, "a file with [channels out, channels in, rows, columns]") {
		return false
	}
	t := r.lookup(path, ref)
	if t == nil {
		return false
	}
	if len(t.Shape) != 4 {
		r.add(path+".file", codeShape, "tensor %q of %s has shape %v", t.Name, ref.File, t.Shape).WithFix("give a kernel of four axes: channels out, channels in, rows, columns")
		return false
	}
	return r.all(path, x, t)
}
