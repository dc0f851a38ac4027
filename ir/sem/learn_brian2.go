package sem

import (
	"math"

	"decc/ir/fix"
)

// perSynapse is the machine of brian2_loihi: every synapse has traces of its own, a row is
// an epoch, sums are real numbers rounded away from zero, and the random flags of a row
// are drawn before its spikes are heard (golden/README.md). Its row k is the emulator's
// row k+1, in which the spikes arrive; thresholds are asked for by the emulator's row.
type perSynapse struct {
	*Unit
	begun    bool
	flags    [traceCount][]int64
	update   []int64
	pre, pst []bool // spiked, by member
}

func newPerSynapse(u *Unit) machine {
	n := len(u.Contacts)
	u.sites(n, n)
	m := &perSynapse{Unit: u, update: make([]int64, n), pre: make([]bool, u.pre), pst: make([]bool, u.post)}
	for t := range m.flags {
		m.flags[t] = make([]int64, n)
	}
	return m
}

func (m *perSynapse) row(k int, e RowEvents, th Thresholds) {
	if !m.begun {
		m.step(0, RowEvents{}, th)
		m.begun = true
	}
	m.step(k+1, e, th)
}

func (m *perSynapse) step(p int, e RowEvents, th Thresholds) {
	clear(m.pre)
	clear(m.pst)
	m.draw(p, th)
	for _, a := range e.Pre {
		m.pre[a.Index] = true
	}
	for _, a := range e.Post {
		m.pst[a.Index] = true
	}
	m.hear()
	m.learn(p)
	m.decay()
}

// draw decides about all roundings of the row from what the row before left.
func (m *perSynapse) draw(p int, th Thresholds) {
	for t, v := range TraceVariables {
		for i, x := range m.Trace[t] {
			_, fraction := m.learning.Decay(m.Rule.Traces[t], x)
			m.flags[t][i] = truth[int64](fraction > 0 && fraction > th.Decay(v, p, int(m.Contacts[i].Index)))
		}
	}
	step := float64(int64(1) << m.Format.LSB())
	for i, c := range m.Contacts {
		q := m.sum(p, i)
		rest := math.Mod(math.Abs(float64(q)), step) / step
		m.update[i] = 0
		if rest > th.Update(TargetW, p, int(c.Index)) {
			m.update[i] = sign(q)
		}
	}
}

// hear adds the impulses of the row.
func (m *perSynapse) hear() {
	for t, v := range TraceVariables {
		for i, c := range m.Contacts {
			spiked := m.pre[c.Pre]
			if Variables[v].Side == PostSide {
				spiked = m.pst[c.Post]
			}
			if spiked {
				m.Trace[t][i] = m.Rule.Traces[t].Kicked(m.Trace[t][i], 1<<impulseBits)
			}
		}
	}
}

func (m *perSynapse) learn(p int) {
	lo, hi := m.learning.Limits(TargetW, m.Format)
	bits := m.Format.LSB()
	for i := range m.Contacts {
		w := m.Values[TargetW][i] + (fix.ShrZ(m.sum(p, i), bits)+m.update[i])<<bits
		m.Values[TargetW][i] = fix.Clamp(w, lo, hi)
		if m.learns(p, i) {
			m.Updates++
		}
	}
}

// learns tells that a product of the synapse is alive (Product.Multiply).
func (m *perSynapse) learns(p, i int) bool {
	c := m.Contacts[i]
	for j := range m.Rule.Sums[TargetW] {
		q := &m.Rule.Sums[TargetW][j]
		if !m.open(p, c, q.Gate) {
			continue
		}
		if _, alive := q.Multiply(func(v Variable) int64 { return m.value(v, c, i) }); alive {
			return true
		}
	}
	return false
}

func (m *perSynapse) decay() {
	for t := range m.Trace {
		for i, x := range m.Trace[t] {
			floor, _ := m.learning.Decay(m.Rule.Traces[t], x)
			m.Trace[t][i] = floor + m.flags[t][i]
		}
	}
}

// sum is the rule's change of a weight, rounded away from zero.
func (m *perSynapse) sum(p, i int) int64 {
	total := 0.0
	for j := range m.Rule.Sums[TargetW] {
		total += m.real(p, i, &m.Rule.Sums[TargetW][j])
	}
	if total < 0 {
		return int64(math.Floor(total))
	}
	return int64(math.Ceil(total))
}

func (m *perSynapse) real(p, i int, q *Product) float64 {
	c := m.Contacts[i]
	if !m.open(p, c, q.Gate) {
		return 0
	}
	x := math.Ldexp(float64(q.Mant), int(q.Exp))
	for _, f := range q.Factors {
		v := m.value(f.Var, c, i) + int64(f.Add)
		if f.Sgn {
			v = sign(v)
		}
		x *= float64(v)
	}
	return x
}

// open tells whether a product of that gate counts in row p.
func (m *perSynapse) open(p int, c Contact, gate Gate) bool {
	switch gate {
	case GateX0:
		return m.pre[c.Pre]
	case GateY0:
		return m.pst[c.Post]
	}
	return p%(1<<m.Rule.Decimate) == 0
}

func (m *perSynapse) value(v Variable, c Contact, i int) int64 {
	switch v {
	case X0:
		return truth[int64](m.pre[c.Pre])
	case Y0:
		return truth[int64](m.pst[c.Post])
	case W, T, D:
		return m.Values[targetOf[v]][i]
	}
	return m.Trace[v.TraceIndex()][i]
}
