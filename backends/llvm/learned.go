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

// Replay makes the next runs take the thresholds of the named plastic synapses from of instead of drawing them; nil draws again.
func (e *Engine) Replay(of func(synapse string) sem.Thresholds) { e.replay = of }

// prepareReplay goes on in a program that takes thresholds from requests, or in one that draws them, with what was
// learned.
func (e *Engine) prepareReplay(ctx context.Context) error {
	p := e.native.program
	if (e.replay != nil) == p.replay || len(e.layout.plastic) == 0 {
		return nil
	}
	n, err := build(ctx, p.module, e.replay != nil)
	if err != nil {
		return err
	}
	known := e.known()
	if e.child != nil {
		e.child.stop()
	}
	e.native, e.layout, e.child = n, &n.program.layout, nil
	for i, p := range e.layout.plastic {
		for t, values := range known[i] {
			if values == nil {
				continue
			}
			if err := e.SetLearned(p.name, sem.Target(t), values); err != nil {
				return err
			}
		}
	}
	return nil
}

// known is all that was learned, by plastic synapses and target; nothing where the program has not started.
func (e *Engine) known() [][targets][]int64 {
	known := make([][targets][]int64, len(e.layout.plastic))
	for i, p := range e.layout.plastic {
		for t := range targets {
			if e.child != nil {
				known[i][t] = e.Learned(p.name, sem.Target(t))
			}
		}
	}
	return known
}
