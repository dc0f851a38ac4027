package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"decc/backends/chipimage"
	"decc/backends/hostc"
	"decc/backends/llvm"
	"decc/chipsim/image"
	"decc/compiler"
	"decc/compiler/model"
	"decc/compiler/passes"
	"decc/compiler/quantise"
	"decc/ir"
	"decc/ir/diag"
)

type buildOptions struct {
	compileFlags
	out       string
	emit      string
	cpu       string
	explain   bool
	all       bool
	json      bool
	estimate  bool
	report    string // "" for none, else a file or toTable
	dumpAfter []string
}

// emissions are what build can write, by the name of --emit.
var emissions = []struct {
	name, doc string
	write     func(ctx context.Context, w io.Writer, b *built) error
	runs      bool // the file is a program
}{
	{"chipimage", "the binary image that the simulator runs", writeImage, false},
	{"dcir", "the routed module as text", func(_ context.Context, w io.Writer, b *built) error {
		return ir.Print(w, b.compiled.Module, ir.PrintOptions{})
	}, false},
	{"host", "the embedded processor's part of the learning, as C", writeHost, false},
	{"dcir-quantised", "the module before the passes, as text", func(_ context.Context, w io.Writer, b *built) error {
		return ir.Print(w, b.module, ir.PrintOptions{})
	}, false},
	{"llvm", "the network as a module of LLVM, as text", writeLLVM, false},
	{"native", "the network as a program that answers requests on its standard input", func(ctx context.Context, w io.Writer, b *built) error {
		return b.writeNative(ctx, w, llvm.Executable)
	}, true},
	{"shared", "the network as a shared object with the function decc_call", func(ctx context.Context, w io.Writer, b *built) error {
		return b.writeNative(ctx, w, llvm.SharedObject)
	}, true},
}

func emissionNames() []string {
	var names []string
	for _, e := range emissions {
		names = append(names, e.name)
	}
	return names
}

func newBuildCmd(env *Env) *cobra.Command {
	o := buildOptions{emit: emissionNames()[0], cpu: llvm.NativeCPU}
	cmd := &cobra.Command{
		Use:   "build MODEL.yaml",
		Short: "Compile a model for a chip",
		Long: `Build quantises a model, makes it legal for its chip, maps it onto cores and writes the
image (-o). Without -o it reports only: the module, the passes and how full the cores are.
--report holds the mapping against the sequential one: cores, packets, spike-hops, links;
with =FILE.html, .png or .json it writes that too. --estimate tells in seconds about how many cores
a large network takes, and what binds, without mapping it. --emit llvm, native and shared write the network
for the processor that decc runs on, or for that of --cpu. --explain tells of every number what it was, what it became and what one unit means.`,
		Example: `  decc build testdata/models/mnist-mlp.yaml -o mnist.dimg
  decc build testdata/models/mnist-mlp.yaml --explain --target loihi1
  decc build testdata/models/mnist-mlp.yaml --emit dcir -o mnist.dcir
  decc build testdata/models/mnist-mlp.yaml --report=floor.html
  decc build testdata/models/mnist-mlp.yaml --estimate --target loihi1
  decc build testdata/models/mnist-sign.yaml --emit host -o host.c
  decc build testdata/models/mnist-mlp.yaml --emit llvm --cpu x86-64-v3 -o mnist.ll`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runBuild(cmd.Context(), env, o, args[0]) },
	}
	o.register(cmd)
	o.registerLearned(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&o.out, "output", "o", "", "file to write")
	addChoice(cmd, flags, &o.emit, "emit", emissionNames(), "what to write")
	addChoice(cmd, flags, &o.cpu, "cpu", llvm.CPUNames(), "processor that --emit llvm, native and shared write for")
	flags.BoolVar(&o.explain, "explain", false, "explain every scaling (per neuron with --all)")
	flags.BoolVar(&o.all, "all", false, "with --explain: every neuron, not the first of each layer")
	flags.BoolVar(&o.json, "json", false, "report as JSON")
	flags.BoolVar(&o.estimate, "estimate", false, "tell about how many cores it takes, and map nothing")
	flags.StringVar(&o.report, "report", "", "compare the mapping with the sequential one, and draw it into a file")
	flags.Lookup("report").NoOptDefVal = toTable
	flags.StringSliceVar(&o.dumpAfter, "dump-after", nil, "print the module after these passes, without weights")
	for _, other := range []string{"output", "emit", "explain", "report", "dump-after"} {
		cmd.MarkFlagsMutuallyExclusive("estimate", other)
	}
	return cmd
}

