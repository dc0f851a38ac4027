package irgen

import (
	"fmt"

	"decc/ir"
	"decc/ir/sem"
)

// Program is a random straight-line program that Check and Ranges accept whatever
// reaches its ports, in canonical form. It has a port named drive, states, usually
// params, a spike condition, and sometimes random fields, a payload and an out value.
func Program(name string, seed uint64, o Options) *ir.Program {
	w := &programmer{dice: newDice(seed, name), exact: o.Exact, p: &sem.Program{Name: name, Spike: sem.NoRef, Payload: sem.NoRef, Out: sem.NoRef}}
	w.declare()
	heart := w.heart()
	for range 2 + w.IntN(12) {
		w.operation()
	}
	w.outputs(heart)
	w.states()
	text := ir.ProgramText(w.p)
	p, err := ir.ParseProgram(text, name+".dcir", sem.Silicon)
	if err != nil {
		panic(fmt.Sprintf("BUG: random program %d does not parse: %v\n%s", seed, err, text))
	}
	return p
}

// programmer writes one program and knows the interval of each slot.
type programmer struct {
	dice
	exact bool
	p     *sem.Program
	v     []sem.Interval
}

var (
	s12 = sem.Type{Bits: 12, Signed: true}
	s24 = sem.Type{Bits: 24, Signed: true}
	s40 = sem.Type{Bits: 40, Signed: true}
	// widest is what a value is cut to before more is computed from it: no product
	// or shift that the programmer writes leaves 52 bits then.
	widest = sem.Type{Bits: 44, Signed: true}
)

var stateTypes = []sem.Type{{Bits: 1}, {Bits: 7}, {Bits: 12}, {Bits: 24}, {Bits: 8, Signed: true}, {Bits: 16, Signed: true}, s24, s24, s24, {Bits: 32, Signed: true}}

var paramTypes = []sem.Type{{Bits: 1}, {Bits: 5}, {Bits: 12}, {Bits: 13}, {Bits: 24}, s12, s24, {Bits: 32, Signed: true}}

func (w *programmer) declare() {
	for i := range 1 + w.IntN(4) {
		w.field(sem.State, fmt.Sprintf("s%d", i), oneOf(w.dice, stateTypes...))
	}
	w.field(sem.Port, "drive", s40)
	if w.chance(30) {
		w.field(sem.Port, "dendrite", s40)
	}
	for i := range w.IntN(4) {
		w.field(sem.Param, fmt.Sprintf("p%d", i), oneOf(w.dice, paramTypes...))
	}
	if w.chance(30) {
		w.field(sem.Random, "r0", sem.Type{Bits: oneOf[uint8](w.dice, 1, 7, 12, 24, 40)})
	}
}

func (w *programmer) field(kind sem.FieldKind, name string, t sem.Type) {
	lo, hi := t.Limits()
	f := sem.Field{Name: name, Kind: kind, Type: t}
	if (kind == sem.State || kind == sem.Param) && w.chance(40) {
		f.Default = w.extreme(lo, hi)
	}
	if w.exact {
		f.Default = min(max(f.Default, -99), 99)
	}
	w.p.Next = append(w.p.Next, sem.Ref(len(w.p.Fields)))
	w.p.Fields = append(w.p.Fields, f)
	w.v = append(w.v, sem.Span(lo, hi))
}

// emit appends an instruction and returns its slot.
func (w *programmer) emit(op sem.Op, k [2]int64, args ...sem.Ref) sem.Ref {
	c := sem.Instr{Op: op, K: k}
	copy(c.Args[:], args)
	var v [3]sem.Interval
	for i, a := range args {
		v[i] = w.v[a]
	}
	w.p.Code = append(w.p.Code, c)
	w.v = append(w.v, sem.Ops[op].Range(v[0], v[1], v[2], k))
	return sem.Ref(len(w.v) - 1)
}

