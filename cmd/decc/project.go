package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"decc/chipsim/stimulus"
	"decc/chipsim/validate"
	"decc/compiler"
	"decc/compiler/decolle"
	"decc/compiler/model"
	"decc/compiler/model/weights"
	"decc/compiler/passes"
	"decc/compiler/quantise"
	"decc/compiler/spiking"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
)

// compileFlags are what build, run and validate have in common.
type compileFlags struct {
	target    string
	bits      []int
	calibrate int
	clip      string
	workers   int
	learned   string // file, "" for none
	data      dataFlags
	mapping   mappingFlags
}

// widths are the weight bits to go through; 0 stands for the model's.
func (f *compileFlags) widths() []int {
	if len(f.bits) == 0 {
		return []int{0}
	}
	return f.bits
}

// width is the weight bits where there can be one only.
func (f *compileFlags) width() (int, error) {
	if len(f.bits) > 1 {
		return 0, usagef("--weight-bits takes one width here; `decc validate` compares several")
	}
	return f.widths()[0], nil
}

// dataFlags choose the samples.
type dataFlags struct {
	set    string
	folder string
	split  string
}

func (f *compileFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.target, "target", "", "chip: a name that decc targets lists, or a profile file (default: the model's)")
	flags.IntSliceVar(&f.bits, "weight-bits", nil, "bits of a trained weight, sign included, 2..8 (default: the model's)")
	flags.IntVar(&f.calibrate, "calibrate", -1, "training samples for calibration; 0 scales by the weights alone (default: the model's)")
	addChoice(cmd, flags, &f.clip, "clip", []string{"search", "none"}, "search scale and threshold on calibration samples, or not")
	f.registerWorkers(cmd)
	f.data.register(cmd)
	f.mapping.register(cmd)
}

func (f *compileFlags) registerLearned(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.learned, "learned", "", "file of learned weights that the plastic layers start from (decc run --learn -o)")
}

func (f *compileFlags) registerWorkers(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.workers, "workers", runtime.NumCPU(), "goroutines; results do not depend on it")
}

func (d *dataFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&d.set, "data", "", "data set, a name that decc data list shows (default: the model's)")
	flags.StringVar(&d.folder, "folder", "", "folder with the data set's files (default: its usual place)")
	flags.StringVar(&d.split, "split", "", "part of the data set: train or test (default: the model's)")
}

// project is a model with what the commands make of it.
type project struct {
	env   *Env
	flags compileFlags
	model *model.Model
	chip  *chip.Spec
}

func (env *Env) openProject(path string, f compileFlags) (*project, error) {
	m, err := model.Load(path)
	if err != nil {
		return nil, err
	}
	for _, w := range m.Warnings {
		if err := w.Render(env.Err, m.Source); err != nil {
			return nil, err
		}
	}
	p := &project{env: env, flags: f, model: m}
	if f.target != "" {
		p.chip, err = chip.Load(f.target)
	} else {
		p.chip, err = loadTarget(path, orDefault(m.Target, "loihi2"))
	}
	if err != nil {
		return nil, err
	}
	return p, m.CheckTarget(p.chip)
}

// loadTarget is the chip that a model names: a file is looked for beside the model, like its
// other files.
func loadTarget(model, target string) (*chip.Spec, error) {
	if strings.ContainsAny(target, "./\\") && !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(model), filepath.FromSlash(target))
	}
	return chip.Load(target)
}

func orDefault[T comparable](x, def T) T {
	var zero T
	if x == zero {
		return def
	}
	return x
}

// needDecolle refuses models of other flavours where a DECOLLE network is needed.
func (p *project) needDecolle(what string) error {
	switch {
	case p.model.Decolle != nil:
		return nil
	case p.model.Spiking != nil:
		return diag.Errorf(p.model.At(""), codeFlavour, "%s needs a DECOLLE network, this model is of populations without local losses", what).
			WithFix("use `decc validate` or `decc run`")
	}
	return p.needFloat(what)
}

// needFloat says that a model in chip terms has no float network.
func (p *project) needFloat(what string) error {
	return diag.Errorf(p.model.At(""), codeFlavour, "%s needs a float network, this model is in chip terms already", what).
		WithFix("use `decc run` to execute it, or `decc replay` to hold it against a recording")
}

// quantised is a project's module at stage quantised with its explanation; Report
// is empty for models in chip terms.
type quantised struct {
	module *ir.Module
	report quantise.Report
	net    *decolle.Network[float64] // nil for other models
	cells  *spiking.Network          // of populations, nil for other models
	input  string                    // of the samples of cells, "" for the first
}

// reference is the float network that the module came from.
func (q *quantised) reference() validate.Reference {
	if q.cells != nil {
		return validate.SpikingReference(q.cells, q.module, q.input)
	}
	return validate.DecolleReference(q.net)
}

