package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"decc/chipsim/stimulus"
	"decc/chipsim/validate"
	"decc/compiler"
	"decc/compiler/model"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/spikes"
)

type replayOptions struct {
	engine string
	json   bool
	junit  string
	folder string
}

func newReplayCmd(env *Env) *cobra.Command {
	o := replayOptions{engine: validate.EngineNames()[0]}
	cmd := &cobra.Command{
		Use:   "replay FILE...",
		Short: "Replay recorded traces and compare every value",
		Long: `Replay runs what a recorded file describes and compares spikes, currents, voltages and
weights with the recording, integers without tolerance. It reads traces of emulators
(schema golden/1), of the float reference (decolle-golden/1), and replay manifests
(YAML: a decc model and what a chip gave for it; testdata/replay/README.md).

Without --engine the chip simulator runs what its memory can hold, the interpreter the
rest. One line a file: equal, differs with the first difference, or unsupported with the
reason. The exit code is 0 only if all are equal.`,
		Example: `  decc replay testdata/golden/*.json
  decc replay testdata/replay/chip-reference.replay.yaml --engine interp`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			engine := o.engine
			if !cmd.Flags().Changed("engine") {
				engine = "" // the first that can run the file
			}
			return runReplay(cmd.Context(), env, o, engine, files)
		},
	}
	flags := cmd.Flags()
	addChoice(cmd, flags, &o.engine, "engine", validate.EngineNames(), "what executes the integers")
	flags.BoolVar(&o.json, "json", false, "print the verdicts as JSON")
	flags.StringVar(&o.junit, "junit", "", "write the verdicts as JUnit XML to this file")
	flags.StringVar(&o.folder, "folder", "", "folder of the data set that a manifest names (default: its usual place)")
	return cmd
}

// runReplay goes on after a file that cannot be read, so that one run names all.
func runReplay(ctx context.Context, env *Env, o replayOptions, engine string, files []string) error {
	options := validate.Options{Engine: engine, Load: loadNetwork, Images: o.images}
	bar := env.Progress("replay", len(files))
	var failed diag.List
	var verdicts []validate.Verdict
	for _, file := range files {
		v, err := validate.Replay(ctx, file, options)
		if ctx.Err() != nil {
			bar.Done()
			return interrupted{"nothing was kept"}
		}
		bar.Add(1)
		if found := diag.All(err); found != nil {
			failed = append(failed, found...)
			continue
		}
		if err != nil {
			bar.Done()
			return err
		}
		verdicts = append(verdicts, v)
	}
	bar.Done()
	if err := env.writeVerdicts(o, verdicts); err != nil {
		return err
	}
	if err := failed.Err(); err != nil {
		return err
	}
	for _, v := range verdicts {
		if v.Status != validate.Equal {
			return errCheckFailed
		}
	}
	return nil
}

func (env *Env) writeVerdicts(o replayOptions, verdicts []validate.Verdict) error {
	if o.junit != "" {
		suites := []validate.Suite{validate.VerdictSuite("replay", verdicts)}
		if err := env.WriteResult(o.junit, func(w io.Writer) error { return validate.WriteJUnit(w, suites) }); err != nil {
			return err
		}
	}
	if o.json {
		return writeJSON(env.Out, verdicts)
	}
	for _, v := range verdicts {
		detail := v.Detail
		if v.Status == validate.Equal {
			detail = fmt.Sprintf("%d values", v.Compared)
		}
		if _, err := fmt.Fprintf(env.Out, "%-11s %s: %s\n", v.Status, v.File, detail); err != nil {
			return err
		}
	}
	return nil
}

// loadNetwork is a model in chip terms, with its stimulus where it has events.
func loadNetwork(_ context.Context, path string) (validate.Network, error) {
	m, err := model.Load(path)
	if err != nil {
		return validate.Network{}, err
	}
	if m.Fixed == nil {
		return validate.Network{}, diag.Errorf(m.At(""), codeFlavour, "a replay needs a model in chip terms, this one is a float network").
			WithFix("use `decc validate`")
	}
	module, err := compiler.Assemble(m)
	if err != nil {
		return validate.Network{}, err
	}
	if m.Target != "" {
		spec, err := loadTarget(path, m.Target)
		if err != nil {
			return validate.Network{}, err
		}
		module.Chip = spec.Name
	}
	n := validate.Network{Module: module, Rows: m.Fixed.Rows}
	s := m.Fixed.Stimulus
	if s == nil || s.Kind == stimulusImages || s.Kind == stimulusRecordings {
		return n, nil
	}
	train, err := stimulusTrain(s)
	n.Inputs = map[string]spikes.Train{orDefault(s.Input, inputOf(module)): train}
	return n, err
}

// stimulusImages is the kind of stimulus that has samples.
const stimulusImages = "images"

func inputOf(m *ir.Module) string { return m.Inputs[0].Name }

// stimulusTrain is the train of a stimulus of one sample.
func stimulusTrain(s *model.Stimulus) (spikes.Train, error) {
	if s.Path == "" || s.Train != nil {
		return s.Train, nil
	}
	f, err := os.Open(s.Path)
	if err != nil {
		return nil, openError(s.Path, err)
	}
	defer f.Close()
	return stimulus.ReadPairs(f, s.Path, s.Order)
}

// images opens the test part of a data set for a manifest.
func (o replayOptions) images(name string) (*stimulus.Images, error) {
	set, err := stimulus.FindDataSet(diag.Pos{}, name)
	if err != nil {
		return nil, err
	}
	return set.Open(o.folder, "test")
}
