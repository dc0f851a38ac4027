package validate

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"decc/chipsim/stimulus"
	"decc/compiler"
	"decc/compiler/decolle"
	"decc/compiler/model"
	"decc/compiler/model/weights"
	"decc/compiler/quantise"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// shipped is what a course of a shipped model on the shipped digits needs.
type shipped struct {
	Teaching
	lessons *Lessons
}

func shippedCourse(t testing.TB, name string, digits int) shipped {
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
	return shipped{
		Teaching{Module: res.Module, Learning: *o.Learning, Steps: m.Decolle.Learn.Steps, BurnIn: m.Decolle.Data.BurnIn, Digits: digits},
		NewLessons(images, enc, 1, false),
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

// course is one on an engine.
func (s shipped) course(t testing.TB, engine string) *Course {
	t.Helper()
	f, err := Prepare(t.Context(), engine, s.Module)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewChipPupil(s.Teaching, f)
	if err != nil {
		t.Fatal(err)
	}
	return &Course{Pupil: p, Lessons: NewLessons(s.lessons.Images, s.lessons.Encoder, 1, false), Digits: s.Digits, Window: 4, Key: "test"}
}

// Both engines teach a network of two plastic layers alike, bit by bit.
func TestCourseOnBothEngines(t *testing.T) {
	c := shippedCourse(t, "mnist-learn-128.yaml", 3)
	chip, golden := c.course(t, "chip"), c.course(t, "interp")
	start := chip.State()
	for _, x := range []*Course{chip, golden} {
		if err := x.Run(t.Context(), CourseHooks{}); err != nil {
			t.Fatal(err)
		}
	}
	learned := chip.State()
	if !reflect.DeepEqual(learned, golden.State()) || !reflect.DeepEqual(chip.Curve, golden.Curve) {
		t.Error("the engines learned differently")
	}
	for i := range start {
		if reflect.DeepEqual(start[i], learned[i]) {
			t.Errorf("%s did not change", start[i].Name)
		}
	}
}

// A course that was interrupted and resumed from its state ends as one that was not.
func TestCourseResumes(t *testing.T) {
	c := shippedCourse(t, "mnist-learn-128.yaml", 12)
	whole := c.course(t, "chip")
	if err := whole.Run(t.Context(), CourseHooks{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first, kept := c.course(t, "chip"), (*weights.File)(nil)
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
	now, err := first.File()
	if err != nil {
		t.Fatal(err)
	}
	for from, state := range map[string]*weights.File{"checkpoint": kept, "Ctrl-C": now} {
		rest := c.course(t, "chip")
		if err := rest.Resume(state); err != nil {
			t.Fatal(err)
		}
		if err := rest.Run(t.Context(), CourseHooks{}); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(rest.State(), whole.State()) || !reflect.DeepEqual(rest.Curve, whole.Curve) {
			t.Errorf("the course from the %s ends otherwise", from)
		}
	}
	other := c.course(t, "chip")
	other.Digits = 13
	if found := diag.All(other.Resume(now)); len(found) != 1 || found[0].Code != "course/key" {
		t.Errorf("a state of another course: %v", found)
	}
}

// What a course learned, another learner examines; more lessons make it better.
func TestExamine(t *testing.T) {
	c := shippedCourse(t, "mnist-learn-128.yaml", 150)
	pupil := c.course(t, "chip")
	test := func() Exam {
		images := shippedDigits(t, "test")
		e, err := Examine(t.Context(), pupil, images, c.lessons.Encoder, 60, 2, nil)
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

// comparison is one of the float rule, a twin and the chip.
func (s shipped) comparison(t testing.TB, workers int) *Comparison {
	t.Helper()
	m, err := model.Load(filepath.Join("..", "..", "testdata", "models", "mnist-learn-128.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c := &Comparison{Layers: []string{"h1", "h2"}, Workers: workers}
	for _, r := range compiler.FloatAndTwin(s.Learning) {
		net, err := compiler.LearningNetwork[float64](m)
		if err != nil {
			t.Fatal(err)
		}
		twin, err := decolle.NewTwin(net, r.Learning, decolle.Protocol{Steps: s.Steps, BurnIn: s.BurnIn}, s.Digits)
		if err != nil {
			t.Fatal(err)
		}
		course := s.course(t, "chip")
		course.Pupil = TwinPupil{twin}
		c.Entrants = append(c.Entrants, &Entrant{Name: r.Name, Course: course})
	}
	c.Entrants = append(c.Entrants, &Entrant{Name: "chip", Course: s.course(t, "chip")})
	c.Begin()
	return c
}

// A comparison that goes on from a checkpoint ends as one that was not interrupted,
// whatever the number of workers; the chip is nearer to its twin than to the float rule.
func TestComparison(t *testing.T) {
	s := shippedCourse(t, "mnist-learn-128.yaml", 14)
	whole := s.comparison(t, 1)
	if err := whole.Run(t.Context(), ComparisonHooks{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first, kept := s.comparison(t, 3), (*weights.File)(nil)
	err := first.Run(ctx, ComparisonHooks{Every: 2, Checkpoint: func(f *weights.File) error { kept = f; cancel(); return nil }})
	if !errors.Is(err, context.Canceled) || kept == nil {
		t.Fatalf("got %v", err)
	}
	rest := s.comparison(t, 2)
	if err := rest.Resume(kept); err != nil {
		t.Fatal(err)
	}
	if rest.Done() != 8 {
		t.Errorf("%d lessons are done", rest.Done())
	}
	if err := rest.Run(t.Context(), ComparisonHooks{}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(rest.Marks, whole.Marks) || !reflect.DeepEqual(rest.First, whole.First) {
		t.Errorf("marks %+v, first %v; without interruption %+v, %v", rest.Marks, rest.First, whole.Marks, whole.First)
	}
	for e := range whole.Entrants {
		if !reflect.DeepEqual(rest.Entrants[e].Course.State(), whole.Entrants[e].Course.State()) {
			t.Errorf("%s learned otherwise", whole.Entrants[e].Name)
		}
	}
	end := whole.Marks[len(whole.Marks)-1].Cosine
	t.Logf("cosines with the chip: float %v, twin %v", end[0], end[1])
	if end[1][0] < 0.2 || end[2][0] < 0.999999 {
		t.Errorf("cosines %v", end)
	}
	if n := whole.Histogram(2, 0, 8, 2); n[3]+n[4] < 784*128/2 || whole.Saturated(2, 0, 0) != 784*128 {
		t.Errorf("histogram %v", n)
	}
	if found := diag.All(s.comparison(t, 1).Resume(&weights.File{})); len(found) != 1 || found[0].Code != "course/state" {
		t.Errorf("an empty file: %v", found)
	}
}

// Where pupils part, exactly one of the two has a spike, and before it neither has one that
// the other has not; the chip never parts from itself.
func TestPartingIsTheFirstSpike(t *testing.T) {
	s := shippedCourse(t, "mnist-learn-128.yaml", 1)
	c := s.comparison(t, 1)
	if err := c.Run(t.Context(), ComparisonHooks{}); err != nil {
		t.Fatal(err)
	}
	heard := func(e, l int) spikes.Train { return c.Entrants[e].Course.Votes[l].Spikes }
	for e, layers := range c.First {
		for l, at := range layers {
			var first *spikes.Event
			for _, pair := range [][2]spikes.Train{{heard(e, l), heard(2, l)}, {heard(2, l), heard(e, l)}} {
				for _, x := range pair[0] {
					alone := !slices.ContainsFunc(pair[1], func(y spikes.Event) bool { return y.Row == x.Row && y.Index == x.Index })
					if alone && (first == nil || earlier(x, *first)) {
						first = &x
					}
				}
			}
			want := never
			if first != nil {
				want = Parting{0, Part{int(first.Row), int(first.Index)}}
			}
			if at != want || e == 2 && at != never {
				t.Errorf("entrant %d, layer %d: parts in %v, want %v", e, l, at, want)
			}
		}
	}
	t.Logf("float parts in %v, the twin in %v", c.First[0], c.First[1])
}

// BenchmarkLesson is one training digit of 784-512, all synapses plastic.
func BenchmarkLesson(b *testing.B) {
	c := shippedCourse(b, "mnist-learn.yaml", 60000).course(b, "chip")
	for k := range 60 {
		train, class := c.Lessons.At(k)
		if _, err := c.Learn(b.Context(), train, class, k); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for i := range b.N {
		train, class := c.Lessons.At(60 + i%100)
		if _, err := c.Learn(b.Context(), train, class, 60+i); err != nil {
			b.Fatal(err)
		}
	}
}
