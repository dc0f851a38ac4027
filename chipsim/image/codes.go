package image

import "decc/ir/diag"

// Codes explains the diagnostics of this room.
var Codes = []diag.CodeDoc{
	{Code: "image/synapse", Meaning: "a synapse cannot be stored: its target, delay, mantissa or format is out of range", Example: "a delay of 64 rows", Fix: "keep delays within 0..63 and mantissas within -256..255"},
	{Code: "image/formats", Meaning: "the synapses of one core need more synapse formats than its table has", Example: "16 synapse objects with different weight exponents into one core", Fix: "give them the same bits, exponent and sign mode, or spread their targets over more cores"},
	{Code: "image/magic", Meaning: "the file is no chip image", Example: "decc run model.yaml where an image is expected", Fix: "make an image with `decc build`"},
	{Code: "image/version", Meaning: "the image was written by a decc with another image format", Example: "an image of version 2 read by a decc of version 1", Fix: "build the image again with this decc"},
	{Code: "image/truncated", Meaning: "the file ends before its sections do, or goes on after them", Example: "a copy that was cut off", Fix: "copy or build the image again"},
	{Code: "image/checksum", Meaning: "bytes of the file are not those that were written", Example: "a flipped bit", Fix: "copy or build the image again"},
	{Code: "image/sections", Meaning: "the section table is not that of an image", Example: "a section of an unknown type", Fix: "build the image again"},
	{Code: "image/metadata", Meaning: "the metadata of a section is not the CBOR that this version writes", Example: "a key that this version does not know", Fix: "build the image again"},
	{Code: "image/invalid", Meaning: "the image is whole but breaks an invariant of chip images", Example: "a group's member that stands on two cores", Fix: "build the image again; if decc made it, report the bug"},
}
