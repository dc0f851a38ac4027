package ir

import (
	"math/big"
	"slices"

	"decc/ir/sem"
)

// Bounds gives, for each group, the intervals from which its values can be proved:
// of each param its least and greatest value, of each port what can arrive in one
// row. Every synapse brings at most one spike a row, with the extreme payload where
// it is graded; joins bring what the out value can be. m must pass Verify; give the
// result to sem.Ranges.
func Bounds(m *Module) map[string]sem.Bounds { return newBounder(m).all() }

// payloadType is what a spike can carry (spikes.Event).
var payloadType = sem.Type{Bits: 32, Signed: true}

// bounder computes Bounds.
type bounder struct {
	m        *Module
	into     map[[2]string][]*Synapse // by group and port
	joined   map[[2]string][]*Join    // by group and port
	payloads map[string][2]int64      // by source, of those known so far
	groups   map[string]*Group
	open     map[string]bool         // groups whose payload is being worked out
	outs     map[string]sem.Interval // of the groups done so far
}

func newBounder(m *Module) *bounder {
	b := &bounder{
		m: m, into: map[[2]string][]*Synapse{}, joined: map[[2]string][]*Join{},
		payloads: map[string][2]int64{}, outs: map[string]sem.Interval{}, groups: map[string]*Group{}, open: map[string]bool{},
	}
	for _, s := range m.Synapses {
		key := [2]string{s.Post, s.Port}
		b.into[key] = append(b.into[key], s)
	}
	for _, j := range m.Joins {
		key := [2]string{j.To, j.Port}
		b.joined[key] = append(b.joined[key], j)
	}
	for _, in := range m.Inputs {
		b.payloads[in.Name] = inputPayload(in)
	}
	for _, g := range m.Groups {
		b.groups[g.Name] = g
	}
	return b
}

func (b *bounder) all() map[string]sem.Bounds {
	all := make(map[string]sem.Bounds, len(b.m.Groups))
	for _, g := range JoinOrder(b.m) {
		all[g.Name] = b.group(g)
	}
	return all
}

func (b *bounder) group(g *Group) sem.Bounds {
	bounds := paramBounds(g)
	for _, f := range g.Program.FieldsOf(sem.Port) {
		name := g.Program.Fields[f].Name
		key := [2]string{g.Name, name}
		x := b.synapses(g.N, b.into[key])
		for _, j := range b.joined[key] {
			x = sum(x, b.outs[j.From])
		}
		bounds[name] = x
	}
	// After an escape the slots up to it are known; the row ir/range reports it.
	b.outs[g.Name] = sem.Span(0, 0)
	intervals, _ := sem.Ranges(&g.Program.Program, bounds)
	if out := int(g.Program.Out); out >= 0 && out < len(intervals) {
		b.outs[g.Name] = intervals[out]
	}
	return bounds
}

func sum(x, y sem.Interval) sem.Interval {
	return sem.Interval{Lo: new(big.Int).Add(x.Lo, y.Lo), Hi: new(big.Int).Add(x.Hi, y.Hi)}
}

func paramBounds(g *Group) sem.Bounds {
	bounds := sem.Bounds{}
	for _, f := range g.Program.FieldsOf(sem.Param) {
		field := g.Program.Fields[f]
		bounds[field.Name] = sem.Span(field.Default, field.Default)
	}
	for _, p := range g.Params {
		bounds[p.Name] = sem.Span(int64(slices.Min(p.Values.Data)), int64(slices.Max(p.Values.Data)))
	}
	return bounds
}

func inputPayload(in *Input) [2]int64 {
	if in.Payload == (sem.Type{}) {
		return [2]int64{1, 1}
	}
	lo, hi := in.Payload.Limits()
	return [2]int64{lo, hi}
}

// payload is what a source can send when as much arrives as can; in a ring of groups that send
// values to each other one of them is taken to send what it can whatever arrives.
func (b *bounder) payload(source string) [2]int64 {
	if known, ok := b.payloads[source]; ok {
		return known
	}
	g := b.groups[source]
	bounds := paramBounds(g)
	if b.open[source] || g.Program.Payload == sem.NoRef {
		return groupPayload(g, bounds)
	}
	b.open[source] = true
	for _, f := range g.Program.FieldsOf(sem.Port) {
		name := g.Program.Fields[f].Name
		if key := [2]string{source, name}; len(b.joined[key]) == 0 {
			bounds[name] = b.synapses(g.N, b.into[key])
		}
	}
	b.payloads[source] = groupPayload(g, bounds)
	return b.payloads[source]
}

