// Package cost estimates what a run would take on a chip, from the events that were counted
// and the coefficients that are published for it (ir/chip/*.yaml). Cores, learning, mesh and
// barrier come from counted events; embedded processors, host and static power from what boards
// measured. What is left out it says.
package cost

import (
	"fmt"
	"strings"

	"decc/ir/chip"
	"decc/ir/spikes"
)

// Load is what runs did together.
type Load struct {
	Rows   int
	Counts spikes.Counts
	// Busiest is what a request weighed by Weighings recorded, with links where the request told
	// the tiles of the cores.
	Busiest []spikes.CoreWork
	Chips   int
	Tiles   int // with a core that is used, of all chips
	Cores   int
}

// Add sums the loads of two runs on the same cores.
func (l *Load) Add(o Load) {
	l.Rows += o.Rows
	l.Counts.Add(o.Counts)
	l.Chips, l.Tiles, l.Cores = o.Chips, o.Tiles, o.Cores
	if l.Busiest == nil {
		l.Busiest = make([]spikes.CoreWork, len(o.Busiest))
	}
	for i, w := range o.Busiest {
		l.Busiest[i].Add(w)
	}
}

// The parts of an estimate.
const (
	partCores    = "cores"
	partLearning = "learning"
	partMesh     = "mesh"
	partBarrier  = "barrier"
	partEmbedded = "embedded processors"
	partStatic   = "static power"
	partHost     = "host"
	partRow      = "row on boards"
)

// Line is one part of an estimate, for a row of the run on the mean: between Low and High.
type Line struct {
	Part   string  `json:"part"`
	What   string  `json:"what"`
	Events float64 `json:"events,omitempty"` // a row
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Unit   string  `json:"unit"` // nJ or us
	Source string  `json:"source"`
}

// Estimate is what one set of coefficients says.
type Estimate struct {
	Set    string `json:"set"`
	Energy []Line `json:"energy"` // nJ a row, dynamic
	Time   []Line `json:"time"`   // us a row
	// Board is what was measured on boards and does not follow from this network.
	Board []Line `json:"boards,omitempty"`
	// Total of energy and time a row, and of the whole run, without Board.
	EnergyRow [2]float64 `json:"energy_row_nj"`
	TimeRow   [2]float64 `json:"time_row_us"`
	EnergyRun [2]float64 `json:"energy_run_uj"`
	TimeRun   [2]float64 `json:"time_run_ms"`
	// BoardRow is the energy of a row with static power and embedded processors.
	BoardRow [2]float64 `json:"energy_row_with_boards_nj"`
	Missing  []string   `json:"left_out"`
}

// energies are the parts of an estimate: how many events there are, and the rows of the
// table for the least and the most that one costs.
var energies = []struct {
	part, what string
	events     func(c spikes.Counts) int64
	low, high  string
}{
	{partCores, "synaptic events", func(c spikes.Counts) int64 { return c.SynapticEvents }, "synapse_event", "synapse_event"},
	{partCores, "updates, all inactive to all active", func(c spikes.Counts) int64 { return c.CompartmentUpdates }, "neuron_update_inactive", "neuron_update_active"},
	{partCores, "spikes of compartments", func(c spikes.Counts) int64 { return c.Spikes }, "spike_out", "spike_out"},
	{partLearning, "synaptic updates", func(c spikes.Counts) int64 { return c.LearningUpdates }, "learning_update", "learning_update"},
	{partMesh, "packets", func(c spikes.Counts) int64 { return c.AxonEvents }, "axon_out", "axon_out"},
	{partMesh, "packets within a tile", func(c spikes.Counts) int64 { return c.AxonEvents }, "spike_in_tile", "spike_in_tile"},
	{partMesh, "hops, all in x to all in y", func(c spikes.Counts) int64 { return c.Hops }, "hop_x", "hop_y"},
}

