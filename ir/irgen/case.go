package irgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Case is a module with what it is run on: the unit that tests run, shrink and keep.
type Case struct {
	Module *ir.Module
	Inputs map[string]spikes.Train
	Rows   int
	// Presentation, where it is not 0, makes plastic synapses learn as in that presentation.
	Presentation uint64
}

// RandomCase is Random with Trains for that many rows.
func RandomCase(seed uint64, rows int, o Options) Case {
	m := Random(seed, o)
	c := Case{Module: m, Inputs: Trains(seed, m, rows), Rows: rows}
	if o.Plastic {
		c.Presentation = 1 + seed%3
	}
	return c
}

// Request asks an engine for all spikes, for all observables of all members and for all
// that is learned.
func (c Case) Request() spikes.Request {
	req := spikes.Request{Rows: c.Rows, Inputs: c.Inputs, Learn: c.Presentation > 0, Presentation: c.Presentation, Host: hostOf(c.Module)}
	for _, g := range c.Module.Groups {
		for _, name := range g.Program.Observables() {
			req.Probes = append(req.Probes, spikes.Probe{Group: g.Name, Variable: name})
		}
	}
	for _, s := range c.Module.Synapses {
		if s.Rule == "" {
			continue
		}
		for _, name := range sem.PlasticProbes() {
			req.Probes = append(req.Probes, spikes.Probe{Group: s.Name, Variable: name})
		}
	}
	return req
}

// The comment lines that carry the run in the text of a case. A parser of modules
// skips them.
const (
	rowsLine  = "// rows "
	inputLine = "// input @"
	learnLine = "// learn "
)

// Text is the case as one .dcir text: the module under comment lines with the
// number of rows and the events, row/index or row/index*payload.
func (c Case) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%d\n", rowsLine, c.Rows)
	if c.Presentation > 0 {
		fmt.Fprintf(&b, "%s%d\n", learnLine, c.Presentation)
	}
	for _, in := range c.Module.Inputs {
		if len(c.Inputs[in.Name]) == 0 {
			continue
		}
		b.WriteString(inputLine + in.Name)
		for _, e := range c.Inputs[in.Name] {
			fmt.Fprintf(&b, " %d/%d", e.Row, e.Index)
			if e.Payload != 1 {
				fmt.Fprintf(&b, "*%d", e.Payload)
			}
		}
		b.WriteByte('\n')
	}
	return b.String() + ir.Text(c.Module)
}

const codeCase = "irgen/case"

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code: codeCase, Meaning: "the comment lines of a kept test case do not say what to run",
		Example: "// input @in0 3-5", Fix: "write `// rows N`, `// learn PRESENTATION` and `// input @name row/index*payload …`",
	},
}

// maxCaseRows bounds the rows of a case that is read.
const maxCaseRows = 1 << 20

// ParseCase reads what Text writes. The error is a diag.List; file is for messages.
func ParseCase(src, file string) (Case, error) {
	m, err := ir.Parse(src, file)
	if err != nil {
		return Case{}, err
	}
	if err := ir.Verify(m); err != nil {
		return Case{}, err
	}
	c := Case{Module: m, Inputs: map[string]spikes.Train{}}
	var bad diag.List
	for i, text := range strings.Split(src, "\n") {
		if err := c.line(text); err != nil {
			bad.Add(diag.At(file, i+1, 1), codeCase, "%v", err)
		}
	}
	c.checkInputs(file, &bad)
	return c, bad.Err()
}

// line takes one line of the text; those that are not about the run are skipped.
func (c *Case) line(text string) (err error) {
	if rows, ok := strings.CutPrefix(text, rowsLine); ok {
		c.Rows, err = number[int](rows, maxCaseRows)
		return err
	}
	if learn, ok := strings.CutPrefix(text, learnLine); ok {
		n, err := number[int](learn, maxCaseRows)
		c.Presentation = uint64(n)
		return err
	}
	rest, ok := strings.CutPrefix(text, inputLine)
	if !ok {
		return nil
	}
	words := strings.Fields(rest)
	if len(words) == 0 {
		return fmt.Errorf("found no name after %q", inputLine)
	}
	for _, word := range words[1:] {
		e, err := parseEvent(word)
		if err != nil {
			return err
		}
		c.Inputs[words[0]] = append(c.Inputs[words[0]], e)
	}
	return nil
}

func (c *Case) checkInputs(file string, bad *diag.List) {
	names := make([]string, 0, len(c.Inputs))
	for name := range c.Inputs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		in := c.Module.InputByName(name)
		if in == nil {
			bad.Add(diag.Pos{File: file}, codeCase, "events for input @%s, which the module does not have", name)
			continue
		}
		if err := c.Inputs[name].Check(c.Rows, in.N); err != nil {
			bad.Add(diag.Pos{File: file}, codeCase, "input @%s: %v", name, err)
		}
	}
}

// parseEvent reads row/index or row/index*payload.
func parseEvent(word string) (e spikes.Event, err error) {
	place, payload, graded := strings.Cut(word, "*")
	row, index, ok := strings.Cut(place, "/")
	if !ok {
		return e, fmt.Errorf("found %q, expected row/index or row/index*payload", word)
	}
	if e.Row, err = number[int32](row, maxCaseRows); err != nil {
		return e, err
	}
	if e.Index, err = number[int32](index, 1<<24); err != nil {
		return e, err
	}
	e.Payload = 1
	if graded {
		x, err := strconv.ParseInt(payload, 10, 32)
		if err != nil {
			return e, fmt.Errorf("found %q, expected a payload of 32 bits", payload)
		}
		e.Payload = int32(x)
	}
	return e, nil
}

func number[N int | int32](text string, most N) (N, error) {
	x, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil || x < 0 || x > int64(most) {
		return 0, fmt.Errorf("found %q, expected a number of 0..%d", text, most)
	}
	return N(x), nil
}
