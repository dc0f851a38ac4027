package llvm

import (
	"cmp"
	"math/big"
	"math/bits"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
)

// fan is an ir.Synapse: what the spikes of its source bring to a port.
type fan struct {
	*ir.Synapse
	sources  int
	post     *group
	port     *port
	contacts []contact // by source, then delay, then target
	reach    []int64   // synapses that a spike of each source visits
	deepest  int       // delay
	// scaled is the exponent that acts on the sums of a row, 0 where it is in the weights.
	scaled   int
	expOnSum bool // of the profile
	plastic  *plastic
	send     *llir.Func
}

// contact is one synapse; number is its place among those of its object.
type contact struct {
	pre, post, delay int32
	number           int32
	weight           int64
}

// maxContacts bounds what is written into one module: 2^26 synapses are 512 MiB of tables.
const maxContacts = 1 << 26

// newFan lists the synapses of an object.
func (u *unit) newFan(s *ir.Synapse) *fan {
	profile := sem.Profiles[u.m.Profile]
	f := &fan{Synapse: s, post: u.byName[s.Post]}
	f.port = f.post.port(s.Port)
	f.sources, _ = u.m.SourceSize(s.Pre)
	up := uint(0)
	if f.expOnSum = profile.ExpOnSum; f.expOnSum {
		if up = sumUnit + uint(max(s.Format.Exp, 0)); s.Format.Exp < 0 {
			f.scaled, up = s.Format.Exp, 0
		}
	}
	s.Each(func(pre, post int, mantissa int64, delay int) {
		f.contacts = append(f.contacts, contact{int32(pre), int32(post), int32(delay), int32(len(f.contacts)), profile.Weight(s.Format, mantissa) << up})
		f.deepest = max(f.deepest, delay)
	})
	f.reach = make([]int64, f.sources)
	for _, k := range f.contacts {
		f.reach[k.pre]++
	}
	f.sort()
	if s.Rule == "" {
		f.sumTwice()
	}
	return f
}

func (f *fan) sort() {
	slices.SortFunc(f.contacts, func(a, b contact) int {
		if a.pre != b.pre {
			return cmp.Compare(a.pre, b.pre)
		}
		return cmp.Or(cmp.Compare(a.delay, b.delay), cmp.Compare(a.post, b.post), cmp.Compare(a.number, b.number))
	})
}

// merged are the fans with those made one that bring fixed weights from one source to one port: excitatory and inhibitory synapses
// for example, which models keep apart.
func merged(list []*fan) []*fan {
	var out []*fan
	for _, f := range list {
		i := slices.IndexFunc(out, func(o *fan) bool { return o.joins(f) })
		if i < 0 {
			out = append(out, f)
			continue
		}
		o := out[i]
		o.contacts = append(o.contacts, f.contacts...)
		o.deepest = max(o.deepest, f.deepest)
		for k, n := range f.reach {
			o.reach[k] += n
		}
		o.sort()
		o.sumTwice()
	}
	return out
}

// joins tells that two fans can be delivered as one.
func (f *fan) joins(o *fan) bool {
	fixed := f.plastic == nil && o.plastic == nil && f.scaled == 0 && o.scaled == 0
	return fixed && f.Pre == o.Pre && f.port == o.port && f.Graded == o.Graded
}

// sumTwice makes one of synapses that agree in source, delay and target: a spike brings their sum.
func (f *fan) sumTwice() {
	kept := f.contacts[:0]
	for _, k := range f.contacts {
		if n := len(kept); n > 0 && kept[n-1].pre == k.pre && kept[n-1].delay == k.delay && kept[n-1].post == k.post {
			kept[n-1].weight += k.weight
			continue
		}
		kept = append(kept, k)
	}
	f.contacts = kept
}

// sumUnit is the place of a unit of weight in a sum: sem.ScaleSum.
const sumUnit = 6

// layPorts gives every port the accumulators that its synapses need.
func (u *unit) layPorts() {
	for _, g := range u.groups {
		for _, p := range g.ports {
			p.lay(u, g)
		}
	}
}

