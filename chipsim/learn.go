package chipsim

import (
	"decc/ir/diag"
	"decc/ir/sem"
)

// plasticState is what changes of a plastic object on a core.
type plasticState struct {
	*plastic
	// values are the learned variables by place: mantissas, delays, tags.
	values  [3][]int16
	weights []int32      // of the core
	written [3][][]int64 // by trace y1, y2, y3 and block: what the program writes
	fired   [2]firedSet  // of the row: senders, receivers
	random  *sem.Drawn   // of the run
	events  *eventEngine // nil where every synapse is to be visited
	whole   *wholeEngine // then
}

// firedSet is who spiked in a row.
type firedSet struct {
	list []int32
	in   []bool
}

func (f *firedSet) clear() {
	for _, i := range f.list {
		f.in[i] = false
	}
	f.list = f.list[:0]
}

// openPlastics makes the state of the core's plastic objects.
func (c *coreState) openPlastics() {
	if len(c.core.plastics) == 0 {
		c.weights = c.core.weights
		return
	}
	c.weights = append([]int32(nil), c.core.weights...)
	c.plastic = make([]plasticState, len(c.core.plastics))
	for i := range c.plastic {
		p := &c.plastic[i]
		p.plastic, p.weights = &c.core.plastics[i], c.weights
		for t := range p.values {
			p.values[t] = append([]int16(nil), p.first[t]...)
		}
		if p.places == 0 {
			continue
		}
		p.fired[sem.PreSide].in, p.fired[sem.PostSide].in = make([]bool, len(p.senders)), make([]bool, len(p.receivers))
		p.choose(false)
	}
}

// resetPlastics clears the traces; what was learned stays.
func (c *coreState) resetPlastics() {
	for i := range c.plastic {
		p := &c.plastic[i]
		switch {
		case p.events != nil:
			p.events.reset()
		case p.whole != nil:
			p.whole.reset()
		}
	}
}

// beginRun draws the random numbers of a run of that seed, or takes those of a recording,
// and finds what programs write.
func (c *coreState) beginRun(seed uint64, replay func(synapse string) sem.Thresholds) {
	for i := range c.plastic {
		p := &c.plastic[i]
		if p.places == 0 {
			continue
		}
		p.random = sem.NewDrawn(seed, p.Name)
		if p.whole != nil {
			p.whole.thresholds = p.random
		}
		if replay != nil {
			p.whole.thresholds = replay(p.Name)
		}
		for y, v := range []sem.Variable{sem.Y1, sem.Y2, sem.Y3} {
			p.written[y] = c.valuesOf(p, p.Rule.Traces[v.TraceIndex()].Value)
		}
	}
}

// Replay makes the next runs take the thresholds of the named plastic synapses from of
// instead of drawing them; nil draws again. Such runs visit every synapse in every epoch.
func (s *Session) Replay(of func(synapse string) sem.Thresholds) {
	s.replay = of
	for _, c := range s.cores {
		for i := range c.plastic {
			if p := &c.plastic[i]; p.places > 0 {
				p.choose(of != nil)
			}
		}
	}
}

// choose takes the engine that visits active synapses only where it serves the rule, and
// all are not to be visited.
func (p *plasticState) choose(all bool) {
	if !all && p.eventDriven() {
		p.events, p.whole = newEventEngine(p), nil
	} else {
		p.events, p.whole = nil, newWholeEngine(p)
	}
}

// traceOf is where a trace of a sender or a receiver is kept; nil where it is always 0.
func (p *plasticState) traceOf(v sem.Variable, i int32) *int64 {
	side := sem.Variables[v].Side
	if p.whole != nil {
		return &p.whole.unit.Trace[v.TraceIndex()][p.member(side, i)]
	}
	if t := p.events.sides[side].trace(v); t != nil {
		return &t.x[i]
	}
	return nil
}

// valuesOf is the memory by block of a value of the target's program; nil for "".
func (c *coreState) valuesOf(p *plasticState, name string) [][]int64 {
	if name == "" {
		return nil
	}
	slots := make([][]int64, len(c.blocks))
	for i := range c.blocks {
		if p.receiverOf[i] >= 0 {
			b := &c.blocks[i]
			slots[i] = b.watch(b.program.Observable(name))
		}
	}
	return slots
}

