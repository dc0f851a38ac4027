package chipsim

import (
	"slices"

	"decc/chipsim/image"
	"decc/ir/sem"
)

// step is one row k of the chip:
//
//  1. every core takes the accumulators of the row as port values, resets the groups
//     whose row it is, and updates its compartments, children of joins first;
//  2. the host reads probes and spikes;
//  3. spikes of compartments and of external inputs go over out-axons to in-axons;
//     and the host program hears of its group's;
//  4. every core commits its states, lets its synapses add effective weight times
//     payload to the accumulators of row k+1+delay, and then learns;
//  5. the host reads probes of plastic synapses.
//
// Request rows start at 0; the row that resets and random fields see counts from the
// reset of the session.
func (s *Session) step(r *run, k int) {
	s.each(s.chip.lanes(), func(c *coreState) { c.update(s.row, s.seed) })
	s.observe(r, int32(k))
	pending := s.send(r, k)
	s.hearHost()
	s.each(pending, func(c *coreState) { c.receive(s.row, s.learning) })
	s.measure(r)
	r.observeLearning(k)
	s.row++
}

// lanes is the number of compartments of the chip.
func (c *Chip) lanes() int {
	n := 0
	for _, k := range c.cores {
		n += k.lanes
	}
	return n
}

// update is phase 1 on a core.
func (c *coreState) update(row int64, seed uint64) {
	c.slot = int(row % int64(c.slots))
	accumulators := c.ring[c.slot]
	for i := range c.blocks {
		b := &c.blocks[i]
		b.fired = b.fired[:0]
		due := b.reset.Interval > 0 && (row+1)%int64(b.reset.Interval) == int64(b.reset.Offset)
		arrived, bank := &c.arrived[c.slot*len(c.blocks)+i], c.waiting(b, c.slot)
		if b.still && !due && !*arrived && bank == nil && c.childrenStill(b) {
			continue
		}
		if due {
			b.reinstate()
		}
		if bank != nil {
			b.fired, b.still = b.narrow.runBanked(bank, c.banks[b.bank-1].shift, b.n, b.fired), false
			continue
		}
		if b.narrow != nil {
			b.updateNarrow(accumulators, arrived, due)
			continue
		}
		b.takePorts(accumulators, *arrived)
		c.takeJoins(b)
		b.draw(row, seed)
		quiet := !*arrived && !due && len(b.random) == 0 && c.childrenStill(b)
		if quiet {
			b.keepStates()
		}
		b.compute()
		b.clearPorts(accumulators, *arrived)
		b.still = quiet && len(b.fired) == 0 && b.unchanged()
		*arrived = false
	}
}

// reinstate puts the states to their defaults in the middle of a run.
func (b *blockState) reinstate() {
	b.exec.Reset()
	if b.narrow != nil {
		b.narrow = b.narrowed()
	}
}

// updateNarrow is the row of a block on lanes of 32 bits.
func (b *blockState) updateNarrow(accumulators []int64, arrived *bool, due bool) {
	var from []int64
	if *arrived {
		from = accumulators[b.block.ports[0]:]
	}
	b.fired = b.narrow.run(from, b.n, b.fired)
	b.still = !*arrived && !due && len(b.fired) == 0 && !b.narrow.changed
	if *arrived {
		clear(from[:b.n])
		*arrived = false
	}
}

// childrenStill reports whether all values that joins bring are those of the row before.
func (c *coreState) childrenStill(b *blockState) bool {
	for _, l := range b.links {
		if !c.blocks[l.child].still {
			return false
		}
	}
	return true
}

// takePorts moves the accumulators of the row into the port fields, or lets the kernel read them where they are.
func (b *blockState) takePorts(accumulators []int64, arrived bool) {
	for i, slot := range b.ports {
		if b.direct {
			from := b.nothing
			if arrived {
				from = accumulators[b.block.ports[i]:][:len(slot)]
			}
			b.lanes.bind(b.portFields[i], from)
			continue
		}
		if !arrived {
			clear(slot)
			continue
		}
		from := accumulators[b.block.ports[i]:][:len(slot)]
		copy(slot, from)
		clear(from)
	}
}

// clearPorts clears what takePorts left in the accumulators.
func (b *blockState) clearPorts(accumulators []int64, arrived bool) {
	if !b.direct || !arrived {
		return
	}
	for i, slot := range b.ports {
		clear(accumulators[b.block.ports[i]:][:len(slot)])
	}
}

func (c *coreState) takeJoins(b *blockState) {
	for _, l := range b.links {
		out := c.blocks[l.child].out[l.from:][:l.n]
		for i, v := range out {
			b.exec.Slot(sem.Ref(l.port))[l.to+i] += v
		}
	}
}

