package chipsim

import (
	"math/rand/v2"
	"slices"
	"testing"

	"decc/chipsim/image"
	"decc/ir"
	"decc/ir/sem"
)

func builtin(t testing.TB, k *kernel) *sem.Program {
	p, err := ir.Builtin(k.name, sem.Silicon)
	if err != nil {
		t.Fatal(err)
	}
	return &p.Program
}

// Every kernel fits the program of its name as it is now, and no other.
func TestKernelsAreInUse(t *testing.T) {
	for i := range kernels {
		k := &kernels[i]
		p := builtin(t, k)
		if got := programDigest(p); got != k.digest {
			t.Errorf("program @%s of the silicon profile has digest %s, its kernel %s", k.name, got, k.digest)
		}
		p.Name = "other"
		if kernelOf(p) != k {
			t.Errorf("@%s under another name has no kernel", k.name)
		}
		for j := range p.Code {
			q := *p
			q.Code = slices.Clone(p.Code)
			q.Code[j].K[1]++
			if kernelOf(&q) != nil {
				t.Errorf("@%s with another constant in instruction %d has a kernel", k.name, j)
			}
		}
	}
}

// pair is the same compartments twice: by the kernel and by the program.
type pair struct {
	program    *sem.Program
	fast, slow blockState
}

func newPair(t testing.TB, k *kernel, n int) *pair {
	p := builtin(t, k)
	img := &image.Image{Groups: []image.Group{{Name: "g", N: n}}}
	run := &image.Run{N: n}
	for range p.FieldsOf(sem.Param) {
		run.Params = append(run.Params, []int64{0})
	}
	b := &block{n: n, run: run, program: p, fast: k}
	x := &pair{program: p}
	x.fast.open(&Chip{img: img}, b)
	slow := *b
	slow.fast = nil
	x.slow.open(&Chip{img: img}, &slow)
	x.fast.engage(nil)
	x.slow.engage(x.watched())
	return x
}

// watched are the values that the kernel stores.
func (x *pair) watched() []sem.Ref {
	var refs []sem.Ref
	for _, name := range x.fast.block.fast.writes {
		refs = append(refs, x.program.Observable(name))
	}
	return refs
}

// set gives field f of a lane the same value on both sides.
func (x *pair) set(f, lane int, value int64) {
	x.fast.exec.Slot(sem.Ref(f))[lane] = value
	x.slow.exec.Slot(sem.Ref(f))[lane] = value
}

// row computes a row on both sides and compares all that a kernel promises.
func (x *pair) row(t *testing.T) {
	t.Helper()
	x.fast.fired, x.slow.fired = x.fast.fired[:0], x.slow.fired[:0]
	x.fast.keepStates()
	x.slow.keepStates()
	x.fast.compute()
	x.slow.compute()
	if !slices.Equal(x.fast.fired, x.slow.fired) {
		t.Fatalf("@%s: kernel fires %v, program %v", x.program.Name, x.fast.fired, x.slow.fired)
	}
	if x.fast.unchanged() != x.slow.unchanged() {
		t.Fatalf("@%s: kernel says unchanged %t, program %t", x.program.Name, x.fast.unchanged(), x.slow.unchanged())
	}
	for _, r := range x.watched() {
		x.equal(t, x.program.Code[int(r)-len(x.program.Fields)].Name, x.fast.watch(r), x.slow.watch(r))
	}
	x.slow.exec.Commit()
	for f, field := range x.program.Fields {
		x.equal(t, field.Name, x.fast.exec.Slot(sem.Ref(f)), x.slow.exec.Slot(sem.Ref(f)))
	}
}

func (x *pair) equal(t *testing.T, name string, fast, slow []int64) {
	t.Helper()
	for lane := range fast {
		if fast[lane] != slow[lane] {
			t.Fatalf("@%s, %s of lane %d: kernel %d, program %d", x.program.Name, name, lane, fast[lane], slow[lane])
		}
	}
}

// extreme is a value of a type: often an end, zero or near one, and often small.
func extreme(r *rand.Rand, t sem.Type) int64 {
	lo, hi := t.Limits()
	switch r.IntN(6) {
	case 0:
		return lo
	case 1:
		return hi
	case 2:
		return min(max(int64(r.IntN(5))-2, lo), hi)
	case 3:
		return min(max(int64(r.IntN(20000))-10000, lo), hi)
	}
	return lo + int64(r.Uint64N(uint64(hi-lo)+1))
}

// Kernel and program agree from random states and params, extremes often, over rows
// with random drive, and come to rest together without.
func TestKernelsEqualTheirPrograms(t *testing.T) {
	for i := range kernels {
		r := rand.New(rand.NewPCG(uint64(i), 2))
		for round := range 200 {
			x := newPair(t, &kernels[i], 1+r.IntN(70))
			for f, field := range x.program.Fields {
				value := extreme(r, field.Type)
				for lane := range x.fast.n {
					if field.Kind != sem.Param || round%2 == 0 {
						value = extreme(r, field.Type)
					}
					x.set(f, lane, value)
				}
			}
			x.fast.engage(nil) // it looks whether params are alike
			for range 12 {
				x.row(t)
				for _, f := range x.program.FieldsOf(sem.Port) {
					for lane := range x.fast.n {
						x.set(f, lane, int64(r.IntN(3))*extreme(r, sem.Type{Bits: 16, Signed: true}))
					}
				}
			}
		}
	}
}