// built is a project's module before and after the passes.
type built struct {
	quantised
	compiled compiler.Result
	image    []byte
	project  *project
	cpu      string // of native programs
}

func runBuild(ctx context.Context, env *Env, o buildOptions, path string) error {
	p, err := env.openProject(path, o.compileFlags)
	if err != nil {
		return err
	}
	if o.estimate {
		return p.estimate(ctx, o)
	}
	b, err := p.build(ctx, o)
	if err != nil {
		return err
	}
	for _, d := range b.compiled.Notes {
		if err := d.Render(env.Err, p.model.Source); err != nil {
			return err
		}
	}
	if o.out != "" {
		if err := env.emit(ctx, o, b); err != nil || o.out == toStdout {
			return err
		}
	}
	if o.json {
		return writeJSON(env.Out, b.summary())
	}
	if err := b.report(env.Out, o); err != nil || o.report == "" {
		return err
	}
	return b.reportMapping(ctx, env, o.report)
}

// toTable is --report without a file.
const toTable = "-"

func (b *built) reportMapping(ctx context.Context, env *Env, file string) error {
	s, err := b.survey(ctx)
	if err != nil {
		return err
	}
	if err := s.print(env.Out); err != nil || file == toTable {
		return err
	}
	return env.writeSurvey(s, file)
}

func (p *project) build(ctx context.Context, o buildOptions) (*built, error) {
	bits, err := o.width()
	if err != nil {
		return nil, err
	}
	q, err := p.quantise(ctx, bits)
	if err != nil {
		return nil, err
	}
	pipeline, err := p.pipeline(q.module)
	if err != nil {
		return nil, err
	}
	pipeline.DumpAfter, pipeline.Dump = o.dumpAfter, p.env.Out
	bar := p.env.Progress("build", len(pipeline.Passes))
	pipeline.Watch = func(pass, step string) {
		if bar.Note(pass + " " + step); step == "" {
			bar.Add(1)
		}
	}
	pipeline.Hear = func(d *diag.Diagnostic) { bar.Print(func(w io.Writer) { _ = d.Render(w, p.model.Source) }) }
	compiled, err := pipeline.Run(ctx, q.module)
	bar.Done()
	if err != nil {
		return nil, err
	}
	img, err := chipimage.Lower(ctx, compiled.Module)
	if err != nil {
		return nil, err
	}
	data, err := image.Encode(img)
	return &built{quantised: q, compiled: compiled, image: data, project: p, cpu: o.cpu}, err
}

func (env *Env) emit(ctx context.Context, o buildOptions, b *built) error {
	for _, e := range emissions {
		if e.name != o.emit {
			continue
		}
		if err := env.WriteResult(o.out, func(w io.Writer) error { return e.write(ctx, w, b) }); err != nil {
			return err
		}
		if e.runs && o.out != toStdout {
			return env.allowToRun(o.out)
		}
	}
	return nil
}

// allowToRun makes a file a program.
func (env *Env) allowToRun(path string) error {
	if err := os.Chmod(path, 0o755); err != nil {
		return diag.Errorf(diag.Pos{File: path}, codeWrite, "%v", err)
	}
	return nil
}

// lowered is the network as a module of LLVM.
func (b *built) lowered() (*llvm.Program, error) {
	t, err := llvm.TargetFor(b.cpu)
	if err != nil {
		return nil, err
	}
	return llvm.Lower(b.compiled.Module, t)
}

