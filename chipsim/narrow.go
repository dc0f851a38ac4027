package chipsim

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"decc/chipsim/simd"
	"decc/ir/sem"
)

// narrowForm is how a kernel runs on lanes of 32 bits: its loops, nil where the processor has none, the fields that it keeps as states,
// and its params.
type narrowForm struct {
	loops  func() simd.Narrow
	states []string
	// params makes those of the loop, from those of the program by name.
	params func(value func(name string) int64) []int64
	decays []string // 0..4096, or the loop cannot be used
}

// narrowLanes is the most lanes that are updated at once.
const narrowLanes = 8

var narrowCuba = narrowForm{
	loops: simd.NarrowCuba, states: []string{"u", "v", "c"}, decays: []string{"du", "dv"},
	params: func(p func(string) int64) []int64 {
		return []int64{one - p("du"), one - p("dv"), p("vth"), p("bias"), max(p("refrac"), 1) - 1, p("vmin"), p("vmax")}
	},
}

var narrowDecolle = narrowForm{
	loops: simd.NarrowDecolle, states: []string{"u", "v", "r", "s"}, decays: []string{"du", "dv", "dr"},
	params: func(p func(string) int64) []int64 {
		return []int64{one - p("du"), one - p("dv"), one - p("dr"), p("gain"), p("wr"), p("bias"), p("vth"), p("vmin"), p("vmax")}
	},
}

// narrow is a block on lanes of 32 bits. Its states stand there while it is in use, and in the slots of the program before and
// after.
type narrow struct {
	loops   simd.Narrow
	fields  []int // of the states
	states  [][]int32
	table   [4]*int32
	params  [][8]int32
	spikes  []uint8
	nothing []int64
	changed bool // by the row
}

// narrowed is the narrow form of a block whose params are the same on all lanes and whose first port alone takes anything; nil where
// it has none.
func (b *blockState) narrowed() *narrow {
	k := b.block.fast
	if k == nil || k.narrow.loops().Bank == nil || b.feeds || !b.onlyFirstPort() {
		return nil
	}
	value, same := b.sharedParams()
	if !same || slices.ContainsFunc(k.narrow.decays, func(name string) bool { return value(name) > one }) {
		return nil
	}
	if b.spare == nil {
		b.spare = newNarrow(b.block)
	}
	n := b.spare
	n.params = n.params[:0]
	for _, v := range k.narrow.params(value) {
		var eight [8]int32
		for i := range eight {
			eight[i] = int32(v)
		}
		n.params = append(n.params, eight)
	}
	for i, f := range n.fields {
		for lane, x := range b.exec.Slot(sem.Ref(f)) {
			n.states[i][lane] = int32(x)
		}
	}
	return n
}

func newNarrow(b *block) *narrow {
	lanes := (b.n + narrowLanes - 1) / narrowLanes * narrowLanes
	n := &narrow{loops: b.fast.narrow.loops(), spikes: make([]uint8, (lanes/narrowLanes+7)/8*8), nothing: make([]int64, lanes)}
	for i, name := range b.fast.narrow.states {
		n.fields = append(n.fields, b.program.FieldIndex(name))
		n.states = append(n.states, make([]int32, lanes))
		n.table[i] = &n.states[i][0]
	}
	return n
}

// sharedParams tells the params by name, where all lanes have the same.
func (b *blockState) sharedParams() (value func(name string) int64, same bool) {
	if !b.looked {
		b.looked, b.same = true, !slices.ContainsFunc(b.program.FieldsOf(sem.Param), func(f int) bool { return !equal(b.exec.Slot(sem.Ref(f))) })
	}
	if !b.same {
		return nil, false
	}
	return func(name string) int64 { return b.exec.Slot(sem.Ref(b.program.FieldIndex(name)))[0] }, true
}

// equal reports whether there are values and all are the same.
func equal(list []int64) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(v int64) bool { return v != list[0] })
}

// onlyFirstPort tells that neither joins nor synapses reach another port than the first.
func (b *blockState) onlyFirstPort() bool {
	return b.reached != nil && len(b.links) == 0 && !slices.Contains(b.reached[1:], true)
}

// widen puts the states back into the slots of the program.
func (b *blockState) widen() {
	for i, f := range b.narrow.fields {
		slot := b.exec.Slot(sem.Ref(f))
		for lane := range slot {
			slot[lane] = int64(b.narrow.states[i][lane])
		}
	}
	b.narrow = nil
}

// run updates the block with what arrived at its first port, nil where nothing did, and lists the lanes that fire.
func (n *narrow) run(arrived []int64, lanes int, f []fired) []fired {
	if arrived == nil {
		arrived = n.nothing
	}
	n.changed = n.loops.Accumulators(&n.table, &arrived[0], &n.params[0], len(n.states[0]), &n.spikes[0]) != 0
	return n.list(lanes, f)
}

// runBanked is run where all that arrived is in a bank, which is empty afterwards.
func (n *narrow) runBanked(b *bankState, shift uint, lanes int, f []fired) []fired {
	n.changed = n.loops.Bank(&n.table, &b.stage[0], uint64(shift), &n.params[0], len(n.states[0]), &n.spikes[0]) != 0
	b.rows = 0
	return n.list(lanes, f)
}

// list appends the lanes that fired.
func (n *narrow) list(lanes int, f []fired) []fired {
	for at := 0; at < len(n.spikes); at += 8 {
		for set := binary.LittleEndian.Uint64(n.spikes[at:]); set != 0; set &= set - 1 {
			lane := 8*at + bits.TrailingZeros64(set)
			if lane >= lanes {
				break // the rest of the last vector belongs to nobody
			}
			f = append(f, fired{int32(lane), 1})
		}
	}
	return f
}
