package validate

import (
	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// feeder brings the numbers of a recording to ports of its compartments: an input whose
// spikes carry them, and synapses of effective weight 64. So a program shifts what arrives
// by 6 bits; and what is meant for row 0, before which nothing can arrive, is a param.
type feeder struct {
	module *ir.Module
	trains map[string]spikes.Train
}

// connect joins member i of an input to member i of a group with effective weight 64.
func (f *feeder) connect(name, from, to, port string, n int, graded bool) {
	ends, ones := make([]int64, 0, 2*n), make([]int64, n)
	for i := range n {
		ends = append(ends, int64(i), int64(i))
		ones[i] = 2
	}
	f.module.Synapses = append(f.module.Synapses, &ir.Synapse{
		Name: name, Pre: from, Post: to, Port: port, Graded: graded,
		Format: sem.WeightFormat{Bits: 8, Exp: -1}, Weights: ir.Vector(ones), PrePost: ir.NewTensor(ends, n, 2),
	})
}

// send brings rows[k] to a port in row k+1.
func (f *feeder) send(name, to, port string, rows [][]int64) {
	n := len(rows[0])
	f.module.Inputs = append(f.module.Inputs, &ir.Input{Name: name, N: n, Payload: sem.Type{Bits: 32, Signed: true}})
	var train spikes.Train
	for k, row := range rows {
		row = row[:min(n, len(row))]
		for i, x := range row {
			train = append(train, spikes.Event{Row: int32(k), Index: int32(i), Payload: int32(x)})
		}
	}
	f.trains[name] = train
	f.connect("to_"+name, name, to, port, n, true)
}