func (b *blockState) draw(row int64, seed uint64) {
	for _, r := range b.random {
		for i := range r.slot {
			r.slot[i] = sem.DrawBits(seed, r.key, uint64(row), uint64(b.first+i), r.bits)
		}
	}
}

// compute runs the program and lists the lanes that fire.
func (b *blockState) compute() {
	if b.fast != nil {
		b.fired = b.fast.run(&b.lanes, b.fired)
		return
	}
	b.exec.Step()
	for i, s := range b.spike {
		if s == 0 {
			continue
		}
		f := fired{lane: int32(i), payload: 1}
		if b.value != nil {
			f.payload = int32(b.value[i])
		}
		b.fired = append(b.fired, f)
	}
}

// keepStates makes it possible to tell after compute whether it is unchanged.
func (b *blockState) keepStates() {
	for i, f := range b.states {
		copy(b.before[i], b.exec.Slot(sem.Ref(f)))
	}
}

// unchanged reports whether the states after the row are those of keepStates.
func (b *blockState) unchanged() bool {
	for i, f := range b.states {
		if !slices.Equal(b.before[i], b.watch(b.program.Next[f])) {
			return false
		}
	}
	return true
}

// send is phase 3: it fills the inboxes of the cores and returns how many synapses
// are about to be visited.
func (s *Session) send(r *run, k int) int {
	pending := 0
	for i := range r.inputs {
		in := &r.inputs[i]
		for len(in.rest) > 0 && int(in.rest[0].Row) <= k {
			e := in.rest[0]
			in.rest = in.rest[1:]
			s.counts.InputSpikes++
			pending += s.dispatch(nil, in.fan.Of(int(e.Index)), in.source+int(e.Index), e.Payload)
		}
	}
	for _, c := range s.cores {
		s.counts.CompartmentUpdates += int64(c.lanes)
		for i := range c.blocks {
			b := &c.blocks[i]
			s.counts.Spikes += int64(len(b.fired))
			c.work.Spikes += int64(len(b.fired))
			if b.mute {
				continue
			}
			for _, f := range b.fired {
				pending += s.dispatch(c, c.Fan.Of(b.local+int(f.lane)), b.source+int(f.lane), f.payload)
			}
		}
	}
	return pending
}

// dispatch sends one packet to every in-axon of a list. Packets of external inputs
// (from = nil) enter where they are needed and pass no mesh link.
func (s *Session) dispatch(from *coreState, axons []image.Axon, source int, payload int32) int {
	if s.chip.tolls != nil {
		return s.dispatchMerged(axons, s.chip.tolls[source], payload)
	}
	pending := 0
	s.counts.AxonEvents += int64(len(axons))
	if from != nil {
		from.work.PacketsOut += int64(len(axons))
	}
	for _, a := range axons {
		to := s.cores[a.Core]
		slot := int32(to.first[a.Axon]) + int32(a.Atom)
		to.inbox = append(to.inbox, arrival{slot, payload})
		pending += int(to.axons[slot].synapses)
		if from != nil && from != to {
			s.counts.Hops += s.hops(from, to)
		}
	}
	return pending
}

// dispatchMerged is dispatch on a merged chip, where slots are sources.
func (s *Session) dispatchMerged(axons []image.Axon, t toll, payload int32) int {
	pending := 0
	s.counts.AxonEvents += t.axons
	s.counts.Hops += t.hops
	for _, a := range axons {
		to := s.cores[a.Core]
		to.inbox = append(to.inbox, arrival{int32(a.Axon), payload})
		pending += int(to.axons[a.Axon].synapses)
	}
	return pending
}

// hops is the links that a packet passes. How the chips of a board lie is known where a run is weighed; elsewhere
// those between chips count nothing.
func (s *Session) hops(from, to *coreState) int64 {
	if s.mesh != nil {
		return s.mesh.pass(from, to)
	}
	return hopsWithin(from.Core, to.Core)
}

// hopsWithin is the links between two cores of a chip.
func hopsWithin(from, to *image.Core) int64 {
	if from.ChipID != to.ChipID {
		return 0
	}
	return int64(abs(from.X-to.X) + abs(from.Y-to.Y))
}

func abs(x int) int { return max(x, -x) }

// receive is phase 4 on a core.
func (c *coreState) receive(row int64, learning bool) {
	for i := range c.blocks {
		if b := &c.blocks[i]; b.fast == nil && !b.still {
			b.exec.Commit()
		}
	}
	c.work.PacketsIn += int64(len(c.inbox))
	for _, a := range c.inbox {
		c.deliver(a)
	}
	c.drainAll()
	if learning {
		c.learn(row)
	}
	c.inbox = c.inbox[:0]
	c.scaleSums()
}
