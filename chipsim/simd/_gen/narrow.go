package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// narrow is eight compartments at a time, 32 bits each, with params that all share.
type narrow struct {
	states, params, drive, i Register
	low, changed             VecVirtual // the low 12 bits of a lane; bits of states that changed
	arrived                  func() VecVirtual
}

func (l *narrow) state(number int) Mem {
	p := GP64()
	MOVQ(Mem{Base: l.states, Disp: 8 * number}, p)
	return Mem{Base: p, Index: l.i, Scale: 4}
}

func (l *narrow) load(number int) VecVirtual {
	y := YMM()
	VMOVDQU(l.state(number), y)
	return y
}

// store keeps a state and notes what changed of it.
func (l *narrow) store(y VecVirtual, number int) {
	m, x := l.state(number), YMM()
	VPXOR(m, y, x)
	VPOR(x, l.changed, l.changed)
	VMOVDQU(y, m)
}

// param is eight copies of a param.
func (l *narrow) param(number int) Mem { return Mem{Base: l.params, Disp: 32 * number} }

// fromAccumulators is the low 32 bits of eight of them.
func (l *narrow) fromAccumulators() VecVirtual {
	a, b := YMM(), YMM()
	VMOVDQU(Mem{Base: l.drive, Index: l.i, Scale: 8}, a)
	VMOVDQU(Mem{Base: l.drive, Index: l.i, Scale: 8, Disp: 32}, b)
	VSHUFPS(Imm(0x88), b, a, a)
	VPERMQ(Imm(0xD8), a, a)
	return a
}

// scaled is x times a factor of 0..8191 in 1/4096, toward zero. |x| is at most 2^23: its upper and lower 12 bits are multiplied apart.
func (l *narrow) scaled(x VecVirtual, factor int) VecVirtual {
	high, low := YMM(), YMM()
	VPABSD(x, high)
	VPAND(l.low, high, low)
	VPSRLD(Imm(12), high, high)
	VPMADDWD(l.param(factor), high, high)
	VPMADDWD(l.param(factor), low, low)
	VPSRLD(Imm(12), low, low)
	VPADDD(low, high, high)
	VPSIGND(x, high, high)
	return high
}

func (l *narrow) limited(x VecVirtual, least, most int) VecVirtual {
	y := YMM()
	VPMAXSD(l.param(least), x, y)
	VPMINSD(l.param(most), y, y)
	return y
}

func narrowWrap(x VecVirtual) VecVirtual {
	y := YMM()
	VPSLLD(Imm(8), x, y)
	VPSRAD(Imm(8), y, y)
	return y
}

// above is all ones where x is more than a param.
func (l *narrow) above(x VecVirtual, param int) VecVirtual {
	m, limit := YMM(), YMM()
	VMOVDQU(l.param(param), limit)
	VPCMPGTD(limit, x, m)
	return m
}

// fromBank is eight lanes of a bank, times 2^shift. They are cleared.
func (l *narrow) fromBank(shift, zero VecVirtual) VecVirtual {
	m, y := Mem{Base: l.drive, Index: l.i, Scale: 2}, YMM()
	VPMOVSXWD(m, y)
	VMOVDQU(zero.AsX(), m)
	VPSLLD(shift.AsX(), y, y)
	return y
}

// narrowProgram is the loop over eight lanes each, once with what arrived in accumulators and once with it in a bank.
func narrowProgram(name string, body func(l *narrow) VecVirtual) {
	TEXT(name, NOSPLIT, "func(states *[4]*int32, drive *int64, params *[8]int32, n int, spikes *uint8) uint32")
	Doc(name + " updates n compartments, a multiple of 8, and returns the bits of states that changed; a byte of spikes has the lanes of eight that fire.")
	l := &narrow{drive: Load(Param("drive"), GP64())}
	l.arrived = l.fromAccumulators
	l.loop(body)

	name += "Banked"
	TEXT(name, NOSPLIT, "func(states *[4]*int32, bank *int16, shift uint64, params *[8]int32, n int, spikes *uint8) uint32")
	Doc(name + " is the same where what arrived is in a bank, whose lanes count 2^shift each. It clears them.")
	l = &narrow{drive: Load(Param("bank"), GP64())}
	shift, zero := XMM(), XMM()
	Load(Param("shift"), shift)
	VPXOR(zero, zero, zero)
	l.arrived = func() VecVirtual { return l.fromBank(shift, zero) }
	l.loop(body)
}

