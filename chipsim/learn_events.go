package chipsim

import (
	"math/bits"
	"slices"

	"decc/ir/fix"
	"decc/ir/sem"
)

// eventEngine learns in epochs of one row and visits only synapses of which a product is
// not 0. Its traces are those of senders and receivers; a product is cut into the parts of
// the two sides and of the synapse (sem.Product.Part), and a synapse is visited where both
// sides have a part that is not 0. It is proved equal to sem.Unit by test.
type eventEngine struct {
	p        *plasticState
	sides    [2]side
	products []product
	sums     []sum3
	lists    []aliveList // receivers by set of products, of the row
	simple   bool        // classes serve the rule
	classes  classes
	settler  settler // where simple
	updates  int64   // since the reset: synapses that learned (spikes.Counts)
}

// product is one product of the rule, of all sums together.
type product struct {
	*sem.Product
	own   bool // reads w, t or d
	scale sem.Scale
}

// sum3 is the sum of a target: its products are the bits of mask.
type sum3 struct {
	target sem.Target
	mask   uint64
	way    sem.Updater
}

// aliveList are the receivers that have a part of one of a set of products.
type aliveList struct {
	of   uint64
	list []int32
}

// side is the senders or the receivers.
type side struct {
	p      *plasticState
	side   sem.Side
	n      int
	traces []*trace
	hot    []int32 // members with a trace that is not 0, or that fired, ascending
	isHot  []bool
	// part[k][i] is what member i contributes to product k where mask[i] has bit k.
	part [][]int32
	mask []uint64
	// touched lists the members whose mask is not 0, ascending.
	touched []int32
	idle    []int32 // part of a member at rest, by product
	ways    []way
}

// way tells how a side works out its part of a product: the same for all members, or a
// trace, or from all factors.
type way struct {
	constant bool
	trace    *trace
}

// trace is one trace of all members of a side.
type trace struct {
	v       sem.Variable
	spec    sem.Trace
	x       []int64
	written bool
	table   [128]decayStep
}

// decayStep is what a trace becomes in a row: floor, or one more where fraction is greater
// than the threshold.
type decayStep struct {
	floor    int64
	fraction float64
}

func newEventEngine(p *plasticState) *eventEngine {
	e := &eventEngine{p: p}
	for t, list := range p.Rule.Sums {
		s := sum3{target: sem.Target(t), way: p.learning.Updater(sem.Target(t), p.Format)}
		for i := range list {
			x := &list[i]
			s.mask |= 1 << len(e.products)
			e.products = append(e.products, product{Product: x, own: x.Reads(sem.OwnSide), scale: x.Scale()})
		}
		if len(list) > 0 {
			e.sums = append(e.sums, s)
		}
	}
	if e.simple = e.plain(); e.simple {
		e.settler = newSettler(p, e.sums[0].target, &e.sums[0].way)
	}
	e.sides[sem.PreSide] = newSide(e, sem.PreSide, len(p.senders))
	e.sides[sem.PostSide] = newSide(e, sem.PostSide, len(p.receivers))
	return e
}

func newSide(e *eventEngine, s sem.Side, n int) side {
	x := side{p: e.p, side: s, n: n, isHot: make([]bool, n), mask: make([]uint64, n)}
	for i, v := range sem.TraceVariables {
		spec := e.p.Rule.Traces[i]
		if sem.Variables[v].Side == s && (e.p.Rule.Uses(v) || spec.Moves()) {
			x.traces = append(x.traces, newTrace(e.p.learning, v, spec, n))
		}
	}
	for k := range e.products {
		x.part = append(x.part, make([]int32, n))
		x.idle = append(x.idle, e.products[k].Part(s, func(sem.Variable) int64 { return 0 }))
		x.ways = append(x.ways, x.wayOf(e.products[k].Product))
	}
	return x
}

func newTrace(l *sem.Learning, v sem.Variable, spec sem.Trace, n int) *trace {
	t := &trace{v: v, spec: spec, x: make([]int64, n), written: spec.Value != ""}
	for x := range t.table {
		t.table[x].floor, t.table[x].fraction = l.Decay(spec, int64(x))
	}
	return t
}

func (s *side) wayOf(p *sem.Product) way {
	if !p.Reads(s.side) {
		return way{constant: true}
	}
	var mine []sem.Factor
	for _, f := range p.Factors {
		if sem.Variables[f.Var].Side == s.side {
			mine = append(mine, f)
		}
	}
	if len(mine) == 1 && mine[0].Add == 0 && !mine[0].Sgn && mine[0].Var.IsTrace() {
		return way{trace: s.trace(mine[0].Var)}
	}
	return way{}
}

func (s *side) trace(v sem.Variable) *trace {
	for _, t := range s.traces {
		if t.v == v {
			return t
		}
	}
	return nil
}

