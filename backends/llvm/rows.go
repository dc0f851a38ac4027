package llvm

import (
	"encoding/binary"

	"github.com/llir/llvm/ir/value"
)

// rowLanes are the targets of one vector of weights, tile the vectors that a turn keeps in registers.
const (
	rowLanes = 32
	tile     = 8
)

// writeRows delivers a fan whose sources reach most of the targets: the rows of weights of all that fired
// are added in lanes of 16 bits, which hold as many of the greatest weights as exact says, and
// then go to the accumulators.
func (u *unit) writeRows(f *fan, unit uint, narrow int, most int64, lanes int) {
	c := u.sender(f)
	weights := make([]int64, f.sources*lanes)
	for _, k := range f.contacts {
		weights[int(k.pre)*lanes+int(k.post)] = k.weight >> unit
	}
	table := u.table(f.Name+" rows", narrow, weights)
	to := c.slot(f.port, c.add(c.given(3), n64(int(f.contacts[0].delay))))
	exact := int(32767 / max(most, 1))
	vectors := lanes / rowLanes
	whole := vectors / tile * tile
	c.each(n64(0), c.given(1), exact, func(from value.Value) {
		after := c.min(c.add(from, n64(exact)), c.given(1))
		strip := func(lane value.Value, n int) {
			c.drainRows(to, lane, f, unit, c.sumRows(table, lane, n, lanes, from, after))
		}
		c.each(n64(0), n64(whole*rowLanes), tile*rowLanes, func(lane value.Value) { strip(lane, tile) })
		if rest := vectors - whole; rest > 0 {
			strip(n64(whole*rowLanes), rest)
		}
	})
	c.at.NewRet(nil)
}

// sumRows adds n vectors from a lane on of the rows of those who fired.
func (c *code) sumRows(table, lane value.Value, n, lanes int, from, after value.Value) []value.Value {
	sums := make([]value.Value, n)
	for i := range sums {
		sums[i] = num(vec(rowLanes, i16), 0)
	}
	return c.loop(from, after, 1, sums, func(i value.Value, sums []value.Value) []value.Value {
		row := c.place(table, c.add(c.mul(c.as(c.fetch(c.given(0), i), 64), n64(lanes)), lane))
		next := make([]value.Value, n)
		for j, x := range sums {
			next[j] = c.add(x, c.as(c.fetchLanes(row, n64(j*rowLanes), rowLanes, rowLanes), 16))
		}
		return next
	})
}

// drainRows adds sums to accumulators.
func (c *code) drainRows(to, lane value.Value, f *fan, unit uint, sums []value.Value) {
	for j, x := range sums {
		at := c.add(lane, n64(j*rowLanes))
		x = c.shl(c.as(x, f.port.bits), unit-f.port.shift)
		c.putLanes(c.add(c.fetchLanes(to, at, rowLanes, rowLanes), x), to, at, rowLanes)
	}
}

// runs are stretches of neighbouring targets, a list for each source. Stretches with the same weights share them.
type runs struct {
	starts                 []int64 // first run of each source, and the end of the last
	firsts, sizes, weights []int64 // first target, vectors, place of the weights
	delays                 []int64
	pool                   []int64
	lanes                  int // of all runs
	known                  map[string]int64
}

// gap is the number of targets without a synapse that a run goes over.
const gap = 16

// runs cuts the contacts of each source.
func (f *fan) runs(unit uint) *runs {
	r := &runs{starts: make([]int64, f.sources+1), known: map[string]int64{}}
	for at := 0; at < len(f.contacts); {
		end := at + 1
		for end < len(f.contacts) && f.contacts[end].follows(f.contacts[end-1]) {
			end++
		}
		r.add(f.contacts[at:end], unit)
		r.starts[f.contacts[at].pre+1]++
		at = end
	}
	for i := range f.sources {
		r.starts[i+1] += r.starts[i]
	}
	return r
}

// follows tells that k belongs to the run of before.
func (k contact) follows(before contact) bool {
	return k.pre == before.pre && k.delay == before.delay && k.post > before.post && k.post-before.post <= gap
}

func (r *runs) add(list []contact, unit uint) {
	first := list[0].post
	vectors := (int(list[len(list)-1].post-first) + rowLanes) / rowLanes
	weights := make([]int64, vectors*rowLanes)
	key := make([]byte, 0, 2*len(weights))
	for _, k := range list {
		weights[k.post-first] = k.weight >> unit
	}
	for _, w := range weights {
		key = binary.LittleEndian.AppendUint16(key, uint16(w))
	}
	at, known := r.known[string(key)]
	if !known {
		at = int64(len(r.pool) / rowLanes)
		r.known[string(key)] = at
		r.pool = append(r.pool, weights...)
	}
	r.firsts, r.sizes, r.weights, r.delays = append(r.firsts, int64(first)), append(r.sizes, int64(vectors)), append(r.weights, at), append(r.delays, int64(list[0].delay))
	r.lanes += len(weights)
}

// writeRuns delivers a fan by runs: their weights are added to the accumulators directly.
func (u *unit) writeRuns(f *fan, r *runs, unit uint, narrow int) {
	c := u.sender(f)
	starts, firsts, sizes := u.table(f.Name+" starts", 32, r.starts), u.table(f.Name+" firsts", 32, r.firsts), u.table(f.Name+" sizes", 32, r.sizes)
	places, delays, pool := u.table(f.Name+" places", 32, r.weights), u.table(f.Name+" delays", 8, r.delays), u.table(f.Name+" pool", narrow, r.pool)
	row := c.at.NewURem(c.given(3), n64(f.port.slots))
	c.fired(func(member, _ value.Value) {
		c.each(c.as(c.fetch(starts, member), 64), c.as(c.fetch(starts, c.add(member, n64(1))), 64), 1, func(i value.Value) {
			slot := c.turned(c.add(row, c.unsigned(c.fetch(delays, i), 64)), f.port.slots)
			to := c.place(f.port.memory, c.add(c.mul(slot, n64(f.port.lanes)), c.as(c.fetch(firsts, i), 64)))
			from := c.place(pool, c.mul(c.as(c.fetch(places, i), 64), n64(rowLanes)))
			c.each(n64(0), c.mul(c.as(c.fetch(sizes, i), 64), n64(rowLanes)), rowLanes, func(j value.Value) {
				w := c.shl(c.as(c.fetchLanes(from, j, rowLanes, rowLanes), f.port.bits), unit-f.port.shift)
				c.putLanes(c.add(c.fetchLanes(to, j, rowLanes, 1), w), to, j, 1)
			})
		})
	}, false)
	c.at.NewRet(nil)
}
