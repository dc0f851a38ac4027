package weights

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"decc/ir/diag"
)

// Tensor is one named array. Data holds the elements in row-major order (the
// last index of Shape runs fastest); a scalar has an empty Shape and one element.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	Data  []float64
}

// File is the tensors of one file, ordered by name.
type File struct {
	// Name is the path that the file was read from, "" for one made in memory.
	Name    string
	Tensors []Tensor
	// Meta is the text that a safetensors file carries beside its tensors.
	Meta map[string]string
	// Ignored are the names of a checkpoint's values that are neither tensors nor
	// numbers (texts, None, sets), in the order of the checkpoint, or those of an HDF5
	// file's datasets whose elements are no numbers.
	Ignored []string
}

// NewFile orders the tensors by name. It fails with weights/duplicate-name on
// two tensors of one name and with weights/shape where Data does not fill Shape.
func NewFile(tensors ...Tensor) (*File, error) {
	f := &File{Tensors: slices.Clone(tensors)}
	f.sort()
	if err := f.check(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) sort() {
	sort.SliceStable(f.Tensors, func(i, j int) bool { return f.Tensors[i].Name < f.Tensors[j].Name })
}

// check holds the invariants that lookups and writers rely on.
func (f *File) check() error {
	var found diag.List
	for i := range f.Tensors {
		t := &f.Tensors[i]
		f.checkName(i, &found)
		if n, ok := elements(t.Shape); !ok || n != int64(len(t.Data)) || !t.DType.valid() {
			found.Add(f.pos(), codeShape, "tensor %q of type %s and shape %v has %d elements", t.Name, t.DType, t.Shape, len(t.Data)).
				WithFix("give it as many elements as the product of its shape")
		}
	}
	return found.Err()
}

func (f *File) checkName(i int, found *diag.List) {
	name := f.Tensors[i].Name
	if name == "" {
		found.Add(f.pos(), codeDuplicate, "a tensor has no name").WithFix("name every tensor")
		return
	}
	if i > 0 && f.Tensors[i-1].Name >= name {
		found.Add(f.pos(), codeDuplicate, "tensor %q appears twice, or out of order of names", name).
			WithFix("give every tensor its own name, and make files with NewFile")
	}
}

func (f *File) pos() diag.Pos { return diag.Pos{File: f.Name} }

// Names lists the tensors in order.
func (f *File) Names() []string {
	names := make([]string, len(f.Tensors))
	for i := range f.Tensors {
		names[i] = f.Tensors[i].Name
	}
	return names
}

// Without is the file without the tensors of these names.
func (f *File) Without(names ...string) *File {
	rest := *f
	rest.Tensors = slices.DeleteFunc(slices.Clone(f.Tensors), func(t Tensor) bool { return slices.Contains(names, t.Name) })
	return &rest
}

// Under is the file of the tensors whose names begin with prefix, without it.
func (f *File) Under(prefix string) *File {
	part := *f
	part.Tensors = nil
	for _, t := range f.Tensors {
		if name, ok := strings.CutPrefix(t.Name, prefix); ok {
			t.Name = name
			part.Tensors = append(part.Tensors, t)
		}
	}
	return &part
}

// Get finds a tensor by its exact name. The tensor is that of the file, not a copy.
func (f *File) Get(name string) (*Tensor, bool) {
	i := sort.Search(len(f.Tensors), func(i int) bool { return f.Tensors[i].Name >= name })
	if i == len(f.Tensors) || f.Tensors[i].Name != name {
		return nil, false
	}
	return &f.Tensors[i], true
}

// Lookup is Get with a weights/not-found diagnostic that suggests the nearest
// name: one that ends in "."+name (a state_dict inside a checkpoint), else the
// closest spelling.
func (f *File) Lookup(name string) (*Tensor, error) {
	if t, ok := f.Get(name); ok {
		return t, nil
	}
	d := diag.Errorf(f.pos(), codeNotFound, "there is no tensor %q among %d", name, len(f.Tensors))
	if slices.Contains(f.Ignored, name) {
		return nil, d.WithNote("%q is in the file, but it is neither a tensor nor a number", name)
	}
	if near, ok := f.nearest(name); ok {
		d.WithFix("did you mean %q?", near)
	}
	return nil, d
}

func (f *File) nearest(name string) (string, bool) {
	names := f.Names()
	for _, n := range names {
		if strings.HasSuffix(n, "."+name) {
			return n, true
		}
	}
	return diag.Nearest(name, names)
}

// CheckFinite returns a weights/not-finite diagnostic for each tensor that holds
// a NaN or an infinity, naming the first such element, or nil.
func (f *File) CheckFinite() error {
	var found diag.List
	for i := range f.Tensors {
		if d := f.Tensors[i].checkFinite(f.pos()); d != nil {
			found = append(found, d)
		}
	}
	return found.Err()
}

// CheckFinite returns a weights/not-finite diagnostic that names the first NaN or
// infinity of the tensor, or nil.
func (t *Tensor) CheckFinite() error {
	if d := t.checkFinite(diag.Pos{}); d != nil {
		return d
	}
	return nil
}

func (t *Tensor) checkFinite(pos diag.Pos) *diag.Diagnostic {
	i := slices.IndexFunc(t.Data, notFinite)
	if i < 0 {
		return nil
	}
	return diag.Errorf(pos, codeNotFinite, "tensor %q: element %s is %v, expected a finite number", t.Name, indexText(t.Shape, i), t.Data[i]).
		WithFix("the training that wrote it diverged, or the file is damaged: export the weights again")
}

func notFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// indexText is the index of element i of a row-major array, such as "[3 0]".
func indexText(shape []int, i int) string {
	index := make([]int, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		index[axis] = i % shape[axis]
		i /= shape[axis]
	}
	return fmt.Sprint(index)
}
