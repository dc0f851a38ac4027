package irgen

import (
	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Trains are random spikes for the inputs of a module, each silent, sparse, busy
// or always on for some of its members, with payloads where the input has them.
// A member spikes at most once a row, as ir.Bounds takes for granted.
func Trains(seed uint64, m *ir.Module, rows int) map[string]spikes.Train {
	trains := map[string]spikes.Train{}
	for _, in := range m.Inputs {
		d := newDice(seed, "train "+in.Name)
		percent := make([]int, in.N)
		for i := range percent {
			percent[i] = oneOf(d, 0, 5, 5, 25, 60, 100)
		}
		for k := range rows {
			for i, p := range percent {
				if d.chance(p) {
					trains[in.Name] = append(trains[in.Name], spikes.Event{Row: int32(k), Index: int32(i), Payload: d.payload(in.Payload)})
				}
			}
		}
	}
	return trains
}

func (d dice) payload(t sem.Type) int32 {
	if t == (sem.Type{}) {
		return 1
	}
	lo, hi := t.Limits()
	return int32(d.extreme(lo, hi))
}
