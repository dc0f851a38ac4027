package llvm

import (
	"context"

	"decc/ir/diag"
	"decc/ir/sem"
)

// Learned is the present value of a target of plastic synapses, one a synapse by number (target member, then source member); nil
// where there are none of that name, or the engine has stopped.
func (e *Engine) Learned(synapse string, t sem.Target) []int64 {
	p := e.layout.plasticOf(synapse)
	if p == nil {
		return nil
	}
	d := decoder{}
	var err error
	if d.bytes, err = e.ask(context.Background(), e.layout.aboutLearned(kindLearned, synapse, t), nil); err != nil {
		return nil
	}
	stored := make([]int64, p.size)
	for i := range stored {
		stored[i] = d.word()
	}
	out := make([]int64, len(p.places))
	for i, at := range p.places {
		out[i] = stored[at]
	}
	return out
}

// SetLearned sets what Learned tells, to go on from there. The error has code run/learned-values, or is of the engine.
func (e *Engine) SetLearned(synapse string, t sem.Target, values []int64) error {
	p := e.layout.plasticOf(synapse)
	if p == nil || len(p.places) != len(values) {
		return diag.Errorf(diag.Pos{}, "run/learned-values", "there is no plastic synapse object %q of %d synapses", synapse, len(values)).
			WithFix("use values of the same module")
	}
	stored := make([]int64, p.size)
	for i, at := range p.places {
		if bound := p.bound[t]; values[i] < bound[0] || values[i] > bound[1] {
			return diag.Errorf(diag.Pos{}, "run/learned-values", "%s of a synapse of @%s is %d, allowed is %d..%d", sem.Targets[t], synapse, values[i], bound[0], bound[1]).
				WithFix("use values of the same module")
		}
		stored[at] = values[i]
	}
	request := e.layout.aboutLearned(kindTeach, synapse, t)
	request.add(stored...)
	_, err := e.ask(context.Background(), request, nil)
	return err
}

// aboutLearned begins a request about a target of plastic synapses.
func (l *layout) aboutLearned(kind int64, synapse string, t sem.Target) words {
	var w words
	for i, p := range l.plastic {
		if p.name == synapse {
			w.add(kind, int64(i*targets+int(t)))
		}
	}
	return w
}
