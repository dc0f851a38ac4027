package spiking

import (
	"context"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"decc/ir/spikes"
)

// TestClones lets clones of random networks run at once, and holds each record against that of
// the network that they come from, which is busy with something else.
func TestClones(t *testing.T) {
	const steps = 25
	for seed := range uint64(30) {
		d := dice{rand.New(rand.NewPCG(seed, 2))}
		n := newNetwork(t, randomSpec(d))
		r := spikes.Request{Rows: steps, Inputs: map[string]spikes.Train{"in": d.train(48, steps, 1), "graded": d.train(5, steps, 3)}}
		want := runNetwork(t, n, r)
		var wait sync.WaitGroup
		got := make([]spikes.Record[float64], 3)
		for i := range got {
			own := n.Clone()
			if &own.cables[0] != &n.cables[0] {
				t.Fatal("a clone has synapses of its own")
			}
			wait.Go(func() { got[i], _ = own.Run(context.Background(), r) })
		}
		runNetwork(t, n, spikes.Request{Rows: 2 * steps})
		wait.Wait()
		for i := range got {
			if !reflect.DeepEqual(got[i], want) {
				t.Fatalf("seed %d: clone %d gives another record", seed, i)
			}
		}
	}
}

// BenchmarkPupil makes a network for one more worker, from its spec and from a network of it:
// 512 neurons that 512 others lead to.
func BenchmarkPupil(b *testing.B) {
	p := cellOf(1, 0.1, 1, 1, 0).at(1, 0).named("p", 512)
	weights := make([]float64, 512*512)
	for i := range weights {
		weights[i] = 0.1
	}
	s := Spec{Inputs: []Input{{Name: "in", N: 512}}, Populations: []Population{p}, Connections: []Connection{{Name: "w", Weights: weights}}}
	n, err := New(s)
	if err != nil {
		b.Fatal(err)
	}
	for name, make := range map[string]func(){
		"New":   func() { _, _ = New(s) },
		"Clone": func() { n.Clone() },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				make()
			}
		})
	}
}
