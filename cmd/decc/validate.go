package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"decc/chipsim/report"
	"decc/chipsim/validate"
	"decc/compiler/model"
	"decc/compiler/passes"
	"decc/ir"
)

type validateOptions struct {
	compileFlags
	digits     int
	engine     string
	json       bool
	out        string
	checkpoint string
	baseline   string
	update     bool
	strict     bool
	junit      string
	picture    string
	cost       bool

	learn validateLearnOptions

	bandAccuracy, bandCounts float64
	bandsGiven               bool
}

// validateLearnOptions are the flags of `validate --learn`.
type validateLearnOptions struct {
	on, budget, whatIf bool
	test               int
}

func newValidateCmd(env *Env) *cobra.Command {
	o := validateOptions{engine: validate.EngineNames()[0]}
	cmd := &cobra.Command{
		Use:   "validate MODEL.yaml",
		Short: "Hold the chip simulation of a network against its float reference",
		Long: `Validate builds the network for its chip and runs float reference, module without rounding
and bit-accurate chip on the same spikes. The table tells the accuracy of every layer's
local readout in the three, how often chip and float decide alike, where their spikes
part first, and the resources used.

--weight-bits takes a list: one table compares the widths. --baseline is the regression
test of a CI: the first run writes the file (or --update-baseline does), later runs exit
with 1 when an accuracy or a count leaves its band.

--cost adds energy and time of a sample on the chip, part by part (decc run --help); with
a list of widths it is in the JSON result alone.

--learn compares learning: float rule, float twin of the chip and bit-accurate chip get the
same samples in the same order (--digits of them, default the model's), and are then tested.
The table tells what each achieved, the angle between its weight changes and the chip's, and
where they part; --budget puts a twin between for every departure of the chip from the
float rule, --what-if adds twins of other choices. --picture draws the learning curves.`,
		Example: `  decc validate testdata/models/mnist-mlp.yaml
  decc validate testdata/models/mnist-mlp.yaml --data mnist --target loihi1 --json
  decc validate testdata/models/mnist-mlp.yaml --weight-bits 8,6,5,4,3
  decc validate testdata/models/mnist-mlp.yaml --baseline mnist.baseline.json --junit report.xml
  decc validate testdata/models/mnist-learn-128.yaml --data mnist --learn --digits 2000 --test 1000 --budget`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.bandsGiven = cmd.Flags().Changed("band") || cmd.Flags().Changed("count-band")
			if o.learn.on && o.cost {
				return usagef("--cost does not go with --learn here: decc run MODEL --learn --cost tells what learning takes")
			}
			if o.learn.on {
				return runValidateLearn(cmd.Context(), env, o, args[0])
			}
			return runValidate(cmd.Context(), env, o, args[0])
		},
	}
	o.register(cmd)
	flags := cmd.Flags()
	flags.IntVar(&o.digits, "digits", 0, "samples, from the first; 0 is all of the data set")
	addChoice(cmd, flags, &o.engine, "engine", validate.EngineNames(), "what executes the integers")
	flags.BoolVar(&o.json, "json", false, "print the result as JSON")
	flags.StringVarP(&o.out, "output", "o", "", "write the result to a file instead of stdout")
	flags.StringVar(&o.checkpoint, "checkpoint", "", "keep finished samples in this file; an interrupted run goes on from it")
	flags.StringVar(&o.baseline, "baseline", "", "compare with this baseline, or write it where there is none")
	flags.BoolVar(&o.update, "update-baseline", false, "write the baseline anew")
	flags.BoolVar(&o.strict, "strict", false, "let the baseline demand equal counts and digests")
	flags.StringVar(&o.junit, "junit", "", "write the outcome as JUnit XML to this file")
	flags.BoolVar(&o.cost, "cost", false, "estimate energy and time of a sample on the chip from the counted events")
	flags.StringVar(&o.picture, "picture", "", "draw the accuracies by weight bits to this PNG")
	flags.BoolVar(&o.learn.on, "learn", false, "compare learning on the chip with learning in float")
	flags.BoolVar(&o.learn.budget, "budget", false, "with --learn: a twin for every departure of the chip")
	flags.BoolVar(&o.learn.whatIf, "what-if", false, "with --learn: twins of other choices (rounding, trace bits, latency)")
	flags.IntVar(&o.learn.test, "test", -1, "with --learn: samples to test on afterwards; -1 is all, 0 none")
	flags.Float64Var(&o.bandAccuracy, "band", 100*validate.DefaultBands.Accuracy, "band of accuracies, in points (default of a later run: the baseline's)")
	flags.Float64Var(&o.bandCounts, "count-band", 100*validate.DefaultBands.Counts, "band of counts, in percent (default of a later run: the baseline's)")
	return cmd
}

