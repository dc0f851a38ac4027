package hypergraph

import (
	"slices"
	"testing"
)

// grid is a sheet of n x n vertices; each talks to its neighbours up to distance r.
func grid(n, r int) ([]int64, []Net) {
	load := make([]int64, n*n)
	var nets []Net
	for y := range n {
		for x := range n {
			load[y*n+x] = 1
			var pins []int32
			for dy := -r; dy <= r; dy++ {
				for dx := -r; dx <= r; dx++ {
					if u, v := x+dx, y+dy; u >= 0 && v >= 0 && u < n && v < n {
						pins = append(pins, int32(v*n+u))
					}
				}
			}
			nets = append(nets, Net{pins, 1, int32(y*n + x)})
		}
	}
	return load, nets
}

func partOf(n int, parts [][]int32) []int32 {
	part := make([]int32, n)
	for i := range part {
		part[i] = -1
	}
	for p, list := range parts {
		for _, v := range list {
			part[v] = int32(p)
		}
	}
	return part
}

// TestSplitFindsTiles: a sheet whose vertices are numbered at random falls into compact
// tiles. 16 squares of 16 x 16 have the cost of the plain cut; the bound leaves a quarter more.
func TestSplitFindsTiles(t *testing.T) {
	const n, r = 64, 1
	load, nets := grid(n, r)
	name := shuffled(n * n)
	for e := range nets {
		nets[e].Source = name[nets[e].Source]
		for i, v := range nets[e].Pins {
			nets[e].Pins[i] = name[v]
		}
	}
	g := New(load, nets)
	parts := g.Split(n * n / 16 * 105 / 100)
	squares := make([]int32, n*n)
	for v := range squares {
		squares[name[v]] = int32(v/n/16*4 + v%n/16)
	}
	got, ideal := g.Cost(partOf(n*n, parts)), g.Cost(squares)
	if got*100 > ideal*130 {
		t.Errorf("cost %d, that of squares %d", got, ideal)
	}
	t.Logf("cost %d, squares %d, %d parts", got, ideal, len(parts))
}

// TestSplitCoversOnce holds the parts against what Split promises, over many sizes.
func TestSplitCoversOnce(t *testing.T) {
	for n := 1; n < 20; n++ {
		load, nets := grid(n, 1)
		for v := range load {
			load[v] = int64(1 + v%7)
		}
		for _, limit := range []int64{1, 7, 20, 1000} {
			var all []int32
			for _, part := range New(load, nets).Split(limit) {
				sum := int64(0)
				for _, v := range part {
					sum += load[v]
				}
				if sum > limit && len(part) > 1 && limit >= 20 {
					t.Errorf("%d x %d, limit %d: a part of %d has load %d", n, n, limit, len(part), sum)
				}
				all = append(all, part...)
			}
			slices.Sort(all)
			if len(all) != n*n || len(slices.Compact(all)) != n*n {
				t.Fatalf("%d x %d, limit %d: the parts do not cover the vertices once", n, n, limit)
			}
		}
	}
}

// TestSplitKeepsRooms: parts of different rooms, those of the last for all after it, take what theirs is, and Improve keeps to it.
func TestSplitKeepsRooms(t *testing.T) {
	load, nets := grid(60, 2)
	g, rooms := New(load, nets), []int64{400, 300, 300, 100, 200}
	for _, parts := range [][][]int32{g.Split(rooms...), g.Improve(stripes(60, 3), rooms...)} {
		for i, part := range parts {
			if room := rooms[min(i, len(rooms)-1)]; int64(len(part)) > room {
				t.Errorf("part %d of %d has %d, there is room for %d", i, len(parts), len(part), room)
			}
		}
	}
}

// TestCutListsAreApart: what is appended to one list does not show in the other.
func TestCutListsAreApart(t *testing.T) {
	g := New([]int64{1, 1 << 40, 1}, nil)
	cut := g.Cut([]int32{0, 1}, 1, 1000)
	second := slices.Clone(cut[1])
	if _ = append(cut[0], 7); len(cut[0]) != 1 || !slices.Equal(cut[1], second) {
		t.Errorf("the lists became %v", cut)
	}
}

// TestGainsStayTrue compares the corrected gains with gains counted anew after every move.
func TestGainsStayTrue(t *testing.T) {
	load, nets := grid(9, 2)
	g := New(load, nets)
	b := newBisection(g, inOrder(g, [2]int64{45, 45}), [2]int64{45, 45})
	b.fillQueues()
	for _, v := range shuffled(len(load))[:60] {
		before, want := b.cut(), b.gain[v]
		b.move(v)
		if got := before - b.cut(); got != want {
			t.Fatalf("the move of %d saved %d, its gain was %d", v, got, want)
		}
		for u := range load {
			if anew, _ := b.gainOf(int32(u)); !b.moved[u] && b.gain[u] != anew {
				t.Fatalf("after the move of %d the gain of %d is %d, counted anew %d", v, u, b.gain[u], anew)
			}
		}
	}
}

// TestSplitIsTheSameAgain: no map order, no clock.
func TestSplitIsTheSameAgain(t *testing.T) {
	load, nets := grid(40, 2)
	first := New(load, nets).Split(100)
	for range 3 {
		if again := New(load, nets).Split(100); !slices.EqualFunc(first, again, slices.Equal) {
			t.Fatal("the same hypergraph was divided differently")
		}
	}
}

// TestCostCountsParts holds Cost against an example by hand.
func TestCostCountsParts(t *testing.T) {
	g := New([]int64{1, 1, 1, 1}, []Net{{[]int32{0, 1, 2}, 5, 0}, {[]int32{2, 3}, 2, -1}, {[]int32{3}, 9, 3}})
	if got := g.Cost([]int32{0, 1, 2, 2}); got != 10 {
		t.Errorf("cost %d, want 5 * (3-1) + 2 * (1-1) = 10", got)
	}
}

func BenchmarkSplit(b *testing.B) {
	for _, n := range []int{50, 100, 200, 400} {
		load, nets := grid(n, 2)
		b.Run("", func(b *testing.B) {
			for b.Loop() {
				New(load, nets).Split(256)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*n), "ns/vertex")
		})
	}
}
