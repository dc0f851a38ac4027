package main

import (
	"context"
	"io"
	"math"
	"path/filepath"

	"github.com/spf13/cobra"

	"decc/chipsim/report"
	"decc/chipsim/stimulus/events"
)

type showOptions struct {
	partFlags
	out    string
	frames int
}

func newDataShowCmd(env *Env) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show FILE[#KEY] -o FILE.png",
		Short: "Draw a recording of events",
		Long: `Show draws slices of equal time of a recording side by side, the two polarities in two
colours, and below them the events by time. The spikes of a row of neurons (y is always 0)
are drawn by neuron and time instead. FILE#KEY is one recording of a HDF5 file of
torchneuromorphic.`,
		Example: "  decc data show gesture.aedat -o gesture.png\n  decc data show trial.aedat --from 80000000 --until 80500000 --frames 12 -o clip.png\n  decc data show dvs_gestures.hdf5#12 -o clip.png",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runShow(cmd.Context(), env, o, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.out, "output", "o", "", "draw to this PNG")
	flags.IntVar(&o.frames, "frames", 8, "slices of time")
	o.register(cmd)
	return cmd
}

func runShow(ctx context.Context, env *Env, o showOptions, path string) error {
	if o.out == "" {
		return usagef("-o is missing: the PNG to draw to")
	}
	if o.frames < 1 || o.frames > report.MaxFrames {
		return usagef("--frames is %d, a picture has 1 to %d", o.frames, report.MaxFrames)
	}
	x, err := o.open(ctx, path, o.out)
	if err != nil {
		return err
	}
	extent := x.extent
	if o.from != math.MinInt64 {
		extent.First = o.from
	}
	if o.until != math.MaxInt64 {
		extent.Last = o.until - 1
	}
	clip, err := report.NewClip(filepath.Base(path), x.info, extent, o.frames)
	if err != nil {
		return err
	}
	if _, err := pass(ctx, x.Recording, 0, func(list []events.Event) error { clip.Add(list); return nil }); err != nil {
		return err
	}
	return env.WriteResult(o.out, func(w io.Writer) error { return clip.WritePNG(w) })
}
