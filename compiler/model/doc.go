// Package model reads what a user writes: a network as YAML, with the files of
// weights that it names. There are three flavours, told apart by their keys. A
// Decolle model is a DECOLLE network of real numbers (layers, decays, training,
// quantisation); a Spiking model is a network of populations of real neurons, by the
// kinds of NIR (populations, connections); a Fixed model is an integer network that is
// already in chip terms (groups, synapses with mantissas, joins).
//
// schema/model.schema.json is the one list of keys, types, ranges, defaults and
// descriptions: the reader validates against it, takes the defaults from it and
// explains keys out of it, and an editor can use it as it is.
//
// Every value keeps its place: Model.At("layers[1].dense") is where the diagnostics
// of later stages point. Parse looks at nothing but the text; Resolve reads the
// files that the text names; Load does both.
//
// Import makes a model out of a checkpoint and a parameter file of the public
// DECOLLE code, and reports what became of each of their entries.
package model