// On lanes of 32 bits a kernel does what its program does, from any state that the program can leave, with params that all lanes
// share.
func TestNarrowKernelsEqualTheirPrograms(t *testing.T) {
	for i := range kernels {
		if kernels[i].narrow.loops().Bank == nil {
			t.Skip("this processor has no vectors")
		}
		r := rand.New(rand.NewPCG(uint64(i), 3))
		for range 300 {
			x := newPair(t, &kernels[i], 1+r.IntN(70))
			x.fast.block.reached = []bool{true}
			for f, field := range x.program.Fields {
				shared := extreme(r, field.Type)
				if slices.Contains(kernels[i].narrow.decays, field.Name) {
					shared = min(shared, one)
				}
				for lane := range x.fast.n {
					switch field.Kind {
					case sem.Param:
						x.set(f, lane, shared)
					case sem.State:
						x.set(f, lane, extreme(r, field.Type))
					}
				}
			}
			x.fast.engage(nil)
			if x.fast.narrow == nil {
				t.Fatalf("@%s is not on 32 bits", x.program.Name)
			}
			arrived, drive := make([]int64, x.fast.n+narrowLanes), x.program.FieldIndex("drive")
			bank, shift := newBankState(&bank{lanes: int32(x.fast.n)}), uint(r.IntN(20))
			for row := range 12 {
				for lane := range x.fast.n {
					arrived[lane] = int64(row%3) * extreme(r, sem.Type{Bits: 40, Signed: true}) / 2
					if row%2 > 0 {
						bank.stage[lane] = int16(extreme(r, sem.Type{Bits: 16, Signed: true}))
						arrived[lane] = int64(bank.stage[lane]) << shift
					}
					x.slow.exec.Slot(sem.Ref(drive))[lane] = arrived[lane]
				}
				x.slow.keepStates()
				x.slow.fired = x.slow.fired[:0]
				if row%2 > 0 {
					x.fast.fired = x.fast.narrow.runBanked(&bank, shift, x.fast.n, x.fast.fired[:0])
				} else {
					x.fast.fired = x.fast.narrow.run(arrived, x.fast.n, x.fast.fired[:0])
				}
				if slices.ContainsFunc(bank.stage, func(w int16) bool { return w != 0 }) {
					t.Fatalf("@%s: the bank is not empty", x.program.Name)
				}
				x.slow.compute()
				if !slices.Equal(x.fast.fired, x.slow.fired) {
					t.Fatalf("@%s: kernel fires %v, program %v", x.program.Name, x.fast.fired, x.slow.fired)
				}
				if !x.slow.unchanged() && !x.fast.narrow.changed {
					t.Fatalf("@%s: kernel says that nothing changed", x.program.Name)
				}
				x.slow.exec.Commit()
			}
			x.fast.widen()
			for _, f := range x.program.FieldsOf(sem.State) {
				x.equal(t, x.program.Fields[f].Name, x.fast.exec.Slot(sem.Ref(f)), x.slow.exec.Slot(sem.Ref(f)))
			}
		}
	}
}

// A lane at rest is called unchanged by both.
func TestKernelsComeToRest(t *testing.T) {
	for i := range kernels {
		x := newPair(t, &kernels[i], 3)
		for lane := range x.fast.n {
			for _, name := range []string{"du", "dv", "dr"} {
				if f := x.program.FieldIndex(name); f >= 0 {
					x.set(f, lane, 4096)
				}
			}
			x.set(x.program.FieldIndex("vth"), lane, 100)
			x.set(x.program.FieldIndex("drive"), lane, 0)
		}
		for range 4 {
			x.row(t)
		}
		if !x.fast.unchanged() {
			t.Errorf("@%s is not at rest", x.program.Name)
		}
	}
}

// FuzzKernels reads a kernel, and for one lane its fields, from the bytes.
func FuzzKernels(f *testing.F) {
	f.Add([]byte{0}, uint64(1))
	f.Add([]byte("00"), uint64(21)) // a spike at v = 0 that starts a refractory time
	f.Add([]byte{1, 0xff, 0x80, 0x7f, 3}, uint64(2))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 3))
		next := func() byte {
			if len(b) == 0 {
				return byte(r.Uint32())
			}
			x := b[0]
			b = b[1:]
			return x
		}
		x := newPair(t, &kernels[int(next())%len(kernels)], 1)
		for i, field := range x.program.Fields {
			var v int64
			for range (field.Type.Bits + 7) / 8 {
				v = v<<8 | int64(next())
			}
			lo, hi := field.Type.Limits()
			x.set(i, 0, lo+int64(uint64(v)%(uint64(hi-lo)+1)))
		}
		for range 5 {
			x.row(t)
		}
	})
}

// BenchmarkKernels reports the time of one compartment step, of compartments that are
// active but do not fire, beside that of sem.Exec.
func BenchmarkKernels(b *testing.B) {
	const n = 128
	for i := range kernels {
		x := newPair(b, &kernels[i], n)
		for f, field := range x.program.Fields {
			for lane := range n {
				_, hi := field.Type.Limits()
				value := min(3000, hi)
				if field.Name == "vth" {
					value = hi
				}
				x.set(f, lane, value)
			}
		}
		b.Run(kernels[i].name+"/kernel", func(b *testing.B) {
			for b.Loop() {
				x.fast.fired = x.fast.fired[:0]
				x.fast.compute()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/update")
		})
		b.Run(kernels[i].name+"/program", func(b *testing.B) {
			for b.Loop() {
				x.slow.fired = x.slow.fired[:0]
				x.slow.compute()
				x.slow.exec.Commit()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/update")
		})
	}
}