// groupPayload is what the program can send within the bounds of its params and ports, as far as
// they are known, and within what a spike can carry; the row ir/range makes sure that it carries it.
func groupPayload(g *Group, bounds sem.Bounds) [2]int64 {
	lo, hi := payloadType.Limits()
	if g.Program.Payload == sem.NoRef {
		return [2]int64{1, 1}
	}
	intervals, err := sem.Ranges(&g.Program.Program, bounds)
	if err != nil {
		return [2]int64{lo, hi}
	}
	x := intervals[g.Program.Payload]
	return [2]int64{within(x.Lo, lo, hi), within(x.Hi, lo, hi)}
}

// within is x limited to lo..hi.
func within(x *big.Int, lo, hi int64) int64 {
	if !x.IsInt64() {
		return [3]int64{lo, 0, hi}[x.Sign()+1]
	}
	return min(max(x.Int64(), lo), hi)
}

// saturated bounds the sums: beyond any port's type, and two fit an int64.
const saturated = 1 << 61

// satMul is x*y for non-negative x and y.
func satMul(x, y int64) int64 {
	if x != 0 && y > saturated/x {
		return saturated
	}
	return x * y
}

func satAdd(x, y int64) int64 { return min(max(x+y, -saturated), saturated) }

// satScale is sem.ScaleSum; a sum beyond 2^40 is saturated first.
func satScale(x int64, exp int) int64 {
	switch {
	case x > 1<<40:
		return saturated
	case x < -1<<40:
		return -saturated
	}
	return sem.ScaleSum(x, exp)
}

// totals are the least and greatest sums that can arrive at the compartments of a
// group in one row. Where few of many compartments have synapses, index numbers
// those that do.
type totals struct {
	index  map[int32]int32
	lo, hi []int64
}

func newTotals(n int, synapses []*Synapse) *totals {
	entries, lists := 0, true
	for _, s := range synapses {
		entries += len(s.Weights.Data)
		lists = lists && s.IsList()
	}
	t := &totals{}
	if lists && entries < n/4 {
		n, t.index = entries, make(map[int32]int32, entries)
	}
	t.lo, t.hi = make([]int64, n), make([]int64, n)
	return t
}

// at is the place of a compartment.
func (t *totals) at(post int32) int32 {
	if t.index == nil {
		return post
	}
	i, ok := t.index[post]
	if !ok {
		i = int32(len(t.index))
		t.index[post] = i
	}
	return i
}

// synapses bounds what the synapses, all into one port of a group of n, can bring
// to any one compartment in one row; silence is always possible.
func (b *bounder) synapses(n int, list []*Synapse) sem.Interval {
	t := newTotals(n, list)
	for _, s := range list {
		add := b.adder(s, t)
		switch {
		case s.IsList():
			listSums(s, b.m.Profile, t, add)
		case s.IsConv():
			convSums(s, b.m.Profile, n, add)
		default:
			denseSums(s, b.m.Profile, n, add)
		}
	}
	lo, hi := int64(0), int64(0)
	for i := range t.lo {
		lo, hi = min(lo, t.lo[i]), max(hi, t.hi[i])
	}
	return sem.Span(lo, hi)
}

// weightTable holds the effective weight of every mantissa, at index mantissa+256.
func weightTable(profile sem.ProfileID, f sem.WeightFormat) (table [512]int64) {
	for i := range table {
		table[i] = sem.Profiles[profile].Weight(f, int64(i-256))
	}
	return table
}

// reach is the positive and the negative part of what each mantissa can bring, at index
// mantissa+256: a plastic synapse can reach every weight of its format.
func reach(s *Synapse, profile sem.ProfileID) (pos, neg [512]int64) {
	table := weightTable(profile, s.Format)
	lo, hi := int64(0), int64(0)
	if s.Rule != "" {
		learning := profile.Learning()
		lo, hi = learning.Limits(sem.TargetW, s.Format)
		lo, hi = learning.Effective(s.Format, lo), learning.Effective(s.Format, hi)
	}
	for i, w := range table {
		pos[i], neg[i] = max(w, hi, 0), min(w, lo, 0)
	}
	return pos, neg
}

