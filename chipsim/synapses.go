package chipsim

import "decc/ir/sem"

// slotOf is the delay slot of the row that comes delay+1 rows after this one.
func (c *coreState) slotOf(delay int32) int {
	slot := c.slot + 1 + int(delay)
	if slot >= c.slots {
		slot -= c.slots
	}
	return slot
}

// deliver lets one spike visit the synapses of its in-axon's atom.
func (c *coreState) deliver(a arrival) {
	x := &c.axons[a.slot]
	c.events += x.synapses
	for i := x.lo; i < x.hi; i++ {
		g := &c.segments[i]
		if g.bank > 0 {
			c.addRow(g)
			continue
		}
		into := c.target(g)
		factor := int64(1)
		if g.graded {
			factor = int64(a.payload)
		}
		weights := c.weights[g.lo:g.hi]
		switch {
		case g.plastic > 0 && c.core.plastics[g.plastic-1].learnsDelays():
			c.deliverDelayed(g, weights, factor)
		case !g.dense:
			addList(into, c.targets[g.first:], weights, factor)
		case factor == 1:
			addDense(into[g.first:], weights)
		default:
			addScaled(into[g.first:], weights, factor)
		}
	}
}

// target is where the segment adds: accumulators of its port, or a sum.
func (c *coreState) target(g *segment) []int64 {
	slot := c.slotOf(g.delay)
	c.arrived[slot*len(c.blocks)+int(g.block)] = true
	if g.sum >= 0 {
		c.summed[g.sum] = true
		return c.sums[g.sum]
	}
	return c.ring[slot][g.base:]
}

// deliverDelayed is deliver for synapses that learn their delays.
func (c *coreState) deliverDelayed(g *segment, weights []int32, factor int64) {
	p := &c.plastic[g.plastic-1]
	for i, w := range weights {
		lane := g.first + int32(i)
		if !g.dense {
			lane = c.targets[int(g.first)+i]
		}
		slot := c.slotOf(int32(p.values[sem.TargetD][g.place+int32(i)]))
		c.arrived[slot*len(c.blocks)+int(g.block)] = true
		c.ring[slot][g.base+lane] += int64(w) * factor
	}
}

func addDense(into []int64, weights []int32) {
	into = into[:len(weights)]
	for len(weights) >= 4 && len(into) >= 4 {
		into[0] += int64(weights[0])
		into[1] += int64(weights[1])
		into[2] += int64(weights[2])
		into[3] += int64(weights[3])
		into, weights = into[4:], weights[4:]
	}
	for i, w := range weights {
		into[i] += int64(w)
	}
}

func addScaled(into []int64, weights []int32, factor int64) {
	into = into[:len(weights)]
	for i, w := range weights {
		into[i] += int64(w) * factor
	}
}

func addList(into []int64, targets, weights []int32, factor int64) {
	targets = targets[:len(weights)]
	for i, w := range weights {
		into[targets[i]] += int64(w) * factor
	}
}

// scaleSums applies the exponent to the sums of the row and adds them.
func (c *coreState) scaleSums() {
	for i, touched := range c.summed {
		if !touched {
			continue
		}
		t := &c.core.sums[i]
		into := c.ring[c.slotOf(t.delay)][t.base:]
		for lane, x := range c.sums[i] {
			into[lane] += sem.ScaleSum(x, t.exp)
		}
		clear(c.sums[i])
		c.summed[i] = false
	}
}
