package compiler

import (
	"context"
	"fmt"

	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
)

// Pass is one step of the way from a quantised module to a routed one.
type Pass struct {
	// Name is what --dump-after, file tests and statistics call it.
	Name string
	Doc  string // one line
	// Needs is the stage that the pass takes, Gives the one that it leaves.
	Needs, Gives ir.Stage
	// Preserves tells that the spikes of every group of the module are the same
	// before and after, row by row, for any input.
	Preserves bool
	// Run changes m, which is a copy that belongs to the pass: its lists and objects
	// may be changed, its tensors are shared and must be replaced, not written to.
	// What is wrong with the module goes to the context or is returned.
	Run func(c *Context, m *ir.Module) error
}

// Options choose between results that are all correct.
type Options struct {
	// Placement 0 places cores in sequence; any other value is the seed of a
	// permutation of the cores within each chip, which must not change a spike.
	Placement uint64
	// Mapper names how compartments are divided over cores; "" is the first of passes.Mappers.
	Mapper string
	// Traffic tells how many spikes each member of an input or group sends, in thousandths
	// of a spike, one number for all members or one each; what it does not name sends
	// one spike. The mapping keeps together what talks most.
	Traffic map[string][]int64
}

// Context is what a pass knows besides the module, and where it reports.
type Context struct {
	context.Context
	Chip    *chip.Spec
	Options Options
	// Found collects errors, warnings and notes; an error ends the pipeline after
	// the pass, so that a pass can report all that it finds.
	Found diag.List

	pass  string
	stats []Stat
	watch func(pass, step string)
	hear  func(*diag.Diagnostic)
}

// Step tells who watches what the pass is at.
func (c *Context) Step(format string, args ...any) {
	if c.watch != nil {
		c.watch(c.pass, fmt.Sprintf(format, args...))
	}
}

// Tell adds a note, and lets who hears notes have it at once.
func (c *Context) Tell(d *diag.Diagnostic) {
	d.Severity = diag.Note
	if c.hear != nil {
		c.hear(d)
		return
	}
	c.Found = append(c.Found, d)
}

// Stat is one number that a pass tells about its work, for `decc build` and reports.
type Stat struct {
	Pass  string
	Name  string
	Value int64
	Unit  string // "" for plain counts
}

// Count adds a statistic of the running pass.
func (c *Context) Count(name string, value int64, unit string) {
	c.stats = append(c.stats, Stat{c.pass, name, value, unit})
}

// Errorf adds an error about an object that came from pos of the model and stands
// at at in the text of the module; either may be unknown.
func (c *Context) Errorf(pos, at diag.Pos, code, format string, args ...any) *diag.Diagnostic {
	d := c.Found.Add(where(pos, at), code, format, args...)
	if !at.IsZero() && !pos.IsZero() {
		d.WithNote("it comes from %s", pos)
	}
	return d
}

// Warnf adds a warning: legal, but likely not what was wanted.
func (c *Context) Warnf(pos, at diag.Pos, code, format string, args ...any) *diag.Diagnostic {
	d := c.Errorf(pos, at, code, format, args...)
	d.Severity = diag.Warning
	return d
}

// Notef adds a note: something that a user should know and that is not wrong.
func (c *Context) Notef(pos, at diag.Pos, code, format string, args ...any) *diag.Diagnostic {
	d := c.Errorf(pos, at, code, format, args...)
	d.Severity = diag.Note
	return d
}

// where prefers the text that was read over the model behind it.
func where(pos, at diag.Pos) diag.Pos {
	if at.IsZero() {
		return pos
	}
	return at
}
