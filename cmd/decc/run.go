package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"decc/chipsim/cost"
	"decc/chipsim/image"
	"decc/chipsim/stimulus"
	"decc/chipsim/validate"
	"decc/compiler/model/weights"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/spikes"
)

type runOptions struct {
	compileFlags
	engine     string
	rows       int
	sample     int
	inputs     []string
	probes     []string
	out        string
	json       bool
	all        bool
	cost       bool
	checkpoint string
	learn      learnOptions
}

func newRunCmd(env *Env) *cobra.Command {
	o := runOptions{engine: validate.EngineNames()[0]}
	cmd := &cobra.Command{
		Use:   "run MODEL.yaml | MODULE.dcir | IMAGE",
		Short: "Execute a network and record what it does",
		Long: `Run executes a model, a module or an image with the chip's integers on one sample, and
prints the spikes of every group and the events counted. A model brings its own input
(--sample chooses one of a data set); --input NAME=FILE gives any input a CSV file of
events (columns row and index).

--probe GROUP.VARIABLE records a state or named value; -o writes spikes and probes to an
.npz file (GROUP.spikes is rows of [row, member]) or a .csv file.

--cost adds what the run would take on the chip by each set of coefficients of its profile
(decc targets CHIP), part by part: cores, learning, mesh and barrier from the events counted,
as the mean of a row; embedded processors, host and static power as boards measured them for
other networks; how far the sets are from published measurements. The time of a row is that
of its busiest core and the barrier. With --all and --learn it tells mean, least and most of
an inference.

--all lets a model whose stimulus is recordings of an event camera answer all of them: votes,
spikes and a digest a layer (--json), the matrix of votes by class.

--learn teaches a model whose layers learn on the chip: it presents the samples of the learn
section one at a time, with the chip's integers, and then lets what was learned vote on the
test part. -o keeps the learned weights; the same command goes on from there after Ctrl-C.
--learned FILE gives them to a later run or build of the model.`,
		Example: `  decc run testdata/models/mnist-mlp.yaml --sample 3 --probe readout_h2.y -o trace.npz
  decc run net.dimg --input in=events.csv --rows 100 -o trace.csv
  decc run testdata/models/dvsgesture-slayer.yaml --all --json -o answers.json
  decc run testdata/models/mnist-learn.yaml --data mnist --learn --digits 5000 --test 1000 -o learned.npz
  decc run testdata/models/mnist-sign.yaml --data mnist --learn --shots 5`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.learn.on {
				return runLearn(cmd.Context(), env, o, args[0])
			}
			if o.all {
				return runAll(cmd.Context(), env, o, args[0])
			}
			return runRun(cmd.Context(), env, o, args[0])
		},
	}
	o.register(cmd)
	o.registerLearned(cmd)
	flags := cmd.Flags()
	addChoice(cmd, flags, &o.engine, "engine", validate.EngineNames(), "what executes the integers")
	flags.IntVar(&o.rows, "rows", 0, "rows to run (default: the model's)")
	flags.BoolVar(&o.cost, "cost", false, "estimate energy and time on the chip from the counted events")
	flags.BoolVar(&o.all, "all", false, "run every recording of the model's list, and tell which it gets right")
	flags.StringVar(&o.checkpoint, "checkpoint", "", "with --all: keep finished recordings in this file; an interrupted run goes on from it")
	flags.IntVar(&o.sample, "sample", 0, "position of the sample in the data set, from 0")
	flags.StringArrayVar(&o.inputs, "input", nil, "NAME=FILE.csv: events of an input")
	flags.StringArrayVar(&o.probes, "probe", nil, "GROUP.VARIABLE to record, all members")
	flags.StringVarP(&o.out, "output", "o", "", "recording to write: .npz or .csv")
	flags.BoolVar(&o.json, "json", false, "print the summary as JSON")
	flags.BoolVar(&o.learn.on, "learn", false, "learn on the chip, as the model's learn section says")
	flags.IntVar(&o.learn.digits, "digits", 0, "with --learn: samples to present in all (default: the model's)")
	flags.IntVar(&o.learn.test, "test", -1, "with --learn: samples to test on afterwards; -1 is all, 0 none")
	flags.IntVar(&o.learn.shots, "shots", 0, "with --learn: present the first so many samples of every class, once each")
	flags.IntVar(&o.learn.every, "every", 1000, "with --learn: samples between two checkpoints of -o")
	return cmd
}

