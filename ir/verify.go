package ir

import (
	"decc/ir/diag"
	"decc/ir/sem"
)

// Invariant is one row of the table that Verify walks.
type Invariant struct {
	// Code is that of the diagnostics it reports.
	Code string
	// First is the stage from which on it holds.
	First Stage
	// Doc is the rule in words.
	Doc string
	// level: a row reads only what the rows of lower levels have made sure of.
	level int
	check func(v *verifier)
}

// Invariants is what every module keeps to, in the order in which Verify checks it.
var Invariants = []Invariant{
	{"ir/name", Quantised, "names are 1..128 letters, digits, _ and inner -", 0, (*verifier).names},
	{"ir/duplicate", Quantised, "names are used once: among programs, among inputs and groups, among synapses, among layers", 0, (*verifier).duplicates},
	{"ir/size", Quantised, "inputs and groups have 1..2^24 members", 0, (*verifier).sizes},
	{"ir/header", Quantised, "stage and semantics exist, dt is not negative", 0, (*verifier).header},
	{"ir/program", Quantised, "programs are well formed and use each name once", 0, (*verifier).programs},
	{"ir/tensor", Quantised, "tensors have as many elements as their shape, all within their type", 0, (*verifier).tensors},

	{"ir/reference", Quantised, "what is referred to by name exists", 1, (*verifier).references},
	{"ir/chip", Legal, "the chip is chosen", 1, (*verifier).chip},
	{"ir/stage", Quantised, "cores exist from partitioned on, coordinates from placed on, routes from routed on", 1, (*verifier).stages},

	{"ir/port", Quantised, "synapses and joins arrive at ports", 2, (*verifier).ports},
	{"ir/param", Quantised, "params exist, are set once, in the order of the program, with one value or one a member, within their types", 2, (*verifier).params},
	{"ir/reset", Quantised, "the offset of a reset is less than its interval", 2, (*verifier).resets},
	{"ir/format", Quantised, "weight formats have 0..8 bits and exponents -8..8", 2, (*verifier).formats},
	{"ir/weights", Quantised, "weights are mantissas -256..255, of shape [post x pre] or [n]", 2, (*verifier).weights},
	{"ir/ends", Quantised, "ends of lists are [n x 2] members of pre and post", 2, (*verifier).ends},
	{"ir/delay", Quantised, "delays are 0..63, one or one a weight", 2, (*verifier).delays},
	{"ir/graded", Quantised, "an input that feeds a graded synapse has a payload type", 2, (*verifier).graded},
	{"ir/rule", Quantised, "rules are within the widths of the learning engine and read what exists; tags are -257..255", 2, (*verifier).rules},
	{"ir/join", Quantised, "joins go one to one from an out value, without a cycle", 2, (*verifier).joins},
	{"ir/layer", Quantised, "layers name a group that spikes and a value that can be observed", 2, (*verifier).layers},
	{"ir/core", Partitioned, "core numbers are used once", 2, (*verifier).cores},
	{"ir/cover", Partitioned, "every compartment is on exactly one core", 2, (*verifier).cover},
	{"ir/place", Placed, "every core has a place of its own", 2, (*verifier).places},
	{"ir/route", Routed, "routes lead from a member to an axon of a core, once each", 2, (*verifier).routes},

	{"ir/drive", Quantised, "what can arrive at a port in a row fits its type", 3, (*verifier).drives},
	{"ir/range", Quantised, "no value of a program leaves 64 bits, no state its type, no payload 32 bits", 4, (*verifier).escapes},
}

// Verify checks a module against the Invariants of its stage. The error is a
// diag.List. The cost is linear in the number of synapses.
func Verify(m *Module) error {
	v := newVerifier(m)
	level := 0
	for _, row := range Invariants {
		if row.level > level && len(v.diags) > 0 {
			break
		}
		level = row.level
		if m.Stage >= row.First {
			v.code = row.Code
			row.check(v)
		}
	}
	return v.diags.Err()
}

type verifier struct {
	m      *Module
	code   string // of the row being checked
	diags  diag.List
	groups map[string]*Group
	inputs map[string]*Input
	// From the row ir/drive on:
	bounder *bounder
	bounds  map[string]sem.Bounds // by group
}

func newVerifier(m *Module) *verifier {
	v := &verifier{m: m, groups: map[string]*Group{}, inputs: map[string]*Input{}}
	for _, g := range m.Groups {
		v.groups[g.Name] = g
	}
	for _, in := range m.Inputs {
		v.inputs[in.Name] = in
	}
	return v
}

// maxFindings keeps a module that is wrong everywhere readable.
const maxFindings = 50

// add reports a finding of the present row about an object: at its place in the
// .dcir text if it has one, with its origin as a note.
func (v *verifier) add(pos, at diag.Pos, format string, args ...any) *diag.Diagnostic {
	first := at
	if at.IsZero() {
		first = pos
	}
	d := diag.Errorf(first, v.code, format, args...)
	if !at.IsZero() && !pos.IsZero() {
		d.WithNote("it comes from %s", pos)
	}
	if !v.full() {
		v.diags = append(v.diags, d)
	}
	return d
}

// full reports whether further findings would not be shown.
func (v *verifier) full() bool { return len(v.diags) >= maxFindings }

// source is the number of members of an input or group.
func (v *verifier) source(name string) (n int, ok bool) {
	if in := v.inputs[name]; in != nil {
		return in.N, true
	}
	if g := v.groups[name]; g != nil {
		return g.N, true
	}
	return 0, false
}
