package sem

import "decc/ir/fix"

// Contact is one plastic synapse: its source, its target, and its number in the
// synapse object, which keys its random bits.
type Contact struct{ Pre, Post, Index int32 }

// RowEvents is what the learning engine hears of in one row: the members that fired,
// with their payloads, and what the neuron programs wrote into y1, y2 and y3 (nil
// where a trace is not written).
type RowEvents struct {
	Pre, Post []LearnSpike
	Written   [3][]int64
}

// LearnSpike is a spike as the learning engine hears of it.
type LearnSpike struct{ Index, Payload int32 }

// Thresholds are the random numbers of learning: a value is rounded up where its
// fraction is greater than the threshold, which is in [0, 1). Rows count from the
// reset; sites are members, or numbers of synapses where the profile keeps traces by synapse.
type Thresholds interface {
	Decay(v Variable, row, site int) float64
	// Impulse is in 1/256; second tells that the site spiked before in the same epoch.
	Impulse(v Variable, row, site int, second bool) int64
	Update(t Target, row, synapse int) float64
}

// Unit is the learning engine of a set of plastic synapses that share a rule, as short
// and obvious as it can be: every synapse is visited every epoch. It defines what
// learning means; faster engines are proved equal to it.
type Unit struct {
	Rule     *Rule
	Format   WeightFormat
	Contacts []Contact
	// Values are the learned variables by target: mantissas, delays, tags.
	Values [targetEnd][]int64
	// Trace holds the traces by TraceIndex and site: member of the trace's side, or place in
	// Contacts where the profile keeps traces BySynapse.
	Trace [traceCount][]int64
	// Updates counts since the reset how many times a synapse learned: spikes.Counts.LearningUpdates.
	Updates int64

	learning  *Learning
	pre, post int
	machine   machine
	ways      [targetEnd]Updater
}

// machine is the order of events of a profile.
type machine interface {
	row(k int, e RowEvents, th Thresholds)
}

// NewUnit makes the unit of synapses between pre sources and post targets with these
// mantissas; delays and tags may be nil for 0.
func NewUnit(p ProfileID, r *Rule, w WeightFormat, pre, post int, contacts []Contact, mantissas, delays, tags []int64) *Unit {
	u := &Unit{Rule: r, Format: w, Contacts: contacts, learning: p.Learning(), pre: pre, post: post}
	for t, given := range [targetEnd][]int64{TargetW: mantissas, TargetD: delays, TargetT: tags} {
		u.Values[t] = make([]int64, len(contacts))
		copy(u.Values[t], given)
	}
	for t := range targetEnd {
		u.ways[t] = u.learning.Updater(t, w)
	}
	for i, m := range u.Values[TargetW] {
		u.Values[TargetW][i] = u.learning.Start(w, m)
	}
	u.machine = u.learning.New(u)
	return u
}

// Reset clears the traces and keeps what was learned.
func (u *Unit) Reset() {
	for _, t := range u.Trace {
		clear(t)
	}
	u.Updates = 0
	u.machine = u.learning.New(u)
}

// Effective is what a spike over synapse i adds (Learning.Effective).
func (u *Unit) Effective(i int) int64 { return u.learning.Effective(u.Format, u.Values[TargetW][i]) }

// Row tells the unit the events of row k, after its spikes were sent; at the end of an
// epoch it learns.
func (u *Unit) Row(k int, e RowEvents, th Thresholds) { u.machine.row(k, e, th) }

// site gives every trace its memory.
func (u *Unit) sites(pre, post int) {
	for i, v := range TraceVariables {
		n := pre
		if Variables[v].Side == PostSide {
			n = post
		}
		if len(u.Trace[i]) != n {
			u.Trace[i] = make([]int64, n)
		}
	}
}

// update is the new value of a variable: old and the products of its sum.
func (u *Unit) update(t Target, old int64, products []int64, threshold func() float64) int64 {
	way := &u.ways[t]
	acc := way.Start(old)
	for _, m := range products {
		acc = way.Add(acc, m)
	}
	steps, rest := way.Split(acc)
	if rest != 0 && float64(rest)/float64(int64(1)<<way.Bits()) > threshold() {
		steps++
	}
	return way.Value(steps)
}

// Kicked is a trace after a spike: the whole part of the impulse, and one more where
// its fraction in 1/256 is greater than the threshold; at most 127. What the host wrote,
// which may have a sign, stays as it is.
func (t Trace) Kicked(x, threshold int64) int64 {
	if t.Host != HostNone {
		return x
	}
	x += int64(t.Impulse >> impulseBits)
	if threshold < int64(t.Impulse&(1<<impulseBits-1)) {
		x++
	}
	return fix.Clamp(x, 0, maxTrace)
}
