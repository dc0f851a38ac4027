package passes

import (
	"decc/compiler"
	"decc/ir/chip"
)

// Default is the pipeline from a quantised module to a routed one for a chip.
func Default(spec *chip.Spec) compiler.Pipeline {
	return compiler.Pipeline{Chip: spec, Passes: []compiler.Pass{Lower, Legalise, Partition, Place, Route}}
}

// Before is the table of order constraints; compiler.CheckOrder holds Default to it.
var Before = []compiler.Order{
	{First: "lower", Then: "legalise", Why: "what learning becomes must be legal too"},
	{First: "lower", Then: "partition", Why: "traces and microcode are resources of a core"},
	{First: "legalise", Then: "partition", Why: "a neuron may become several compartments"},
	{First: "partition", Then: "place", Why: "a core needs a number before it has a place"},
	{First: "place", Then: "route", Why: "an out-axon to another chip costs more"},
}
