package chipsim

import (
	"decc/chipsim/simd"
	"decc/ir/fix"
)

// kernels are the programs that come with decc under the silicon profile. A digest
// that no longer fits its program costs speed only; TestKernelsAreInUse finds it.
var kernels = []kernel{
	{
		name: "cuba", run: runCuba, narrow: &narrowCuba,
		digest: "c7ffa6f8babe5aceb0410af30d1b715c3498a8b6e96317cf6564818233feddd4",
	},
	{
		name: "decolle", run: runDecolle, writes: []string{"m"}, narrow: &narrowDecolle,
		digest: "c423775506a2ce20a501931eebf626727c678f942614239d4655aa9313c2c61e",
	},
}

const (
	one       = 4096 // of a decay
	decayBits = 12
	stateBits = 24
)

// dec is the decay of a state, 0..8191 in 1/4096, toward zero.
func dec(x, d int64) int64 { return fix.ShrZ(x*(one-d), decayBits) }

// runCuba is @cuba.
func runCuba(l *lanes, f []fired) []fired {
	u := l.field[0]
	n := len(u)
	v, c, drive, dendrite := l.field[1][:n], l.field[2][:n], l.field[3][:n], l.field[4][:n]
	du, dv, vth, bias := l.field[5][:n], l.field[6][:n], l.field[7][:n], l.field[8][:n]
	refrac, vmin, vmax := l.field[9][:n], l.field[10][:n], l.field[11][:n]
	f, done := l.vectors(simd.Cuba(), f)
	for i := done; i < n; i++ {
		current := fix.Wrap(dec(u[i], du[i])+drive[i], stateBits)
		u[i] = current
		if c[i] > 0 {
			c[i]--
			v[i] = 0
			continue
		}
		full := fix.Clamp(dec(v[i], dv[i])+current+dendrite[i]+bias[i], vmin[i], vmax[i])
		if full > vth[i] {
			f = append(f, fired{int32(i), 1})
			full = 0
			c[i] = max(refrac[i], 1) - 1
		}
		v[i] = full
	}
	return f
}

// runDecolle is @decolle.
func runDecolle(l *lanes, f []fired) []fired {
	u := l.field[0]
	n := len(u)
	v, r, s, drive := l.field[1][:n], l.field[2][:n], l.field[3][:n], l.field[4][:n]
	du, dv, dr, gain := l.field[5][:n], l.field[6][:n], l.field[7][:n], l.field[8][:n]
	wr, bias, vth := l.field[9][:n], l.field[10][:n], l.field[11][:n]
	vmin, vmax, m := l.field[12][:n], l.field[13][:n], l.extra[0][:n]
	f, done := l.vectors(simd.Decolle(), f)
	for i := done; i < n; i++ {
		current := fix.Wrap(dec(u[i], du[i])+drive[i], stateBits)
		membrane := fix.Clamp(dec(v[i], dv[i])+fix.ShrZ(current*gain[i], decayBits), vmin[i], vmax[i])
		trace := dec(r[i], dr[i])
		if s[i] != 0 {
			trace -= wr[i]
		}
		trace = fix.Wrap(trace, stateBits)
		sum, spike := membrane+trace+bias[i], int64(0)
		if sum > vth[i] {
			spike = 1
			f = append(f, fired{int32(i), 1})
		}
		u[i], v[i], r[i], s[i], m[i] = current, membrane, trace, spike, sum
	}
	return f
}
