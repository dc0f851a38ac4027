package chipsim

import "decc/ir/spikes"

// meter finds the busiest core of every row, where a request asks for it.
type meter struct {
	weigh   []spikes.CoreWork
	busiest []spikes.CoreWork // by weighing, summed over the rows
	last    []spikes.CoreWork // by core, up to the row before
}

// beginMeter makes the run measure by these weighings; none measure nothing.
func (s *Session) beginMeter(r *run, weigh []spikes.CoreWork) {
	if len(weigh) == 0 {
		return
	}
	r.meter = meter{weigh: weigh, busiest: make([]spikes.CoreWork, len(weigh)), last: make([]spikes.CoreWork, len(s.cores))}
	for i, c := range s.cores {
		r.meter.last[i] = c.workAt(s.row)
	}
}

// measure adds the busiest core of the row that has just been done.
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
	for j := range of {
		m.busiest[j].Add(of[j])
	}
}

// workAt is what the core did since the reset, at the end of that many rows.
func (c *coreState) workAt(rows int64) spikes.CoreWork {
	w := c.work
	w.SynapticEvents, w.CompartmentUpdates, w.LearningUpdates = c.events, int64(c.lanes)*rows, c.learned()
	return w
}
