package chipsim_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"decc/chipsim"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// The heaviest link of each row, by hand: member 0 fires in row 1 and sends three packets two tiles
// east, two of which go on south to one tile; member 1 answers in row 2 by two links to the west.
func TestHeaviestLink(t *testing.T) {
	net := newChip(t, sem.Silicon, 4, link{pre: 0, post: 0, mantissa: 2}, link{pre: inputs, post: 1, mantissa: 2}, link{pre: inputs, post: 2, mantissa: 2},
		link{pre: inputs, post: 3, mantissa: 2}, link{pre: inputs + 1, post: 0, mantissa: 2})
	req := request(3, spikes.Event{Index: 0, Payload: 1})
	req.Weigh.Tiles = [][2]int{{0, 0}, {2, 0}, {2, 1}, {2, 1}}
	req.Weigh.By = []spikes.CoreWork{{LinkX: 1}, {LinkY: 1}, {SynapticEvents: 100, LinkX: 41, LinkY: 65}, {LinkX: 2, LinkY: 3}, {Spikes: 1}}
	want := []spikes.CoreWork{{LinkX: 3 + 1, Beyond: 4}, {LinkY: 2, Beyond: 2}, {LinkX: 1, LinkY: 2, Beyond: 30}, {LinkX: 3 + 1, Beyond: 8}, {}}
	for _, workers := range []int{1, 3} {
		s := net.NewSession(chipsim.Options{Workers: workers, ShareAll: true})
		for range 2 {
			rec, err := s.Run(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			// By board: 2, 3 and 3 links out, 2 back.
			if rec.Counts.Hops != 10 {
				t.Errorf("%d workers: %d hops, want 10", workers, rec.Counts.Hops)
			}
			for i, got := range rec.Busiest {
				if l := linksOf(got); l != want[i] {
					t.Errorf("%d workers, weighing %d: %+v, want %+v", workers, i, l, want[i])
				}
			}
		}
	}
	req.Weigh.Tiles = nil
	if rec := runOn(t, net, req); linksOf(rec.Busiest[0]) != (spikes.CoreWork{}) {
		t.Errorf("nobody said where cores stand: %+v", rec.Busiest)
	}
}

// linksOf is what work says of links.
func linksOf(w spikes.CoreWork) spikes.CoreWork {
	return spikes.CoreWork{LinkX: w.LinkX, LinkY: w.LinkY, Beyond: w.Beyond}
}

// naiveLinks sums up the heaviest link in x, and in y, of each row of a run whose members stand on
// cores of their own: a spike sends a packet to each core that it reaches.
func naiveLinks(train spikes.Train, rows int, reached map[[2]int]bool, tiles [][2]int) (sum [2]int64) {
	for row := range int32(rows) {
		load := map[[3]int]int64{} // from x, y; 0 for x, 1 for y, apart by direction
		for _, e := range train {
			for to := range members {
				if e.Row != row || to == int(e.Index) || !reached[[2]int{int(e.Index), to}] {
					continue
				}
				at := tiles[e.Index]
				for axis := range at {
					for ; at[axis] < tiles[to][axis]; at[axis]++ {
						load[[3]int{at[0], at[1], axis}]++
					}
					for ; at[axis] > tiles[to][axis]; at[axis]-- {
						load[[3]int{at[0], at[1], axis + 2}]++
					}
				}
			}
		}
		var most [2]int64
		for l, n := range load {
			most[l[2]%2] = max(most[l[2]%2], n)
		}
		sum[0], sum[1] = sum[0]+most[0], sum[1]+most[1]
	}
	return sum
}

func TestHeaviestLinkIsNaive(t *testing.T) {
	const rows = 12
	moved := [2]int64{}
	for seed := range uint64(60) {
		d := rand.New(rand.NewPCG(seed, 7))
		var links []link
		reached, tiles := map[[2]int]bool{}, make([][2]int, members)
		for pre := range members {
			tiles[pre] = [2]int{d.IntN(5), d.IntN(4)}
			links = append(links, link{pre: d.IntN(inputs), post: pre, mantissa: 2, delay: d.IntN(3)})
			for post := range members {
				if d.IntN(2) == 0 {
					links = append(links, link{pre: inputs + pre, post: post, mantissa: 2 * (1 - d.IntN(3)), delay: d.IntN(3)})
					reached[[2]int{pre, post}] = true
				}
			}
		}
		net := newChip(t, sem.Silicon, members, links...)
		req := request(rows, spikes.Event{Index: 0, Payload: 1}, spikes.Event{Row: 1, Index: 1, Payload: 1}, spikes.Event{Row: 2, Index: 2, Payload: 1})
		req.Weigh = spikes.Weighing{By: []spikes.CoreWork{{LinkX: 1}, {LinkY: 1}}, Tiles: tiles}
		rec := runOn(t, net, req)
		want := naiveLinks(rec.Spikes["g"], rows, reached, tiles)
		if got := [2]int64{rec.Busiest[0].LinkX, rec.Busiest[1].LinkY}; got != want {
			t.Fatalf("seed %d: %d packets over the heaviest links, want %d", seed, got, want)
		}
		moved[0], moved[1] = moved[0]+want[0], moved[1]+want[1]
	}
	if slices.Min(moved[:]) < 100 {
		t.Errorf("only %d packets moved", moved)
	}
}