func (l *narrow) loop(body func(l *narrow) VecVirtual) {
	l.states, l.params, l.i = Load(Param("states"), GP64()), Load(Param("params"), GP64()), GP64()
	l.low, l.changed = YMM(), YMM()
	n, spikes := Load(Param("n"), GP64()), Load(Param("spikes"), GP64())
	VPXOR(l.changed, l.changed, l.changed)
	r, x := GP32(), XMM()
	MOVL(U32(4095), r)
	VMOVD(r, x)
	VPBROADCASTD(x, l.low)
	across(l.i, n, spikes, 8, func() GPVirtual {
		bits := GP32()
		VMOVMSKPS(body(l), bits)
		return bits
	})
	high, any := XMM(), GP32()
	VEXTRACTI128(Imm(1), l.changed, high)
	VPOR(high, l.changed.AsX(), high)
	low := XMM()
	VPSRLDQ(Imm(8), high, low)
	VPOR(low, high, high)
	VPSRLDQ(Imm(4), high, low)
	VPOR(low, high, high)
	VMOVD(high, any)
	VZEROUPPER()
	Store(any, ReturnIndex(0))
	RET()
}

// narrowCuba has the states u, v, c and the params 4096-du, 4096-dv, vth, bias, max(refrac, 1)-1, vmin, vmax.
func narrowCuba() {
	const u, v, c = 0, 1, 2
	const keepU, keepV, vth, bias, period, vmin, vmax = 0, 1, 2, 3, 4, 5, 6
	narrowProgram("narrowCuba", func(l *narrow) VecVirtual {
		current := l.scaled(l.load(u), keepU)
		VPADDD(l.arrived(), current, current)
		current = narrowWrap(current)
		l.store(current, u)
		zero, count := YMM(), l.load(c)
		VPXOR(zero, zero, zero)
		held := YMM()
		VPCMPGTD(zero, count, held)
		VPADDD(held, count, count)
		full := l.scaled(l.load(v), keepV)
		VPADDD(current, full, full)
		VPADDD(l.param(bias), full, full)
		full = but(held, l.limited(full, vmin, vmax))
		fire := but(held, l.above(full, vth))
		l.store(but(fire, full), v)
		refractory := YMM()
		VMOVDQU(l.param(period), refractory)
		l.store(choose(fire, refractory, count), c)
		return fire
	})
}

// narrowDecolle has the states u, v, r, s and the params 4096-du, 4096-dv, 4096-dr, gain, wr, bias, vth, vmin, vmax.
func narrowDecolle() {
	const u, v, r, s = 0, 1, 2, 3
	const keepU, keepV, keepR, gain, wr, bias, vth, vmin, vmax = 0, 1, 2, 3, 4, 5, 6, 7, 8
	narrowProgram("narrowDecolle", func(l *narrow) VecVirtual {
		current := l.scaled(l.load(u), keepU)
		VPADDD(l.arrived(), current, current)
		current = narrowWrap(current)
		l.store(current, u)
		membrane := l.scaled(l.load(v), keepV)
		VPADDD(l.scaled(current, gain), membrane, membrane)
		membrane = l.limited(membrane, vmin, vmax)
		l.store(membrane, v)
		spiked := YMM()
		VPXOR(spiked, spiked, spiked)
		VPSUBD(l.load(s), spiked, spiked) // all ones after a spike
		VPAND(l.param(wr), spiked, spiked)
		trace := l.scaled(l.load(r), keepR)
		VPSUBD(spiked, trace, trace)
		trace = narrowWrap(trace)
		l.store(trace, r)
		VPADDD(trace, membrane, trace)
		VPADDD(l.param(bias), trace, trace)
		fire, spike := l.above(trace, vth), YMM()
		VPSRLD(Imm(31), fire, spike)
		l.store(spike, s)
		return fire
	})
}
