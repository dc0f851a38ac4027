package validate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"decc/ir"
	"decc/ir/interp"
	"decc/ir/spikes"
)

// Job is a comparison of a float network with its module on labelled samples: the
// same spikes go to the float reference, to the module without rounding, and to
// the bit-accurate engine.
type Job struct {
	Float  Reference
	Module *ir.Module
	Engine Factory
	// EngineName is what the report calls the engine.
	EngineName string
	Samples    Samples
	// Input is the module's input that the samples are for, "" for the first.
	Input   string
	Steps   int // float steps a sample
	BurnIn  int // steps that do not vote
	Digits  int // of Samples, from the first
	Workers int
	// Real runs the module without rounding too.
	Real bool
	// Done holds outcomes of an earlier, interrupted run by digit; they are not run again.
	Done map[int]Outcome
	// Weigh is that of the engine's requests; the zero value measures nothing.
	Weigh spikes.Weighing
	// Report is called after every digit, in any order, from one goroutine at a time;
	// an error ends the run. It may be nil.
	Report func(Outcome) error
}

// Outcome is what one digit gave. Predictions and counts are by layer.
type Outcome struct {
	Digit int   `json:"digit"` // position in Samples
	Label int   `json:"label"`
	Float []int `json:"float"`
	Real  []int `json:"real,omitempty"`
	Chip  []int `json:"chip"`

	SpikesFloat []int `json:"spikes_float"`
	SpikesChip  []int `json:"spikes_chip"`
	// Parts[l] is the first step and neuron at which the chip's spikes of layer l
	// differ from the float's; Step -1 if they never do. Wrong[l] counts the
	// (step, neuron) pairs that differ.
	Parts  []Part        `json:"parts"`
	Wrong  []int         `json:"wrong"`
	Counts spikes.Counts `json:"counts"`
	// Busiest is that of the chip's record.
	Busiest []spikes.CoreWork `json:"busiest,omitempty"`

	took [phases]time.Duration
}

// Part is a place in time and layer.
type Part struct {
	Step   int `json:"step"`
	Neuron int `json:"neuron"`
}

// The parts of a job whose time is reported.
const (
	phaseEncode = iota
	phaseFloat
	phaseReal
	phaseChip
	phases
)

// phaseNames are the keys of Report.Seconds.
var phaseNames = [phases]string{"encode", "float", "real", "chip"}