// runnable is a network ready to run with what is known of its input.
type runnable struct {
	engine validate.Factory
	inputs map[string]spikes.Train
	rows   int
	groups []string
	sizes  map[string]int
	layers []*ir.Layer
	chip   *chip.Spec // nil where the file has no more than its name
}

func runRun(ctx context.Context, env *Env, o runOptions, path string) error {
	data, err := env.ReadInput(path)
	if err != nil {
		return err
	}
	r, err := env.openRunnable(ctx, o, path, data)
	if err != nil {
		return err
	}
	req := spikes.Request{Rows: orDefault(o.rows, r.rows), Inputs: r.inputs}
	if req.Rows <= 0 {
		return usagef("give --rows: the network does not say how long it runs")
	}
	if err := o.addInputs(req.Inputs); err != nil {
		return err
	}
	for _, p := range o.probes {
		i := strings.LastIndexByte(p, '.')
		if i <= 0 || i == len(p)-1 {
			return usagef("--probe takes GROUP.VARIABLE, not %q", p)
		}
		req.Probes = append(req.Probes, spikes.Probe{Group: p[:i], Variable: p[i+1:]})
	}
	engine := r.engine()
	var c *costing
	if o.cost {
		if c, err = costingOf(engine, func(name string) (*chip.Spec, error) { return o.profileOf(r, name) }); err != nil {
			return err
		}
		req.Weigh = c.weigh
	}
	rec, err := engine.Run(ctx, req)
	if ctx.Err() != nil {
		return interrupted{"nothing was kept"}
	}
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := env.writeRecording(o.out, r.groups, req, rec); err != nil {
			return err
		}
	}
	return env.summarise(o, r, req, rec, c)
}

// openRunnable tells the kinds of network apart by what is in the file.
func (env *Env) openRunnable(ctx context.Context, o runOptions, path string, data []byte) (*runnable, error) {
	switch {
	case o.learned != "" && (isImage(path, data) || isModule(path, data)):
		return nil, usagef("--learned needs a model; build an image of it with decc build MODEL --learned FILE -o IMAGE")
	case isImage(path, data) && o.engine != validate.EngineNames()[0]:
		return nil, usagef("%s is an image, which engine chip runs: give --engine %s the model or the module that it was built from", path, o.engine)
	case isImage(path, data):
		return imageRunnable(path, data)
	case isModule(path, data):
		m, err := ir.Parse(string(data), path)
		if err != nil {
			return nil, err
		}
		return moduleRunnable(ctx, o.engine, m)
	}
	return env.modelRunnable(ctx, o, path)
}

func imageRunnable(path string, data []byte) (*runnable, error) {
	img, err := image.Decode(path, data)
	if err != nil {
		return nil, err
	}
	r := &runnable{inputs: map[string]spikes.Train{}, sizes: map[string]int{}}
	for _, g := range img.Groups {
		r.groups = append(r.groups, g.Name)
		r.sizes[g.Name] = g.N
	}
	r.engine, err = validate.FromImage(path, data)
	return r, err
}

func moduleRunnable(ctx context.Context, engine string, m *ir.Module) (*runnable, error) {
	if err := ir.Verify(m); err != nil {
		return nil, err
	}
	r := &runnable{inputs: map[string]spikes.Train{}, sizes: map[string]int{}, layers: m.Layers}
	for _, g := range m.Groups {
		r.groups = append(r.groups, g.Name)
		r.sizes[g.Name] = g.N
	}
	var err error
	r.engine, err = validate.Prepare(ctx, engine, m)
	return r, err
}

