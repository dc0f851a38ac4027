package sem_test

import (
	"encoding/binary"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"decc/ir/sem"
)

// drawRule is any rule within the limits.
func drawRule(t *rapid.T) sem.Rule {
	r := sem.Rule{
		Name: "r", Epoch: rapid.IntRange(1, sem.MaxEpoch).Draw(t, "epoch"), Decimate: rapid.IntRange(0, sem.MaxDecimate).Draw(t, "k"),
		Graded: rapid.IntRange(0, sem.GradedOverflow).Draw(t, "graded"),
	}
	for i := range r.Traces {
		r.Traces[i].Impulse = int32(rapid.IntRange(0, 127<<8).Draw(t, "impulse"))
		if rapid.Bool().Draw(t, "silicon") {
			r.Traces[i].Decay = int32(rapid.IntRange(0, 4096).Draw(t, "decay"))
		} else {
			r.Traces[i].Tau = int32(rapid.IntRange(0, 1<<31-1).Draw(t, "tau"))
		}
		r.Traces[i].Value = rapid.SampledFrom([]string{"", "up", "v"}).Draw(t, "value")
	}
	for i := range r.Sums {
		for range rapid.IntRange(0, 3).Draw(t, "products") {
			r.Sums[i] = append(r.Sums[i], drawProduct(t))
		}
	}
	return r
}

func drawProduct(t *rapid.T) sem.Product {
	p := sem.Product{
		Gate: sem.Gate(rapid.IntRange(0, 2).Draw(t, "gate")), Mant: int8(rapid.IntRange(sem.MinMant+1, sem.MaxMant).Draw(t, "mantissa")),
		Exp: int8(rapid.IntRange(sem.MinProdExp, sem.MaxProdExp).Draw(t, "exponent")),
	}
	for range rapid.IntRange(0, 15).Draw(t, "factors") {
		v := sem.Variable(rapid.IntRange(0, len(sem.Variables)-1).Draw(t, "variable"))
		own := sem.Variables[v].Side == sem.OwnSide
		p.Factors = append(p.Factors, sem.Factor{
			Var: v, Add: int16(rapid.IntRange(-sem.MaxConstant, sem.MaxConstant).Draw(t, "constant")), Sgn: own && rapid.Bool().Draw(t, "sgn"),
		})
	}
	return p
}

// TestWordsReadBack: microcode means the rule that it was assembled from.
func TestWordsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t)
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		b, err := r.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var back sem.Rule
		if err := back.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(r, back) {
			t.Fatalf("%+v reads as %+v, %v", r, back, err)
		}
	})
}

// TestWordsOfTheHand: pairwise STDP by hand from the layout.
func TestWordsOfTheHand(t *testing.T) {
	r := sem.Rule{Name: "stdp", Epoch: 2, Traces: [5]sem.Trace{{Impulse: 16 << 8, Decay: 328}}}
	r.Sums[sem.TargetW] = []sem.Product{{Gate: sem.GateY0, Mant: -1, Exp: -4, Factors: []sem.Factor{{Var: sem.X1, Add: -3}}}}
	words, err := r.Words()
	want := []uint64{
		2 | 1<<12 | 1<<36, 16<<8 | 328<<15, 0, 0, 0, 0,
		1 | 15<<2 | 3<<6 | 1<<10 | (1|(512-3)<<4)<<14,
	}
	if err != nil || !reflect.DeepEqual(words, want) {
		t.Errorf("%#x, %v, want %#x", words, err, want)
	}
}

func TestWordsHaveLimits(t *testing.T) {
	long := sem.Rule{Epoch: 1}
	long.Sums[sem.TargetT] = []sem.Product{{Factors: make([]sem.Factor, 16)}}
	many := sem.Rule{Epoch: 1}
	many.Sums[sem.TargetW] = make([]sem.Product, 256)
	for _, r := range []sem.Rule{long, many} {
		if _, err := r.Words(); err == nil {
			t.Error("no error")
		}
	}
}

// FuzzWords: bytes are refused, or mean a rule that writes the same bytes.
func FuzzWords(f *testing.F) {
	r := sem.Rule{Name: "r", Epoch: 1, Sums: [3][]sem.Product{{{Gate: sem.GateU, Mant: 1, Factors: make([]sem.Factor, 5)}}}}
	r.Traces[2].Value = "up"
	b, err := r.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(binary.LittleEndian.AppendUint16(nil, 9))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r sem.Rule
		if r.UnmarshalBinary(b) != nil {
			return
		}
		again, err := r.MarshalBinary()
		if err != nil || string(again) != string(b) {
			t.Fatalf("%x reads as %+v, which writes %x, %v", b, r, again, err)
		}
	})
}

// A trace that the host writes keeps how in the words, and nothing else moves it.
func TestWordsOfHostTraces(t *testing.T) {
	r := sem.Rule{Name: "sign", Epoch: 20}
	for _, host := range []sem.HostWrite{sem.HostValue, sem.HostSigned} {
		r.Traces[sem.Y1.TraceIndex()] = sem.Trace{Host: host}
		b, err := r.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var back sem.Rule
		if err := back.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(r, back) {
			t.Errorf("%+v reads as %+v, %v", r, back, err)
		}
	}
	for _, bad := range []sem.Trace{{Host: 3}, {Host: sem.HostValue, Impulse: 256}, {Host: sem.HostValue, Decay: 1}, {Host: sem.HostSigned, Value: "up"}} {
		r.Traces[sem.Y1.TraceIndex()] = bad
		if r.Check() == nil {
			t.Errorf("%+v is no trace", bad)
		}
	}
	r.Traces = [5]sem.Trace{{Host: sem.HostValue}}
	if r.Check() == nil {
		t.Error("the host writes no x trace")
	}
}
