package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"decc/chipsim/cost"
	"decc/chipsim/stimulus"
	"decc/chipsim/stimulus/events"
	"decc/chipsim/validate"
	"decc/compiler/model"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// stimulusRecordings is the kind of stimulus that is files of an event camera.
const stimulusRecordings = "recordings"

// binning is how the model makes spikes of events.
func binning(f *model.Presented) stimulus.Binning {
	s := f.Stimulus
	b := stimulus.Binning{
		Micros: s.Bin.Micros, Nearest: s.Bin.Nearest, Steps: s.Bin.Steps,
		Crop: s.Bin.Crop, Shrink: s.Bin.Shrink, Counts: s.Bin.Counts,
		Polarity: stimulus.Polarity(s.Bin.Polarity),
	}
	for _, in := range f.Inputs {
		if in.Name == s.Input {
			copy(b.Shape[:], in.Shape)
		}
	}
	return b
}

// recordings are those of the model's list, the first so many where the model says so.
func (p *project) recordings() ([]stimulus.Recording, error) {
	s := p.model.Presented().Stimulus
	list, err := stimulus.ReadRecordingList(stimulus.RecordingSource{Path: s.Path, Trial: s.Trial, First: s.First, Split: s.Split, Axes: events.Axes(s.Axes)})
	if err == nil && s.Count > 0 {
		list = list[:min(s.Count, len(list))]
	}
	return list, err
}

// recordingSample is the spikes of one recording.
func (p *project) recordingSample(sample int) (spikes.Train, error) {
	list, err := p.recordings()
	if err != nil {
		return nil, err
	}
	if sample < 0 || sample >= len(list) {
		return nil, usagef("--sample %d: the model has recordings 0..%d", sample, len(list)-1)
	}
	b := binning(p.model.Presented())
	train, _, err := b.BinFile(list[sample])
	return train, err
}

// classifyResult is the JSON result of `run --all`.
type classifyResult struct {
	Model     string            `json:"model"`
	Target    string            `json:"target"`
	Digest    string            `json:"module_digest"`
	Engine    string            `json:"engine"`
	Rows      int               `json:"rows"`
	Right     int               `json:"right"`
	Of        int               `json:"of"`
	Confusion [][]int           `json:"confusion"` // [class][vote]
	Answers   []validate.Answer `json:"recordings"`
	Costs     []cost.Summary    `json:"costs,omitempty"` // of a recording
	Bands     []cost.Band       `json:"cost_error,omitempty"`

	costing *costing // nil where no costs are asked for
}

// runAll lets the network answer every recording of its list.
func runAll(ctx context.Context, env *Env, o runOptions, path string) error {
	p, err := env.openProject(path, o.compileFlags)
	if err != nil {
		return err
	}
	f := p.model.Presented()
	if f == nil || f.Stimulus == nil || f.Stimulus.Kind != stimulusRecordings {
		return diag.Errorf(p.model.At("stimulus"), codeNoRecordings, "the model has no recordings to go through").
			WithFix("add a stimulus of kind recordings, or hold a float network against its chip with decc validate")
	}
	c, res, err := p.classification(ctx, o)
	if err != nil {
		return err
	}
	bar := env.Progress("recordings", len(c.List))
	defer bar.Done()
	right, of := 0, 0
	var store *validate.Store[validate.Answer]
	left := "nothing was kept; --checkpoint FILE keeps finished recordings"
	if o.checkpoint != "" {
		if store, c.Done, err = validate.OpenStore[validate.Answer](o.checkpoint, c.Key(o.engine)); err != nil {
			return err
		}
		left = "finished recordings are in " + o.checkpoint + "; the same command goes on from there"
		bar.Add(len(c.Done))
		_, right, of = validate.Confusion(slices.Collect(maps.Values(c.Done)))
	}
	c.Report = func(a validate.Answer) error {
		if a.Class >= 0 {
			of++
		}
		if a.Class == a.Vote {
			right++
		}
		bar.Add(1)
		if of > 0 {
			bar.Note(fmt.Sprintf("%s right", percent(float64(right)/float64(of))))
		}
		if store != nil {
			return store.Append(a)
		}
		return nil
	}
	res.Answers, err = c.Run(ctx)
	if store != nil {
		if closed := store.Close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		return keep(err, left)
	}
	bar.Done()
	res.Confusion, res.Right, res.Of = validate.Confusion(res.Answers)
	if res.costing != nil {
		for _, a := range res.Answers {
			res.costing.add(c.Rows, a.Work, a.Busiest)
		}
		res.Costs, res.Bands = res.costing.tally.Summaries(), cost.Bands(res.costing.spec)
	}
	return env.WriteResult(orDefault(o.out, toStdout), func(w io.Writer) error {
		if o.json {
			return writeJSON(w, res)
		}
		return res.write(w)
	})
}