func (p *port) lay(u *unit, g *group) {
	p.shift = mostZeros
	for _, f := range u.fans {
		if f.port == p {
			p.slots = max(p.slots, f.deepest+1)
			p.shift = min(p.shift, f.zeros())
		}
	}
	if p.slots == 0 {
		return
	}
	p.bits = 64
	if r := u.ranges.bounds[g.Name][p.name]; len(p.joins) == 0 {
		p.bits = width(sem.Interval{Lo: new(big.Int).Rsh(r.Lo, p.shift), Hi: new(big.Int).Rsh(r.Hi, p.shift)})
	}
	p.memory = u.zeros(named("%s.%s", g.Name, p.name), p.bits, p.slots*p.lanes)
}

// mostZeros is the greatest unit of accumulators, as a power of two.
const mostZeros = 24

// zeros is how many low bits of everything that the fan brings are 0.
func (f *fan) zeros() uint {
	switch {
	case f.plastic != nil:
		return f.plastic.zeros()
	case f.scaled != 0:
		return sumUnit
	}
	all := int64(1) << mostZeros
	for _, c := range f.contacts {
		all |= c.weight
	}
	return uint(bits.TrailingZeros64(uint64(all)))
}

// uniform tells that all delays are those of the first synapse.
func (f *fan) uniform() bool {
	return !slices.ContainsFunc(f.contacts, func(c contact) bool { return c.delay != f.contacts[0].delay })
}

// narrow is the width of weights in units of 2^unit: 8 or 16, 0 where they do not fit, and their greatest magnitude.
func (f *fan) narrow(unit uint) (width int, most int64) {
	width = 8
	for _, c := range f.contacts {
		w := c.weight >> unit
		most = max(most, w, -w)
		if w != int64(int8(w)) {
			width = 16
		}
	}
	if most > 1<<11 {
		return 0, most
	}
	return width, most
}

// writeSend chooses how the fan is delivered: by whole rows of targets, by runs of them, or one by one.
func (u *unit) writeSend(f *fan) {
	unit := f.zeros()
	if f.plastic != nil {
		u.writePlasticSend(f)
		return
	}
	narrow, most := 0, int64(0)
	if !f.Graded && f.scaled == 0 && len(f.contacts) > 0 {
		narrow, most = f.narrow(unit)
	}
	lanes := (f.post.N + rowLanes - 1) / rowLanes * rowLanes
	if narrow > 0 && f.uniform() && 4*len(f.contacts) >= f.sources*lanes {
		u.writeRows(f, unit, narrow, most, lanes)
		return
	}
	if narrow > 0 {
		if runs := f.runs(unit); runs.lanes <= 6*len(f.contacts) {
			u.writeRuns(f, runs, unit, narrow)
			return
		}
	}
	u.writeContacts(f)
}

// sender begins the function that delivers a fan: list and count of who fired, with what payload,
// and the row in which it arrives without delay.
func (u *unit) sender(f *fan) *code {
	c := u.function(f.Name+" send", types.Void, arg("list", types.NewPointer(i32)), arg("count", i64), arg("sent", types.NewPointer(i32)), arg("row", i64))
	f.send = c.fn
	return c
}

// given are the params of a sender.
func (c *code) given(i int) value.Value { return c.fn.Params[i] }

// writeContacts delivers synapse by synapse.
func (u *unit) writeContacts(f *fan) {
	c := u.sender(f)
	starts := u.starts(f)
	posts := u.table(f.Name+" posts", 32, column(f.contacts, func(k contact) int64 { return int64(k.post) }))
	weightBits := 32
	unit := f.port.shift
	if f.scaled != 0 {
		unit = 0
	}
	weights := column(f.contacts, func(k contact) int64 { return k.weight >> unit })
	if slices.ContainsFunc(weights, func(w int64) bool { return w != int64(int32(w)) }) {
		weightBits = 64
	}
	table := u.table(f.Name+" weights", weightBits, weights)
	to := u.destination(f, c)
	c.fired(func(member, payload value.Value) {
		first, after := c.fetch(starts, member), c.fetch(starts, c.add(member, n64(1)))
		c.each(c.as(first, 64), c.as(after, 64), 1, func(i value.Value) {
			w := c.as(c.fetch(table, i), to.bits)
			if f.Graded && payload != nil {
				w = c.mul(w, c.as(payload, to.bits))
			}
			to.add(c, i, c.as(c.fetch(posts, i), 64), w)
		})
	}, f.Graded)
	to.flush(c)
	c.at.NewRet(nil)
}