func runValidate(ctx context.Context, env *Env, o validateOptions, path string) error {
	p, err := env.openProject(path, o.compileFlags)
	if err != nil {
		return err
	}
	if p.model.Fixed != nil {
		return p.needFloat("validate")
	}
	var reports []*validate.Report
	for _, bits := range o.widths() {
		r, err := p.validate(ctx, o, bits)
		if err != nil {
			return err
		}
		reports = append(reports, r)
	}
	if err := env.WriteResult(o.out, func(w io.Writer) error { return writeReports(w, o, reports) }); err != nil {
		return err
	}
	if err := env.drawAccuracies(o.picture, reports); err != nil {
		return err
	}
	for _, r := range reports {
		env.tellTimes(r)
	}
	return env.finishValidate(o, reports[0])
}

// timedParts are the keys of Report.Seconds in the order in which they are told.
var timedParts = []string{"quantise", "compile", "encode", "float", "real", "chip"}

// tellTimes tells beside the results where the time went: results must not depend on it.
func (env *Env) tellTimes(r *validate.Report) {
	if env.progress == "none" {
		return
	}
	var parts []string
	for _, name := range timedParts {
		parts = append(parts, fmt.Sprintf("%s %.2f s", name, r.Seconds[name]))
	}
	fmt.Fprintf(env.Err, "time with %d-bit weights: %s (samples: all goroutines together)\n", r.WeightBits, strings.Join(parts, ", "))
}

// drawAccuracies draws the last layer's accuracies by weight bits.
func (env *Env) drawAccuracies(path string, reports []*validate.Report) error {
	if path == "" {
		return nil
	}
	var bars []report.Accuracy
	for _, r := range reports {
		l := r.Layers[len(r.Layers)-1]
		bars = append(bars, report.Accuracy{WeightBits: r.WeightBits, Float: l.AccuracyFloat, Real: l.AccuracyReal, Chip: l.AccuracyChip})
	}
	title := fmt.Sprintf("%s on %s, %d samples", reports[0].Model, reports[0].Target, reports[0].Digits)
	return env.WriteResult(path, func(w io.Writer) error { return report.AccuracyPicture(w, title, bars) })
}

// writeReports prints one report, or several side by side.
func writeReports(w io.Writer, o validateOptions, reports []*validate.Report) error {
	switch {
	case o.json && len(reports) == 1:
		return writeJSON(w, reports[0])
	case o.json:
		return writeJSON(w, map[string]any{"widths": reports})
	case len(reports) == 1:
		if err := writeValidation(w, reports[0]); err != nil {
			return err
		}
		return writeSummaries(w, "samples", reports[0].Costs)
	}
	return writeWidths(w, reports)
}

// validate runs one comparison.
func (p *project) validate(ctx context.Context, o validateOptions, bits int) (*validate.Report, error) {
	start := time.Now()
	q, err := p.quantise(ctx, bits)
	if err != nil {
		return nil, err
	}
	built := time.Since(start)
	start = time.Now()
	compiled, err := p.compile(ctx, q.module)
	if err != nil {
		return nil, err
	}
	job, err := p.job(ctx, o, q, compiled.Module)
	if err != nil {
		return nil, err
	}
	compiledIn := time.Since(start)
	result, err := p.runJob(ctx, o, job)
	if err != nil {
		return nil, err
	}
	result.WeightBits = q.report.Layers[0].WeightBits
	result.Seed = p.encoderOf().Params["seed"]
	result.Seconds["quantise"], result.Seconds["compile"] = built.Seconds(), compiledIn.Seconds()
	result.Resources = resourceRows(passes.Resources(compiled.Module, p.chip))
	return result, nil
}

func (p *project) job(ctx context.Context, o validateOptions, q quantised, routed *ir.Module) (validate.Job, error) {
	job := validate.Job{Float: q.reference(), Module: routed, EngineName: o.engine, Workers: o.workers, Real: true}
	if err := p.fillSamples(&job); err != nil {
		return job, err
	}
	if o.digits < 0 || o.digits > job.Samples.Len() {
		return job, usagef("--digits %d: there are %d samples", o.digits, job.Samples.Len())
	}
	job.Digits = orDefault(o.digits, job.Samples.Len())
	var err error
	job.Engine, err = validate.Prepare(ctx, o.engine, routed)
	return job, err
}

