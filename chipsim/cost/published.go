package cost

import (
	"decc/ir/chip"
	"decc/ir/spikes"
)

// run is a run on a board whose energy and time were published (hardware.md 0.1, 4.5).
type run struct {
	name   string
	source string
	load   Load
	core   spikes.CoreWork // of the busiest core, over the rows of load
	energy float64         // nJ a row: dynamic, of the cores where that is told apart
	time   float64         // us a row
	// known tells that all events are counted. Otherwise there are the updates alone, and the estimate
	// is a lower bound.
	known bool
	note  string
}

// SequentialMNIST is what 100 images of sequential MNIST take with input wired directly, each of
// 840 rows on one core of 350 compartments, counted by the simulator, whose labels are those of the
// board.
var SequentialMNIST = Load{
	Rows: 84_000, Chips: 1, Tiles: 1, Cores: 1,
	Counts: spikes.Counts{
		SynapticEvents: 63_639_945, CompartmentUpdates: 350 * 84_000, Spikes: 1_057_838, InputSpikes: 197_826, AxonEvents: 1_255_662,
	},
}

// relayed is SequentialMNIST as it was measured: behind a core of 80 relays, one synapse each.
func relayed() Load {
	l := SequentialMNIST
	in := l.Counts.InputSpikes
	l.Cores = 2
	l.Counts.Add(spikes.Counts{CompartmentUpdates: int64(80 * l.Rows), SynapticEvents: in, Spikes: in, AxonEvents: in})
	return l
}

// updatesOnly is a row of a network of which only the compartments are known.
func updatesOnly(cores, tiles, compartments int64) Load {
	return Load{Rows: 1, Chips: 1, Tiles: int(tiles), Cores: int(cores), Counts: spikes.Counts{CompartmentUpdates: compartments}}
}

// published are the runs that estimates are held against.
func published() []run {
	smnist := relayed()
	return []run{
		{
			name: "sequential MNIST LSNN", source: "NXM sMNIST", load: smnist, energy: 1.583 * 16.649, time: 16.649, known: true,
			core: spikes.CoreWork{
				SynapticEvents: SequentialMNIST.Counts.SynapticEvents, CompartmentUpdates: SequentialMNIST.Counts.CompartmentUpdates,
				Spikes: SequentialMNIST.Counts.Spikes, PacketsIn: SequentialMNIST.Counts.AxonEvents,
				PacketsOut: SequentialMNIST.Counts.AxonEvents - SequentialMNIST.Counts.InputSpikes,
			},
			note: "energy of the cores; events of 100 images, measured on 200",
		},
		{
			name: "N-TIDIGITS, 6 cores", source: "NXM Nahuku-32", load: updatesOnly(6, 2, 64+256+256+242), energy: 10.893 * 17.625, time: 17.625,
			core: spikes.CoreWork{CompartmentUpdates: 242}, note: "all dynamic energy of a copy; of the events only updates are known",
		},
		{
			name: "Braille, 53 cores", source: "NXM Nahuku-32", load: updatesOnly(53, 14, 48+450+28), energy: 73.847 * 6.641, time: 6.641,
			core: spikes.CoreWork{CompartmentUpdates: 14}, note: "all dynamic energy of a copy; of the events only updates are known",
		},
	}
}

// Band is an estimate of a published run over what was measured.
type Band struct {
	Run      string     `json:"run"`
	Set      string     `json:"set"`
	Energy   [2]float64 `json:"energy"` // estimate / measurement
	Time     [2]float64 `json:"time"`
	Measured [2]float64 `json:"measured"` // nJ and us a row
	// Bound tells that the estimate has the updates alone, and is a lower bound.
	Bound  bool   `json:"lower_bound,omitempty"`
	Source string `json:"source"`
	Note   string `json:"note"`
}

// Factor is the least and the most that the estimates of a set are of what was measured, over the runs
// of which all events are known; 0 where there is none. "" is any set.
func Factor(bands []Band, set string) (energy, time [2]float64) {
	for _, b := range bands {
		if b.Bound || set != "" && b.Set != set {
			continue
		}
		if energy[1] == 0 {
			energy, time = b.Energy, b.Time
		}
		energy = [2]float64{min(energy[0], b.Energy[0]), max(energy[1], b.Energy[1])}
		time = [2]float64{min(time[0], b.Time[0]), max(time[1], b.Time[1])}
	}
	return energy, time
}

// Bands are the estimates of published runs by the sets of a chip, which has to be the one that they
// ran on: without rows of boards that measured there are none.
func Bands(spec *chip.Spec) []Band {
	if _, ok := spec.Cost(boards, "row_time_min"); !ok {
		return nil
	}
	var list []Band
	for _, r := range published() {
		l := r.load
		for range Weighings(spec) {
			l.Busiest = append(l.Busiest, r.core)
		}
		for _, e := range Estimates(spec, l) {
			b := Band{Run: r.name, Set: e.Set, Measured: [2]float64{r.energy, r.time}, Bound: !r.known, Source: r.source, Note: r.note}
			for i := range 2 {
				b.Energy[i], b.Time[i] = e.EnergyRow[i]/r.energy, e.TimeRow[i]/r.time
			}
			list = append(list, b)
		}
	}
	return list
}
