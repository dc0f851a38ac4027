package chipsim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"slices"

	"decc/chipsim/simd"
	"decc/ir/sem"
)

// kernel is a program that is computed by hand-written code for speed. It is used
// only for a program whose content has the kernel's digest, and it is proved equal to
// sem.Exec by tests.
type kernel struct {
	name   string
	digest string
	// run updates the states in place and appends the lanes that fire. The fields of
	// the program are l.field in their order.
	run func(l *lanes, f []fired) []fired
	// writes are values beside the states that run stores in their slots.
	writes []string
	// narrow is the same on lanes of 32 bits.
	narrow *narrowForm
}

// lanes are the slots that a kernel works on.
type lanes struct {
	field [][]int64 // by field
	extra [][]int64 // by kernel.writes
	// table is the first lanes of all of them and spikes what a vector kernel tells of the first lanes, four a byte.
	table  [16]*int64
	spikes []uint8
	// alike tells that params are the same on all lanes; the table has four of each then.
	alike bool
}

// bind lets field number i stand in memory of the same length.
func (l *lanes) bind(i int, memory []int64) {
	l.field[i] = memory
	if len(memory) > 0 {
		l.table[i] = &memory[0]
	}
}

// share puts params that are the same on all lanes four times into the table.
func (l *lanes) share(params []int) {
	if l.alike = !slices.ContainsFunc(params, func(i int) bool { return !equal(l.field[i]) }); !l.alike {
		return
	}
	four := make([]int64, 4*len(params))
	for k, i := range params {
		copy(four[4*k:], slices.Repeat(l.field[i][:1], 4))
		l.table[i] = &four[4*k]
	}
}

// vectors runs the program on as many lanes as vectors take, lists those that fire and returns how many lanes
// are done.
func (l *lanes) vectors(run simd.Program, f []fired) ([]fired, int) {
	if run == nil || len(l.spikes) == 0 {
		return f, 0
	}
	n := len(l.field[0]) &^ 3
	run(&l.table, n, l.alike, l.spikes)
	for at := 0; at < len(l.spikes); at += 8 {
		for set := binary.LittleEndian.Uint64(l.spikes[at:]); set != 0; set &= set - 1 {
			bit := bits.TrailingZeros64(set)
			f = append(f, fired{int32(4*(at+bit/8) + bit%8), 1})
		}
	}
	return f, n
}

// programDigest names the content of a program, all but its name.
func programDigest(p *sem.Program) string {
	text := fmt.Appendf(nil, "%v %v %v %v %v %v", p.Fields, p.Code, p.Next, p.Spike, p.Payload, p.Out)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// kernelOf finds the kernel of a program, or nil.
func kernelOf(p *sem.Program) *kernel {
	digest := programDigest(p)
	for i := range kernels {
		if kernels[i].digest == digest {
			return &kernels[i]
		}
	}
	return nil
}

// engage makes the block ready to compute its row with the values that are watched:
// by the kernel where it gives them all, else by the program.
func (b *blockState) engage(watched []sem.Ref) {
	if b.still = false; b.narrow != nil {
		b.widen()
	}
	b.fast = b.block.fast
	for _, r := range watched {
		if b.fast != nil && b.fastSlot(r) == nil {
			b.fast = nil
		}
	}
	if b.fast == nil {
		for _, r := range watched {
			b.exec.Observe(r)
		}
	} else {
		if len(watched) == 0 {
			b.narrow = b.narrowed()
		}
		if b.narrow == nil {
			b.lanes = b.kernelLanes()
		}
	}
	if b.program.Out != sem.NoRef {
		b.out = b.watch(b.program.Out)
	}
	b.direct = b.fast != nil && len(b.links) == 0 && !slices.ContainsFunc(watched, func(r sem.Ref) bool {
		return int(r) < len(b.program.Fields) && b.program.Fields[r].Kind == sem.Port
	})
	if b.direct && b.nothing == nil {
		b.nothing = make([]int64, b.n)
	}
}

func (b *blockState) kernelLanes() lanes {
	var l lanes
	for i := range b.program.Fields {
		l.field = append(l.field, b.exec.Slot(sem.Ref(i)))
	}
	for _, name := range b.fast.writes {
		l.extra = append(l.extra, b.exec.Slot(b.program.Observable(name)))
	}
	if b.n >= 4 {
		l.spikes = make([]uint8, (b.n/4+7)/8*8)
		for i, x := range slices.Concat(l.field, l.extra) {
			l.table[i] = &x[0]
		}
		l.share(b.program.FieldsOf(sem.Param))
	}
	return l
}

// watch is the memory in which the value stands after compute.
func (b *blockState) watch(r sem.Ref) []int64 {
	if b.fast != nil {
		return b.fastSlot(r)
	}
	return b.exec.Slot(r)
}

// fastSlot is where the kernel leaves a value, nil where it does not compute it: the
// next value of a state stands in the state's own slot.
func (b *blockState) fastSlot(r sem.Ref) []int64 {
	p := b.program
	for _, f := range b.states {
		if p.Next[f] == r {
			return b.exec.Slot(sem.Ref(f))
		}
	}
	isField := int(r) < len(p.Fields) && p.Fields[r].Kind != sem.State
	if isField || slices.ContainsFunc(b.block.fast.writes, func(name string) bool { return p.Observable(name) == r }) {
		return b.exec.Slot(r)
	}
	return nil
}
