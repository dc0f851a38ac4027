package llvm

import (
	"math"

	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"decc/ir/sem"
)

// replayed are the thresholds of a recording, which come with the request in place of drawn ones: of traces by row and site, of
// impulses by row, whether it is the second in an epoch, and site, of updates by row and place. nil where nothing asks.
type replayed struct {
	decays, impulses [traces]value.Value
	updates          [targets]value.Value
}

// newReplayed makes the variables that hold where they stand in the request.
func (u *unit) newReplayed(p *plastic) {
	r := &replayed{}
	p.replayed = r
	words := types.NewPointer(i64)
	for i, t := range p.traces {
		if t.moves {
			r.decays[i] = u.variable(named("%s decays %s", p.Name, t.variable), words)
			r.impulses[i] = u.variable(named("%s impulses %s", p.Name, t.variable), words)
		}
	}
	for t := range targets {
		if p.updated(t) {
			r.updates[t] = u.variable(named("%s updates %d", p.Name, t), words)
		}
	}
}

// updated tells that a learned variable is rounded: emulators other than Lava round all weights whatever changes them.
func (p *plastic) updated(t int) bool {
	return len(p.rule.Sums[t]) > 0 || t == int(sem.TargetW) && !p.learning.Epochs
}

// readReplayed takes the thresholds of all plastic synapses from the request: of one row more than it runs, as emulators number rows
// from the one in which spikes arrive.
func (x *runner) readReplayed(c *code) {
	rows := c.add(c.load(x.rows), n64(1))
	for _, p := range x.u.plastic {
		for i, t := range p.traces {
			if t.moves {
				c.store(x.words(c, c.mul(rows, n64(t.sites))), p.replayed.decays[i])
				c.store(x.words(c, c.mul(rows, n64(2*t.sites))), p.replayed.impulses[i])
			}
		}
		for t := range p.replayed.updates {
			if at := p.replayed.updates[t]; at != nil {
				c.store(x.words(c, c.mul(rows, n64(p.size))), at)
			}
		}
	}
}

// words are n of a list from i on.
func (r *replayed) words(c *code, list, i value.Value, n int) value.Value {
	if n == 1 {
		return c.fetch(c.load(list), i)
	}
	return c.fetchLanes(c.load(list), i, n, 1)
}

// threshold is words as real numbers.
func (r *replayed) threshold(c *code, list, i value.Value, n int) value.Value {
	return c.at.NewBitCast(r.words(c, list, i, n), reals(n))
}

// replayLayout tells what thresholds plastic synapses ask for.
type replayLayout struct {
	traces  []traceLayout
	updates []sem.Target
	keys    []int64 // numbers of the synapses that key their random bits, by place; nowhere where there is none
}

type traceLayout struct {
	variable sem.Variable
	sites    []int64 // what thresholds are asked for by; nowhere where there is nobody
}

func (p *plastic) replayLayout() *replayLayout {
	if p.replayed == nil {
		return nil
	}
	l := &replayLayout{keys: nobody(p.size)}
	for i, k := range p.contacts {
		l.keys[p.place(k, i)] = int64(k.post)*int64(p.sources) + int64(k.pre)
	}
	for _, t := range p.traces {
		if !t.moves {
			continue
		}
		sites := l.keys
		if !p.learning.BySynapse {
			sites = nobody(t.sites)
			for i := range [2]int{p.sources, p.post.N}[t.side] {
				sites[i] = int64(i)
			}
		}
		l.traces = append(l.traces, traceLayout{t.variable, sites})
	}
	for t := range targets {
		if p.updated(t) {
			l.updates = append(l.updates, sem.Target(t))
		}
	}
	return l
}

func nobody(n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = nowhere
	}
	return list
}

// encode asks a recording for all thresholds of a run.
func (l *replayLayout) encode(w *words, th sem.Thresholds, rows int) {
	for _, t := range l.traces {
		w.each(rows+1, t.sites, func(row, site int) int64 { return int64(math.Float64bits(th.Decay(t.variable, row, site))) })
		w.each(2*(rows+1), t.sites, func(row, site int) int64 { return th.Impulse(t.variable, row/2, site, row%2 == 1) })
	}
	for _, t := range l.updates {
		w.each(rows+1, l.keys, func(row, key int) int64 { return int64(math.Float64bits(th.Update(t, row, key))) })
	}
}

func (w *words) each(rows int, sites []int64, of func(row, site int) int64) {
	for row := range rows {
		for _, site := range sites {
			x := int64(0)
			if site != nowhere {
				x = of(row, int(site))
			}
			w.add(x)
		}
	}
}
