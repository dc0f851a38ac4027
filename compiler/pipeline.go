package compiler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
)

// Pipeline is a list of passes for a chip. It keeps nothing between runs; one
// value may run several modules at once when Dump is nil.
type Pipeline struct {
	Passes  []Pass
	Chip    *chip.Spec
	Options Options
	// DumpAfter names the passes after which the module is written to Dump as text
	// without blobs, under a line that names the pass.
	DumpAfter []string
	Dump      io.Writer
	// Watch hears which pass is at work, and what it is at: "" as it begins. nil is nobody.
	Watch func(pass, step string)
	// Hear takes the notes that should not wait for the end of a long pass; where it is nil they are in Result.Notes.
	Hear func(*diag.Diagnostic)
}

// Result is what a run gives besides its error.
type Result struct {
	Module *ir.Module // of the last pass's stage
	Stats  []Stat     // in the order of the passes
	Notes  diag.List  // warnings and notes, in order of position
}

// Bug is an error of a pass rather than of its input: the module was valid before
// it and is not after.
type Bug struct {
	Pass string
	Err  error
}

func (b *Bug) Error() string { return fmt.Sprintf("BUG: after pass %s: %v", b.Pass, b.Err) }
func (b *Bug) Unwrap() error { return b.Err }

// Run takes a copy of m through the passes and leaves m as it is. A pass whose
// stage m has already reached is left out, so a dumped module can go on from where
// it was dumped. The module is verified (ir.Verify) before the first pass and after
// each. Errors: a diag.List for what is wrong with m or the request, the context's error
// when it ends between two passes, a *Bug, or the error of the dump's writer.
func (p *Pipeline) Run(ctx context.Context, m *ir.Module) (Result, error) {
	if err := p.check(m); err != nil {
		return Result{}, err
	}
	c := &Context{Context: ctx, Chip: p.Chip, Options: p.Options, watch: p.Watch, hear: p.Hear}
	for _, pass := range p.Passes {
		if pass.Gives <= m.Stage {
			continue
		}
		next, err := p.step(c, pass, m)
		if err != nil {
			return Result{}, err
		}
		m = next
	}
	c.Found.Sort()
	return Result{Module: m, Stats: c.stats, Notes: c.Found}, nil
}

func (p *Pipeline) check(m *ir.Module) error {
	if err := ir.Verify(m); err != nil {
		return err
	}
	var found diag.List
	if m.Chip != "" && m.Chip != p.Chip.Name {
		found.Add(where(m.Pos, m.At), codeChip, "the module is for chip %s, the pipeline for %s", m.Chip, p.Chip.Name).
			WithFix("compile for %s, or start from a module before stage %s", m.Chip, ir.Legal)
	}
	for _, name := range p.DumpAfter {
		if !hasPass(p.Passes, name) {
			found.Add(diag.Pos{}, codePass, "there is no pass %q", name).WithFix("%s", nearestPass(name, p.Passes))
		}
	}
	return found.Err()
}

func nearestPass(name string, passes []Pass) string {
	names := passNames(passes)
	if n, ok := diag.Nearest(name, names); ok {
		return "did you mean " + n + "?"
	}
	return "use one of " + strings.Join(names, ", ")
}

// step runs one pass on a copy of m and returns the copy.
func (p *Pipeline) step(c *Context, pass Pass, m *ir.Module) (*ir.Module, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	if m.Stage != pass.Needs {
		return nil, diag.List{diag.Errorf(where(m.Pos, m.At), codeStage, "pass %s takes a module of stage %s, this one is %s", pass.Name, pass.Needs, m.Stage).
			WithFix("run the passes before it")}
	}
	c.pass = pass.Name
	c.Step("")
	m = clone(m)
	if err := c.collect(pass.Run(c, m)); err != nil {
		return nil, err
	}
	if err := p.inspect(pass, m); err != nil {
		return nil, &Bug{Pass: pass.Name, Err: err}
	}
	return m, p.dump(pass.Name, m)
}

// collect joins the diagnostics that a pass returned with those that it added; an
// error that is no diagnostic passes through.
func (c *Context) collect(err error) error {
	found := diag.All(err)
	if err != nil && found == nil {
		return err
	}
	c.Found = append(c.Found, found...)
	return c.Found.Err()
}

func (p *Pipeline) inspect(pass Pass, m *ir.Module) error {
	if m.Stage != pass.Gives {
		return errors.New("the stage is " + m.Stage.String() + ", not " + pass.Gives.String())
	}
	return ir.Verify(m)
}

func (p *Pipeline) dump(name string, m *ir.Module) error {
	for _, want := range p.DumpAfter {
		if want != name || p.Dump == nil {
			continue
		}
		if _, err := fmt.Fprintf(p.Dump, "// after %s\n", name); err != nil {
			return err
		}
		return ir.Print(p.Dump, m, ir.PrintOptions{OmitBlobs: true})
	}
	return nil
}