// runJob runs the comparison with a progress bar, and with a store of finished
// samples where one is asked for.
func (p *project) runJob(ctx context.Context, o validateOptions, job validate.Job) (*validate.Report, error) {
	var costs *costing
	if o.cost {
		var err error
		if costs, err = costingOf(job.Engine(), p.profile); err != nil {
			return nil, err
		}
		job.Weigh = costs.weigh
	}
	bar := p.env.Progress("validate "+p.chip.Name, job.Digits)
	defer bar.Done()
	if o.checkpoint == "" {
		job.Report = func(out validate.Outcome) error {
			bar.Add(1)
			costs.add(job.Rows(), out.Counts, out.Busiest)
			return nil
		}
		result, err := job.Run(ctx)
		return costs.into(result), keep(err, "nothing; --checkpoint FILE keeps finished samples")
	}
	store, done, err := validate.OpenStore[validate.Outcome](o.checkpoint, job.Key(p.protocolText()))
	if err != nil {
		return nil, err
	}
	job.Done = done
	bar.Add(len(done))
	for digit, out := range done {
		if digit < job.Digits {
			costs.add(job.Rows(), out.Counts, out.Busiest)
		}
	}
	job.Report = func(out validate.Outcome) error {
		bar.Add(1)
		costs.add(job.Rows(), out.Counts, out.Busiest)
		return store.Append(out)
	}
	result, err := job.Run(ctx)
	if closed := store.Close(); err == nil {
		err = closed
	}
	return costs.into(result), keep(err, "finished samples are in "+o.checkpoint+"; the same command goes on from there")
}

// keep words an interruption.
func keep(err error, kept string) error {
	if errors.Is(err, context.Canceled) {
		return interrupted{kept}
	}
	return err
}

// encoderText is an encoder in the words of ParseEncoder, parameters in order.
func encoderText(e model.Encoder) string {
	var params []string
	for name, v := range e.Params {
		params = append(params, fmt.Sprintf("%s=%d", name, v))
	}
	slices.Sort(params)
	return e.Kind + ":" + strings.Join(params, ",")
}

// finishValidate holds the report against the baseline and writes the JUnit file.
func (env *Env) finishValidate(o validateOptions, r *validate.Report) error {
	if o.baseline == "" {
		return env.writeJUnit(o, validate.DeviationSuite(r.Model, nil))
	}
	bands := validate.Bands{Accuracy: o.bandAccuracy / 100, Counts: o.bandCounts / 100, Strict: o.strict}
	if _, err := os.Stat(o.baseline); o.update || errors.Is(err, os.ErrNotExist) {
		fmt.Fprintf(env.Err, "baseline written to %s\n", o.baseline)
		return env.WriteResult(o.baseline, func(w io.Writer) error { return validate.WriteBaseline(w, r, bands) })
	}
	data, err := env.ReadInput(o.baseline)
	if err != nil {
		return err
	}
	base, err := validate.ParseBaseline(o.baseline, data)
	if err != nil {
		return err
	}
	if !o.bandsGiven {
		strict := bands.Strict
		bands = base.Bands
		bands.Strict = bands.Strict || strict
	}
	deviations := validate.Compare(r, base, bands)
	if err := env.writeJUnit(o, validate.DeviationSuite(r.Model, deviations)); err != nil {
		return err
	}
	if !validate.Deviates(deviations) {
		fmt.Fprintf(env.Err, "baseline %s: all %d figures are within their bands\n", o.baseline, len(deviations))
		return nil
	}
	t := newTable("left its band", "baseline", "now", "allowed")
	for _, d := range deviations {
		if !d.OK {
			t.AppendRow(row(d.Name, d.Baseline, d.Got, d.Band))
		}
	}
	if err := writeTable(env.Err, t); err != nil {
		return err
	}
	return errCheckFailed
}

func (env *Env) writeJUnit(o validateOptions, s validate.Suite) error {
	if o.junit == "" {
		return nil
	}
	return env.WriteResult(o.junit, func(w io.Writer) error { return validate.WriteJUnit(w, []validate.Suite{s}) })
}

