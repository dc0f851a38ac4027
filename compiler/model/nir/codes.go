package nir

import "decc/ir/diag"

const (
	codeFile      = "nir/file"
	codePrimitive = "nir/primitive"
	codeParam     = "nir/parameter"
	codeEdge      = "nir/edge"
	codeShape     = "nir/shape"
	codeTooLarge  = "nir/too-large"

	codeUnmappable = "nir/unmappable"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code: codeFile, Meaning: "An HDF5 file holds no graph of NIR.",
		Example: "decc import events.hdf5", Fix: "Give a file that nir.write made.",
	},
	{
		Code: codePrimitive, Meaning: "A node of a NIR graph is of a type that NIR does not have.",
		Example: "a node of type Conv3d", Fix: "Export the graph with primitives of NIR.",
	},
	{
		Code: codeParam, Meaning: "A node of a NIR graph lacks a parameter of its type, or has one that is not of numbers.",
		Example: "an IF node without v_threshold", Fix: "Export the graph again with the official writer.",
	},
	{
		Code: codeEdge, Meaning: "The edges of a NIR graph are no pairs of its nodes.",
		Example: "an edge to a node that is not there", Fix: "Export the graph again.",
	},
	{
		Code: codeShape, Meaning: "The members that a node of a NIR graph takes and gets do not agree.",
		Example: "an Affine of 128 columns behind 512 neurons", Fix: "Export the graph with the shapes of its layers.",
	},
	{
		Code: codeUnmappable, Meaning: "A chain of linear nodes cannot be made one connection.",
		Example: "a Delay that differs between members behind another", Fix: "Simplify the graph between two neurons.",
	},
	{
		Code: codeTooLarge, Meaning: "A NIR graph is beyond the reader's bounds.",
		Example: "a file of 200 million numbers", Fix: "Split the graph.",
	},
}
