package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"decc/chipsim/bench"
	"decc/chipsim/report"
)

type boardOptions struct {
	cores   []int
	fanIn   int
	threads int
	picture string
	json    bool
}

func newBenchBoardCmd(env *Env) *cobra.Command {
	o := boardOptions{}
	cmd := &cobra.Command{
		Use:   "board",
		Short: "Measure what networks as large as boards take",
		Long: `Board fills so many cores of loihi1 with 1024 compartments each, every one with as many stored
synapses of 3 bits as --fan-in says, and tells what it takes to make the module, to map it, to
make its image, to store, read and load that, and a row; and how much memory a synapse and a
compartment take. A chip has 128 cores; 32 of them, a board, have 4 million compartments and with 256 each
a thousand million synapses, which takes twelve minutes and 11 GB. The smallest is measured once more, with half
its synapses.`,
		Example: `  decc bench board
  decc bench board --cores 128,512,2048 -o board.png
  decc bench board --cores 4096 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBenchBoard(cmd.Context(), env, o) },
	}
	flags := cmd.Flags()
	flags.IntSliceVar(&o.cores, "cores", []int{32, 128}, "numbers of cores")
	flags.IntVar(&o.fanIn, "fan-in", 256, "synapses of a compartment: a power of two up to 256")
	flags.IntVar(&o.threads, "threads", 1, "goroutines of a run")
	flags.StringVarP(&o.picture, "output", "o", "", "draw what it takes against the number of synapses to this PNG")
	flags.BoolVar(&o.json, "json", false, "print the results as JSON")
	return cmd
}

// mostFanIn is how many synapses of 3 bits fit for each compartment of a full core of loihi1; mostBoard is how many cores its chips have.
const (
	mostFanIn = 256
	mostBoard = 768 * 128
)

func (o *boardOptions) check() error {
	if o.fanIn < 2 || o.fanIn > mostFanIn || o.fanIn&(o.fanIn-1) != 0 {
		return usagef("--fan-in must be a power of two from 2 to %d, found %d", mostFanIn, o.fanIn)
	}
	if len(o.cores) == 0 || slices.Min(o.cores) < 1 || slices.Max(o.cores) > mostBoard {
		return usagef("--cores must be from 1 to %d, found %v", mostBoard, o.cores)
	}
	if o.threads < 1 {
		return usagef("--threads must be at least 1, found %d", o.threads)
	}
	return nil
}

// boardReport is the JSON form: what the boards take, and of the smallest one's loaded memory the shares of a synapse and
// of a compartment.
type boardReport struct {
	Boards              []bench.Scale `json:"boards"`
	BytesOfASynapse     float64       `json:"loaded_bytes_of_a_synapse"`
	BytesOfACompartment float64       `json:"loaded_bytes_of_a_compartment"`
}

func runBenchBoard(ctx context.Context, env *Env, o boardOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	slices.Sort(o.cores)
	r, err := o.measure(ctx, env)
	if ctx.Err() != nil {
		return interrupted{"nothing was kept"}
	}
	if err != nil {
		return err
	}
	if o.picture != "" {
		if err := env.WriteResult(o.picture, func(w io.Writer) error { return report.GrowthPicture(w, r.picture()) }); err != nil {
			return err
		}
	}
	if o.json {
		return writeJSON(env.Out, r)
	}
	return r.print(env.Out)
}

// measure takes the boards one after the other, and the smallest once more with half its synapses.
func (o *boardOptions) measure(ctx context.Context, env *Env) (*boardReport, error) {
	folder, err := os.MkdirTemp("", "decc-board-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	bar := env.Progress("bench board", len(o.cores)+1)
	defer bar.Done()
	var list []bench.Scale
	for _, b := range o.boards() {
		s, err := b.Measure(ctx, folder, o.threads, func(step string) { bar.Note(fmt.Sprintf("%d cores: %s", b.Cores, step)) })
		if err != nil {
			return nil, err
		}
		bar.Add(1)
		list = append(list, s)
	}
	last := len(list) - 1
	r := &boardReport{Boards: list[:last]}
	r.BytesOfASynapse, r.BytesOfACompartment = bench.Shares(list[0], list[last])
	return r, nil
}

func (o *boardOptions) boards() []bench.Board {
	var list []bench.Board
	for _, n := range o.cores {
		list = append(list, bench.Board{Cores: n, FanIn: o.fanIn})
	}
	return append(list, bench.Board{Cores: o.cores[0], FanIn: o.fanIn / 2})
}

func (r *boardReport) print(w io.Writer) error {
	t := newTable("cores", "compartments", "synapses", "module", "map", "lower", "store", "load", "a row", "events a row", "image, bytes a synapse", "loaded, bytes a synapse")
	seconds := func(x float64) string { return fmt.Sprintf("%.3g s", x) }
	for _, s := range r.Boards {
		n := float64(s.Synapses)
		t.AppendRow(row(s.Cores, s.Compartments, s.Synapses, seconds(s.Module), seconds(s.Map), seconds(s.Lower), seconds(s.Store), seconds(s.Load),
			fmt.Sprintf("%.3g ms", 1000*s.Row), fmt.Sprintf("%.0f", s.Events), fmt.Sprintf("%.2f", float64(s.ImageBytes)/n), fmt.Sprintf("%.2f", float64(s.LoadedBytes)/n)))
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nof the smallest, loaded: %.2f bytes a synapse and %.0f bytes a compartment\n", r.BytesOfASynapse, r.BytesOfACompartment)
	return err
}

func (r *boardReport) picture() report.Growth {
	g := report.Growth{Title: "What a network takes against its size", SizeLabel: "stored synapses", Label: "seconds; gigabytes"}
	curves := []struct {
		name string
		of   func(bench.Scale) float64
	}{
		{"map (s)", func(s bench.Scale) float64 { return s.Map }},
		{"make the image (s)", func(s bench.Scale) float64 { return s.Lower }},
		{"store (s)", func(s bench.Scale) float64 { return s.Store }},
		{"load (s)", func(s bench.Scale) float64 { return s.Load }},
		{"a row (s)", func(s bench.Scale) float64 { return s.Row }},
		{"image (GB)", func(s bench.Scale) float64 { return float64(s.ImageBytes) / 1e9 }},
		{"loaded (GB)", func(s bench.Scale) float64 { return float64(s.LoadedBytes) / 1e9 }},
	}
	for _, s := range r.Boards {
		g.Sizes = append(g.Sizes, float64(s.Synapses))
	}
	for _, c := range curves {
		curve := report.GrowthCurve{Name: c.name}
		for _, s := range r.Boards {
			curve.Values = append(curve.Values, c.of(s))
		}
		g.Curves = append(g.Curves, curve)
	}
	return g
}
