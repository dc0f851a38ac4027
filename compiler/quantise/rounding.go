package quantise

import (
	"math"
	"sort"
)

// rounder rounds the weights of a layer so that the error of the potentials, not of
// the weights, is small: weights are rounded one after the other, and the error of
// each is made up for by those that follow, as far as the inputs that occur in
// calibration move together (optimal brain surgeon with a fixed order; Frantar and
// Alistarh, "Optimal Brain Compression", 2022; Frantar et al., "GPTQ", 2022).
// The bias is the last of them, so it takes up the mean error.
type rounder struct {
	order []int       // inputs, the most active first; the last is the bias
	comp  [][]float64 // comp[k][m], m > k: what one unit of error at order[k] asks of order[m]
}

// moments collects the second moments of the inputs P and the constant 1 of the bias.
type moments struct {
	n     int         // inputs; index n is the bias
	sum   [][]float64 // lower triangle, [n+1]
	count int
}

func newMoments(n int) *moments {
	m := &moments{n: n, sum: make([][]float64, n+1)}
	for i := range m.sum {
		m.sum[i] = make([]float64, i+1)
	}
	return m
}

// add takes one row of inputs.
func (m *moments) add(p []float64) {
	var active []int
	for i, x := range p {
		if x != 0 {
			active = append(active, i)
		}
	}
	for k, i := range active {
		row := m.sum[i]
		for _, j := range active[:k+1] {
			row[j] += float64(p[i] * p[j])
		}
		m.sum[m.n][i] += p[i]
	}
	m.sum[m.n][m.n]++
	m.count++
}

// damping is added to the diagonal, relative to its mean: what calibration has not
// shown to move together is not relied on.
const damping = 0.01

// newRounder factors the moments. Products are rounded before they are added, so
// that no machine fuses them and the codes are the same everywhere.
func newRounder(m *moments) *rounder {
	r := &rounder{order: m.byActivity()}
	r.comp = invertUpper(m.factor(r.order))
	for _, row := range r.comp {
		scale := 1 / row[0]
		for j := range row {
			row[j] *= scale
		}
	}
	return r
}

// byActivity orders the inputs by falling second moment, the bias last.
func (m *moments) byActivity() []int {
	order := make([]int, m.n+1)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order[:m.n], func(a, b int) bool { return m.sum[order[a]][order[a]] > m.sum[order[b]][order[b]] })
	return order
}

func (m *moments) at(i, j int) float64 { return m.sum[max(i, j)][min(i, j)] / float64(m.count) }

// factor is the upper R with H = R R^T in the given order; row k holds columns k...
func (m *moments) factor(order []int) [][]float64 {
	n := len(order)
	mean := 0.0
	for _, i := range order {
		mean += m.at(i, i) / float64(n)
	}
	r := make([][]float64, n)
	for k := n - 1; k >= 0; k-- {
		r[k] = make([]float64, n-k)
	}
	for j := n - 1; j >= 0; j-- {
		for k := j; k >= 0; k-- {
			s := m.at(order[k], order[j])
			if k == j {
				s += damping*mean + math.SmallestNonzeroFloat32
			}
			s -= dot(r[k][j-k+1:], r[j][1:])
			if k == j {
				r[j][0] = math.Sqrt(s)
				continue
			}
			r[k][j-k] = s / r[j][0]
		}
	}
	return r
}

// dot is the inner product over the shorter length.
func dot(a, b []float64) float64 {
	s := 0.0
	for i, x := range a[:min(len(a), len(b))] {
		s += float64(x * b[i])
	}
	return s
}

// invertUpper is the inverse of an upper triangle; row k holds columns k...
func invertUpper(r [][]float64) [][]float64 {
	n := len(r)
	inv := make([][]float64, n)
	for k := n - 1; k >= 0; k-- {
		row := make([]float64, n-k)
		row[0] = 1 / r[k][0]
		for l := k + 1; l < n; l++ {
			f := -r[k][l-k] * row[0]
			for j, x := range inv[l] {
				row[l-k+j] += float64(f * x)
			}
		}
		inv[k] = row
	}
	return inv
}

// codes rounds the weights of one neuron to multiples of step within ±top and
// returns the codes and the bias that goes with them.
func (r *rounder) codes(w []float64, bias, step, top float64) ([]int32, float64) {
	want := make([]float64, len(r.order))
	for k, i := range r.order {
		want[k] = bias
		if i < len(w) {
			want[k] = w[i]
		}
	}
	out := make([]int32, len(w))
	last := len(want) - 1
	for k, x := range want[:last] {
		code := min(max(math.RoundToEven(x/step), -top), top)
		out[r.order[k]] = int32(code)
		wrong := x - code*step
		for m, c := range r.comp[k][1:] {
			want[k+1+m] -= float64(wrong * c)
		}
	}
	return out, want[last]
}
