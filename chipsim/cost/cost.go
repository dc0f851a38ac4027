// Package cost estimates what a run would take on a chip, from the events that were counted
// and the coefficients that are published for it (ir/chip/*.yaml). It is an estimate of the
// dynamic part of the cores and the mesh; what it leaves out it says.
package cost

import (
	"fmt"
	"slices"

	"decc/ir/chip"
	"decc/ir/spikes"
)

// Load is what a run did.
type Load struct {
	Rows   int
	Counts spikes.Counts
	Tiles  int // with a core that is used
	Cores  int
	// Busiest is the core that had the most to do.
	Busiest CoreLoad
}

// CoreLoad is what a core did in a run.
type CoreLoad struct{ SynapticEvents, CompartmentUpdates int64 }

// Line is one part of an estimate, for a row of the run on the mean: between Low and High.
type Line struct {
	Part   string  `json:"part"`
	What   string  `json:"what"`
	Events float64 `json:"events"` // a row
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Unit   string  `json:"unit"` // nJ or us
	Source string  `json:"source"`
}

// Estimate is what one set of coefficients says.
type Estimate struct {
	Set    string `json:"set"`
	Energy []Line `json:"energy"` // nJ a row
	Time   []Line `json:"time"`   // us a row
	// Total of energy and time a row, and of the whole run.
	EnergyRow [2]float64 `json:"energy_row_nj"`
	TimeRow   [2]float64 `json:"time_row_us"`
	EnergyRun [2]float64 `json:"energy_run_uj"`
	TimeRun   [2]float64 `json:"time_run_ms"`
}

// Notes say what no estimate holds, with what has been measured (hardware.md 4).
var Notes = []string{
	"error band: for the one published run whose network decc has (sequential MNIST, 350 compartments, one core) a board drew 26 nJ a row in its cores, the sets give 1.3 to 2.0 times that; take a factor of 2 either way",
	"time: boards take 5.8 to 17 us a row even where cores and barrier need 2 to 5 us: management phases and input are not in the sets",
	"embedded processors and host: 1.8 to 15 times the dynamic power of the cores in the published runs that tell both",
	"static power: up to 0.8 mW a core, 104 mW a chip (Pohoiki Springs)",
}

// energies are the parts of an estimate: how many events there are, and the rows of the
// table for the least and the most that one costs.
var energies = []struct {
	part, what string
	events     func(l Load) int64
	low, high  string
}{
	{"cores", "synaptic events", func(l Load) int64 { return l.Counts.SynapticEvents }, "synapse_event", "synapse_event"},
	{"cores", "compartment updates, all inactive to all active", func(l Load) int64 { return l.Counts.CompartmentUpdates }, "neuron_update_inactive", "neuron_update_active"},
	{"cores", "spikes of compartments", func(l Load) int64 { return l.Counts.Spikes }, "spike_out", "spike_out"},
	{"mesh", "packets", func(l Load) int64 { return l.Counts.AxonEvents }, "axon_out", "axon_out"},
	{"mesh", "packets within a tile", func(l Load) int64 { return l.Counts.AxonEvents }, "spike_in_tile", "spike_in_tile"},
	{"mesh", "hops, all in x to all in y", func(l Load) int64 { return l.Counts.Hops }, "hop_x", "hop_y"},
}

// Estimates are those of all sets of a chip; none where nothing is published for it.
func Estimates(spec *chip.Spec, l Load) []Estimate {
	var list []Estimate
	for _, set := range spec.CostSets() {
		list = append(list, estimate(spec, set, l))
	}
	return list
}

func estimate(spec *chip.Spec, set string, l Load) Estimate {
	e := Estimate{Set: set}
	rows := float64(max(1, l.Rows))
	for _, x := range energies {
		low, okLow := spec.Cost(set, x.low)
		high, okHigh := spec.Cost(set, x.high)
		if !okLow || !okHigh {
			continue
		}
		n := float64(x.events(l)) / rows
		e.Energy = append(e.Energy, Line{x.part, x.what, n, n * low.Value / 1000, n * high.Value / 1000, "nJ", low.Source})
	}
	e.times(spec, l, rows)
	for _, line := range e.Energy {
		e.EnergyRow[0], e.EnergyRow[1] = e.EnergyRow[0]+line.Low, e.EnergyRow[1]+line.High
	}
	for _, line := range e.Time {
		e.TimeRow[0], e.TimeRow[1] = e.TimeRow[0]+line.Low, e.TimeRow[1]+line.High
	}
	for i := range 2 {
		e.EnergyRun[i], e.TimeRun[i] = e.EnergyRow[i]*rows/1000, e.TimeRow[i]*rows/1000
	}
	return e
}

// times are the busiest core, whose mean over the rows is the least that the rows can take
// together, and the barrier, which grows with the tiles that take part.
func (e *Estimate) times(spec *chip.Spec, l Load, rows float64) {
	synapse, _ := spec.Cost(e.Set, "synapse_event_time")
	idle, _ := spec.Cost(e.Set, "neuron_update_inactive_time")
	active, ok := spec.Cost(e.Set, "neuron_update_active_time")
	if ok {
		events, updates := float64(l.Busiest.SynapticEvents)/rows, float64(l.Busiest.CompartmentUpdates)/rows
		e.Time = append(e.Time,
			Line{"cores", "synaptic events of the busiest core", events, events * synapse.Value / 1000, events * synapse.Value / 1000, "us", synapse.Source},
			Line{"cores", "compartment updates of the busiest core", updates, updates * idle.Value / 1000, updates * active.Value / 1000, "us", active.Source})
	}
	least, okLeast := spec.Cost(e.Set, "barrier_time_min")
	most, okMost := spec.Cost(e.Set, "barrier_time_max")
	if !okLeast || !okMost {
		return
	}
	tiles := spec.TilesX * spec.TilesY
	share := float64(min(max(l.Tiles, 1), tiles)-1) / float64(max(tiles-1, 1))
	t := (least.Value + share*(most.Value-least.Value)) / 1000
	e.Time = append(e.Time, Line{"barrier", fmt.Sprintf("%d of %d tiles", l.Tiles, tiles), 1, t, t, "us", least.Source})
}

// Busiest is the core that takes longest, weighed with equal times for an event and an
// update.
func Busiest(cores []CoreLoad) CoreLoad {
	if len(cores) == 0 {
		return CoreLoad{}
	}
	return slices.MaxFunc(cores, func(a, b CoreLoad) int {
		return int(a.SynapticEvents + a.CompartmentUpdates - b.SynapticEvents - b.CompartmentUpdates)
	})
}
