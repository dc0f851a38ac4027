package ir

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"decc/ir/sem"
)

// Bounds of numbers in a module.
const (
	maxMembers = 1 << 24 // of an input or group
	maxCores   = 1 << 20
	maxAxons   = 1 << 20
	maxAtoms   = 1<<10 - 1
	maxRows    = 1 << 30 // of lags and reset intervals
	maxPlaceXY = 1 << 16 // of chip numbers and coordinates
)

// moduleText is a module while it is read: names that are looked up at the end.
type moduleText struct {
	Module
	blobs  *blobs
	groups []groupText
}

// groupText is a group with the parts that need its program.
type groupText struct {
	group   *Group
	program token
	params  []paramText
}

type paramText struct {
	name   token
	values *Tensor
}

// Parse reads the text form of a module. The error is a diag.List of what was
// found, at most about 20 entries; file is for messages. A module that parses is
// well formed but not verified: see Verify.
func Parse(src, file string) (*Module, error) {
	p := newParser(src, file)
	m := &moduleText{blobs: newBlobs()}
	p.header(m)
	for p.tok.kind != tokEOF && !p.tok.is("}") {
		p.moduleItem(m)
		p.recover(func(t token) bool { return t.is("}") || t.kind == tokIdent && moduleItems[t.text] != nil })
	}
	p.punct("}")
	for !p.failed && p.tok.kind != tokEOF {
		p.blob(m.blobs)
	}
	if len(p.diags) == 0 {
		p.resolve(m.blobs)
		p.link(m)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return &m.Module, nil
}

// moduleItems are the entries of a module by the word that begins them.
var moduleItems map[string]func(p *parser, m *moduleText)

func init() {
	moduleItems = map[string]func(p *parser, m *moduleText){
		"neuron":  (*parser).neuron,
		"input":   (*parser).input,
		"group":   (*parser).group,
		"synapse": (*parser).synapse,
		"join":    (*parser).join,
		"layer":   (*parser).layer,
		"core":    (*parser).core,
		"route":   (*parser).route,
		"rule":    (*parser).rule,
	}
}

func (p *parser) moduleItem(m *moduleText) {
	item := moduleItems[p.tok.text]
	if p.tok.kind != tokIdent || item == nil {
		p.fail(oneOf(sortedKeys(moduleItems)) + ` or "}"`)
		return
	}
	item(p, m)
}

// clauses reads words with what follows them, each at most once, in any order, up
// to what is no word or begins the next entry.
func (p *parser) clauses(table map[string]func()) {
	seen := map[string]bool{}
	for !p.failed && p.tok.kind == tokIdent && moduleItems[p.tok.text] == nil {
		t := p.tok
		read := table[t.text]
		if read == nil {
			p.fail(oneOf(sortedKeys(table)))
			return
		}
		if seen[t.text] {
			p.errorAt(t, "ir/duplicate", "a second %s", t.show())
		}
		seen[t.text] = true
		p.advance()
		read()
	}
}

// paren reads ( inner ).
func (p *parser) paren(inner func()) func() {
	return func() {
		p.punct("(")
		inner()
		p.punct(")")
	}
}

// choice reads one of the names and gives its index.
func (p *parser) choice(what string, names []string) int {
	t := p.take(tokIdent, what+" ("+oneOf(names)+")")
	if p.failed {
		return 0
	}
	i := slices.Index(names, t.text)
	if i < 0 {
		hint(p.errorAt(t, "ir/unknown-name", "%s is no %s; it is %s", t.show(), what, oneOf(names)), t.text, names)
		return 0
	}
	return i
}

func (p *parser) header(m *moduleText) {
	p.word("module")
	name := p.object("the module's name")
	m.Name, m.At = name.text, name.pos
	p.clauses(map[string]func(){
		"stage":     p.paren(func() { m.Stage = Stage(p.choice("stage", StageNames[:])) }),
		"chip":      p.paren(func() { m.Chip = p.take(tokIdent, "the name of a chip").text }),
		"semantics": p.paren(func() { m.Profile = sem.ProfileID(p.choice("semantics", sem.ProfileNames())) }),
		"dt":        p.paren(func() { m.DtNanos = p.duration() }),
		"seed":      p.paren(func() { m.Seed = p.seed() }),
	})
	m.Pos = p.origin()
	p.punct("{")
	p.recover(func(t token) bool { return t.kind == tokIdent && moduleItems[t.text] != nil })
}

func (p *parser) duration() int64 {
	x := p.number("the duration", 1, math.MaxInt64)
	t := p.take(tokIdent, "a unit (s, ms, us, ns)")
	for _, u := range timeUnits {
		if u.name == t.text {
			if x > math.MaxInt64/u.nanos {
				p.errorAt(t, "ir/number", "the duration is too long")
				return 0
			}
			return x * u.nanos
		}
	}
	p.errorAt(t, "ir/unknown-name", "%s is no unit of time; it is one of s, ms, us, ns", t.show())
	return 0
}

func (p *parser) seed() uint64 {
	t := p.take(tokNumber, "the seed (0 .. 2^64-1)")
	x, err := strconv.ParseUint(t.text, 10, 64)
	if err != nil && !p.failed {
		p.errorAt(t, "ir/number", "the seed is %s, allowed is 0..2^64-1", shorten(t.text))
	}
	return x
}

func (p *parser) neuron(m *moduleText) {
	before := len(p.diags)
	t := p.program()
	if len(p.diags) > before {
		return // what follows from an error would only distract
	}
	if prog := p.assemble(t, m.Profile); prog != nil {
		m.Programs = append(m.Programs, &Program{Program: *prog, Pos: t.origin, At: t.name.pos})
	}
}

// size reads x 128.
func (p *parser) size() int {
	p.word("x")
	return int(p.number("the size", 1, maxMembers))
}

func (p *parser) input(m *moduleText) {
	p.word("input")
	name := p.object("the input's name")
	in := &Input{Name: name.text, At: name.pos, N: p.size()}
	p.clauses(map[string]func(){"payload": p.paren(func() { in.Payload = p.tensorType() })})
	in.Pos = p.origin()
	m.Inputs = append(m.Inputs, in)
}

func (p *parser) group(m *moduleText) {
	p.word("group")
	name := p.object("the group's name")
	p.punct(":")
	t := groupText{program: p.object("the group's program")}
	t.group = &Group{Name: name.text, At: name.pos, N: p.size()}
	if p.accept("{") {
		for first := true; first || p.accept(","); first = false {
			v := paramText{name: p.take(tokIdent, "the name of a param")}
			p.punct("=")
			v.values = p.tensor(m.blobs)
			t.params = append(t.params, v)
		}
		p.punct("}")
	}
	p.clauses(map[string]func(){"reset": p.paren(func() {
		t.group.Reset.Interval = int(p.number("the interval", 1, maxRows))
		p.punct(",")
		t.group.Reset.Offset = int(p.number("the offset", 0, int64(max(t.group.Reset.Interval-1, 0))))
	})})
	t.group.Pos = p.origin()
	m.groups = append(m.groups, t)
}

// port reads @group.name.
func (p *parser) port(what string) (group, name string) {
	group = p.object(what).text
	p.punct(".")
	return group, p.take(tokIdent, "the name of a port or value").text
}

func (p *parser) synapse(m *moduleText) {
	p.word("synapse")
	name := p.object("the synapse's name")
	s := &Synapse{Name: name.text, At: name.pos, Format: sem.WeightFormat{Bits: 8}}
	p.punct(":")
	s.Pre = p.object("the source").text
	p.punct("->")
	s.Post, s.Port = p.port("the target group")
	p.synapseBody(m, s)
	clauses := map[string]func(){
		"bits":   p.paren(func() { s.Format.Bits = int(p.number("the weight bits", 0, 8)) }),
		"exp":    p.paren(func() { s.Format.Exp = int(p.number("the weight exponent", sem.MinWeightExp, sem.MaxWeightExp)) }),
		"sign":   p.paren(func() { s.Format.Sign = sem.SignMode(p.choice("sign", sem.SignNames[:])) }),
		"delay":  p.paren(func() { s.Delay = p.tensor(m.blobs) }),
		"graded": func() { s.Graded = true },
		"learn":  p.paren(func() { s.Rule = p.object("the learning rule").text }),
		"tag":    p.paren(func() { s.Tags = p.tensor(m.blobs) }),
	}
	if s.IsConv() {
		maps.Copy(clauses, p.slide(s.Conv))
	}
	p.clauses(clauses)
	s.Pos = p.origin()
	m.Synapses = append(m.Synapses, s)
}

// synapseBody reads `dense weights`, `list weights ends pairs` or `conv kernel in(source)`.
func (p *parser) synapseBody(m *moduleText, s *Synapse) {
	form := p.choice("storage", []string{"dense", "list", "conv"})
	s.Weights = p.tensor(m.blobs)
	switch form {
	case 1:
		p.word("ends")
		s.PrePost = p.tensor(m.blobs)
	case 2:
		p.word("in")
		s.Conv = &Conv{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
		p.sizes("the source's channels, rows, columns", &s.Conv.In[0], &s.Conv.In[1], &s.Conv.In[2])()
	}
}

// slide are the clauses of a kernel.
func (p *parser) slide(c *Conv) map[string]func() {
	return map[string]func(){
		"stride":   p.sizes("the stride", &c.Stride[0], &c.Stride[1]),
		"padding":  p.sizes("the padding", &c.Padding[0], &c.Padding[1]),
		"dilation": p.sizes("the dilation", &c.Dilation[0], &c.Dilation[1]),
		"groups":   p.sizes("the groups of channels", &c.Groups),
	}
}

// sizes reads numbers in parentheses.
func (p *parser) sizes(what string, into ...*int) func() {
	return p.paren(func() {
		for i, x := range into {
			if i > 0 {
				p.punct(",")
			}
			*x = int(p.number(what, 0, maxConvSide))
		}
	})
}

func (p *parser) join(m *moduleText) {
	p.word("join")
	j := &Join{At: p.tok.pos, From: p.object("the group that is read").text}
	p.punct("->")
	j.To, j.Port = p.port("the group that reads")
	j.Pos = p.origin()
	m.Joins = append(m.Joins, j)
}

func (p *parser) lag() int {
	p.punct(",")
	p.word("lag")
	return int(p.number("the lag", 0, maxRows))
}

func (p *parser) layer(m *moduleText) {
	p.word("layer")
	name := p.object("the layer's name")
	l := &Layer{Name: name.text, At: name.pos}
	p.word("spikes")
	p.paren(func() {
		l.Spikes = p.object("the spiking group").text
		l.SpikesLag = p.lag()
	})()
	p.clauses(map[string]func(){"readout": p.paren(func() {
		l.Readout, l.Value = p.port("the readout group")
		l.ReadoutLag = p.lag()
	})})
	l.Pos = p.origin()
	m.Layers = append(m.Layers, l)
}

func (p *parser) core(m *moduleText) {
	p.word("core")
	c := &Core{At: p.tok.pos, ID: int(p.number("the core", 0, maxCores))}
	p.clauses(map[string]func(){"at": p.paren(func() {
		for i, into := range []*int{&c.ChipID, &c.X, &c.Y, &c.Z} {
			if i > 0 {
				p.punct(",")
			}
			*into = int(p.number("the place", 0, maxPlaceXY))
		}
	})})
	p.punct("{")
	for !p.failed && !p.tok.is("}") {
		r := Run{Group: p.object("a group").text}
		r.First, r.N = p.members()
		c.Runs = append(c.Runs, r)
	}
	p.punct("}")
	m.Cores = append(m.Cores, c)
}

// link finds the programs of the groups and orders their params.
func (p *parser) link(m *moduleText) {
	names := make([]string, len(m.Programs))
	for i, g := range m.Programs {
		names[i] = g.Name
	}
	for _, t := range m.groups {
		m.Groups = append(m.Groups, t.group)
		t.group.Program = m.ProgramByName(t.program.text)
		if len(p.diags) > maxErrors {
			return
		}
		if t.group.Program == nil {
			hint(p.errorAt(t.program, "ir/reference", "no program is named @%s", t.program.text), t.program.text, names)
			continue
		}
		for _, v := range t.params {
			p.linkParam(t.group, v)
		}
	}
}

func (p *parser) linkParam(g *Group, v paramText) {
	f := g.Program.FieldIndex(v.name.text)
	if f < 0 || g.Program.Fields[f].Kind != sem.Param {
		hint(p.errorAt(v.name, "ir/param", "program @%s has no param %s", g.Program.Name, v.name.show()), v.name.text, fieldNames(g.Program, sem.Param))
		return
	}
	if slices.ContainsFunc(g.Params, func(x Param) bool { return x.Name == v.name.text }) {
		p.errorAt(v.name, "ir/duplicate", "param %s is set twice", v.name.show())
		return
	}
	g.SetParam(v.name.text, v.values)
}

func fieldNames(p *Program, kind sem.FieldKind) []string {
	var names []string
	for _, i := range p.FieldsOf(kind) {
		names = append(names, p.Fields[i].Name)
	}
	return names
}
