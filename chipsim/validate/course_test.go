package validate

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"decc/chipsim/stimulus"
	"decc/compiler"
	"decc/compiler/model"
	"decc/compiler/model/weights"
	"decc/compiler/quantise"
	"decc/ir/diag"
)

// shippedCourse is a course of a shipped model on the shipped digits, without its learner.
func shippedCourse(t testing.TB, name string, digits int) *Course {
	t.Helper()
	m, err := model.Load(filepath.Join("..", "..", "testdata", "models", name))
	if err != nil {
		t.Fatal(err)
	}
	net, err := compiler.LearningNetwork[float64](m)
	if err != nil {
		t.Fatal(err)
	}
	o := quantise.Defaults()
	o.Search, o.Learning = false, compiler.OnChip(m)
	res, err := quantise.Run(t.Context(), net, o)
	if err != nil {
		t.Fatal(err)
	}
	images := shippedDigits(t, "train")
	enc, err := stimulus.NewEncoder(diag.Pos{}, "poisson", images.Size(), map[string]int64{"steps": int64(m.Decolle.Learn.Steps), "seed": 1})
	if err != nil {
		t.Fatal(err)
	}
	return &Course{
		Teaching: Teaching{Module: res.Module, Learning: *o.Learning, Steps: m.Decolle.Learn.Steps, BurnIn: m.Decolle.Data.BurnIn, Digits: digits},
		Lessons:  NewLessons(images, enc, 1, false), Encoder: "poisson",
	}
}

func shippedDigits(t testing.TB, split string) *stimulus.Images {
	t.Helper()
	for _, e := range stimulus.Excerpts {
		if e.Split != split {
			continue
		}
		images, err := e.Open(filepath.Join("..", "..", "testdata", "mnist"))
		if err != nil {
			t.Fatal(err)
		}
		return images
	}
	t.Fatalf("no %s digits are shipped", split)
	return nil
}

// with gives the course a learner of an engine.
func (c *Course) with(t testing.TB, engine string) *Course {
	t.Helper()
	f, err := Prepare(t.Context(), engine, c.Module)
	if err != nil {
		t.Fatal(err)
	}
	on := *c
	on.On = f().(Learner)
	return &on
}

// Both engines teach a network of two plastic layers alike, bit by bit.
func TestCourseOnBothEngines(t *testing.T) {
	c := shippedCourse(t, "mnist-learn-128.yaml", 3)
	chip, golden := c.with(t, "chip"), c.with(t, "interp")
	start := chip.Know(chip.On)
	for _, x := range []*Course{chip, golden} {
		if err := x.Run(t.Context(), CourseHooks{}); err != nil {
			t.Fatal(err)
		}
	}
	learned := chip.Know(chip.On)
	if !reflect.DeepEqual(learned, golden.Know(golden.On)) || !reflect.DeepEqual(chip.Curve, golden.Curve) {
		t.Error("the engines learned differently")
	}
	for key := range start {
		if reflect.DeepEqual(start[key], learned[key]) {
			t.Errorf("%s did not change", key)
		}
	}
}

// A course that was interrupted and resumed from its state ends as one that was not.
func TestCourseResumes(t *testing.T) {
	c := shippedCourse(t, "mnist-learn-128.yaml", 12)
	whole := c.with(t, "chip")
	if err := whole.Run(t.Context(), CourseHooks{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first, kept := c.with(t, "chip"), (*weights.File)(nil)
	err := first.Run(ctx, CourseHooks{
		Every: 5, Checkpoint: func(f *weights.File) error { kept = f; return nil },
		Lesson: func(done int, _ Exam) {
			if done == 7 {
				cancel()
			}
		},
	})
	if !errors.Is(err, context.Canceled) || first.Done != 7 || kept == nil {
		t.Fatalf("%v after %d lessons", err, first.Done)
	}
	now, err := first.State()
	if err != nil {
		t.Fatal(err)
	}
	for from, state := range map[string]*weights.File{"checkpoint": kept, "Ctrl-C": now} {
		rest := c.with(t, "chip")
		if err := rest.Restore(state); err != nil {
			t.Fatal(err)
		}
		if err := rest.Run(t.Context(), CourseHooks{}); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(rest.Know(rest.On), whole.Know(whole.On)) || !reflect.DeepEqual(rest.Curve, whole.Curve) {
			t.Errorf("the course from the %s ends otherwise", from)
		}
	}
	other := c.with(t, "chip")
	other.Digits = 13
	if found := diag.All(other.Restore(now)); len(found) != 1 || found[0].Code != "course/key" {
		t.Errorf("a state of another course: %v", found)
	}
}

// What a course learned, another learner examines; more lessons make it better.
func TestExamine(t *testing.T) {
	c := shippedCourse(t, "mnist-learn-128.yaml", 150)
	pupil := c.with(t, "chip")
	test := func() Exam {
		f, err := Prepare(t.Context(), "chip", c.Module)
		if err != nil {
			t.Fatal(err)
		}
		images := shippedDigits(t, "test")
		e, err := c.Examine(t.Context(), f, c.Know(pupil.On), images, c.Lessons.Encoder, min(60, images.Len()), 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	before := test()
	if err := pupil.Run(t.Context(), CourseHooks{}); err != nil {
		t.Fatal(err)
	}
	after := test()
	t.Logf("%v right of %d before, %v after", before.Right, before.Of, after.Right)
	if after.Right[0] < before.Right[0]+15 {
		t.Error("150 lessons should teach something")
	}
}

// BenchmarkLesson is one training digit of 784-512, all synapses plastic.
func BenchmarkLesson(b *testing.B) {
	c := shippedCourse(b, "mnist-learn.yaml", 60000).with(b, "chip")
	for k := range 60 {
		train, class := c.Lessons.At(k)
		if _, err := c.Lesson(b.Context(), c.On, train, class, k); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for i := range b.N {
		train, class := c.Lessons.At(60 + i%100)
		if _, err := c.Lesson(b.Context(), c.On, train, class, 60+i); err != nil {
			b.Fatal(err)
		}
	}
}
