package ir

import (
	"testing"

	"decc/ir/sem"
)

// large is a routed module with 2^20 weights and 10^5 routes.
func large(b *testing.B) *Module {
	b.Helper()
	const n = 1024
	weights := make([]int64, n*n)
	for i := range weights {
		weights[i] = int64(i%101) - 50
	}
	m, err := NewBuilder("large", sem.Silicon).Input("in", n).Group("h", "cuba", n).
		Dense("w", "in", "h", "drive", sem.WeightFormat{Bits: 8}, weights).Build()
	if err != nil {
		b.Fatal(err)
	}
	m.Stage, m.Chip = Routed, "loihi1"
	const cores = 98
	for c := range cores {
		core := &Core{ID: c, X: c}
		if first := c * 11; first < n {
			core.Runs = []Run{{"h", first, min(11, n-first)}}
		}
		m.Cores = append(m.Cores, core)
	}
	for i := range n {
		for c := range cores {
			m.Routes = append(m.Routes, Route{"in", int32(i), int32(c), int32((i*7 + c) % 4096), 0})
		}
	}
	return m
}

func BenchmarkVerify(b *testing.B) {
	m := large(b)
	for b.Loop() {
		if err := Verify(m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkText(b *testing.B) {
	m := large(b)
	for b.Loop() {
		b.SetBytes(int64(len(Text(m))))
	}
}

func BenchmarkParse(b *testing.B) {
	text := Text(large(b))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Parse(text, "large.dcir"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	m := large(b)
	for b.Loop() {
		Digest(m)
	}
}
