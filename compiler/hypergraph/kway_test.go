package hypergraph

import (
	"slices"
	"testing"
)

// stripes divides a grid of n x n in bands of so many rows.
func stripes(n, rows int) [][]int32 {
	parts := make([][]int32, (n+rows-1)/rows)
	for v := range n * n {
		p := v / n / rows
		parts[p] = append(parts[p], int32(v))
	}
	return parts
}

// TestImproveByHand: of two chains of three, one vertex is in the wrong part. It goes back, although the
// other part has to take one more, and it does not where there is no room.
func TestImproveByHand(t *testing.T) {
	g := New([]int64{1, 1, 1, 1, 1, 1}, []Net{{[]int32{0, 1, 2}, 5, 0}, {[]int32{3, 4, 5}, 5, 3}, {[]int32{2, 3}, 1, 2}})
	wrong := [][]int32{{0, 1}, {2, 3, 4, 5}}
	if got := g.Improve(wrong, 4); !slices.EqualFunc(got, [][]int32{{0, 1, 2}, {3, 4, 5}}, slices.Equal) {
		t.Errorf("found %v", got)
	}
	if got := g.Improve([][]int32{{0, 1}, {2}, {3, 4, 5}}, 2); len(got) != 3 || len(got[0]) != 2 {
		t.Errorf("a part of at most 2 became %v", got)
	}
}

// TestImproveKeepsLimits: divisions become cheaper, cover what they covered and stay within
// the limit; one beyond it comes within.
func TestImproveKeepsLimits(t *testing.T) {
	const n = 24
	load, nets := grid(n, 1)
	g := New(load, nets)
	for _, c := range []struct{ rows, limit int }{{3, 80}, {1, 30}, {4, 100}} {
		before, name := stripes(n, c.rows), shuffled(n*n)
		for _, part := range before { // bands cannot be bettered by single moves
			for i, v := range part {
				part[i] = name[v]
			}
		}
		if c.rows == 4 { // the first has too many
			before[0], before[1] = append(before[0], before[1][:10]...), before[1][10:]
		}
		after := g.Improve(before, int64(c.limit))
		var all []int32
		for _, part := range after {
			if len(part) > c.limit {
				t.Errorf("bands of %d: a part has %d, limit is %d", c.rows, len(part), c.limit)
			}
			all = append(all, part...)
		}
		slices.Sort(all)
		if len(all) != n*n || len(slices.Compact(all)) != n*n {
			t.Fatalf("bands of %d: the parts do not cover the vertices once", c.rows)
		}
		was, is := g.Cost(partOf(n*n, before)), g.Cost(partOf(n*n, after))
		if is >= was {
			t.Errorf("bands of %d: cost %d, before %d", c.rows, is, was)
		}
	}
}

// TestMoverCountsTrue compares the savings of a round with the cost counted anew.
func TestMoverCountsTrue(t *testing.T) {
	const n = 16
	load, nets := grid(n, 2)
	for i := range nets {
		nets[i].Weight = int64(i % 5)
	}
	g := New(load, nets)
	k := newMover(g, stripes(n, 2), []int64{40})
	for range 4 {
		before := g.Cost(k.part)
		saved, _ := k.round(shuffled(n * n))
		if got := before - g.Cost(k.part); got != saved {
			t.Fatalf("a round saved %d, foretold were %d", got, saved)
		}
	}
}

// TestTwinsBecomeOne: nets with the same pins are one with their weights together, pairs and others.
func TestTwinsBecomeOne(t *testing.T) {
	b := newBuilder([]int64{1, 1, 1, 1})
	for _, pins := range [][]int32{{3, 1}, {0, 1, 2}, {1, 3}, {2, 1, 0}, {0, 3}, {2}, {1, 3}} {
		b.add(pins, 2)
	}
	g := b.finish()
	got := map[string]int64{}
	for e, w := range g.weight {
		key := ""
		for _, v := range g.pinsOf(int32(e)) {
			key += string(rune('0' + v))
		}
		got[key] += w
	}
	if len(g.weight) != 3 || got["012"] != 4 || got["13"] != 6 || got["03"] != 2 {
		t.Errorf("%d nets, found %v", len(g.weight), got)
	}
}

// TestDraft: a quick division covers the vertices once, within the room.
func TestDraft(t *testing.T) {
	const n, room = 60, 100
	load, nets := grid(n, 1)
	quick := New(load, nets).Draft(room)
	var all []int32
	for _, part := range quick {
		if len(part) > room {
			t.Errorf("a part has %d, the room is %d", len(part), room)
		}
		all = append(all, part...)
	}
	slices.Sort(all)
	if len(all) != n*n || len(slices.Compact(all)) != n*n {
		t.Error("the parts do not cover the vertices once")
	}
}
