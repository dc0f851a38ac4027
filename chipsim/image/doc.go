// Package image is the binary chip image: all that a chip is loaded with and
// nothing else, so that the simulator, which reads only images, is an independent
// witness of the compiler. It holds the types, the packing of synaptic memory as
// the chip packs it, the container and the check of every invariant.
//
// Synaptic memory (hardware.md 0.4, 1.4) is an array of 64-bit words. An in-axon is a row
// of the synapse map: it points at a list, which is a range of words, and adds an offset to
// the targets there, so that several in-axons may have one list: those of a kernel at
// different places do. A population axon points at as many lists of equal length as it has
// atoms, and the packet tells which (1.3). In a list, from the lowest bit of the first word, stand
// entries of
//
//	format id (4 bits) | synapses-1 (6 bits) | [prefix] | synapses x (weight | delay [| index or skip])
//
// and behind the last one an end mark of 6 zero bits (format 0 is no format). The
// mark accounts for the extra word that the chip's tools charge where the last word
// has fewer than 6 bits left. Three compressions lay out the targets: sparse writes
// every target; run-length writes the first as prefix and then the distance to the
// previous synapse; dense writes the first as prefix and a weight for every
// compartment from there on, 0 where there is no synapse.
//
// Where this differs from the chip tools for networks of layers (NxTF, as quoted there): an
// index has the bits that the compartments of the core need, not those of the layer; an
// entry has up to 64 synapses (theirs 60, the count field holds 64) and an in-axon any
// number of words (theirs 256); a dense entry fills a gap where that is cheaper than a new entry, not
// always or never. The unit vectors of their encoder come out of this one all the same.
//
// The container (go-ecosystem.md section 8) is
//
//	magic "DECCIMG\n" | version u32 | sections u32 | section table | CRC-32C of all before | sections
//
// with a table row of {type u32, core u32, offset u64, length u64, CRC-32C u32, 0 u32}, little endian,
// every section at a multiple of 64 bytes, padded with zeros. Metadata is
// deterministic CBOR, synaptic words are raw little endian. The same image gives
// the same bytes; Digest of them names the image.
package image
