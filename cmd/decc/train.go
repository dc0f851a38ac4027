package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"decc/chipsim/stimulus"
	"decc/compiler"
	"decc/compiler/decolle"
	"decc/compiler/model"
	"decc/compiler/model/weights"
	"decc/ir/diag"
	"decc/ir/spikes"
)

type trainOptions struct {
	workers    int
	data       dataFlags
	digits     int
	out        string
	checkpoint string
	every      int
	test       int
	json       bool
	fromModel  bool
}

func newTrainCmd(env *Env) *cobra.Command {
	var o trainOptions
	cmd := &cobra.Command{
		Use:   "train MODEL.yaml",
		Short: "Train the float reference of a model",
		Long: `Train runs the DECOLLE float reference: every layer learns online from its local loss
through its fixed random readout, as the model's train section says. It writes the
weights (-o, .npz or .safetensors) and tests them on the test part of the data set.

The state is kept beside the weights after every --every batches and on Ctrl-C; the same
command goes on from it, bit for bit as if it had not been interrupted. Results depend
on the model's seed, not on --workers.`,
		Example: `  decc train testdata/models/mnist-mlp.yaml --data mnist -o trained.npz
  decc train testdata/models/mnist-mlp.yaml --data mnist --digits 1000 -o short.npz`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runTrain(cmd.Context(), env, o, args[0]) },
	}
	flags := cmd.Flags()
	f := compileFlags{}
	f.registerWorkers(cmd)
	o.data.register(cmd)
	flags.IntVar(&o.digits, "digits", 0, "samples to see in all (default: the model's)")
	flags.StringVarP(&o.out, "output", "o", "trained.npz", "weights to write: .npz or .safetensors")
	flags.StringVar(&o.checkpoint, "checkpoint", "", "file of the training state (default: the output with .state.npz)")
	flags.IntVar(&o.every, "every", 50, "batches between two checkpoints")
	flags.IntVar(&o.test, "test", -1, "test samples to measure accuracy on afterwards; -1 is all, 0 none")
	flags.BoolVar(&o.json, "json", false, "print the result as JSON")
	flags.BoolVar(&o.fromModel, "continue", false, "start from the model's weights instead of a fresh initialisation")
	return cmd
}

// trainResult is the JSON result.
type trainResult struct {
	Model     string    `json:"model"`
	Digits    int       `json:"digits"`
	Seed      uint64    `json:"seed"`
	Weights   string    `json:"weights"`
	TestSet   string    `json:"test_set,omitempty"`
	Tested    int       `json:"tested"`
	Accuracy  []float64 `json:"accuracy"` // by layer, by votes
	SpikeRate []float64 `json:"spike_rate"`
}

// precisions runs the training in the precision that the model names.
var precisions = map[string]func(ctx context.Context, env *Env, o trainOptions, m *model.Model) (trainResult, error){
	"f32": trainIn[float32],
	"f64": trainIn[float64],
}

func runTrain(ctx context.Context, env *Env, o trainOptions, path string) error {
	load := model.LoadForTraining
	if o.fromModel {
		load = model.Load
	}
	m, err := load(path)
	if err != nil {
		return err
	}
	if err := (&project{model: m}).needDecolle("train"); err != nil {
		return err
	}
	res, err := precisions[m.Decolle.Precision](ctx, env, o, m)
	if err != nil {
		return err
	}
	if o.json {
		return writeJSON(env.Out, res)
	}
	fmt.Fprintf(env.Out, "%s: %d samples seen, seed %d, weights in %s\n", res.Model, res.Digits, res.Seed, res.Weights)
	if res.Tested == 0 {
		return nil
	}
	fmt.Fprintf(env.Out, "test on %d samples of %s:\n", res.Tested, res.TestSet)
	t := newTable("layer", "accuracy", "spikes per neuron and step")
	for l, a := range res.Accuracy {
		t.AppendRow(row(m.Decolle.Layers[l].Name, percent(a), fmt.Sprintf("%.4f", res.SpikeRate[l])))
	}
	return writeTable(env.Out, t)
}

// samples are encoded images as the trainer takes them.
type samples struct {
	images *stimulus.Images
	enc    stimulus.Encoder
	n      int
}

func (s samples) Len() int { return s.n }

func (s samples) Sample(i int) (spikes.Train, int) {
	return s.enc.Encode(s.images.Image(i), s.images.Index[i]), s.images.Labels[i]
}

// openSamples opens one part of the data set with the model's encoder.
func openSamples(m *model.Model, f dataFlags, set, split string, steps, limit int) (samples, error) {
	row, err := stimulus.FindDataSet(m.At("train.set"), orDefault(f.set, set))
	if err != nil {
		return samples{}, err
	}
	folder := f.folder
	if d := m.Decolle.Data; d != nil && folder == "" && row.Name == d.Set {
		folder = d.Path
	}
	images, err := row.Open(folder, split)
	if err != nil {
		return samples{}, err
	}
	params := map[string]int64{"steps": int64(steps)}
	for name, v := range m.Decolle.Data.Encoder.Params {
		params[name] = v
	}
	enc, err := images.Encoder(m.At("data.encoder"), m.Decolle.Data.Encoder.Kind, params)
	n := images.Len()
	if limit > 0 {
		n = min(n, limit)
	}
	return samples{images, enc, n}, err
}