// Run compares all digits and sums up. The result depends on the inputs only, not
// on Workers or on which outcomes were Done before. On cancellation the error is
// ctx's; what Report has seen can be given back as Done.
func (j Job) Run(ctx context.Context) (*Report, error) {
	outcomes := make([]Outcome, j.Digits)
	todo := make(chan int)
	results := make(chan Outcome)
	failed := make(chan error, max(1, j.Workers)+1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var crew sync.WaitGroup
	for range max(1, j.Workers) {
		crew.Add(1)
		go func() {
			defer crew.Done()
			if err := j.work(ctx, todo, results); err != nil {
				failed <- err
				cancel()
			}
		}()
	}
	go j.deal(ctx, todo)
	go func() { crew.Wait(); close(results) }()
	for o := range results {
		outcomes[o.Digit] = o
		if j.Report == nil {
			continue
		}
		if err := j.Report(o); err != nil && ctx.Err() == nil {
			failed <- err
			cancel()
		}
	}
	select {
	case err := <-failed:
		return nil, err
	default:
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for digit, o := range j.Done {
		if digit < j.Digits {
			outcomes[digit] = o
		}
	}
	return j.sum(outcomes), nil
}

// deal hands out the digits that are not done yet.
func (j Job) deal(ctx context.Context, todo chan<- int) {
	defer close(todo)
	for d := range j.Digits {
		if _, done := j.Done[d]; done {
			continue
		}
		select {
		case todo <- d:
		case <-ctx.Done():
			return
		}
	}
}

// bench is what one worker runs digits on.
type bench struct {
	job    Job
	float  Answering
	real   *interp.Machine[float64]
	engine Engine
	probes []spikes.Probe
	layers []*ir.Layer
}

func (j Job) work(ctx context.Context, todo <-chan int, results chan<- Outcome) error {
	b := &bench{job: j, float: j.Float.Pupil(), layers: j.Module.Layers, engine: j.Engine()}
	if j.Real {
		b.real = interp.New[float64](j.Module)
	}
	for _, l := range b.layers {
		if l.Readout != "" {
			b.probes = append(b.probes, spikes.Probe{Group: l.Readout, Variable: l.Value})
		}
	}
	for d := range todo {
		o, err := b.digit(ctx, d)
		if err != nil {
			return err
		}
		results <- o
	}
	return nil
}

// digit runs one sample through all three.
func (b *bench) digit(ctx context.Context, d int) (Outcome, error) {
	o := Outcome{Digit: d, Label: b.job.Samples.Label(d)}
	watch := stopwatch{at: time.Now(), took: &o.took}
	train, err := b.job.Samples.Train(d)
	if err != nil {
		return o, err
	}
	watch.lap(phaseEncode)
	var float []spikes.Train
	if o.Float, float, err = b.float.Answer(ctx, train, b.job.Steps, b.job.BurnIn); err != nil {
		return o, err
	}
	for _, own := range float {
		o.SpikesFloat = append(o.SpikesFloat, len(own))
	}
	watch.lap(phaseFloat)
	req := b.request(train)
	if b.real != nil {
		rec, err := b.real.Run(ctx, req)
		if err != nil {
			return o, err
		}
		o.Real = decide(b.job.BurnIn, b.job.Steps, b.layers, rec)
	}
	watch.lap(phaseReal)
	req.Weigh = b.job.Weigh
	rec, err := b.engine.Run(ctx, req)
	if err != nil {
		return o, err
	}
	o.Chip, o.Counts, o.Busiest = decide(b.job.BurnIn, b.job.Steps, b.layers, rec), rec.Counts, rec.Busiest
	for l, layer := range b.layers {
		got := rec.Spikes[layer.Spikes].Shifted(layer.SpikesLag, b.job.Steps)
		o.SpikesChip = append(o.SpikesChip, len(got))
		part, wrong := firstPart(float[l], got)
		o.Parts, o.Wrong = append(o.Parts, part), append(o.Wrong, wrong)
	}
	watch.lap(phaseChip)
	return o, nil
}

type stopwatch struct {
	at   time.Time
	took *[phases]time.Duration
}

func (w *stopwatch) lap(phase int) {
	now := time.Now()
	w.took[phase] += now.Sub(w.at)
	w.at = now
}

// Rows of a digit are as many as the last readout needs.
func (j Job) Rows() int { return j.Steps + latest(j.Module) }

// latest is the largest lag of a layer.
func latest(m *ir.Module) int {
	lag := 0
	for _, l := range m.Layers {
		lag = max(lag, l.SpikesLag, l.ReadoutLag)
	}
	return lag
}

func (b *bench) request(train spikes.Train) spikes.Request {
	return spikes.Request{
		Rows: b.job.Rows(), Probes: b.probes, Inputs: map[string]spikes.Train{cmp.Or(b.job.Input, b.job.Module.Inputs[0].Name): train},
	}
}

// silent tells that layer l has nothing to vote with: no readout, nor neurons that are the
// classes, as those of the last layer are where it has none.
func silent(layers []*ir.Layer, l int) bool {
	return layers[l].Readout == "" && l < len(layers)-1
}

// noVote is the class of a silent layer.
const noVote = -1

// decide counts the votes of every layer's readout, or spikes, in its own time.
func decide[V int64 | float64](burnIn, steps int, layers []*ir.Layer, rec spikes.Record[V]) []int {
	var out []int
	for l, layer := range layers {
		if silent(layers, l) {
			out = append(out, noVote)
			continue
		}
		if layer.Readout == "" {
			out = append(out, busiest(burnIn, steps, rec.Spikes[layer.Spikes].Shifted(layer.SpikesLag, steps)))
			continue
		}
		m := rec.Values[layer.Readout+"."+layer.Value]
		ballot := spikes.NewBallot(m.N)
		for t := burnIn; t < steps; t++ {
			spikes.Cast(ballot, m.Row(t+layer.ReadoutLag))
		}
		out = append(out, ballot.Winner())
	}
	return out
}

// busiest is the neuron with the most spikes, the first of those: the vote of a layer whose
// neurons are the classes.
func busiest(burnIn, steps int, train spikes.Train) int {
	var count []int
	for _, e := range train {
		if int(e.Row) < burnIn || int(e.Row) >= steps {
			continue
		}
		for int(e.Index) >= len(count) {
			count = append(count, 0)
		}
		count[e.Index]++
	}
	best := 0
	for i, n := range count {
		if n > count[best] {
			best = i
		}
	}
	return best
}

// firstPart finds where two sorted trains part first, and how many (step, neuron)
// pairs only one of them has. Spikes of different signs are not the same; how large a payload
// is does not matter, as a float network and a chip count in different units.
func firstPart(a, b spikes.Train) (Part, int) {
	var c comparison
	for _, negative := range []bool{false, true} {
		c.spikes("", ofSign(a, negative), ofSign(b, negative))
	}
	if c.first == nil {
		return Part{Step: -1, Neuron: -1}, 0
	}
	return Part{c.first.Row, c.first.Index}, c.wrong
}

// ofSign are the spikes whose payloads are below 0, or all others; they may share memory with t.
func ofSign(t spikes.Train, negative bool) spikes.Train {
	other := func(e spikes.Event) bool { return e.Payload < 0 != negative }
	if !slices.ContainsFunc(t, other) {
		return t
	}
	return slices.DeleteFunc(slices.Clone(t), other)
}

// String shows a part as "step 3, neuron 17" or "never".
func (p Part) String() string {
	if p.Step < 0 {
		return "never"
	}
	return fmt.Sprintf("step %d, neuron %d", p.Step, p.Neuron)
}
