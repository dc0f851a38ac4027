package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"decc/chipsim/report"
	"decc/chipsim/validate"
	"decc/compiler"
	"decc/compiler/decolle"
	"decc/compiler/model/weights"
	"decc/ir"
	"decc/ir/diag"
)

// histogramBins of the weights of a layer.
const histogramBins = 32

// pupilReport is the result of one pupil of `validate --learn`.
type pupilReport struct {
	Name string `json:"name"`
	Doc  string `json:"departs_by"`
	// Curve is right votes while learning; Test those on the test set.
	Curve    []validate.Exam `json:"curve"`
	Test     validate.Exam   `json:"test"`
	Accuracy []float64       `json:"accuracy"` // on the test set, by layer
	// Cosine is that between its accumulated updates and the chip's, by mark and layer.
	Cosine [][]float64 `json:"cosine"`
	// First is where its spikes part from the chip's, by layer; lesson -1 is never.
	First      []validate.Parting `json:"first_divergence"`
	Saturated  []int              `json:"saturated"`  // weights, by layer
	Histograms [][]int            `json:"histograms"` // of the weights, by layer
}

// learnReport is the JSON result of `validate --learn`.
type learnReport struct {
	Model   string        `json:"model"`
	Target  string        `json:"target"`
	Digest  string        `json:"module_digest"`
	Seed    uint64        `json:"seed"`
	Set     string        `json:"set"`
	Lessons int           `json:"lessons"`
	Window  int           `json:"window"` // lessons of a mark
	TestSet string        `json:"test_set"`
	Layers  []string      `json:"layers"`
	Limit   float64       `json:"weight_limit"` // of the histograms
	Pupils  []pupilReport `json:"pupils"`       // the chip last
}

// runValidateLearn teaches the chip and its float twins the same lessons.
func runValidateLearn(ctx context.Context, env *Env, o validateOptions, path string) error {
	p, err := env.openProject(path, o.compileFlags)
	if err != nil {
		return err
	}
	if compiler.LastLayer(p.model) != nil {
		return diag.Errorf(p.model.At("learn.rule"), codeNoTwin, "rule %s has no float twin to be held against", p.model.Decolle.Learn.Rule).
			WithFix("see what it learns with decc run --learn")
	}
	l, err := p.openLearning(ctx, runOptions{compileFlags: o.compileFlags, engine: o.engine, learn: learnOptions{digits: o.digits, test: o.learn.test}})
	if err != nil {
		return err
	}
	c, err := l.comparison(o)
	if err != nil {
		return err
	}
	if err := l.compare(ctx, o, c); err != nil {
		return err
	}
	r, err := l.learnReport(ctx, o, c)
	if err != nil {
		return err
	}
	if o.picture != "" {
		if err := env.WriteResult(o.picture, func(w io.Writer) error { return report.LearningPicture(w, r.picture()) }); err != nil {
			return err
		}
	}
	return env.WriteResult(o.out, func(w io.Writer) error {
		if o.json {
			return writeJSON(w, r)
		}
		return writeLearnReport(w, r)
	})
}

// comparison enters the twins that the options ask for, and the chip.
func (l *learning) comparison(o validateOptions) (*validate.Comparison, error) {
	rungs := compiler.Rungs(l.pupil.Learning)
	if !o.learn.budget {
		rungs = compiler.FloatAndTwin(l.pupil.Learning)
	}
	if o.learn.whatIf {
		rungs = append(rungs, compiler.WhatIfs(l.pupil.Learning)...)
	}
	c := &validate.Comparison{Workers: o.workers}
	for _, x := range l.pupil.Module.Layers {
		c.Layers = append(c.Layers, x.Name)
	}
	for _, r := range rungs {
		course, err := l.twinCourse(r)
		if err != nil {
			return nil, err
		}
		c.Entrants = append(c.Entrants, &validate.Entrant{Name: r.Name, Doc: r.Doc, Course: course})
	}
	c.Entrants = append(c.Entrants, &validate.Entrant{Name: "chip", Doc: "bit-accurate", Course: l.course})
	c.Begin()
	return c, nil
}

// twinCourse is the course of a float twin.
func (l *learning) twinCourse(r compiler.Rung) (*validate.Course, error) {
	net, err := compiler.LearningNetwork[float64](l.model)
	if err != nil {
		return nil, err
	}
	t := l.pupil.Teaching
	twin, err := decolle.NewTwin(net, r.Learning, decolle.Protocol{Steps: t.Steps, BurnIn: t.BurnIn}, t.Digits)
	if err != nil {
		return nil, err
	}
	lessons, err := l.lessons(0)
	return &validate.Course{
		Pupil: validate.TwinPupil{Twin: twin}, Lessons: lessons, Digits: t.Digits, Window: validate.DefaultWindow,
		Key: fmt.Sprintf("%s %+v %s", r.Name, r.Learning, l.course.Key),
	}, err
}