// fit limits a value to a type where it can lie outside: by clamping, or, where
// wrapping is allowed, one or the other.
func (w *programmer) fit(r sem.Ref, t sem.Type) sem.Ref {
	if w.v[r].Within(t) {
		return r
	}
	if t.Signed && !w.exact && w.chance(60) {
		return w.emit(sem.OpWrap, [2]int64{int64(t.Bits)}, r)
	}
	lo, hi := t.Limits()
	return w.emit(sem.OpClamp, [2]int64{lo, hi}, r)
}

// any picks a value, late ones more often, that lies within t.
func (w *programmer) any(t sem.Type) sem.Ref {
	n := len(w.v)
	i := w.IntN(n)
	if w.chance(50) {
		i = n - 1 - w.IntN(min(n, 4))
	}
	return w.fit(sem.Ref(i), t)
}

// heart adds what arrives to a state: without it most random programs would not
// listen to their inputs at all.
func (w *programmer) heart() sem.Ref {
	state := sem.Ref(w.IntN(len(w.p.FieldsOf(sem.State))))
	drive := sem.Ref(w.p.FieldIndex("drive"))
	sum := w.emit(oneOf(w.dice, sem.OpAdd, sem.OpSub), [2]int64{}, state, drive)
	w.p.Next[state] = w.fit(sum, w.p.Fields[state].Type)
	return sum
}

// roundingOps are left out where nothing may round or wrap.
var roundingOps = map[sem.Op]bool{sem.OpShrZ: true, sem.OpShrF: true, sem.OpWrap: true, sem.OpWrapOnce: true, sem.OpRound: true}

// operation appends a random operation on random values.
func (w *programmer) operation() {
	op := sem.Op(w.IntN(len(sem.Ops)))
	if w.exact && roundingOps[op] || op == sem.OpConst && w.chance(75) {
		return
	}
	args := make([]sem.Ref, sem.Ops[op].Arity)
	for i := range args {
		args[i] = w.any(argType(op))
	}
	r := w.emit(op, w.constants(op), args...)
	if op != sem.OpConst && w.chance(30) {
		w.p.Code[len(w.p.Code)-1].Name = fmt.Sprintf("v%d", r)
	}
}

// argType is how wide an argument may be so that the result has at most 52 bits.
func argType(op sem.Op) sem.Type {
	switch op {
	case sem.OpMul:
		return s24
	case sem.OpShl:
		return sem.Type{Bits: 32, Signed: true}
	}
	return widest
}

// constants draws the constants of an operation.
func (w *programmer) constants(op sem.Op) (k [2]int64) {
	switch info := sem.Ops[op]; {
	case op == sem.OpConst:
		k[0] = w.extreme(-1<<23, 1<<23)
	case op == sem.OpClamp:
		a, b := w.extreme(-1<<30, 1<<30), w.extreme(-1<<30, 1<<30)
		k = [2]int64{min(a, b), max(a, b)}
	case op == sem.OpShl:
		k[0] = w.within(0, 16)
	case info.MaxK > 0:
		k[0] = w.extreme(info.MinK, min(info.MaxK, 50))
	}
	return k
}

// outputs gives the program a spike condition, mostly on its heart, and sometimes a
// payload and an out value.
func (w *programmer) outputs(heart sem.Ref) {
	sum := w.any(widest)
	if w.chance(75) {
		sum = w.emit(sem.OpAdd, [2]int64{}, sum, w.fit(heart, widest))
	}
	threshold := w.emit(sem.OpConst, [2]int64{w.extreme(-1<<12, 1<<14)})
	w.p.Spike = w.emit(oneOf(w.dice, sem.OpGt, sem.OpGe), [2]int64{}, sum, threshold)
	if w.chance(30) {
		w.p.Payload = w.any(s12)
	}
	if w.chance(60) {
		out := s24
		if w.exact {
			out = s12 // the parent adds it to a current that must not wrap
		}
		w.p.Out = w.any(out)
	}
}

func (w *programmer) states() {
	for f, field := range w.p.Fields {
		if field.Kind == sem.State && w.p.Next[f] == sem.Ref(f) && w.chance(90) {
			w.p.Next[f] = w.any(field.Type)
		}
	}
}
