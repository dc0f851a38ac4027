package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"decc/chipsim/cost"
	"decc/chipsim/host"
	"decc/chipsim/stimulus"
	"decc/chipsim/validate"
	"decc/compiler"
	"decc/compiler/model/weights"
	"decc/ir"
	"decc/ir/diag"
)

// learnOptions are the flags of `run --learn`.
type learnOptions struct {
	on     bool
	digits int
	test   int
	every  int
	shots  int // samples a class, 0 for all
}

// learnResult is the JSON result of `run --learn`.
type learnResult struct {
	Model    string          `json:"model"`
	Target   string          `json:"target"`
	Digest   string          `json:"module_digest"`
	Seed     uint64          `json:"seed"`
	Set      string          `json:"set"`
	Digits   int             `json:"digits"`
	Learned  string          `json:"learned,omitempty"` // file
	Layers   []string        `json:"layers"`
	Curve    []validate.Exam `json:"curve"`
	TestSet  string          `json:"test_set,omitempty"`
	Test     validate.Exam   `json:"test"`
	Accuracy []float64       `json:"accuracy,omitempty"` // on the test set, by layer
	// Costs of a presentation and of a test sample, of those that this command ran.
	LessonCosts []cost.Summary `json:"costs_learning,omitempty"`
	TestCosts   []cost.Summary `json:"costs_test,omitempty"`
}

// runLearn teaches a model on its chip and tests what it has learned.
func runLearn(ctx context.Context, env *Env, o runOptions, path string) error {
	if o.learn.shots > 0 && o.learn.digits > 0 {
		return usagef("--shots says how many samples are presented; leave --digits out")
	}
	p, err := env.openProject(path, o.compileFlags)
	if err != nil {
		return err
	}
	l, err := p.openLearning(ctx, o)
	if err != nil {
		return err
	}
	var lessons, tests *costing
	if o.cost {
		if lessons, tests, err = l.measure(); err != nil {
			return err
		}
	}
	if err := l.teach(ctx, o); err != nil {
		return err
	}
	res, err := l.test(ctx, o)
	if err != nil {
		return err
	}
	res.LessonCosts, res.TestCosts = lessons.summaries(), tests.summaries()
	if o.json {
		return writeJSON(env.Out, res)
	}
	return env.printLearned(res)
}

// learning is a course that a project is about to give.
type learning struct {
	*project
	course *validate.Course
	pupil  *validate.ChipPupil
}

func (p *project) openLearning(ctx context.Context, o runOptions) (*learning, error) {
	if err := p.needDecolle("--learn"); err != nil {
		return nil, err
	}
	if !compiler.Learns(p.model) {
		return nil, p.notLearning()
	}
	if p.model.Decolle.Data == nil {
		return nil, diag.Errorf(p.model.At("data"), codeNoData, "the model names no data").WithFix("add a data section")
	}
	bits, err := o.width()
	if err != nil {
		return nil, err
	}
	// The float twins have the weights of the chip.
	p.model.Decolle.Quantise.WeightBits = orDefault(bits, p.model.Decolle.Quantise.WeightBits)
	q, err := p.quantise(ctx, bits)
	if err != nil {
		return nil, err
	}
	compiled, err := p.compile(ctx, q.module)
	if err != nil {
		return nil, err
	}
	factory, err := validate.Prepare(ctx, o.engine, compiled.Module)
	if err != nil {
		return nil, err
	}
	lessons, err := p.lessons(o.learn.shots)
	if err != nil {
		return nil, err
	}
	d := p.model.Decolle
	l := &learning{project: p}
	t := validate.Teaching{Module: compiled.Module, Steps: d.Learn.Steps, BurnIn: d.Data.BurnIn, Digits: orDefault(o.learn.digits, d.Learn.Digits)}
	if o.learn.shots > 0 {
		t.Digits = lessons.Images.Len()
	}
	how, err := p.taught(&t)
	if err != nil {
		return nil, err
	}
	if o.learn.shots > 0 {
		how = fmt.Sprintf("%d shots %s", o.learn.shots, how)
	}
	if l.pupil, err = validate.NewChipPupil(t, factory); err != nil {
		return nil, err
	}
	l.course = &validate.Course{
		Pupil: l.pupil, Lessons: lessons, Digits: l.pupil.Digits, Window: validate.DefaultWindow,
		Key: fmt.Sprintf("%s %s %d %d %s", ir.Digest(compiled.Module), how, d.Learn.Steps, d.Data.BurnIn, encoderText(d.Data.Encoder)),
	}
	return l, nil
}

// taught completes how a module is taught, and spells it out.
func (p *project) taught(t *validate.Teaching) (string, error) {
	if onChip := compiler.OnChip(p.model); onChip != nil {
		t.Learning = *onChip
		return fmt.Sprintf("%+v", *onChip), nil
	}
	spec, err := compiler.HostProgram(p.model)
	if err != nil {
		return "", err
	}
	t.Host = host.NewRunner(spec)
	return fmt.Sprintf("%+v", *compiler.LastLayer(p.model)), nil
}

// notLearning says why nothing of the model learns on the chip.
func (p *project) notLearning() *diag.Diagnostic {
	return diag.Errorf(p.model.At("learn"), codeNoLearner, "no layer of the model learns on the chip").
		WithFix("write plastic: true at a layer, and add learn: {}")
}

