// Package ir is the typed intermediate representation of decc: a graph of named
// integer objects (neuron programs, groups of compartments, inputs, synapses,
// joins, layers) and, from the stages that make them, side tables of core
// coordinates. It has a text form (.dcir) that is printed, parsed, verified,
// digested and diffed; README.md in this folder is its reference.
package ir

import (
	"decc/ir/diag"
	"decc/ir/sem"
)

// Stage says how far a module has come; invariants name the first stage at which
// they hold.
type Stage uint8

// The stages in order. Quantised: integers from the float network. Lowered:
// learning is microcode. Legal: everything is expressible on the chip.
// Partitioned: every compartment has a core number. Placed: every core number has
// a coordinate. Routed: axon tables exist.
const (
	Quantised Stage = iota
	Lowered
	Legal
	Partitioned
	Placed
	Routed
	stageEnd
)

// StageNames are the stages as texts write them.
var StageNames = [stageEnd]string{"quantised", "lowered", "legal", "partitioned", "placed", "routed"}

func (s Stage) String() string {
	if s >= stageEnd {
		return "?"
	}
	return StageNames[s]
}

// Module is one network. Slices keep their order: it is the order of the text,
// of the digest and of execution where order matters.
type Module struct {
	Name    string
	Stage   Stage
	Chip    string        // name of the chip profile, "" before Legal if not chosen
	Profile sem.ProfileID // whose integers
	// DtNanos is the duration of a row in nanoseconds, 0 where it has no meaning.
	DtNanos int64
	// Seed keys the random bits of the module (sem.Draw).
	Seed     uint64
	Programs []*Program
	Inputs   []*Input
	Groups   []*Group
	Synapses []*Synapse
	// Rules are what plastic synapses learn by.
	Rules  []*Rule
	Joins  []*Join
	Layers []*Layer
	// Cores exists from Partitioned on.
	Cores []*Core
	// Routes exists from Routed on.
	Routes []Route
	// Pos is the place of the model file that the module came from, and so for every
	// object. At is its place in the .dcir text that it was parsed from, if it was;
	// it is for messages only and no part of the module's meaning.
	Pos, At diag.Pos
}

// Rule is a learning rule with the place that it came from.
type Rule struct {
	sem.Rule
	Pos, At diag.Pos
}

// Program is a neuron program with the place that it came from.
type Program struct {
	sem.Program
	Pos, At diag.Pos
}

// Input is a population of N external spike sources. Payload is the type of the
// graded values that its spikes carry; the zero type means plain spikes, payload 1.
type Input struct {
	Name    string
	N       int
	Payload sem.Type
	Pos, At diag.Pos
}

// Group is a population of N compartments that run one program.
type Group struct {
	Name    string
	N       int
	Program *Program
	// Params holds the params that differ from the program's defaults, in the
	// order of the program's fields.
	Params []Param
	// Reset zeroes (puts to default) all states before the update of the rows k
	// with (k+1) mod Interval = Offset; Interval 0 means never.
	Reset   Reset
	Pos, At diag.Pos
}

// Reset is the periodic state reset of a group (Lava's LIFReset).
type Reset struct{ Interval, Offset int }

// Param gives a program's param its values: one for all compartments or one each.
type Param struct {
	Name   string
	Values *Tensor // shape [1] or [N]
}

// Synapse connects members of Pre (an input or a group) to a port of the group Post.
// A spike emitted in row e adds its effective weight (times its payload) to the
// port in row e+1+delay.
type Synapse struct {
	Name   string
	Pre    string
	Post   string
	Port   string
	Format sem.WeightFormat
	// Weights holds mantissas: Dense shape [post.N, pre.N], where mantissa 0 is no
	// synapse; List shape [n]; Conv the kernel, [out channels, in channels, rows, columns].
	Weights *Tensor
	// PrePost holds the ends of a List, shape [n, 2], pre then post; nil for others.
	PrePost *Tensor
	// Conv says how the kernel slides; nil for others.
	Conv *Conv
	// Delay holds 0..63 extra rows: shape [1] for all, or the shape of Weights; nil is 0.
	Delay *Tensor
	// Graded synapses multiply the weight by the payload of the spike.
	Graded bool
	// Rule names the rule that the synapses learn by, "" where they do not learn. A
	// plastic Dense matrix stores all of its synapses, also those of mantissa 0.
	Rule string
	// Tags are the first tags of plastic synapses, in the shape of Weights; nil is 0.
	Tags    *Tensor
	Pos, At diag.Pos
}

