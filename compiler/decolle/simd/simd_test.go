package simd

import (
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The tests hold the loops of this processor against those in Go, bit for bit.

func TestSingle(t *testing.T) { compareAll[float32](t) }
func TestDouble(t *testing.T) { compareAll[float64](t) }

// input draws what a kernel is given and returns what it makes of a copy of it.
type input[F Float] func(t *rapid.T) func(k *Kernels[F]) []F

func compareAll[F Float](t *testing.T) {
	for name, draw := range map[string]input[F]{
		"Combine":     drawCombine[F],
		"Slide":       drawSlide[F],
		"Decay":       besides(func(k *Kernels[F], x [3][]F, c *[3]F) { k.Decay(x[0], x[1], c[0], c[1], c[2]) }),
		"Fire":        besides(func(k *Kernels[F], x [3][]F, c *[3]F) { k.Fire(x[0], x[1], x[2], c[0], c[1], c[2]) }),
		"Larger":      besides(func(k *Kernels[F], x [3][]F, c *[3]F) { k.Larger(x[0], x[1], x[2], c[0]) }),
		"AddScaled":   besides(func(k *Kernels[F], x [3][]F, c *[3]F) { k.AddScaled(x[0], c[0], x[1]) }),
		"Multiply":    besides(func(k *Kernels[F], x [3][]F, _ *[3]F) { k.Multiply(x[0], x[1]) }),
		"FastSigmoid": besides(func(k *Kernels[F], x [3][]F, _ *[3]F) { k.FastSigmoid(x[0], x[1]) }),
		"AdaMax":      besides(func(k *Kernels[F], x [3][]F, c *[3]F) { k.AdaMax(x[0], x[1], x[2], c[0], c[1], c[2]) }),
		"AdaMaxRest":  besides(func(k *Kernels[F], x [3][]F, c *[3]F) { k.AdaMaxRest(x[0], c[0], c[1]) }),
	} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) { compareOne(t, draw) }))
	}
}

func compareOne[F Float](t *rapid.T, draw input[F]) {
	run, plain := draw(t), portable[F]()
	want := run(&plain)
	for set, k := range kernelSets[F]() {
		for i, got := range run(&k) {
			if x := want[i]; math.Float64bits(float64(got)) != math.Float64bits(float64(x)) && x == x {
				t.Fatalf("%s: number %d is %v, want %v", set, i, got, x)
			}
		}
	}
}

// kernelSets are all that this processor can run.
func kernelSets[F Float]() map[string]Kernels[F] {
	sets := map[string]Kernels[F]{"go": portable[F]()}
	for name, k := range vectors {
		if set, ok := k.(Kernels[F]); ok {
			sets[name] = set
		}
	}
	return sets
}

// vectors are the sets of kernels with vectors that this processor can run, of both precisions.
var vectors = map[string]any{}

// numbers draws n of them, some 0, some below the least normal number.
func numbers[F Float](t *rapid.T, n int, name string) []F {
	x := rapid.SliceOfN(rapid.OneOf(rapid.Just(0.), rapid.Float64Range(-4, 4), rapid.Float64Range(-1e-40, 1e-40)), n, n).Draw(t, name)
	out := make([]F, n)
	for i, v := range x {
		out[i] = F(v)
	}
	return out
}

// besides is the input of a kernel that goes over lists side by side.
func besides[F Float](do func(k *Kernels[F], x [3][]F, c *[3]F)) input[F] {
	return func(t *rapid.T) func(*Kernels[F]) []F {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		lists, c := numbers[F](t, 3*n, "lists"), [3]F(numbers[F](t, 3, "constants"))
		return func(k *Kernels[F]) []F {
			x := slices.Clone(lists)
			do(k, [3][]F{x[:n:n], x[n : 2*n : 2*n], x[2*n:]}, &c)
			return x
		}
	}
}

func drawCombine[F Float](t *rapid.T) func(*Kernels[F]) []F {
	n, terms := rapid.IntRange(0, 420).Draw(t, "n"), rapid.IntRange(0, 9).Draw(t, "terms")
	x, y, a := numbers[F](t, n+20, "x"), numbers[F](t, n+3, "y"), numbers[F](t, terms, "a")
	at := rapid.SliceOfN(rapid.Int32Range(0, 20), terms, terms).Draw(t, "at")
	return func(k *Kernels[F]) []F {
		sum := slices.Clone(y)
		k.Combine(sum[:n], a, at, x)
		return sum
	}
}

func drawSlide[F Float](t *rapid.T) func(*Kernels[F]) []F {
	size := func(from, to int, name string) int { return rapid.IntRange(from, to).Draw(t, name) }
	s := Slide[F]{Positions: size(0, 9, "positions"), Channels: size(1, 40, "channels"), Step: size(1, 3, "step"), K: size(0, 5, "k")}
	s.Stride = s.Channels + size(0, 3, "gap")
	s.P, s.W = numbers[F](t, s.Positions*s.Step+s.K, "p"), numbers[F](t, s.K*s.Stride, "w")
	u := numbers[F](t, s.Positions*s.Stride, "u")
	return func(k *Kernels[F]) []F {
		sums := slices.Clone(u)
		for i, x := range sums {
			sums[i] = x + 0 // no -0, which the sum of zeros makes 0
		}
		k.Slide(sums, s)
		return sums
	}
}

func BenchmarkCombine(b *testing.B) {
	y, x, a, at := make([]float32, 128), make([]float32, 128*150), make([]float32, 150), make([]int32, 150)
	for j := range at {
		at[j] = int32(128 * j)
	}
	benchmark(b, len(a)*len(y), func(k *Kernels[float32]) { k.Combine(y, a, at, x) })
}

func BenchmarkSlide(b *testing.B) {
	u, p := make([]float32, 14*32), slices.Repeat([]float32{1}, 20*24)
	s := Slide[float32]{P: p, W: make([]float32, 168*32), Positions: 14, Channels: 32, Stride: 32, Step: 24, K: 168}
	benchmark(b, s.Positions*s.Channels*s.K, func(k *Kernels[float32]) { k.Slide(u, s) })
}

// benchmark tells how many products a second every set of kernels adds.
func benchmark(b *testing.B, products int, do func(k *Kernels[float32])) {
	sets := kernelSets[float32]()
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		k := sets[name]
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				do(&k)
			}
			b.ReportMetric(float64(products)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gproducts/s")
		})
	}
}

// TestShortListsPanic: no kernel reads or writes behind the end of what it was given.
func TestShortListsPanic(t *testing.T) {
	k, long, short := For[float32](), make([]float32, 9), make([]float32, 8)
	for name, call := range map[string]func(){
		"Combine": func() { k.Combine(long, short, []int32{0, 0}, long) },
		"Slide": func() {
			k.Slide(long, Slide[float32]{P: []float32{1}, W: short, Positions: 1, Channels: 9, Stride: 9, Step: 1, K: 1})
		},
		"AddScaled":   func() { k.AddScaled(long, 1, short) },
		"Decay":       func() { k.Decay(long, short, 1, 1, 1) },
		"Fire":        func() { k.Fire(long, long, short, 1, 1, 1) },
		"Larger":      func() { k.Larger(long, long, short, 1) },
		"Multiply":    func() { k.Multiply(long, short) },
		"FastSigmoid": func() { k.FastSigmoid(long, short) },
		"AdaMax":      func() { k.AdaMax(long, long, short, 1, 1, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s takes lists that are too short", name)
				}
			}()
			call()
		}()
	}
}
