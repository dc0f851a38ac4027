package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"decc/chipsim/stimulus"
	"decc/chipsim/stimulus/events"
)

// partFlags name a part of a recording.
type partFlags struct {
	from, until int64
	axes        string
}

func (p *partFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	registerAxes(cmd, &p.axes)
	flags.Int64Var(&p.from, "from", math.MinInt64, "leave out events before this time, in us")
	flags.Int64Var(&p.until, "until", math.MaxInt64, "leave out events from this time on, in us")
	flags.Lookup("from").DefValue, flags.Lookup("until").DefValue = "0", "0" // which the help leaves out
}

func registerAxes(cmd *cobra.Command, axes *string) {
	addChoice(cmd, cmd.Flags(), axes, "axes", events.AxesNames(), "order of the addresses of a HDF5 file whose values do not tell it")
}

func (p *partFlags) window() (events.Window, error) {
	if p.from == math.MinInt64 && p.until == math.MaxInt64 {
		return events.Window{}, nil
	}
	for _, t := range []int64{p.from, p.until} {
		if t != math.MinInt64 && t != math.MaxInt64 && (t > events.MaxTime || t < -events.MaxTime) {
			return events.Window{}, usagef("%d is no time of an event: these are -2^53 to 2^53 us", t)
		}
	}
	if p.until <= p.from {
		return events.Window{}, usagef("--until %d is not after --from %d", p.until, p.from)
	}
	return events.Window{From: p.from, Until: p.until}, nil
}

// recordingAt is the recording that an argument names: a file, or FILE#KEY.
func recordingAt(arg, axes string) stimulus.Recording {
	x := stimulus.Recording{File: arg, Path: arg, Axes: events.Axes(axes)}
	if fileExists(arg) {
		return x
	}
	for i, c := range arg {
		if c == '#' && fileExists(arg[:i]) {
			x.Path, x.Key = arg[:i], arg[i+1:]
			break
		}
	}
	return x
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// pass reads the events of a part of a recording from front to back, with origin taken off
// their times.
func pass(ctx context.Context, x stimulus.Recording, origin int64, take func([]events.Event) error) (*events.Reader, error) {
	f, err := os.Open(x.Path)
	if err != nil {
		return nil, openError(x.Path, err)
	}
	defer f.Close()
	r, err := x.Open(f)
	if err != nil {
		return nil, err
	}
	return r, r.Each(func(list []events.Event) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return take(x.Window.Take(list, origin))
	})
}

// selection is a part of a recording that is read more than once: first for what it spans.
type selection struct {
	stimulus.Recording
	info   events.Info
	extent events.Extent
}

// open finds the part of the recording that an argument names and what it spans; out is the file that
// it is to become.
func (p *partFlags) open(ctx context.Context, arg, out string) (*selection, error) {
	s := &selection{Recording: recordingAt(arg, p.axes)}
	var err error
	if s.Window, err = p.window(); err != nil {
		return nil, err
	}
	file, err := os.Stat(s.Path)
	if err != nil {
		return nil, openError(s.Path, err)
	}
	if !file.Mode().IsRegular() {
		return nil, openError(s.Path, errors.New("it is read more than once, and no plain file"))
	}
	if to, err := os.Stat(out); err == nil && os.SameFile(file, to) {
		return nil, usagef("-o %s is the recording itself", out)
	}
	r, err := pass(ctx, s.Recording, 0, func(list []events.Event) error { s.extent.Add(list); return nil })
	if err != nil {
		return nil, err
	}
	s.info = r.Info()
	return s, nil
}

type convertOptions struct {
	partFlags
	out     string
	format  string
	rebase  bool
	upright bool
	json    bool
}

func newDataConvertCmd(env *Env) *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert FILE[#KEY] -o FILE",
		Short: "Write a recording of events in another format",
		Long: `Convert writes the events of a recording in the format that the extension of -o tells:
` + writtenExtensions() + `;
a further .gz packs the file. Of formats with one extension --format names the one (evt2 and
evt3 are .raw, aedat3 and aedat4 .aedat), without it the older is written. Events keep their
order, times, places and polarities: one that the format cannot hold is an error with its
number. The file is written whole or not at all, and memory does not grow with the recording,
which is read once for each column of a npz. FILE#KEY is one recording of a HDF5 file of
torchneuromorphic.`,
		Example: "  decc data convert gesture.aedat -o gesture.npy\n" +
			"  decc data convert trial.aedat --from 80000000 --until 80500000 --rebase -o clip.bs2\n" +
			"  decc data convert dvs_gestures.hdf5#12 -o clip.aedat",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runConvert(cmd.Context(), env, o, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.out, "output", "o", "", "write this file")
	addChoice(cmd, flags, &o.format, "format", events.WrittenNames(), "format of the file, where its extension leaves a choice")
	o.register(cmd)
	flags.BoolVar(&o.rebase, "rebase", false, "let the time begin at 0: take --from, or the time of the earliest event, off all times")
	flags.BoolVar(&o.upright, "upright", false, "row 0 at the top and polarity 1 for ON, where the recording (AEDAT 1 and 2) has them otherwise")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func writtenExtensions() string { return "." + strings.Join(events.WrittenExtensions(), ", .") }

func runConvert(ctx context.Context, env *Env, o convertOptions, path string) error {
	if o.out == "" || o.out == toStdout {
		return usagef("-o is missing: its extension is the format, one of %s", writtenExtensions())
	}
	x, err := o.open(ctx, path, o.out)
	if err != nil {
		return err
	}
	info, extent := x.info, x.extent
	origin := int64(0)
	if o.rebase {
		if origin = o.from; origin == math.MinInt64 {
			origin = extent.First
		}
	}
	if extent.Events > 0 {
		extent.First, extent.Last = extent.First-origin, extent.Last-origin
	}
	var format events.Format
	err = env.WriteResult(o.out, func(w io.Writer) error {
		c, err := events.Create(w, o.out, o.format, info, extent)
		if err != nil {
			return err
		}
		format = c.Format()
		for range c.Passes() {
			if _, err := pass(ctx, x.Recording, origin, func(list []events.Event) error {
				if o.upright {
					info.Upright(list)
				}
				return c.Write(list)
			}); err != nil {
				return err
			}
		}
		return c.Close()
	})
	if err != nil {
		return err
	}
	d := &description{Kind: "converted recording"}
	d.add("format", format.Name)
	d.add("events", extent.Events)
	if extent.Events > 0 {
		d.add("from", seconds(extent.First))
		d.add("to", seconds(extent.Last))
	}
	if (info.BottomUp || info.ZeroIsOn) && !o.upright {
		d.add("note", "in "+info.Format+" y counts from below and polarity 0 is ON: written as they are without --upright")
	}
	return env.WriteResult(toStdout, func(w io.Writer) error { return d.write(w, o.json) })
}

// seconds shows a time in microseconds.
func seconds(micros int64) string { return fmt.Sprintf("%.6f s", float64(micros)/1e6) }
