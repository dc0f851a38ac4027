package validate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// Comparison lets several pupils learn the same lessons side by side: the float rule, twins
// that depart from it step by step, and the chip.
type Comparison struct {
	Entrants []*Entrant
	Layers   []string
	Workers  int // pupils that learn at a time; results do not depend on it

	// Marks are taken after every window of the courses.
	Marks []Mark
	// First is where the spikes of a pupil part from those of the last one, the chip, by
	// entrant and layer.
	First [][]Parting

	start [][][]float64 // first weights by entrant and layer
}

// Parting is the first spike that only one of two pupils has; Lesson is -1 for none so far.
type Parting struct {
	Lesson int `json:"lesson"`
	Part
}

// never is the Parting of pupils that have not parted.
var never = Parting{-1, Part{-1, -1}}

// String shows a parting as "lesson 0, step 12, neuron 100" or "never".
func (p Parting) String() string {
	if p.Lesson < 0 {
		return p.Part.String()
	}
	return fmt.Sprintf("lesson %d, %v", p.Lesson, p.Part)
}

// Entrant is one pupil of a comparison.
type Entrant struct {
	Name   string
	Doc    string
	Course *Course
}

// Mark is what the weights of all pupils say after Lessons of them: Cosine[e][l] is that
// between the updates of layer l accumulated by entrant e and by the chip; 0 where the
// layer does not learn or nothing moved.
type Mark struct {
	Lessons int         `json:"lessons"`
	Cosine  [][]float64 `json:"cosine"`
}

// ComparisonHooks tell of a running comparison; each may be nil.
type ComparisonHooks struct {
	// Lesson is told after every lesson of every pupil, from one goroutine at a time.
	Lesson func(entrant int, latest Exam)
	// Checkpoint is given the state after every Every-th mark.
	Every      int
	Checkpoint func(*weights.File) error
}

// Begin must be called before Resume and Run, while all pupils are as they were made.
func (c *Comparison) Begin() {
	for range c.Entrants {
		c.First = append(c.First, slices.Repeat([]Parting{never}, len(c.Layers)))
	}
	for _, e := range c.Entrants {
		c.start = append(c.start, c.weightsOf(e))
	}
}

func (c *Comparison) weightsOf(e *Entrant) [][]float64 {
	list := make([][]float64, len(c.Layers))
	for l := range list {
		list[l] = slices.Clone(e.Course.Weights(l))
	}
	return list
}

// Done is how many lessons all pupils have had.
func (c *Comparison) Done() int { return c.Entrants[0].Course.Done }

