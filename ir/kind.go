package ir

import "decc/ir/sem"

// SynapseKind is what the synapses of one object share in synaptic memory: image.Kind has
// the same fields, so that each converts into the other.
type SynapseKind struct {
	Weight      sem.WeightFormat
	Port        int  // ordinal among the ports of the target's program
	Graded      bool // payloads multiply the weight
	Connection  int  // number of the object where the profile sums by connection; else 0
	Plastic     int  // number from 1 among the objects that learn; 0 where it does not
	Tagged      bool // every synapse has a tag
	LearnsDelay bool // a rule changes or reads the delay
}

// Kind is that of the synapse object with this index in m.Synapses.
func (m *Module) Kind(index int) SynapseKind {
	s := m.Synapses[index]
	k := SynapseKind{Weight: s.Format, Graded: s.Graded}
	program := m.GroupByName(s.Post).Program
	for i, f := range program.FieldsOf(sem.Port) {
		if program.Fields[f].Name == s.Port {
			k.Port = i
		}
	}
	if sem.Profiles[m.Profile].ExpOnSum {
		k.Connection = index
	}
	if s.Rule == "" {
		return k
	}
	for _, earlier := range m.Synapses[:index+1] {
		if earlier.Rule != "" {
			k.Plastic++
		}
	}
	rule := m.RuleByName(s.Rule)
	k.Tagged = s.Tags != nil || rule.Concerns(sem.T)
	k.LearnsDelay = rule.Concerns(sem.D)
	return k
}
