package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// step16 is how many lanes of 16 bits a register holds.
const step16 = 16

// addRow adds a row of weights of 8 bits to lanes of 16.
func addRow() {
	TEXT("addRow", NOSPLIT, "func(into *int16, weights *int8, n int)")
	Doc("addRow adds n weights, a multiple of 16, to lanes of 16 bits.")
	into, weights, n := Load(Param("into"), GP64()), Load(Param("weights"), GP64()), Load(Param("n"), GP64())
	add := func(k int) {
		y := YMM()
		VPMOVSXBW(Mem{Base: weights, Disp: k * step16}, y)
		VPADDW(Mem{Base: into, Disp: 2 * k * step16}, y, y)
		VMOVDQU(y, Mem{Base: into, Disp: 2 * k * step16})
	}
	stepped(n, 4, "row", func(k int) {
		for i := range k {
			add(i)
		}
		ADDQ(Imm(uint64(k*step16)), weights)
		ADDQ(Imm(uint64(2*k*step16)), into)
	})
	VZEROUPPER()
	RET()
}

// stepped loops over n lanes, several registers at a time, then one.
func stepped(n Register, wide int, name string, body func(k int)) {
	for k := wide; k > 0; k = min(k-1, 1) {
		label := name + string(rune('0'+k))
		Label(label)
		CMPQ(n, Imm(uint64(k*step16)))
		JL(LabelRef(label + "end"))
		body(k)
		SUBQ(Imm(uint64(k*step16)), n)
		JMP(LabelRef(label))
		Label(label + "end")
	}
}

// drain adds lanes of 16 bits to accumulators, and clears them.
func drain() {
	TEXT("drain", NOSPLIT, "func(into *int64, stage *int16, n int, shift uint64)")
	Doc("drain adds n lanes, a multiple of 16, times 2^shift to accumulators, and clears them.")
	into, stage, n, shift := Load(Param("into"), GP64()), Load(Param("stage"), GP64()), Load(Param("n"), GP64()), XMM()
	Load(Param("shift"), shift)
	zero := YMM()
	VPXOR(zero, zero, zero)
	stepped(n, 1, "lanes", func(int) {
		for i := range 4 {
			y := YMM()
			VPMOVSXWQ(Mem{Base: stage, Disp: 8 * i}, y)
			VPSLLQ(shift, y, y)
			VPADDQ(Mem{Base: into, Disp: 32 * i}, y, y)
			VMOVDQU(y, Mem{Base: into, Disp: 32 * i})
		}
		VMOVDQU(zero, Mem{Base: stage})
		ADDQ(Imm(32), stage)
		SUBQ(I8(-128), into)
	})
	VZEROUPPER()
	RET()
}

// sum reads memory as fast as it comes.
func sum() {
	TEXT("sum", NOSPLIT, "func(words *uint64, n int) uint64")
	Doc("sum adds n words, a multiple of 16.")
	words, n := Load(Param("words"), GP64()), Load(Param("n"), GP64())
	var sums [4]VecVirtual
	for i := range sums {
		sums[i] = YMM()
		VPXOR(sums[i], sums[i], sums[i])
	}
	Label("words")
	CMPQ(n, Imm(16))
	JL(LabelRef("end"))
	for i, s := range sums {
		VPADDQ(Mem{Base: words, Disp: 32 * i}, s, s)
	}
	SUBQ(I8(-128), words)
	SUBQ(Imm(16), n)
	JMP(LabelRef("words"))
	Label("end")
	VPADDQ(sums[1], sums[0], sums[0])
	VPADDQ(sums[3], sums[2], sums[2])
	VPADDQ(sums[2], sums[0], sums[0])
	high, total := XMM(), GP64()
	VEXTRACTI128(Imm(1), sums[0], high)
	VPADDQ(high, sums[0].AsX(), high)
	low := XMM()
	VPSRLDQ(Imm(8), high, low)
	VPADDQ(high, low, low)
	VMOVQ(low, total)
	VZEROUPPER()
	Store(total, ReturnIndex(0))
	RET()
}
