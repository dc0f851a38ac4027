package sem_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"decc/ir/irgen"
	"decc/ir/sem"
)

// names of the operations whose constant may be any integer.
func constants(op sem.Op) [][2]int64 {
	info := sem.Ops[op]
	switch {
	case op == sem.OpClamp:
		return [][2]int64{{-8388607, 8388607}, {0, 0}, {-5, 3}, {math.MinInt64, math.MaxInt64}, {7, 1 << 40}}
	case info.MaxK > 0:
		var ks [][2]int64
		for k := info.MinK; k <= info.MaxK; k++ {
			ks = append(ks, [2]int64{k})
		}
		return ks
	case info.Ks > 0:
		return [][2]int64{{0}, {1}, {-1}, {math.MaxInt64}, {math.MinInt64}}
	}
	return [][2]int64{{}}
}

// samples are edges of all widths and random numbers of all magnitudes.
func samples(r *rand.Rand, edges, random int) []int64 {
	all := []int64{0, 1, -1, 2, -2, 3, math.MaxInt64, math.MinInt64, 1<<23 - 1, 1 << 23, -1 << 23, -1<<23 - 1}
	for n := range 63 {
		p := int64(1) << n
		all = append(all, p, -p, p-1, -p-1, 3*p/2)
	}
	r.Shuffle(len(all)-12, func(i, j int) { all[12+i], all[12+j] = all[12+j], all[12+i] })
	all = all[:min(edges, len(all))]
	for range random {
		all = append(all, int64(r.Uint64())>>r.UintN(64))
	}
	return all
}

func TestOpsTableIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for op, info := range sem.Ops {
		if info.Name == "" || info.Doc == "" || info.Int == nil || info.Real == nil || info.Range == nil {
			t.Errorf("row %d (%q) has an empty column", op, info.Name)
		}
		if seen[info.Name] {
			t.Errorf("%q is the name of two operations", info.Name)
		}
		seen[info.Name] = true
		if info.Arity < 0 || info.Arity > 3 || info.Ks < 0 || info.Ks > 2 || info.Arity+info.Ks == 0 {
			t.Errorf("%s takes %d values and %d constants", info.Name, info.Arity, info.Ks)
		}
		if wantCost := op != int(sem.OpConst); (info.Cost > 0) != wantCost {
			t.Errorf("%s costs %d", info.Name, info.Cost)
		}
		if back, ok := sem.OpByName(info.Name); !ok || back != sem.Op(op) || back.String() != info.Name {
			t.Errorf("OpByName(%q) = %d, %t", info.Name, back, ok)
		}
	}
	if _, ok := sem.OpByName("no such operation"); ok {
		t.Error("OpByName knows an operation that is not there")
	}
}

// lanes3 are argument lanes for every combination of the samples that an arity needs.
func lanes3(r *rand.Rand, arity int) [3][]int64 {
	var lanes [3][]int64
	add := func(a, b, c int64) {
		for i, x := range []int64{a, b, c} {
			lanes[i] = append(lanes[i], x)
		}
	}
	switch arity {
	case 0:
		add(0, 0, 0)
	case 1:
		for _, a := range samples(r, 400, 200) {
			add(a, 0, 0)
		}
	default:
		x := samples(r, 40, 20)
		for _, a := range x {
			for _, b := range x {
				add(a, b, x[r.IntN(len(x))])
			}
		}
	}
	return lanes
}

// Every integer meaning equals the statement in unbounded integers, wherever that
// is an int64 (the range reader refuses the rest).
func TestIntIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for op, info := range sem.Ops {
		lanes := lanes3(r, info.Arity)
		n := len(lanes[0])
		got := make([]int64, n)
		for _, k := range constants(sem.Op(op)) {
			info.Int(got, lanes[0], lanes[1], lanes[2], k)
			for i := range n {
				a, b, c := big.NewInt(lanes[0][i]), big.NewInt(lanes[1][i]), big.NewInt(lanes[2][i])
				want := irgen.Exact(sem.Op(op), a, b, c, k)
				if want.IsInt64() && want.Int64() != got[i] {
					t.Fatalf("%s(%d, %d, %d; %v) = %d, want %d", info.Name, a, b, c, k, got[i], want)
				}
			}
		}
	}
}

// No operation looks at lanes beyond its destination or writes its arguments.
func TestOpsKeepToTheirLanes(t *testing.T) {
	for op, info := range sem.Ops {
		args := [3][]int64{{5, 6, 7, 8}, {1, 0, 2, 3}, {9, 9, 9, 9}}
		before := [3][]int64{slices.Clone(args[0]), slices.Clone(args[1]), slices.Clone(args[2])}
		d := []int64{77, 77, 77, 77}
		info.Int(d[:3], args[0], args[1], args[2], constants(sem.Op(op))[0])
		if d[3] != 77 {
			t.Errorf("%s wrote beyond its destination", info.Name)
		}
		for i := range args {
			if !slices.Equal(args[i], before[i]) {
				t.Errorf("%s wrote its argument %d", info.Name, i)
			}
		}
	}
}

// unrounded reports whether the operation neither rounds nor wraps on this
// argument, so that reals and integers must agree.
func unrounded(op sem.Op, a int64, k int64) bool {
	switch op {
	case sem.OpShrZ, sem.OpShrF, sem.OpRound:
		return a%(1<<k) == 0
	case sem.OpWrap, sem.OpWrapOnce:
		x := big.NewInt(a)
		return irgen.Exact(op, x, nil, nil, [2]int64{k}).Cmp(x) == 0
	}
	return true
}

func TestRealIsIntWhereNothingRounds(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for op, info := range sem.Ops {
		checked := 0
		for range 4000 {
			k := constants(sem.Op(op))[r.IntN(len(constants(sem.Op(op))))]
			var args [3]int64
			for i := range args {
				args[i] = int64(r.IntN(1<<26)-1<<25) >> r.UintN(26)
			}
			if info.MaxK > 0 && r.IntN(2) == 0 {
				args[0] &^= int64(1)<<min(k[0], 24) - 1
			}
			want := irgen.Exact(sem.Op(op), big.NewInt(args[0]), big.NewInt(args[1]), big.NewInt(args[2]), k)
			if !unrounded(sem.Op(op), args[0], k[0]) || want.BitLen() > 52 {
				continue
			}
			checked++
			got := []float64{0}
			info.Real(got, []float64{float64(args[0])}, []float64{float64(args[1])}, []float64{float64(args[2])}, k)
			if got[0] != float64(want.Int64()) {
				t.Fatalf("real %s(%d; %v) = %v, integers give %d", info.Name, args, k, got[0], want)
			}
		}
		if checked < 100 {
			t.Errorf("%s: only %d cases without rounding", info.Name, checked)
		}
	}
}

// What the real meaning leaves out, one row an operation that rounds or wraps.
func TestRealDoesNotRound(t *testing.T) {
	for _, c := range []struct {
		op   sem.Op
		a    float64
		k    int64
		want float64
	}{
		{sem.OpShrZ, -3, 1, -1.5},
		{sem.OpShrF, -3, 1, -1.5},
		{sem.OpRound, 5, 2, 1.25},
		{sem.OpWrap, 1 << 23, 24, 1 << 23},
		{sem.OpWrapOnce, -1 << 23, 24, -1 << 23},
	} {
		got := []float64{0}
		sem.Ops[c.op].Real(got, []float64{c.a}, []float64{1}, nil, [2]int64{c.k})
		if got[0] != c.want {
			t.Errorf("real %s(%v, %d) = %v, want %v", sem.Ops[c.op].Name, c.a, c.k, got[0], c.want)
		}
	}
}