// IsList reports whether s is a list of single synapses rather than a matrix.
func (s *Synapse) IsList() bool { return s.PrePost != nil }

// IsConv reports whether s is a kernel that slides over its source.
func (s *Synapse) IsConv() bool { return s.Conv != nil }

// Join adds the out value of compartment i of From to a port of compartment i of
// To in the same row: the stack between the compartments of one neuron.
type Join struct {
	From, To, Port string
	Pos, At        diag.Pos
}

// Layer tells the host what a layer of the model became: its spiking group, the
// group whose Value is the local readout (one compartment a class), and the row
// offset of both against the float step: float step t is row t+Lag.
type Layer struct {
	Name       string
	Spikes     string
	SpikesLag  int
	Readout    string // "" where the layer has none
	Value      string // observable of Readout, one number a class
	ReadoutLag int
	Pos, At    diag.Pos
}

// Core is what one neuro core holds: runs of compartments in order. X, Y and Chip
// are valid from Placed on.
type Core struct {
	ID      int
	Runs    []Run
	ChipID  int
	X, Y, Z int
	At      diag.Pos // see Module.At
}

// Run is a contiguous part of a group: members First .. First+N-1.
type Run struct {
	Group    string
	First, N int
}

// Route is one entry of a source's out-axon list: spikes of member Index of
// Source (an input or a group) go to in-axon Axon of core Core. Members that go to the
// same in-axon are the atoms of a population there, from 0 on; Atom is 0 where the
// in-axon is discrete.
type Route struct {
	Source string
	// 32 bits each, as a network may have tens of millions of routes.
	Index, Core, Axon, Atom int32
}

// ProgramByName, and its siblings, find an object or return nil.
func (m *Module) ProgramByName(name string) *Program {
	return find(m.Programs, func(p *Program) bool { return p.Name == name })
}

// RuleByName finds a rule or returns nil.
func (m *Module) RuleByName(name string) *Rule {
	return find(m.Rules, func(r *Rule) bool { return r.Name == name })
}

// InputByName finds an input or returns nil.
func (m *Module) InputByName(name string) *Input {
	return find(m.Inputs, func(i *Input) bool { return i.Name == name })
}

// GroupByName finds a group or returns nil.
func (m *Module) GroupByName(name string) *Group {
	return find(m.Groups, func(g *Group) bool { return g.Name == name })
}

// SourceSize is the number of members of an input or group.
func (m *Module) SourceSize(name string) (n int, ok bool) {
	if in := m.InputByName(name); in != nil {
		return in.N, true
	}
	if g := m.GroupByName(name); g != nil {
		return g.N, true
	}
	return 0, false
}

func find[T any](list []*T, is func(*T) bool) *T {
	for _, x := range list {
		if is(x) {
			return x
		}
	}
	return nil
}

// Param returns the value of a param for compartment i: set by the group or the
// program's default. The program must have the param.
func (g *Group) Param(name string, i int) int64 {
	for _, p := range g.Params {
		if p.Name == name {
			return p.Values.At(i)
		}
	}
	return g.Program.Fields[g.Program.FieldIndex(name)].Default
}

// SetParam sets a param, keeping Params in the order of the program's fields.
func (g *Group) SetParam(name string, values *Tensor) {
	at := g.Program.FieldIndex(name)
	for i, p := range g.Params {
		switch k := g.Program.FieldIndex(p.Name); {
		case k == at:
			g.Params[i].Values = values
			return
		case k > at:
			g.Params = append(g.Params[:i], append([]Param{{name, values}}, g.Params[i:]...)...)
			return
		}
	}
	g.Params = append(g.Params, Param{name, values})
}
