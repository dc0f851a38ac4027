package compiler

import (
	"slices"

	"decc/compiler/model/weights"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
)

// LearnedKey names a learned variable of a synapse object in a file: "w_h1.w".
func LearnedKey(synapse string, t sem.Target) string { return synapse + "." + t.String()[1:] }

// LearnedTargets lists the variables that a synapse object of m learns.
func LearnedTargets(m *ir.Module, s *ir.Synapse) []sem.Target {
	r := m.RuleByName(s.Rule)
	if r == nil {
		return nil
	}
	var list []sem.Target
	for _, t := range []sem.Target{sem.TargetW, sem.TargetT, sem.TargetD} {
		if len(r.Sums[t]) > 0 {
			list = append(list, t)
		}
	}
	return list
}

// Instil gives the plastic synapses of m the values that a run has learned, which f holds
// by LearnedKey: weights are mantissas, one a synapse by target member, then source
// member. The error has code compiler/learned, without the place of the file; m is then
// half changed.
func Instil(m *ir.Module, f *weights.File) error {
	plastic := false
	for _, s := range m.Synapses {
		for _, target := range LearnedTargets(m, s) {
			plastic = true
			if err := instil(m, s, target, f); err != nil {
				return err
			}
		}
	}
	if !plastic {
		return diag.Errorf(diag.Pos{}, codeLearned, "no synapses of %s learn", m.Name).WithFix("give --learned for a model with plastic layers")
	}
	return nil
}

func instil(m *ir.Module, s *ir.Synapse, target sem.Target, f *weights.File) error {
	key := LearnedKey(s.Name, target)
	t, ok := f.Get(key)
	if !ok || !slices.Equal(t.Shape, s.Weights.Shape) {
		return diag.Errorf(diag.Pos{}, codeLearned, "there are no %v values of %s", s.Weights.Shape, key).WithFix("give a file that this model learned")
	}
	lo, hi := m.Profile.Learning().Limits(target, s.Format)
	grid := int64(1)
	if target == sem.TargetW {
		grid = 1 << s.Format.LSB()
	}
	values := make([]int64, len(t.Data))
	for i, at := range s.ByNumber() {
		v := int64(t.Data[i])
		if float64(v) != t.Data[i] || v < lo || v > hi || v%grid != 0 {
			return diag.Errorf(diag.Pos{}, codeLearned, "%s[%d] is %v, expected is a multiple of %d in %d..%d", key, i, t.Data[i], grid, lo, hi).
				WithFix("give a file that this model learned, with the same --weight-bits")
		}
		values[at] = v
	}
	*learnedTensor(s, target) = ir.NewTensor(values, s.Weights.Shape...)
	return nil
}

// learnedTensor is where a synapse object has the first values of what it learns.
func learnedTensor(s *ir.Synapse, t sem.Target) **ir.Tensor {
	return map[sem.Target]**ir.Tensor{sem.TargetW: &s.Weights, sem.TargetT: &s.Tags, sem.TargetD: &s.Delay}[t]
}