func writeLLVM(_ context.Context, w io.Writer, b *built) error {
	p, err := b.lowered()
	if err == nil {
		_, err = w.Write(p.Text)
	}
	return err
}

func (b *built) writeNative(ctx context.Context, w io.Writer, form llvm.Form) error {
	p, err := b.lowered()
	if err != nil {
		return err
	}
	data, err := p.Compile(ctx, form)
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// writeHost writes the host program of a model whose last layer learns from one.
func writeHost(_ context.Context, w io.Writer, b *built) error {
	m := b.project.model
	if compiler.LastLayer(m) == nil {
		return diag.Errorf(m.At("learn.rule"), codeNoHost, "no layer of %s learns from what a host writes", m.Name).
			WithFix("use rule %s or %s in a model for loihi1", model.RuleSOEL, model.RuleSign)
	}
	spec, err := compiler.HostProgram(m)
	if err != nil {
		return err
	}
	return hostc.Write(w, spec)
}

func writeImage(_ context.Context, w io.Writer, b *built) error {
	_, err := w.Write(b.image)
	return err
}

// buildSummary is the JSON form of a build's report.
type buildSummary struct {
	Model        string           `json:"model"`
	Target       string           `json:"target"`
	ModuleDigest string           `json:"module_digest"`
	ImageDigest  string           `json:"image_digest"`
	ImageBytes   int              `json:"image_bytes"`
	Passes       []compiler.Stat  `json:"passes"`
	Cores        []passes.CoreUse `json:"cores"`
	Quantisation quantise.Report  `json:"quantisation"`
}

func (b *built) summary() buildSummary {
	return buildSummary{
		Model: b.module.Name, Target: b.project.chip.Name, ModuleDigest: ir.Digest(b.compiled.Module),
		ImageDigest: image.Digest(b.image), ImageBytes: len(b.image), Passes: b.compiled.Stats,
		Cores: passes.Resources(b.compiled.Module, b.project.chip), Quantisation: b.quantised.report,
	}
}

// report prints what was built.
func (b *built) report(w io.Writer, o buildOptions) error {
	s := b.summary()
	fmt.Fprintf(w, "%s for %s: module %.12s, image %.12s (%d bytes)\n\n", s.Model, s.Target, s.ModuleDigest, s.ImageDigest, s.ImageBytes)
	if o.explain {
		if err := writeExplanation(w, s.Quantisation, o.all); err != nil {
			return err
		}
		if err := b.explainLearning(w); err != nil {
			return err
		}
	}
	if err := writeStats(w, s.Passes); err != nil {
		return err
	}
	return writeCores(w, s.Cores)
}

func writeStats(w io.Writer, stats []compiler.Stat) error {
	t := newTable("pass", "figure", "value")
	for _, s := range stats {
		t.AppendRow(row(s.Pass, s.Name, fmt.Sprint(s.Value, s.Unit)))
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// writeExplanation prints how the layers were quantised and what each number means.
func writeExplanation(w io.Writer, r quantise.Report, all bool) error {
	layers := newTable("layer", "neurons", "bits", "exponent", "weight step", "weight error", "clipped", "calibration spikes that differ", "before search")
	for _, l := range r.Layers {
		layers.AppendRow(row(
			l.Name, l.Neurons, l.WeightBits, l.WeightExp, fmt.Sprintf("%.3g..%.3g", l.StepMin, l.StepMax), fmt.Sprintf("%.2f %%", 100*l.RMS),
			l.Clipped, fmt.Sprintf("%d of %d", l.After, l.Decisions), l.Before,
		))
	}
	if err := writeTable(w, layers); err != nil {
		return err
	}
	fmt.Fprintln(w)
	t := newTable("object", "number", "neuron", "float", "integer", "unit", "reads back as", "error")
	for _, s := range r.Scalings {
		if s.Index > 0 && !all {
			continue
		}
		t.AppendRow(row(s.Object, s.Param, s.Index, fmt.Sprintf("%.6g", s.Float), s.Integer, s.Unit, fmt.Sprintf("%.6g", s.Back), fmt.Sprintf("%.2g", s.Error())))
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}
