package events

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"decc/ir/hdf5"
)

// Format is one kind of file.
type Format struct {
	// Name names the format in Info and in errors.
	Name string
	// Extensions are those that files of the format have, lower case, without the dot.
	Extensions []string
	// Doc says what the format is.
	Doc string
	// Known says how a file of the format is told from others.
	Known string
	// Limits are those of a file that is written; nil for a format that is only read.
	Limits *Limits

	recognise func(head []byte) bool           // by the first bytes; nil if they do not tell
	byName    bool                             // the extension alone is enough
	open      func(s *source) (decoder, error) // reads the head
	// create makes the head of a file and what writes its events; nil where Limits is.
	create func(info Info, extent Extent) ([]byte, encoder)
	// columns is how often create's encoder takes all events, 0 for once; a file of many
	// columns is no stream, and not packed.
	columns int
}

// Formats lists the formats. The order is that in which Open tries them.
var Formats = []Format{
	{
		Name: "aedat1", Extensions: []string{"aedat"}, Doc: "AEDAT 1.0 of jAER: 16-bit addresses of a DVS128; y counts from below",
		Known: "#!AER-DAT1.0", recognise: begins("#!AER-DAT1.0"), open: openAEDAT1,
	},
	{
		Name: "aedat2", Extensions: []string{"aedat"}, Doc: "AEDAT 2.0 of jAER, addresses of a DVS128; y counts from below, polarity 0 is ON",
		Known: "#!AER-DAT2.0, or the extension", recognise: begins("#!AER-DAT2.0"), byName: true, open: openAEDAT2,
	},
	{
		Name: "aedat3", Extensions: []string{"aedat"}, Doc: "AEDAT 3.1 of cAER, raw: the form of DvsGesture",
		Known: "#!AER-DAT3.1", recognise: begins("#!AER-DAT3.1"), open: openAEDAT3,
		Limits: &Limits{T: 1<<62 - 1, X: 1<<15 - 1, Y: 1<<15 - 1, P: 1}, create: createAEDAT3,
	},
	{
		Name: "aedat4", Extensions: []string{"aedat4", "aedat"}, Doc: "AEDAT 4.0 of DV, plain or LZ4: the first stream of events",
		Known: "#!AER-DAT4.0", recognise: begins("#!AER-DAT4.0"), open: openAEDAT4,
		Limits: &Limits{T: math.MaxInt64, X: 1<<15 - 1, Y: 1<<15 - 1, P: 1, Negative: true}, create: createAEDAT4,
	},
	{
		Name: "evt2", Extensions: []string{"raw"}, Doc: "EVT 2.0 of Prophesee, 32-bit words",
		Known: "the header line % evt 2.0 or % format EVT2", recognise: prophesee("evt2"), open: openEVT2,
		Limits: &Limits{T: 1<<34 - 1, X: 1<<11 - 1, Y: 1<<11 - 1, P: 1}, create: createEVT2,
	},
	{
		Name: "evt3", Extensions: []string{"raw"}, Doc: "EVT 3.0 of Prophesee, 16-bit words",
		Known: "the header line % evt 3.0 or % format EVT3", recognise: prophesee("evt3"), open: openEVT3,
		Limits: &Limits{T: 1<<40 - 1, X: 1<<11 - 1, Y: 1<<11 - 1, P: 1}, create: createEVT3,
	},
	{
		Name: "dat", Extensions: []string{"dat"}, Doc: "DAT version 2 of Prophesee: the form of N-CARS",
		Known: "the header line % Version 2 or % Data file containing", recognise: prophesee("dat"), open: openDAT,
		Limits: &Limits{T: 1<<32 - 1, X: 1<<14 - 1, Y: 1<<14 - 1, P: 15}, create: createDAT,
	},
	{
		Name: "bin", Extensions: []string{"bin"}, Doc: "40-bit records of ATIS: the form of N-MNIST; y = 240 extends the time",
		Known: "the extension", byName: true, open: openATIS,
		Limits: &Limits{T: 1<<31 - 1, X: 255, Y: 255, P: 1}, create: createATIS,
	},
	{
		Name: "bs1", Extensions: []string{"bs1"}, Doc: "SLAYER, spikes of a row of neurons: x is the neuron",
		Known: "the extension", byName: true, open: simple(5, bs1),
		Limits: &Limits{T: timeMask, X: 1<<16 - 1, P: 1}, create: bare(putBS1),
	},
	{
		Name: "bs2", Extensions: []string{"bs2"}, Doc: "SLAYER, events of a sensor of up to 256x256: the records of bin, y = 240 included",
		Known: "the extension", byName: true, open: simple(5, BS2),
		Limits: &Limits{T: timeMask, X: 255, Y: 255, P: 1}, create: bare(putBS2),
	},
	{
		Name: "bs3", Extensions: []string{"bs3"}, Doc: "SLAYER, events of a sensor of up to 4096x4096 with 256 channels",
		Known: "the extension", byName: true, open: simple(7, bs3),
		Limits: &Limits{T: 1<<24 - 1, X: 4095, Y: 4095, P: 255}, create: bare(putBS3),
	},
	{
		Name: "bsn", Extensions: []string{"bsn"}, Doc: "SLAYER, target numbers of spikes: no events; see ReadCounts",
		Known: "the extension", byName: true, open: refuseTargets,
	},
	{
		Name: "npy", Extensions: []string{"npy"}, Doc: "NumPy: records t, x, y, p in us (tonic), or rows x, y, p, t or x, p, t in ms (lava-dl)",
		Known: "\\x93NUMPY", recognise: begins("\x93NUMPY"), open: openNPY, Limits: anything, create: createNPY,
	},
	{
		Name: "npz", Extensions: []string{"npz"}, Doc: "NumPy: the arrays t, x, y, p in us (SpikingJelly)",
		Known: "PK\\x03\\x04", recognise: begins("PK\x03\x04"), open: openNPZ, Limits: anything, create: createNPZ, columns: len(written),
	},
	{
		Name: archiveFormat, Extensions: []string{"hdf5", "h5"}, Doc: "HDF5 of torchneuromorphic: many recordings, FILE#KEY is one; addresses are x, y, p or p, x, y",
		Known: "\\x89HDF", recognise: begins(hdf5.Signature), open: openHDF5,
	},
	{
		Name: "csv", Extensions: []string{"csv"}, Doc: "text: a line that names t, x, y and p, then one event a line, times in us",
		Known: "its first line", recognise: isEventCSV, open: openCSV, Limits: anything, create: createCSV,
	},
}

// foreign lists files that are not read, by the bytes that they begin with.
var foreign = []struct{ mark, what, fix string }{
	{"#!AER-DAT", "a version of AEDAT that is not read", "convert it to AEDAT 3.1 or 4.0, with jAER or DV"},
	{"% ", "a Prophesee header that names no format that is read", "convert the file to EVT 2.0, EVT 3.0 or DAT 2"},
}

func begins(mark string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(mark)) }
}

// formatRows is Formats, by a way that the open functions in it may take.
var formatRows func() []Format

func init() { formatRows = func() []Format { return Formats } }

func formatNames() string {
	names := make([]string, len(formatRows()))
	for i, f := range formatRows() {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// WrittenNames lists the formats that are written.
func WrittenNames() []string {
	var names []string
	for _, f := range formatRows() {
		if f.create != nil {
			names = append(names, f.Name)
		}
	}
	return names
}

// WrittenExtensions lists the extensions of the formats that are written, each once.
func WrittenExtensions() []string {
	var list []string
	for _, f := range formatRows() {
		for _, ext := range f.Extensions {
			if f.create != nil && !slices.Contains(list, ext) {
				list = append(list, ext)
			}
		}
	}
	return list
}
