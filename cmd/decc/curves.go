package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"decc/chipsim/report"
	"decc/ir/diag"
)

type curvesOptions struct {
	picture string
	layer   string
	points  int
	json    bool
}

func newCurvesCmd(env *Env) *cobra.Command {
	var o curvesOptions
	cmd := &cobra.Command{
		Use:   "curves RUN.json...",
		Short: "Put learning runs side by side: test accuracy, spread, learning curves",
		Long: `Curves reads what decc run --learn --json printed, one file a run, and tells what each
learned, and the mean and the spread of all: so the seeds of one model are compared. -o
draws the learning curves, right votes in the presentations of each mark while learning.`,
		Example: `  decc run model.yaml --learn --json > seed1.json
  decc curves seed1.json seed2.json seed3.json -o curves.png`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runCurves(env, o, args) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.picture, "output", "o", "", "draw the learning curves to this PNG")
	flags.StringVar(&o.layer, "layer", "", "layer whose votes are shown (default: the last)")
	flags.IntVar(&o.points, "points", 60, "draw at most so many points a curve: marks that follow one another are taken together")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// curvesRow is one run.
type curvesRow struct {
	File     string  `json:"file"`
	Model    string  `json:"model"`
	Seed     uint64  `json:"seed"`
	Digits   int     `json:"digits"`
	Layer    string  `json:"layer"`
	LastMark float64 `json:"last_mark"` // right votes in the last mark
	Tested   int     `json:"tested"`
	Accuracy float64 `json:"accuracy"` // in the test; 0 for none
	curve    report.LearningCurve
}

// curvesResult is the JSON result: Mean and Deviation (of the sample) are those of the
// accuracies of the runs that were tested.
type curvesResult struct {
	Runs      []curvesRow `json:"runs"`
	Mean      float64     `json:"mean"`
	Deviation float64     `json:"standard_deviation"`
}

func runCurves(env *Env, o curvesOptions, files []string) error {
	if o.points < 2 {
		return usagef("--points is %d, a curve has 2 or more", o.points)
	}
	var r curvesResult
	for _, file := range files {
		run, err := env.readLearnResult(file)
		if err != nil {
			return err
		}
		row, err := run.curvesRow(file, o)
		if err != nil {
			return err
		}
		r.Runs = append(r.Runs, row)
	}
	r.spread()
	if o.picture != "" {
		if err := env.WriteResult(o.picture, func(w io.Writer) error { return report.LearningPicture(w, r.picture()) }); err != nil {
			return err
		}
	}
	return env.WriteResult(toStdout, func(w io.Writer) error {
		if o.json {
			return writeJSON(w, r)
		}
		return r.write(w)
	})
}

// readLearnResult reads what run --learn --json printed.
func (env *Env) readLearnResult(file string) (learnResult, error) {
	var run learnResult
	data, err := env.ReadInput(file)
	if err != nil {
		return run, err
	}
	fail := func(format string, args ...any) error {
		return diag.Errorf(diag.Pos{File: file}, codeNoCurve, format, args...).WithFix("give what `decc run MODEL --learn --json` prints")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&run); err != nil {
		return run, fail("no result of a learning run: %v", err)
	}
	if len(run.Layers) == 0 || len(run.Curve) == 0 {
		return run, fail("the result has %d layers and %d marks", len(run.Layers), len(run.Curve))
	}
	exams := run.Curve
	if run.Test.Of != 0 {
		exams = append(slices.Clone(exams), run.Test)
	}
	for i, e := range exams {
		right := len(e.Right) == len(run.Layers) && e.Of > 0 && e.Of <= math.MaxInt32
		for _, n := range e.Right {
			right = right && n >= 0 && n <= e.Of
		}
		if !right {
			return run, fail("mark %d has %v right votes of %d for %d layers", i, e.Right, e.Of, len(run.Layers))
		}
	}
	return run, nil
}

// curvesRow takes the votes of the layer that the options name, "" for the last.
func (run *learnResult) curvesRow(file string, o curvesOptions) (curvesRow, error) {
	at := len(run.Layers) - 1
	if o.layer != "" {
		if at = slices.Index(run.Layers, o.layer); at < 0 {
			d := diag.Errorf(diag.Pos{File: file}, codeNoCurve, "the run has no layer %q", o.layer)
			if near, ok := diag.Nearest(o.layer, run.Layers); ok {
				d.WithFix("did you mean %q?", near)
			}
			return curvesRow{}, d
		}
	}
	row := curvesRow{File: file, Model: run.Model, Seed: run.Seed, Digits: run.Digits, Layer: run.Layers[at], Tested: run.Test.Of}
	row.curve.Name = fmt.Sprintf("seed %d", run.Seed)
	row.LastMark = run.Curve[len(run.Curve)-1].Accuracy(at)
	done, together := 0, (len(run.Curve)+o.points-1)/o.points
	for marks := range slices.Chunk(run.Curve, together) {
		of, right := 0, 0
		for _, m := range marks {
			of, right = of+m.Of, right+m.Right[at]
		}
		done += of
		row.curve.Lessons, row.curve.Right = append(row.curve.Lessons, done), append(row.curve.Right, float64(right)/float64(of))
	}
	if run.Test.Of > 0 {
		row.Accuracy = run.Test.Accuracy(at)
		row.curve.Test = row.Accuracy
	}
	return row, nil
}

// spread works out mean and standard deviation.
func (r *curvesResult) spread() {
	var n, sum, squares float64
	for _, x := range r.Runs {
		if x.Tested > 0 {
			n, sum = n+1, sum+x.Accuracy
		}
	}
	if n == 0 {
		return
	}
	r.Mean = sum / n
	for _, x := range r.Runs {
		if x.Tested > 0 {
			squares += (x.Accuracy - r.Mean) * (x.Accuracy - r.Mean)
		}
	}
	if n > 1 {
		r.Deviation = math.Sqrt(squares / (n - 1))
	}
}

// picture names the curves by model where there are several.
func (r *curvesResult) picture() report.Learning {
	first := r.Runs[0]
	p := report.Learning{Title: fmt.Sprintf("%s: %d presentations, layer %s", first.Model, first.Digits, first.Layer)}
	for _, x := range r.Runs {
		if x.Model != first.Model {
			p.Title = "learning runs"
		}
	}
	for _, x := range r.Runs {
		c := x.curve
		if p.Title == "learning runs" {
			c.Name = fmt.Sprintf("%s, seed %d", x.Model, x.Seed)
		}
		p.Curves = append(p.Curves, c)
	}
	return p
}

func (r *curvesResult) write(w io.Writer) error {
	t := newTable("file", "model", "seed", "presentations", "layer", "right in the last mark", "right in the test")
	for _, x := range r.Runs {
		test := "not tested"
		if x.Tested > 0 {
			test = fmt.Sprintf("%s of %d", percent(x.Accuracy), x.Tested)
		}
		t.AppendRow(row(x.File, x.Model, x.Seed, x.Digits, x.Layer, percent(x.LastMark), test))
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nmean %s, standard deviation %.2f points\n", percent(r.Mean), 100*r.Deviation)
	return err
}
