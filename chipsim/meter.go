package chipsim

import (
	"slices"

	"decc/ir/spikes"
)

// meter finds the busiest core and the heaviest link of every row, where a request asks for it.
type meter struct {
	weigh   []spikes.CoreWork
	busiest []spikes.CoreWork // by weighing, summed over the rows
	last    []spikes.CoreWork // by core, up to the row before
}

// beginMeter makes the run measure by these weighings; none measure nothing.
func (s *Session) beginMeter(r *run, weigh spikes.Weighing) {
	s.mesh = nil
	if len(weigh.By) == 0 {
		return
	}
	r.meter = meter{weigh: weigh.By, busiest: make([]spikes.CoreWork, len(weigh.By)), last: make([]spikes.CoreWork, len(s.cores))}
	for i, c := range s.cores {
		r.meter.last[i] = c.workAt(s.row)
	}
	weighsLinks := slices.ContainsFunc(weigh.By, func(by spikes.CoreWork) bool { return by.LinkX > 0 || by.LinkY > 0 })
	if weighsLinks && len(weigh.Tiles) == len(s.cores) {
		s.mesh = newMesh(s.cores, weigh.Tiles)
	}
}

// measure adds the busiest core and the heaviest link of the row that has just been done.
func (s *Session) measure(r *run) {
	m := &r.meter
	if len(m.weigh) == 0 {
		return
	}
	most, of := make([]int64, len(m.weigh)), make([]spikes.CoreWork, len(m.weigh))
	for j := range most {
		most[j] = -1 // an idle core is the busiest of idle ones
	}
	for i, c := range s.cores {
		now := c.workAt(s.row + 1)
		work := now.Since(m.last[i])
		m.last[i] = now
		for j, by := range m.weigh {
			if t := work.Weighed(by); t > most[j] {
				most[j], of[j] = t, work
			}
		}
	}
	x, y := s.mesh.heaviest()
	for j, by := range m.weigh {
		addLink(&of[j], x, y, by, most[j])
		m.busiest[j].Add(of[j])
	}
}

// addLink adds the heavier of the heaviest links in x and in y, which carry so many packets, to the work
// of a core that takes so long.
func addLink(work *spikes.CoreWork, x, y int64, by spikes.CoreWork, core int64) {
	busy := max(x*by.LinkX, y*by.LinkY)
	switch busy {
	case 0:
		return
	case x * by.LinkX:
		work.LinkX = x
	default:
		work.LinkY = y
	}
	work.Beyond = max(0, busy-core)
}

// workAt is what the core did since the reset, at the end of that many rows.
func (c *coreState) workAt(rows int64) spikes.CoreWork {
	w := c.work
	w.SynapticEvents, w.CompartmentUpdates, w.LearningUpdates = c.events, int64(c.lanes)*rows, c.learned()
	return w
}