func (e *eventEngine) reset() {
	e.updates = 0
	for i := range e.sides {
		s := &e.sides[i]
		for _, t := range s.traces {
			clear(t.x)
		}
		clear(s.isHot)
		s.hot = s.hot[:0]
		e.p.fired[i].clear()
	}
}

// row is one row, which is an epoch.
func (e *eventEngine) row(k int) {
	for i := range e.sides {
		e.sides[i].advance(k)
	}
	open := e.p.Rule.Open(k)
	for i := range e.sides {
		e.sides[i].evaluate(e.products, open)
	}
	if len(e.sides[sem.PreSide].touched) > 0 && len(e.sides[sem.PostSide].touched) > 0 {
		e.visitAll(k)
	}
}

// again is a second spike of a member in a row: it acts on the traces before they decay.
func (s *side) again(k int, i int32) {
	for _, t := range s.traces {
		t.x[i] = t.spec.Kicked(t.x[i], s.p.random.Impulse(t.v, k, s.site(i), true))
	}
	s.heat(i)
}

func (s *side) heat(i int32) {
	if !s.isHot[i] {
		s.isHot[i] = true
		s.hot = append(s.hot, i)
	}
}

// site is the member whose random numbers member i of the side draws.
func (s *side) site(i int32) int {
	if s.side == sem.PreSide {
		return int(s.p.senders[i])
	}
	return int(s.p.receivers[i].member)
}

// advance takes the traces through a row: decay, then the impulse of the row's spike.
func (s *side) advance(k int) {
	if s.side == sem.PostSide {
		s.take()
	}
	fired := &s.p.fired[s.side]
	for _, i := range fired.list {
		s.heat(i)
	}
	slices.Sort(s.hot)
	kept := s.hot[:0]
	for _, i := range s.hot {
		if s.next(k, i, fired.in[i]) {
			kept = append(kept, i)
		} else {
			s.isHot[i] = false
		}
	}
	s.hot = kept
}

// next is one row of the traces of a member; it reports whether the member stays hot.
func (s *side) next(k int, i int32, fired bool) bool {
	hot, site := fired, -1
	for _, t := range s.traces {
		x := t.x[i]
		if x != 0 && !t.written {
			step := &t.table[x]
			x = step.floor
			if step.fraction != 0 {
				if site < 0 {
					site = s.site(i)
				}
				if step.fraction > s.p.random.Decay(t.v, k, site) {
					x++
				}
			}
		}
		if fired && !t.written {
			x = t.spec.Kicked(x, s.p.random.Impulse(t.v, k, s.site(i), false))
		}
		t.x[i] = x
		hot = hot || x != 0
	}
	return hot
}

// take stores what neuron programs write into traces: 0..127.
func (s *side) take() {
	for _, t := range s.traces {
		if !t.written {
			continue
		}
		for b, values := range s.p.written[t.v-sem.Y1] {
			base := s.p.receiverOf[b]
			for lane, x := range values {
				x = fix.Clamp(x, 0, 127)
				t.x[int(base)+lane] = x
				if x != 0 {
					s.heat(base + int32(lane))
				}
			}
		}
	}
}

// evaluate works out the parts of all products.
func (s *side) evaluate(products []product, open bool) {
	for _, i := range s.touched {
		s.mask[i] = 0
	}
	s.touched = s.touched[:0]
	for k := range products {
		p := &products[k]
		if p.Gate == sem.GateU && !open {
			continue
		}
		s.parts(k, p)
	}
	slices.Sort(s.touched)
}

// parts works out the part of product k for every member for which it can be not 0.
func (s *side) parts(k int, p *product) {
	fired := &s.p.fired[s.side]
	switch {
	case p.Gate == sem.GateX0 && s.side == sem.PreSide, p.Gate == sem.GateY0 && s.side == sem.PostSide:
		for _, i := range fired.list {
			s.put(k, i, s.partOf(k, p, i))
		}
	case s.idle[k] != 0:
		for i := range int32(s.n) {
			s.put(k, i, s.partOf(k, p, i))
		}
	default:
		for _, i := range s.hot {
			s.put(k, i, s.partOf(k, p, i))
		}
	}
}

func (s *side) put(k int, i, part int32) {
	if part == 0 {
		return
	}
	if s.mask[i] == 0 {
		s.touched = append(s.touched, i)
	}
	s.mask[i] |= 1 << k
	s.part[k][i] = part
}

func (s *side) partOf(k int, p *product, i int32) int32 {
	switch w := &s.ways[k]; {
	case w.constant:
		return 1
	case w.trace != nil:
		return int32(w.trace.x[i])
	}
	return p.Part(s.side, func(v sem.Variable) int64 { return s.value(v, i) })
}

// value is a variable of member i.
func (s *side) value(v sem.Variable, i int32) int64 {
	if v == sem.X0 || v == sem.Y0 {
		if s.p.fired[s.side].in[i] {
			return 1
		}
		return 0
	}
	return s.trace(v).x[i]
}

