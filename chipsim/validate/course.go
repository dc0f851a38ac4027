package validate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"decc/compiler/model/weights"
	"decc/ir"
	"decc/ir/diag"
)

// Window is how many presentations make one mark of a learning curve.
const Window = 500

// Course is a run of lessons on one learner. What it leaves when it is interrupted is all
// that it needs to go on as if it had not been.
type Course struct {
	Teaching
	Lessons *Lessons
	On      Learner
	// Encoder is the kind and the parameters of the lessons' encoder as text.
	Encoder string

	Done  int    // presentations
	Curve []Exam // votes during the lessons, a mark for every Window of them
}

// CourseHooks tell of a running course; each may be nil.
type CourseHooks struct {
	// Lesson is told after every presentation.
	Lesson func(done int, latest Exam)
	// Every is how many presentations lie between two checkpoints; 0 means none.
	Every      int
	Checkpoint func(*weights.File) error
}

// Run gives the lessons that are not done yet. A lesson that has begun is finished, so
// that after an error of the context State is what the course can go on from.
func (c *Course) Run(ctx context.Context, h CourseHooks) error {
	for c.Done < c.Digits {
		if err := ctx.Err(); err != nil {
			return err
		}
		train, class := c.Lessons.At(c.Done)
		votes, err := c.Lesson(context.WithoutCancel(ctx), c.On, train, class, c.Done)
		if err != nil {
			return err
		}
		c.mark(votes, class)
		if h.Lesson != nil {
			h.Lesson(c.Done, c.Curve[len(c.Curve)-1])
		}
		if h.Checkpoint == nil || h.Every == 0 || c.Done%h.Every != 0 {
			continue
		}
		if err := c.keep(h.Checkpoint); err != nil {
			return err
		}
	}
	return nil
}

func (c *Course) keep(write func(*weights.File) error) error {
	file, err := c.State()
	if err != nil {
		return err
	}
	return write(file)
}

// mark counts the votes of a lesson.
func (c *Course) mark(votes []int, class int) {
	if c.Done%Window == 0 {
		c.Curve = append(c.Curve, Exam{Right: make([]int, len(votes))})
	}
	latest := &c.Curve[len(c.Curve)-1]
	latest.Of++
	latest.mark(votes, class)
	c.Done++
}

// The names of the tensors of a State beside the learned values.
const (
	courseKey   = "course.key"   // SHA-256 of what the course depends on, 4 words
	courseDone  = "course.done"  // presentations
	courseCurve = "course.curve" // [marks, 1 + layers]: votes, right ones by layer
)

// State is what was learned so far, one tensor a synapse object and variable ([target
// members, source members] where the object is dense), and how far the course is.
func (c *Course) State() (*weights.File, error) {
	list := []weights.Tensor{
		{Name: courseKey, DType: weights.I64, Shape: []int{4}, Data: c.key()},
		{Name: courseDone, DType: weights.I64, Shape: []int{1}, Data: []float64{float64(c.Done)}},
		c.curve(),
	}
	known := c.Know(c.On)
	for _, s := range c.Module.Synapses {
		for _, target := range plasticTargets(c.Module, s) {
			key := knowledgeKey(s.Name, target)
			t := weights.Tensor{Name: key, DType: weights.I32, Shape: s.Weights.Shape, Data: make([]float64, len(known[key]))}
			for i, v := range known[key] {
				t.Data[i] = float64(v)
			}
			list = append(list, t)
		}
	}
	return weights.NewFile(list...)
}

func (c *Course) curve() weights.Tensor {
	t := weights.Tensor{Name: courseCurve, DType: weights.I64, Shape: []int{len(c.Curve), 1 + len(c.Module.Layers)}}
	for _, e := range c.Curve {
		t.Data = append(t.Data, float64(e.Of))
		for _, n := range e.Right {
			t.Data = append(t.Data, float64(n))
		}
	}
	return t
}

// key are 4 numbers of 48 bits from the digest of everything that the course depends on.
func (c *Course) key() []float64 {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%+v\n%d %d %d\n%s\n%s\n%d %v", ir.Digest(c.Module), c.Learning,
		c.Steps, c.BurnIn, c.Digits, c.Encoder, c.Lessons.Images.Digest(), c.Lessons.Seed, c.Lessons.Shuffled))
	key := make([]float64, 4)
	for i := range key {
		key[i] = float64(binary.LittleEndian.Uint64(h[8*i:]) >> 16)
	}
	return key
}

// Restore goes on from a State of the same course. The error is a diagnostic of code
// course/key or course/state.
func (c *Course) Restore(f *weights.File) error {
	if t, ok := f.Get(courseKey); !ok || !slices.Equal(t.Data, c.key()) {
		return diag.Errorf(diag.Pos{}, "course/key", "what is in the file was learned in another course: another model, data set, seed or number of samples").
			WithFix("delete the file to start anew, or give another")
	}
	k, err := c.Knowledge(f)
	if err != nil {
		return err
	}
	if err := c.restoreCurve(f); err != nil {
		return err
	}
	return c.Instil(c.On, k)
}

// Knowledge is what the learned values of a State mean to the module, whatever the course.
// The error has code course/state.
func (t *Teaching) Knowledge(f *weights.File) (Knowledge, error) {
	k := Knowledge{}
	for _, s := range t.Module.Synapses {
		for _, target := range plasticTargets(t.Module, s) {
			key := knowledgeKey(s.Name, target)
			x, ok := f.Get(key)
			if !ok || !slices.Equal(x.Shape, s.Weights.Shape) {
				return nil, diag.Errorf(diag.Pos{}, "course/state", "there are no %v values of %s", s.Weights.Shape, key).WithFix("give a file that this model learned")
			}
			for _, v := range x.Data {
				k[key] = append(k[key], int64(v))
			}
		}
	}
	return k, nil
}

func (c *Course) restoreCurve(f *weights.File) error {
	done, there := f.Get(courseDone)
	curve, drawn := f.Get(courseCurve)
	width := 1 + len(c.Module.Layers)
	if !there || len(done.Data) != 1 || !drawn || len(curve.Shape) != 2 || curve.Shape[1] != width {
		return diag.Errorf(diag.Pos{}, "course/state", "the file does not say how far the course is").WithFix("delete it to start anew")
	}
	n := int(done.Data[0])
	if n < 0 || n > c.Digits || curve.Shape[0] != (n+Window-1)/Window {
		return diag.Errorf(diag.Pos{}, "course/state", "%d presentations and %d marks of the curve", n, curve.Shape[0]).WithFix("delete the file to start anew")
	}
	c.Done, c.Curve = n, nil
	for row := range slices.Chunk(curve.Data, width) {
		e := Exam{Of: int(row[0])}
		for _, x := range row[1:] {
			e.Right = append(e.Right, int(x))
		}
		c.Curve = append(c.Curve, e)
	}
	return nil
}
