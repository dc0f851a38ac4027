package validate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// DefaultWindow is how many presentations make one mark of a learning curve.
const DefaultWindow = 500

// Course is a run of lessons on one learner. What it leaves when it is interrupted is all
// that it needs to go on as if it had not been.
type Course struct {
	Pupil
	Lessons *Lessons
	Digits  int // presentations in all
	Window  int // presentations of a mark of the curve, at least 1
	// Key says in words what the course depends on besides its lessons: the network, the
	// rule, the encoder.
	Key string

	Done  int    // presentations
	Curve []Exam // votes during the lessons, a mark a window
	Votes []Vote // of the latest lesson, by layer
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
// that after an error of the context File is what the course can go on from.
func (c *Course) Run(ctx context.Context, h CourseHooks) error {
	return c.RunTo(ctx, c.Digits, h)
}

// RunTo is Run up to presentation end.
func (c *Course) RunTo(ctx context.Context, end int, h CourseHooks) error {
	for c.Done < min(end, c.Digits) {
		if err := ctx.Err(); err != nil {
			return err
		}
		train, class := c.Lessons.At(c.Done)
		votes, err := c.Learn(context.WithoutCancel(ctx), train, class, c.Done)
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
	file, err := c.File()
	if err != nil {
		return err
	}
	return write(file)
}

// mark counts the votes of a lesson.
func (c *Course) mark(votes []Vote, class int) {
	if c.Done%c.Window == 0 {
		c.Curve = append(c.Curve, Exam{})
	}
	c.Curve[len(c.Curve)-1].mark(votes, class)
	c.Votes = votes
	c.Done++
}

// The names of the tensors of a File beside the pupil's.
const (
	courseKey   = "course.key"   // SHA-256 of what the course depends on, 4 words
	courseDone  = "course.done"  // presentations
	courseCurve = "course.curve" // [marks, 1 + layers]: votes, right ones by layer
)

// File is the state of the pupil, how far the course is and what it is.
func (c *Course) File() (*weights.File, error) {
	return weights.NewFile(append(c.State(),
		weights.Tensor{Name: courseKey, DType: weights.I64, Shape: []int{4}, Data: c.key()},
		weights.Tensor{Name: courseDone, DType: weights.I64, Shape: []int{1}, Data: []float64{float64(c.Done)}},
		c.curve(),
	)...)
}

func (c *Course) curve() weights.Tensor {
	t := weights.Tensor{Name: courseCurve, DType: weights.I64, Shape: []int{len(c.Curve), c.width()}}
	for _, e := range c.Curve {
		t.Data = append(t.Data, float64(e.Of))
		for _, n := range e.Right {
			t.Data = append(t.Data, float64(n))
		}
	}
	return t
}

// width is the numbers of a mark: votes, and right ones by layer.
func (c *Course) width() int {
	if len(c.Curve) == 0 {
		return 1
	}
	return 1 + len(c.Curve[0].Right)
}

// key are 4 numbers of 48 bits from the digest of everything that the course depends on.
func (c *Course) key() []float64 {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%d %d\n%s\n%d %v", c.Key, c.Digits, c.Window, c.Lessons.Images.Digest(), c.Lessons.Seed, c.Lessons.Shuffled))
	key := make([]float64, 4)
	for i := range key {
		key[i] = float64(binary.LittleEndian.Uint64(h[8*i:]) >> 16)
	}
	return key
}

// Resume goes on from a File of the same course. The error is a diagnostic of code
// course/key or course/state, or the pupil's.
func (c *Course) Resume(f *weights.File) error {
	if t, ok := f.Get(courseKey); !ok || !slices.Equal(t.Data, c.key()) {
		return diag.Errorf(diag.Pos{}, "course/key", "what is in the file was learned in another course: another model, data set, seed or number of samples").
			WithFix("delete the file to start anew, or give another")
	}
	if err := c.restoreCurve(f); err != nil {
		return err
	}
	return c.Restore(f.Without(courseKey, courseDone, courseCurve))
}

func (c *Course) restoreCurve(f *weights.File) error {
	done, there := f.Get(courseDone)
	curve, drawn := f.Get(courseCurve)
	if !there || len(done.Data) != 1 || !drawn || len(curve.Shape) != 2 || curve.Shape[1] < 1 {
		return diag.Errorf(diag.Pos{}, "course/state", "the file does not say how far the course is").WithFix("delete it to start anew")
	}
	n := int(done.Data[0])
	if n < 0 || n > c.Digits || curve.Shape[0] != (n+c.Window-1)/c.Window {
		return diag.Errorf(diag.Pos{}, "course/state", "%d presentations and %d marks of the curve", n, curve.Shape[0]).WithFix("delete the file to start anew")
	}
	c.Done, c.Curve = n, nil
	for at := range curve.Shape[0] {
		row := curve.Data[at*curve.Shape[1]:][:curve.Shape[1]]
		e := Exam{Of: int(row[0])}
		for _, x := range row[1:] {
			e.Right = append(e.Right, int(x))
		}
		c.Curve = append(c.Curve, e)
	}
	return nil
}
