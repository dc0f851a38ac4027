package model

import "decc/ir/diag"

const (
	codeOpen         = "model/open"
	codeTooLarge     = "model/too-large"
	codeSyntax       = "model/syntax"
	codeAlias        = "model/alias"
	codeTag          = "model/tag"
	codeDuplicateKey = "model/duplicate-key"
	codeUnknownKey   = "model/unknown-key"
	codeType         = "model/type"
	codeMissing      = "model/missing-key"
	codeChoice       = "model/choice"
	codeRange        = "model/range"
	codeFormat       = "model/format"
	codeVersion      = "model/version"
	codeExactlyOne   = "model/exactly-one"
	codeConflict     = "model/conflict"
	codeDuplicate    = "model/duplicate-name"
	codeReference    = "model/reference"
	codeShape        = "model/shape"
	codeNotInteger   = "model/not-integer"
	codeMantissa     = "model/mantissa"
	codeVariable     = "model/variable"
	codeTensor       = "model/tensor"
	codeTime         = "model/time-constant"
	codeUnused       = "model/unused-tensor"
	codeNoBias       = "model/no-bias"
	codeRaster       = "model/raster"
	codeTarget       = "model/target"

	codeCheckpoint = "import/checkpoint"
	codeParameter  = "import/parameter"
	codeGeometry   = "import/geometry"
	codeUnmappable = "import/unmappable"
	codeReset      = "import/reset"
	codeDt         = "import/dt"

	codeExport = "export/unmappable"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code:    codeOpen,
		Meaning: "A model, or a file that a model names, cannot be read.",
		Example: "weights: {file: missing.npz}",
		Fix:     "Check the path: it starts from the folder of the model file.",
	},
	{
		Code:    codeTooLarge,
		Meaning: "A model file, what its aliases unfold to, or a matrix that it asks for is beyond the reader's bounds.",
		Example: "a model file of 5 MiB, or brackets nested 65 deep",
		Fix:     "Put long lists of numbers into a file and name it.",
	},
	{
		Code:    codeSyntax,
		Meaning: "The text is not YAML, or not one mapping.",
		Example: "layers: [a, b",
		Fix:     "Correct the line; strings with : or # need quotes.",
	},
	{
		Code:    codeAlias,
		Meaning: "A YAML alias or merge key cannot be unfolded.",
		Example: "a: &x [*x]",
		Fix:     "Write the value out.",
	},
	{
		Code:    codeTag,
		Meaning: "A value has a YAML tag that models do not use.",
		Example: "name: !!binary aGk=",
		Fix:     "Remove the tag.",
	},
	{
		Code:    codeDuplicateKey,
		Meaning: "A mapping has the same key twice.",
		Example: "{name: a, name: b}",
		Fix:     "Keep one of the two.",
	},
	{
		Code:    codeUnknownKey,
		Meaning: "A mapping has a key that means nothing there.",
		Example: "neuron: {alhpa: 0.97}",
		Fix:     "Use the key that the message suggests, or remove it.",
	},
	{
		Code:    codeType,
		Meaning: "A value is of the wrong kind.",
		Example: "dense: many",
		Fix:     "Write what the message asks for.",
	},
	{
		Code:    codeMissing,
		Meaning: "A mapping lacks a key that it must have.",
		Example: "readout: {lc_ampl: 0.5}",
		Fix:     "Add the key; decc explain model.KEY tells what it means.",
	},
	{
		Code:    codeChoice,
		Meaning: "A value is none of the words that are allowed.",
		Example: "surrogate: boxcart",
		Fix:     "Use one of the words that the message lists.",
	},
	{
		Code:    codeRange,
		Meaning: "A number, or the length of a list or text, is out of its range.",
		Example: "alpha: 1.5",
		Fix:     "Use a value in the range that the message gives.",
	},
	{
		Code:    codeFormat,
		Meaning: "A text does not have the form that its key needs.",
		Example: "dt: 1",
		Fix:     "Write it as the message says.",
	},
	{
		Code:    codeVersion,
		Meaning: "The model is of a format version that this decc does not read.",
		Example: "decc: 2",
		Fix:     "Write decc: 1, or use the decc that wrote the model.",
	},
	{
		Code:    codeExactlyOne,
		Meaning: "Of several keys there must be one, and none or more than one is there.",
		Example: "{name: h1, dense: 128, conv: {channels: 8, kernel: 5}}",
		Fix:     "Keep one of the keys that the message lists.",
	},
	{
		Code:    codeConflict,
		Meaning: "Two values contradict or exclude each other.",
		Example: "{alpha: 0.97, tau_mem: 33}",
		Fix:     "Remove or change one of the two.",
	},
	{
		Code:    codeDuplicate,
		Meaning: "Two objects of a model have the same name.",
		Example: "two layers h1",
		Fix:     "Give each its own name.",
	},
	{
		Code:    codeReference,
		Meaning: "A model names a population that it does not have.",
		Example: "from: hiden",
		Fix:     "Use the name of an input or group.",
	},
	{
		Code:    codeShape,
		Meaning: "A list, matrix or tensor has not the shape that the network needs, or a convolution does not fit its input.",
		Example: "weights of shape [80, 240] for a synapse from 80 to 240 without layout: pre_major",
		Fix:     "Correct the sizes, or the layout and part of the tensor.",
	},
	{
		Code:    codeNotInteger,
		Meaning: "A tensor of an integer network holds a value that is no integer.",
		Example: "a weight 0.5 in w1.npy",
		Fix:     "Give integers, or set scale so that the products are.",
	},
	{
		Code:    codeMantissa,
		Meaning: "A weight mantissa is outside -256..255, or a delay outside 0..63.",
		Example: "list: [[0, 0, 300]]",
		Fix:     "Use a smaller mantissa with a larger exp.",
	},
	{
		Code:    codeVariable,
		Meaning: "A path holds ${NAME} and no environment variable has that name.",
		Example: "file: ${DATA}/w.npy without DATA",
		Fix:     "Set the variable.",
	},
	{
		Code:    codeTensor,
		Meaning: "A file of weights lacks a tensor that the model needs, or its tensors can be meant in more than one way.",
		Example: "a three-layer model with the weights of two layers",
		Fix:     "Use the weights that belong to the model, or give weights.prefix or weights.names.",
	},
	{
		Code:    codeTime,
		Meaning: "The time constants stored with the weights are not those of the model.",
		Example: "alpha: 0.95 with weights trained at tau_m = 33.33 (alpha 0.97)",
		Fix:     "Set alpha and beta to those of the weights.",
	},
	{
		Code:    codeUnused,
		Meaning: "A file of weights holds tensors of layers that the model does not have (a warning).",
		Example: "a two-layer model with the weights of three layers",
		Fix:     "Add the layer, or ignore the warning.",
	},
	{
		Code:    codeNoBias,
		Meaning: "A layer's weights come without a bias; it is taken as zero (a warning).",
		Example: "a network trained with bias=False",
		Fix:     "Nothing, if that is how it was trained.",
	},
	{
		Code:    codeRaster,
		Meaning: "A raster file is not a table of whole numbers with one line a row.",
		Example: "1, x, 0",
		Fix:     "Write one line a row, numbers separated by commas.",
	},
	{
		Code:    codeTarget,
		Meaning: "A learning rule cannot do what the model asks for on the chip that it is for.",
		Example: "learn: {rule: soel} with a plastic hidden layer, or rule decolle on loihi1",
		Fix:     "Use target loihi2, or let the last layer alone be plastic.",
	},
	{
		Code:    codeCheckpoint,
		Meaning: "A checkpoint is not that of a DECOLLE network.",
		Example: "a file without a tensor LIF_layers.0.base_layer.weight",
		Fix:     "Give the state_dict, or the file that save_checkpoint of the public code wrote.",
	},
	{
		Code:    codeParameter,
		Meaning: "A parameter file of the public code holds a value that cannot be used, or that contradicts the checkpoint.",
		Example: "alpha: [0.9] with a checkpoint of tau_m = 33.33",
		Fix:     "Give the parameter file that the checkpoint was trained with.",
	},
	{
		Code:    codeGeometry,
		Meaning: "The shapes of a checkpoint do not tell the geometry of its convolutions.",
		Example: "a convolutional checkpoint without input_shape",
		Fix:     "Give a parameter file with input_shape, stride and pool_size, or the input shape itself.",
	},
	{
		Code:    codeExport,
		Meaning: "A model has something that the other format has no place for.",
		Example: "decc export of a model in chip terms",
		Fix:     "Change what the message names, or use another format.",
	},
	{
		Code:    codeReset,
		Meaning: "A file does not tell whether a spike sets the voltage or subtracts the threshold from it.",
		Example: "decc import cnn_sinabs.nir",
		Fix:     "Say it with --reset set or --reset subtract, as the network was trained.",
	},
	{
		Code:    codeDt,
		Meaning: "A file with time constants does not tell the duration of a step.",
		Example: "decc import braille.nir --reset set",
		Fix:     "Say it with --dt, as the network was trained.",
	},
	{
		Code:    codeUnmappable,
		Meaning: "A checkpoint has parts that a decc model cannot express.",
		Example: "a recurrent layer, or an output layer without readout",
		Fix:     "Train a network without them; the message names the tensors.",
	},
}