func (env *Env) modelRunnable(ctx context.Context, o runOptions, path string) (*runnable, error) {
	p, err := env.openProject(path, o.compileFlags)
	if err != nil {
		return nil, err
	}
	bits, err := o.width()
	if err != nil {
		return nil, err
	}
	q, err := p.quantise(ctx, bits)
	if err != nil {
		return nil, err
	}
	compiled, err := p.compile(ctx, q.module)
	if err != nil {
		return nil, err
	}
	r, err := moduleRunnable(ctx, o.engine, compiled.Module)
	if err != nil {
		return nil, err
	}
	r.chip = p.chip
	name, train, rows, err := p.stimulus(o.sample)
	if name == "" {
		name = inputOf(compiled.Module)
	}
	if train != nil {
		r.inputs[name] = train
	}
	r.rows = rows
	return r, err
}

// stimulus is the model's own input for one sample.
func (p *project) stimulus(sample int) (name string, train spikes.Train, rows int, err error) {
	if p.model.Decolle != nil {
		train, rows, err = p.decolleSample(sample)
		return "", train, rows, err
	}
	f := p.model.Presented()
	if f.Stimulus == nil {
		return "", nil, f.Rows, nil
	}
	switch f.Stimulus.Kind {
	case stimulusRecordings:
		train, err = p.recordingSample(sample)
		return f.Stimulus.Input, train, orDefault(f.Rows, f.Stimulus.Bin.Steps), err
	case stimulusImages:
	default:
		train, err = stimulusTrain(f.Stimulus)
		return f.Stimulus.Input, train, f.Rows, err
	}
	train, rows, err = p.imageSample(f.Stimulus.Set, f.Stimulus.Split, f.Stimulus.Encoder.Kind, f.Stimulus.Encoder.Params, sample)
	return f.Stimulus.Input, train, orDefault(f.Rows, rows), err
}

// decolleSample gives a layer its last readout: one row more than the float steps.
func (p *project) decolleSample(sample int) (spikes.Train, int, error) {
	d := p.model.Decolle.Data
	if d == nil {
		return nil, 0, nil
	}
	images, err := p.images("")
	if err != nil {
		return nil, 0, err
	}
	enc, err := p.encoder(images)
	if err != nil {
		return nil, 0, err
	}
	train, err := encodeSample(images, enc, sample)
	return train, d.Steps + 1, err
}

func (p *project) imageSample(set, split, kind string, params map[string]int64, sample int) (spikes.Train, int, error) {
	row, err := stimulus.FindDataSet(p.model.At("stimulus.set"), set)
	if err != nil {
		return nil, 0, err
	}
	images, err := row.Open(p.flags.data.folder, split)
	if err != nil {
		return nil, 0, err
	}
	enc, err := images.Encoder(p.model.At("stimulus.encoder"), kind, params)
	if err != nil {
		return nil, 0, err
	}
	train, err := encodeSample(images, enc, sample)
	return train, enc.Steps(), err
}

func encodeSample(images *stimulus.Images, enc stimulus.Encoder, sample int) (spikes.Train, error) {
	if sample < 0 || sample >= images.Len() {
		return nil, usagef("--sample %d: %s has samples 0..%d", sample, images.Name, images.Len()-1)
	}
	return enc.Encode(images.Image(sample), images.Index[sample]), nil
}

// addInputs reads the events that --input names.
func (o runOptions) addInputs(into map[string]spikes.Train) error {
	for _, in := range o.inputs {
		name, file, ok := strings.Cut(in, "=")
		if !ok {
			return usagef("--input takes NAME=FILE.csv, not %q", in)
		}
		f, err := os.Open(file)
		if err != nil {
			return openError(file, err)
		}
		train, err := stimulus.ReadCSV(f, file)
		f.Close()
		if err != nil {
			return err
		}
		into[name] = train
	}
	return nil
}

// recorders write a recording by the ending of its file.
var recorders = map[string]func(w io.Writer, groups []string, req spikes.Request, rec spikes.Record[int64]) error{
	".npz": recordNPZ,
	".csv": recordCSV,
}

