package decolle

import (
	"math"

	"decc/compiler/decolle/simd"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// LSUV tunes a layer-sequential unit-variance start (Mishkin and Matas, arXiv
// 1511.06422, adapted to spiking layers; decolle.md section 2, V2).
type LSUV struct {
	Rows     int     // rows that the samples run before U is looked at, from 1
	Variance float64 // allowed |var(U) - 1|; 0 means 0.1
	Mean     float64 // allowed |mean(U)|; 0 means 0.2
	Rounds   int     // most corrections of one layer; 0 means 50
	Workers  int     // goroutines; 0 means 1
}

// LSUVReport is what InitLSUV reached, by layer.
type LSUVReport struct {
	Mean, Variance []float64
	Rounds         []int
}

// InitLSUV replaces the weights by orthogonal matrices (rows orthonormal if there
// are no more outputs than inputs, columns otherwise) and the biases by 0, then
// corrects one layer after the other, from below, until the pooled potentials of
// the last row over all samples have variance 1 and mean 0 within the tolerances:
// each round divides W by the standard deviation and takes the mean from b. The
// samples are input trains (the reference takes 32 digits). Readouts stay as they
// are. The error has code decolle/init.
func (n *Network[F]) InitLSUV(seed uint64, samples []spikes.Train, o LSUV) (LSUVReport, error) {
	o.Variance, o.Mean = orDefault(o.Variance, 0.1), orDefault(o.Mean, 0.2)
	o.Rounds, o.Workers = orDefault(o.Rounds, 50), orDefault(o.Workers, 1)
	var report LSUVReport
	if err := n.checkSamples(samples, o); err != nil {
		return report, err
	}
	for i, l := range n.layers {
		l.setWeights(orthogonal(seed, weightName(i), l.spec.Out, l.geo.fanIn))
		clear(l.b)
	}
	for i := range n.layers {
		mean, variance, rounds, err := n.scaleLayer(i, samples, o)
		if err != nil {
			return report, err
		}
		report.Mean = append(report.Mean, mean)
		report.Variance = append(report.Variance, variance)
		report.Rounds = append(report.Rounds, rounds)
	}
	return report, nil
}

func (n *Network[F]) checkSamples(samples []spikes.Train, o LSUV) error {
	if len(samples) == 0 || o.Rows < 1 || o.Rows > maxRows {
		return diag.Errorf(diag.Pos{}, codeInit, "LSUV has %d samples of %d rows", len(samples), o.Rows).
			WithFix("give at least one sample and from 1 to %d rows", maxRows)
	}
	for i, s := range samples {
		if err := n.checkTrain(i, s); err != nil {
			return err
		}
	}
	return nil
}

// scaleLayer brings one layer into its tolerances.
func (n *Network[F]) scaleLayer(i int, samples []spikes.Train, o LSUV) (mean, variance float64, rounds int, err error) {
	l := n.layers[i]
	for ; rounds <= o.Rounds; rounds++ {
		mean, variance = moments2(n.lastPotentials(i, samples, o))
		if math.Abs(mean) <= o.Mean && math.Abs(variance-1) <= o.Variance {
			return mean, variance, rounds, nil
		}
		if variance == 0 {
			break
		}
		l.rescale(1/math.Sqrt(variance), mean)
	}
	return 0, 0, 0, diag.Errorf(diag.Pos{}, codeInit, "layer %d has variance %.3g and mean %.3g after %d rounds of LSUV", i, variance, mean, rounds).
		WithFix("give samples with spikes in the last rows, or start without LSUV")
}

func (l *layer[F]) rescale(factor, shift float64) {
	for e := range l.w {
		l.w[e] *= F(factor)
	}
	l.settle()
	for i := range l.b {
		l.b[i] -= F(shift)
	}
}

// lastPotentials runs all samples and collects the pooled potentials of one layer.
func (n *Network[F]) lastPotentials(layer int, samples []spikes.Train, o LSUV) [][]float64 {
	out := make([][]float64, len(samples))
	parallel(o.Workers, len(samples), 1, func(lo, hi int) {
		b := n.NewBatch(1)
		b.cells = b.cells[:layer+1]
		for i := lo; i < hi; i++ {
			b.Reset()
			for _, row := range samples[i].Rows(o.Rows) {
				b.Step([]spikes.Train{row})
			}
			out[i] = widen(b.View(layer, 0).U)
		}
	})
	return out
}

// moments2 is mean and variance over all values.
func moments2(x [][]float64) (mean, variance float64) {
	n := 0.0
	for _, row := range x {
		for _, v := range row {
			mean += v
			n++
		}
	}
	mean /= n
	for _, row := range x {
		for _, v := range row {
			variance += float64((v - mean) * (v - mean))
		}
	}
	return mean, variance / n
}

// orthogonal draws a rows x columns matrix, row-major, whose shorter side's vectors
// are orthonormal: Gram-Schmidt over bell-shaped random vectors, each projected
// twice to keep it orthogonal to rounding error.
func orthogonal(seed uint64, object string, rows, columns int) []float64 {
	vectors, length := min(rows, columns), max(rows, columns)
	kernels := simd.For[float64]()
	draw := newStream(seed, sem.Key(object), 0)
	q := make([]float64, vectors*length)
	for e := range q {
		q[e] = draw.bell(uint64(e))
	}
	for k := range vectors {
		v := q[k*length:][:length]
		for range 2 {
			for j := range k {
				other := q[j*length:][:length]
				kernels.AddScaled(v, -dot(v, other), other)
			}
		}
		normalise(v)
	}
	if rows > columns {
		return transpose(q, length)
	}
	return q
}

func normalise(v []float64) {
	norm := math.Sqrt(dot(v, v))
	for i := range v {
		v[i] /= norm
	}
}