// plasticRefs lists the values of a group that rules read.
func (c *Chip) plasticRefs(group int) []sem.Ref {
	var refs []sem.Ref
	for i := range c.img.Plastic {
		p := &c.img.Plastic[i]
		if p.Group != group {
			continue
		}
		for _, t := range p.Rule.Traces {
			if t.Value != "" {
				refs = append(refs, c.img.Programs[c.img.Groups[group].Program].Observable(t.Value))
			}
		}
	}
	return refs
}

// learn is the end of row k on a core: its plastic objects hear of the spikes of the row,
// which were sent, and learn at the end of their epochs.
func (c *coreState) learn(row int64) {
	for i := range c.plastic {
		p := &c.plastic[i]
		if p.places == 0 {
			continue
		}
		if p.events != nil {
			p.hear(c, int(row))
			p.events.row(int(row))
			p.fired[sem.PreSide].clear()
			p.fired[sem.PostSide].clear()
		} else {
			p.whole.row(c, int(row))
		}
	}
}

// learned counts the synapses of the core that learned since the reset, each as often as it did.
func (c *coreState) learned() int64 {
	n := int64(0)
	for i := range c.plastic {
		switch p := &c.plastic[i]; {
		case p.events != nil:
			n += p.events.updates
		case p.whole != nil:
			n += p.whole.unit.Updates
		}
	}
	return n
}

// hear notes who spiked.
func (p *plasticState) hear(c *coreState, row int) {
	for _, a := range c.inbox {
		if i := p.senderOf[a.slot]; i >= 0 {
			p.note(row, sem.PreSide, i)
		}
	}
	for b, base := range p.receiverOf {
		if base < 0 {
			continue
		}
		for _, f := range c.blocks[b].fired {
			p.note(row, sem.PostSide, base+f.lane)
		}
	}
}

// note takes a spike of a member; a second one in the row acts on the traces at once.
func (p *plasticState) note(row int, side sem.Side, i int32) {
	f := &p.fired[side]
	if f.in[i] {
		p.events.sides[side].again(row, i)
		return
	}
	f.in[i] = true
	f.list = append(f.list, i)
}

// set gives a learned variable of a place a new value.
func (p *plasticState) set(t sem.Target, place int32, value int64) {
	p.values[t][place] = int16(value)
}

// Learned is the present value of a target of a plastic object, one a synapse by number
// (target member, then source member); nil where there is none of that name.
func (s *Session) Learned(synapse string, t sem.Target) []int64 {
	at := s.chip.plasticByName(synapse)
	if at < 0 {
		return nil
	}
	out := make([]int64, len(s.chip.sites[at]))
	for i, x := range s.chip.sites[at] {
		out[i] = int64(s.cores[x.core].plastic[at].values[t][x.place])
	}
	return out
}

// SetLearned sets what Learned tells, to go on from there. The error has code
// run/learned-values.
func (s *Session) SetLearned(synapse string, t sem.Target, values []int64) error {
	at := s.chip.plasticByName(synapse)
	if at < 0 || len(s.chip.sites[at]) != len(values) {
		return diag.Errorf(diag.Pos{}, "run/learned-values", "there is no plastic synapse object %q of %d synapses", synapse, len(values)).
			WithFix("use values of the same module")
	}
	p := &s.chip.img.Plastic[at]
	way := s.chip.img.Profile.Learning().Updater(t, p.Format)
	for i, v := range values {
		if !stays(&way, v) {
			return diag.Errorf(diag.Pos{}, "run/learned-values", "%s of synapse %d of %q is %d, which learning does not reach", t.String()[1:], i, synapse, v).
				WithFix("use values of the same module")
		}
	}
	for i, x := range s.chip.sites[at] {
		s.cores[x.core].plastic[at].set(t, x.place, values[i])
	}
	for _, c := range s.cores {
		c.plastic[at].refresh(t)
	}
	return nil
}

// refresh makes what depends on the values of a target follow them.
func (p *plasticState) refresh(t sem.Target) {
	if t == sem.TargetW {
		p.weigh()
	}
	if p.whole != nil {
		p.whole.take(t)
	}
}

// weigh works out all effective weights.
func (p *plasticState) weigh() {
	for _, strips := range p.strips {
		for i := range strips {
			s := &strips[i]
			for j := range s.n {
				p.weights[s.weight+j] = p.effective[p.values[sem.TargetW][s.place+j]-leastMantissa]
			}
		}
	}
}

func (c *Chip) plasticByName(name string) int {
	for i := range c.img.Plastic {
		if c.img.Plastic[i].Name == name {
			return i
		}
	}
	return -1
}
