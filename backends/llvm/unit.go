package llvm

import (
	"fmt"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir"
)

// tableAlign is the alignment of all memory in bytes: a line of the cache, a vector of 512 bits.
const tableAlign = 64

// together is how many compartments a turn of a loop updates.
const together = 16

// padded is n compartments in whole words of their spikes, 64 bits each.
func padded(n int) int { return (n + 63) / 64 * 64 }

// turns is n compartments in whole turns of a loop.
func turns(n int) int { return (n + together - 1) / together * together }

// unit is a module that is being written as one of LLVM.
type unit struct {
	m      *ir.Module
	to     *llir.Module
	target Target
	attrs  *llir.AttrGroupDef
	bytes  int // of tables

	groups  []*group // of the module's order
	order   []*group // of updates
	byName  map[string]*group
	inputs  []*input
	fans    []*fan
	plastic []*plastic
	ranges  *ranges

	// replay tells that thresholds come with requests.
	replay bool

	// Of the run.
	seed, events, updates         value.Value
	out, outSize, outRoom         value.Value
	memcpy, memset, scan, reserve *llir.Func
	sampled                       []observed // what a probe can name, by number
	malloc, realloc, free         *llir.Func
	getppid, exit                 *llir.Func
	spiked, parent                value.Value
	hostWrote                     value.Value // a bit for each of y1, y2, y3 in this row
	ctpop, readAll, writeAll      *llir.Func
}

// observed is memory that a probe can read.
type observed struct {
	memory value.Value
	n      int
	late   bool // what learning left, rather than what an update made
}

// global makes memory of n elements and gives the address of the first.
func (u *unit) global(name string, init constant.Constant, elem types.Type, constantly bool) value.Value {
	g := u.to.NewGlobalDef(name, init)
	g.Linkage, g.Align, g.Immutable = enum.LinkageInternal, tableAlign, constantly
	if arr, ok := init.Type().(*types.ArrayType); ok {
		zero := num(i64, 0)
		first := constant.NewGetElementPtr(arr, g, zero, zero)
		if arr.ElemType.Equal(elem) {
			return first
		}
		return constant.NewBitCast(first, types.NewPointer(elem))
	}
	return g
}

// zeros is memory of n elements of that width, all 0.
func (u *unit) zeros(name string, bits, n int) value.Value {
	t := types.NewArray(uint64(max(n, 1)), word(bits))
	return u.global(name, constant.NewZeroInitializer(t), word(bits), false)
}

// variable is memory of one number.
func (u *unit) variable(name string, t types.Type) value.Value {
	g := u.to.NewGlobalDef(name, constant.NewZeroInitializer(t))
	g.Linkage = enum.LinkageInternal
	return g
}

// table is constant memory with these elements of that width.
func (u *unit) table(name string, bits int, list []int64) value.Value {
	if len(list) == 0 {
		list = []int64{0}
	}
	u.bytes += bits / 8 * len(list)
	return u.global(name, constant.NewCharArray(bytesOf(bits, list)), word(bits), true)
}

// pointers is constant memory with addresses of elements of that width.
func (u *unit) pointers(name string, list []value.Value, bits int) value.Value {
	t := types.NewPointer(word(bits))
	all := make([]constant.Constant, 0, len(list)+1)
	for _, p := range list {
		all = append(all, p.(constant.Constant))
	}
	if len(all) == 0 {
		all = append(all, constant.NewNull(t))
	}
	return u.global(name, constant.NewArray(types.NewArray(uint64(len(all)), t), all...), t, true)
}

// function begins one of this module.
func (u *unit) function(name string, ret types.Type, params ...*llir.Param) *code {
	f := u.to.NewFunc(name, ret, params...)
	f.Linkage = enum.LinkageInternal
	f.FuncAttrs = append(f.FuncAttrs, u.attrs)
	return &code{fn: f, at: f.NewBlock("")}
}

// external declares one of the C library.
func (u *unit) external(name string, ret types.Type, params ...types.Type) *llir.Func {
	list := make([]*llir.Param, len(params))
	for i, t := range params {
		list[i] = llir.NewParam("", t)
	}
	return u.to.NewFunc(name, ret, list...)
}

func arg(name string, t types.Type) *llir.Param { return llir.NewParam(name, t) }

func named(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// declare makes what all functions use.
func (u *unit) declare() {
	bytes := types.NewPointer(i8)
	u.seed, u.events, u.updates = u.variable(":seed", i64), u.variable(":events", i64), u.variable(":learned", i64)
	u.out, u.outSize, u.outRoom = u.variable(":out", bytes), u.variable(":out.size", i64), u.variable(":out.room", i64)
	u.memcpy = u.external("memcpy", bytes, bytes, bytes, i64)
	u.memset = u.external("memset", bytes, bytes, i32, i64)
	u.malloc, u.realloc = u.external("malloc", bytes, i64), u.external("realloc", bytes, bytes, i64)
	u.free, u.getppid, u.exit = u.external("free", types.Void, bytes), u.external("getppid", i32), u.external("_exit", types.Void, i32)
	u.spiked, u.parent = u.variable(":spiked", i64), u.variable(":parent", i32)
	u.hostWrote = u.variable(":host wrote", i64)
	u.readAll, u.writeAll = u.transfer("read"), u.transfer("write")
	u.writeScan()
	u.writeReserve()
}

// writeScan lists the members whose bit is set in words of spikes, in order, and counts them.
func (u *unit) writeScan() {
	cttz := u.external("llvm.cttz.i64", i64, i64, i1)
	words, n, list := arg("words", types.NewPointer(i64)), arg("n", i64), arg("list", types.NewPointer(i32))
	c := u.function(":scan", i64, words, n, list)
	u.scan = c.fn
	count := c.loop(n64(0), n, 1, []value.Value{n64(0)}, func(i value.Value, carried []value.Value) []value.Value {
		base := c.shl(i, 6)
		left := c.while([]value.Value{c.fetch(words, i), carried[0]}, func(v []value.Value) value.Value {
			return c.cmp(enum.IPredNE, v[0], n64(0))
		}, func(v []value.Value) []value.Value {
			bit := c.call(cttz, v[0], num(i1, 1))
			c.put(c.as(c.add(base, bit), 32), list, v[1])
			return []value.Value{c.and(v[0], c.sub(v[0], n64(1))), c.add(v[1], n64(1))}
		})
		return []value.Value{left[1]}
	})
	c.at.NewRet(count[0])
}

// writeReserve makes room for so many more bytes in the answer and tells where they begin; null where
// the system has no more memory.
func (u *unit) writeReserve() {
	bytes := types.NewPointer(i8)
	n := arg("bytes", i64)
	c := u.function(":reserve", bytes, n)
	u.reserve = c.fn
	size := c.load(u.outSize)
	after := c.add(size, n)
	c.when(c.cmp(enum.IPredSGT, after, c.load(u.outRoom)), func() {
		room := c.add(c.shl(after, 1), n64(4096))
		fresh := c.call(u.realloc, c.load(u.out), room)
		c.leave(c.cmp(enum.IPredEQ, fresh, constant.NewNull(bytes)), constant.NewNull(bytes))
		c.store(fresh, u.out)
		c.store(room, u.outRoom)
	})
	c.store(after, u.outSize)
	c.at.NewRet(c.place(c.load(u.out), size))
}