// quantise makes the module of a project with the given weight bits (0: the model's).
func (p *project) quantise(ctx context.Context, bits int) (quantised, error) {
	if p.model.Fixed != nil {
		m, err := compiler.Assemble(p.model)
		if err == nil {
			err = p.instil(m)
		}
		return quantised{module: m}, err
	}
	if p.model.Spiking != nil {
		return p.quantiseSpiking(ctx, bits)
	}
	net, err := p.network()
	if err != nil {
		return quantised{}, err
	}
	o, err := p.quantiseOptions(bits)
	if err != nil {
		return quantised{}, err
	}
	bar := p.env.Progress(fmt.Sprintf("quantise %d bits", o.WeightBits), o.Candidates(net.Layers()))
	o.Progress = func() { bar.Add(1) }
	defer bar.Done()
	res, err := quantise.Run(ctx, net, o)
	if err == nil {
		err = p.instil(res.Module)
	}
	return quantised{module: res.Module, report: res.Report, net: net}, err
}

// instil gives a module what --learned holds.
func (p *project) instil(m *ir.Module) error {
	if p.flags.learned == "" {
		return nil
	}
	f, err := weights.Load(p.flags.learned)
	if err != nil {
		return err
	}
	return placed(p.flags.learned, compiler.Instil(m, f))
}

// network is the float network that becomes integers: trained, or where learning starts.
func (p *project) network() (*decolle.Network[float64], error) {
	if compiler.Learns(p.model) {
		return compiler.LearningNetwork[float64](p.model)
	}
	return compiler.FloatNetwork[float64](p.model)
}

func (p *project) quantiseOptions(bits int) (quantise.Options, error) {
	d := p.model.Decolle
	o := quantise.Defaults()
	o.Name, o.DtNanos, o.Workers = p.model.Name, p.model.Dt.Nanoseconds(), p.flags.workers
	o.WeightBits = orDefault(bits, d.Quantise.WeightBits)
	o.PerLayer, o.LastReadout = d.Quantise.Scale == "layer", d.Readout.OnChip == "last"
	o.Search = orDefault(p.flags.clip, d.Quantise.Clip) == "search"
	o.FreeGain = p.chip.RunsAny()
	o.Learning, o.Host = compiler.OnChip(p.model), compiler.LastLayer(p.model)
	for _, l := range d.Layers {
		o.LayerNames, o.Positions = append(o.LayerNames, l.Name), append(o.Positions, l.Pos)
	}
	n := d.Quantise.Calibrate.Digits
	if p.flags.calibrate >= 0 {
		n = p.flags.calibrate
	}
	// Where the first layer learns there is nothing to calibrate yet.
	if n == 0 || d.Data == nil || compiler.Learns(p.model) && d.FirstLearning() == 0 {
		o.Search = false
		return o, nil
	}
	images, err := p.images(d.Quantise.Calibrate.Split)
	if err != nil {
		return o, err
	}
	enc, err := p.encoder(images)
	if err != nil {
		return o, err
	}
	o.Rows = d.Data.Steps
	for i := range min(n, images.Len()) {
		o.Calibration = append(o.Calibration, enc.Encode(images.Image(i), images.Index[i]))
	}
	return o, nil
}

// images opens the data set of the flags or the model; split "" is theirs too.
func (p *project) images(split string) (*stimulus.Images, error) {
	d := p.model.Decolle.Data
	if d == nil {
		return nil, diag.Errorf(p.model.At("data"), codeNoData, "the model names no data").
			WithFix("add a data section, as data: {set: mnist, steps: 100}; --data takes another set for it")
	}
	name := orDefault(p.flags.data.set, d.Set)
	set, err := stimulus.FindDataSet(p.model.At("data.set"), name)
	if err != nil {
		return nil, err
	}
	folder := p.flags.data.folder
	if folder == "" && name == d.Set {
		folder = d.Path
	}
	return set.Open(folder, orDefault(split, orDefault(p.flags.data.split, d.Split)))
}

func (p *project) encoder(images *stimulus.Images) (stimulus.Encoder, error) {
	d := p.model.Decolle.Data
	params := map[string]int64{"steps": int64(d.Steps)}
	for name, v := range d.Encoder.Params {
		params[name] = v
	}
	return images.Encoder(p.model.At("data.encoder"), d.Encoder.Kind, params)
}

// pipeline is the way to a routed module that the flags ask for.
func (p *project) pipeline(m *ir.Module) (compiler.Pipeline, error) {
	pipeline := passes.Default(p.chip)
	var err error
	pipeline.Options, err = p.flags.mapping.options(m)
	return pipeline, err
}

// compile takes a module through the passes of the project's chip.
func (p *project) compile(ctx context.Context, m *ir.Module) (compiler.Result, error) {
	pipeline, err := p.pipeline(m)
	if err != nil {
		return compiler.Result{}, err
	}
	return pipeline.Run(ctx, m)
}