// Run gives the lessons that are not done yet. After an error of the context, what the
// latest checkpoint has is what a comparison can go on from.
func (c *Comparison) Run(ctx context.Context, h ComparisonHooks) error {
	for c.Done() < c.Entrants[0].Course.Digits {
		if err := c.window(ctx, h); err != nil {
			return err
		}
		c.mark()
		if h.Checkpoint == nil || len(c.Marks)%max(1, h.Every) != 0 && c.Done() < c.Entrants[0].Course.Digits {
			continue
		}
		file, err := c.File()
		if err == nil {
			err = h.Checkpoint(file)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// closeLook is how many lessons go by between comparisons of spikes, which are kept
// meanwhile.
const closeLook = 8

// window takes all pupils to the next mark: in small steps while some have not parted from
// the chip.
func (c *Comparison) window(ctx context.Context, h ComparisonHooks) error {
	window := c.Entrants[0].Course.Window
	end := min(c.Done()+window-c.Done()%window, c.Entrants[0].Course.Digits)
	for c.Done() < end && !c.parted() {
		if err := c.runTo(ctx, min(c.Done()+closeLook, end), h, true); err != nil {
			return err
		}
	}
	return c.runTo(ctx, end, h, false)
}

// parted reports whether all pupils but the chip have parted from it in all layers.
func (c *Comparison) parted() bool {
	for _, layers := range c.First[:len(c.First)-1] {
		if slices.Contains(layers, never) {
			return false
		}
	}
	return true
}

// runTo takes all pupils to lesson end, with or without looking at their spikes.
func (c *Comparison) runTo(ctx context.Context, end int, h ComparisonHooks, look bool) error {
	from := c.Done()
	heard := make([][][]Vote, len(c.Entrants)) // by entrant and lesson
	var telling sync.Mutex
	err := shareOut(ctx, len(c.Entrants), c.Workers, func() (func(i int) error, error) {
		return func(i int) error {
			course := c.Entrants[i].Course
			return course.RunTo(ctx, end, CourseHooks{Lesson: func(_ int, latest Exam) {
				if look {
					heard[i] = append(heard[i], course.Votes)
				}
				if h.Lesson != nil {
					telling.Lock()
					defer telling.Unlock()
					h.Lesson(i, latest)
				}
			}})
		}, nil
	})
	if err != nil {
		return err
	}
	c.part(from, heard)
	return nil
}

// part notes where pupils and chip part.
func (c *Comparison) part(from int, heard [][][]Vote) {
	chip := heard[len(heard)-1]
	for e := range heard {
		for k, lesson := range heard[e] {
			for l, v := range lesson {
				if c.First[e][l] != never {
					continue
				}
				if at, n := firstPart(chip[k][l].Spikes, v.Spikes); n > 0 {
					c.First[e][l] = Parting{from + k, at}
				}
			}
		}
	}
}

// mark measures the weights.
func (c *Comparison) mark() {
	m := Mark{Lessons: c.Done()}
	chip := len(c.Entrants) - 1
	moved := make([][][]float64, len(c.Entrants))
	for e := range c.Entrants {
		moved[e] = c.weightsOf(c.Entrants[e])
		for l := range moved[e] {
			for i := range moved[e][l] {
				moved[e][l][i] -= c.start[e][l][i]
			}
		}
	}
	for e := range c.Entrants {
		row := make([]float64, len(c.Layers))
		for l := range row {
			row[l] = cosine(moved[e][l], moved[chip][l])
		}
		m.Cosine = append(m.Cosine, row)
	}
	c.Marks = append(c.Marks, m)
}

// cosine of the angle between two vectors; 0 where one is 0.
func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range min(len(a), len(b)) {
		ab += float64(a[i] * b[i])
		aa += float64(a[i] * a[i])
		bb += float64(b[i] * b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa) / math.Sqrt(bb)
}

// Histogram counts the weights of a layer of an entrant in bins of equal width between
// -limit and limit; what lies beyond is in the first and last.
func (c *Comparison) Histogram(entrant, layer, bins int, limit float64) []int {
	count := make([]int, bins)
	for _, w := range c.Entrants[entrant].Course.Weights(layer) {
		at := int(math.Floor((w + limit) / (2 * limit) * float64(bins)))
		count[min(max(at, 0), bins-1)]++
	}
	return count
}

// Saturated counts the weights of a layer of an entrant at or beyond limit.
func (c *Comparison) Saturated(entrant, layer int, limit float64) int {
	n := 0
	for _, w := range c.Entrants[entrant].Course.Weights(layer) {
		if math.Abs(w) >= limit {
			n++
		}
	}
	return n
}

// The tensors of a comparison beside those of the entrants, whose names begin with theirs.
const (
	comparisonMarks = "comparison.marks" // [marks, 1 + entrants * layers]: lessons, cosines
	comparisonFirst = "comparison.first" // [entrants, layers, 3]: lesson, step, neuron
)

func entrantPrefix(e *Entrant) string { return strings.ReplaceAll(e.Name, " ", "_") + ":" }

// File is the state of all pupils and what was measured.
func (c *Comparison) File() (*weights.File, error) {
	var list []weights.Tensor
	for _, e := range c.Entrants {
		f, err := e.Course.File()
		if err != nil {
			return nil, err
		}
		for _, t := range f.Tensors {
			t.Name = entrantPrefix(e) + t.Name
			list = append(list, t)
		}
	}
	marks := weights.Tensor{Name: comparisonMarks, DType: weights.F64, Shape: []int{len(c.Marks), c.markWidth()}}
	for _, m := range c.Marks {
		marks.Data = append(marks.Data, float64(m.Lessons))
		for _, row := range m.Cosine {
			marks.Data = append(marks.Data, row...)
		}
	}
	first := weights.Tensor{Name: comparisonFirst, DType: weights.I64, Shape: []int{len(c.Entrants), len(c.Layers), 3}}
	for _, row := range c.First {
		for _, p := range row {
			first.Data = append(first.Data, float64(p.Lesson), float64(p.Step), float64(p.Neuron))
		}
	}
	return weights.NewFile(append(list, marks, first)...)
}

func (c *Comparison) markWidth() int { return 1 + len(c.Entrants)*len(c.Layers) }

// Resume goes on from a File of the same comparison. The error is a diagnostic of code
// course/key or course/state, or a pupil's.
func (c *Comparison) Resume(f *weights.File) error {
	marks, ok := f.Get(comparisonMarks)
	first, there := f.Get(comparisonFirst)
	if !ok || !there || !slices.Equal(first.Shape, []int{len(c.Entrants), len(c.Layers), 3}) || len(marks.Shape) != 2 || marks.Shape[1] != c.markWidth() {
		return diag.Errorf(diag.Pos{}, "course/state", "the file is no state of a comparison of %d pupils", len(c.Entrants)).WithFix("delete it to start anew, or give another")
	}
	for _, e := range c.Entrants {
		if err := e.Course.Resume(f.Under(entrantPrefix(e))); err != nil {
			return err
		}
		if e.Course.Done != c.Done() {
			return diag.Errorf(diag.Pos{}, "course/state", "%s had %d lessons, %s %d", e.Name, e.Course.Done, c.Entrants[0].Name, c.Done()).WithFix("delete the file to start anew")
		}
	}
	c.restore(marks, first)
	return nil
}

func (c *Comparison) restore(marks, first *weights.Tensor) {
	c.Marks = nil
	layers := len(c.Layers)
	for at := range marks.Shape[0] {
		row := marks.Data[at*c.markWidth():][:c.markWidth()]
		m := Mark{Lessons: int(row[0])}
		for e := range c.Entrants {
			m.Cosine = append(m.Cosine, slices.Clone(row[1+e*layers:][:layers]))
		}
		c.Marks = append(c.Marks, m)
	}
	for e := range c.First {
		for l := range c.First[e] {
			at := first.Data[3*(e*layers+l):]
			c.First[e][l] = Parting{int(at[0]), Part{int(at[1]), int(at[2])}}
		}
	}
}