// work are the events of a core that take time. The bounds of updates are all inactive and all
// active; the other events have one time.
var work = []struct {
	part, what string
	field      func(*spikes.CoreWork) *int64
	low, high  string
}{
	{partCores, "synaptic events", func(w *spikes.CoreWork) *int64 { return &w.SynapticEvents }, "synapse_event_time", "synapse_event_time"},
	{partCores, "updates, all inactive to all active", func(w *spikes.CoreWork) *int64 { return &w.CompartmentUpdates }, "neuron_update_inactive_time", "neuron_update_active_time"},
	{partCores, "spikes of compartments", func(w *spikes.CoreWork) *int64 { return &w.Spikes }, "spike_out_time", "spike_out_time"},
	{partCores, "packets in", func(w *spikes.CoreWork) *int64 { return &w.PacketsIn }, "axon_in_time", "axon_in_time"},
	{partCores, "packets out", func(w *spikes.CoreWork) *int64 { return &w.PacketsOut }, "axon_out_time", "axon_out_time"},
	{partLearning, "synaptic updates", func(w *spikes.CoreWork) *int64 { return &w.LearningUpdates }, "learning_update_time", "learning_update_time"},
}

// links are the packets of the heaviest link: at least the time in which the mesh lets one pass, at
// most that of a hop, as if each had to be over before the next.
var links = []struct {
	field     func(*spikes.CoreWork) *int64
	low, high string
}{
	{func(w *spikes.CoreWork) *int64 { return &w.LinkX }, "link_time", "hop_x_time"},
	{func(w *spikes.CoreWork) *int64 { return &w.LinkY }, "link_time", "hop_y_time"},
}

// maxWeight bounds a time in picoseconds, so that a user's coefficients cannot overflow a sum.
const maxWeight = 1_000_000_000

// Weighings are what a request has to weigh by (spikes.Weighing.By) for Estimates: the least and
// the most that the events of a core and the packets of a link take, for each set.
func Weighings(spec *chip.Spec) []spikes.CoreWork {
	var list []spikes.CoreWork
	for _, set := range sets(spec) {
		var low, high spikes.CoreWork
		for _, x := range work {
			*x.field(&low), *x.field(&high) = picoseconds(spec, set, x.low), picoseconds(spec, set, x.high)
		}
		for _, x := range links {
			*x.field(&low), *x.field(&high) = picoseconds(spec, set, x.low), picoseconds(spec, set, x.high)
		}
		list = append(list, low, high)
	}
	return list
}

func picoseconds(spec *chip.Spec, set, name string) int64 {
	c, _ := spec.Cost(set, name)
	return int64(min(c.Value*1000+0.5, maxWeight))
}

// sets are those of coefficients of events.
func sets(spec *chip.Spec) []string {
	var list []string
	for _, set := range spec.CostSets() {
		if set != boards {
			list = append(list, set)
		}
	}
	return list
}

// Estimates are those of all sets of a chip; none where nothing is published for it.
func Estimates(spec *chip.Spec, l Load) []Estimate {
	var list []Estimate
	for i, set := range sets(spec) {
		list = append(list, estimate(spec, set, i, l))
	}
	return list
}

func estimate(spec *chip.Spec, set string, at int, l Load) Estimate {
	e := Estimate{Set: set}
	rows := float64(max(1, l.Rows))
	e.energies(spec, l, rows)
	e.times(spec, at, l, rows)
	e.EnergyRow, e.TimeRow = total(e.Energy), total(e.Time)
	for i := range 2 {
		e.EnergyRun[i], e.TimeRun[i] = e.EnergyRow[i]*rows/1000, e.TimeRow[i]*rows/1000
	}
	e.board(spec, l)
	e.leaveOut(spec, l)
	return e
}

func total(lines []Line) (sum [2]float64) {
	for _, l := range lines {
		sum[0], sum[1] = sum[0]+l.Low, sum[1]+l.High
	}
	return sum
}

func (e *Estimate) energies(spec *chip.Spec, l Load, rows float64) {
	for _, x := range energies {
		low, okLow := spec.Cost(e.Set, x.low)
		high, okHigh := spec.Cost(e.Set, x.high)
		n := float64(x.events(l.Counts)) / rows
		if !okLow || !okHigh || x.part == partLearning && n == 0 {
			continue
		}
		e.Energy = append(e.Energy, Line{x.part, x.what, n, n * low.Value / 1000, n * high.Value / 1000, "nJ", low.Source})
	}
}

