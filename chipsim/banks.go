package chipsim

import (
	"math"
	"math/bits"

	"decc/chipsim/simd"
)

// bank is where the dense segments of a route are added up whose weights are a byte times a power of two, the same for all: in
// lanes of 16 bits, before they go to the accumulators.
type bank struct {
	block, base, delay int32
	lanes              int32
	shift              uint
}

// bankKey names a bank.
type bankKey struct{ block, port, delay int32 }

// takes reports whether the weights of a segment may go to a bank at all.
func (g *segment) takes() bool { return g.dense && !g.graded && g.sum < 0 }

func (g *segment) bankKey() bankKey { return bankKey{g.block, g.port, g.delay} }

// extent is what the weights of a route have in common: the bits that any has, and the limits.
type extent struct {
	any    int32
	lo, hi int32
}

func (e *extent) add(weights []int32) {
	for _, w := range weights {
		e.any, e.lo, e.hi = e.any|w, min(e.lo, w), max(e.hi, w)
	}
}

// shift is the power of two that leaves weights of a byte; ok is false where none does.
func (e *extent) shift() (shift uint, ok bool) {
	if e.any == 0 {
		return 0, true
	}
	shift = uint(bits.TrailingZeros32(uint32(e.any)))
	return shift, e.lo>>shift >= math.MinInt8 && e.hi>>shift <= math.MaxInt8
}

// makeBanks makes the banks of a core that is decoded and does not learn, moves the weights of their segments into bytes, and
// notes which ports synapses reach.
func (k *core) makeBanks() {
	extents := map[bankKey]*extent{}
	for i := range k.segments {
		if g := &k.segments[i]; g.takes() {
			e := extents[g.bankKey()]
			if e == nil {
				e = &extent{}
				extents[g.bankKey()] = e
			}
			e.add(k.weights[g.lo:g.hi])
		}
	}
	m := mover{core: k, number: map[bankKey]int32{}, moved: map[int32]int32{}, kept: map[int32]int32{}}
	for i := range k.segments {
		m.move(&k.segments[i], extents)
	}
	k.weights = m.weights
	for _, x := range k.axons {
		k.findDeeper(k.segments[x.lo:x.hi])
	}
	for i := range k.blocks {
		k.blocks[i].reached = make([]bool, max(1, len(k.blocks[i].ports)))
	}
	for i := range k.segments {
		g := &k.segments[i]
		k.blocks[g.block].reached[g.port] = true
	}
}

// findDeeper tells which of an axon's segments reach lanes of their bank that one before may have reached: the first, and those that
// do not begin behind the last.
func (k *core) findDeeper(list []segment) {
	ends := map[int32]int32{}
	for i := range list {
		g := &list[i]
		if g.bank == 0 {
			continue
		}
		end, known := ends[g.bank]
		g.deeper = !known || g.first < end
		ends[g.bank] = g.first + g.hi - g.lo
	}
}

// mover takes the weights of segments to where they stay. Segments may share them.
type mover struct {
	*core
	number      map[bankKey]int32
	moved, kept map[int32]int32 // where the weights from an index on are now
	weights     []int32
}

func (m *mover) move(g *segment, extents map[bankKey]*extent) {
	if g.takes() {
		if shift, ok := extents[g.bankKey()].shift(); ok {
			m.toBank(g, shift)
			return
		}
	}
	at, known := m.kept[g.lo]
	if !known {
		at = int32(len(m.weights))
		m.kept[g.lo] = at
		m.weights = append(m.weights, m.core.weights[g.lo:g.hi]...)
	}
	g.lo, g.hi = at, at+g.hi-g.lo
}

func (m *mover) toBank(g *segment, shift uint) {
	n, known := m.number[g.bankKey()]
	if !known {
		m.banks = append(m.banks, bank{block: g.block, base: g.base, delay: g.delay, lanes: int32(m.blocks[g.block].n), shift: shift})
		n = int32(len(m.banks))
		m.number[g.bankKey()] = n
		if g.port == 0 && g.delay == 0 {
			m.blocks[g.block].bank = n
		}
	}
	at, known := m.moved[g.lo]
	size := (g.hi - g.lo + simd.Lanes - 1) / simd.Lanes * simd.Lanes
	if !known {
		at = int32(len(m.bytes))
		m.moved[g.lo] = at
		m.bytes = append(m.bytes, make([]int8, size)...)
		for i, w := range m.core.weights[g.lo:g.hi] {
			m.bytes[int(at)+i] = int8(w >> shift)
		}
	}
	g.bank, g.lo, g.hi = n, at, at+size
}

// bankState is what a bank holds in a row.
type bankState struct {
	stage []int16
	rows  int // how many weights a lane has at the most
	// Lanes from lo to hi hold something.
	lo, hi int
}

func newBankState(b *bank) bankState {
	return bankState{stage: make([]int16, int(b.lanes)+2*simd.Lanes)}
}

// reset empties the bank.
func (b *bankState) reset() {
	clear(b.stage)
	b.rows = 0
}

// addRow adds a segment to its bank.
func (c *coreState) addRow(g *segment) {
	b := &c.staged[g.bank-1]
	first, row := int(g.first), c.bytes[g.lo:g.hi]
	if g.deeper {
		if b.rows == simd.MostRows {
			c.drain(int(g.bank - 1))
		}
		if b.rows == 0 {
			b.lo, b.hi = first, first
		}
		b.rows++
	}
	b.lo, b.hi = min(b.lo, first), max(b.hi, first+len(row))
	simd.AddRow(b.stage[first:], row)
}

// drain adds what a bank holds to the accumulators.
func (c *coreState) drain(i int) {
	t, b := &c.banks[i], &c.staged[i]
	slot := c.slotOf(t.delay)
	c.arrived[slot*len(c.blocks)+int(t.block)] = true
	lanes := b.stage[b.lo : b.lo+(b.hi-b.lo+simd.Lanes-1)/simd.Lanes*simd.Lanes]
	simd.Drain(c.ring[slot][int(t.base)+b.lo:], lanes, t.shift)
	b.rows = 0
}

// drainAll drains the banks of the row, but for those that blocks on lanes of 32 bits will read where they are.
func (c *coreState) drainAll() {
	for i := range c.staged {
		if c.staged[i].rows > 0 && c.waiting(&c.blocks[c.banks[i].block], c.slotOf(0)) != &c.staged[i] {
			c.drain(i)
		}
	}
}

// waiting is the bank that has all that arrived at a block for the row of that slot, the next one; nil where none has.
func (c *coreState) waiting(b *blockState, slot int) *bankState {
	if b.narrow == nil || b.bank == 0 || c.staged[b.bank-1].rows == 0 || c.arrived[slot*len(c.blocks)+int(c.banks[b.bank-1].block)] {
		return nil
	}
	return &c.staged[b.bank-1]
}

// settle drains the banks that wait, for whoever runs the next row.
func (c *coreState) settle() {
	for i := range c.staged {
		if c.staged[i].rows > 0 {
			c.drain(i)
		}
	}
}
