package decolle

import (
	"math"

	"decc/ir/spikes"
)

// pre is P of a layer as the learning rule sees it: the float trace, or the
// difference of two integer traces with stochastic decay (onchip-learning.md 2),
//
//	x = (x (4096 - decay) + rnd_12) >> 12;   on a spike x = min(largest, x + Impulse)
//	P = (x2 - x1) InputGain / ((Alpha - Beta) Impulse)
//
// where x2 decays with the membrane (Alpha) and x1 with the synapse (Beta).
type pre[F Float] struct {
	integer bool
	keep    [2]int64 // 4096 less the decay of x1, x2
	impulse int64
	largest int64
	scale   float64    // of x2 - x1
	x       [][2]int64 // x1, x2 by input line
}

// traceOne is 1 in the fixed point of the trace decays, 12 bits as on the chip.
const traceOne = 1 << 12

func newPre[F Float](n *Network[F], l int, cfg *Learning) *pre[F] {
	p := &pre[F]{integer: cfg.TraceBits > 0}
	if !p.integer {
		return p
	}
	d := n.spec.Dynamics()
	p.keep = [2]int64{traceKeep(d.Beta), traceKeep(d.Alpha)}
	p.impulse, p.largest = int64(cfg.Layers[l].Impulse), int64(traceMax(cfg.TraceBits))
	p.scale = d.InputGain / float64((d.Alpha-d.Beta)*float64(p.impulse))
	p.x = make([][2]int64, n.layers[l].geo.in.Size())
	return p
}

// traceKeep is the part of a trace that a row leaves, in 1/4096.
func traceKeep(decay float64) int64 { return traceOne - int64(math.Round(traceOne*(1-decay))) }

func (p *pre[F]) reset() { clear(p.x) }

// advance takes the integer traces of the lines that have fired one row on; fired are
// those lines, in are the spikes of the row. One random value serves both traces of a
// line: its upper 12 bits x2, the next 12 bits x1.
func (p *pre[F]) advance(fired []int32, in spikes.Train, noise stream) {
	for _, j := range fired {
		x, random := &p.x[j], noise.bits(uint64(j))
		x[1] = (x[1]*p.keep[1] + int64(random>>52)) / traceOne
		x[0] = (x[0]*p.keep[0] + int64(random>>40&(traceOne-1))) / traceOne
	}
	for _, e := range in {
		for k, x := range p.x[e.Index] {
			p.x[e.Index][k] = min(max(x+p.impulse*int64(e.Payload), 0), p.largest)
		}
	}
}

// at is P of line j.
func (p *pre[F]) at(t *trace[F], j int32) F {
	if !p.integer {
		return t.p[j]
	}
	return F(float64(p.x[j][1]-p.x[j][0]) * p.scale)
}
