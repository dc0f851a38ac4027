package llvm

import (
	"encoding/hex"

	llir "github.com/llir/llvm/ir"

	"decc/ir"
)

// Program is a module of decc as one of LLVM.
type Program struct {
	// Text is the LLVM module, which LLVM 14 and later read. It has a function main, which serves
	// requests on its standard input, and EntryPoint for those that load it.
	Text []byte

	module *ir.Module
	layout layout
	replay bool
}

// Lower writes a verified module for a target. The error has code llvm/size or another of Codes.
func Lower(m *ir.Module, t Target) (*Program, error) { return lower(m, t, false) }

// lower writes one that takes the thresholds of learning from its requests, if replay.
func lower(m *ir.Module, t Target, replay bool) (*Program, error) {
	if err := checkSize(m); err != nil {
		return nil, err
	}
	r, err := rangesOf(m)
	if err != nil {
		return nil, err
	}
	u := &unit{m: m, replay: replay, to: llir.NewModule(), target: t, attrs: t.attributes(), ranges: r, byName: map[string]*group{}}
	u.to.SourceFilename, u.to.TargetTriple = m.Name, t.Triple
	u.to.AttrGroupDefs = append(u.to.AttrGroupDefs, u.attrs)
	u.declare()
	if err := u.layOut(); err != nil {
		return nil, err
	}
	for _, g := range u.groups {
		u.writeUpdates(g)
	}
	for _, f := range u.fans {
		u.writeSend(f)
	}
	for _, p := range u.plastic {
		machines[m.Profile].write(u, p)
	}
	if u.bytes > maxTables {
		return nil, tooLarge(m, u.bytes, "bytes of tables", maxTables)
	}
	digest, err := hex.DecodeString(ir.Digest(m))
	if err != nil {
		return nil, err
	}
	u.writeMain(u.writeCall(u.newReader()), greeting(digest))
	return &Program{Text: []byte(u.to.String()), module: m, layout: u.layout(digest), replay: replay}, nil
}

// The limits of a module that is written as one program: its tables are constants in a text.
const (
	maxMembers = 1 << 24
	maxTables  = 1 << 29
)

func checkSize(m *ir.Module) error {
	members, synapses := 0, 0
	for _, g := range m.Groups {
		members += g.N
	}
	for _, in := range m.Inputs {
		members += in.N
	}
	for _, s := range m.Synapses {
		synapses += stored(s)
	}
	switch {
	case members > maxMembers:
		return tooLarge(m, members, "compartments and inputs", maxMembers)
	case synapses > maxContacts:
		return tooLarge(m, synapses, "synapses", maxContacts)
	}
	return nil
}

// stored is about how many synapses an object has.
func stored(s *ir.Synapse) int {
	if !s.IsConv() {
		return s.Weights.Len()
	}
	n, out := 0, s.Conv.Out(s.Weights.Shape)
	for _, k := range s.Conv.FanIn(s.Weights) {
		n += k
	}
	return max(n, out[0])
}

// layOut gives everything its memory.
func (u *unit) layOut() error {
	for i, g := range u.m.Groups {
		x := u.newGroup(i, g)
		u.groups = append(u.groups, x)
		u.byName[g.Name] = x
	}
	for _, g := range ir.JoinOrder(u.m) {
		u.order = append(u.order, u.byName[g.Name])
	}
	for _, j := range u.m.Joins {
		p := u.byName[j.To].port(j.Port)
		p.joins = append(p.joins, u.byName[j.From])
	}
	for _, s := range u.m.Synapses {
		f := u.newFan(s)
		u.fans = append(u.fans, f)
		if s.Rule != "" {
			if err := u.newPlastic(f); err != nil {
				return err
			}
		}
	}
	u.fans = merged(u.fans)
	for _, p := range u.plastic {
		p.show(u)
	}
	u.layPorts()
	for i, in := range u.m.Inputs {
		graded := u.hearsPayload(in.Name)
		u.inputs = append(u.inputs, &input{Input: in, number: i, graded: graded, emitted: u.newEmitted(in.Name, in.N, graded)})
	}
	return nil
}

// hearsPayload tells that the payloads of a source make a difference.
func (u *unit) hearsPayload(source string) bool {
	for _, f := range u.fans {
		if f.Pre == source && (f.Graded || f.plastic != nil && f.plastic.rule.Graded != 0) {
			return true
		}
	}
	return false
}
