package main

import (
	"fmt"
	"io"
	"sync"

	"decc/chipsim"
	"decc/chipsim/cost"
	"decc/chipsim/image"
	"decc/chipsim/validate"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// costing estimates what runs of one image take. A nil one estimates nothing.
type costing struct {
	spec   *chip.Spec
	placed cost.Load // chips, tiles and cores
	weigh  spikes.Weighing
	mu     sync.Mutex
	tally  *cost.Tally
}

// costingOf is the costing of runs of a chip engine; find looks up the profile of a chip by
// the name that the image has.
func costingOf(engine validate.Engine, find func(name string) (*chip.Spec, error)) (*costing, error) {
	session, ok := engine.(*chipsim.Session)
	if !ok {
		return nil, usagef("--cost needs cores: use --engine chip")
	}
	img := session.Chip().Image()
	spec, err := find(img.Chip)
	if err != nil {
		return nil, err
	}
	c := &costing{spec: spec, placed: cost.Load{Cores: len(img.Cores)}, weigh: spikes.Weighing{By: cost.Weighings(spec)}, tally: cost.NewTally(spec)}
	if len(c.weigh.By) == 0 {
		return nil, diag.Errorf(diag.Pos{}, codeNoCosts, "nothing is published about what events cost on chip %s", spec.Name).
			WithFix("build for loihi1, or give a chip profile with costs")
	}
	return c, c.place(img.Cores)
}

// place finds the cores of an image on the board.
func (c *costing) place(cores []*image.Core) error {
	chips, tiles := map[int]bool{}, map[chip.Tile]bool{}
	for _, k := range cores {
		at, ok := c.spec.TileAt(chip.Coordinate{Chip: k.ChipID, X: k.X, Y: k.Y, Z: k.Z})
		if !ok {
			return diag.Errorf(diag.Pos{}, codeNoCosts, "core %d stands at (%d, %d, %d) of chip %d, which no %s has: %d chips of %d x %d tiles with %d cores each",
				k.ID, k.X, k.Y, k.Z, k.ChipID, c.spec.Name, c.spec.Chips, c.spec.TilesX, c.spec.TilesY, c.spec.CoresPerTile).
				WithFix("give the profile that the network was built for with --target FILE")
		}
		chips[k.ChipID], tiles[at] = true, true
		c.weigh.Tiles = append(c.weigh.Tiles, [2]int{at.X, at.Y})
	}
	c.placed.Chips, c.placed.Tiles = len(chips), len(tiles)
	return nil
}

// load is what a run did.
func (c *costing) load(rows int, counts spikes.Counts, busiest []spikes.CoreWork) cost.Load {
	l := c.placed
	l.Rows, l.Counts, l.Busiest = rows, counts, busiest
	return l
}

// add takes one inference.
func (c *costing) add(rows int, counts spikes.Counts, busiest []spikes.CoreWork) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tally.Add(c.load(rows, counts, busiest))
}

// into adds the costs to a report.
func (c *costing) into(r *validate.Report) *validate.Report {
	if r != nil {
		r.Costs = c.summaries()
	}
	return r
}

func (c *costing) summaries() []cost.Summary {
	if c == nil {
		return nil
	}
	return c.tally.Summaries()
}

// measure lets a pupil tell what it does, lessons and tests apart.
func (l *learning) measure() (lessons, tests *costing, err error) {
	if lessons, err = costingOf(l.pupil.On, l.profile); err != nil {
		return nil, nil, err
	}
	if tests, err = costingOf(l.pupil.On, l.profile); err != nil {
		return nil, nil, err
	}
	l.pupil.Weigh = lessons.weigh
	l.pupil.Worked = func(req spikes.Request, did spikes.Record[int64]) {
		to := tests
		if req.Learn {
			to = lessons
		}
		to.add(req.Rows, did.Counts, did.Busiest)
	}
	return lessons, tests, nil
}

// profile is the chip of the project, whatever it is called.
func (p *project) profile(string) (*chip.Spec, error) { return p.chip, nil }

// profileOf is the chip that a network was built for: that of --target, or the one of that name.
func (o *runOptions) profileOf(r *runnable, name string) (*chip.Spec, error) {
	if r.chip != nil {
		return r.chip, nil
	}
	if o.target == "" {
		spec, err := chip.Builtin(name)
		if err != nil {
			return nil, diag.Errorf(diag.Pos{}, codeNoCosts, "the network was built for chip %q, which is none of those that decc carries", name).
				WithFix("give its profile with --target FILE")
		}
		return spec, nil
	}
	spec, err := chip.Load(o.target)
	if err == nil && spec.Name != name {
		return nil, usagef("--target %s is chip %s, the network was built for chip %s", o.target, spec.Name, name)
	}
	return spec, err
}