func trainIn[F decolle.Float](ctx context.Context, env *Env, o trainOptions, m *model.Model) (trainResult, error) {
	res := trainResult{Model: m.Name, Seed: m.Decolle.Train.Seed, Weights: o.out}
	if m.Decolle.Data == nil {
		return res, diag.Errorf(m.At("data"), codeNoData, "the model names no data").WithFix("add a data section")
	}
	t := m.Decolle.Train
	data, err := openSamples(m, o.data, t.Set, orDefault(o.data.split, t.Split), t.Steps, 0)
	if err != nil {
		return res, err
	}
	cfg := compiler.FloatTraining(m, o.workers)
	cfg.Digits = orDefault(o.digits, cfg.Digits)
	net, err := startNetwork[F](m, o, data)
	if err != nil {
		return res, err
	}
	trainer, err := decolle.NewTrainer(net, cfg, data)
	if err != nil {
		return res, err
	}
	if err := env.drive(ctx, o, cfg.Digits, trainer.Run, trainer.State, trainer.Restore); err != nil {
		return res, err
	}
	res.Digits = cfg.Digits
	if err := writeTensors(o.out, net.Tensors()); err != nil {
		return res, err
	}
	return res, evaluate(ctx, env, o, m, net, &res)
}

// startNetwork is the network at the beginning of a run.
func startNetwork[F decolle.Float](m *model.Model, o trainOptions, data samples) (*decolle.Network[F], error) {
	if o.fromModel {
		return compiler.FloatNetwork[F](m)
	}
	net, err := compiler.Untrained[F](m)
	if err != nil {
		return nil, err
	}
	t := m.Decolle.Train
	net.Init(t.Seed)
	if t.Init != "lsuv" {
		return net, nil
	}
	var probe []spikes.Train
	for i := range min(lsuvSamples, data.Len()) {
		train, _ := data.Sample(i)
		probe = append(probe, train)
	}
	_, err = net.InitLSUV(t.Seed, probe, decolle.LSUV{Rows: t.Steps, Workers: o.workers})
	return net, err
}

// lsuvSamples is the batch that the reference measures variances on (decolle.md section 2).
const lsuvSamples = 32

// drive runs the training with progress and checkpoints, going on from an earlier state.
func (env *Env) drive(ctx context.Context, o trainOptions, digits int, run func(context.Context, decolle.Hooks) error,
	state func() decolle.Tensors, restore func(decolle.Tensors) error,
) error {
	file := orDefault(o.checkpoint, strings.TrimSuffix(o.out, filepath.Ext(o.out))+".state.npz")
	started, err := resume(file, restore)
	if err != nil {
		return err
	}
	bar := env.Progress("train", digits)
	defer bar.Done()
	bar.Add(started)
	err = run(ctx, decolle.Hooks{
		Every:      o.every,
		Checkpoint: func(t decolle.Tensors) error { return writeTensors(file, t) },
		Progress: func(p decolle.Progress) {
			bar.Add(p.Digits - started)
			started = p.Digits
			bar.Note(fmt.Sprintf("loss %.4f", p.Loss[len(p.Loss)-1]))
		},
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if wrote := writeTensors(file, state()); wrote != nil {
		return wrote
	}
	if err != nil {
		return interrupted{fmt.Sprintf("%d samples are done, the state is in %s; the same command goes on from there", started, file)}
	}
	return nil
}

// resume restores a state file where there is one and tells how many samples it has seen.
func resume(file string, restore func(decolle.Tensors) error) (digits int, err error) {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	f, err := weights.Load(file)
	if err != nil {
		return 0, err
	}
	tensors := decolle.Tensors{}
	for _, t := range f.Tensors {
		bits := 64
		if t.DType == weights.F32 {
			bits = 32
		}
		tensors[t.Name] = decolle.Tensor{Shape: t.Shape, Bits: bits, Data: t.Data}
	}
	if err := restore(tensors); err != nil {
		for _, d := range diag.All(err) {
			d.Pos = diag.Pos{File: file}
		}
		return 0, err
	}
	return int(tensors["trainer.counters"].Data[0]), nil
}

// writeTensors writes .safetensors where the name says so, else .npz.
func writeTensors(path string, tensors decolle.Tensors) error {
	var list []weights.Tensor
	for _, name := range tensors.Names() {
		t := tensors[name]
		dtype := weights.F64
		if t.Bits == 32 {
			dtype = weights.F32
		}
		list = append(list, weights.Tensor{Name: name, DType: dtype, Shape: t.Shape, Data: t.Data})
	}
	file, err := weights.NewFile(list...)
	if err != nil {
		return err
	}
	return weights.AtomicWrite(path, func(w io.Writer) error {
		if filepath.Ext(path) == ".safetensors" {
			return weights.EncodeSafetensors(w, file)
		}
		return weights.EncodeNPZ(w, file)
	})
}

// evaluate measures the trained network on the test part.
func evaluate[F decolle.Float](ctx context.Context, env *Env, o trainOptions, m *model.Model, net *decolle.Network[F], res *trainResult) error {
	if o.test == 0 {
		return nil
	}
	d := m.Decolle.Data
	test, err := openSamples(m, o.data, m.Decolle.Train.Set, "test", d.Steps, max(0, o.test))
	if err != nil {
		return err
	}
	bar := env.Progress("test", test.n)
	defer bar.Done()
	last := 0
	e, err := decolle.Evaluate(ctx, net, test, decolle.Protocol{Steps: d.Steps, BurnIn: d.BurnIn, Workers: o.workers}, func(done int) {
		bar.Add(done - last)
		last = done
	})
	if err != nil {
		return err
	}
	res.TestSet, res.Tested = test.images.Name, test.n
	for l := range net.Layers() {
		res.Accuracy = append(res.Accuracy, e.Accuracy(l))
		res.SpikeRate = append(res.SpikeRate, e.Rate(l))
	}
	return nil
}
