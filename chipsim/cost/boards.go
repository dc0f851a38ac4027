package cost

import "decc/ir/chip"

// boards is the set of what boards measured: powers in mW, times in ns.
const boards = "boards"

// powers are drawn all the time. Each is a bound of two rows of the set, for each used core or each
// chip.
var powers = []struct {
	part, what string
	low, high  string
	lowOf      func(l Load) int
	highOf     func(l Load) int
}{
	{partStatic, "the cores used, to whole chips", "static_power_core", "static_power_chip", cores, chips},
	{partEmbedded, "dynamic", "x86_power_min", "x86_power_max", chips, chips},
	{partEmbedded, "static", "x86_static_power_min", "x86_static_power_max", chips, chips},
}

func cores(l Load) int { return max(1, l.Cores) }
func chips(l Load) int { return max(1, l.Chips) }

// periods are times of rows of other networks.
var periods = []struct{ part, what, low, high string }{
	{partRow, "all of it, input from the chip's processors", "row_time_min", "row_time_max"},
	{partEmbedded, "of it the management phase", "management_time", "management_time"},
	{partHost, "all of it, input sent by the host", "host_row_time_min", "host_row_time_max"},
}

// board adds what boards measured. A power counts for a row as boards take it, or for the time
// that the estimate needs at least, if that is longer.
func (e *Estimate) board(spec *chip.Spec, l Load) {
	e.BoardRow = e.EnergyRow
	row := e.TimeRow
	for _, x := range periods {
		low, okLow := spec.Cost(boards, x.low)
		high, okHigh := spec.Cost(boards, x.high)
		if !okLow || !okHigh {
			continue
		}
		if x.part == partRow {
			row = [2]float64{max(row[0], low.Value/1000), max(row[1], high.Value/1000)}
		}
		e.Board = append(e.Board, Line{Part: x.part, What: x.what, Low: low.Value / 1000, High: high.Value / 1000, Unit: "us", Source: both(low, high)})
	}
	for _, x := range powers {
		low, okLow := spec.Cost(boards, x.low)
		high, okHigh := spec.Cost(boards, x.high)
		if !okLow || !okHigh {
			continue
		}
		line := Line{
			Part: x.part, What: x.what, Unit: "nJ", Source: both(low, high),
			Low: low.Value * float64(x.lowOf(l)) * row[0], High: high.Value * float64(x.highOf(l)) * row[1],
		}
		e.Board = append(e.Board, line)
		e.BoardRow[0], e.BoardRow[1] = e.BoardRow[0]+line.Low, e.BoardRow[1]+line.High
	}
}

func both(low, high chip.Cost) string {
	if low.Source == high.Source {
		return low.Source
	}
	return low.Source + "; " + high.Source
}
