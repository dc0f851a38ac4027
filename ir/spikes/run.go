package spikes

// Probe asks an engine to record an observable (a state or named value of the
// group's program) of some members of a group at the end of every row. Group may also
// name plastic synapses: their variables are w, t and d, one value a synapse ordered by
// target member, then source member, and the traces x1 .. y3, one value a member of the
// source or the target (0 where it has no synapse), or one a synapse where the profile
// keeps traces by synapse. Members are then places in that order.
type Probe struct {
	Group    string
	Variable string
	Members  []int32 // nil means all
}

// Key names the probe in a Record: "group.variable".
func (p Probe) Key() string { return p.Group + "." + p.Variable }

// Request is what every engine can be asked: run that many rows from the reset
// state on these input trains and record these probes. Spikes of all groups are
// always recorded unless SpikesOf is non-nil, which lists the groups to record.
type Request struct {
	Rows     int
	Inputs   map[string]Train
	Probes   []Probe
	SpikesOf []string
	// Learn lets plastic synapses learn; without it their weights stay as they are.
	Learn bool
	// Presentation numbers the runs of a training: it keys the random bits of the run
	// together with the seed of the module, so that every run draws anew. What was
	// learned in a run stays for the next.
	Presentation uint64
	// Params are what the host writes into params of neuron programs before the run, for
	// all members of a group; they hold for this run alone.
	Params []ParamValue
	// Host runs beside a run that learns, where rules have traces that it writes.
	Host Host
	// Weigh asks for the busiest core and the heaviest link of every row. Engines without cores
	// ignore it.
	Weigh Weighing
}

// Weighing tells how busy a core and a link are.
type Weighing struct {
	// By is what each event of a core takes, and each packet on a link, in picoseconds: once for each
	// of Record.Busiest.
	By []CoreWork
	// Tiles are the tiles of the board that the cores of the image stand on, x and y each in their
	// order. Where there are none, links are not looked at.
	Tiles [][2]int
}

// Host is a program of the embedded processor. It is used by one goroutine at a time.
type Host interface {
	// Group is whose spikes it counts, and into whose traces it writes.
	Group() string
	// Begin comes before row 0 of a run.
	Begin()
	// Row hears who fired in row k since the reset, in ascending order, and returns what it writes into
	// the traces y1, y2 and y3 before the row's learning: one value a member, nil where it
	// writes none. Between its writes it returns what it wrote.
	Row(k int, fired []int32) [3][]int64
}

// ParamValue is one value that the host writes.
type ParamValue struct {
	Group, Param string
	Value        int64
}

// Matrix is a recorded observable: Rows x N values, row-major.
type Matrix[V int64 | float64] struct {
	Rows, N int
	Data    []V
}

// At is the value in row k of recorded member i.
func (m Matrix[V]) At(k, i int) V { return m.Data[k*m.N+i] }

// Row is the values of row k.
func (m Matrix[V]) Row(k int) []V { return m.Data[k*m.N : (k+1)*m.N] }

// Counts are the events that an engine counted during a run; all engines count
// alike. A synaptic event is one stored synapse that one arriving spike visits.
type Counts struct {
	SynapticEvents     int64 `json:"synaptic_events"`
	CompartmentUpdates int64 `json:"compartment_updates"`
	Spikes             int64 `json:"spikes"` // emitted by groups
	InputSpikes        int64 `json:"input_spikes"`
	AxonEvents         int64 `json:"axon_events"` // spikes times the in-axons they reach (0 where there are no cores)
	Hops               int64 `json:"hops"`        // mesh links passed by all spike packets (0 where there are no cores; between chips 0 unless the run is weighed)
	// LearningUpdates are plastic synapses that learned at the end of an epoch: a product of their
	// rule was open, and neither the traces and spikes of its source nor those of its target made it 0.
	LearningUpdates int64 `json:"learning_updates,omitempty"`
}

// Add sums the counts of two runs.
func (c *Counts) Add(o Counts) {
	c.SynapticEvents += o.SynapticEvents
	c.CompartmentUpdates += o.CompartmentUpdates
	c.Spikes += o.Spikes
	c.InputSpikes += o.InputSpikes
	c.AxonEvents += o.AxonEvents
	c.Hops += o.Hops
	c.LearningUpdates += o.LearningUpdates
}

// CoreWork is what one core did, event by event, and what the heaviest link carried beside it; or
// what each of these weighs.
type CoreWork struct {
	SynapticEvents     int64 `json:"synaptic_events"`
	CompartmentUpdates int64 `json:"compartment_updates"`
	Spikes             int64 `json:"spikes"`
	PacketsIn          int64 `json:"packets_in"`  // at its in-axons, those of external inputs too
	PacketsOut         int64 `json:"packets_out"` // from its out-axons
	LearningUpdates    int64 `json:"learning_updates,omitempty"`
	// LinkX and LinkY are packets over the link of the mesh that is busy for the longest time, one to
	// the east or west, or one to the north or south; that of x where both take the same.
	LinkX int64 `json:"link_x,omitempty"`
	LinkY int64 `json:"link_y,omitempty"`
	// Beyond is the time, in picoseconds, that the link takes beyond the core. It weighs nothing.
	Beyond int64 `json:"link_beyond,omitempty"`
}

// Add sums the work of two rows.
func (c *CoreWork) Add(o CoreWork) { *c = c.plus(o, 1) }

// Since is the work after an earlier time of the same core.
func (c CoreWork) Since(before CoreWork) CoreWork { return c.plus(before, -1) }

func (c CoreWork) plus(o CoreWork, sign int64) CoreWork {
	return CoreWork{
		SynapticEvents: c.SynapticEvents + sign*o.SynapticEvents, CompartmentUpdates: c.CompartmentUpdates + sign*o.CompartmentUpdates,
		Spikes: c.Spikes + sign*o.Spikes, PacketsIn: c.PacketsIn + sign*o.PacketsIn, PacketsOut: c.PacketsOut + sign*o.PacketsOut,
		LearningUpdates: c.LearningUpdates + sign*o.LearningUpdates,
		LinkX:           c.LinkX + sign*o.LinkX, LinkY: c.LinkY + sign*o.LinkY, Beyond: c.Beyond + sign*o.Beyond,
	}
}

// Weighed is what the work of the core takes by a weighing, in picoseconds.
func (c CoreWork) Weighed(by CoreWork) int64 {
	return c.SynapticEvents*by.SynapticEvents + c.CompartmentUpdates*by.CompartmentUpdates + c.Spikes*by.Spikes +
		c.PacketsIn*by.PacketsIn + c.PacketsOut*by.PacketsOut + c.LearningUpdates*by.LearningUpdates
}

// Record is what a run gave: spikes by group, values by Probe.Key.
type Record[V int64 | float64] struct {
	Spikes map[string]Train
	Values map[string]Matrix[V]
	Counts Counts
	// Busiest is by Request.Weigh: the work of the core that takes longest in a row, the first of
	// those, and the heaviest link, summed over the rows. nil where there are no cores.
	Busiest []CoreWork
}
