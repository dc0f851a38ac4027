package events

import "decc/ir/diag"

// The codes of this package; Codes explains each.
const (
	codeFormat      = "events/unknown-format"
	codeUnsupported = "events/unsupported"
	codeTargets     = "events/spike-counts"
	codeHeader      = "events/bad-header"
	codePacket      = "events/bad-packet"
	codeWord        = "events/bad-word"
	codeEvent       = "events/bad-event"
	codeTruncated   = "events/truncated"
	codeTooLarge    = "events/too-large"
	codeGzip        = "events/bad-gzip"
	codeUnreadable  = "events/unreadable"
	codeNotHeld     = "events/not-held"
	codeKey         = "events/which-recording"
	codeAxes        = "events/unknown-axes"
)

// Codes explains every diagnostic code of the events/ room.
var Codes = []diag.CodeDoc{
	{
		Code:    codeFormat,
		Meaning: "Neither the first bytes of a file nor its extension tell which format of events it has.",
		Example: "a recording of N-MNIST that was renamed to 00002.txt",
		Fix:     "give the file the extension of its format: bin, bs1, bs2, bs3",
	},
	{
		Code:    codeUnsupported,
		Meaning: "The format of the file is known, but this variant of it is not read.",
		Example: "an AEDAT 4.0 file with Zstd compression, or an EVT 2.1 file",
		Fix:     "convert the file; the message says into what",
	},
	{
		Code:    codeTargets,
		Meaning: "A .bsn file holds target numbers of spikes, and a recording of spikes is expected.",
		Example: "numSpikes.bsn given as the input of a network",
		Fix:     "give the .bs1 or .bs2 file with the spikes",
	},
	{
		Code:    codeHeader,
		Meaning: "The head of a recording is damaged or lacks what its format demands.",
		Example: "an AEDAT 3.1 file without the line #!END-HEADER",
		Fix:     "copy or download the file again",
	},
	{
		Code:    codePacket,
		Meaning: "A packet of an AEDAT file announces what cannot be, such as a negative number of events.",
		Example: "an AEDAT 3.1 packet of polarity events with 7 bytes an event",
		Fix:     "copy or download the file again",
	},
	{
		Code:    codeWord,
		Meaning: "A Prophesee file holds a word of a type that its format does not have.",
		Example: "a word of type 9 in an EVT 3.0 file",
		Fix:     "copy or download the file again; a wrong % evt line in the header shows the same way",
	},
	{
		Code:    codeEvent,
		Meaning: "A recording holds an event that its sensor cannot have seen: off its pixels, or at a negative time.",
		Example: "an event at x = 200 in a recording of a DVS128",
		Fix:     "copy or download the file again, or correct the size of the sensor in the header",
	},
	{
		Code:    codeTruncated,
		Meaning: "The recording ends in the middle of an event, a packet or its header.",
		Example: "a file cut off by an interrupted copy",
		Fix:     "copy or download the file again; the events before the cut were read",
	},
	{
		Code:    codeTooLarge,
		Meaning: "A header or a packet is larger than the reader accepts.",
		Example: "an AEDAT 4.0 packet that announces 4294967295 bytes",
		Fix:     "copy or download the file again: damage is the usual cause",
	},
	{
		Code:    codeGzip,
		Meaning: "The file starts like a gzip file, but its compressed data are damaged.",
		Example: "a .gz file with a flipped bit: its checksum no longer agrees",
		Fix:     "copy or download the file again",
	},
	{
		Code:    codeUnreadable,
		Meaning: "The operating system could not read on in a recording.",
		Example: "a folder given where a recording is expected",
		Fix:     "check the file and its permissions",
	},
	{
		Code:    codeNotHeld,
		Meaning: "A recording is written in a format whose fields are too narrow for one of its events.",
		Example: "an event at x = 300 for a .bs2 file, which holds x up to 255",
		Fix:     "take a wider format, or a part of the recording whose time begins at 0 (--from, --until, --rebase)",
	},
	{
		Code:    codeKey,
		Meaning: "A HDF5 file holds many recordings, and the one that is meant is not named, or is not there.",
		Example: "decc data show dvs_gestures.hdf5, without #KEY",
		Fix:     "name the recording as FILE#KEY",
	},
	{
		Code:    codeAxes,
		Meaning: "The values of a HDF5 file do not tell whether its addresses are x, y, p or p, x, y.",
		Example: "a recording whose events are all at x = 0 or 1 and y = 0 or 1",
		Fix:     "name the order: axes: xyp (or pxy) under stimulus, or --axes",
	},
}
