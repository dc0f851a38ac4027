package passes

import (
	"decc/compiler"
	"decc/ir"
)

// Lower gives learning its microcode.
//
// Before: any quantised module. After: the same module at stage lowered. A module
// has no learning rules yet that would have to become microcode, so nothing but the
// stage changes and nothing is refused.
var Lower = compiler.Pass{
	Name: "lower", Doc: "turn learning rules into microcode",
	Needs: ir.Quantised, Gives: ir.Lowered, Preserves: true,
	Run: func(_ *compiler.Context, m *ir.Module) error {
		m.Stage = ir.Lowered
		return nil
	},
}
