package llvm

import (
	"github.com/llir/llvm/ir/value"

	"decc/ir/sem"
)

// replayed are the thresholds of a recording, which come with the request in place of drawn ones.
type replayed struct{}

func (u *unit) newReplayed(p *plastic) *replayed { return &replayed{} }

func (r *replayed) impulse(l *learner, t *trace, row, site value.Value, n int, second bool) value.Value {
	return nil
}

func (r *replayed) decays(l *learner, t *trace, row, site value.Value, n int) value.Value {
	return nil
}

func (r *replayed) updates(w *synapseWriter, t sem.Target, way *sem.Updater, rest value.Value) value.Value {
	return nil
}