// lessons are those of the model's learn section; shots are samples a class, 0 for all.
func (p *project) lessons(shots int) (*validate.Lessons, error) {
	d := p.model.Decolle
	data, err := openSamples(p.model, p.flags.data, d.Learn.Set, orDefault(p.flags.data.split, d.Learn.Split), d.Learn.Steps, 0)
	if err != nil {
		return nil, err
	}
	if shots > 0 {
		if data.images, err = validate.Shots(data.images, shots); err != nil {
			return nil, err
		}
	}
	if i := slices.IndexFunc(data.images.Labels, func(class int) bool { return class >= d.Readout.Classes }); i >= 0 {
		return nil, diag.Errorf(p.model.At("readout.classes"), codeClasses, "sample %d of %s is of class %d, the model has classes 0..%d",
			data.images.Index[i], data.images.Name, data.images.Labels[i], d.Readout.Classes-1).WithFix("give readout.classes as many as the data has")
	}
	enc := stimulus.WithSeed(data.enc, d.Learn.Seed)
	return validate.NewLessons(data.images, enc, d.Learn.Seed, d.Learn.Order == "shuffled"), nil
}

// teach gives the lessons, going on from what the output file holds.
func (l *learning) teach(ctx context.Context, o runOptions) error {
	c := l.course
	if err := l.resume(o.out); err != nil {
		return err
	}
	bar := l.env.Progress("learn", c.Digits)
	defer bar.Done()
	bar.Add(c.Done)
	err := c.Run(ctx, validate.CourseHooks{
		Every: o.learn.every, Checkpoint: l.writer(o.out),
		Lesson: func(_ int, latest validate.Exam) {
			bar.Add(1)
			bar.Note(fmt.Sprintf("%s of the last %d right", percent(latest.Accuracy(len(latest.Right)-1)), latest.Of))
		},
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if write := l.writer(o.out); write != nil {
		file, failed := c.File()
		if failed == nil {
			failed = write(file)
		}
		if failed != nil {
			return failed
		}
	}
	switch {
	case err == nil:
		return nil
	case o.out == "":
		return interrupted{"nothing was kept; with -o the same command would go on"}
	}
	return interrupted{fmt.Sprintf("what was learned is in %s; the same command goes on from there", o.out)}
}

// resume takes over what the output of an interrupted run holds.
func (l *learning) resume(path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	f, err := weights.Load(path)
	if err != nil {
		return err
	}
	return placed(path, l.course.Resume(f))
}

// placed gives diagnostics without a place that of a file.
func placed(path string, err error) error {
	for _, d := range diag.All(err) {
		if d.Pos.IsZero() {
			d.Pos = diag.Pos{File: path}
		}
	}
	return err
}

// writer writes a state to a file; nil where there is none.
func (l *learning) writer(path string) func(*weights.File) error {
	if path == "" {
		return nil
	}
	return func(f *weights.File) error {
		return weights.AtomicWrite(path, func(w io.Writer) error {
			if filepath.Ext(path) == ".safetensors" {
				return weights.EncodeSafetensors(w, f)
			}
			return weights.EncodeNPZ(w, f)
		})
	}
}

// test lets what was learned vote on the test part of the data.
func (l *learning) test(ctx context.Context, o runOptions) (learnResult, error) {
	c, d := l.course, l.model.Decolle
	res := learnResult{
		Model: l.model.Name, Target: l.chip.Name, Digest: ir.Digest(l.pupil.Module), Seed: d.Learn.Seed,
		Set: c.Lessons.Images.Name, Digits: c.Done, Learned: o.out, Curve: c.Curve,
	}
	for _, x := range l.pupil.Module.Layers {
		res.Layers = append(res.Layers, x.Name)
	}
	if o.learn.test == 0 {
		return res, nil
	}
	data, err := openSamples(l.model, l.flags.data, d.Data.Set, d.Data.Split, d.Data.Steps, max(0, o.learn.test))
	if err != nil {
		return res, err
	}
	bar := l.env.Progress("test", data.n)
	defer bar.Done()
	res.TestSet = data.images.Name
	res.Test, err = validate.Examine(ctx, l.pupil, data.images, data.enc, data.n, l.flags.workers, func() { bar.Add(1) })
	if ctx.Err() != nil {
		return res, interrupted{"what was learned is kept; the same command tests it"}
	}
	for i := range res.Test.Right {
		res.Accuracy = append(res.Accuracy, res.Test.Accuracy(i))
	}
	return res, err
}

func (env *Env) printLearned(r learnResult) error {
	fmt.Fprintf(env.Out, "%s on %s: %d presentations of %s, seed %d\n", r.Model, r.Target, r.Digits, r.Set, r.Seed)
	if r.Learned != "" {
		fmt.Fprintf(env.Out, "learned weights in %s\n", r.Learned)
	}
	if r.TestSet != "" {
		fmt.Fprintf(env.Out, "tested on %d samples of %s\n", r.Test.Of, r.TestSet)
	}
	t := newTable("layer", "right while learning, last marks", "right in the test")
	for i, name := range r.Layers {
		last, test := "", ""
		if n := len(r.Curve); n > 0 {
			last = fmt.Sprintf("%s of %d", percent(r.Curve[n-1].Accuracy(i)), r.Curve[n-1].Of)
		}
		if r.TestSet != "" {
			test = fmt.Sprintf("%s (%d of %d)", percent(r.Accuracy[i]), r.Test.Right[i], r.Test.Of)
		}
		t.AppendRow(row(name, last, test))
	}
	if err := writeTable(env.Out, t); err != nil {
		return err
	}
	if err := writeSummaries(env.Out, "presentations that learn", r.LessonCosts); err != nil {
		return err
	}
	return writeSummaries(env.Out, "test samples", r.TestCosts)
}