// compare gives the lessons, going on from the checkpoint where there is one.
func (l *learning) compare(ctx context.Context, o validateOptions, c *validate.Comparison) error {
	if err := resumeComparison(o.checkpoint, c); err != nil {
		return err
	}
	bar := l.env.Progress("learn", len(c.Entrants)*l.course.Digits)
	defer bar.Done()
	bar.Add(len(c.Entrants) * c.Done())
	h := validate.ComparisonHooks{
		Every: 2, Checkpoint: l.writer(o.checkpoint),
		Lesson: func(e int, latest validate.Exam) {
			bar.Add(1)
			if e == len(c.Entrants)-1 {
				bar.Note(fmt.Sprintf("chip: %s of the last %d right", percent(latest.Accuracy(len(latest.Right)-1)), latest.Of))
			}
		},
	}
	err := c.Run(ctx, h)
	if !errors.Is(err, context.Canceled) {
		return err
	}
	if o.checkpoint == "" {
		return interrupted{"nothing was kept; with --checkpoint FILE the same command would go on"}
	}
	return interrupted{"the state is in " + o.checkpoint + "; the same command goes on from there"}
}

func resumeComparison(path string, c *validate.Comparison) error {
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
	return placed(path, c.Resume(f))
}

// learnReport tests all pupils and sums up.
func (l *learning) learnReport(ctx context.Context, o validateOptions, c *validate.Comparison) (learnReport, error) {
	d, t := l.model.Decolle, l.pupil.Teaching
	r := learnReport{
		Model: l.model.Name, Target: l.chip.Name, Digest: ir.Digest(t.Module), Seed: d.Learn.Seed, Set: l.course.Lessons.Images.Name,
		Lessons: c.Done(), Window: validate.DefaultWindow, Layers: c.Layers, Limit: float64(t.Learning.WeightMax) * t.Learning.WeightStep,
	}
	var data samples
	if o.learn.test != 0 {
		var err error
		if data, err = openSamples(l.model, l.flags.data, d.Data.Set, d.Data.Split, d.Data.Steps, max(0, o.learn.test)); err != nil {
			return r, err
		}
		r.TestSet = data.images.Name
	}
	bar := l.env.Progress("test", len(c.Entrants)*data.n)
	defer bar.Done()
	for e, entrant := range c.Entrants {
		p := pupilReport{Name: entrant.Name, Doc: entrant.Doc, Curve: entrant.Course.Curve, First: c.First[e]}
		for _, m := range c.Marks {
			p.Cosine = append(p.Cosine, m.Cosine[e])
		}
		for i := range c.Layers {
			p.Saturated = append(p.Saturated, c.Saturated(e, i, r.Limit))
			p.Histograms = append(p.Histograms, c.Histogram(e, i, histogramBins, r.Limit))
		}
		if data.n > 0 {
			var err error
			p.Test, err = validate.Examine(ctx, entrant.Course.Pupil, data.images, data.enc, data.n, o.workers, func() { bar.Add(1) })
			if err != nil {
				return r, keep(err, "what was learned is kept; the same command tests it")
			}
			for i := range c.Layers {
				p.Accuracy = append(p.Accuracy, p.Test.Accuracy(i))
			}
		}
		r.Pupils = append(r.Pupils, p)
	}
	return r, nil
}

// picture is what the report draws: the last layer.
func (r *learnReport) picture() report.Learning {
	last := len(r.Layers) - 1
	p := report.Learning{Title: fmt.Sprintf("%s on %s: %d presentations, seed %d, layer %s", r.Model, r.Target, r.Lessons, r.Seed, r.Layers[last]), Limit: r.Limit}
	for _, x := range r.Pupils {
		c := report.LearningCurve{Name: x.Name, Histogram: x.Histograms[last]}
		done := 0
		for _, m := range x.Curve {
			done += m.Of
			c.Lessons, c.Right = append(c.Lessons, done), append(c.Right, m.Accuracy(last))
		}
		if len(x.Accuracy) > 0 {
			c.Test = x.Accuracy[last]
		}
		p.Curves = append(p.Curves, c)
	}
	return p
}

// writeLearnReport prints one table a layer.
func writeLearnReport(w io.Writer, r learnReport) error {
	fmt.Fprintf(w, "%s on %s: %d presentations of %s, seed %d, module %.12s\n", r.Model, r.Target, r.Lessons, r.Set, r.Seed, r.Digest)
	if r.TestSet != "" {
		fmt.Fprintf(w, "tested on %d samples of %s\n", r.Pupils[0].Test.Of, r.TestSet)
	}
	for i, name := range r.Layers {
		fmt.Fprintf(w, "\nlayer %s\n", name)
		t := newTable("learner", "departs by", "right at the end of learning", "test", "to float", "cosine with chip", "saturated", "parts from chip")
		for _, p := range r.Pupils {
			t.AppendRow(r.learnRow(p, i))
		}
		if err := writeTable(w, t); err != nil {
			return err
		}
	}
	return nil
}

// float is the pupil that the others are measured against.
func (r *learnReport) float() pupilReport {
	return r.Pupils[slices.IndexFunc(r.Pupils, func(p pupilReport) bool { return p.Name == compiler.FloatRung })]
}

func (r *learnReport) learnRow(p pupilReport, layer int) []any {
	end, test, toFloat, angle := "", "", "", ""
	if n := len(p.Curve); n > 0 {
		end = percent(p.Curve[n-1].Accuracy(layer))
	}
	if len(p.Accuracy) > 0 {
		test, toFloat = percent(p.Accuracy[layer]), points(p.Accuracy[layer]-r.float().Accuracy[layer])
	}
	if n := len(p.Cosine); n > 0 {
		angle = fmt.Sprintf("%.3f", p.Cosine[n-1][layer])
	}
	return row(p.Name, p.Doc, end, test, toFloat, angle, p.Saturated[layer], p.First[layer])
}
