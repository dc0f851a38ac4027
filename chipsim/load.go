package chipsim

import (
	"cmp"
	"slices"
	"sync"

	"decc/chipsim/image"
	"decc/ir/diag"
	"decc/ir/sem"
)

// Chip is a loaded image: tables that never change and that any number of
// sessions share.
type Chip struct {
	img   *image.Image
	cores []*core
	// runs lists, for every group, where its members stand, by first member.
	runs   [][]place
	inputs map[string]int
	groups map[string]int
	// sites lists the synapses of each plastic object by number.
	sites [][]site
	// Of a merged chip: what the spikes of each source cost on its own cores, and where those of each input go.
	tolls     []toll
	inputFans []image.Fanout
	// fewerCores are the merged chips by their parts.
	fewerCores map[int]*Chip
	merging    sync.Mutex
}

// place is a block on a core.
type place struct{ core, block int }

// core is the decoded image.Core.
type core struct {
	*image.Core
	blocks   []block // children of joins before their parents
	width    int     // accumulators of one delay slot
	slots    int     // delay slots
	first    []int   // slot of the first atom of each in-axon
	axons    []axon
	segments []segment
	sums     []sum
	targets  []int32
	weights  []int32
	banks    []bank
	bytes    []int8    // weights of the segments that banks add
	lanes    int       // compartments
	plastics []plastic // of the image, in its order
}

// block is a run of compartments of one group: the lanes of one program.
type block struct {
	group, first, n int
	run             *image.Run
	program         *sem.Program
	reset           image.Reset
	local           int // core's number of the first compartment
	source          int // number of the first lane as a source of a merged chip
	// ports are the accumulator addresses of lane 0, in the order of the program's ports.
	ports []int
	links []link
	feeds bool    // another block takes its out value
	mute  bool    // no lane has an out-axon
	fast  *kernel // nil where the program has none
	// reached tells which ports synapses reach; nil where it is not known.
	reached []bool
	bank    int32 // number from 1 of the bank into the first port without delay, 0 where there is none
}

// link feeds the out value of lanes of another block of the core into a port.
type link struct {
	child, from int // block, its first lane
	port        int // field of the program
	to, n       int // own first lane, number of lanes
}

// maxAccumulators bounds the accumulators of a chip, over all delay slots: 2 GiB.
const maxAccumulators = 1 << 28

// Load decodes an image. The error is a *diag.Diagnostic: what image.Verify finds, or
// accumulators beyond what this machine should be asked for.
func Load(img *image.Image) (*Chip, error) {
	if err := image.Verify(img); err != nil {
		return nil, err
	}
	c := &Chip{img: img, runs: make([][]place, len(img.Groups)), inputs: map[string]int{}, groups: map[string]int{}}
	for i, in := range img.Inputs {
		c.inputs[in.Name] = i
	}
	for i, g := range img.Groups {
		c.groups[g.Name] = i
	}
	order, err := img.GroupOrder()
	if err != nil {
		return nil, err
	}
	accumulators, feeders := 0, make([][]image.Feeder, len(img.Cores))
	if len(img.Plastic) > 0 {
		feeders = img.Feeders()
	}
	for i := range img.Cores {
		k, err := newCore(img, i, order, feeders[i])
		if err != nil {
			return nil, err
		}
		c.cores = append(c.cores, k)
		if accumulators += k.accumulators(); accumulators > maxAccumulators {
			return nil, diag.Errorf(diag.Pos{}, "chipsim/accumulators", "the cores have more than %d accumulators", maxAccumulators).
				WithFix("shorten the longest delays")
		}
	}
	c.findRuns()
	c.findSites()
	return c, nil
}

// findRuns lists the blocks of every group by first member.
func (c *Chip) findRuns() {
	for i, k := range c.cores {
		for j, b := range k.blocks {
			c.runs[b.group] = append(c.runs[b.group], place{i, j})
		}
	}
	for _, list := range c.runs {
		slices.SortFunc(list, func(a, b place) int {
			return cmp.Compare(c.cores[a.core].blocks[a.block].first, c.cores[b.core].blocks[b.block].first)
		})
	}
}

// Image is what the chip was loaded with. It must not be changed.
func (c *Chip) Image() *image.Image { return c.img }

func newCore(img *image.Image, index int, order []int, feeders []image.Feeder) (*core, error) {
	k := newLayout(img, img.Cores[index], order)
	k.first, k.plastics = img.Cores[index].Slots(), newPlastics(img)
	if err := k.decode(img); err != nil {
		return nil, err
	}
	for i := range k.plastics {
		k.plastics[i].settle(feeders)
	}
	return k, nil
}

// newLayout is a core with its blocks and the links of their joins.
func newLayout(img *image.Image, c *image.Core, order []int) *core {
	k := &core{Core: c}
	local := make([]int, len(k.Runs)) // first compartment of every run
	for i, r := range k.Runs {
		local[i] = k.lanes
		k.lanes += r.N
	}
	for _, g := range order {
		for i, r := range k.Runs {
			if r.Group == g {
				k.addBlock(img, &k.Runs[i], local[i])
			}
		}
	}
	for _, j := range img.Joins {
		k.join(j)
	}
	return k
}

func (k *core) addBlock(img *image.Image, r *image.Run, local int) {
	g := &img.Groups[r.Group]
	p := &img.Programs[g.Program]
	b := block{group: r.Group, first: r.First, n: r.N, run: r, program: p, reset: g.Reset, local: local, fast: kernelOf(p)}
	for range p.FieldsOf(sem.Port) {
		b.ports = append(b.ports, k.width)
		k.width += r.N
	}
	k.blocks = append(k.blocks, b)
}

// join links every stretch of members that two blocks have in common.
func (k *core) join(j image.Join) {
	for t := range k.blocks {
		to := &k.blocks[t]
		if to.group != j.To {
			continue
		}
		for f := range k.blocks {
			from := &k.blocks[f]
			first := max(from.first, to.first)
			n := min(from.first+from.n, to.first+to.n) - first
			if from.group == j.From && n > 0 {
				from.feeds = true
				to.links = append(to.links, link{child: f, from: first - from.first, port: j.Port, to: first - to.first, n: n})
			}
		}
	}
}

// blockOf finds the block of every local compartment.
func (k *core) blockOf() []int32 {
	of := make([]int32, k.lanes)
	for i, b := range k.blocks {
		for lane := range b.n {
			of[b.local+lane] = int32(i)
		}
	}
	return of
}

func (k *core) accumulators() int {
	n := k.width * k.slots
	for _, s := range k.sums {
		n += k.blocks[s.block].n
	}
	return n
}
