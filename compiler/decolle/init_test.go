package decolle

import (
	"math"
	"slices"
	"testing"

	"decc/ir/spikes"
)

// TestInitBounds: the uniform starts fill their intervals (decolle.md section 2, V2).
func TestInitBounds(t *testing.T) {
	s := small()["conv+dense"]
	n, err := New[float64](s)
	if err != nil {
		t.Fatal(err)
	}
	n.Init(9)
	conv, dense := n.Parameters(0), n.Parameters(1)
	fanIn := float64(5 * 3 * 3)
	for _, c := range []struct {
		name string
		x    []float64
		half float64
	}{
		{"conv W", conv.W, 1 / math.Sqrt(2*3*3)},
		{"dense W", dense.W, 0.05 / math.Sqrt(fanIn)},
		{"dense b", dense.B, (1 - s.Alpha) * (1 - s.Beta) / math.Sqrt(fanIn)},
		{"conv G", conv.G, s.LCAmpl / math.Sqrt(fanIn)},
		{"dense G", dense.G, s.LCAmpl / math.Sqrt(6)},
	} {
		most := 0.0
		for _, x := range c.x {
			most = max(most, math.Abs(x))
		}
		if most > c.half || most < 0.6*c.half {
			t.Errorf("%s reaches %v of +-%v", c.name, most, c.half)
		}
	}
}

func TestOrthogonal(t *testing.T) {
	for _, size := range [][2]int{{5, 9}, {9, 5}, {4, 4}} {
		rows, columns := size[0], size[1]
		m := orthogonal(3, "w", rows, columns)
		if rows > columns {
			m, rows, columns = transpose(m, columns), columns, rows
		}
		for a := range rows {
			for b := range rows {
				want := 0.0
				if a == b {
					want = 1
				}
				if got := dot(m[a*columns:][:columns], m[b*columns:][:columns]); math.Abs(got-want) > 1e-14 {
					t.Errorf("%v: <%d,%d> = %v, want %v", size, a, b, got, want)
				}
			}
		}
	}
}

func lsuvSamples(s Spec) []spikes.Train {
	var out []spikes.Train
	for i := range 8 {
		out = append(out, noise(uint64(i), s.Input.Size(), 30, 0.05*float64(1+i%3)))
	}
	return out
}

// TestLSUV measures the potentials that the report speaks of.
func TestLSUV(t *testing.T) {
	s := small()["conv+dense"]
	samples := lsuvSamples(s)
	var first []Parameters
	for _, workers := range []int{1, 3} {
		n, err := New[float32](s)
		if err != nil {
			t.Fatal(err)
		}
		n.Init(1)
		o := LSUV{Rows: 30, Workers: workers}
		report, err := n.InitLSUV(1, samples, o)
		if err != nil {
			t.Fatal(err)
		}
		for l := range n.Layers() {
			mean, variance := moments2(n.lastPotentials(l, samples, o))
			if math.Abs(mean) > 0.2 || math.Abs(variance-1) > 0.1 || mean != report.Mean[l] || variance != report.Variance[l] {
				t.Errorf("layer %d: mean %v variance %v, report %+v", l, mean, variance, report)
			}
		}
		if first == nil {
			first = parameters(n)
		}
		for l, p := range parameters(n) {
			if !slices.Equal(p.W, first[l].W) || !slices.Equal(p.B, first[l].B) {
				t.Errorf("%d workers start layer %d from other weights", workers, l)
			}
		}
	}
}

func TestLSUVFindings(t *testing.T) {
	n := scatter[float32](t, small()["dense3"], 1)
	_, err := n.InitLSUV(1, []spikes.Train{nil}, LSUV{Rows: 5})
	checkFinding(t, err, codeInit, "layer 0 has variance 0")
	_, err = n.InitLSUV(1, nil, LSUV{Rows: 5})
	checkFinding(t, err, codeInit, "LSUV has 0 samples")
	_, err = n.InitLSUV(1, []spikes.Train{{{Index: 144}}}, LSUV{Rows: 5})
	checkFinding(t, err, codeData, "sample 0: event 0")
}

func TestTensorsRoundTrip(t *testing.T) {
	for name, s := range small() {
		a := scatter[float32](t, s, 5)
		b, err := New[float32](s)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.SetTensors(a.Tensors()); err != nil {
			t.Fatal(err)
		}
		equalTensors(t, name, b.Tensors(), a.Tensors())
	}
}

func equalTensors(t *testing.T, what string, got, want Tensors) {
	t.Helper()
	if !slices.Equal(got.Names(), want.Names()) {
		t.Fatalf("%s: tensors %v, want %v", what, got.Names(), want.Names())
	}
	for _, name := range want.Names() {
		g, w := got[name], want[name]
		if g.Bits != w.Bits || !slices.Equal(g.Shape, w.Shape) {
			t.Fatalf("%s: %s has shape %v of %d bits, want %v of %d", what, name, g.Shape, g.Bits, w.Shape, w.Bits)
		}
		for i := range w.Data {
			if math.Float64bits(g.Data[i]) != math.Float64bits(w.Data[i]) {
				t.Fatalf("%s: %s[%d] = %v, want %v", what, name, i, g.Data[i], w.Data[i])
			}
		}
	}
}

func TestTensorFindings(t *testing.T) {
	s := small()["conv+dense"]
	for want, change := range map[string]func(Tensors){
		"there is no tensor LIF_layers.1.base_layer.weight": func(t Tensors) { delete(t, weightName(1)) },
		"readout_layers.0.weight has shape [45 3]": func(t Tensors) {
			x := t[readoutName(0)]
			x.Shape = []int{45, 3}
			t[readoutName(0)] = x
		},
		"LIF_layers.0.base_layer.bias[2] is NaN":                func(t Tensors) { t[biasName(0)].Data[2] = math.NaN() },
		"LIF_layers.1.base_layer.bias has 5 values":             func(t Tensors) { t[biasName(1)] = Tensor{Shape: []int{6}, Data: make([]float64, 5)} },
		"LIF_layers.0.tau_m is 20":                              func(t Tensors) { t["LIF_layers.0.tau_m"].Data[0] = 20 },
		"there is a tensor LIF_layers.2.base_layer.weight, but": func(t Tensors) { t[weightName(2)] = Tensor{} },
	} {
		n := scatter[float32](t, s, 5)
		before := n.Tensors()
		bad := n.Tensors()
		change(bad)
		checkFinding(t, n.SetTensors(bad), codeTensor, want)
		equalTensors(t, want, n.Tensors(), before)
	}
}
