package compiler

import "decc/ir/diag"

const (
	codeChip  = "compiler/chip"
	codePass  = "compiler/unknown-pass"
	codeStage = "compiler/stage"

	codeParam     = "compiler/param"
	codeProgram   = "compiler/program"
	codeUntrained = "compiler/untrained"
	codeLearned   = "compiler/learned"
	codeSpiking   = "compiler/spiking"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code: codeChip, Meaning: "A module that was made legal for one chip is compiled for another.",
		Example: "module @net stage(legal) chip(loihi1) {} compiled with --chip loihi2",
		Fix:     "Compile for the chip of the module, or start from the module before it was made legal.",
	},
	{
		Code: codePass, Meaning: "A pass is named that the pipeline does not have.",
		Example: "--dump-after partitoin", Fix: "Use the name that the message suggests.",
	},
	{
		Code: codeStage, Meaning: "A pass is given a module of a stage that it does not take.",
		Example: "routing a module that has no cores yet", Fix: "Run the passes before it.",
	},
	{
		Code: codeParam, Meaning: "A group of an integer model sets a param that its program does not have, or to a value beyond 32 bits.",
		Example: "params: {decay_u: 1024} for neuron cuba", Fix: "Use the names that `decc inspect --programs` shows.",
	},
	{
		Code: codeProgram, Meaning: "A neuron program that a model names cannot be used.",
		Example: "neuron: cubs", Fix: "Use a built-in program, or list a file under programs.",
	},
	{
		Code: codeUntrained, Meaning: "A model without trained weights is to be put on a chip or run.",
		Example: "a model without a weights section given to decc validate", Fix: "Train it with decc train, and name the weights it writes.",
	},
	{
		Code: codeSpiking, Meaning: "The populations and connections of a model do not make a network.",
		Example: "a connection whose weights are of another size", Fix: "Correct what the message names.",
	},
	{
		Code: codeLearned, Meaning: "A file of learned weights is not one of this model's.",
		Example: "decc run mnist-learn.yaml --learned of-another-model.npz", Fix: "Give the file that `decc run --learn -o FILE` wrote for the same model and weight bits.",
	},
}
