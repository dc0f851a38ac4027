package llvm

import (
	"github.com/llir/llvm/ir/value"

	"decc/ir/diag"
	"decc/ir/sem"
)

// plastic is a fan that learns.
type plastic struct {
	*fan
	rule *sem.Rule
}

func (u *unit) newPlastic(f *fan) error {
	return diag.Errorf(f.Pos, codeLearning, "synapse @%s learns", f.Name)
}

func (p *plastic) zeros() uint                 { return 0 }
func (p *plastic) clear(u *unit, c *code)      {}
func (u *unit) writePlasticSend(f *fan)        {}
func (u *unit) learnRow(c *code, x *runner, k value.Value) {}
func (u *unit) answerLearned(c *code, r *reader, done value.Value) {}
func (u *unit) takeLearned(c *code, r *reader, done value.Value) {}
