package passes

import (
	"bufio"
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

// TestMappingAgainstOthers divides five networks with METIS (gpmetis: parts, placed by us) and
// Scotch (scotch_gmap: compartments onto a mesh of cores) among as many cores as we need,
// and prints the packets and spike-hops of each as ratios to the sequential mapping. The
// two know no limits of a core, so they are free to fill one beyond what fits. Runs with DECC_LONG=1;
// Debian has them in packages metis and scotch.
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
	for _, m := range append(realNetworks(t), sheet(t, 100, true), communities(t, 100), sheet(t, 200, true), sheet(t, 316, true)) {
		plain, sequential := mapped(t, s, m, compiler.Options{Mapper: Sequential})
		begin := time.Now()
		ours, found := mapped(t, s, m, compiler.Options{})
		took := time.Since(begin)
		g := newPlainGraph(newAtlas(plain, s))
		metis := g.measure(t, s, plain, g.metis(t, found.Cores), false)
		scotch := g.measure(t, s, plain, g.scotch(t, found.Cores), true)
		t.Logf("%-18s %6d compartments  cores %d (sequential %d)  built in %v", m.Name, len(g.edges), found.Cores, sequential.Cores, took.Round(time.Second/10))
		for _, x := range []struct {
			name string
			Mapping
		}{{"ours", found}, {"metis", metis}, {"scotch", scotch}} {
			t.Logf("  %-8s packets %.3f  spike-hops %.3f  worst link %.3f", x.name, x.Packets/sequential.Packets, x.Hops/sequential.Hops, x.Worst().Load/sequential.Worst().Load)
		}
		if found.Packets > metis.Packets || found.Hops > scotch.Hops {
			t.Errorf("%s: another mapper does better", m.Name)
		}
		_ = ours
	}
}

// realNetworks are those whose weights are in the folder of reference data.
func realNetworks(t *testing.T) []*ir.Module {
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
			for i := range grp.N {
				for _, pre := range in.pre[in.start[i]:in.start[i+1]] {
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
func (g *plainGraph) measure(t *testing.T, s *chip.Spec, m *ir.Module, parts []int, placed bool) Mapping {
	t.Helper()
	ids := slices.Compact(slices.Sorted(slices.Values(parts)))
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
	v := surveyor{chip: s, loads: map[step]int64{}}
	slots := improved(s, g.a.linksOf(cores))
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
	return v.mapping()
}
