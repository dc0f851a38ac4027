package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// decay takes the traces of input lines a row on.
func (p *precision) decay() {
	p.text("decay", "p, q *F, n int, alpha, gain, beta F", "makes p = alpha p + gain q, then q = beta q.")
	slow, fast, n := param("p"), param("q"), param("n")
	alpha, gain, beta := p.scalar("alpha"), p.scalar("gain"), p.scalar("beta")
	p.each(n, []Register{fast, slow}, func(a access) {
		q := a.load(p.at(fast, 0))
		sum := p.product(a.load(p.at(slow, 0)), alpha)
		p.add(p.product(q, gain), sum, sum)
		a.store(sum, p.at(slow, 0))
		a.store(p.product(q, beta), p.at(fast, 0))
	})
}

// fire takes compartments through the refractory state and the threshold.
func (p *precision) fire() {
	p.text("fire", "u, r, s *F, n int, decay, weight, least F", "makes r = decay r - weight s, u = u + r, and s = 1 where u >= least, else 0.")
	u, r, s, n := param("u"), param("r"), param("s"), param("n")
	decay, weight, least, one := p.scalar("decay"), p.scalar("weight"), p.scalar("least"), p.constant(p.one)
	p.each(n, []Register{u, r, s}, func(a access) {
		state := p.product(a.load(p.at(r, 0)), decay)
		p.sub(p.product(a.load(p.at(s, 0)), weight), state, state)
		a.store(state, p.at(r, 0))
		p.add(a.load(p.at(u, 0)), state, state)
		a.store(state, p.at(u, 0))
		const greaterOrEqual = 29 // false for what is no number
		spike := YMM()
		p.cmp(Imm(greaterOrEqual), least, state, spike)
		p.and(one, spike, spike)
		a.store(spike, p.at(s, 0))
	})
}

// addScaled is one list on top of another.
func (p *precision) addScaled() {
	p.text("addScaled", "y *F, a F, x *F, n int", "adds a x to y.")
	y, x, n, a := param("y"), param("x"), param("n"), p.scalar("a")
	p.each(n, []Register{y, x}, func(get access) {
		sum := p.product(get.load(p.at(x, 0)), a)
		p.add(get.load(p.at(y, 0)), sum, sum)
		get.store(sum, p.at(y, 0))
	})
}

// larger looks for the largest of some potentials.
func (p *precision) larger() {
	p.text("larger", "best, from, x *F, n int, place F", "makes best = x and from = place where x > best.")
	best, from, x, n := param("best"), param("from"), param("x"), param("n")
	place := p.scalar("place")
	p.each(n, []Register{best, from, x}, func(a access) {
		const greater = 30 // false for what is no number
		was, now, win := a.load(p.at(best, 0)), a.load(p.at(x, 0)), YMM()
		p.cmp(Imm(greater), was, now, win)
		p.blend(win, now, was, was)
		a.store(was, p.at(best, 0))
		where := a.load(p.at(from, 0))
		p.blend(win, place, where, where)
		a.store(where, p.at(from, 0))
	})
}

// multiply is one list times another.
func (p *precision) multiply() {
	p.text("multiply", "x, y *F, n int", "multiplies x by y.")
	x, y, n := param("x"), param("y"), param("n")
	p.each(n, []Register{x, y}, func(a access) {
		a.store(p.product(a.load(p.at(x, 0)), a.load(p.at(y, 0))), p.at(x, 0))
	})
}

// fastSigmoid is the slope of the surrogate of that name.
func (p *precision) fastSigmoid() {
	p.text("fastSigmoid", "slope, u *F, n int", "writes 1/(10|u| + 1)^2.")
	slope, u, n := param("slope"), param("u"), param("n")
	one, ten, sign := p.constant(p.one), p.constant(p.ten), p.constant(p.sign)
	p.each(n, []Register{slope, u}, func(a access) {
		d := p.binary(p.and, a.load(p.at(u, 0)), sign)
		p.mul(d, ten, d)
		p.add(d, one, d)
		p.mul(d, d, d)
		p.div(d, one, d)
		a.store(d, p.at(slope, 0))
	})
}

// adaMax moves parameters by the optimiser of that name.
func (p *precision) adaMax() {
	p.text("adaMax", "w, slope, m *F, n int, lr, beta, eps F", "makes m = max(beta m, |slope| + eps), then w = w - lr slope / m.")
	w, gradient, m, n := param("w"), param("slope"), param("m"), param("n")
	lr, beta, eps, sign := p.scalar("lr"), p.scalar("beta"), p.scalar("eps"), p.constant(p.sign)
	p.each(n, []Register{w, gradient, m}, func(a access) {
		slope := a.load(p.at(gradient, 0))
		size := p.binary(p.and, slope, sign)
		p.add(size, eps, size)
		p.max(size, p.product(a.load(p.at(m, 0)), beta), size)
		a.store(size, p.at(m, 0))
		p.mul(slope, lr, slope)
		p.div(size, slope, slope)
		a.store(p.binary(p.sub, slope, a.load(p.at(w, 0))), p.at(w, 0))
	})
}

// adaMaxRest is adaMax where the gradient is 0.
func (p *precision) adaMaxRest() {
	p.text("adaMaxRest", "m *F, n int, beta, eps F", "makes m = max(beta m, eps).")
	m, n := param("m"), param("n")
	beta, eps := p.scalar("beta"), p.scalar("eps")
	p.each(n, []Register{m}, func(a access) {
		a.store(p.binary(p.max, eps, p.product(a.load(p.at(m, 0)), beta)), p.at(m, 0))
	})
}
