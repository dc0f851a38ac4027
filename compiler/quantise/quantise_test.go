package quantise

import (
	"context"
	"errors"
	"math"
	"testing"

	"decc/compiler/decolle"
	"decc/compiler/passes"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// network is a small random DECOLLE network with weights that make it fire.
func network(t *testing.T, in, hidden, classes int) *decolle.Network[float64] {
	t.Helper()
	net, err := decolle.New[float64](decolle.Spec{
		Input: decolle.Shape{C: in, H: 1, W: 1}, Classes: classes, Alpha: 0.97, Beta: 0.92, AlphaRP: 0.65, WRP: 1,
		Layers: []decolle.LayerSpec{{Kind: decolle.Dense, Out: hidden}, {Kind: decolle.Dense, Out: hidden}},
	})
	if err != nil {
		t.Fatal(err)
	}
	net.Init(7)
	for l := range net.Layers() {
		p := net.Parameters(l)
		for i := range p.W {
			p.W[i] = 12 * uniform(uint64(l), uint64(i))
		}
		for i := range p.B {
			p.B[i] = uniform(uint64(l+9), uint64(i))
		}
		if err := net.SetParameters(l, p); err != nil {
			t.Fatal(err)
		}
	}
	return net
}

func uniform(stream, i uint64) float64 {
	return float64(int64(sem.Draw(1, stream, 0, i)>>11))/(1<<52) - 1
}

func samples(n, in, rows int) []spikes.Train {
	out := make([]spikes.Train, n)
	for s := range out {
		for k := range rows {
			for i := range in {
				if sem.Draw(3, uint64(s), uint64(k), uint64(i))%8 == 0 {
					out[s] = append(out[s], spikes.Event{Row: int32(k), Index: int32(i), Payload: 1})
				}
			}
		}
	}
	return out
}

func testOptions() Options {
	o := Defaults()
	o.Calibration, o.Rows = samples(6, 20, 60), 60
	return o
}

func run(t *testing.T, net *decolle.Network[float64], o Options) Result {
	t.Helper()
	res, err := Run(context.Background(), net, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// differing runs the module on fresh samples and counts rows in which a neuron's
// spike differs from the float network's, and all decisions.
func differing(t *testing.T, net *decolle.Network[float64], m *ir.Module) (wrong, decisions int) {
	t.Helper()
	machine := interp.New[int64](m)
	for _, train := range samples(12, 20, 60)[6:] {
		rec, err := machine.Run(context.Background(), spikes.Request{Rows: 60, Inputs: map[string]spikes.Train{inputName: train}})
		if err != nil {
			t.Fatal(err)
		}
		batch := net.NewBatch(1)
		float := make([]spikes.Train, net.Layers())
		for _, row := range train.Rows(60) {
			batch.Step([]spikes.Train{row})
			for l := range float {
				float[l] = append(float[l], batch.View(l, 0).Spikes...)
			}
		}
		for l, layer := range m.Layers {
			perNeuron := make([]int, 16)
			countDifferences(perNeuron, rec.Spikes[layer.Spikes], float[l], 1)
			for _, n := range perNeuron {
				wrong += n
			}
			decisions += 60 * 16
		}
	}
	return wrong, decisions
}

func TestEightBitsFollowTheFloatNetwork(t *testing.T) {
	net := network(t, 20, 16, 4)
	wrong, decisions := differing(t, net, run(t, net, testOptions()).Module)
	if wrong*20 > decisions {
		t.Errorf("%d of %d spikes differ at 8 bits", wrong, decisions)
	}
}

func TestSearchHelpsFewBits(t *testing.T) {
	net := network(t, 20, 16, 4)
	o := testOptions()
	o.WeightBits = 3
	searched, _ := differing(t, net, run(t, net, o).Module)
	o.Search = false
	plain, _ := differing(t, net, run(t, net, o).Module)
	if searched >= plain {
		t.Errorf("3 bits: %d spikes differ with search, %d without", searched, plain)
	}
}

func TestResultDoesNotDependOnWorkers(t *testing.T) {
	net := network(t, 20, 16, 4)
	o := testOptions()
	o.WeightBits = 4
	want := ir.Digest(run(t, net, o).Module)
	for _, workers := range []int{2, 8} {
		o.Workers = workers
		if got := ir.Digest(run(t, net, o).Module); got != want {
			t.Errorf("%d workers give module %s, one gives %s", workers, got, want)
		}
	}
}

func TestEveryWidthIsLegalOnItsChip(t *testing.T) {
	net := network(t, 20, 16, 4)
	for _, name := range []string{"loihi1", "loihi2"} {
		spec, err := chip.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bits := range []int{2, 3, 4, 5, 6, 8} {
			o := testOptions()
			o.WeightBits, o.FreeGain = bits, spec.RunsAny()
			pipeline := passes.Default(spec)
			if _, err := pipeline.Run(context.Background(), run(t, net, o).Module); err != nil {
				t.Errorf("%s at %d bits: %v", name, bits, err)
			}
		}
	}
}

func TestReportReadsBack(t *testing.T) {
	net := network(t, 20, 16, 4)
	o := testOptions()
	o.Search = false
	for _, s := range run(t, net, o).Report.Scalings {
		if s.Error() > 0.02 && math.Abs(s.Float) > 0.05 {
			t.Errorf("%s.%s[%d]: %g became %d, which reads back as %g", s.Object, s.Param, s.Index, s.Float, s.Integer, s.Back)
		}
	}
}

func TestBadOptionsAreDiagnostics(t *testing.T) {
	net := network(t, 20, 16, 4)
	for _, bits := range []int{1, 9, -3} {
		o := testOptions()
		o.WeightBits = bits
		_, err := Run(context.Background(), net, o)
		if all := diag.All(err); len(all) == 0 || all[0].Code != "quantise/bits" {
			t.Errorf("%d bits: %v", bits, err)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, network(t, 20, 16, 4), testOptions()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestRounderBeatsRoundingAlone: the error of W P on inputs that move together must be
// smaller than that of rounding each weight by itself.
func TestRounderBeatsRoundingAlone(t *testing.T) {
	const n = 12
	m := newMoments(n)
	var inputs [][]float64
	for k := range 200 {
		p := make([]float64, n)
		for i := range p {
			p[i] = math.Abs(uniform(5, uint64(k))) + 0.3*math.Abs(uniform(6, uint64(k*n+i)))
		}
		m.add(p)
		inputs = append(inputs, p)
	}
	w := make([]float64, n)
	for i := range w {
		w[i] = uniform(8, uint64(i))
	}
	const step, bias = 0.3, 0.2
	got, b := newRounder(m).codes(w, bias, step, 7)
	plain := codes(w, step, 4)
	var joint, alone float64
	for _, p := range inputs {
		e, f := b-bias, 0.0
		for i := range w {
			e += (float64(got[i])*step - w[i]) * p[i]
			f += (float64(plain[i])*step - w[i]) * p[i]
		}
		joint, alone = joint+e*e, alone+f*f
	}
	if joint*4 > alone {
		t.Errorf("squared error %g together, %g alone", joint, alone)
	}
}

// TestFactorAndInverse holds the triangular factors against their definition.
func TestFactorAndInverse(t *testing.T) {
	const n = 7
	m := newMoments(n)
	for k := range 30 {
		p := make([]float64, n)
		for i := range p {
			p[i] = uniform(11, uint64(k*n+i))
		}
		m.add(p)
	}
	order := m.byActivity()
	r := m.factor(order)
	inv := invertUpper(r)
	for i := range order {
		for j := range order {
			product := 0.0
			for k := max(i, 0); k <= j; k++ {
				product += r[i][k-i] * inv[k][j-k]
			}
			want := 0.0
			if i == j {
				want = 1
			}
			if i <= j && math.Abs(product-want) > 1e-9 {
				t.Errorf("(R R^-1)[%d][%d] = %g", i, j, product)
			}
		}
	}
}