// writeValidation prints the one clear table.
func writeValidation(w io.Writer, r *validate.Report) error {
	fmt.Fprintf(w, "%s on %s (%s engine): %d samples, %d-bit weights, module %.12s\n\n",
		r.Model, r.Target, r.Engine, r.Digits, r.WeightBits, r.ModuleDigest)
	t := newTable("layer", "float", "no rounding", "chip", "quantisation", "rounding", "agree", "spikes float", "spikes chip", "differ", "parts first at")
	for _, l := range r.Layers {
		switch {
		case l.Voteless:
			t.AppendRow(row(l.Name, "", "", "", "", "", "", l.SpikesFloat, l.SpikesChip, l.SpikeErrors, place(l.First)))
			continue
		case l.Silent:
			t.AppendRow(row(l.Name, percent(l.AccuracyFloat), "", "no readout", "", "", "", l.SpikesFloat, l.SpikesChip, l.SpikeErrors, place(l.First)))
			continue
		}
		t.AppendRow(row(
			l.Name, percent(l.AccuracyFloat), percent(l.AccuracyReal), percent(l.AccuracyChip),
			points(l.AccuracyReal-l.AccuracyFloat), points(l.AccuracyChip-l.AccuracyReal), percent(l.Agreement),
			l.SpikesFloat, l.SpikesChip, l.SpikeErrors, place(l.First),
		))
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nfirst divergence: %s\n", placeWithLayer(r.First))
	fmt.Fprintf(w, "events: %d synaptic, %d compartment updates, %d spikes, %d input spikes, %d axon, %d hops\n\n",
		r.Counts.SynapticEvents, r.Counts.CompartmentUpdates, r.Counts.Spikes, r.Counts.InputSpikes, r.Counts.AxonEvents, r.Counts.Hops)
	return writeResources(w, r.Resources)
}

// writeWidths compares widths of weights, last layer only: it is the classifier.
func writeWidths(w io.Writer, reports []*validate.Report) error {
	first := reports[0]
	fmt.Fprintf(w, "%s on %s (%s engine): %d samples, layer %s\n\n", first.Model, first.Target, first.Engine, first.Digits, first.Layers[len(first.Layers)-1].Name)
	t := newTable("weight bits", "float", "no rounding", "chip", "quantisation", "rounding", "chip - float", "agree", "differ")
	for _, r := range reports {
		l := r.Layers[len(r.Layers)-1]
		t.AppendRow(row(
			r.WeightBits, percent(l.AccuracyFloat), percent(l.AccuracyReal), percent(l.AccuracyChip),
			points(l.AccuracyReal-l.AccuracyFloat), points(l.AccuracyChip-l.AccuracyReal), points(l.AccuracyChip-l.AccuracyFloat),
			percent(l.Agreement), l.SpikeErrors,
		))
	}
	return writeTable(w, t)
}

func percent(x float64) string { return fmt.Sprintf("%.2f %%", 100*x) }
func points(x float64) string  { return fmt.Sprintf("%+.2f", 100*x+0) }

func place(d *validate.Divergence) string {
	if d == nil {
		return "never"
	}
	return fmt.Sprintf("sample %d, step %d, neuron %d", d.Digit, d.Step, d.Neuron)
}

func placeWithLayer(d *validate.Divergence) string {
	if d == nil {
		return "none: every spike is equal"
	}
	return "layer " + d.Layer + ", " + place(d)
}

// writeResources prints the fullest core of each resource.
func writeResources(w io.Writer, rows []validate.Resource) error {
	t := newTable("resource of a core", "fullest", "limit", "full", "all cores")
	for _, r := range rows {
		t.AppendRow(row(r.Name, r.Used, r.Limit, fmt.Sprintf("%d %%", (100*r.Used+r.Limit-1)/max(1, r.Limit)), r.Total))
	}
	return writeTable(w, t)
}

// resourceRows sums the per-core table up: the fullest core and the total.
func resourceRows(cores []passes.CoreUse) []validate.Resource {
	var rows []validate.Resource
	for _, c := range cores {
		for i, u := range c.Uses {
			if i == len(rows) {
				rows = append(rows, validate.Resource{Name: u.Resource})
			}
			r := &rows[i]
			r.Total += int64(u.Used)
			if int64(u.Used) >= r.Used {
				r.Used, r.Limit = int64(u.Used), int64(u.Limit)
			}
		}
	}
	return rows
}
