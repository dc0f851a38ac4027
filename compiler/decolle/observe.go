package decolle

import "math"

// observation is what a replayed layer shows after a row, by object; one entry for
// each item, or a single one for objects of the whole batch.
type observation map[string][][]float64

// observe collects everything that a trace or a snapshot can hold of layer l, and
// keeps count of the spikes and of the size of the pooled potentials.
func (p *player[F]) observe(l int, loss float64, updated bool) observation {
	o := observation{"loss": {{loss}}}
	for n := range p.g.Batch {
		v, s := p.learner.batch.View(l, n), p.learner.batch.States(l, n)
		p.spikes += len(v.Spikes)
		for _, u := range v.U {
			p.minAbsU = min(p.minAbsU, math.Abs(float64(u)))
			p.sumAbsU += math.Abs(float64(u))
		}
		fired := make([]float64, len(v.U))
		for _, e := range v.Spikes {
			fired[e.Index] = 1
		}
		o.add("s", fired)
		o.add("u", widen(v.U))
		o.add("r", widen(v.Readout))
		o.add("P", widen(s.P))
		o.add("Q", widen(s.Q))
		o.add("R", widen(s.R))
		o.add("S", widen(s.S))
	}
	p.observeParameters(o, l, updated)
	return o
}

func (o observation) add(object string, x []float64) { o[object] = append(o[object], x) }

func (p *player[F]) observeParameters(o observation, l int, updated bool) {
	layer, grad := p.net.layers[l], p.learner.grads[l]
	o.add("W", layer.exportWeights(layer.w))
	o.add("b", widen(layer.b))
	if updated {
		o.add("dW", layer.exportWeights(grad.w))
		o.add("db", widen(grad.b))
	}
}

// checksum is [sum x_k, sum x_k^2, sum x_k cos(k+1)], and the magnitude that each
// is measured by: sum |x_k|, sum x_k^2, sum |x_k|.
func checksum(x []float64) (sums, scale [3]float64) {
	for k, v := range x {
		sums[0] += v
		sums[1] += float64(v * v)
		sums[2] += float64(v * math.Cos(float64(k+1)))
		scale[0] += math.Abs(v)
	}
	scale[1], scale[2] = sums[1], scale[0]
	return sums, scale
}
