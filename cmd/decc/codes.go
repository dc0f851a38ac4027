package main

import (
	"slices"
	"strings"

	"decc/backends/chipimage"
	"decc/backends/hostc"
	"decc/backends/llvm"
	"decc/chipsim"
	"decc/chipsim/bench"
	"decc/chipsim/image"
	"decc/chipsim/report"
	"decc/chipsim/stimulus"
	"decc/chipsim/stimulus/events"
	"decc/chipsim/validate"
	"decc/compiler"
	"decc/compiler/decolle"
	"decc/compiler/model"
	"decc/compiler/model/nir"
	"decc/compiler/model/weights"
	"decc/compiler/passes"
	"decc/compiler/quantise"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/hdf5"
	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/rule"
)

const (
	codeOpen      = "cli/open"
	codeSize      = "cli/size"
	codeWrite     = "cli/write"
	codeTopic     = "cli/unknown-topic"
	codeComments  = "cli/comments"
	codeNoProgram = "cli/no-program"
	codeCompare   = "cli/compare"
	codeCSV       = "cli/csv"
	codeNoFetch   = "cli/no-fetch"
	codeFlavour   = "cli/flavour"
	codeNoData    = "cli/no-data"
	codeRecording = "cli/recording"
	codeNoLearner = "cli/not-learning"
	codeNoTwin    = "cli/no-twin"
	codeNoHost    = "cli/no-host"
	codeClasses   = "cli/classes"
	codeNoCurve   = "cli/curve"

	codeNoRecordings = "cli/no-recordings"
	codeNoCosts      = "cli/no-costs"
	codeTraffic      = "cli/traffic"
)

// Codes explains the diagnostics of the commands themselves.
var Codes = []diag.CodeDoc{
	{
		Code: codeTraffic, Meaning: "The file of --traffic is no run of the model.",
		Example: "decc build mnist-mlp.yaml --traffic gesture.json", Fix: "Write one with decc run MODEL --json > FILE, or decc run MODEL --all --json > FILE.",
	},
	{
		Code: codeNoCosts, Meaning: "No coefficients of energy and time are known for the chip: none are published, or its profile is a file that was not given.",
		Example: "decc run mnist-mlp.yaml --target loihi2 --cost", Fix: "Build for loihi1, or give a chip profile with costs.",
	},
	{
		Code: codeNoRecordings, Meaning: "A model has no recordings that all could be run, or cannot say what they are decided by.",
		Example: "decc run mnist-mlp.yaml --all", Fix: "Add a stimulus of kind recordings and layers, or use decc validate.",
	},
	{
		Code: codeNoCurve, Meaning: "A file is no result of a learning run, or the run has no such layer.",
		Example: "decc curves learned.npz", Fix: "Give what `decc run MODEL --learn --json` prints.",
	},
	{
		Code: codeOpen, Meaning: "A file that a command is given cannot be read.",
		Example: "decc inspect missing.dcir", Fix: "Check the path and its permissions.",
	},
	{
		Code: codeSize, Meaning: "A file is longer than any that decc reads whole.",
		Example: "decc inspect disk.img", Fix: "Split the file.",
	},
	{
		Code: codeWrite, Meaning: "Results cannot be written to stdout.",
		Example: "decc explain > file on a full disk", Fix: "Free space where stdout goes, or give a file with -o.",
	},
	{
		Code: codeTopic, Meaning: "decc explain knows no code, key, limit or operation of this name.",
		Example: "decc explain weights/npx", Fix: "Use a name that decc explain lists; the message suggests the nearest.",
	},
	{
		Code: codeComments, Meaning: "A module has comments, which the canonical text cannot keep.",
		Example: "decc fmt -w commented.dcir", Fix: "Print the text without -w, or give --drop-comments.",
	},
	{
		Code: codeNoProgram, Meaning: "A semantics profile was asked for, and the file is no neuron program.",
		Example: "decc inspect net.dcir --semantics lava", Fix: "Give a file that begins with neuron, or leave --semantics out.",
	},
	{
		Code: codeCompare, Meaning: "Two files are of different kinds, or of a kind that decc diff does not compare.",
		Example: "decc diff net.dcir trace.npz", Fix: "Give two modules, two files of tensors or two CSV files.",
	},
	{
		Code: codeCSV, Meaning: "A line of a CSV file is no record, or has another number of fields than the first line.",
		Example: "row,index\n1,2,3", Fix: "Write as many fields as the first line has.",
	},
	{
		Code: codeNoFetch, Meaning: "decc cannot download this data set.",
		Example: "decc data fetch fashion-mnist", Fix: "Get it as decc data list says.",
	},
	{
		Code: codeFlavour, Meaning: "A command needs a float network and is given a model in chip terms, or the other way round.",
		Example: "decc validate testdata/models/chip-reference.yaml", Fix: "Use the command that the message names.",
	},
	{
		Code: codeNoLearner, Meaning: "A command is to teach a model of which no layer learns.",
		Example: "decc run mnist-mlp.yaml --learn", Fix: "Write plastic: true at a layer, and add learn: {}.",
	},
	{
		Code: codeNoHost, Meaning: "A host program is to be written for a model that needs none.",
		Example: "decc build mnist-mlp.yaml --emit host -o host.c", Fix: "Use rule soel or sign in a model for loihi1.",
	},
	{
		Code: codeClasses, Meaning: "Samples to learn from have more classes than the model.",
		Example: "readout: {classes: 5} with the ten digits", Fix: "Give readout.classes as many as the data has.",
	},
	{
		Code: codeNoTwin, Meaning: "A rule of the last layer is to be compared with a float twin, which it does not have.",
		Example: "decc validate mnist-soel.yaml --learn", Fix: "See what it learns with decc run --learn.",
	},
	{
		Code: codeNoData, Meaning: "A command needs samples, and the model names no data set.",
		Example: "decc validate of a model without a data section", Fix: "Add a data section to the model; --data takes another set for it.",
	},
	{
		Code: codeRecording, Meaning: "A recording cannot be written in the format that its name asks for.",
		Example: "decc run net.dimg -o trace.txt", Fix: "Give a name that ends in .npz or .csv.",
	},
}

// codeTables are the tables of all rooms; a test holds this list against the tree.
var codeTables = [][]diag.CodeDoc{
	Codes,
	chip.Codes,
	chipimage.Codes,
	hostc.Codes,
	bench.Codes,
	chipsim.Codes,
	compiler.Codes,
	decolle.Codes,
	image.Codes,
	interp.Codes,
	llvm.Codes,
	ir.Codes,
	hdf5.Codes,
	irgen.Codes,
	model.Codes,
	nir.Codes,
	passes.Codes,
	quantise.Codes,
	report.Codes,
	rule.Codes,
	stimulus.Codes,
	events.Codes,
	validate.Codes,
	weights.Codes,
}

// allCodes joins codeTables in the order of codes.
func allCodes() []diag.CodeDoc {
	all := slices.Concat(codeTables...)
	slices.SortStableFunc(all, func(a, b diag.CodeDoc) int { return strings.Compare(a.Code, b.Code) })
	return all
}
