package main

import (
	"fmt"
	"io"

	"decc/chipsim"
	"decc/chipsim/cost"
	"decc/chipsim/validate"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// costsOf estimates a run that a chip engine has just done.
func costsOf(engine validate.Engine, rows int, counts spikes.Counts) ([]cost.Estimate, error) {
	session, ok := engine.(*chipsim.Session)
	if !ok {
		return nil, usagef("--cost needs cores: use --engine chip")
	}
	img := session.Chip().Image()
	spec, err := chip.Load(img.Chip)
	if err != nil {
		return nil, err
	}
	tiles := map[[3]int]bool{}
	for _, c := range img.Cores {
		tiles[[3]int{c.ChipID, c.X, c.Y}] = true
	}
	list := cost.Estimates(spec, cost.Load{
		Rows: rows, Counts: counts, Tiles: len(tiles), Cores: len(img.Cores), Busiest: cost.Busiest(session.CoreLoads()),
	})
	if len(list) == 0 {
		return nil, diag.Errorf(diag.Pos{}, codeNoCosts, "nothing is published about what events cost on chip %s", spec.Name).
			WithFix("build for loihi1, or give a chip profile with costs")
	}
	return list, nil
}

// writeCosts prints one table a set, and what none of them holds.
func writeCosts(w io.Writer, list []cost.Estimate) error {
	for _, e := range list {
		fmt.Fprintf(w, "\nestimate by %s, the mean of a row\n", e.Set)
		t := newTable("part", "what", "events", "from", "to", "", "source")
		for _, lines := range [][]cost.Line{e.Energy, e.Time} {
			for _, l := range lines {
				t.AppendRow(row(l.Part, l.What, fmt.Sprintf("%.1f", l.Events), fmt.Sprintf("%.3f", l.Low), fmt.Sprintf("%.3f", l.High), l.Unit, l.Source))
			}
		}
		if err := writeTable(w, t); err != nil {
			return err
		}
		fmt.Fprintf(w, "a row: %.3f to %.3f nJ, at least %.3f to %.3f us; the run: %.3f to %.3f uJ, at least %.3f to %.3f ms\n",
			e.EnergyRow[0], e.EnergyRow[1], e.TimeRow[0], e.TimeRow[1], e.EnergyRun[0], e.EnergyRun[1], e.TimeRun[0], e.TimeRun[1])
	}
	fmt.Fprintln(w, "\nnot in the estimates")
	for _, note := range cost.Notes {
		if _, err := fmt.Fprintln(w, "  "+note); err != nil {
			return err
		}
	}
	return nil
}