// classification compiles the model for its recordings.
func (p *project) classification(ctx context.Context, o runOptions) (*validate.Classification, *classifyResult, error) {
	f := p.model.Presented()
	list, err := p.recordings()
	if err != nil {
		return nil, nil, err
	}
	q, err := p.quantise(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	compiled, err := p.compile(ctx, q.module)
	if err != nil {
		return nil, nil, err
	}
	m := compiled.Module
	if len(m.Layers) == 0 {
		return nil, nil, diag.Errorf(p.model.At(""), codeNoRecordings, "the model names no layers, the last of which decides").WithFix("add layers: [{name: out, spikes: out}]")
	}
	engine, err := validate.Prepare(ctx, o.engine, m)
	if err != nil {
		return nil, nil, err
	}
	c := &validate.Classification{
		Module: m, Engine: engine, Input: orDefault(f.Stimulus.Input, inputOf(m)), Binning: binning(f),
		Rows: orDefault(o.rows, orDefault(f.Rows, f.Stimulus.Bin.Steps)), List: list, Workers: p.flags.workers,
	}
	if err := c.Binning.Check(); err != nil {
		return nil, nil, diag.Errorf(p.model.At("stimulus.bin"), codeNoRecordings, "%v", err).WithFix("correct stimulus.bin")
	}
	res := &classifyResult{Model: p.model.Name, Target: p.chip.Name, Digest: ir.Digest(m), Engine: o.engine, Rows: c.Rows}
	if o.cost {
		if res.costing, err = costingOf(engine(), p.profile); err != nil {
			return nil, nil, err
		}
		c.Weigh = res.costing.weigh
	}
	return c, res, nil
}

func (r *classifyResult) write(w io.Writer) error {
	fmt.Fprintf(w, "%s on %s: %d recordings, %d rows each, module %.12s\n", r.Model, r.Target, len(r.Answers), r.Rows, r.Digest)
	head := []any{"recording", "class", "vote", "events", "input spikes"}
	for _, l := range r.Answers[0].Layers {
		head = append(head, l.Name)
	}
	t := newTable(append(head, "synaptic events")...)
	for _, a := range r.Answers {
		cells := []any{a.File, classText(a.Class), a.Vote, a.Events, a.Input.Spikes}
		for _, l := range a.Layers {
			cells = append(cells, l.Spikes)
		}
		t.AppendRow(row(append(cells, a.Work.SynapticEvents)...))
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	if r.Of > 0 {
		fmt.Fprintf(w, "\n%d of %d right (%s)\n\nvotes by class\n", r.Right, r.Of, percent(float64(r.Right)/float64(r.Of)))
		if err := r.writeConfusion(w); err != nil {
			return err
		}
	}
	if r.costing == nil {
		return nil
	}
	if err := writeSummaries(w, "recordings", r.Costs); err != nil {
		return err
	}
	return writeBands(w, r.Bands)
}

func (r *classifyResult) writeConfusion(w io.Writer) error {
	head := []any{"class"}
	for i := range r.Confusion {
		head = append(head, i)
	}
	t := newTable(head...)
	for class, votes := range r.Confusion {
		cells := []any{class}
		for _, n := range votes {
			cells = append(cells, n)
		}
		t.AppendRow(row(cells...))
	}
	return writeTable(w, t)
}

func classText(class int) string {
	if class < 0 {
		return "?"
	}
	return strconv.Itoa(class)
}
