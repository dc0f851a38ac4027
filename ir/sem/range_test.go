package sem_test

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"decc/ir"
	"decc/ir/irgen"
	"decc/ir/sem"
)

// between draws a member of an interval, its ends often.
func between(r *rand.Rand, v sem.Interval) *big.Int {
	switch r.IntN(4) {
	case 0:
		return v.Lo
	case 1:
		return v.Hi
	}
	width := new(big.Int).Sub(v.Hi, v.Lo)
	x := new(big.Int).SetUint64(r.Uint64())
	x.Lsh(x, 64).Add(x, new(big.Int).SetUint64(r.Uint64()))
	return x.Mod(x, width.Add(width, big.NewInt(1))).Add(x, v.Lo)
}

func within(x *big.Int, v sem.Interval) bool { return v.Lo.Cmp(x) <= 0 && x.Cmp(v.Hi) <= 0 }

func randomInterval(r *rand.Rand) sem.Interval {
	lo, hi := int64(r.Uint64())>>r.UintN(64), int64(r.Uint64())>>r.UintN(64)
	return sem.Span(min(lo, hi), max(lo, hi))
}

// The result of any members of the argument intervals lies in the result interval.
func TestRangeIsSound(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for op, info := range sem.Ops {
		ks := constants(sem.Op(op))
		for range 1500 {
			a, b, c, k := randomInterval(r), randomInterval(r), randomInterval(r), ks[r.IntN(len(ks))]
			result := info.Range(a, b, c, k)
			for range 8 {
				x, y, z := between(r, a), between(r, b), between(r, c)
				if got := irgen.Exact(sem.Op(op), x, y, z, k); !within(got, result) {
					t.Fatalf("%s(%d, %d, %d; %v) = %d is outside %s, the range for %s, %s, %s", info.Name, x, y, z, k, got, result, a, b, c)
				}
			}
		}
	}
}

// looseRanges are the operations whose range rule may give more than what their
// results fill, with the reason.
var looseRanges = map[sem.Op]string{
	sem.OpWrap:     "an interval that crosses the edge gives the whole width",
	sem.OpWrapOnce: "as wrap",
	sem.OpGt:       "comparisons give 0..1 whatever they compare",
	sem.OpGe:       "as gt",
	sem.OpEq:       "as gt",
	sem.OpAnd:      "as gt",
	sem.OpOr:       "as gt",
	sem.OpNot:      "as gt",
	sem.OpSelect:   "the condition is not looked at",
	sem.OpRound:    "the random value is not looked at",
}

// All other operations: the range of two small intervals is the hull of the
// results of all their members.
func TestRangeIsTight(t *testing.T) {
	for op, info := range sem.Ops {
		if looseRanges[sem.Op(op)] != "" {
			continue
		}
		ks := [][2]int64{{0}, {1}, {2}, {3}}
		if sem.Op(op) == sem.OpClamp {
			ks = [][2]int64{{-2, 1}, {0, 0}, {3, 9}, {-9, -4}}
		}
		for _, k := range ks {
			for _, a := range smallIntervals(5) {
				for _, b := range smallIntervals(2) {
					want := hullOf(sem.Op(op), a, b, k)
					if got := info.Range(sem.Span(a[0], a[1]), sem.Span(b[0], b[1]), sem.Span(0, 0), k); got.String() != want {
						t.Fatalf("%s of %v and %v with %v: range %s, the results fill %s", info.Name, a, b, k, got, want)
					}
				}
			}
		}
	}
}

func smallIntervals(n int64) (all [][2]int64) {
	for lo := -n; lo <= n; lo++ {
		for hi := lo; hi <= n; hi++ {
			all = append(all, [2]int64{lo, hi})
		}
	}
	return all
}

func hullOf(op sem.Op, a, b [2]int64, k [2]int64) string {
	var all []int64
	for x := a[0]; x <= a[1]; x++ {
		for y := b[0]; y <= b[1]; y++ {
			all = append(all, irgen.Exact(op, big.NewInt(x), big.NewInt(y), nil, k).Int64())
		}
	}
	return sem.Span(slices.Min(all), slices.Max(all)).String()
}