func (env *Env) writeRecording(path string, groups []string, req spikes.Request, rec spikes.Record[int64]) error {
	record := recorders[filepath.Ext(path)]
	if record == nil {
		return diag.Errorf(diag.Pos{File: path}, codeRecording, "a recording is written as .npz or .csv, not %q", filepath.Ext(path)).
			WithFix("give -o a name that ends in .npz or .csv")
	}
	return env.WriteResult(path, func(w io.Writer) error { return record(w, groups, req, rec) })
}

func recordNPZ(w io.Writer, groups []string, req spikes.Request, rec spikes.Record[int64]) error {
	var list []weights.Tensor
	for _, g := range groups {
		t := weights.Tensor{Name: g + ".spikes", DType: weights.I32, Shape: []int{len(rec.Spikes[g]), 2}}
		for _, e := range rec.Spikes[g] {
			t.Data = append(t.Data, float64(e.Row), float64(e.Index))
		}
		list = append(list, t)
	}
	for _, p := range req.Probes {
		m := rec.Values[p.Key()]
		t := weights.Tensor{Name: p.Key(), DType: weights.I64, Shape: []int{m.Rows, m.N}}
		for _, v := range m.Data {
			t.Data = append(t.Data, float64(v))
		}
		list = append(list, t)
	}
	file, err := weights.NewFile(list...)
	if err != nil {
		return err
	}
	return weights.EncodeNPZ(w, file)
}

func recordCSV(w io.Writer, groups []string, req spikes.Request, rec spikes.Record[int64]) error {
	if _, err := fmt.Fprintln(w, "row,group,variable,index,value"); err != nil {
		return err
	}
	for _, g := range groups {
		for _, e := range rec.Spikes[g] {
			if _, err := fmt.Fprintf(w, "%d,%s,spike,%d,%d\n", e.Row, g, e.Index, e.Payload); err != nil {
				return err
			}
		}
	}
	for _, p := range req.Probes {
		m := rec.Values[p.Key()]
		for k, v := range m.Data {
			if _, err := fmt.Fprintf(w, "%d,%s,%s,%d,%d\n", k/m.N, p.Group, p.Variable, k%m.N, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// runSummary is the JSON form of a run's summary.
type runSummary struct {
	Rows   int            `json:"rows"`
	Groups []groupSummary `json:"groups"`
	Counts spikes.Counts  `json:"counts"`
	// Costs are estimates of what the run would take on the chip, one a set of coefficients.
	Costs []cost.Estimate `json:"costs,omitempty"`
	Bands []cost.Band     `json:"cost_error,omitempty"`
}

type groupSummary struct {
	Name    string `json:"name"`
	Members int    `json:"members"`
	Spikes  int    `json:"spikes"`
}

func (env *Env) summarise(o runOptions, r *runnable, req spikes.Request, rec spikes.Record[int64], c *costing) error {
	s := runSummary{Rows: req.Rows, Counts: rec.Counts}
	if c != nil {
		s.Costs, s.Bands = cost.Estimates(c.spec, c.load(req.Rows, rec.Counts, rec.Busiest)), cost.Bands(c.spec)
	}
	for _, g := range r.groups {
		s.Groups = append(s.Groups, groupSummary{g, r.sizes[g], len(rec.Spikes[g])})
	}
	if o.json {
		return writeJSON(env.Out, s)
	}
	t := newTable("group", "members", "spikes", "a member and row")
	for _, g := range s.Groups {
		t.AppendRow(row(g.Name, g.Members, g.Spikes, fmt.Sprintf("%.4f", float64(g.Spikes)/float64(max(1, g.Members*s.Rows)))))
	}
	if err := writeTable(env.Out, t); err != nil {
		return err
	}
	_, err := fmt.Fprintf(env.Out, "\n%d rows; %d synaptic events, %d compartment updates, %d input spikes, %d axon events, %d hops\n",
		s.Rows, s.Counts.SynapticEvents, s.Counts.CompartmentUpdates, s.Counts.InputSpikes, s.Counts.AxonEvents, s.Counts.Hops)
	if err != nil || c == nil {
		return err
	}
	return c.write(env.Out, s.Costs)
}
