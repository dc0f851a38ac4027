package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"decc/chipsim/bench"
	"decc/chipsim/validate"
	"decc/ir"
)

type benchOptions struct {
	folder  string
	target  string
	engines []string
	threads int
	rounds  int
	json    bool
}

func newBenchCmd(env *Env) *cobra.Command {
	o := benchOptions{}
	cmd := &cobra.Command{
		Use:   "bench [WORKLOAD|MODEL|MODULE...]",
		Short: "Measure how fast networks run",
		Long: `Bench runs workloads on engines and tells steps and synaptic events a second: W1 and W2 are
dense layers (1024-1024 and 784-512-512-10), W3 is a convolution of 7 x 7 onto 64 channels.
In every round the engines run one after the other, beside a plain read of as many bytes as
there are weights: ratios count, for machines are noisy. The rates are those of the round in
the middle.

A model is measured on the first sample of its data; it and a module (.dcir) that have no input of their own
get random spikes, of one input in twenty in each of 100 rows.

With --folder weights and events are read from the files that other simulators were measured
with, and the spikes of every layer must be the known ones; without, they are drawn from a
fixed seed.`,
		Example: `  decc bench
  decc bench W1 W2 --engine chip,interp --rounds 11
  decc bench testdata/models/mnist-mlp.yaml
  decc bench --folder ../shared/bench --json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, names []string) error {
			return runBench(cmd.Context(), env, o, names)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.folder, "folder", "", "folder with the files of the workloads (default: random numbers)")
	flags.StringVar(&o.target, "target", "", "chip of a model: a name that decc targets lists, or a profile file (default: the model's)")
	flags.StringSliceVar(&o.engines, "engine", validate.EngineNames()[:1], "engines to measure: "+strings.Join(validate.EngineNames(), ", "))
	flags.IntVar(&o.threads, "threads", 1, "goroutines of a run")
	flags.IntVar(&o.rounds, "rounds", 7, "rounds")
	flags.BoolVar(&o.json, "json", false, "print the results as JSON")
	cmd.AddCommand(newBenchBoardCmd(env))
	return cmd
}

func runBench(ctx context.Context, env *Env, o benchOptions, names []string) error {
	if o.rounds < 1 || o.threads < 1 {
		return usagef("--rounds and --threads must be at least 1, found %d and %d", o.rounds, o.threads)
	}
	if len(names) == 0 {
		names = bench.Names()
	}
	bar := env.Progress("bench", len(names)*len(o.engines)*o.rounds)
	defer bar.Done()
	var results []bench.Result
	for _, name := range names {
		w, err := o.workload(ctx, env, name)
		if err != nil {
			return err
		}
		list, err := bench.Measure(ctx, w, bench.Options{Engines: o.engines, Threads: o.threads, Rounds: o.rounds, Progress: func() { bar.Add(1) }})
		if ctx.Err() != nil {
			return interrupted{"nothing was kept"}
		}
		if err != nil {
			return err
		}
		results = append(results, list...)
	}
	bar.Done()
	if o.json {
		return writeJSON(env.Out, results)
	}
	return writeBench(env.Out, results)
}

// workload is the one of that name, or what a file has.
func (o *benchOptions) workload(ctx context.Context, env *Env, name string) (*bench.Workload, error) {
	switch {
	case filepath.Ext(name) != "":
		return o.ofFile(ctx, env, name)
	case o.folder == "":
		return bench.Generate(name)
	}
	return bench.Read(o.folder, name)
}

// Where a network does not say what comes in: so many rows, in which so many of a thousand inputs spike.
const (
	drawnRows     = 100
	drawnPerMille = 50
)

func (o *benchOptions) ofFile(ctx context.Context, env *Env, path string) (*bench.Workload, error) {
	data, err := env.ReadInput(path)
	if err != nil {
		return nil, err
	}
	if isImage(path, data) {
		return nil, usagef("%s is an image, which no engine but chip runs: bench takes the model or the module that it was built from", path)
	}
	if isModule(path, data) {
		m, err := ir.Parse(string(data), path)
		if err == nil {
			err = ir.Verify(m)
		}
		if err != nil {
			return nil, err
		}
		return bench.Draw(m, drawnRows, drawnPerMille), nil
	}
	return o.ofModel(ctx, env, path)
}

// ofModel takes the first sample of a model's data.
func (o *benchOptions) ofModel(ctx context.Context, env *Env, path string) (*bench.Workload, error) {
	p, err := env.openProject(path, compileFlags{target: o.target, calibrate: -1, workers: runtime.NumCPU()})
	if err != nil {
		return nil, err
	}
	q, err := p.quantise(ctx, 0)
	if err != nil {
		return nil, err
	}
	compiled, err := p.compile(ctx, q.module)
	if err != nil {
		return nil, err
	}
	name, train, rows, err := p.stimulus(0)
	if err != nil {
		return nil, err
	}
	w := bench.Draw(compiled.Module, orDefault(rows, drawnRows), drawnPerMille)
	if train != nil {
		w.Inputs[orDefault(name, inputOf(compiled.Module))] = train
	}
	return w, nil
}

func writeBench(w io.Writer, results []bench.Result) error {
	t := newTable("workload", "engine", "threads", "steps/s", "fastest", "synaptic events/s", "ns an event", "read, ns a byte", "load", "memory")
	for _, r := range results {
		t.AppendRow(row(r.Workload, r.Engine, r.Threads, fmt.Sprintf("%.0f", r.StepRate), fmt.Sprintf("%.0f", r.Fastest), fmt.Sprintf("%.3g", r.EventRate),
			fmt.Sprintf("%.3g", r.NsPerEvent), fmt.Sprintf("%.2g", r.ReadNsPerEvent), fmt.Sprintf("%.2f s", r.LoadSeconds), fmt.Sprintf("%.1f MiB", float64(r.Bytes)/(1<<20))))
	}
	return writeTable(w, t)
}
