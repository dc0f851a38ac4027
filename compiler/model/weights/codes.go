package weights

import "decc/ir/diag"

const (
	codeOpen          = "weights/open"
	codeFormat        = "weights/format"
	codeLimit         = "weights/limit"
	codeNPY           = "weights/npy"
	codeZip           = "weights/zip"
	codeSafetensors   = "weights/safetensors"
	codeTorch         = "weights/torch"
	codeUnsafe        = "weights/unsafe-pickle"
	codeText          = "weights/text"
	codeDType         = "weights/dtype"
	codeShape         = "weights/shape"
	codeInexact       = "weights/inexact-integer"
	codeDuplicate     = "weights/duplicate-name"
	codeNotFound      = "weights/not-found"
	codeNotFinite     = "weights/not-finite"
	codeUnrepresented = "weights/unrepresentable"
	codeWrite         = "weights/write"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code:    codeOpen,
		Meaning: "A weight file cannot be opened or read.",
		Example: "weights: missing.npz",
		Fix:     "Check the path and the permissions; the file must be a regular file.",
	},
	{
		Code:    codeFormat,
		Meaning: "The first bytes of a file are those of no known weight format.",
		Example: "weights: photo.jpg",
		Fix:     "Give an npz, npy, safetensors, torch.save, HDF5 or plain text file.",
	},
	{
		Code:    codeLimit,
		Meaning: "A file asks for more memory, entries or nesting than the limits allow.",
		Example: "a checkpoint of 5 GiB under a limit of 4 GiB",
		Fix:     "Save only the tensors that are needed, or raise the limit.",
	},
	{
		Code:    codeNPY,
		Meaning: "An npy array is damaged: its header cannot be read, or its length is not that of its shape.",
		Example: "a npy file cut short by a broken copy",
		Fix:     "Write the array again with numpy.save.",
	},
	{
		Code:    codeZip,
		Meaning: "A zip file (npz or torch.save) is damaged or is neither of the two.",
		Example: "an npz cut short by a full disk",
		Fix:     "Write the file again.",
	},
	{
		Code:    codeSafetensors,
		Meaning: "A safetensors file breaks its format: header, offsets or length.",
		Example: "two tensors that share bytes",
		Fix:     "Write the file again with the safetensors library.",
	},
	{
		Code:    codeTorch,
		Meaning: "A torch.save file is damaged, or holds something that is not a dictionary of tensors and numbers.",
		Example: "torch.save(model, path), which stores code",
		Fix:     "Save model.state_dict().",
	},
	{
		Code:    codeUnsafe,
		Meaning: "A pickle names a class or uses an instruction that tensors do not need. decc does safe loading: it refuses rather than runs it.",
		Example: "a checkpoint that holds a numpy array or an argparse.Namespace",
		Fix:     "Save only tensors, numbers, lists and dictionaries: torch.save(model.state_dict(), path).",
	},
	{
		Code:    codeText,
		Meaning: "A text matrix has something that is not a number, or rows of different lengths.",
		Example: "1 2 3 on one line and 4 5 on the next",
		Fix:     "Write one row a line, numbers separated by blanks, comments after #.",
	},
	{
		Code:    codeDType,
		Meaning: "A tensor has an element type that decc does not read: complex, text, structured, objects, quantised or below 8 bits.",
		Example: "numpy.array(['a'])",
		Fix:     "Convert it to a float, integer or bool array before saving.",
	},
	{
		Code:    codeShape,
		Meaning: "The shape of a tensor does not fit its data.",
		Example: "a shape of 2 x 3 over five values",
		Fix:     "Give the tensor the shape of its data.",
	},
	{
		Code:    codeInexact,
		Meaning: "An integer is beyond ±2^53, so that a float64 cannot hold it exactly.",
		Example: "the int64 value 9007199254740993",
		Fix:     "Remove the tensor, or store values that a weight can have.",
	},
	{
		Code:    codeDuplicate,
		Meaning: "Two tensors of a file have the same name, or one has none.",
		Example: `{"a": {"b": t1}, "a.b": t2}`,
		Fix:     "Give each tensor its own name.",
	},
	{
		Code:    codeNotFound,
		Meaning: "A file has no tensor of the name asked for.",
		Example: "weights.fc1 where the file has model_state_dict.fc1.weight",
		Fix:     "Use a name that the file has; the message suggests the nearest.",
	},
	{
		Code:    codeNotFinite,
		Meaning: "A tensor holds a NaN or an infinity.",
		Example: "weights of a training that diverged",
		Fix:     "Export the weights of a sound training.",
	},
	{
		Code:    codeUnrepresented,
		Meaning: "A value does not fit the element type that it is to be written in.",
		Example: "300 as I8, or 0.5 as I32",
		Fix:     "Write it in a wider type.",
	},
	{
		Code:    codeWrite,
		Meaning: "A file cannot be written. No partial file is left.",
		Example: "a full disk",
		Fix:     "Free space, or write elsewhere.",
	},
}
