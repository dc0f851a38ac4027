package sem

import (
	"math"

	"decc/ir/fix"
)

// epochs is the machine of silicon and Lava: spikes of an epoch are noted, and at its end
// the traces of its rows are worked out, products are evaluated with the traces at the
// time that their gate names, and all targets change at once (hardware.md 3.3; golden/README.md).
type epochs struct {
	*Unit
	preAt, postAt []int // row of the last spike in the epoch from 1, 0 for none
	history       [traceCount][]int64
	written       [3]bool
	products      []int64
}

func newEpochs(u *Unit) machine {
	u.sites(u.pre, u.post)
	m := &epochs{Unit: u, preAt: make([]int, u.pre), postAt: make([]int, u.post)}
	for i := range m.history {
		m.history[i] = make([]int64, len(u.Trace[i])*(u.Rule.Epoch+1))
	}
	return m
}

func (m *epochs) row(k int, e RowEvents, th Thresholds) {
	s := k%m.Rule.Epoch + 1
	for _, a := range e.Pre {
		m.hearPre(k, s, a, th)
	}
	for _, a := range e.Post {
		m.hearPost(k, s, int(a.Index), th)
	}
	m.take(e.Written)
	if s == m.Rule.Epoch {
		m.learn(k, th)
	}
}

// hearPre notes a spike of a source; a second one in the epoch acts on the traces at once.
func (m *epochs) hearPre(k, s int, a LearnSpike, th Thresholds) {
	i := int(a.Index)
	spiked := m.graded(a)
	if !spiked {
		return
	}
	if m.preAt[i] > 0 {
		for _, v := range []Variable{X1, X2} {
			m.add(v, i, th.Impulse(v, k, i, true))
		}
	}
	m.preAt[i] = s
}

func (m *epochs) hearPost(k, s, i int, th Thresholds) {
	if m.postAt[i] > 0 {
		for _, v := range []Variable{Y1, Y2, Y3} {
			m.add(v, i, th.Impulse(v, k, i, true))
		}
	}
	m.postAt[i] = s
}

func (m *epochs) add(v Variable, i int, threshold int64) {
	t := v.TraceIndex()
	m.Trace[t][i] = m.Rule.Traces[t].Kicked(m.Trace[t][i], threshold)
}

// graded lets the payload act on x1 and reports whether it counts as a spike. Lava adds
// in 8 bits.
func (m *epochs) graded(a LearnSpike) bool {
	x := &m.Trace[X1.TraceIndex()][a.Index]
	half := int64(math.RoundToEven(float64(a.Payload) / 2))
	switch m.Rule.Graded {
	case GradedOverwrite:
		*x = half
	case GradedSaturate:
		*x = min(maxTrace, (*x+half)&0xff)
	case GradedOverflow:
		y := (*x + half) & 0xff
		if y <= maxTrace {
			*x = y
			return false
		}
		*x = y - maxTrace
	}
	return true
}

// take stores what neuron programs wrote.
func (m *epochs) take(written [3][]int64) {
	for i, values := range written {
		m.written[i] = values != nil
		for site, x := range values {
			if m.learning.Held {
				lo, hi := m.Rule.Traces[i+Y1.TraceIndex()].Limits()
				x = fix.Clamp(x, lo, hi)
			}
			m.Trace[i+Y1.TraceIndex()][site] = x
		}
	}
}

func (m *epochs) held(t int) bool {
	return t >= Y1.TraceIndex() && m.written[t-Y1.TraceIndex()]
}

// remember works out the traces of the epoch's rows: decay, then the impulse of the
// row's spike.
func (m *epochs) remember(k int, th Thresholds) {
	n := m.Rule.Epoch + 1
	for t, v := range TraceVariables {
		at := m.preAt
		if Variables[v].Side == PostSide {
			at = m.postAt
		}
		spec := m.Rule.Traces[t]
		for site, x := range m.Trace[t] {
			h := m.history[t][site*n : (site+1)*n]
			h[0] = x
			for row := 1; row < n; row++ {
				h[row] = m.next(v, spec, h[row-1], k-m.Rule.Epoch+row, site, th)
				if at[site] == row {
					h[row] = spec.Kicked(h[row], th.Impulse(v, k, site, false))
				}
			}
		}
	}
}

// next is a trace one row later.
func (m *epochs) next(v Variable, spec Trace, x int64, k, site int, th Thresholds) int64 {
	if m.learning.Held && m.held(v.TraceIndex()) {
		return x
	}
	floor, fraction := m.learning.Decay(spec, x)
	if fraction != 0 && fraction > th.Decay(v, k, site) {
		floor++
	}
	return floor
}

func (m *epochs) learn(k int, th Thresholds) {
	m.remember(k, th)
	for i := range m.Contacts {
		m.synapse(k, i, th)
	}
	n := m.Rule.Epoch + 1
	for t := range m.Trace {
		for site := range m.Trace[t] {
			if !m.held(t) {
				m.Trace[t][site] = m.history[t][site*n+n-1]
			}
		}
	}
	clear(m.preAt)
	clear(m.postAt)
}

// synapse gives one synapse its new values, all from the old ones.
func (m *epochs) synapse(k, i int, th Thresholds) {
	var next [targetEnd]int64
	learns := false
	for t := range targetEnd {
		next[t] = m.Values[t][i]
		if len(m.Rule.Sums[t]) > 0 {
			m.products = m.products[:0]
			for j := range m.Rule.Sums[t] {
				x, alive := m.product(k, i, &m.Rule.Sums[t][j])
				m.products, learns = append(m.products, x), learns || alive
			}
			next[t] = m.update(t, next[t], m.products, func() float64 { return th.Update(t, k, int(m.Contacts[i].Index)) })
		}
	}
	for t := range targetEnd {
		m.Values[t][i] = next[t]
	}
	if learns {
		m.Updates++
	}
}

// product is one product of a synapse, 0 where its gate is closed (Product.Multiply).
func (m *epochs) product(k, i int, p *Product) (result int64, alive bool) {
	c := m.Contacts[i]
	at := m.Rule.Epoch
	open := true
	switch p.Gate {
	case GateX0:
		at, open = m.preAt[c.Pre], m.preAt[c.Pre] > 0
	case GateY0:
		at, open = m.postAt[c.Post], m.postAt[c.Post] > 0
	default:
		open = m.Rule.Open(k)
	}
	if !open {
		return 0, false
	}
	return p.Multiply(func(v Variable) int64 { return m.value(v, c, i, at) })
}

// Open reports whether u_k is 1 at the end of row k.
func (r *Rule) Open(k int) bool { return (k+1)/r.Epoch%(1<<r.Decimate) == 0 }

// value is a variable of a synapse at row `at` of the epoch.
func (m *epochs) value(v Variable, c Contact, i, at int) int64 {
	switch v {
	case X0:
		return sign(int64(m.preAt[c.Pre]))
	case Y0:
		return sign(int64(m.postAt[c.Post]))
	case W:
		return m.Values[TargetW][i]
	case T:
		return m.Values[TargetT][i]
	case D:
		return m.Values[TargetD][i]
	}
	site := int(c.Pre)
	if Variables[v].Side == PostSide {
		site = int(c.Post)
	}
	return m.history[v.TraceIndex()][site*(m.Rule.Epoch+1)+at]
}
