package bench

import (
	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// source is where a plan takes its numbers from.
type source interface {
	train(p *plan) (spikes.Train, error)
	weights(l *layer, n int) ([]int64, error)
}

// drawn are numbers of the same kind as those of the folder, from a fixed seed: even weights of 8 bits, evenly spread, and
// every input as likely as the plan says.
type drawn struct{ name string }

func (d drawn) draw(what string, a, b, n int) int64 {
	return int64(sem.Draw(1, sem.Key("bench."+d.name+"."+what), uint64(a), uint64(b)) % uint64(n))
}

func (d drawn) train(p *plan) (spikes.Train, error) {
	return d.events(p.rows, p.input, p.perMille), nil
}

func (d drawn) events(rows, members, perMille int) spikes.Train {
	var t spikes.Train
	for row := range rows {
		for i := range members {
			if d.draw("events", row, i, 1000) < int64(perMille) {
				t = append(t, spikes.Event{Row: int32(row), Index: int32(i), Payload: 1})
			}
		}
	}
	return t
}

// Draw is a workload of any verified module: so many of a thousand members of each input spike in a row, of so many rows.
func Draw(m *ir.Module, rows, perMille int) *Workload {
	w := &Workload{Name: m.Name, Module: m, Inputs: map[string]spikes.Train{}, Rows: rows, Layers: []string{"in"}}
	for _, in := range m.Inputs {
		w.Inputs[in.Name] = drawn{m.Name + "." + in.Name}.events(rows, in.N, perMille)
	}
	for _, g := range m.Groups {
		w.Layers = append(w.Layers, g.Name)
	}
	return w
}

func (d drawn) weights(l *layer, n int) ([]int64, error) {
	list := make([]int64, n)
	for i := range list {
		list[i] = 2*d.draw(l.file, i, 0, 128) - 128
	}
	return list, nil
}
