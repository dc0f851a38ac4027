package passes

import (
	"runtime"
	"testing"

	"decc/compiler"
	"decc/ir"
)

// TestBoards maps networks onto many chips. Every core keeps its limits (mapped checks that);
// the packets that leave their chip, and the out-axons, two entries to another chip, are those that are
// counted here synapse by synapse; the division is the same for any number of processors.
func TestBoards(t *testing.T) {
	small := profile(t, "loihi1", "cores=8", "tiles_x=2", "tiles_y=1", "compartments=128")
	net := sheet(t, 60, true)
	m, found := mapped(t, small, net, compiler.Options{})
	if found.Chips < 3 || found.CrossChip == 0 {
		t.Fatalf("%d cores on %d chips, %v packets between chips", found.Cores, found.Chips, found.CrossChip)
	}
	crossing, entries := countedAxons(m, small.OutAxonInterchip)
	if float64(crossing) != found.CrossChip {
		t.Errorf("%v packets leave their chip, counted %d", found.CrossChip, crossing)
	}
	for i, use := range Resources(m, small) {
		if got := use.Uses[useOutAxons]; got.Used != entries[i] || got.Used > got.Limit {
			t.Errorf("core %d: %d out-axons of %d, counted %d", i, got.Used, got.Limit, entries[i])
		}
	}
	digest := ir.Digest(m)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(n)
		if again, _ := mapped(t, small, net, compiler.Options{}); ir.Digest(again) != digest {
			t.Errorf("with %d processors the module is another one", n)
		}
	}
}

// countedAxons goes through all synapses of a module whose group h talks to itself: the pairs of a member and
// a core on another chip, and the out-axons of each core with that price for each of those.
func countedAxons(m *ir.Module, price int) (crossing int, entries []int) {
	home := map[int]int{}
	for i, k := range m.Cores {
		for _, run := range k.Runs {
			if run.Group == "h" {
				for member := run.First; member < run.First+run.N; member++ {
					home[member] = i
				}
			}
		}
	}
	entries = make([]int, len(m.Cores))
	seen := map[[2]int]bool{}
	for _, s := range m.Synapses {
		s.Each(func(pre, post int, _ int64, _ int) {
			pair := [2]int{pre, home[post]}
			if s.Pre != "h" || seen[pair] {
				return
			}
			seen[pair] = true
			if m.Cores[home[pre]].ChipID == m.Cores[home[post]].ChipID {
				entries[home[pre]]++
				return
			}
			entries[home[pre]] += price
			crossing++
		})
	}
	return crossing, entries
}

// TestALittleMoreThanAChip: a network of a little more than a chip takes a few cores of a second one, although
// those have twice the out-axons, and not nearly twice the cores that one chip, if it is large enough, takes.
func TestALittleMoreThanAChip(t *testing.T) {
	net := sheet(t, 60, true)
	rows := []string{"compartments=128", "out_axons=750"}
	_, one := mapped(t, profile(t, "loihi1", rows...), net, compiler.Options{})
	_, two := mapped(t, profile(t, "loihi1", append(rows, "cores=28", "tiles_x=7", "tiles_y=1")...), net, compiler.Options{})
	if one.Chips != 1 || two.Chips != 2 || two.Cores*3 > one.Cores*4 {
		t.Errorf("%d cores on %d chip, %d on %d", one.Cores, one.Chips, two.Cores, two.Chips)
	}
}
