package quantise

import (
	"math"

	"decc/compiler/decolle"
	"decc/ir/fix"
	"decc/ir/sem"
)

// plan is how one neuron becomes integers.
type plan struct {
	step  float64 // float weight of one code
	unit  float64 // v units of U = 1
	gain  int64   // current into voltage, of 4096
	codes []int32
	bias  int64
	wr    int64
	shift float64 // added to the float bias (a shift of the threshold)
}

// layerPlan is a layer's neurons and what they share.
type layerPlan struct {
	format  sem.WeightFormat
	neurons []plan
}

// headroom is what the integers leave free above what calibration saw: u and v
// are aimed at half of their 24-bit limits, and a current may rise this much above
// the mean drive that U shows.
const (
	target24     = 1 << 22
	currentPeak  = 4
	maxGain      = decayOne
	biasLimit24  = 1<<23 - 1
	mantissaBits = 9 // of a mixed mantissa including the dropped bit (hardware.md 1.5)
)

// codeLimit is the greatest code of b bits; -codeLimit-1 is not used, so that the
// grid is symmetric.
func codeLimit(bits int) float64 { return float64(int(1)<<(bits-1) - 1) }

// stepUnits is what one code adds to u: 64 * 2^(LSB + exp).
func stepUnits(f sem.WeightFormat) float64 {
	return math.Ldexp(64, int(f.LSB())+f.Exp)
}

// plans makes integers of all neurons of a layer with weight steps of factor times
// the step that lets the largest weight take the largest code.
func (q *quantiser) plans(l int, factor, shift []float64) layerPlan {
	base := q.baseSteps(q.params[l])
	lp := layerPlan{format: q.format(l, base), neurons: make([]plan, len(base))}
	for i := range lp.neurons {
		lp.neurons[i] = q.neuron(l, i, lp.format, base[i]*factor[i], shift[i])
	}
	return lp
}

// baseSteps is the weight step of each neuron at factor 1.
func (q *quantiser) baseSteps(p decolle.Parameters) []float64 {
	steps := make([]float64, len(p.B))
	fan := len(p.W) / len(p.B)
	widest := 0.0
	for i := range steps {
		steps[i] = largest(p.W[i*fan:(i+1)*fan]) / codeLimit(q.o.WeightBits)
		widest = max(widest, steps[i])
	}
	for i := range steps {
		if q.o.PerLayer || steps[i] == 0 {
			steps[i] = widest
		}
		if steps[i] == 0 {
			steps[i] = 1
		}
	}
	return steps
}

func largest(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

// format chooses the weight exponent of a layer: the largest that keeps the
// currents of all neurons (and, without a free gain, the voltages) within half of
// 24 bits, but not so small that mantissa bits are lost.
func (q *quantiser) format(l int, steps []float64) sem.WeightFormat {
	f := sem.WeightFormat{Bits: q.o.WeightBits, Sign: sem.Mixed}
	lossless := -int(f.LSB())
	for f.Exp = 7; f.Exp > lossless; f.Exp-- {
		if q.fits(l, steps, f) {
			break
		}
	}
	return f
}

func (q *quantiser) fits(l int, steps []float64, f sem.WeightFormat) bool {
	for i, step := range steps {
		peak := q.peak(l, i) / q.floatGain()
		u := peak / step * stepUnits(f) * decayOne / float64(max(q.du, 1))
		v := peak / step * stepUnits(f) * q.stepGain()
		if u*currentPeak > target24 || !q.o.FreeGain && v > target24 {
			return false
		}
	}
	return true
}

// neuron makes the integers of neuron i of layer l.
func (q *quantiser) neuron(l, i int, f sem.WeightFormat, step, shift float64) plan {
	p := plan{step: step, shift: shift, gain: maxGain}
	full := stepUnits(f) / step * q.stepGain() / q.floatGain()
	if q.o.FreeGain {
		p.gain = fix.Clamp(round(maxGain*target24/(full*q.peak(l, i))), 1, maxGain)
	}
	p.unit = full * float64(p.gain) / maxGain
	w, b := q.weights(l, i)
	if r := q.rounders[l]; r != nil {
		p.codes, b = r.codes(w, b, step, codeLimit(q.o.WeightBits))
	} else {
		p.codes = codes(w, step, q.o.WeightBits)
	}
	p.bias = q.representableBias(round(p.unit * (b + shift)))
	p.wr = fix.Clamp(round(p.unit*q.dyn.Refractory), 0, biasLimit24)
	return p
}

// weights are the float weights and bias of neuron i of layer l.
func (q *quantiser) weights(l, i int) ([]float64, float64) {
	p := q.params[l]
	fan := len(p.W) / len(p.B)
	return p.W[i*fan : (i+1)*fan], p.B[i]
}

func codes(w []float64, step float64, bits int) []int32 {
	top := codeLimit(bits)
	out := make([]int32, len(w))
	for j, x := range w {
		out[j] = int32(min(max(math.RoundToEven(x/step), -top), top))
	}
	return out
}

// representableBias rounds a bias to 12 bits and sign times 2^0..2^7 where the
// chip stores it so (Loihi 1, hardware.md 1.5); Loihi 2 programs take 24 bits.
func (q *quantiser) representableBias(b int64) int64 {
	b = fix.Clamp(b, -biasLimit24, biasLimit24)
	if q.o.FreeGain {
		return b
	}
	m, e := sem.FitBias(b)
	return fix.Scale(m, e)
}

// sharedRefractory gives the refractory weights of a layer one weight format where
// they are synapses (Loihi 1), and leaves them alone where they are params.
func (q *quantiser) sharedRefractory(lp layerPlan) {
	if q.o.FreeGain {
		return
	}
	want := make([]int64, len(lp.neurons))
	for i, n := range lp.neurons {
		want[i] = -n.wr
	}
	f, mant := sem.FitWeights(sem.Inhibitory, want)
	for i := range lp.neurons {
		lp.neurons[i].wr = -sem.Profiles[q.o.Profile].Weight(f, mant[i])
	}
}