// write prints the tables of every set, and how far they are from measurements.
func (c *costing) write(w io.Writer, list []cost.Estimate) error {
	for _, e := range list {
		fmt.Fprintf(w, "\nestimate by %s from the events counted, the mean of a row\n", e.Set)
		t := newTable("part", "what", "events", "from", "to", "", "source")
		for _, lines := range [][]cost.Line{e.Energy, e.Time} {
			for _, l := range lines {
				t.AppendRow(row(l.Part, l.What, fmt.Sprintf("%.1f", l.Events), amount(l.Low), amount(l.High), l.Unit, l.Source))
			}
		}
		t.AppendRow(row("all counted", "energy of a row", "", amount(e.EnergyRow[0]), amount(e.EnergyRow[1]), "nJ", ""))
		t.AppendRow(row("", "time of a row, at least", "", amount(e.TimeRow[0]), amount(e.TimeRow[1]), "us", ""))
		t.AppendRow(row("", "energy of the run", "", amount(e.EnergyRun[0]), amount(e.EnergyRun[1]), "uJ", ""))
		t.AppendRow(row("", "time of the run, at least", "", amount(e.TimeRun[0]), amount(e.TimeRun[1]), "ms", ""))
		if err := writeTable(w, t); err != nil {
			return err
		}
		if err := writeBoard(w, e); err != nil {
			return err
		}
		writeLeft(w, e.Missing)
	}
	return writeBands(w, cost.Bands(c.spec))
}

// writeBoard prints what does not follow from the network.
func writeBoard(w io.Writer, e cost.Estimate) error {
	if len(e.Board) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\nmeasured on boards, not scaled to your network: a row")
	t := newTable("part", "what", "from", "to", "", "source")
	for _, l := range e.Board {
		t.AppendRow(row(l.Part, l.What, amount(l.Low), amount(l.High), l.Unit, l.Source))
	}
	t.AppendRow(row("all energy", "counted, static and processors", amount(e.BoardRow[0]), amount(e.BoardRow[1]), "nJ", ""))
	return writeTable(w, t)
}

func writeLeft(w io.Writer, left []string) {
	for _, what := range left {
		fmt.Fprintln(w, "left out: "+what)
	}
}

// writeBands prints how far the sets are from measurements.
func writeBands(w io.Writer, bands []cost.Band) error {
	if len(bands) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\nerror of the estimates: estimate / measurement of published runs, a row")
	t := newTable("run", "set", "energy", "measured nJ", "time", "measured us", "source")
	least := map[bool]string{true: ">= "}
	var notes []string
	for _, b := range bands {
		t.AppendRow(row(b.Run, b.Set, fmt.Sprintf("%s%.2f to %.2f", least[b.Bound], b.Energy[0], b.Energy[1]), fmt.Sprintf("%.1f", b.Measured[0]),
			fmt.Sprintf("%s%.2f to %.2f", least[b.Bound], b.Time[0], b.Time[1]), fmt.Sprintf("%.3f", b.Measured[1]), b.Source))
		if n := len(notes); n == 0 || notes[n-1] != b.Run+": "+b.Note {
			notes = append(notes, b.Run+": "+b.Note)
		}
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintln(w, n)
	}
	energy, time := cost.Factor(bands, "")
	return writeFactor(w, energy, time)
}

// writeFactor prints the error band: it holds for runs of which all events are known.
func writeFactor(w io.Writer, energy, time [2]float64) error {
	if energy[1] == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "error: where all events of a published run are known, %.2f to %.2f times its energy, %.2f to %.2f times its time\n",
		energy[0], energy[1], time[0], time[1])
	return err
}

// writeSummaries prints what an inference takes, by set.
func writeSummaries(w io.Writer, of string, list []cost.Summary) error {
	for _, s := range list {
		fmt.Fprintf(w, "\nestimate by %s of %d %s, %.1f rows each: from low to high\n", s.Set, s.Inferences, of, s.Rows)
		t := newTable("part", "", "mean", "least", "most")
		for _, p := range s.Parts {
			t.AppendRow(row(p.Part, p.Unit, rangeText(p.Mean), rangeText(p.Min), rangeText(p.Max)))
		}
		if err := writeTable(w, t); err != nil {
			return err
		}
		fmt.Fprintln(w, "static power, embedded processors, row on boards and host: measured on boards, not scaled to your network")
		writeLeft(w, s.Left)
		if err := writeFactor(w, s.Energy, s.Time); err != nil {
			return err
		}
	}
	return nil
}

func rangeText(x [2]float64) string { return amount(x[0]) + " to " + amount(x[1]) }

// amount shows four digits, or all before the point.
func amount(x float64) string {
	if x >= 10_000 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.4g", x)
}
