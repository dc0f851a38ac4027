package quantise

import (
	"context"
	"math/rand/v2"
	"testing"

	"decc/compiler/decolle"
	"decc/ir"
	"decc/ir/interp"
	"decc/ir/spikes"
)

// convolutional is a network of two convolutions, the first pooled, and a dense layer, with
// random weights and biases that alone make some neurons fire.
func convolutional(t *testing.T) *decolle.Network[float64] {
	t.Helper()
	net, err := decolle.New[float64](decolle.Spec{
		Input: decolle.Shape{C: 2, H: 9, W: 8}, Classes: 3, Alpha: 0.9, Beta: 0.85, AlphaRP: 0.65, WRP: 1,
		Layers: []decolle.LayerSpec{
			{Kind: decolle.Conv, Out: 3, Kernel: 3, Padding: 1, Pool: 2},
			{Kind: decolle.Conv, Out: 4, Kernel: 3, Stride: 1, Padding: 1},
			{Kind: decolle.Dense, Out: 6},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 1))
	for l := range net.Layers() {
		p := net.Parameters(l)
		for _, list := range [][]float64{p.W, p.B, p.G, p.GB} {
			for i := range list {
				list[i] = r.NormFloat64()
			}
		}
		for i := range p.B {
			p.B[i] = 0.3 * r.NormFloat64()
		}
		if err := net.SetParameters(l, p); err != nil {
			t.Fatal(err)
		}
	}
	return net
}

func randomTrain(r *rand.Rand, rows, members int) spikes.Train {
	var train spikes.Train
	for k := range rows {
		for i := range members {
			if r.IntN(8) == 0 {
				train = append(train, spikes.Event{Row: int32(k), Index: int32(i), Payload: 1})
			}
		}
	}
	return train
}

// TestConvolutionsFollowTheFloatNetwork: convolutions with shared weights, pooling as an OR,
// and layers that begin late: with 8-bit weights the spikes of every layer are close to the
// float network's, in the steps of which they are told by the lags.
func TestConvolutionsFollowTheFloatNetwork(t *testing.T) {
	const rows = 40
	net := convolutional(t)
	r := rand.New(rand.NewPCG(5, 5))
	o := Defaults()
	o.Rows = rows
	for range 6 {
		o.Calibration = append(o.Calibration, randomTrain(r, rows, 2*9*8))
	}
	for _, search := range []bool{false, true} {
		o.Search = search
		res, err := Run(context.Background(), net, o)
		if err != nil {
			t.Fatal(err)
		}
		m := res.Module
		if s := m.Synapses[0]; !s.IsConv() || m.Layers[0].Spikes != "pool_h1" || m.Layers[0].SpikesLag != 1 || m.Layers[2].ReadoutLag != 2 {
			t.Fatalf("layers %+v", m.Layers[0])
		}
		for l := range net.Layers() {
			_, _, neurons := net.LayerShape(l)
			wrong, of := parted(t, net, m, l, randomTrain(r, rows, 2*9*8), rows)
			t.Logf("search %v, layer %d: %d of %d", search, l, wrong, neurons.Size()*rows)
			if of == 0 || wrong > neurons.Size()*rows/12 {
				t.Errorf("search %v, layer %d: %d of %d decisions differ, the float network spikes %d times", search, l, wrong, neurons.Size()*rows, of)
			}
		}
	}
}

// parted counts the spikes of layer l that exactly one of the two networks has, each having
// run from the input, and those of the float network.
func parted(t *testing.T, net *decolle.Network[float64], m *ir.Module, l int, train spikes.Train, rows int) (wrong, of int) {
	t.Helper()
	rec, err := interp.New[int64](m).Run(t.Context(), spikes.Request{Rows: rows + 4, Inputs: map[string]spikes.Train{inputName: train}})
	if err != nil {
		t.Fatal(err)
	}
	batch := net.NewBatch(1)
	var float spikes.Train
	for k, row := range train.Rows(rows) {
		batch.Step([]spikes.Train{row})
		for _, e := range batch.View(l, 0).Spikes {
			float = append(float, spikes.Event{Row: int32(k), Index: e.Index, Payload: 1})
		}
	}
	count := make([]int, 1)
	_, _, neurons := net.LayerShape(l)
	countDifferences(count, rec.Spikes[m.Layers[l].Spikes].Shifted(m.Layers[l].SpikesLag, rows), float, neurons.Size())
	return count[0], len(float)
}
