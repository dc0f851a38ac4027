package passes

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"decc/compiler"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/sem"
)

// allocated is a network that the chip maker's compiler printed its cores for (hardware.md
// 0.3), a row for each layer as it stood there.
type allocated struct {
	name   string
	total  int // cores
	layers []allocatedLayer
}

// allocatedLayer is one layer; its compartments are in channels, rows and columns. The maker's
// compiler gives the input layer cores too: relay compartments, one for each input.
type allocatedLayer struct {
	name  string
	out   [3]int
	pool  int // size of the square that a pool sums
	conv  int // size of the kernel
	bits  int // stored, of a weight
	delay int // greatest: each compartment has one for all that arrives
	cores int // the maker's
	// bound tells that in-axons, words, compartments or accumulators decided, so that a layer by
	// itself needs the same of ours; elsewhere out-axons did, which depend on what follows, or
	// in-axons where every source of a pooling takes its own, which are populations here.
	bound bool
}

// The public tables tell neither weights nor bits. Bits of dense layers follow from the
// printed neurons a core with the rule of hardware.md 0.3, where a weight takes
// w = ceil(log2(2 max|w|)) bits: 9 in N-TIDIGITS, 7 in N-MNIST, and in the gestures 5 beside 5 of
// delay, then 4. All public weights of this training are even (ntidigits.net and the two
// networks of ../shared/data), and a chip that has weights of both signs drops the lowest bit: w-1
// are stored. full is the same with w, rounded up to a width that the chip has. Convolutions have 8
// bits, as the printed numbers do not depend on it. Delay bits follow from compartments <= 2^(13-d):
// 128 a core is 6 bits, 256 are 5; with d bits a delay is at most 2^d - 2 rows.
func allocatedNetworks(full bool) []allocated {
	bits := func(stored, all int) int {
		if full {
			return all
		}
		return stored
	}
	return []allocated{
		{"ntidigits", 6, []allocatedLayer{
			{name: "input", out: [3]int{64, 1, 1}, cores: 1, bound: true},
			{name: "dense1", out: [3]int{256, 1, 1}, bits: 8, delay: 62, cores: 2, bound: true},
			{name: "dense2", out: [3]int{256, 1, 1}, bits: 8, delay: 62, cores: 2, bound: true},
			{name: "dense3", out: [3]int{242, 1, 1}, bits: 8, cores: 1, bound: true},
		}},
		{"nmnist", 17, []allocatedLayer{
			{name: "input", out: [3]int{2, 34, 34}, cores: 7},
			{name: "dense1", out: [3]int{512, 1, 1}, bits: bits(6, 8), cores: 9},
			{name: "dense2", out: [3]int{10, 1, 1}, bits: bits(6, 8), cores: 1, bound: true},
		}},
		{"gesture", 169, []allocatedLayer{
			{name: "input", out: [3]int{2, 128, 128}, cores: 32, bound: true},
			{name: "pool1", out: [3]int{2, 32, 32}, pool: 4, cores: 8},
			{name: "conv1", out: [3]int{16, 32, 32}, conv: 5, bits: 8, delay: 30, cores: 64, bound: true},
			{name: "pool2", out: [3]int{16, 16, 16}, pool: 2, cores: 13},
			{name: "conv2", out: [3]int{32, 16, 16}, conv: 3, bits: 8, delay: 30, cores: 32, bound: true},
			{name: "pool3", out: [3]int{32, 8, 8}, pool: 2, cores: 7},
			{name: "dense1", out: [3]int{512, 1, 1}, bits: bits(4, 5), delay: 30, cores: 12},
			{name: "dense2", out: [3]int{11, 1, 1}, bits: bits(3, 4), cores: 1, bound: true},
		}},
	}
}

func (l *allocatedLayer) n() int { return l.out[0] * l.out[1] * l.out[2] }

// module builds the network with random weights other than 0 and random delays.
func (a *allocated) module(t testing.TB) *ir.Module {
	b := ir.NewBuilder(a.name, sem.Silicon).Input("host", a.layers[0].n())
	r := rand.New(rand.NewPCG(1, uint64(a.total)))
	for i := range a.layers {
		a.add(b, i, a.before(i), r)
	}
	return built(t, b)
}

// by builds a layer of the network by itself, its sources being the host's.
func (a *allocated) by(t testing.TB, i int) *ir.Module {
	n := a.layers[max(0, i-1)].n()
	b := ir.NewBuilder(a.name, sem.Silicon).Input("host", n)
	a.add(b, i, "host", rand.New(rand.NewPCG(2, uint64(i))))
	return built(t, b)
}

