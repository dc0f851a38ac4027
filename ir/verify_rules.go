package ir

import (
	"slices"

	"decc/ir/sem"
)

// rules checks rules and the synapses that learn by them.
func (v *verifier) rules() {
	for _, r := range v.m.Rules {
		if err := r.Check(); err != nil {
			v.add(r.Pos, r.At, "%v", err)
		}
	}
	for _, s := range v.m.Synapses {
		if s.Tags != nil && (s.Rule == "" || !slices.Equal(s.Tags.Shape, s.Weights.Shape)) {
			v.add(s.Pos, s.At, "synapse @%s: tags of shape %v; plastic synapses have one a weight", s.Name, s.Tags.Shape)
		}
		if s.Rule != "" {
			v.plastic(s)
		}
	}
}

func (v *verifier) plastic(s *Synapse) {
	r := v.m.RuleByName(s.Rule)
	if r == nil {
		v.add(s.Pos, s.At, "synapse @%s learns by @%s, which does not exist", s.Name, shorten(s.Rule))
		return
	}
	if s.Format.Bits == 0 {
		v.add(s.Pos, s.At, "synapse @%s learns, and its weights have no bits", s.Name).WithFix("give plastic weights 1 bit or more")
	}
	v.pairs(s)
	post := v.groups[s.Post]
	if r.HostWrites() && v.m.Profile != sem.Silicon {
		v.add(r.Pos, r.At, "rule @%s: the host writes a trace, which the learning engine of semantics(%s) does not have", r.Name, v.m.Profile).
			WithFix("use semantics(silicon)")
	}
	for i, t := range r.Traces {
		if t.Value == "" {
			continue
		}
		if sem.Variables[sem.TraceVariables[i]].Side != sem.PostSide {
			v.add(r.Pos, r.At, "rule @%s: %s cannot be written; only y traces can", r.Name, sem.TraceVariables[i])
		} else if post.Program.Observable(t.Value) == sem.NoRef {
			hint(v.add(s.Pos, s.At, "synapse @%s: rule @%s writes the value %q into %s, and program @%s of its target has none of that name",
				s.Name, r.Name, shorten(t.Value), sem.TraceVariables[i], post.Program.Name), t.Value, observables(post.Program))
		}
	}
}

// pairs refuses a second plastic synapse between two members: their number keys its
// random bits.
func (v *verifier) pairs(s *Synapse) {
	if s.PrePost == nil {
		return
	}
	seen, twice := map[[2]int]bool{}, false
	s.Each(func(pre, post int, _ int64, _ int) {
		key := [2]int{pre, post}
		if seen[key] && !twice {
			twice = true
			v.add(s.Pos, s.At, "synapse @%s learns, and has two synapses from member %d to member %d", s.Name, pre, post).
				WithFix("join them, or put one into a synapse object of its own")
		}
		seen[key] = true
	})
}