// visitAll visits the synapses between senders and receivers that share a product.
func (e *eventEngine) visitAll(k int) {
	e.lists = e.lists[:0]
	if e.simple {
		e.classes.of = e.classes.of[:0]
		e.settler.open(k)
	}
	for _, i := range e.sides[sem.PreSide].touched {
		mask := e.sides[sem.PreSide].mask[i]
		alive := e.alive(mask)
		if len(alive) == 0 {
			continue
		}
		way := e.wayThrough(i, mask, alive)
		for j := range e.p.strips[i] {
			e.visitStrip(k, i, &e.p.strips[i][j], alive, way)
		}
	}
}

// The ways through a strip beside those of single products, which are their numbers.
const (
	oneByOne = -1
	byClass  = -2
)

// wayThrough is how the synapses of a sender are visited.
func (e *eventEngine) wayThrough(sender int32, mask uint64, alive []int32) int {
	switch {
	case !e.simple:
		return oneByOne
	case bits.OnesCount64(mask) == 1:
		return bits.TrailingZeros64(mask)
	}
	if len(e.classes.of) == 0 {
		e.classes.sort(&e.sides[sem.PostSide])
	}
	if len(alive) <= len(e.classes.like) {
		return oneByOne
	}
	e.weigh(sender)
	return byClass
}

// alive lists the receivers that have a part of a product of the set.
func (e *eventEngine) alive(of uint64) []int32 {
	for i := range e.lists {
		if e.lists[i].of == of {
			return e.lists[i].list
		}
	}
	if len(e.lists) == cap(e.lists) {
		e.lists = append(e.lists, aliveList{})
	} else {
		e.lists = e.lists[:len(e.lists)+1]
	}
	l := &e.lists[len(e.lists)-1]
	l.of, l.list = of, l.list[:0]
	post := &e.sides[sem.PostSide]
	for _, r := range post.touched {
		if post.mask[r]&of != 0 {
			l.list = append(l.list, r)
		}
	}
	return l.list
}

func (e *eventEngine) visitStrip(k int, sender int32, s *strip, alive []int32, way int) {
	if s.list != nil {
		e.visitList(k, sender, s, alive)
		return
	}
	alive = within(alive, s)
	e.updates += int64(len(alive))
	switch {
	case len(alive) == 0:
	case way >= 0:
		e.visitProduct(way, sender, s, alive)
	case way == byClass:
		e.visitClasses(k, sender, s, alive)
	default:
		for _, r := range alive {
			e.visit(k, sender, r, s, r-s.first)
		}
	}
}

// visitList visits the synapses of a strip to a list of receivers.
func (e *eventEngine) visitList(k int, sender int32, s *strip, alive []int32) {
	at := 0
	for _, r := range alive {
		for at < len(s.list) && s.list[at] < r {
			at++
		}
		if at == len(s.list) {
			return
		}
		if s.list[at] == r {
			e.updates++
			e.visit(k, sender, r, s, int32(at))
		}
	}
}

// visit gives synapse i of a strip its new values, all from the old ones.
func (e *eventEngine) visit(k int, sender, receiver int32, s *strip, i int32) {
	pre, post := &e.sides[sem.PreSide], &e.sides[sem.PostSide]
	alive := pre.mask[sender] & post.mask[receiver]
	if alive == 0 {
		return
	}
	place := s.place + i
	var next [3]int64
	for n := range e.sums {
		x := &e.sums[n]
		acc := x.way.Start(int64(e.p.values[x.target][place]))
		for set := alive & x.mask; set != 0; set &= set - 1 {
			at := bits.TrailingZeros64(set)
			p := &e.products[at]
			factors := pre.part[at][sender] * post.part[at][receiver]
			if p.own {
				factors *= p.Part(sem.OwnSide, func(v sem.Variable) int64 { return e.own(v, place) })
			}
			acc = x.way.Add(acc, p.scale.Of(factors))
		}
		steps, rest := x.way.Split(acc)
		if rest != 0 && rest<<(16-x.way.Bits()) > e.p.random.UpdateBits(x.target, k, int(e.p.number(sender, receiver))) {
			steps++
		}
		next[n] = x.way.Value(steps)
	}
	for n := range e.sums {
		e.p.values[e.sums[n].target][place] = int16(next[n])
	}
	e.p.weights[s.weight+i] = e.p.effective[e.p.values[sem.TargetW][place]-leastMantissa]
}

// own is a variable of a synapse.
func (e *eventEngine) own(v sem.Variable, place int32) int64 {
	switch v {
	case sem.T:
		return int64(e.p.values[sem.TargetT][place])
	case sem.D:
		return int64(e.p.values[sem.TargetD][place])
	}
	return int64(e.p.values[sem.TargetW][place])
}