// denseSums calls add with the positive and the negative sum of every row of a matrix.
func denseSums(s *Synapse, profile sem.ProfileID, n int, add func(i int32, pos, neg int64)) {
	up, down := reach(s, profile)
	pre := len(s.Weights.Data) / n
	for i := range n {
		pos, neg := int64(0), int64(0)
		for _, m := range s.Weights.Data[i*pre : (i+1)*pre] {
			pos, neg = pos+up[m+256], neg+down[m+256]
		}
		add(int32(i), pos, neg)
	}
}

// convSums adds the weights of a kernel over its channels first: a target's sums then take a
// tap of the kernel's rows and columns each, not one of every channel.
func convSums(s *Synapse, profile sem.ProfileID, n int, add func(i int32, pos, neg int64)) {
	up, down := reach(s, profile)
	k := s.Weights.Shape
	area := k[2] * k[3]
	plane := *s.Conv
	plane.In[0], plane.Groups = 1, 1
	shape := []int{k[0], 1, k[2], k[3]}
	pos, neg := make([]int64, k[0]*area), make([]int64, k[0]*area)
	for i, m := range s.Weights.Data {
		if m != 0 {
			tap := i/area/k[1]*area + i%area
			pos[tap], neg[tap] = pos[tap]+up[m+256], neg[tap]+down[m+256]
		}
	}
	out := s.Conv.Out(k)
	for i := range n {
		o, y, x := i/out[2]/out[1], i/out[2]%out[1], i%out[2]
		p, q := int64(0), int64(0)
		plane.taps(shape, y, x, func(_, _, weight int) {
			p, q = p+pos[o*area+weight], q+neg[o*area+weight]
		})
		add(int32(i), p, q)
	}
}

func listSums(s *Synapse, profile sem.ProfileID, t *totals, add func(i int32, pos, neg int64)) {
	up, down := reach(s, profile)
	pos, neg := make([]int64, len(t.lo)), make([]int64, len(t.lo))
	for k, m := range s.Weights.Data {
		i := t.at(s.PrePost.Data[2*k+1])
		pos[i], neg[i] = pos[i]+up[m+256], neg[i]+down[m+256]
	}
	for i := range pos {
		add(int32(i), pos[i], neg[i])
	}
}

// adder turns the sums of the positive and the negative weights of a compartment
// into what the synapse can bring, and adds it to the totals.
func (b *bounder) adder(s *Synapse, t *totals) func(i int32, pos, neg int64) {
	payload := [2]int64{1, 1}
	if s.Graded {
		payload = b.payload(s.Pre)
	}
	up, down := max(payload[1], 0), max(-payload[0], 0)
	scale, slack := func(x int64) int64 { return x }, int64(0)
	if sem.Profiles[b.m.Profile].ExpOnSum {
		scale = func(x int64) int64 { return satScale(x, s.Format.Exp) }
		slack = floorSlack(s)
	}
	return func(i int32, pos, neg int64) {
		hi := satAdd(satMul(pos, up), satMul(-neg, down))
		lo := -satAdd(satMul(pos, down), satMul(-neg, up))
		t.hi[i] = satAdd(t.hi[i], scale(hi))
		t.lo[i] = satAdd(t.lo[i], scale(lo)-slack)
	}
}

// floorSlack is what rounding the sum of each delay slot down by itself can take
// off the sum of all: less than one unit of the weight a slot after the first.
func floorSlack(s *Synapse) int64 {
	if s.Format.Exp >= 0 || s.Delay == nil || len(s.Delay.Data) < 2 {
		return 0
	}
	return sem.ScaleSum(int64(slices.Max(s.Delay.Data)-slices.Min(s.Delay.Data)), 0)
}

// InputPayload is the least and greatest payload that the spikes of an input can carry.
func InputPayload(in *Input) (lo, hi int64) {
	x := inputPayload(in)
	return x[0], x[1]
}
