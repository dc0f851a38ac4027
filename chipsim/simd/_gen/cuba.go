package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// lanes is four compartments at a time, 64 bits each.
type lanes struct {
	fields, i Register
	zero, one VecVirtual // 0 and 4096
	// shared are the fields from first to last of which there are four values for all lanes.
	shared [2]int
}

// field is the memory of a field of the program.
func (l *lanes) field(number int) Mem {
	p := GP64()
	MOVQ(Mem{Base: l.fields, Disp: 8 * number}, p)
	if l.shared[0] <= number && number <= l.shared[1] {
		return Mem{Base: p}
	}
	return Mem{Base: p, Index: l.i, Scale: 8}
}

func (l *lanes) load(number int) VecVirtual {
	y := YMM()
	VMOVDQU(l.field(number), y)
	return y
}

func (l *lanes) store(y VecVirtual, number int) { VMOVDQU(y, l.field(number)) }

// greater is all ones where a > b.
func greater(a, b VecVirtual) VecVirtual {
	m := YMM()
	VPCMPGTQ(b, a, m)
	return m
}

// choose is a where the mask is set, else b.
func choose(mask, a, b VecVirtual) VecVirtual {
	y := YMM()
	VPBLENDVB(mask, a, b, y)
	return y
}

// but is x where the mask is not set, else 0.
func but(mask, x VecVirtual) VecVirtual {
	y := YMM()
	VPANDN(x, mask, y)
	return y
}

// shrz is a product of two values of 32 bits in 1/4096, toward zero.
func (l *lanes) shrz(a, b VecVirtual) VecVirtual {
	p := YMM()
	VPMULDQ(a, b, p)
	sign := greater(l.zero, p)
	VPXOR(sign, p, p)
	VPSUBQ(sign, p, p)
	VPSRLQ(Imm(12), p, p)
	VPXOR(sign, p, p)
	VPSUBQ(sign, p, p)
	return p
}

// dec is what a decay leaves of a state.
func (l *lanes) dec(x VecVirtual, decay int) VecVirtual {
	k := YMM()
	VPSUBQ(l.field(decay), l.one, k)
	return l.shrz(k, x)
}

// wrap24 keeps the low 24 bits, with sign.
func wrap24(x VecVirtual) VecVirtual {
	y, sign := YMM(), YMM()
	VPSLLD(Imm(8), x, y)
	VPSRAD(Imm(8), y, y)
	VPSHUFD(Imm(0xA0), y, sign)
	VPSRAD(Imm(31), sign, sign)
	VPBLENDD(Imm(0xAA), sign, y, y)
	return y
}

// clamp keeps x within limits; the upper one wins where they cross.
func clamp(x, lo, hi VecVirtual) VecVirtual {
	x = choose(greater(lo, x), lo, x)
	return choose(greater(x, hi), hi, x)
}

// program is the loop over four lanes each, once with params by lane and once with params, first to last, that all lanes share: body
// returns which of them fire.
func program(name string, params [2]int, body func(l *lanes) VecVirtual) {
	loop(name, "params by lane", [2]int{0, -1}, body)
	loop(name+"Alike", "four copies of each param", params, body)
}

func loop(name, what string, shared [2]int, body func(l *lanes) VecVirtual) {
	TEXT(name, NOSPLIT, "func(fields *[16]*int64, n int, spikes *uint8)")
	Doc(name + " updates n compartments, a multiple of 4, with " + what + "; a byte of spikes has the lanes of four that fire.")
	l := &lanes{fields: Load(Param("fields"), GP64()), i: GP64(), zero: YMM(), one: YMM(), shared: shared}
	n, spikes := Load(Param("n"), GP64()), Load(Param("spikes"), GP64())
	VPXOR(l.zero, l.zero, l.zero)
	broadcast(4096, l.one)
	across(l.i, n, spikes, 4, func() GPVirtual {
		bits := GP32()
		VMOVMSKPD(body(l), bits)
		return bits
	})
	VZEROUPPER()
	RET()
}

// across goes over n lanes, so many at a time; body returns which of them fire, which becomes a byte of spikes.
func across(i, n, spikes Register, width uint64, body func() GPVirtual) {
	XORQ(i, i)
	Label("lanes")
	CMPQ(i, n)
	JGE(LabelRef("done"))
	MOVB(body().As8(), Mem{Base: spikes})
	INCQ(spikes)
	ADDQ(Imm(width), i)
	JMP(LabelRef("lanes"))
	Label("done")
}

func broadcast(value uint64, y VecVirtual) {
	r, x := GP64(), XMM()
	MOVQ(U32(value), r)
	VMOVQ(r, x)
	VPBROADCASTQ(x, y)
}

// cuba is the program of that name; its fields are in the order of the program.
func cuba() {
	const u, v, c, drive, dendrite, du, dv, vth, bias, refrac, vmin, vmax = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	program("cuba", [2]int{du, vmax}, func(l *lanes) VecVirtual {
		current := l.dec(l.load(u), du)
		VPADDQ(l.field(drive), current, current)
		current = wrap24(current)
		l.store(current, u)
		count := l.load(c)
		held := greater(count, l.zero)
		VPADDQ(held, count, count) // one less where held
		full := l.dec(l.load(v), dv)
		VPADDQ(current, full, full)
		VPADDQ(l.field(dendrite), full, full)
		VPADDQ(l.field(bias), full, full)
		full = but(held, clamp(full, l.load(vmin), l.load(vmax)))
		fire := but(held, greater(full, l.load(vth)))
		l.store(but(fire, full), v)
		period := l.load(refrac)
		VPADDQ(greater(period, l.zero), period, period) // max(refrac, 1) - 1
		l.store(choose(fire, period, count), c)
		return fire
	})
}

// decolle is the program of that name; m comes after its fields.
func decolle() {
	const u, v, r, s, drive, du, dv, dr, gain, wr, bias, vth, vmin, vmax, m = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	program("decolle", [2]int{du, vmax}, func(l *lanes) VecVirtual {
		current := l.dec(l.load(u), du)
		VPADDQ(l.field(drive), current, current)
		current = wrap24(current)
		l.store(current, u)
		membrane := l.dec(l.load(v), dv)
		VPADDQ(l.shrz(current, l.load(gain)), membrane, membrane)
		membrane = clamp(membrane, l.load(vmin), l.load(vmax))
		l.store(membrane, v)
		trace := l.dec(l.load(r), dr)
		spiked := greater(l.load(s), l.zero)
		taken := YMM()
		VPAND(l.field(wr), spiked, taken)
		VPSUBQ(taken, trace, trace)
		trace = wrap24(trace)
		l.store(trace, r)
		VPADDQ(trace, membrane, membrane)
		VPADDQ(l.field(bias), membrane, membrane)
		l.store(membrane, m)
		fire, spike := greater(membrane, l.load(vth)), YMM()
		VPSRLQ(Imm(63), fire, spike)
		l.store(spike, s)
		return fire
	})
}
