package spiking

import (
	"fmt"
	"slices"

	"decc/ir/spikes"
)

// The variables that probes can ask for: Voltage of any population, the others of those whose
// mode has them.
const (
	Voltage    = "v"
	Theta      = "theta" // Adaptive: the threshold after the step
	Refractory = "r"     // Adaptive: the refractory state after the step
	Value      = "y"     // Graded, Rectified: what the spike of the step carries, 0 for none
)

// variables are where a cell keeps them; nil where it has none.
var variables = map[string]func(c *cell) []float64{
	Voltage:    func(c *cell) []float64 { return c.v },
	Theta:      func(c *cell) []float64 { return c.theta },
	Refractory: func(c *cell) []float64 { return c.r },
	Value:      func(c *cell) []float64 { return c.y },
}

// variable is what a probe asks for, one value a member; nil where there is none.
func (n *Network) variable(p spikes.Probe) []float64 {
	k := slices.IndexFunc(n.cells, func(c cell) bool { return c.Name == p.Group })
	if of := variables[p.Variable]; k >= 0 && of != nil && p.Members == nil {
		return of(&n.cells[k])
	}
	return nil
}

// checkRequest tells what of a request cannot be run.
func (n *Network) checkRequest(r spikes.Request) error {
	s := n.spec
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
		if n.variable(p) == nil {
			return fmt.Errorf("a probe of %s, allowed is %s of all members of a population, %s and %s of adaptive ones, %s of graded ones", p.Key(), Voltage, Theta, Refractory, Value)
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