// Wraps are tight where nothing wraps.
func TestRangeOfWrapInside(t *testing.T) {
	for _, op := range []sem.Op{sem.OpWrap, sem.OpWrapOnce} {
		v := sem.Span(-8388607, 8388607)
		if got := sem.Ops[op].Range(v, v, v, [2]int64{24}); got.String() != v.String() {
			t.Errorf("%s of %s is %s", sem.Ops[op].Name, v, got)
		}
	}
}

// No value that a program ever takes leaves the interval that Ranges gave its slot.
func TestRangesHoldsInRuns(t *testing.T) {
	for seed := range uint64(150) {
		p := irgen.Program("p", seed, irgen.Options{})
		v, err := sem.Ranges(&p.Program, nil)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		r := rand.New(rand.NewPCG(seed, 4))
		run := newScalar(&p.Program)
		for range 20 {
			run.randomInputs(r)
			run.step()
			for slot, x := range run.values {
				if !within(x, v[slot]) {
					t.Fatalf("seed %d: slot %d is %d, outside %s\n%s", seed, slot, x, v[slot], ir.ProgramText(&p.Program))
				}
			}
		}
	}
}

// Escapes that were planted are found, at their value, with the field to blame.
func TestRangesFindsPlantedEscapes(t *testing.T) {
	for _, c := range []struct {
		name, body string
		value      string   // in Escape.Value
		fields     []string // Escape.Fields
	}{
		{"product beyond 64 bits", "state x:s40 port d:s40 param k:u30\n x = wrap(mul(d, k), 40)", "mul in the computation of x", []string{"d", "k"}},
		{"state beyond its type", "state x:s24 port d:s24\n x = add(shrz(x, 1), d)", "state x", []string{"d"}},
		{"state that grows", "state x:s24\n x = add(x, 1)", "state x", nil},
		{"shift beyond 64 bits", "state x:s62\n y = shl(x, 3)\n x = wrap(y, 62)", "shl in the computation of y", nil},
		{"decay beyond 4096", "state u:s24 param du:u14\n u = shrz(mul(u, sub(4096, du)), 12)", "state u", []string{"du"}},
		{"unsigned below zero", "state c:u7 port d:u3\n c = min(sub(c, d), 100)", "state c", []string{"d"}},
		{"random too wide", "state x:s8 random r:u9\n x = sub(r, 128)", "state x", []string{"r"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ir.ParseProgram("neuron @p {\n"+c.body+"\n}", "p.dcir", sem.Silicon)
			if err != nil {
				t.Fatal(err)
			}
			_, err = sem.Ranges(&p.Program, nil)
			var escape *sem.Escape
			if !errors.As(err, &escape) {
				t.Fatalf("got %v, want an escape", err)
			}
			if escape.Value != c.value || !slices.Equal(escape.Fields, c.fields) || !strings.Contains(escape.Error(), escape.Range.String()) {
				t.Errorf("got %v (value %q, fields %v), want value %q, fields %v", err, escape.Value, escape.Fields, c.value, c.fields)
			}
		})
	}
}

// A bound on the guilty field makes the same program fine, and one value more does not.
func TestRangesUsesBounds(t *testing.T) {
	p, err := ir.ParseProgram("neuron @p {\nstate x:s24 port d:s40\n x = add(min(x, 0), d)\n}", "p.dcir", sem.Silicon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sem.Ranges(&p.Program, sem.Bounds{"d": sem.Span(0, 8388607)}); err != nil {
		t.Error(err)
	}
	for _, d := range []sem.Interval{sem.Span(0, 8388608), sem.Span(-1, 0)} {
		if _, err := sem.Ranges(&p.Program, sem.Bounds{"d": d}); err == nil {
			t.Errorf("d in %s leaves s24, no escape found", d)
		}
	}
}
