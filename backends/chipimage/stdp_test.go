package chipimage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"decc/chipsim"
	"decc/ir"
	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// pairwise is W4 of the shared workloads: pairwise STDP on 256 x 256 plastic synapses in
// epochs of one row. The targets fire when their teacher does: the plastic synapses end at
// a port of their own, which does not drive them.
func pairwise(t testing.TB) *ir.Module {
	t.Helper()
	r := rand.New(rand.NewPCG(4, 4))
	weights := make([]string, 256*256)
	for i := range weights {
		weights[i] = fmt.Sprint(2 * (r.IntN(128) - 64))
	}
	one := make([]string, 256)
	ends := make([]string, 256)
	for i := range one {
		one[i], ends[i] = "2", fmt.Sprintf("%d, %d", i, i)
	}
	m, err := ir.Parse(fmt.Sprintf(`module @w4 seed(4) {
  neuron @relay { port drive:s40 plastic:s40 spike gt(drive, 0) }
  input @pre x 256
  input @teacher x 256
  group @post : @relay x 256
  rule @pair {
    x1 impulse(16) decay(410)
    y1 impulse(16) decay(410)
    dw "2^-2*x1*y0 - 2^-2*y1*x0"
  }
  synapse @t : @teacher -> @post.drive list s8[256]{%s} ends u8[256x2]{%s}
  synapse @w : @pre -> @post.plastic dense s8[256x256]{%s} learn(@pair)
}`, strings.Join(one, ", "), strings.Join(ends, ", "), strings.Join(weights, ", ")), "w4.dcir")
	if err == nil {
		err = ir.Verify(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fivePercent is the input of both sides.
func fivePercent(rows int) spikes.Request {
	r := rand.New(rand.NewPCG(5, 5))
	req := spikes.Request{Rows: rows, Learn: true, SpikesOf: []string{}, Inputs: map[string]spikes.Train{}}
	for _, name := range []string{"pre", "teacher"} {
		for k := range int32(rows) {
			for i := range int32(256) {
				if r.IntN(20) == 0 {
					req.Inputs[name] = append(req.Inputs[name], spikes.Event{Row: k, Index: i, Payload: 1})
				}
			}
		}
	}
	return req
}

// W4 learns on the chip what it learns on the interpreter.
func TestPairwiseSTDP(t *testing.T) {
	m, req := pairwise(t), fivePercent(60)
	golden := interp.New[int64](m)
	want, err := golden.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	before := golden.Learned("w", sem.TargetW)
	chip, err := load(t, mapped(m, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	session := chip.NewSession(chipsim.Options{})
	untouched := session.Learned("w", sem.TargetW)
	got, err := session.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if d := irgen.Difference(want, got); d != "" {
		t.Error(d)
	}
	if !slices.Equal(before, session.Learned("w", sem.TargetW)) || slices.Equal(before, untouched) {
		t.Error("the weights differ, or did not change")
	}
}

// BenchmarkPairwiseSTDP is W4: one operation is one row, thus rows a second are the
// inverse of ns/op.
func BenchmarkPairwiseSTDP(b *testing.B) {
	chip, err := load(b, mapped(pairwise(b), 1, 1))
	if err != nil {
		b.Fatal(err)
	}
	session, req := chip.NewSession(chipsim.Options{}), fivePercent(1000)
	b.ResetTimer()
	for done := 0; done < b.N; done += req.Rows {
		req.Rows = min(req.Rows, b.N-done)
		if _, err := session.Run(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(256*256)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Msynapses/s")
}
