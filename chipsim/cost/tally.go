package cost

import (
	"math"

	"decc/ir/chip"
)

// Tally sums runs up, one an inference. It does not depend on their order.
type Tally struct {
	spec  *chip.Spec
	n     int
	total Load
	sets  [][]Spread // by set, in the order of its parts
}

// NewTally is a tally of runs on a chip.
func NewTally(spec *chip.Spec) *Tally { return &Tally{spec: spec} }

// Spread is one part of the inferences of a tally: energy in uJ or time in ms, from the low to the
// high estimate.
type Spread struct {
	Part string     `json:"part"`
	Unit string     `json:"unit"`
	Mean [2]float64 `json:"mean"`
	Min  [2]float64 `json:"min"`
	Max  [2]float64 `json:"max"`
}

// Summary is what the inferences of a tally take by one set.
type Summary struct {
	Set        string   `json:"set"`
	Inferences int      `json:"inferences"`
	Rows       float64  `json:"rows"` // of an inference, the mean
	Parts      []Spread `json:"parts"`
	// Left is what the set leaves out.
	Left []string `json:"left_out"`
	// Energy and Time are estimate / measurement of the published runs of which all events are known;
	// 0 where there is none.
	Energy [2]float64 `json:"energy_over_measured"`
	Time   [2]float64 `json:"time_over_measured"`
}

// The sums of an estimate.
const (
	sumCounted = "counted events"
	sumBoards  = "with static power and processors"
)

// Add takes one inference.
func (t *Tally) Add(l Load) {
	t.n++
	t.total.Add(l)
	for i, e := range Estimates(t.spec, l) {
		now := e.spreads(float64(l.Rows))
		if i == len(t.sets) {
			t.sets = append(t.sets, nil)
		}
		t.sets[i] = widen(t.sets[i], now)
	}
}

// widen takes the bounds of now into account, by part and unit.
func widen(have, now []Spread) []Spread {
	for _, x := range now {
		at := find(have, x)
		if at < 0 {
			have = append(have, x)
			continue
		}
		for i := range 2 {
			have[at].Min[i], have[at].Max[i] = math.Min(have[at].Min[i], x.Min[i]), math.Max(have[at].Max[i], x.Max[i])
		}
	}
	return have
}

func find(list []Spread, x Spread) int {
	for i := range list {
		if list[i].Part == x.Part && list[i].Unit == x.Unit {
			return i
		}
	}
	return -1
}

// spreads sums an estimate up by part, for its rows together. Parts that no event has are 0, so that
// they do not depend on the inference.
func (e *Estimate) spreads(rows float64) []Spread {
	parts := []Spread{
		{Part: partCores, Unit: "uJ"},
		{Part: partLearning, Unit: "uJ"},
		{Part: partMesh, Unit: "uJ"},
		{Part: sumCounted, Unit: "uJ"},
		{Part: partStatic, Unit: "uJ"},
		{Part: partEmbedded, Unit: "uJ"},
		{Part: sumBoards, Unit: "uJ"},
		{Part: partCores, Unit: "ms"},
		{Part: partLearning, Unit: "ms"},
		{Part: partMesh, Unit: "ms"},
		{Part: partBarrier, Unit: "ms"},
		{Part: sumCounted, Unit: "ms"},
		{Part: partRow, Unit: "ms"},
		{Part: partHost, Unit: "ms"},
	}
	add := func(part, unit string, low, high float64) {
		if at := find(parts, Spread{Part: part, Unit: unit}); at >= 0 {
			parts[at].Mean[0] += low * rows / 1000
			parts[at].Mean[1] += high * rows / 1000
		}
	}
	units := map[string]string{"nJ": "uJ", "us": "ms"}
	for _, lines := range [][]Line{e.Energy, e.Time, e.Board} {
		for _, l := range lines {
			add(l.Part, units[l.Unit], l.Low, l.High)
		}
	}
	add(sumCounted, "uJ", e.EnergyRow[0], e.EnergyRow[1])
	add(sumCounted, "ms", e.TimeRow[0], e.TimeRow[1])
	add(sumBoards, "uJ", e.BoardRow[0], e.BoardRow[1])
	for i := range parts {
		parts[i].Min, parts[i].Max = parts[i].Mean, parts[i].Mean
	}
	return parts
}

// Summaries are those of all sets; none where there was no inference.
func (t *Tally) Summaries() []Summary {
	if t.n == 0 {
		return nil
	}
	var list []Summary
	n, bands := float64(t.n), Bands(t.spec)
	for i, e := range Estimates(t.spec, t.total) {
		s := Summary{Set: e.Set, Inferences: t.n, Rows: float64(t.total.Rows) / n, Left: e.Missing}
		s.Energy, s.Time = Factor(bands, e.Set)
		for j, x := range e.spreads(float64(t.total.Rows) / n) {
			x.Min, x.Max = t.sets[i][j].Min, t.sets[i][j].Max
			if x.Max != [2]float64{} {
				s.Parts = append(s.Parts, x)
			}
		}
		list = append(list, s)
	}
	return list
}
