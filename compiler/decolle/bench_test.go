package decolle

import (
	"testing"

	"decc/ir/spikes"
)

// mlp is the network of the MNIST checkpoint.
func mlp() Spec {
	return Spec{
		Input: Shape{1, 28, 28}, Classes: 10, Alpha: 0.97, Beta: 0.92, AlphaRP: 0.65, WRP: 1, Dropout: 0.5,
		Layers: []LayerSpec{{Kind: Dense, Out: 128}, {Kind: Dense, Out: 128}},
	}
}

// lenet is the convolutional network of decolle.md section 7.
func lenet() Spec {
	s := mlp()
	s.Layers = []LayerSpec{
		{Kind: Conv, Out: 16, Kernel: 7, Padding: 3, Pool: 2},
		{Kind: Conv, Out: 24, Kernel: 7, Padding: 3},
		{Kind: Conv, Out: 32, Kernel: 7, Padding: 3, Pool: 2},
	}
	return s
}

// digits are spike trains like coded digits: about 150 lines in the middle of the
// picture, each firing with probability 0.13 a row.
func digits(n, rows int) []spikes.Train {
	out := make([]spikes.Train, n)
	for i := range out {
		picture := newStream(1, 1, uint64(i))
		for t := range rows {
			draw := newStream(uint64(i), 2, uint64(t))
			for j := range 784 {
				y, x := j/28, j%28
				inside := y > 3 && y < 24 && x > 5 && x < 22
				if inside && picture.unit(uint64(j)) < 0.47 && draw.unit(uint64(j)) < 0.13 {
					out[i] = append(out[i], spikes.Event{Row: int32(t), Index: int32(j), Payload: 1})
				}
			}
		}
	}
	return out
}

func rowsOf(trains []spikes.Train, rows int) [][]spikes.Train {
	out := make([][]spikes.Train, rows)
	for _, train := range trains {
		for t, row := range train.Rows(rows) {
			out[t] = append(out[t], row)
		}
	}
	return out
}

const benchRows = 100

func benchNetwork[F Float](b *testing.B, s Spec) *Network[F] {
	b.Helper()
	n, err := New[F](s)
	if err != nil {
		b.Fatal(err)
	}
	n.Init(1)
	if _, err := n.InitLSUV(1, digits(2, benchRows), LSUV{Rows: benchRows}); err != nil {
		b.Fatal(err)
	}
	return n
}

// benchTrain measures one row of online learning, averaged over rows 30 to 99.
func benchTrain[F Float](b *testing.B, s Spec, items, workers int) {
	b.Helper()
	n := benchNetwork[F](b, s)
	o := Optimiser{Kind: AdaMax, LR: 1e-3, Beta2: 0.95, Eps: 1e-8}
	l, err := NewLearner(n, items, o, 1, workers)
	if err != nil {
		b.Fatal(err)
	}
	rows := rowsOf(digits(items, benchRows), benchRows)
	class := make([]int, items)
	for b.Loop() {
		if l.batch.Row()%benchRows == 0 {
			b.StopTimer()
			l.batch.Reset()
			for t := range 30 {
				l.Step(rows[t])
			}
			b.StartTimer()
		}
		l.Learn(rows[l.batch.Row()], Target{Class: class, Mode: Update, LR: 1e-3})
	}
}

func BenchmarkTrainStepMLP1(b *testing.B)    { benchTrain[float32](b, mlp(), 1, 1) }
func BenchmarkTrainStepMLP72(b *testing.B)   { benchTrain[float32](b, mlp(), 72, 1) }
func BenchmarkTrainStepMLP72x2(b *testing.B) { benchTrain[float32](b, mlp(), 72, 2) }
func BenchmarkTrainStepMLP72F64(b *testing.B) {
	benchTrain[float64](b, mlp(), 72, 1)
}
func BenchmarkTrainStepLeNet1(b *testing.B)  { benchTrain[float32](b, lenet(), 1, 1) }
func BenchmarkTrainStepLeNet72(b *testing.B) { benchTrain[float32](b, lenet(), 72, 1) }

// benchForward measures one row of inference, averaged over 100 rows.
func benchForward[F Float](b *testing.B, s Spec, items int) {
	b.Helper()
	batch := benchNetwork[F](b, s).NewBatch(items)
	rows := rowsOf(digits(items, benchRows), benchRows)
	for b.Loop() {
		if batch.Row() == benchRows {
			batch.Reset()
		}
		batch.Step(rows[batch.Row()])
	}
}

func BenchmarkForwardMLP1(b *testing.B)    { benchForward[float32](b, mlp(), 1) }
func BenchmarkForwardMLP1F64(b *testing.B) { benchForward[float64](b, mlp(), 1) }
func BenchmarkForwardMLP72(b *testing.B)   { benchForward[float32](b, mlp(), 72) }
func BenchmarkForwardLeNet1(b *testing.B)  { benchForward[float32](b, lenet(), 1) }
func BenchmarkForwardLeNet72(b *testing.B) { benchForward[float32](b, lenet(), 72) }
