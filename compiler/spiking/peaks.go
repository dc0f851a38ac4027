package spiking

import (
	"context"
	"math"

	"decc/ir/spikes"
)

// Peaks are the largest magnitudes that the neurons of a population took: of the current
// times its gain, and of the voltage before a reset.
type Peaks struct{ Current, Voltage []float64 }

func (p *Peaks) note(m int, current, voltage float64) {
	p.Current[m] = max(p.Current[m], math.Abs(current))
	p.Voltage[m] = max(p.Voltage[m], math.Abs(voltage))
}

// Observe runs trains for that many steps each and gives the peaks of every population,
// over all of them. The error is that of ctx.
func (n *Network) Observe(ctx context.Context, inputs []map[string]spikes.Train, steps int) ([]Peaks, error) {
	peaks := make([]Peaks, len(n.cells))
	for k := range n.cells {
		peaks[k] = Peaks{make([]float64, n.cells[k].N), make([]float64, n.cells[k].N)}
		n.cells[k].peaks = &peaks[k]
	}
	defer func() {
		for k := range n.cells {
			n.cells[k].peaks = nil
		}
	}()
	for _, in := range inputs {
		if _, err := n.Run(ctx, spikes.Request{Rows: steps, Inputs: in}); err != nil {
			return nil, err
		}
	}
	return peaks, nil
}
