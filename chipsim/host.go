package chipsim

import (
	"slices"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// hostState is the host program beside a run.
type hostState struct {
	spikes.Host     // nil for none
	group       int // whose spikes it hears
	writes      *[3][]int64
	fired       []int32
}

// checkHost holds the host program of a request against the rules.
func (c *Chip) checkHost(req spikes.Request, bad *diag.List) {
	of := -1
	if req.Host != nil {
		at, ok := c.groups[req.Host.Group()]
		if !ok {
			unknown(bad, "run/unknown-group", "group", req.Host.Group(), c.groupNames())
			return
		}
		of = at
	}
	for i := range c.img.Plastic {
		p := &c.img.Plastic[i]
		if req.Learn && p.Rule.HostWrites() && p.Group != of {
			bad.Add(diag.Pos{}, "run/no-host", "synapse @%s learns by @%s, whose traces a host program writes, and none runs for @%s", p.Name, p.Rule.Name, c.img.Groups[p.Group].Name)
		}
	}
}

// openHost takes the host program of a request, or none; it begins where the session is at
// its first row.
func (s *Session) openHost(h spikes.Host) {
	s.host.Host = h
	if h == nil {
		return
	}
	s.host.group = s.chip.groups[h.Group()]
	if s.row == 0 {
		h.Begin()
	}
}

// hearHost lets the host hear of the row, and the cores of what it writes.
func (s *Session) hearHost() {
	if s.host.Host == nil {
		return
	}
	s.host.fired = s.host.fired[:0]
	for _, c := range s.cores {
		for i := range c.blocks {
			b := &c.blocks[i]
			if b.group != s.host.group {
				continue
			}
			for _, f := range b.fired {
				s.host.fired = append(s.host.fired, int32(b.first)+f.lane)
			}
		}
	}
	slices.Sort(s.host.fired)
	*s.host.writes = s.host.Row(int(s.row), s.host.fired)
}
