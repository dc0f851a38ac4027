package llvm

import (
	"encoding/binary"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// The integer types of the code that is written.
var (
	i1  = types.I1
	i8  = types.I8
	i16 = types.I16
	i32 = types.I32
	i64 = types.I64
)

// word is the integer type of so many bits.
func word(bits int) *types.IntType {
	return map[int]*types.IntType{1: i1, 8: i8, 16: i16, 32: i32, 64: i64}[bits]
}

// vec is n lanes of a type.
func vec(n int, t types.Type) types.Type { return types.NewVector(uint64(n), t) }

// code writes instructions at the end of a block of a function. Control flow moves it on to
// the block that follows.
type code struct {
	fn *llir.Func
	at *llir.Block
}

// num is a constant of a type: of every lane where it is a vector.
func num(t types.Type, x int64) constant.Constant {
	if v, ok := t.(*types.VectorType); ok {
		lanes := make([]constant.Constant, v.Len)
		for i := range lanes {
			lanes[i] = num(v.ElemType, x)
		}
		return constant.NewVector(v, lanes...)
	}
	if t == i1 {
		return constant.NewBool(x != 0)
	}
	return constant.NewInt(t.(*types.IntType), x)
}

func n64(x int) constant.Constant { return num(i64, int64(x)) }

// like is a constant of the type of v.
func like(v value.Value, x int64) constant.Constant { return num(v.Type(), x) }

func (c *code) add(x, y value.Value) value.Value { return c.at.NewAdd(x, y) }
func (c *code) sub(x, y value.Value) value.Value { return c.at.NewSub(x, y) }
func (c *code) mul(x, y value.Value) value.Value { return c.at.NewMul(x, y) }
func (c *code) and(x, y value.Value) value.Value { return c.at.NewAnd(x, y) }
func (c *code) or(x, y value.Value) value.Value  { return c.at.NewOr(x, y) }
func (c *code) xor(x, y value.Value) value.Value { return c.at.NewXor(x, y) }

func (c *code) cmp(p enum.IPred, x, y value.Value) value.Value { return c.at.NewICmp(p, x, y) }
func (c *code) sel(cond, x, y value.Value) value.Value         { return c.at.NewSelect(cond, x, y) }

// shl, ashr and lshr shift by a constant less than the width.
func (c *code) shl(x value.Value, k uint) value.Value {
	if k == 0 {
		return x
	}
	return c.at.NewShl(x, like(x, int64(k)))
}

func (c *code) ashr(x value.Value, k uint) value.Value {
	if k == 0 {
		return x
	}
	return c.at.NewAShr(x, like(x, int64(k)))
}

func (c *code) lshr(x value.Value, k uint) value.Value {
	if k == 0 {
		return x
	}
	return c.at.NewLShr(x, like(x, int64(k)))
}

func (c *code) min(x, y value.Value) value.Value { return c.sel(c.cmp(enum.IPredSLT, x, y), x, y) }
func (c *code) max(x, y value.Value) value.Value { return c.sel(c.cmp(enum.IPredSGT, x, y), x, y) }

// clamp limits x to lo..hi.
func (c *code) clamp(x value.Value, lo, hi int64) value.Value {
	return c.min(c.max(x, like(x, lo)), like(x, hi))
}

// bitsOf is the width of a lane.
func bitsOf(t types.Type) int {
	if v, ok := t.(*types.VectorType); ok {
		t = v.ElemType
	}
	return int(t.(*types.IntType).BitSize)
}

// shaped is the type with as many lanes as like has, of that width.
func shaped(like types.Type, bits int) types.Type {
	if v, ok := like.(*types.VectorType); ok {
		return vec(int(v.Len), word(bits))
	}
	return word(bits)
}

// as is x with lanes of that width: of one bit without sign, wider ones with it.
func (c *code) as(x value.Value, bits int) value.Value {
	from := bitsOf(x.Type())
	to := shaped(x.Type(), bits)
	switch {
	case from == bits:
		return x
	case from > bits:
		return c.at.NewTrunc(x, to)
	case from == 1:
		return c.at.NewZExt(x, to)
	}
	return c.at.NewSExt(x, to)
}

// unsigned is x without sign in lanes of that greater width.
func (c *code) unsigned(x value.Value, bits int) value.Value {
	return c.at.NewZExt(x, shaped(x.Type(), bits))
}

// splat is a number in every one of n lanes.
func (c *code) splat(x value.Value, n int) value.Value {
	t := vec(n, x.Type())
	one := c.at.NewInsertElement(constant.NewUndef(t), x, num(i32, 0))
	return c.at.NewShuffleVector(one, constant.NewUndef(t), constant.NewZeroInitializer(vec(n, i32)))
}

// place is the address of element i, which an i64 counts.
func (c *code) place(base, i value.Value) value.Value {
	return c.at.NewGetElementPtr(base.Type().(*types.PointerType).ElemType, base, i)
}

func (c *code) load(from value.Value) value.Value {
	return c.at.NewLoad(from.Type().(*types.PointerType).ElemType, from)
}

func (c *code) store(x, to value.Value) { c.at.NewStore(x, to) }

// fetch is element i.
func (c *code) fetch(base, i value.Value) value.Value { return c.load(c.place(base, i)) }

// put stores element i.
func (c *code) put(x, base, i value.Value) { c.store(x, c.place(base, i)) }

// lanesAt is the address of n elements from element i on, as a vector.
func (c *code) lanesAt(base, i value.Value, n int) value.Value {
	elem := base.Type().(*types.PointerType).ElemType
	return c.at.NewBitCast(c.place(base, i), types.NewPointer(vec(n, elem)))
}

// fetchLanes is elements i .. i+n-1; i is a multiple of align elements, of which base begins with one.
func (c *code) fetchLanes(base, i value.Value, n, align int) value.Value {
	at := c.lanesAt(base, i, n)
	x := c.at.NewLoad(at.Type().(*types.PointerType).ElemType, at)
	x.Align = alignment(base, align)
	return x
}

func (c *code) putLanes(x, base, i value.Value, align int) {
	n := int(x.Type().(*types.VectorType).Len)
	s := c.at.NewStore(x, c.lanesAt(base, i, n))
	s.Align = alignment(base, align)
}

// alignment in bytes of so many elements: a power of two, of which globals have at most tableAlign.
func alignment(base value.Value, elements int) llir.Align {
	bytes := bitsOf(base.Type().(*types.PointerType).ElemType) / 8 * elements
	return llir.Align(min(bytes&-bytes, tableAlign))
}

func (c *code) call(f value.Value, args ...value.Value) value.Value { return c.at.NewCall(f, args...) }

// cast is a pointer to elements of another type.
func (c *code) cast(p value.Value, elem types.Type) value.Value {
	if p.Type().Equal(types.NewPointer(elem)) {
		return p
	}
	return c.at.NewBitCast(p, types.NewPointer(elem))
}

// loop runs body for i = from, from+step, … below to, with values that every turn replaces; it gives
// those after the last. to is an i64.
func (c *code) loop(from, to value.Value, step int, carried []value.Value, body func(i value.Value, carried []value.Value) []value.Value) []value.Value {
	before, turn, after := c.at, c.fn.NewBlock(""), c.fn.NewBlock("")
	before.NewCondBr(before.NewICmp(enum.IPredSLT, from, to), turn, after)
	i := turn.NewPhi(llir.NewIncoming(from, before))
	phis, given := make([]*llir.InstPhi, len(carried)), make([]value.Value, len(carried))
	for j, x := range carried {
		phis[j] = turn.NewPhi(llir.NewIncoming(x, before))
		given[j] = phis[j]
	}
	c.at = turn
	next := body(i, given)
	last := c.at
	following := c.add(i, n64(step))
	last.NewCondBr(last.NewICmp(enum.IPredSLT, following, to), turn, after)
	i.Incs = append(i.Incs, llir.NewIncoming(following, last))
	c.at = after
	out := make([]value.Value, len(carried))
	for j, phi := range phis {
		phi.Incs = append(phi.Incs, llir.NewIncoming(next[j], last))
		out[j] = after.NewPhi(llir.NewIncoming(carried[j], before), llir.NewIncoming(next[j], last))
	}
	return out
}

// each is loop without values.
func (c *code) each(from, to value.Value, step int, body func(i value.Value)) {
	c.loop(from, to, step, nil, func(i value.Value, _ []value.Value) []value.Value {
		body(i)
		return nil
	})
}

// while runs body as long as cond holds of the values.
func (c *code) while(carried []value.Value, cond func(carried []value.Value) value.Value, body func(carried []value.Value) []value.Value) []value.Value {
	before, head, turn, after := c.at, c.fn.NewBlock(""), c.fn.NewBlock(""), c.fn.NewBlock("")
	before.NewBr(head)
	phis, given := make([]*llir.InstPhi, len(carried)), make([]value.Value, len(carried))
	for j, x := range carried {
		phis[j] = head.NewPhi(llir.NewIncoming(x, before))
		given[j] = phis[j]
	}
	c.at = head
	holds := cond(given)
	c.at.NewCondBr(holds, turn, after)
	c.at = turn
	next := body(given)
	for j, phi := range phis {
		phi.Incs = append(phi.Incs, llir.NewIncoming(next[j], c.at))
	}
	c.at.NewBr(head)
	c.at = after
	return given
}

// when runs body if cond holds.
func (c *code) when(cond value.Value, body func()) {
	then, after := c.fn.NewBlock(""), c.fn.NewBlock("")
	c.at.NewCondBr(cond, then, after)
	c.at = then
	body()
	if c.at.Term == nil {
		c.at.NewBr(after)
	}
	c.at = after
}

// choose is the value of one of two pieces of code.
func (c *code) choose(cond value.Value, yes, no func() value.Value) value.Value {
	then, otherwise, after := c.fn.NewBlock(""), c.fn.NewBlock(""), c.fn.NewBlock("")
	c.at.NewCondBr(cond, then, otherwise)
	c.at = then
	x := yes()
	fromYes := c.at
	fromYes.NewBr(after)
	c.at = otherwise
	y := no()
	fromNo := c.at
	fromNo.NewBr(after)
	c.at = after
	return after.NewPhi(llir.NewIncoming(x, fromYes), llir.NewIncoming(y, fromNo))
}

// leave returns x from the function if cond holds.
func (c *code) leave(cond, x value.Value) { c.when(cond, func() { c.at.NewRet(x) }) }

// bytesOf is the memory of numbers of a type, little-endian.
func bytesOf(bits int, list []int64) []byte {
	out := make([]byte, 0, bits/8*len(list)+8)
	for _, x := range list {
		out = binary.LittleEndian.AppendUint64(out, uint64(x))
		out = out[:len(out)-8+bits/8]
	}
	return out
}
