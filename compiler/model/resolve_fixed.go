package model

import (
	"fmt"
	"math"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

func (r *resolver) fixed(f *Fixed) {
	for i := range f.Programs {
		p := &f.Programs[i]
		p.Text, p.Path = r.text("programs."+p.Name, p.File)
	}
	sizes := f.sizes()
	for i := range f.Groups {
		g := &f.Groups[i]
		sizes[g.Name] = g.Size
		for k := range g.Params {
			p := &g.Params[k]
			r.vector(fmt.Sprintf("groups[%d].params.%s", i, p.Name), &p.Values, g.Size)
		}
	}
	for i := range f.Synapses {
		s := &f.Synapses[i]
		r.synapse(fmt.Sprintf("synapses[%d]", i), s, sizes[s.To], sizes[s.From])
	}
	if f.Stimulus != nil {
		r.stimulus(f.Stimulus, sizes[f.Stimulus.Input])
	}
}

// vector loads one number, or one for each of n members.
func (r *resolver) vector(path string, x *Ints, n int) {
	if x.Tensor == nil || !r.tensor(path, x) {
		return
	}
	if len(x.Data) != 1 && len(x.Data) != n || isMatrix(x.Shape) {
		r.add(path, codeShape, "%s has shape %v", x.Tensor.File, x.Shape).WithFix("give one number, or a list of %d", n)
		return
	}
	x.Shape = []int{len(x.Data)}
}

func isMatrix(shape []int) bool { return len(shape) > 1 && shape[0] != 1 && shape[1] != 1 }

func (r *resolver) synapse(path string, s *Synapse, to, from int) {
	var place string
	s.Ends, s.Slide = nil, nil
	switch {
	case s.Conv != nil:
		place = path + ".conv.kernel"
		s.Mantissas, s.KernelShape, s.Slide = kernel(r, path+".conv", s.Conv, ends{s.From, s.To, s.shapes}, r.kernelTensor)
	case s.Pool != nil:
		place = path + ".pool.weight"
		s.Mantissas, s.KernelShape, s.Slide = pool(r, path+".pool", s.Pool, ends{s.From, s.To, s.shapes})
	case s.Weights != nil:
		place = path + ".weights"
		r.matrixOf(place, s.Weights, to, from)
		s.Mantissas = repeated(s.Weights.Data, to*from)
	case s.OneToOne != nil:
		place = path + ".one_to_one"
		r.vector(place, s.OneToOne, to)
		s.Mantissas = repeated(s.OneToOne.Data, to)
		for i := range to {
			s.Ends = append(s.Ends, [2]int{i, i})
		}
	default:
		place = path + ".list"
		s.fromList()
	}
	r.bounds(place, "mantissa", s.Mantissas, -256, 255)
	r.delays(path+".delay", s, to, from)
}

// fromList takes the single synapses that the text lists.
func (s *Synapse) fromList() {
	delayed := false
	delays := make([]int64, len(s.List))
	s.Mantissas = nil
	for i, row := range s.List {
		s.Ends = append(s.Ends, [2]int{int(row[0]), int(row[1])})
		s.Mantissas = append(s.Mantissas, row[2])
		if len(row) == 4 {
			delays[i], delayed = row[3], true
		}
	}
	if delayed {
		s.Delay.Data, s.Delay.Shape = delays, []int{len(delays)}
	}
}

// delays loads the delays: one for all, or one for each weight.
func (r *resolver) delays(path string, s *Synapse, to, from int) {
	switch x := &s.Delay; {
	case x.Tensor != nil && s.Slide != nil:
		r.vector(path, x, len(s.Mantissas))
	case x.Tensor != nil && s.Ends == nil:
		r.matrixOf(path, x, to, from)
	case x.Tensor != nil:
		r.vector(path, x, len(s.Ends))
	case x.ragged || len(x.Data) != 1 && len(x.Data) != len(s.Mantissas):
		r.add(path, codeShape, "%s is %s", path, x.form()).WithFix("give one number, or one for each of the %d weights", len(s.Mantissas))
		return
	}
	s.Delays = s.Delay.Data
	r.bounds(path, "delay", s.Delays, 0, 63)
}

// bounds reports the first number out of a range.
func (r *resolver) bounds(path, what string, x []int64, lo, hi int64) {
	for i, v := range x {
		if v < lo || v > hi {
			r.add(path, codeMantissa, "%s number %d is %d", what, i, v).WithFix("use %d to %d", lo, hi)
			return
		}
	}
}

// matrixOf loads a matrix as [to, from], or one number for all.
func (r *resolver) matrixOf(path string, x *Ints, to, from int) {
	if x.Tensor == nil || !r.tensor(path, x) {
		return
	}
	want, other := [2]int{to, from}, "pre_major"
	if x.Tensor.Layout == "pre_major" {
		want, other = [2]int{from, to}, "post_major"
	}
	if len(x.Shape) != 2 || x.Shape[0] != want[0] || x.Shape[1] != want[1] {
		d := r.add(path, codeShape, "%s gives shape %v, a %s matrix of %d to %d members has %v", x.Tensor.File, x.Shape, x.Tensor.Layout, from, to, want)
		if len(x.Shape) == 2 && x.Shape[0] == want[1] && x.Shape[1] == want[0] {
			d.WithFix("set layout: %s", other)
		} else {
			d.WithFix("correct the sizes, or take a part with rows and cols")
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
func transposed[V int64 | float64](x []V, rows, cols int) []V {
	out := make([]V, len(x))
	for i, v := range x {
		out[i%cols*rows+i/cols] = v
	}
	return out
}

// tensor loads the integers of a file's tensor, as far as rows and cols say, in the
// order of the file.
func (r *resolver) tensor(path string, x *Ints) bool {
	ref := x.Tensor
	x.Data, x.Shape = nil, nil
	file, at := r.load(path+".file", ref.File)
	if file == nil {
		return false
	}
	ref.Path = at
	t := r.named(path, file, ref.Name)
	if t == nil {
		return false
	}
	rows, cols, ok := r.part(path, t, ref)
	if !ok {
		return false
	}
	x.Shape = partShape(t.Shape, rows, cols)
	return r.integers(path, x, t, rows, cols)
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

// part is the rows and columns to take; a vector is one column.
func (r *resolver) part(path string, t *weights.Tensor, ref *TensorRef) (rows, cols [2]int, ok bool) {
	if len(t.Shape) > 2 {
		r.add(path+".file", codeShape, "tensor %q of %s has shape %v", t.Name, ref.File, t.Shape).WithFix("give a matrix or a vector")
		return rows, cols, false
	}
	extent := [2]int{1, 1}
	copy(extent[:], t.Shape)
	rows, okRows := r.span(path+".rows", ref.Rows, extent[0])
	cols, okCols := r.span(path+".cols", ref.Cols, extent[1])
	return rows, cols, okRows && okCols
}

func (r *resolver) span(path string, s Span, extent int) ([2]int, bool) {
	if s == nil {
		return [2]int{0, extent}, true
	}
	if s[0] >= s[1] || s[1] > extent {
		r.add(path, codeRange, "%s is [%d, %d), the axis has %d members", path, s[0], s[1], extent).
			WithFix("use [first, end) with first < end <= %d", extent)
		return [2]int{}, false
	}
	return [2]int{s[0], s[1]}, true
}

func partShape(shape []int, rows, cols [2]int) []int {
	part := []int{rows[1] - rows[0], cols[1] - cols[0]}
	return part[:len(shape)]
}

// integers takes the part of a tensor, times scale. The first value that is not an
// integer of 53 bits is an error that names it.
func (r *resolver) integers(path string, x *Ints, t *weights.Tensor, rows, cols [2]int) bool {
	width := 1
	if len(t.Shape) == 2 {
		width = t.Shape[1]
	}
	x.Data = make([]int64, 0, (rows[1]-rows[0])*(cols[1]-cols[0]))
	for i := rows[0]; i < rows[1]; i++ {
		for k := cols[0]; k < cols[1]; k++ {
			v := t.Data[i*width+k] * x.Tensor.Scale
			if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
				r.notInteger(path, x.Tensor, t, i*width+k)
				x.Data = nil
				return false
			}
			x.Data = append(x.Data, int64(v))
		}
	}
	return true
}

func (r *resolver) notInteger(path string, ref *TensorRef, t *weights.Tensor, element int) {
	d := r.add(path+".file", codeNotInteger, "tensor %q of %s: element %s is %v", t.Name, ref.File, index(t.Shape, element), t.Data[element])
	if ref.Scale != 1 {
		d.WithNote("times scale %v it is %v", ref.Scale, t.Data[element]*ref.Scale)
	}
	d.WithFix("give integers, or a scale that makes them so")
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

// stimulus puts variables into paths and reads a raster.
func (r *resolver) stimulus(s *Stimulus, size int) {
	if s.Kind == "raster" {
		r.raster(s, size)
		return
	}
	for _, named := range []struct {
		key, text string
		path      *string
	}{{"file", s.File, &s.Path}, {"folder", s.Folder, &s.Path}, {"recording", s.Recording, &s.Trial}} {
		if named.text != "" {
			*named.path, _ = r.path("stimulus."+named.key, named.text)
		}
	}
}

func (r *resolver) raster(s *Stimulus, size int) {
	var content []byte
	if content, s.Path = r.text("stimulus.file", s.File); content == nil {
		return
	}
	train, err := readRaster(s.Path, content, s.Cols, size)
	for _, d := range diag.All(err) {
		r.list = append(r.list, d.WithNote("named by stimulus.file at %s", r.At("stimulus.file")))
	}
	s.Train = train
}
