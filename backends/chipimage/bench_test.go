package chipimage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"decc/chipsim"
	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// digitNet is a network of the shape of the digit models: dense layers of
// @decolle, each with a local readout of 10 classes.
func digitNet(b testing.TB, sizes ...int) *ir.Module {
	r := rand.New(rand.NewPCG(1, 4))
	mantissas := func(n int) []int64 {
		list := make([]int64, n)
		for i := range list {
			list[i] = 2 * int64(r.IntN(41)-20)
		}
		return list
	}
	build := ir.NewBuilder("digits", sem.Silicon).Input("in", sizes[0])
	pre := "in"
	for i, n := range sizes[1:] {
		h, y := fmt.Sprintf("h%d", i+1), fmt.Sprintf("r%d", i+1)
		build.Group(h, "decolle", n).Param(h, "du", 328).Param(h, "dv", 123).Param(h, "dr", 1434).Param(h, "wr", 20000).Param(h, "vth", 40000).Param(h, "gain", 328)
		build.Group(y, "readout", 10)
		build.Dense("w"+h, pre, h, "drive", sem.WeightFormat{Bits: 8}, mantissas(n*sizes[i]))
		build.Dense("w"+y, h, y, "drive", sem.WeightFormat{Bits: 8}, mantissas(10*n))
		pre = h
	}
	m, err := build.Build()
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// digit is a train like a rate-coded digit: 150 active pixels of 784.
func digit(rows int) spikes.Train {
	r := rand.New(rand.NewPCG(2, 4))
	var t spikes.Train
	for k := range int32(rows) {
		for i := range int32(150) {
			if r.IntN(8) == 0 {
				t = append(t, spikes.Event{Row: k, Index: i*5 + i%3, Payload: 1})
			}
		}
	}
	return t
}

// benchmarkDigits runs one digit of 101 rows an iteration and reports what it cost
// by digit, synaptic event and compartment.
func benchmarkDigits(b *testing.B, chip *chipsim.Chip, probes ...spikes.Probe) {
	benchmarkRequest(b, chip, spikes.Request{Rows: 101, Inputs: map[string]spikes.Train{"in": digit(101)}, Probes: probes})
}

func benchmarkRequest(b *testing.B, chip *chipsim.Chip, req spikes.Request) {
	s := chip.NewSession(chipsim.Options{})
	var total spikes.Counts
	b.ResetTimer()
	for b.Loop() {
		rec, err := s.Run(context.Background(), req)
		if err != nil {
			b.Fatal(err)
		}
		total.Add(rec.Counts)
	}
	ns := float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(ns/float64(total.SynapticEvents), "ns/event")
	b.ReportMetric(ns/float64(total.CompartmentUpdates), "ns/update")
	b.ReportMetric(float64(total.SynapticEvents)/float64(b.N), "events/op")
	b.ReportMetric(float64(total.Spikes)/float64(b.N), "spikes/op")
}

func loadBench(b *testing.B, m *ir.Module) *chipsim.Chip {
	chip, err := load(b, m)
	if err != nil {
		b.Fatal(err)
	}
	return chip
}

func BenchmarkSession784_128_128(b *testing.B) {
	benchmarkDigits(b, loadBench(b, mapped(digitNet(b, 784, 128, 128), 1, 1)), spikes.Probe{Group: "r1", Variable: "y"}, spikes.Probe{Group: "r2", Variable: "y"})
}

func BenchmarkSession784_128_128Membranes(b *testing.B) {
	benchmarkDigits(b, loadBench(b, mapped(digitNet(b, 784, 128, 128), 1, 1)), spikes.Probe{Group: "h1", Variable: "m"}, spikes.Probe{Group: "h2", Variable: "m"})
}

func BenchmarkSession784_128_128On4Cores(b *testing.B) {
	benchmarkDigits(b, loadBench(b, mapped(digitNet(b, 784, 128, 128), 4, 1)))
}

// BenchmarkSession784_128_128Weighed is that with the busiest core and the heaviest link of each row.
func BenchmarkSession784_128_128Weighed(b *testing.B) {
	work := spikes.CoreWork{SynapticEvents: 3500, CompartmentUpdates: 8400, LinkX: 4100, LinkY: 6500}
	benchmarkRequest(b, loadBench(b, mapped(digitNet(b, 784, 128, 128), 4, 1)), spikes.Request{
		Rows: 101, Inputs: map[string]spikes.Train{"in": digit(101)},
		Weigh: spikes.Weighing{By: []spikes.CoreWork{work, work}, Tiles: [][2]int{{0, 0}, {3, 0}, {0, 2}, {3, 2}}},
	})
}

func BenchmarkSession784_1024_1024(b *testing.B) {
	benchmarkDigits(b, loadBench(b, mapped(digitNet(b, 784, 1024, 1024), 3, 1)))
}

// BenchmarkLoad is decoding 120,000 synapses from synaptic memory.
func BenchmarkLoad(b *testing.B) {
	chip := loadBench(b, mapped(digitNet(b, 784, 128, 128), 1, 1))
	for b.Loop() {
		if _, err := chipsim.Load(chip.Image()); err != nil {
			b.Fatal(err)
		}
	}
}