// times are those of the busiest core of each row, the sum of its events; what the heaviest link takes
// beyond that; and the barrier.
func (e *Estimate) times(spec *chip.Spec, at int, l Load, rows float64) {
	if 2*at+1 < len(l.Busiest) {
		least, most := l.Busiest[2*at], l.Busiest[2*at+1]
		for _, x := range work {
			low, okLow := spec.Cost(e.Set, x.low)
			high, okHigh := spec.Cost(e.Set, x.high)
			few, many := float64(*x.field(&least))/rows, float64(*x.field(&most))/rows
			if !okLow || !okHigh || x.part == partLearning && many == 0 {
				continue
			}
			e.Time = append(e.Time, Line{x.part, x.what, many, few * low.Value / 1000, many * high.Value / 1000, "us", high.Source})
		}
		e.link(spec, least, most, rows)
	}
	e.barrier(spec, l)
}

// link adds the heaviest link of the rows. A row takes as long as the busier of link and core.
func (e *Estimate) link(spec *chip.Spec, least, most spikes.CoreWork, rows float64) {
	packets := float64(most.LinkX+most.LinkY) / rows
	hop, ok := spec.Cost(e.Set, "hop_x_time")
	if !ok || packets == 0 {
		return
	}
	const micros = 1e6 // ps
	e.Time = append(e.Time, Line{
		partMesh, "packets over the heaviest link, time beyond the busiest core", packets,
		float64(least.Beyond) / micros / rows, float64(most.Beyond) / micros / rows, "us", hop.Source,
	})
}

// barrier grows with the tiles of a chip that take part. Over several chips it lies between that of a
// whole chip and those of the systems that were measured.
func (e *Estimate) barrier(spec *chip.Spec, l Load) {
	least, okLeast := spec.Cost(e.Set, "barrier_time_min")
	most, okMost := spec.Cost(e.Set, "barrier_time_max")
	if !okLeast || !okMost {
		return
	}
	tiles := spec.TilesX * spec.TilesY
	share := float64(min(max(l.Tiles, 1), tiles)-1) / float64(max(tiles-1, 1))
	low := chip.Cost{Value: least.Value + share*(most.Value-least.Value), Source: least.Source}
	high, what := low, fmt.Sprintf("%d of %d tiles", l.Tiles, tiles*chips(l))
	if l.Chips > 1 {
		low, high = amongSystems(spec, most, l.Chips)
		what += fmt.Sprintf(" on %d chips", l.Chips)
	}
	e.Time = append(e.Time, Line{partBarrier, what, 1, low.Value / 1000, high.Value / 1000, "us", both(low, high)})
}

// amongSystems are the measured barriers of the next smaller system, the chip itself among them, and of
// the next larger; both of the largest for one beyond.
func amongSystems(spec *chip.Spec, whole chip.Cost, n int) (low, high chip.Cost) {
	low, high = whole, whole
	for _, c := range spec.Systems(boards, "barrier_time") {
		high = c
		if c.Chips >= n {
			break
		}
		low = c
	}
	if high.Chips == n {
		low = high
	}
	return low, high
}

// leaveOut says what the set does not hold.
func (e *Estimate) leaveOut(spec *chip.Spec, l Load) {
	if s, _ := spec.Cost(e.Set, "synapse_event"); strings.HasPrefix(s.Source, "assumed") {
		e.Missing = append(e.Missing, fmt.Sprintf("no energy of an operation of %s is published: this set is assumed, by a third party", spec.Name))
	}
	if _, ok := spec.Cost(e.Set, "learning_update"); !ok && l.Counts.LearningUpdates > 0 {
		e.Missing = append(e.Missing, "learning: the set has no cost of a synaptic update")
	}
	if l.Chips > 1 {
		e.Missing = append(e.Missing, "links between chips: they count as links of a chip")
	}
	if l.Chips > 1 && spec.Systems(boards, "barrier_time") == nil {
		e.Missing = append(e.Missing, "barrier: that of more than one chip")
	}
	if _, ok := spec.Cost(e.Set, "hop_x_time"); !ok {
		e.Missing = append(e.Missing, "mesh: time of full links")
	}
	e.Missing = append(e.Missing, "mesh: time of packets on their way", "barrier: its energy; host: its energy")
}
