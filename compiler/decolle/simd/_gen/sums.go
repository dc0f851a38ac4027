package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// combine adds rows of a matrix, a tile of the sum in registers at a time: as many vectors as there may be, and at last those that
// are left, the last of them in part.
func (p *precision) combine() {
	p.text("combine", "y *F, n int, a *F, at *int32, k int, x *F", "adds a[j] times the n numbers from x[at[j]] to y, for j from 0 to k-1; n and k are at least 1.")
	c := combining{precision: p, y: param("y"), n: param("n"), a: param("a"), at: param("at"), k: param("k"), x: param("x"), j: GP64(), place: GP64()}
	most := p.tile * p.lanes()
	Label("tiles")
	CMPQ(c.n, U32(uint64(most)))
	JLE(LabelRef("left"))
	c.addTile("sums", access{p, nil}, p.tile)
	ADDQ(U32(uint64(p.tile*p.width)), c.y)
	ADDQ(U32(uint64(p.tile*p.width)), c.x)
	SUBQ(U32(uint64(most)), c.n)
	JMP(LabelRef("tiles"))
	Label("left")
	for wide := p.tile; wide > 0; wide-- {
		next := label("fewer%d", wide)
		SUBQ(U32(uint64((wide-1)*p.lanes())), c.n)
		JLE(LabelRef(next))
		c.addTile(label("sums%d", wide), p.first(c.n), wide)
		VZEROUPPER()
		RET()
		Label(next)
		ADDQ(U32(uint64((wide-1)*p.lanes())), c.n)
	}
	RET()
}

type combining struct {
	*precision
	y, n, a, at, k, x Register
	j, place          GPVirtual
}

// addTile takes all terms of so many vectors, of the last of which get may leave lanes out.
func (c *combining) addTile(loop string, get access, wide int) {
	part := func(i int) access {
		if i < wide-1 {
			return access{c.precision, nil}
		}
		return get
	}
	sum := make([]VecVirtual, wide)
	for i := range wide {
		sum[i] = part(i).load(c.precision.at(c.y, i))
	}
	XORQ(c.j, c.j)
	Label(loop)
	MOVLQSX(Mem{Base: c.at, Index: c.j, Scale: 4}, c.place)
	factor := c.vector()
	c.broadcast(Mem{Base: c.a, Index: c.j, Scale: uint8(c.size)}, factor)
	for i := range wide {
		from := Mem{Base: c.x, Index: c.place, Scale: uint8(c.size), Disp: i * c.width}
		c.add(part(i).term(from, factor), sum[i], sum[i])
	}
	INCQ(c.j)
	CMPQ(c.j, c.k)
	JL(LabelRef(loop))
	for i := range wide {
		part(i).store(sum[i], c.precision.at(c.y, i))
	}
}

// term is a product with memory, of which a mask may let only a part be read.
func (a access) term(from Mem, factor Op) VecVirtual {
	if a.mask == nil {
		return a.product(from, factor)
	}
	return a.product(a.load(from), factor)
}

// sliding is a convolution along one line of a picture.
type sliding struct {
	*precision
	u, stride, p, step, positions, w, k Register
	three, row, weights, left           GPVirtual
}

const slideSignature = "u *F, stride int, p *F, step int, positions int, w *F, k int"

// slide is the kernel for so many vectors of channels.
func (p *precision) slide(name string, vectors int) {
	p.text(name, slideSignature, label("adds to %d vectors of u, positions times a stride apart, the k rows of w a stride apart times the numbers from p, which begin a step further on at each position.", vectors))
	p.slides(access{p, nil}, vectors)
}

// slidePart is the kernel for so many vectors, of the last of which only some lanes are channels.
func (p *precision) slidePart(name string, vectors int) {
	p.text(name, slideSignature+", n int", label("is the same for %d vectors, of the last of which only the first n lanes are.", vectors))
	p.slides(p.first(param("n")), vectors)
}

func (p *precision) slides(get access, vectors int) {
	s := sliding{
		precision: p, u: param("u"), stride: param("stride"), p: param("p"), step: param("step"), positions: param("positions"),
		w: param("w"), k: param("k"), three: GP64(), row: GP64(), weights: GP64(), left: GP64(),
	}
	SHLQ(Imm(p.shift()), s.stride)
	SHLQ(Imm(p.shift()), s.step)
	for _, rows := range []int{4, 2, 1} {
		start, next := label("rows%d", rows), label("rows%dend", rows)
		Label(start)
		CMPQ(s.positions, Imm(uint64(rows)))
		JL(LabelRef(next))
		s.tile(label("sum%d", rows), get, rows, vectors)
		SUBQ(Imm(uint64(rows)), s.positions)
		if rows == 4 {
			JMP(LabelRef(start))
		}
		Label(next)
	}
	VZEROUPPER()
	RET()
}

// tile takes all terms of some positions, and goes on to the next ones.
func (s *sliding) tile(loop string, get access, rows, vectors int) {
	part := [2]access{{s.precision, nil}, get}
	if vectors == 1 {
		part[0] = get
	}
	var sum [4][2]VecVirtual
	s.triple(s.stride)
	s.eachRow(rows, s.u, s.stride, func(r int, m Mem) {
		for v := range vectors {
			m.Disp = v * s.width
			sum[r][v] = part[v].load(m)
		}
	})
	MOVQ(s.p, s.row)
	MOVQ(s.w, s.weights)
	MOVQ(s.k, s.left)
	s.triple(s.step)
	Label(loop)
	var w [2]VecVirtual
	for v := range vectors {
		w[v] = part[v].load(s.precision.at(s.weights, v))
	}
	s.eachRow(rows, s.row, s.step, func(r int, m Mem) {
		factor := s.vector()
		s.broadcast(m, factor)
		for v := range vectors {
			s.add(s.product(w[v], factor), sum[r][v], sum[r][v])
		}
	})
	ADDQ(Imm(uint64(s.size)), s.row)
	ADDQ(s.stride, s.weights)
	DECQ(s.left)
	JNZ(LabelRef(loop))
	s.triple(s.stride)
	s.eachRow(rows, s.u, s.stride, func(r int, m Mem) {
		for v := range vectors {
			m.Disp = v * s.width
			part[v].store(sum[r][v], m)
		}
	})
	for range rows {
		ADDQ(s.stride, s.u)
		ADDQ(s.step, s.p)
	}
}

// triple makes the way to the fourth of some rows.
func (s *sliding) triple(pitch Register) { LEAQ(Mem{Base: pitch, Index: pitch, Scale: 2}, s.three) }

// eachRow gives the memory of up to four rows that lie a pitch of bytes apart.
func (s *sliding) eachRow(rows int, base, pitch Register, do func(r int, m Mem)) {
	for r, m := range []Mem{{Base: base}, {Base: base, Index: pitch, Scale: 1}, {Base: base, Index: pitch, Scale: 2}, {Base: base, Index: s.three, Scale: 1}}[:rows] {
		do(r, m)
	}
}
