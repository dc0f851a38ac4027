package main

import (
	"fmt"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The bytes of a register: those of AVX2 and of AVX-512.
const ymm, zmm = 32, 64

// op is an instruction over vectors: the destination comes last, and what is taken away or divided by comes first.
type op func(ops ...Op)

// precision is the instructions for one kind of float. No kernel has an instruction that multiplies and adds at once: it
// would round once where the loops in Go round twice.
type precision struct {
	name, element                string
	size                         int // bytes
	width                        int // of a register, bytes
	tile                         int // registers that a sum may have
	mul, add, sub, div, max, and op
	cmp, broadcast, move         op
	masked                       func(a, b, c Op)
	blend                        func(mask, yes, no, to Op)
	one                          uint64 // bits of 1
	ten                          uint64
	sign                         uint64 // all bits but the sign
	repeat                       func(pattern uint64, y VecVirtual)
	zeroed                       func(m, k, to Op) // move of the lanes of a mask, the others being 0: of AVX-512
	tail                         Mem
}

var precisions = []precision{
	{
		name: "32", element: "float32", size: 4, width: ymm, tile: 8, zeroed: VMOVUPS_Z,
		mul: VMULPS, add: VADDPS, sub: VSUBPS, div: VDIVPS, max: VMAXPS, and: VANDPS,
		cmp: VCMPPS, broadcast: VBROADCASTSS, move: VMOVUPS, masked: VMASKMOVPS, blend: VBLENDVPS,
		one: 0x3f800000, ten: 0x41200000, sign: 0x7fffffff,
		repeat: func(pattern uint64, y VecVirtual) {
			r, x := GP32(), XMM()
			MOVL(U32(pattern), r)
			VMOVD(r, x)
			VBROADCASTSS(x, y)
		},
	},
	{
		name: "64", element: "float64", size: 8, width: ymm, tile: 8, zeroed: VMOVUPD_Z,
		mul: VMULPD, add: VADDPD, sub: VSUBPD, div: VDIVPD, max: VMAXPD, and: VANDPD,
		cmp: VCMPPD, broadcast: VBROADCASTSD, move: VMOVUPD, masked: VMASKMOVPD, blend: VBLENDVPD,
		one: 0x3ff0000000000000, ten: 0x4024000000000000, sign: 0x7fffffffffffffff,
		repeat: func(pattern uint64, y VecVirtual) {
			r, x := GP64(), XMM()
			MOVQ(U64(pattern), r)
			VMOVQ(r, x)
			VBROADCASTSD(x, y)
		},
	},
}

// wide is the same with registers of AVX-512.
func (p *precision) wide() *precision {
	w := *p
	w.name, w.width, w.tile = p.name+"Wide", zmm, 12
	return &w
}

// vector is a new register.
func (p *precision) vector() VecVirtual {
	if p.width == zmm {
		return ZMM()
	}
	return YMM()
}

// lanes is how many numbers a register holds.
func (p *precision) lanes() int { return p.width / p.size }

// shift makes a number of elements one of bytes.
func (p *precision) shift() uint64 { return uint64(bits.TrailingZeros(uint(p.size))) }

// text begins a kernel, whose signature has F for the element.
func (p *precision) text(name, signature, doc string) {
	TEXT(name+p.name, NOSPLIT, "func("+expand(signature, p.element)+")")
	Doc(name + p.name + " " + doc)
}

// expand puts the element in.
func expand(signature, element string) string {
	out := ""
	for _, r := range signature {
		if r == 'F' {
			out += element
			continue
		}
		out += string(r)
	}
	return out
}

// param loads a parameter into a register.
func param(name string) Register { return Load(Param(name), GP64()) }

// constant is a value in all lanes.
func (p *precision) constant(pattern uint64) VecVirtual {
	y := p.vector()
	p.repeat(pattern, y)
	return y
}

// scalar is a parameter in all lanes.
func (p *precision) scalar(name string) VecVirtual {
	from, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	y := p.vector()
	p.broadcast(from.Addr, y)
	return y
}

// product and the others are a register of their own.
func (p *precision) product(a, b Op) VecVirtual { return p.binary(p.mul, a, b) }

func (p *precision) binary(do op, a, b Op) VecVirtual {
	y := p.vector()
	do(a, b, y)
	return y
}

// masks are as many lanes of ones as a register has, then zeros.
func masks() Mem {
	m := GLOBL("masks", RODATA|NOPTR)
	for i := range 2 * ymm / 4 {
		DATA(4*i, I32(-bit(i < ymm/4)))
	}
	return m
}

func bit(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// first is the mask of the first n lanes, n below that of a register.
func (p *precision) first(n Register) access {
	if p.width == zmm {
		bits, mask := GP64(), K()
		MOVQ(I32(-1), bits)
		BZHIQ(n, bits, bits)
		KMOVW(bits.As32(), mask)
		return access{p, mask}
	}
	end, back, mask := GP64(), GP64(), YMM()
	LEAQ(p.tail.Offset(ymm), end)
	MOVQ(n, back)
	SHLQ(Imm(p.shift()), back)
	SUBQ(back, end)
	VMOVUPS(Mem{Base: end}, mask)
	return access{p, mask}
}

// access is how a kernel gets at vectors: whole, or only the lanes of a mask.
type access struct {
	*precision
	mask Op // nil for all lanes
}

func (a access) load(m Mem) VecVirtual {
	y := a.vector()
	switch {
	case a.mask == nil:
		a.move(m, y)
	case a.width == zmm:
		a.zeroed(m, a.mask, y)
	default:
		a.masked(m, a.mask, y)
	}
	return y
}

func (a access) store(y VecVirtual, m Mem) {
	switch {
	case a.mask == nil:
		a.move(y, m)
	case a.width == zmm:
		a.move(y, a.mask, m)
	default:
		a.masked(y, a.mask, m)
	}
}

// each goes over n numbers of some lists side by side, a register at a time and then what is left.
func (p *precision) each(n Register, lists []Register, body func(a access)) {
	Label("whole")
	CMPQ(n, Imm(uint64(p.lanes())))
	JL(LabelRef("left"))
	body(access{p, nil})
	for _, l := range lists {
		ADDQ(Imm(ymm), l)
	}
	SUBQ(Imm(uint64(p.lanes())), n)
	JMP(LabelRef("whole"))
	Label("left")
	TESTQ(n, n)
	JZ(LabelRef("end"))
	body(p.first(n))
	Label("end")
	VZEROUPPER()
	RET()
}

// at is the vector number i from a place.
func (p *precision) at(base Register, i int) Mem { return Mem{Base: base, Disp: i * p.width} }

func label(format string, args ...any) string { return fmt.Sprintf(format, args...) }