func built(t testing.TB, b *ir.Builder) *ir.Module {
	t.Helper()
	m, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// before names what layer i takes its spikes from.
func (a *allocated) before(i int) string {
	if i == 0 {
		return "host"
	}
	return a.layers[i-1].name
}

// add makes layer i, with its synapses from pre.
func (a *allocated) add(b *ir.Builder, i int, pre string, r *rand.Rand) {
	l := &a.layers[i]
	b.Group(l.name, "cuba", l.n()).Param(l.name, "vth", 5120).Param(l.name, "refrac", 1)
	f := sem.WeightFormat{Bits: 8, Sign: sem.Excitatory}
	if i == 0 {
		b.List("w-"+l.name, pre, l.name, "drive", f, oneToOne(l.n()))
		return
	}
	if l.pool == 0 {
		f = sem.WeightFormat{Bits: l.bits}
	}
	b.List("w-"+l.name, pre, l.name, "drive", f, l.ends(&a.layers[i-1], r))
}

func oneToOne(n int) []ir.End {
	list := make([]ir.End, n)
	for i := range list {
		list[i] = ir.End{Pre: i, Post: i, Mantissa: 255}
	}
	return list
}

// ends lists the synapses into the layer.
func (l *allocatedLayer) ends(before *allocatedLayer, r *rand.Rand) []ir.End {
	var list []ir.End
	weights := l.weights(before, r)
	delays := make([]int, l.n())
	for i := range delays {
		delays[i] = r.IntN(l.delay + 1)
	}
	for post := range l.n() {
		l.sources(before, post, func(pre, weight int) {
			list = append(list, ir.End{Pre: pre, Post: post, Mantissa: weights[weight], Delay: delays[post]})
		})
	}
	return list
}

// weights draws the kernel or matrix on the grid of the format.
func (l *allocatedLayer) weights(before *allocatedLayer, r *rand.Rand) []int {
	n := 1
	switch {
	case l.conv > 0:
		n = l.out[0] * before.out[0] * l.conv * l.conv
	case l.pool == 0:
		n = l.n() * before.n()
	}
	w := make([]int, n)
	if l.pool > 0 {
		w[0] = 28
		return w
	}
	f := sem.WeightFormat{Bits: l.bits}
	lo, hi := f.MantissaLimits()
	step := int64(1) << f.LSB()
	for i := range w {
		for w[i] == 0 {
			w[i] = int((lo/step + r.Int64N((hi-lo)/step+1)) * step)
		}
	}
	return w
}

// sources visits what a compartment takes from, with the place of the weight.
func (l *allocatedLayer) sources(before *allocatedLayer, post int, visit func(pre, weight int)) {
	area := l.out[1] * l.out[2]
	o, y, x := post/area, post%area/l.out[2], post%l.out[2]
	switch {
	case l.pool > 0:
		for d := range l.pool * l.pool {
			visit((o*before.out[1]+y*l.pool+d/l.pool)*before.out[2]+x*l.pool+d%l.pool, 0)
		}
	case l.conv > 0:
		for d := range before.out[0] * l.conv * l.conv {
			c, ky, kx := d/(l.conv*l.conv), y+d/l.conv%l.conv-l.conv/2, x+d%l.conv-l.conv/2
			if ky >= 0 && kx >= 0 && ky < before.out[1] && kx < before.out[2] {
				visit((c*before.out[1]+ky)*before.out[2]+kx, o*before.out[0]*l.conv*l.conv+d)
			}
		}
	default:
		for pre := range before.n() {
			visit(pre, post*before.n()+pre)
		}
	}
}

// TestCoresOfTheMakersNetworks: of three networks that the chip maker's own compiler printed
// its allocation for, ours takes no more cores. With a bit more for every weight they still do not; that
// runs with DECC_LONG=1.
func TestCoresOfTheMakersNetworks(t *testing.T) {
	for _, full := range []bool{false, true} {
		for _, a := range allocatedNetworks(full) {
			t.Run(fmt.Sprintf("%s full=%v", a.name, full), func(t *testing.T) {
				if full && os.Getenv("DECC_LONG") == "" {
					t.Skip("takes a minute: set DECC_LONG=1")
				}
				a.compare(t, profile(t, "loihi1"), full)
			})
		}
	}
}

// compare prints the layers beside the maker's. Its compiler puts one layer on a core; ours
// mixes them, so a layer is also counted by itself.
func (a *allocated) compare(t *testing.T, s *chip.Spec, full bool) {
	m := a.module(t)
	begin := time.Now()
	p := Default(s)
	out := runPipeline(t, &p, m).Module
	took := time.Since(begin)
	if err := Check(out, s); err != nil {
		t.Fatal(err)
	}
	alone, shared := coresByGroup(out)
	t.Logf("%-8s %8s %6s   ours: %9s %10s %11s", "layer", "neurons", "maker", "by itself", "in the net", "with others")
	for i, l := range a.layers {
		_, by := mapped(t, s, a.by(t, i), compiler.Options{Mapper: Sequential})
		t.Logf("%-8s %8d %6d   %15d %10d %11d", l.name, l.n(), l.cores, by.Cores, alone[l.name], shared[l.name])
		if !full && (by.Cores > l.cores || l.bound && by.Cores != l.cores) {
			t.Errorf("layer %s by itself has %d cores, the maker's compiler gives it %d", l.name, by.Cores, l.cores)
		}
	}
	t.Logf("%-8s %8s %6d   %15d    built in %v", "total", "", a.total, len(out.Cores), took.Round(time.Second/100))
	if len(out.Cores) > a.total {
		t.Errorf("%d cores, the maker's compiler needed %d", len(out.Cores), a.total)
	}
}

// coresByGroup counts the cores that a group has for itself, and those that it shares.
func coresByGroup(m *ir.Module) (alone, shared map[string]int) {
	alone, shared = map[string]int{}, map[string]int{}
	for _, k := range m.Cores {
		groups := map[string]bool{}
		for _, r := range k.Runs {
			groups[r.Group] = true
		}
		count := shared
		if len(groups) == 1 {
			count = alone
		}
		for g := range groups {
			count[g]++
		}
	}
	return alone, shared
}
