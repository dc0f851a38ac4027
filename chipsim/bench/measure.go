package bench

import (
	"context"
	"runtime"
	"slices"
	"time"

	"decc/chipsim/simd"
	"decc/chipsim/validate"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// Result is how fast a workload ran on an engine: the rates of the round in the middle, beside the fastest.
type Result struct {
	Workload  string  `json:"workload"`
	Engine    string  `json:"engine"`
	Threads   int     `json:"threads"`
	Rounds    int     `json:"rounds"`
	Steps     int     `json:"steps"` // of a round
	Events    int64   `json:"synaptic_events"`
	Spikes    []int64 `json:"spikes"` // of each layer, the input first
	Known     bool    `json:"spikes_known"`
	StepRate  float64 `json:"steps_per_second"`
	Fastest   float64 `json:"fastest_steps_per_second"`
	EventRate float64 `json:"synaptic_events_per_second"`
	// NsPerEvent is the whole time over the synaptic events, ReadNsPerEvent that of a plain read of the weights, a byte
	// each, as often.
	NsPerEvent     float64 `json:"ns_per_synaptic_event"`
	ReadNsPerEvent float64 `json:"read_ns_per_byte"`
	LoadSeconds    float64 `json:"load_seconds"`
	Bytes          int64   `json:"bytes"` // of memory that the loaded network takes
}

// Options of a measurement.
type Options struct {
	Engines []string
	Threads int
	Rounds  int
	// Progress hears of every round; nil is nobody.
	Progress func()
}

// runner is a workload on an engine, ready to run.
type runner struct {
	engine validate.Engine
	result Result
	times  []time.Duration
}

// Measure runs a workload on engines, one after the other in every round, so that what else the machine does is the same for all.
// The error is that of an engine, the context's, or spikes that are not those of the workload.
func Measure(ctx context.Context, w *Workload, o Options) ([]Result, error) {
	var runners []*runner
	for _, name := range o.Engines {
		r, err := w.load(ctx, name, o.Threads)
		if err != nil {
			return nil, err
		}
		if err := w.check(ctx, r); err != nil {
			return nil, err
		}
		runners = append(runners, r)
	}
	reads := make([]time.Duration, 0, o.Rounds)
	buffer := make([]uint64, w.weightBytes()/8/simd.Lanes*simd.Lanes+simd.Lanes)
	for range o.Rounds {
		reads = append(reads, timeRead(buffer))
		for _, r := range runners {
			start := time.Now()
			if _, err := r.engine.Run(ctx, w.Request()); err != nil {
				return nil, err
			}
			r.times = append(r.times, time.Since(start))
			if o.Progress != nil {
				o.Progress()
			}
		}
	}
	var list []Result
	for _, r := range runners {
		list = append(list, r.sum(middle(reads).Seconds()*1e9/float64(8*len(buffer))))
	}
	return list, nil
}

// load makes an engine ready and tells what that took.
func (w *Workload) load(ctx context.Context, engine string, threads int) (*runner, error) {
	before, start := heap(), time.Now()
	factory, err := validate.PrepareFor(ctx, engine, w.Module, threads)
	if err != nil {
		return nil, err
	}
	r := &runner{engine: factory(), result: Result{Workload: w.Name, Engine: engine, Threads: threads, Steps: w.Rows}}
	r.result.LoadSeconds = time.Since(start).Seconds()
	r.result.Bytes = heap() - before
	return r, nil
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// check counts the spikes of a run that is not timed.
func (w *Workload) check(ctx context.Context, r *runner) error {
	req := w.Request()
	req.SpikesOf = w.Layers[1:]
	rec, err := r.engine.Run(ctx, req)
	if err != nil {
		return err
	}
	r.result.Events, r.result.Spikes = rec.Counts.SynapticEvents, w.spikesOf(rec)
	if r.result.Known = w.Want != nil; r.result.Known && !slices.Equal(r.result.Spikes, w.Want) {
		return diag.Errorf(diag.Pos{}, "bench/spikes", "%s on engine %s sends %v spikes by layer, known are %v", w.Name, r.result.Engine, r.result.Spikes, w.Want)
	}
	return nil
}

func (w *Workload) spikesOf(rec spikes.Record[int64]) []int64 {
	list := []int64{rec.Counts.InputSpikes}
	for _, group := range w.Layers[1:] {
		list = append(list, int64(len(rec.Spikes[group])))
	}
	return list
}

// weightBytes is what the weights take, a byte each.
func (w *Workload) weightBytes() int {
	n := 0
	for _, s := range w.Module.Synapses {
		n += s.Weights.Len()
	}
	return n
}

// readMore is how many bytes are read at least for a time that the clock can tell.
const readMore = 1 << 26

// timeRead is how long a read of the buffer takes.
func timeRead(buffer []uint64) time.Duration {
	times, total := readMore/(8*len(buffer))+1, uint64(0)
	start := time.Now()
	for range times {
		total += simd.Sum(buffer)
	}
	took := time.Since(start)
	runtime.KeepAlive(total)
	return took / time.Duration(times)
}

func middle(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func (r *runner) sum(readNs float64) Result {
	out := r.result
	seconds := middle(r.times).Seconds()
	out.Rounds = len(r.times)
	out.StepRate, out.Fastest = float64(out.Steps)/seconds, float64(out.Steps)/slices.Min(r.times).Seconds()
	out.EventRate = float64(out.Events) / seconds
	out.NsPerEvent, out.ReadNsPerEvent = seconds*1e9/float64(max(1, out.Events)), readNs
	return out
}