// starts are the first synapse of every source, and the end of the last.
func (u *unit) starts(f *fan) value.Value {
	starts := make([]int64, f.sources+1)
	for _, k := range f.contacts {
		starts[k.pre+1]++
	}
	for i := range f.sources {
		starts[i+1] += starts[i]
	}
	return u.table(f.Name+" starts", 32, starts)
}

func column(list []contact, of func(contact) int64) []int64 {
	out := make([]int64, len(list))
	for i, k := range list {
		out[i] = of(k)
	}
	return out
}

// fired visits who fired, with the payload where it is asked for and the source has one.
func (c *code) fired(visit func(member, payload value.Value), graded bool) {
	c.each(n64(0), c.given(1), 1, func(i value.Value) {
		var payload value.Value
		if graded {
			payload = c.fetch(c.given(2), i)
		}
		visit(c.as(c.fetch(c.given(0), i), 64), payload)
	})
}

// destination is where single synapses add: accumulators of the row by delay, or the sums of the
// row that are scaled at its end.
type destination struct {
	f      *fan
	bits   int
	delays value.Value // by synapse; nil where all are alike
	slot   value.Value // of the accumulators, where all delays are alike
	first  value.Value // slot number without delay
	sums   value.Value // by delay and target
	lanes  int
}

func (u *unit) destination(f *fan, c *code) *destination {
	d := &destination{f: f, bits: f.port.bits, lanes: f.port.lanes}
	if f.scaled != 0 {
		d.bits = 64
		d.sums = u.zeros(f.Name+" sums", 64, (f.deepest+1)*f.port.lanes)
	}
	same := len(f.contacts) == 0 || f.uniform()
	if same && f.plastic == nil && f.scaled == 0 {
		delay := 0
		if len(f.contacts) > 0 {
			delay = int(f.contacts[0].delay)
		}
		d.slot = c.slot(f.port, c.add(c.given(3), n64(delay)))
		return d
	}
	d.first = c.at.NewURem(c.given(3), n64(f.port.slots))
	if f.plastic == nil {
		d.delays = u.table(f.Name+" delays", 8, column(f.contacts, func(k contact) int64 { return int64(k.delay) }))
	}
	return d
}

// add adds w to what synapse i brings to its target.
func (d *destination) add(c *code, i, post, w value.Value) {
	var delay value.Value
	if d.delays != nil {
		delay = c.unsigned(c.fetch(d.delays, i), 64)
	}
	d.addLate(c, delay, post, w)
}

func (d *destination) addLate(c *code, delay, post, w value.Value) {
	at := d.slot
	switch {
	case d.sums != nil:
		at = c.place(d.sums, c.mul(delay, n64(d.lanes)))
	case at == nil:
		at = c.place(d.f.port.memory, c.mul(c.turned(c.add(d.first, delay), d.f.port.slots), n64(d.lanes)))
	}
	to := c.place(at, post)
	c.store(c.add(c.load(to), w), to)
}

// turned is a slot number below 2n modulo n.
func (c *code) turned(x value.Value, n int) value.Value {
	return c.sel(c.cmp(enum.IPredSGE, x, n64(n)), c.sub(x, n64(n)), x)
}

// flush scales the sums of the row, adds them to the accumulators and clears them.
func (d *destination) flush(c *code) {
	if d.sums == nil {
		return
	}
	f, p := d.f, d.f.port
	c.each(n64(0), n64(f.deepest+1), 1, func(delay value.Value) {
		from := c.place(d.sums, c.mul(delay, n64(d.lanes)))
		to := c.place(p.memory, c.mul(c.turned(c.add(d.first, delay), p.slots), n64(d.lanes)))
		c.each(n64(0), n64(turns(f.post.N)), together, func(i value.Value) {
			sum := c.fetchLanes(from, i, together, together)
			c.putLanes(like(sum, 0), from, i, together)
			scaled := c.shl(c.ashr(sum, uint(-f.scaled)), sumUnit-p.shift)
			c.putLanes(c.add(c.fetchLanes(to, i, together, together), c.as(scaled, p.bits)), to, i, together)
		})
	})
}

// tooLarge is the diagnostic of a module beyond the size that is written.
func tooLarge(m *ir.Module, n int, what string, limit int) error {
	return diag.Errorf(m.Pos, codeSize, "module @%s has %d %s, at most %d are written into one program", m.Name, n, what, limit).
		WithFix("use --engine chip, which shares weights and needs no tables, or a smaller network")
}
