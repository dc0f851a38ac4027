package model

import (
	"fmt"

	"decc/ir/sem"
)

// splitSigns makes two connections of each one whose sign is "split": chips store
// a weight of one sign with one bit more than a mixed one.
func (r *resolver) splitSigns(f *Fixed) {
	var out []Synapse
	names := map[string]string{}
	for i := range f.Synapses {
		path := fmt.Sprintf("synapses[%d]", i)
		parts := []Synapse{f.Synapses[i]}
		if f.Synapses[i].Sign == "split" {
			parts = f.Synapses[i].split()
		}
		for _, s := range parts {
			r.unique("synapse", names, s.Name, path+".name")
			out = append(out, s)
		}
	}
	f.Synapses = out
}

// split is the excitatory and the inhibitory part of a connection. A part without
// weights is left out, and the other then keeps the name.
func (s Synapse) split() []Synapse {
	exc := s.part(sem.Excitatory, func(m int64) bool { return m > 0 })
	inh := s.part(sem.Inhibitory, func(m int64) bool { return m < 0 })
	switch {
	case inh == nil && exc == nil:
		s.SignMode = sem.Mixed
		s.Sign = s.SignMode.String()
		return []Synapse{s}
	case inh == nil:
		return []Synapse{*exc}
	case exc == nil:
		return []Synapse{*inh}
	}
	exc.Name += "-exc"
	inh.Name += "-inh"
	return []Synapse{*exc, *inh}
}

// part is s with those of its weights only that keep says; nil if there are none.
func (s Synapse) part(mode sem.SignMode, keep func(mantissa int64) bool) *Synapse {
	mantissas, ends, delays := s.Mantissas, s.Ends, s.Delays
	s.SignMode, s.Sign = mode, mode.String()
	s.Mantissas, s.Ends = make([]int64, 0, len(mantissas)), nil
	if len(delays) > 1 {
		s.Delays = nil
	}
	found := false
	for i, m := range mantissas {
		kept := keep(m)
		found = found || kept
		if !kept && ends != nil {
			continue
		}
		if !kept {
			m = 0
		}
		s.Mantissas = append(s.Mantissas, m)
		if ends != nil {
			s.Ends = append(s.Ends, ends[i])
		}
		if len(delays) > 1 {
			s.Delays = append(s.Delays, delays[i])
		}
	}
	if !found {
		return nil
	}
	return &s
}
