package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"decc/chipsim/bench"
	"decc/chipsim/validate"
)

type benchOptions struct {
	folder  string
	engines []string
	threads int
	rounds  int
	json    bool
}

func newBenchCmd(env *Env) *cobra.Command {
	o := benchOptions{}
	cmd := &cobra.Command{
		Use:   "bench [WORKLOAD...]",
		Short: "Measure how fast networks run",
		Long: `Bench runs workloads on engines and tells steps and synaptic events a second: W1 and W2 are
dense layers (1024-1024 and 784-512-512-10), W3 is a convolution of 7 x 7 onto 64 channels.
In every round the engines run one after the other, beside a plain read of as many bytes as
there are weights: ratios count, for machines are noisy. The rates are those of the round in
the middle.

With --folder weights and events are read from the files that other simulators were measured
with, and the spikes of every layer must be the known ones; without, they are drawn from a
fixed seed.`,
		Example: `  decc bench
  decc bench W1 W2 --engine chip,interp --rounds 11
  decc bench --folder ../shared/bench --json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, names []string) error {
			return runBench(cmd.Context(), env, o, names)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.folder, "folder", "", "folder with the files of the workloads (default: random numbers)")
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
		w, err := o.workload(name)
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

func (o *benchOptions) workload(name string) (*bench.Workload, error) {
	if o.folder == "" {
		return bench.Generate(name)
	}
	return bench.Read(o.folder, name)
}

func writeBench(w io.Writer, results []bench.Result) error {
	t := newTable("workload", "engine", "threads", "steps/s", "fastest", "synaptic events/s", "ns an event", "read, ns a byte", "load", "memory")
	for _, r := range results {
		t.AppendRow(row(r.Workload, r.Engine, r.Threads, fmt.Sprintf("%.0f", r.StepRate), fmt.Sprintf("%.0f", r.Fastest), fmt.Sprintf("%.3g", r.EventRate),
			fmt.Sprintf("%.3g", r.NsPerEvent), fmt.Sprintf("%.2g", r.ReadNsPerEvent), fmt.Sprintf("%.2f s", r.LoadSeconds), fmt.Sprintf("%.1f MiB", float64(r.Bytes)/(1<<20))))
	}
	return writeTable(w, t)
}
