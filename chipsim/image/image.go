package image

import "decc/ir/sem"

// Version is the version of the container and of the metadata in it, including
// the layout of sem.Program. A reader takes only its own version.
const Version = 4

// Image is everything that one network needs on a chip. Slices refer to one
// another by index.
type Image struct {
	Name    string
	Chip    string // name of the chip profile that it was mapped for
	Profile sem.ProfileID
	Seed    uint64 // keys the random fields (sem.Draw)
	DtNanos int64  // duration of a row in nanoseconds, 0 where it has no meaning
	// ModuleDigest names the module that this was made from, in hex.
	ModuleDigest string
	Programs     []sem.Program
	Inputs       []Input
	Groups       []Group
	Layers       []Layer
	Joins        []Join
	Plastic      []Plastic
	Cores        []*Core `cbor:"-"`
}

// Input is a population of N external sources and where their spikes go. Payload is
// the type of the graded values of its spikes; the zero type means plain spikes.
type Input struct {
	Name    string
	N       int
	Payload sem.Type
	Fan     Fanout
}

// Group is the logical view of a population: what probes and spike records name.
type Group struct {
	Name    string
	N       int
	Program int
	Reset   Reset
}

// Reset puts all states to their defaults before the update of the rows k with
// (k+1) mod Interval = Offset; Interval 0 means never.
type Reset struct{ Interval, Offset int }

// Layer tells the host what a layer of the model became: its spiking group, the
// group whose Value is the local readout, and the rows by which both lag behind
// the step of the float network.
type Layer struct {
	Name       string
	Spikes     string
	SpikesLag  int
	Readout    string
	Value      string
	ReadoutLag int
}

// Join adds the out value of compartment i of group From to a port of compartment i
// of group To in the same row. Both stand on the same core. Port is an index into
// the fields of To's program.
type Join struct{ From, To, Port int }

// Core is what one neuro core is loaded with.
type Core struct {
	ID      int
	ChipID  int
	X, Y, Z int // mesh coordinates
	Runs    []Run
	Memory
	// Fan holds the out-axons of the core's compartments by local number.
	Fan Fanout
}

// Run is a contiguous part of a group: members First .. First+N-1 stand on the
// core's compartments in order, after those of the runs before.
type Run struct {
	Group, First, N int
	// Params holds one list for each param of the program in the order of its fields:
	// one value for all compartments or N values.
	Params [][]int64
}

// Axon is one entry of an out-axon list: an in-axon of a core, both by index, and which
// of its atoms the packet names; 0 where the in-axon is discrete.
type Axon struct {
	_    struct{} `cbor:",toarray"`
	Core uint32
	Axon uint32
	Atom uint32
}

// Fanout lists the out-axons of members: those of member i are
// Axons[Start[i]:Start[i+1]].
type Fanout struct {
	Start []uint32
	Axons []Axon
}

// Of lists the out-axons of a member.
func (f *Fanout) Of(member int) []Axon { return f.Axons[f.Start[member]:f.Start[member+1]] }

// NewFanout makes the table from one list a member.
func NewFanout(lists [][]Axon) Fanout {
	f := Fanout{Start: make([]uint32, 1, len(lists)+1)}
	for _, l := range lists {
		f.Axons = append(f.Axons, l...)
		f.Start = append(f.Start, uint32(len(f.Axons)))
	}
	return f
}

// Compartments is the number of compartments that the runs of the core fill.
func (c *Core) Compartments() int {
	n := 0
	for _, r := range c.Runs {
		n += r.N
	}
	return n
}
