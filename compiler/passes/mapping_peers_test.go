package passes

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"decc/compiler"
	"decc/compiler/model"
	"decc/ir"
	"decc/ir/chip"
)

// TestMappingAgainstOthers divides networks with METIS (gpmetis: parts of equal numbers of
// compartments, placed by us) and Scotch (scotch_gmap: compartments onto a mesh of cores) among as
// many cores as we need, and prints a table of packets and spike-hops as ratios to the
// sequential mapping. The two know no limits of a core but a number of compartments, so the table also tells
// how many of their cores hold more than fits. Ours may be behind METIS's packets by the
// part 1/slack, and its hops are fewer than the sequential ones. Runs with
// DECC_LONG=1; Debian has them in packages metis and scotch.
func TestMappingAgainstOthers(t *testing.T) {
	if os.Getenv("DECC_LONG") == "" {
		t.Skip("takes minutes: set DECC_LONG=1")
	}
	for _, tool := range []string{"gpmetis", "scotch_gmap"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: apt install metis scotch", tool)
		}
	}
	s := profile(t, "loihi1")
	var table strings.Builder
	table.WriteString(peersHead)
	for _, m := range append(realNetworks(t), sheet(t, 100, true), communities(t, 100), sheet(t, 200, true), sheet(t, 316, true)) {
		t.Run(m.Name, func(t *testing.T) {
			c := compareWithPeers(t, s, m)
			table.WriteString(c.row())
			if behind(c.ours.Packets, c.metis.Packets) || c.ours.Hops > c.sequential.Hops {
				t.Error("another mapper does better")
			}
		})
	}
	t.Logf("\n%s", table.String())
}

// contest is the mappings of one network.
type contest struct {
	name                   string
	compartments, synapses int
	took                   time.Duration
	sequential, ours       Mapping
	metis, scotch          peerMapping
}

// peerMapping is what another mapper found: overfull of its cores hold more than fits,
// the worst of them fullest times a core.
type peerMapping struct {
	Mapping
	overfull int
	fullest  float64
}

// slack: METIS divides compartments alone and knows no limits, so it may be better by a twentieth.
const slack = 20

func behind(ours, theirs float64) bool { return ours > theirs+theirs/slack }

func compareWithPeers(t *testing.T, s *chip.Spec, m *ir.Module) *contest {
	c := &contest{name: m.Name}
	var plain *ir.Module
	plain, c.sequential = mapped(t, s, m, compiler.Options{Mapper: Sequential})
	begin := time.Now()
	p := Default(s)
	runPipeline(t, &p, m)
	c.took = time.Since(begin)
	_, c.ours = mapped(t, s, m, compiler.Options{})
	g := newPlainGraph(newAtlas(plain, s))
	c.compartments = len(g.edges)
	for _, x := range m.Synapses {
		x.Each(func(_, _ int, _ int64, _ int) { c.synapses++ })
	}
	c.metis = g.measure(s, plain, g.metis(t, c.ours.Cores), false)
	c.scotch = g.measure(s, plain, g.scotch(t, c.ours.Cores), true)
	return c
}

const peersHead = "| network | compartments | synapses | cores: ours, in sequence | packets: ours, METIS, Scotch | spike-hops: ours, METIS, Scotch | worst link: ours, METIS, Scotch | overfull cores: METIS, Scotch | build |\n" +
	"|---|---|---|---|---|---|---|---|---|\n"

func (c *contest) row() string {
	ratios := func(of func(m *Mapping) float64) string {
		whole := of(&c.sequential)
		if whole == 0 {
			return "none in sequence"
		}
		return fmt.Sprintf("%.3f, %.3f, %.3f", of(&c.ours)/whole, of(&c.metis.Mapping)/whole, of(&c.scotch.Mapping)/whole)
	}
	return fmt.Sprintf("| %s | %d | %d | %d, %d | %s | %s | %s | %s, %s | %.1f s |\n", c.name, c.compartments, c.synapses, c.ours.Cores, c.sequential.Cores,
		ratios(func(m *Mapping) float64 { return m.Packets }), ratios(func(m *Mapping) float64 { return m.Hops }),
		ratios(func(m *Mapping) float64 { return m.Worst().Load }), &c.metis, &c.scotch, c.took.Seconds())
}

func (p *peerMapping) String() string {
	if p.overfull == 0 {
		return "none"
	}
	return fmt.Sprintf("%d of %d (%.2f)", p.overfull, p.Cores, p.fullest)
}

