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
			vector(r, fmt.Sprintf("groups[%d].params.%s", i, p.Name), &p.Values, g.Size, r.ints())
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
		matrixOf(r, place, s.Weights, to, from, r.tensor)
		s.Mantissas = repeated(s.Weights.Data, to*from)
	case s.OneToOne != nil:
		place = path + ".one_to_one"
		vector(r, place, s.OneToOne, to, r.ints())
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
		vector(r, path, x, len(s.Mantissas), r.ints())
	case x.Tensor != nil && s.Ends == nil:
		matrixOf(r, path, x, to, from, r.tensor)
	case x.Tensor != nil:
		vector(r, path, x, len(s.Ends), r.ints())
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

// tensor loads the integers of a file's tensor, as far as rows and cols say, in the
// order of the file.
func (r *resolver) tensor(path string, x *Ints) bool {
	x.Data, x.Shape = nil, nil
	t := r.lookup(path, x.Tensor)
	if t == nil {
		return false
	}
	rows, cols, ok := r.part(path, t, x.Tensor)
	if !ok {
		return false
	}
	x.Shape = partShape(t.Shape, rows, cols)
	return r.integers(path, x, t, rows, cols)
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
