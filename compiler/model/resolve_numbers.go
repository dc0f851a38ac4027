package model

import (
	"fmt"
	"slices"

	"decc/compiler/model/weights"
)

// lookup finds the tensor that a value names, nil after an error, and sets the path of the
// reference.
func (r *resolver) lookup(path string, ref *TensorRef) *weights.Tensor {
	file, at := r.load(path+".file", ref.File)
	if file == nil {
		return nil
	}
	ref.Path = at
	return r.named(path, file, ref.Name)
}

// named finds the tensor of a file, the only one where name is "".
func (r *resolver) named(path string, file *weights.File, name string) *weights.Tensor {
	if name != "" {
		t, err := file.Lookup(name)
		if err != nil {
			r.readFailure(path+".tensor", file.Name, err)
		}
		return t
	}
	if len(file.Tensors) != 1 {
		r.add(path+".file", codeTensor, "%s holds %d tensors", file.Name, len(file.Tensors)).
			WithNote("their names: %s", quotedFirst(file.Names())).WithFix("choose one with tensor")
		return nil
	}
	return &file.Tensors[0]
}

// maxListed bounds the names that a message lists.
const maxListed = 8

func quotedFirst(names []string) string {
	if len(names) > maxListed {
		return quoted(names[:maxListed]) + ", …"
	}
	return quoted(names)
}

// loader fills numbers from the tensor that they name; load says whether it could. shaped takes
// a tensor of several axes for its members in their order, as populations have a shape.
type loader[T Number] struct {
	load   func(path string, x *Numbers[T]) bool
	shaped bool
}

func (r *resolver) ints() loader[int64]        { return loader[int64]{load: r.tensor} }
func (r *resolver) wholeList() loader[float64] { return loader[float64]{r.wholeReals, true} }

// vector loads one number, or one for each of n members.
func vector[T Number](r *resolver, path string, x *Numbers[T], n int, l loader[T]) {
	if x.Tensor == nil || !l.load(path, x) {
		return
	}
	if len(x.Data) != 1 && len(x.Data) != n || !l.shaped && isMatrix(x.Shape) {
		r.add(path, codeShape, "%s has shape %v", x.Tensor.File, x.Shape).WithFix("give one number, or a list of %d", n)
		x.Data = nil
		return
	}
	x.Shape = []int{len(x.Data)}
}

func isMatrix(shape []int) bool { return len(shape) > 1 && shape[0] != 1 && shape[1] != 1 }

// matrixOf loads a matrix as [to, from], or one number for all.
func matrixOf[T Number](r *resolver, path string, x *Numbers[T], to, from int, load func(path string, x *Numbers[T]) bool) {
	if x.Tensor == nil || !load(path, x) {
		return
	}
	want, other := []int{to, from}, "pre_major"
	if x.Tensor.Layout == "pre_major" {
		want, other = []int{from, to}, "post_major"
	}
	if !slices.Equal(x.Shape, want) {
		d := r.add(path, codeShape, "%s gives shape %v, a %s matrix of %d to %d members has %v", x.Tensor.File, x.Shape, x.Tensor.Layout, from, to, want)
		if slices.Equal(x.Shape, []int{want[1], want[0]}) {
			d.WithFix("set layout: %s", other)
		} else {
			d.WithFix("correct the sizes, or name a tensor, or a part of one, of that shape")
		}
		x.Data = nil
		return
	}
	if x.Tensor.Layout == "pre_major" {
		x.Data = transposed(x.Data, from, to)
		x.Shape = []int{to, from}
	}
}

// transposed turns a rows x cols matrix over.
func transposed[T Number](x []T, rows, cols int) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[i%cols*rows+i/cols] = v
	}
	return out
}

// all takes the integers of a whole tensor, in the order of the file.
func (r *resolver) all(path string, x *Ints, t *weights.Tensor) bool {
	flat := *t
	flat.Name, flat.Shape = fmt.Sprintf("%s%v", t.Name, t.Shape), []int{len(t.Data)}
	x.Shape = t.Shape
	return r.integers(path, x, &flat, [2]int{0, len(t.Data)}, [2]int{0, 1})
}

// index writes the place of a row-major element.
func index(shape []int, element int) string {
	out := make([]int, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		out[axis] = element % shape[axis]
		element /= shape[axis]
	}
	return fmt.Sprint(out)
}