// realNetworks are those whose weights are in the folder of reference data.
func realNetworks(t *testing.T) []*ir.Module {
	if os.Getenv("DECC_SHARED") == "" {
		t.Setenv("DECC_SHARED", filepath.Join(repoRoot(t), "..", "shared"))
	}
	var list []*ir.Module
	for _, name := range []string{"dvsgesture-slayer.yaml", "nmnist-loihi.yaml"} {
		file, err := model.Load(filepath.Join(repoRoot(t), "testdata", "models", name))
		if err != nil {
			t.Logf("left out: %v", err)
			continue
		}
		m, err := compiler.Assemble(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

// plainGraph has an edge for each pair of compartments with synapses, as METIS and Scotch
// take it; the weight is how many.
type plainGraph struct {
	a     *atlas
	edges []map[int]int
	count int // edges, each once
}

func newPlainGraph(a *atlas) *plainGraph {
	a.traffic = a.spikes(nil)
	g := &plainGraph{a: a, edges: make([]map[int]int, a.sources-a.inputs)}
	for i := range g.edges {
		g.edges[i] = map[int]int{}
	}
	for _, grp := range a.groups {
		base := a.first[grp.Name] - a.inputs
		for _, in := range grp.inbound {
			var scratch ir.Arrivals
			for i := range grp.N {
				for _, pre := range in.of(stretch{first: i, n: 1}, &scratch).Pre {
					if from := int(pre) - a.inputs; from >= 0 && from != base+i {
						g.edges[from][base+i]++
						g.edges[base+i][from]++
					}
				}
			}
		}
	}
	for _, e := range g.edges {
		g.count += len(e)
	}
	g.count /= 2
	return g
}

// write writes the graph: head, then a line for each vertex.
func (g *plainGraph) write(t *testing.T, file, head string, line func(edges map[int]int) string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, head)
	for _, e := range g.edges {
		fmt.Fprintln(w, line(e))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// metis divides the graph in parts of equal numbers of compartments.
func (g *plainGraph) metis(t *testing.T, parts int) []int {
	file := filepath.Join(t.TempDir(), "graph")
	g.write(t, file, fmt.Sprintf("%d %d 001", len(g.edges), g.count), func(edges map[int]int) string {
		var b strings.Builder
		for _, to := range slices.Sorted(maps.Keys(edges)) {
			fmt.Fprintf(&b, "%d %d ", to+1, edges[to])
		}
		return b.String()
	})
	run(t, "gpmetis", file, fmt.Sprint(parts))
	return g.readParts(t, fmt.Sprintf("%s.part.%d", file, parts), 0)
}

// scotch maps the graph onto a mesh of cores, as square as their number allows, and returns
// row * 1000 + column.
func (g *plainGraph) scotch(t *testing.T, cores int) []int {
	high := 1
	for d := 1; d*d <= cores; d++ {
		high = d
	}
	wide := (cores + high - 1) / high
	dir := t.TempDir()
	file := filepath.Join(dir, "graph.grf")
	g.write(t, file, fmt.Sprintf("0\n%d %d\n0 010", len(g.edges), 2*g.count), func(edges map[int]int) string {
		var b strings.Builder
		fmt.Fprint(&b, len(edges))
		for _, to := range slices.Sorted(maps.Keys(edges)) {
			fmt.Fprintf(&b, " %d %d", edges[to], to)
		}
		return b.String()
	})
	target := filepath.Join(dir, "mesh.tgt")
	if err := os.WriteFile(target, fmt.Appendf(nil, "mesh2D %d %d\n", wide, high), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "mesh.map")
	run(t, "scotch_gmap", file, target, out)
	parts := g.readParts(t, out, 1)
	for i, p := range parts {
		parts[i] = p/wide*1000 + p%wide
	}
	return parts
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// readParts reads the number of each vertex, in the last column after skip lines; lines of
// two columns begin with the vertex.
func (g *plainGraph) readParts(t *testing.T, file string, skip int) []int {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := make([]int, len(g.edges))
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[skip:] {
		v, p := i, 0
		if fields := strings.Fields(line); len(fields) == 2 {
			fmt.Sscan(fields[0], &v)
			fmt.Sscan(fields[1], &p)
		} else {
			fmt.Sscan(line, &p)
		}
		parts[v] = p
	}
	return parts
}

// measure builds the cores of a division and counts what they cost. Parts that are places
// (row * 1000 + column) sit there, four to a tile; others are placed as ours are.
func (g *plainGraph) measure(s *chip.Spec, m *ir.Module, parts []int, placed bool) peerMapping {
	ids := slices.Compact(slices.Sorted(slices.Values(parts)))
	cores := g.cores(ids, parts)
	v := surveyor{chip: s, loads: map[chip.Link]int64{}}
	links, err := g.a.linksOf(context.Background(), cores)
	if err != nil {
		panic(err)
	}
	slots, err := improved(context.Background(), s, links)
	if err != nil {
		panic(err)
	}
	for i, id := range ids {
		at := s.Coordinate(slots[i])
		k := &ir.Core{ID: i, ChipID: at.Chip, X: at.X, Y: at.Y, Z: at.Z}
		if placed {
			x, y := id%1000/2, id/1000/2
			k = &ir.Core{ID: i, ChipID: y/s.TilesY*s.BoardX + x/s.TilesX, X: x % s.TilesX, Y: y % s.TilesY}
		}
		v.cores = append(v.cores, k)
	}
	home := g.a.homes(cores)
	for at, content := range cores {
		for _, source := range g.a.reach(content).sources {
			v.count(int(home[source]), at, g.a.traffic[source])
		}
	}
	found := peerMapping{Mapping: v.mapping()}
	found.judge(g.a, cores)
	return found
}

// cores lists what each part holds.
func (g *plainGraph) cores(ids, parts []int) [][]stretch {
	number := map[int]int{}
	for i, id := range ids {
		number[id] = i
	}
	cores := make([][]stretch, len(ids))
	for i, grp := range g.a.groups {
		base := g.a.first[grp.Name] - g.a.inputs
		for row := range grp.N {
			c := number[parts[base+row]]
			if last := len(cores[c]) - 1; last >= 0 && cores[c][last].group == i && cores[c][last].first+cores[c][last].n == row {
				cores[c][last].n++
			} else {
				cores[c] = append(cores[c], stretch{i, row, 1})
			}
		}
	}
	return cores
}

// judge counts the cores that hold more than fits.
func (p *peerMapping) judge(a *atlas, cores [][]stretch) {
	for i, used := range a.outAxons(cores, sequence(a.chip, len(cores))) {
		u := a.measure(cores[i])
		u[useOutAxons] = used
		if u.over(a.chip) >= 0 {
			p.overfull++
		}
		p.fullest = max(p.fullest, float64(a.share(&u))/fullCore)
	}
}
