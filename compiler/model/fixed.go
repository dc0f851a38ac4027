package model

import (
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Fixed is an integer network as the text gives it, defaults filled in. What comes
// out of files is there after Resolve.
type Fixed struct {
	Presented `yaml:",inline"`
	Semantics string     `yaml:"semantics"`
	Seed      uint64     `yaml:"seed"`
	Programs  Programs   `yaml:"programs"`
	Groups    []Group    `yaml:"groups"`
	Synapses  []Synapse  `yaml:"synapses"`
	Joins     []Join     `yaml:"joins"`
	Layers    []Observed `yaml:"layers"`
	// Profile is Semantics as a semantics profile.
	Profile sem.ProfileID `yaml:"-"`
}

// Presented is what a network of populations is given from outside.
type Presented struct {
	Rows     int       `yaml:"rows"` // of a run; 0: those of the stimulus
	Inputs   []Source  `yaml:"inputs"`
	Stimulus *Stimulus `yaml:"stimulus"` // nil: none given
}

// sizes are the members of the inputs, by name.
func (p *Presented) sizes() map[string]int {
	sizes := map[string]int{}
	for _, in := range p.Inputs {
		sizes[in.Name] = in.Size
	}
	return sizes
}

// Programs are the user's neuron programs, in the order of the text.
type Programs []Program

// Program is a neuron program of the user.
type Program struct {
	Name string
	File string
	Path string // File with variables put in; set by Resolve
	Text []byte // the .dcir text; set by Resolve
	Pos  diag.Pos
}

// Source is an external spike source of Size members.
type Source struct {
	Name string `yaml:"name"`
	Size int    `yaml:"size"` // Validate takes it from Shape where that is given
	// Shape is channels, rows and columns; nil where the text gives the size alone.
	Shape []int    `yaml:"shape"`
	Pos   diag.Pos `yaml:"-"`
}

// Group is a population of Size compartments that run one program.
type Group struct {
	Name   string   `yaml:"name"`
	Size   int      `yaml:"size"`   // Validate takes it from Shape where that is given
	Shape  []int    `yaml:"shape"`  // channels, rows and columns, or nil
	Neuron string   `yaml:"neuron"` // name of a program, built in or of Programs
	Params Params   `yaml:"params"` // in the order of the text
	Reset  *Reset   `yaml:"reset"`  // nil: never
	Pos    diag.Pos `yaml:"-"`
}

// Reset zeroes all states before the update of the rows k with (k+1) mod Interval = Offset.
type Reset struct {
	Interval int `yaml:"interval"`
	Offset   int `yaml:"offset"`
}

// Params are the parameters of a group.
type Params []Param

// Param is one parameter: after Resolve, Values.Data has one number or one for
// each compartment.
type Param struct {
	Name   string
	Values Ints
	Pos    diag.Pos
}

// Synapse is a connection. Mantissas, Ends and Delays are set by Resolve.
type Synapse struct {
	Name     string         `yaml:"name"`
	From     string         `yaml:"from"`
	To       string         `yaml:"to"`
	Port     string         `yaml:"port"`
	Weights  *Ints          `yaml:"weights"`
	OneToOne *Ints          `yaml:"one_to_one"`
	List     [][]int64      `yaml:"list"`
	Conv     *Kernel[int64] `yaml:"conv"`
	Pool     *Pool[int64]   `yaml:"pool"`
	Bits     int            `yaml:"bits"` // 0..8
	Exp      int            `yaml:"exp"`  // -8..7
	Sign     string         `yaml:"sign"`
	Delay    Ints           `yaml:"delay"`
	Graded   bool           `yaml:"graded"`

	// Mantissas are -256..255: a matrix [to, from], row-major, in which 0 is no
	// synapse, or one for each of Ends, or a kernel of shape KernelShape.
	Mantissas []int64 `yaml:"-"`
	// Ends are from and to of single synapses; nil for others.
	Ends [][2]int `yaml:"-"`
	// Slide says how a kernel slides; nil for others.
	Slide       *ir.Conv `yaml:"-"`
	shapes      [2][]int // of From and To, where Conv or Pool need them
	KernelShape []int    `yaml:"-"`
	// Delays are 0..63: one for all, or one for each of Mantissas.
	Delays []int64 `yaml:"-"`
	// SignMode is Sign as the numeric semantics know it, unless Split.
	SignMode sem.SignMode `yaml:"-"`
	// Split makes an excitatory and an inhibitory connection of the positive and the
	// negative mantissas; both keep the lowest bit, which a mixed one drops.
	Split bool     `yaml:"-"`
	Pos   diag.Pos `yaml:"-"`
}

// Kernel is the weights of a convolution and how they slide over the source.
type Kernel[T Number] struct {
	Weights  Numbers[T] `yaml:"kernel"`
	Size     *Pair      `yaml:"size"` // of a kernel of the text; nil for a file's
	Stride   Pair       `yaml:"stride"`
	Padding  Pair       `yaml:"padding"`
	Dilation Pair       `yaml:"dilation"`
	Groups   int        `yaml:"groups"`
}

// Pool is sum pooling with one weight.
type Pool[T Number] struct {
	Size    Pair  `yaml:"size"`
	Weight  T     `yaml:"weight"`
	Stride  *Pair `yaml:"stride"` // nil: Size
	Padding Pair  `yaml:"padding"`
}

// Pair is a number for rows and one for columns.
type Pair [2]int

// signSplit is the Sign of a connection that becomes two.
const signSplit = "split"

// Join passes the out value of compartment i of From to a port of compartment i of To.
type Join struct {
	From string   `yaml:"from"`
	To   string   `yaml:"to"`
	Port string   `yaml:"port"`
	Pos  diag.Pos `yaml:"-"`
}

// Observed is what the host sees of a layer.
type Observed struct {
	Name       string   `yaml:"name"`
	Spikes     string   `yaml:"spikes"`
	SpikesLag  int      `yaml:"spikes_lag"` // rows
	Readout    string   `yaml:"readout"`    // "" where it has none
	Value      string   `yaml:"value"`      // observable of Readout
	ReadoutLag int      `yaml:"readout_lag"`
	Pos        diag.Pos `yaml:"-"`
}

// Stimulus is what the inputs are given. Kind is "events" (File in Order, or List),
// "raster" (File), "images" (Set and what follows it) or "recordings" (File, a list or one
// recording, and Bin).
type Stimulus struct {
	Kind    string    `yaml:"kind"`
	Input   string    `yaml:"input"` // name of an input
	File    string    `yaml:"file"`
	Order   string    `yaml:"order"`
	List    [][]int64 `yaml:"list"`
	Cols    Span      `yaml:"cols"`
	Set     string    `yaml:"set"`
	Folder  string    `yaml:"folder"`
	Split   string    `yaml:"split"`
	Samples []int     `yaml:"samples"` // positions, nil for all
	Count   int       `yaml:"count"`   // the first so many, 0 for all
	Encoder Encoder   `yaml:"encoder"`
	Decide  string    `yaml:"decide"` // "vote", "sum" or "last"
	BurnIn  int       `yaml:"burn_in"`
	First   int       `yaml:"first_class"` // label of class 0
	Bin     *Bin      `yaml:"bin"`
	// Recording is what a file of labels speaks of, "" for the one beside it.
	Recording string `yaml:"recording"`
	// Axes is the order of addresses in a HDF5 file of recordings, "" for the one that the
	// file tells. Split is "" for recordings whose text does not choose.
	Axes string `yaml:"axes"`

	// Path is File or Folder with variables put in, from the working folder, "" where
	// the text names neither; set by Resolve.
	Path string `yaml:"-"`
	// Trial is Recording in the same way.
	Trial string `yaml:"-"`
	// Train is what List or a raster gives, sorted; set by Resolve. The file of kind
	// events is left to chipsim/stimulus.
	Train spikes.Train `yaml:"-"`
	Pos   diag.Pos     `yaml:"-"`
}

// Bin says how events become spikes.
type Bin struct {
	Micros  int64 `yaml:"micros"`
	Steps   int   `yaml:"steps"`
	Nearest bool  `yaml:"nearest"`
	Crop    Pair  `yaml:"crop"`
	Shrink  Pair  `yaml:"shrink"`
	Counts  bool  `yaml:"counts"`
	// Polarity is "both", "merge", "on" or "off".
	Polarity string `yaml:"polarity"`
}

// Span is a part [first, end) of an axis; nil is all of it.
type Span []int

// TensorRef names a tensor of a file, or a part of it.
type TensorRef struct {
	File   string  `yaml:"file"`
	Name   string  `yaml:"tensor"` // "" is the only one
	Layout string  `yaml:"layout"` // "post_major" or "pre_major"
	Rows   Span    `yaml:"rows"`   // of the file's first axis
	Cols   Span    `yaml:"cols"`   // of its second
	Scale  float64 `yaml:"scale"`
	Path   string  `yaml:"-"` // File with variables put in; set by Resolve
}
