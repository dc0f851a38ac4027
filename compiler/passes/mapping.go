package passes

import (
	"cmp"
	"fmt"
	"slices"

	"decc/ir"
	"decc/ir/chip"
)

// Mapping is what a placed module costs on the mesh. Everything is in the spikes of
// Options.Traffic: where that is not given every member counts one spike, so packets are
// pairs of a source member and a core.
type Mapping struct {
	Mapper string `json:"mapper"`
	Cores  int    `json:"cores"`
	Chips  int    `json:"chips"`
	// InputPackets come from the host, Packets from a core to another, LocalPackets stay on
	// their core, CrossChip leave their chip.
	InputPackets float64 `json:"input_packets"`
	Packets      float64 `json:"packets"`
	LocalPackets float64 `json:"local_packets"`
	CrossChip    float64 `json:"cross_chip_packets"`
	// Hops are links that packets between cores pass, first in x, then in y.
	Hops float64 `json:"spike_hops"`
	// Links are the links of the mesh that carry something, the busiest first.
	Links []LinkLoad `json:"links"`
	// Tables are the resources of the cores that are used at all, in the order of the chip's table.
	Tables []TableFill `json:"tables"`
	// Places tells where every core is and what share its scarcest resource takes.
	Places []CorePlace `json:"places"`
}

// TableFill is how full a resource is, as a share of its limit: on the mean of the cores and on
// the fullest.
type TableFill struct {
	Resource string  `json:"resource"`
	Mean     float64 `json:"mean"`
	Fullest  float64 `json:"fullest"`
}

// tablesOf sums up the resources of all cores of a module.
func tablesOf(m *ir.Module, s *chip.Spec) []TableFill {
	var list []TableFill
	cores := Resources(m, s)
	for r := range resources {
		t := TableFill{Resource: resources[r].limit}
		for _, k := range cores {
			share := float64(k.Uses[r].Used) / float64(max(1, k.Uses[r].Limit))
			t.Mean, t.Fullest = t.Mean+share/float64(len(cores)), max(t.Fullest, share)
		}
		if t.Fullest > 0 {
			list = append(list, t)
		}
	}
	return list
}

// LinkLoad is what a link of the mesh carries, from a tile of the board in a direction.
type LinkLoad struct {
	X    int     `json:"x"`
	Y    int     `json:"y"`
	To   string  `json:"to"` // east, west, south or north
	Load float64 `json:"load"`
}

func (l LinkLoad) String() string { return fmt.Sprintf("tile (%d, %d) to %s", l.X, l.Y, l.To) }

// CorePlace is a core on the tiles of the board.
type CorePlace struct {
	X    int     `json:"x"`
	Y    int     `json:"y"`
	Z    int     `json:"z"` // on the tile
	Fill float64 `json:"fill"`
}

// Worst is the busiest link; the zero value where nothing moves.
func (m *Mapping) Worst() LinkLoad {
	if len(m.Links) == 0 {
		return LinkLoad{}
	}
	return m.Links[0]
}

// Fill is the mean of the cores' fills, 0..1.
func (m *Mapping) Fill() float64 {
	sum := 0.0
	for _, p := range m.Places {
		sum += p.Fill
	}
	return sum / float64(max(1, len(m.Places)))
}

// surveyor adds up what a placed module costs, in thousandths of a spike.
type surveyor struct {
	chip  *chip.Spec
	cores []*ir.Core
	loads map[chip.Link]int64

	input, packets, local, crossing, hops int64
}

// Measure counts what a placed module costs with the given traffic; see Options.Traffic.
func Measure(m *ir.Module, s *chip.Spec, mapper string, traffic map[string][]int64) Mapping {
	a := newAtlas(m, s)
	a.traffic = a.spikes(traffic)
	cores := a.contents()
	v := surveyor{chip: s, cores: m.Cores, loads: map[chip.Link]int64{}}
	home := a.homes(cores)
	for at, content := range cores {
		r := a.reach(content)
		for _, source := range r.sources {
			v.count(int(home[source]), at, a.traffic[source])
		}
		a.release(r)
	}
	out := v.mapping()
	out.Mapper, out.Tables, out.Places = mapper, tablesOf(m, s), make([]CorePlace, len(cores))
	each(len(cores), func(i int) {
		u, at := a.measure(cores[i]), s.Tile(slotOf(s, m.Cores[i]))
		out.Places[i] = CorePlace{X: at.X, Y: at.Y, Z: m.Cores[i].Z, Fill: float64(a.share(&u)) / fullCore}
	})
	return out
}

// mapping is what was counted.
func (v *surveyor) mapping() Mapping {
	out := Mapping{
		Cores: len(v.cores), Chips: v.chips(), InputPackets: inSpikes(v.input), Packets: inSpikes(v.packets),
		LocalPackets: inSpikes(v.local), CrossChip: inSpikes(v.crossing), Hops: inSpikes(v.hops),
	}
	for l, load := range v.loads {
		out.Links = append(out.Links, LinkLoad{l.X, l.Y, l.To.String(), inSpikes(load)})
	}
	slices.SortFunc(out.Links, func(x, y LinkLoad) int {
		return cmp.Or(cmp.Compare(y.Load, x.Load), cmp.Compare(x.Y, y.Y), cmp.Compare(x.X, y.X), cmp.Compare(x.To, y.To))
	})
	return out
}

func inSpikes(thousandths int64) float64 { return float64(thousandths) / OneSpike }

func (v *surveyor) chips() int {
	seen := map[int]bool{}
	for _, k := range v.cores {
		seen[k.ChipID] = true
	}
	return len(seen)
}

// count adds the packets of one source member to one core; from is -1 for the host.
func (v *surveyor) count(from, to int, spikes int64) {
	switch {
	case from < 0:
		v.input += spikes
		return
	case from == to:
		v.local += spikes
		return
	}
	a, b := v.cores[from], v.cores[to]
	v.packets += spikes
	if a.ChipID != b.ChipID {
		v.crossing += spikes
	}
	v.walk(slotOf(v.chip, a), slotOf(v.chip, b), spikes)
}

// slotOf is the number of a core's place, the inverse of chip.Spec.Coordinate.
func slotOf(s *chip.Spec, k *ir.Core) int {
	return k.ChipID*s.Cores + (k.Y*s.TilesX+k.X)*s.CoresPerTile + k.Z
}

// walk loads the links from a core to another.
func (v *surveyor) walk(from, to int, spikes int64) {
	for l := range chip.Route(v.chip.Tile(from), v.chip.Tile(to)) {
		v.loads[l] += spikes
		v.hops += spikes
	}
}
