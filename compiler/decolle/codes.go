package decolle

import "decc/ir/diag"

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code:    codeSpec,
		Meaning: "The description of a DECOLLE network or of its training holds a value that cannot be run.",
		Example: "layers[0].kernel = 9 on an input of 5 x 5 without padding",
		Fix:     "Change the named field to a value in the range that the message gives.",
	},
	{
		Code:    codeTensor,
		Meaning: "A weight file lacks a tensor of the network, or holds one of another shape or with a value that is not finite.",
		Example: "LIF_layers.1.base_layer.weight of shape [128 64] for a layer of 128 inputs",
		Fix:     "Use the weights that belong to this network description.",
	},
	{
		Code:    codeState,
		Meaning: "A training checkpoint does not belong to this network and training configuration.",
		Example: "a checkpoint taken with SGD is resumed with AdaMax",
		Fix:     "Resume with the configuration that wrote the checkpoint, or start afresh.",
	},
	{
		Code:    codeData,
		Meaning: "A sample of the data set does not fit the network.",
		Example: "a spike of line 1024 for a network of 784 inputs",
		Fix:     "Use the encoder and the data set that the network was described for.",
	},
	{
		Code:    codeInit,
		Meaning: "The initial weights cannot be brought to unit variance of the potentials (LSUV).",
		Example: "all samples are silent, so that U has no variance to scale",
		Fix:     "Give samples with spikes in the last rows, or use the plain initialisation.",
	},
	{
		Code:    codeDiverged,
		Meaning: "Training made weights that are not finite.",
		Example: "the Published variant, whose traces are 170000 times larger, trained with lr 1",
		Fix:     "Use a smaller learning rate.",
	},
	{
		Code:    codeGolden,
		Meaning: "A decolle-golden/1 file is malformed or contradicts itself.",
		Example: "W0 holds 299 numbers where weight_shape asks for 300",
		Fix:     "Take an undamaged copy of the recorded trace.",
	},
}

const (
	codeSpec   = "decolle/spec"
	codeTensor = "decolle/tensor"
	codeState  = "decolle/state"
	codeData   = "decolle/data"
	codeInit   = "decolle/init"
	codeGolden = "decolle/golden"

	codeDiverged = "decolle/diverged"
)
