package spiking

import (
	"fmt"
	"slices"

	"decc/ir/spikes"
)

// checkRequest tells what of a request cannot be run.
func (s *Spec) checkRequest(r spikes.Request) error {
	names := make([]string, 0, len(r.Inputs))
	for name := range r.Inputs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		at := slices.IndexFunc(s.Inputs, func(in Input) bool { return in.Name == name })
		if at < 0 {
			return fmt.Errorf("there is no input %q", name)
		}
		if err := s.Inputs[at].check(r.Inputs[name]); err != nil {
			return err
		}
	}
	for _, p := range r.Probes {
		known := slices.ContainsFunc(s.Populations, func(q Population) bool { return q.Name == p.Group })
		if !known || p.Variable != Voltage || p.Members != nil {
			return fmt.Errorf("a probe of %s, allowed is %s of all members of a population", p.Key(), Voltage)
		}
	}
	return nil
}

// check tells the first event that cannot be played.
func (in Input) check(train spikes.Train) error {
	last := int32(0)
	for _, e := range train {
		if e.Index < 0 || int(e.Index) >= in.N {
			return fmt.Errorf("input %q has %d members, an event of row %d has index %d", in.Name, in.N, e.Row, e.Index)
		}
		if e.Row < last {
			return fmt.Errorf("input %q: an event of row %d comes after row %d", in.Name, e.Row, last)
		}
		last = e.Row
	}
	return nil
}
