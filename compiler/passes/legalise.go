package passes

import (
	"slices"
	"strings"

	"decc/compiler"
	"decc/ir"
	"decc/ir/sem"
)

// Legalise makes every object one that the chip can express, or says why it cannot.
//
// Method: a chip of fixed compartments (chip.Spec.Programs) runs only programs
// that equal its own; the builtin @decolle is expanded into two of them (see
// expand.go). Then every param, weight format, delay, port and join is held against
// its limit. A chip that runs any program checks size and cost of programs instead.
//
// Before: a lowered module. After: the module has a chip, and nothing in it
// exceeds a limit that concerns one compartment or one synapse. Example for loihi1:
//
//	group @h : @decolle x 2 { du = 328, dv = 123, dr = 1434, wr = 6400 }
//
// becomes
//
//	group @h-dendrite : @dendrite x 2 { du = 328, dv = 123 }
//	group @h : @cuba x 2 { du = 1434, dv = 4096 }
//	synapse @h-refractory : @h -> @h.drive list s8[2]{-100, -100} … sign(inhibitory)
//	join @h-dendrite -> @h.dendrite
var Legalise = compiler.Pass{
	Name: "legalise", Doc: "express everything as the chip can",
	Needs: ir.Lowered, Gives: ir.Legal, Preserves: true,
	Run: legalise,
}

func legalise(c *compiler.Context, m *ir.Module) error {
	l := &legaliser{Context: c, m: m, refused: map[*ir.Group]bool{}}
	if !c.Chip.RunsAny() {
		if err := l.learnPrograms(); err != nil {
			return err
		}
		l.expandAll()
		l.forbidOthers()
	}
	l.checkParams()
	l.checkPrograms()
	l.checkSynapses()
	l.checkPayloads()
	l.checkJoins()
	l.noteProfiles()
	m.Chip, m.Stage = c.Chip.Name, ir.Legal
	return nil
}

type legaliser struct {
	*compiler.Context
	m *ir.Module
	// texts are the builtin programs under the module's semantics, by bodyText.
	texts map[string]string
	// refused are the groups whose expansion failed, with an error that says why.
	refused map[*ir.Group]bool
}

// bodyText is a program's canonical text whatever its name: programs with equal
// texts compute the same.
func bodyText(p *sem.Program) string {
	anonymous := *p
	anonymous.Name = "program"
	return ir.ProgramText(&anonymous)
}

func (l *legaliser) learnPrograms() error {
	l.texts = map[string]string{}
	for _, name := range ir.BuiltinNames() {
		p, err := ir.Builtin(name, l.m.Profile)
		if err != nil {
			return err
		}
		l.texts[bodyText(&p.Program)] = name
	}
	return nil
}

// builtinName names the builtin program that p equals, or "".
func (l *legaliser) builtinName(p *ir.Program) string { return l.texts[bodyText(&p.Program)] }

// forbidOthers refuses the programs that the chip's compartments are not.
func (l *legaliser) forbidOthers() {
	for _, g := range l.m.Groups {
		name := l.builtinName(g.Program)
		if slices.Contains(l.Chip.Programs, name) || l.refused[g] {
			continue
		}
		d := l.Errorf(g.Pos, g.At, codeProgram, "group @%s runs program @%s; the compartments of chip %s are %s",
			g.Name, g.Program.Name, l.Chip.Name, strings.Join(l.Chip.Programs, ", "))
		if slices.Contains(l.Chip.Programs, g.Program.Name) {
			d.WithNote("@%s of the module differs from the builtin program of that name under semantics %s", g.Program.Name, l.m.Profile)
		}
		d.WithFix("use one of these programs, or a chip that runs any, such as loihi2")
	}
}

// noteProfiles warns of groups that must spread over cores because of their params.
func (l *legaliser) noteProfiles() {
	keys := newProfileKeys(l.Chip)
	for _, g := range l.m.Groups {
		n := keys.of(g).vth.distinct()
		if n <= l.Chip.VthProfiles {
			continue
		}
		l.Warnf(g.Pos, g.At, codeProfiles, "group @%s has %d different thresholds, a core of chip %s has a table of %d; it takes at least %d cores",
			g.Name, n, l.Chip.Name, l.Chip.VthProfiles, (n+l.Chip.VthProfiles-1)/l.Chip.VthProfiles).
			WithNote("%s", limitText(l.Chip, "vth_profiles")).
			WithFix("give the group one threshold and scale its weights instead")
	}
}
