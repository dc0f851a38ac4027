package hdf5

import "decc/ir/diag"

// The codes of this package; Codes explains each.
const (
	codeFormat      = "hdf5/unknown-format"
	codeTruncated   = "hdf5/truncated"
	codeDamaged     = "hdf5/damaged"
	codeChecksum    = "hdf5/checksum"
	codeLoop        = "hdf5/loop"
	codeUnsupported = "hdf5/unsupported"
	codeTooLarge    = "hdf5/too-large"
	codeNotFound    = "hdf5/not-found"
	codeLink        = "hdf5/link"
	codeType        = "hdf5/type"
	codeLoss        = "hdf5/loss"
	codeRange       = "hdf5/range"
	codeUnreadable  = "hdf5/unreadable"
	codeTree        = "hdf5/tree"
)

const fixCopy = "copy or download the file again"

// Codes explains every diagnostic code of the hdf5/ room.
var Codes = []diag.CodeDoc{
	{
		Code:    codeFormat,
		Meaning: "The file has no HDF5 signature at any of the places where one may stand.",
		Example: "a page of HTML that a failed download left as net.nir",
		Fix:     fixCopy,
	},
	{
		Code:    codeTruncated,
		Meaning: "A part of the file, or the end that its superblock tells, lies beyond the last byte.",
		Example: "a file cut off by an interrupted copy",
		Fix:     fixCopy,
	},
	{
		Code:    codeDamaged,
		Meaning: "A structure of the file is not what the HDF5 specification allows in its place.",
		Example: "a B-tree node without its signature TREE",
		Fix:     fixCopy,
	},
	{
		Code:    codeChecksum,
		Meaning: "The checksum of a header, an index or a chunk does not agree with its bytes.",
		Example: "a file of libver='latest' with a flipped bit in an object header",
		Fix:     fixCopy,
	},
	{
		Code:    codeLoop,
		Meaning: "Reading one object takes more bytes than the file can hold for it: its parts refer to one another in a circle.",
		Example: "a continuation block of an object header that continues in itself",
		Fix:     fixCopy,
	},
	{
		Code:    codeUnsupported,
		Meaning: "The file uses a feature of HDF5 that is not read; the message names it.",
		Example: "a dataset with compression='lzf'",
		Fix:     "rewrite the file with h5repack or h5py without the feature",
	},
	{
		Code:    codeTooLarge,
		Meaning: "A dataset, a chunk or a header is larger than what was asked for or than the reader accepts.",
		Example: "a recording of 10^9 events read whole",
		Fix:     "read it by ranges of rows, or raise the limit",
	},
	{
		Code:    codeNotFound,
		Meaning: "A group has no member of this name, or the member is a group where a dataset is needed, or the other way round.",
		Example: "the dataset node/type in a file that has only node/nodes",
		Fix:     "use a name that the message lists",
	},
	{
		Code:    codeLink,
		Meaning: "A name leads through a soft or external link, and only hard links are followed.",
		Example: "an h5py.ExternalLink to a dataset of another file",
		Fix:     "use the name that the link points to, or copy the target into the file",
	},
	{
		Code:    codeType,
		Meaning: "A dataset or an attribute holds another type or number of elements than is needed.",
		Example: "strings asked of a dataset of float32",
		Fix:     "write the dataset with the type that the message names",
	},
	{
		Code:    codeLoss,
		Meaning: "A number cannot be given in the type that is needed without changing it.",
		Example: "the float 0.5 where an integer is needed, or 2^63 as an int64",
		Fix:     "write the dataset with a type that holds its numbers",
	},
	{
		Code:    codeRange,
		Meaning: "Rows are asked for that a dataset does not have.",
		Example: "rows 90 to 110 of a dataset of 100 rows",
		Fix:     "ask for rows below the first number of the shape",
	},
	{
		Code:    codeUnreadable,
		Meaning: "The operating system could not read on in the file.",
		Example: "a file on a network drive that went away",
		Fix:     "check the file and its permissions",
	},
	{
		Code:    codeTree,
		Meaning: "A tree of groups and datasets cannot be written as HDF5.",
		Example: "two members of one name in a group, or 5 values for a shape of 2 x 3",
		Fix:     "correct the name or the shape that the message tells",
	},
}
